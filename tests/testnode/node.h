/* The test node: a few namespaces whose sockets do what clients tell them. */
#ifndef SIO_TESTNODE_NODE_H
#define SIO_TESTNODE_NODE_H

#include <sio/sio.h>

enum { NODE_NAMESPACES = 3 };

typedef struct node_namespace {
    struct testnode *node;
    sio_namespace *nsp;
    char *disconnects; /* JSON without its last bracket: [["id","reason"],["id","reason"] */
    size_t disconnects_len;
} node_namespace;

typedef struct testnode {
    const char *name;
    sio_server *server;
    node_namespace namespaces[NODE_NAMESPACES];
} testnode;

/* Makes the namespaces and their handlers. 0 or an error. */
int node_serve(testnode *node);
void node_free(testnode *node);

/* The namespace of that name, NULL if it is not one of the node's. */
node_namespace *node_find(testnode *node, const char *name);

/* One line on stderr. */
void node_log(const testnode *node, const char *format, ...) SIO_PRINTF(2, 3);

/* The event `ctl`; `data` is the node. */
void node_control(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data);

#endif
