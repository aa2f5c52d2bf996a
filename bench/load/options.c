#include "load/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/ledger.h"
#include "load/url.h"

/* What waits at a fixed rate, before messages queue here and only their latency tells. */
#define OPEN_LOOP_IN_FLIGHT 1000

static const char help[] =
    "sio-bench --url ws[s]://HOST:PORT[/PATH] [OPTION]...\n"
    "Opens clients to a Socket.IO server, sends messages to them, and tells how many deliveries a\n"
    "second it makes, how late they are and what they cost. bench/README.md has the scenarios.\n"
    "\n"
    "  --url URL        may be repeated: clients connect to these nodes in turns\n"
    "  --ca FILE        certificates (PEM) that those of wss:// are verified by; without it they "
    "are "
    "not\n"
    "  --clients N      clients, 1 to 100000; 1000 unless given\n"
    "  --connecting N   of them on their way in at a time, 1 to 100000; 128\n"
    "  --payload BYTES  of the text that each message carries, 12 to 1000000; 64\n"
    "  --in-flight K    messages that may be on their way at a time, 1 to 10000; 1, with --rate\n"
    "                   1000\n"
    "  --rate R         messages a second, 1 to 1000000, and latency counted from when each was "
    "due;\n"
    "                   without it one goes as soon as there is room in flight\n"
    "  --seconds S      how long to measure, 0.1 to 3600, or until a message has reached all; 5\n"
    "  --warmup S       how long to run before, 0 to 3600; 1\n"
    "  --patience S     how long nothing may come before the run has failed, 0.5 to 3600; 10\n"
    "  --traffic WHAT   broadcast: through Redis, to everyone or to rooms (what it is unless "
    "given);\n"
    "                   private: through Redis, to the room of one socket each;\n"
    "                   ack: clients emit (\"message-with-ack\", TEXT), and get TEXT back;\n"
    "                   say: clients emit (\"say\", ROOM, TEXT), and the others in the room get\n"
    "                   (\"said\", TEXT); needs --rooms of 2 to 1000 clients;\n"
    "                   survey: clients emit (\"survey\", TEXT), everyone gets (\"b\", TEXT) and\n"
    "                   acknowledges it, then who asked gets TEXT and how many have; at most 1000\n"
    "  --redis URL      as in sio-emit; redis://127.0.0.1:6379\n"
    "  --key PREFIX     the adapter's key; socket.io\n"
    "  --room ROOM      clients emit (\"join\", ROOM) with an acknowledgement first, broadcasts "
    "go\n"
    "                   to that room; without it to everyone\n"
    "  --rooms N        the same with N rooms, clients spread evenly, messages in turns\n"
    "  --each K         rooms that a client joins, 1 to 100; 1\n"
    "  --zipf           sizes of rooms and their shares of the messages follow Zipf's law\n"
    "  --noise N        messages for rooms that nobody is in, before each message; 0\n"
    "  --polling        clients poll by HTTP; without it they are WebSockets\n"
    "  --deflate        clients negotiate permessage-deflate, and messages carry text worth it\n"
    "  --pid PID        of the server: its CPU time and memory are told too; may be repeated\n"
    "  --idle           connect the clients, tell what each costs (with --pid), and leave\n"
    "  --json           one JSON object instead of a table\n"
    "\n"
    "Exit status: 0; 1 when a client missed, doubled or mixed up a message, or the run failed;\n"
    "2 for a wrong command line.\n";

enum {
    URL = 256,
    CA,
    CLIENTS,
    CONNECTING,
    PAYLOAD,
    IN_FLIGHT,
    RATE,
    SECONDS,
    WARMUP,
    PATIENCE,
    TRAFFIC,
    REDIS,
    KEY,
    ROOM,
    ROOMS,
    EACH,
    ZIPF,
    NOISE,
    POLLING,
    DEFLATE,
    PID,
    IDLE,
    JSON,
    HELP
};

static const struct option names[] = {
    { "url", required_argument, NULL, URL },
    { "ca", required_argument, NULL, CA },
    { "clients", required_argument, NULL, CLIENTS },
    { "connecting", required_argument, NULL, CONNECTING },
    { "payload", required_argument, NULL, PAYLOAD },
    { "in-flight", required_argument, NULL, IN_FLIGHT },
    { "rate", required_argument, NULL, RATE },
    { "seconds", required_argument, NULL, SECONDS },
    { "warmup", required_argument, NULL, WARMUP },
    { "patience", required_argument, NULL, PATIENCE },
    { "traffic", required_argument, NULL, TRAFFIC },
    { "redis", required_argument, NULL, REDIS },
    { "key", required_argument, NULL, KEY },
    { "room", required_argument, NULL, ROOM },
    { "rooms", required_argument, NULL, ROOMS },
    { "each", required_argument, NULL, EACH },
    { "zipf", no_argument, NULL, ZIPF },
    { "noise", required_argument, NULL, NOISE },
    { "polling", no_argument, NULL, POLLING },
    { "deflate", no_argument, NULL, DEFLATE },
    { "pid", required_argument, NULL, PID },
    { "idle", no_argument, NULL, IDLE },
    { "json", no_argument, NULL, JSON },
    { "help", no_argument, NULL, HELP },
    { 0 },
};

static int refuse(const char *text)
{
    (void)fprintf(stderr, "sio-bench: %s\n", text);
    return -1;
}

static int read_number(uint32_t *out, const char *text, long min, long max)
{
    char *end;

    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end || number < min || number > max) {
        (void)fprintf(stderr, "sio-bench: %s is not a number from %ld to %ld\n", text, min, max);
        return -1;
    }
    *out = (uint32_t)number;
    return 0;
}

/* Seconds, as milliseconds. */
static int read_time(uint32_t *out, const char *text, double min)
{
    char *end;
    double number = strtod(text, &end);

    if (end == text || *end || !(number >= min && number <= 3600)) {
        (void)fprintf(stderr, "sio-bench: %s is not a number from %g to 3600\n", text, min);
        return -1;
    }
    *out = (uint32_t)(number * 1000 + 0.5);
    return 0;
}

static int read_traffic(bench_options *out, const char *text)
{
    static const char *const traffics[] = { "broadcast", "private", "ack", "say", "survey" };

    for (unsigned i = 0; i < sizeof traffics / sizeof *traffics; i++) {
        if (strcmp(text, traffics[i]) == 0) {
            out->traffic = (bench_traffic)i;
            return 0;
        }
    }
    return refuse("--traffic takes broadcast, private, ack, say or survey");
}

static int add_url(bench_options *out, const char *text)
{
    if (out->nodes == BENCH_NODES_MAX)
        return refuse("too many --url");
    return bench_url_read(&out->urls[out->nodes++], text);
}

static int add_pid(bench_options *out, const char *text)
{
    uint32_t pid;

    if (out->pid_count == BENCH_NODES_MAX)
        return refuse("too many --pid");
    if (read_number(&pid, text, 1, 0x7fffffff))
        return -1;
    out->pids[out->pid_count++] = (pid_t)pid;
    return 0;
}

static int set_number(bench_options *out, int name)
{
    switch (name) {
    case CLIENTS:
        return read_number(&out->clients, optarg, 1, 100000);
    case CONNECTING:
        return read_number(&out->connecting, optarg, 1, 100000);
    case PAYLOAD:
        return read_number(&out->payload, optarg, 12, 1000000);
    case IN_FLIGHT:
        return read_number(&out->in_flight, optarg, 1, 10000);
    case RATE:
        return read_number(&out->rate, optarg, 1, 1000000);
    case SECONDS:
        return read_time(&out->measure_ms, optarg, 0.1);
    case WARMUP:
        return read_time(&out->warmup_ms, optarg, 0);
    case PATIENCE:
        return read_time(&out->patience_ms, optarg, 0.5);
    case ROOMS:
        return read_number(&out->rooms, optarg, 1, 1000000);
    case EACH:
        return read_number(&out->each, optarg, 1, 100);
    case NOISE:
        return read_number(&out->noise, optarg, 0, 10000);
    default: /* getopt has said what is wrong */
        return -1;
    }
}

static int set(bench_options *out, int name)
{
    switch (name) {
    case URL:
        return add_url(out, optarg);
    case CA:
        out->ca = optarg;
        return 0;
    case TRAFFIC:
        return read_traffic(out, optarg);
    case REDIS:
        out->redis = optarg;
        return 0;
    case KEY:
        out->key = optarg;
        return 0;
    case ROOM:
        out->room = optarg;
        return 0;
    case PID:
        return add_pid(out, optarg);
    case ZIPF:
        out->zipf = true;
        return 0;
    case POLLING:
        out->polling = true;
        return 0;
    case DEFLATE:
        out->deflate = true;
        return 0;
    case IDLE:
        out->idle = true;
        return 0;
    case JSON:
        out->json = true;
        return 0;
    case HELP:
        (void)fputs(help, stdout);
        return 1;
    default:
        return set_number(out, name);
    }
}

/* What does not go together. */
static int check(const bench_options *options)
{
    if (!options->nodes)
        return refuse("which server? See sio-bench --help");
    if (options->room && options->rooms)
        return refuse("--room names the only room, --rooms says how many there are");
    if (bench_options_apart(options) && (options->room || options->rooms))
        return refuse("--traffic private and ack have no rooms");
    if (options->each > 1 && (options->each > options->rooms || options->zipf))
        return refuse("--each takes --rooms, at least as many, and no --zipf");
    if (options->zipf && !options->rooms)
        return refuse("--zipf takes --rooms");
    if (options->polling && (options->traffic != BENCH_BROADCAST || options->deflate))
        return refuse("clients that poll take broadcasts only, and know no permessage-deflate");
    if (bench_options_speaking(options) && options->noise)
        return refuse("--noise goes through Redis, what clients send does not");
    if (options->traffic == BENCH_SAY && !options->rooms)
        return refuse("--traffic say takes --rooms");
    if (options->traffic == BENCH_SURVEY && (options->room || options->rooms))
        return refuse("--traffic survey asks everyone: it takes no rooms");
    return 0;
}

int bench_options_read(bench_options *out, int argc, char **argv)
{
    int name;

    *out = (bench_options){ .redis = "redis://127.0.0.1:6379",
                            .key = "socket.io",
                            .clients = 1000,
                            .connecting = 128,
                            .each = 1,
                            .payload = 64,
                            .measure_ms = 5000,
                            .warmup_ms = 1000,
                            .patience_ms = 10000 };
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
        int result = set(out, name);

        if (result)
            return result;
    }
    if (optind < argc)
        return refuse("options only. See sio-bench --help");
    if (!out->in_flight)
        out->in_flight = out->rate ? OPEN_LOOP_IN_FLIGHT : 1;
    return check(out);
}
