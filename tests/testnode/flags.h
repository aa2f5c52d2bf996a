/* The command line of the test node. */
#ifndef SIO_TESTNODE_FLAGS_H
#define SIO_TESTNODE_FLAGS_H

#include <sio/sio.h>

typedef struct node_flags {
    const char *host;
    uint16_t port;
    const char *name;    /* NULL: the process id */
    const char *adapter; /* NULL: by whether there is a Redis URL */
    sio_server_options server;
} node_flags;

/* Texts are borrowed from `argv`. On false a message has gone to stderr. */
bool node_flags_read(node_flags *flags, int argc, char **argv);

#endif
