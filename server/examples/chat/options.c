#include "chat/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void usage(FILE *out)
{
    fputs("usage: sio-chat [options]\n"
          "  --host ADDRESS        listen on this address (127.0.0.1)\n"
          "  --port N              and this port (3000); 0 takes any free one\n"
          "  --redis URL           join the nodes that use the same Redis:\n"
          "                        redis://[[user]:password@]host[:port][/db] or unix:PATH\n"
          "  --page FILE           serve this page (the one that was installed with sio-chat)\n"
          "  --client-files FOLDER serve socket.io.js from here (where it was installed)\n"
          "  --tls CERT,KEY        HTTPS, HTTP/2 too, with these PEM files\n"
          "  --drain SECONDS       after SIGTERM, let the clients go one by one for so long,\n"
          "                        at most 3600; they come back to other nodes\n"
          "  --metrics PORT        metrics, health and readiness at this port of 127.0.0.1\n"
          "  --help\n"
          "Sockets that systemd has opened are used in place of --host and --port.\n"
          "SIO_LOG=engine,adapter tells more of these; also server, net, http, socket, or\n"
          "* for all, each with a level behind it: SIO_LOG='*:trace,net:off'\n"
          "SIO_LOG_FORMAT=json or logfmt writes lines for machines.\n",
          out);
}

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool parse_drain(const char *text, uint32_t *ms)
{
    char *end;
    unsigned long seconds;

    errno = 0;
    seconds = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || seconds > 3600)
        return false;
    *ms = (uint32_t)seconds * 1000;
    return true;
}

/* Cuts the text in two. */
static bool parse_tls(char *text, chat_options *options)
{
    char *comma = strchr(text, ',');

    if (!comma || comma == text || !comma[1])
        return false;
    *comma = '\0';
    options->certificate = text;
    options->key = comma + 1;
    return true;
}

static bool set(chat_options *options, int option, char *value)
{
    switch (option) {
    case 'h':
        options->host = value;
        return true;
    case 'p':
        if (parse_port(value, &options->port))
            return true;
        fprintf(stderr, "sio-chat: %s is no port\n", value);
        return false;
    case 'r':
        options->redis = value;
        return true;
    case 'f':
        options->page = value;
        return true;
    case 'c':
        options->client_files = value;
        return true;
    case 't':
        if (parse_tls(value, options))
            return true;
        fprintf(stderr, "sio-chat: --tls takes two files with a comma between\n");
        return false;
    case 'd':
        if (parse_drain(value, &options->drain_ms))
            return true;
        fprintf(stderr, "sio-chat: %s is no number of seconds up to 3600\n", value);
        return false;
    case 'm':
        options->watched = true;
        if (parse_port(value, &options->metrics_port))
            return true;
        fprintf(stderr, "sio-chat: %s is no port\n", value);
        return false;
    case 'H':
        usage(stdout);
        exit(EXIT_SUCCESS);
    default:
        return false;
    }
}

/* The page is found from where the program is, for an installation may be moved. */
static const char *installed_page(void)
{
    static char path[PATH_MAX + sizeof("/" SIO_CHAT_PAGE)];
    const ssize_t len = readlink("/proc/self/exe", path, PATH_MAX);
    char *slash = len > 0 ? memrchr(path, '/', (size_t)len) : NULL;

    if (!slash)
        return SIO_CHAT_PAGE;
    memcpy(slash, "/" SIO_CHAT_PAGE, sizeof("/" SIO_CHAT_PAGE));
    return path;
}

void chat_options_parse(chat_options *options, int argc, char **argv)
{
    static const struct option names[] = {
        { "host", required_argument, NULL, 'h' },
        { "port", required_argument, NULL, 'p' },
        { "redis", required_argument, NULL, 'r' },
        { "page", required_argument, NULL, 'f' },
        { "client-files", required_argument, NULL, 'c' },
        { "tls", required_argument, NULL, 't' },
        { "drain", required_argument, NULL, 'd' },
        { "metrics", required_argument, NULL, 'm' },
        { "help", no_argument, NULL, 'H' },
        { NULL, 0, NULL, 0 },
    };
    int option;
    bool valid = true;

    *options = (chat_options){ .host = "127.0.0.1", .port = 3000, .page = installed_page() };
    while (valid && (option = getopt_long(argc, argv, "", names, NULL)) != -1)
        valid = set(options, option, optarg);
    if (valid && optind == argc)
        return;
    usage(stderr);
    exit(2);
}
