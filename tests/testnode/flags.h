/* The command line of the test node. */
#ifndef SIO_TESTNODE_FLAGS_H
#define SIO_TESTNODE_FLAGS_H

#include <sio/sio.h>
#include <sio/tls.h>

/* A list as of --cors, and its text. */
typedef struct node_list {
    char text[1024];
    const char *list[17]; /* NULL-terminated */
} node_list;

/* What --tls and its kin say; without a certificate the node is plain. */
typedef struct node_tls {
    char text[2048]; /* CERT,KEY[,CERT,KEY…] */
    sio_tls_certificate certificates[4];
    sio_tls_options options;
} node_tls;

typedef struct node_flags {
    const char *host;
    uint16_t port;
    const char *name;    /* NULL: the process id */
    const char *adapter; /* NULL: by whether there is a Redis URL */
    node_list origins;
    node_list proxies;
    bool proxy_protocol;
    const char *id_prefix;   /* what ids of sessions begin with; NULL: nothing */
    const char *handover;    /* NULL: nobody takes over */
    sio_drain_options drain; /* after it */
    node_tls tls;
    bool watched; /* by a listener of metrics */
    sio_metrics_options metrics;
    sio_server_options server; /* points into the lists */
} node_flags;

/* Texts are borrowed from `argv`, and `flags` stays where it is. On false a message has gone to
 * stderr. */
bool node_flags_read(node_flags *flags, int argc, char **argv);

/* Listens where they say, and with TLS if they do. As sio_server_listen_tls. */
int node_listen(sio_server *server, const node_flags *flags);

#endif
