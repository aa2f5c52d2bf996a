#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/options.h"

static const char help[] =
    "sio-bench --url ws://HOST:PORT[/PATH] [OPTION]...\n"
    "Opens WebSocket clients to a Socket.IO server, broadcasts to them through its Redis, and\n"
    "tells how many deliveries a second it makes, how late they are and what they cost.\n"
    "\n"
    "  --clients N      clients, 1 to 100000; 1000 unless given\n"
    "  --payload BYTES  of the text that each broadcast carries, 12 to 1000000; 64\n"
    "  --in-flight K    broadcasts that may be on their way at a time, 1 to 10000; 1\n"
    "  --seconds S      how long to measure, 1 to 3600; 5\n"
    "  --warmup S       how long to run before, 0 to 3600; 1\n"
    "  --redis URL      as in sio-emit; redis://127.0.0.1:6379\n"
    "  --key PREFIX     the adapter's key; socket.io\n"
    "  --room ROOM      clients emit (\"join\", ROOM) with an acknowledgement first, broadcasts "
    "go\n"
    "                   to that room; without it to everyone\n"
    "  --deflate        clients negotiate permessage-deflate, and broadcasts carry text worth it\n"
    "  --pid PID        of the server: its CPU time and memory are told too\n"
    "  --idle           connect the clients, tell what each costs (with --pid), and leave\n"
    "  --json           one JSON object instead of a table\n"
    "\n"
    "Exit status: 0; 1 when a client missed, doubled or mixed up a message, or the run failed;\n"
    "2 for a wrong command line.\n";

enum {
    URL = 256,
    CLIENTS,
    PAYLOAD,
    IN_FLIGHT,
    SECONDS,
    WARMUP,
    REDIS,
    KEY,
    ROOM,
    DEFLATE,
    PID,
    IDLE,
    JSON,
    HELP
};

static const struct option names[] = {
    { "url", required_argument, NULL, URL },
    { "clients", required_argument, NULL, CLIENTS },
    { "payload", required_argument, NULL, PAYLOAD },
    { "in-flight", required_argument, NULL, IN_FLIGHT },
    { "seconds", required_argument, NULL, SECONDS },
    { "warmup", required_argument, NULL, WARMUP },
    { "redis", required_argument, NULL, REDIS },
    { "key", required_argument, NULL, KEY },
    { "room", required_argument, NULL, ROOM },
    { "deflate", no_argument, NULL, DEFLATE },
    { "pid", required_argument, NULL, PID },
    { "idle", no_argument, NULL, IDLE },
    { "json", no_argument, NULL, JSON },
    { "help", no_argument, NULL, HELP },
    { 0 },
};

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

static int read_url(bench_options *out, const char *url)
{
    int end = 0;

    if (sscanf(url, "ws://[%255[^]]]%n", out->host, &end) != 1 &&
        sscanf(url, "ws://%255[^:/]%n", out->host, &end) != 1) {
        (void)fprintf(stderr, "sio-bench: %s is not ws://HOST:PORT[/PATH]\n", url);
        return -1;
    }
    url += end;
    (void)snprintf(out->port, sizeof out->port, "80");
    if (*url == ':') {
        end = 0;
        (void)sscanf(url, ":%7[0-9]%n", out->port, &end);
        url += end;
    }
    (void)snprintf(out->path, sizeof out->path, "%s",
                   *url && strcmp(url, "/") ? url : "/socket.io/");
    if (out->path[0] == '/' && strlen(url) < sizeof out->path)
        return 0;
    (void)fprintf(stderr, "sio-bench: the port or path of the URL is wrong\n");
    return -1;
}

static int set(bench_options *out, int name)
{
    uint32_t pid;

    switch (name) {
    case URL:
        return read_url(out, optarg);
    case CLIENTS:
        return read_number(&out->clients, optarg, 1, 100000);
    case PAYLOAD:
        return read_number(&out->payload, optarg, 12, 1000000);
    case IN_FLIGHT:
        return read_number(&out->in_flight, optarg, 1, 10000);
    case SECONDS:
        return read_number(&out->seconds, optarg, 1, 3600);
    case WARMUP:
        return read_number(&out->warmup, optarg, 0, 3600);
    case REDIS:
        out->redis = optarg;
        return 0;
    case KEY:
        out->key = optarg;
        return 0;
    case ROOM:
        out->room = optarg;
        return 0;
    case DEFLATE:
        out->deflate = true;
        return 0;
    case PID:
        if (read_number(&pid, optarg, 1, 0x7fffffff))
            return -1;
        out->pid = (pid_t)pid;
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
    default: /* getopt has said what is wrong */
        return -1;
    }
}

int bench_options_read(bench_options *out, int argc, char **argv)
{
    int name;

    *out = (bench_options){ .redis = "redis://127.0.0.1:6379",
                            .key = "socket.io",
                            .clients = 1000,
                            .payload = 64,
                            .in_flight = 1,
                            .seconds = 5,
                            .warmup = 1 };
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
        int result = set(out, name);

        if (result)
            return result;
    }
    if (optind < argc || !out->host[0]) {
        (void)fprintf(stderr, "sio-bench: which server? See sio-bench --help\n");
        return -1;
    }
    return 0;
}
