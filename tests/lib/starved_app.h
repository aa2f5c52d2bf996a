/* The application of the servers that run out of memory: its handlers use what the library has. */
#ifndef SIO_TESTS_STARVED_APP_H
#define SIO_TESTS_STARVED_APP_H

#include <sio/sio.h>

struct starved_app {
    sio_next *held;            /* of a connect to /later */
    sio_next *packet_held;     /* of a packet "held" */
    unsigned replies;          /* to emits with acknowledgement */
    unsigned questions, told;  /* asked; answered */
    unsigned requested, ended; /* by another node */
    bool is_linked;            /* to the cluster */
};
extern struct starved_app app;

/* Its part of the options: what admits, listens and counts. */
void starved_app_options(sio_server_options *options);

/* Its namespaces and handlers: 0, or SIO_ENOMEM. */
int starved_app_register(sio_server *server);

/* "cluster": questions and orders, and those of another node. */
void starved_app_cluster(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data);

#endif
