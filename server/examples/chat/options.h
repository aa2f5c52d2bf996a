/* The command line of the chat. */
#ifndef CHAT_OPTIONS_H
#define CHAT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct chat_options {
    const char *host;
    uint16_t port;
    const char *redis;        /* NULL: one node alone */
    const char *page;         /* the file that "/" answers with */
    const char *client_files; /* NULL: those that are installed */
    const char *certificate;  /* of TLS; NULL: plain */
    const char *key;
    bool watched; /* by a listener of metrics, on this port of 127.0.0.1 */
    uint16_t metrics_port;
    uint32_t drain_ms; /* how long clients are let go after SIGTERM; 0: all at once */
} chat_options;

/* Fills in what the command line and the defaults say. Ends the process after --help, and, with
 * status 2, after a mistake. */
void chat_options_parse(chat_options *options, int argc, char **argv);

#endif
