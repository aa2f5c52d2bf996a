/* The test node: a few namespaces whose sockets do what clients tell them. */
#ifndef SIO_TESTNODE_NODE_H
#define SIO_TESTNODE_NODE_H

#include <sio/sio.h>

/* What the node keeps of each namespace, those that clients ask for included. */
typedef struct node_namespace {
    struct node_namespace *next;
    struct testnode *node;
    sio_namespace *nsp;
    char *disconnects; /* JSON without its last bracket: [["id","reason"],["id","reason"] */
    size_t disconnects_len;
    sio_value *events; /* of other nodes, as [event, …args]; NULL: none */
} node_namespace;

typedef struct testnode {
    const char *name;
    bool quiet;            /* standard error is for the server's lines alone: machines read them */
    const char *id_prefix; /* of its sessions; NULL: none */
    sio_server *server;
    node_namespace *namespaces;
} testnode;

/* Makes the namespaces and their handlers. 0 or an error. */
int node_serve(testnode *node);
void node_free(testnode *node);

/* The namespace of that name, made if it is a dynamic one; NULL if it is not one of the node's. */
node_namespace *node_find(testnode *node, const char *name);

/* The server's on_new_namespace; `data` is the node. */
void node_on_namespace(sio_server *server, sio_namespace *nsp, void *data);

/* Another node emits; `data` is the node. */
void node_on_server_side(sio_namespace *nsp, const char *event, const sio_args *args,
                         sio_server_side_ack *ack, void *data);

/* One line on stderr. */
void node_log(const testnode *node, const char *format, ...) SIO_PRINTF(2, 3);

/* The event `ctl`; `data` is the node. */
void node_control(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data);

#endif
