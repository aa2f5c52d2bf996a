/*
 * What one node asks of the others, whatever adapter carries it: socketsJoin, fetchSockets and
 * their kin of socket.io-adapter 2.5.
 */
#ifndef SIO_SYS_REQUEST_H
#define SIO_SYS_REQUEST_H

#include <sio/sys/cluster.h>

typedef enum sio_cluster_op {
    SIO_CLUSTER_FETCH_SOCKETS, /* answered by an array of {id, handshake, rooms, data} */
    SIO_CLUSTER_ALL_ROOMS,     /* answered by an array of names */
    SIO_CLUSTER_SERVER_COUNT,  /* answered by the transport alone: a node never sees it */
    SIO_CLUSTER_SOCKETS_JOIN,  /* not answered; nor are the next two */
    SIO_CLUSTER_SOCKETS_LEAVE,
    SIO_CLUSTER_DISCONNECT_SOCKETS,
    SIO_CLUSTER_SERVER_SIDE_EMIT, /* answered if wanted, by one value */
    SIO_CLUSTER_BROADCAST_ACK     /* answered by a count of clients, and one value for each */
} sio_cluster_op;

/* All borrowed. */
typedef struct sio_cluster_request {
    sio_cluster_op op;
    sio_str nsp;
    const sio_str *rooms; /* whom it is about; none: everyone */
    size_t rooms_count;
    const sio_str *except;
    size_t except_count;
    const sio_str *targets; /* SOCKETS_JOIN, SOCKETS_LEAVE: the rooms to join or leave */
    size_t targets_count;
    bool close;              /* DISCONNECT_SOCKETS: the connection too */
    sio_cluster_flags flags; /* BROADCAST_ACK */
    sio_value data;          /* SERVER_SIDE_EMIT, BROADCAST_ACK: [event, …args] */
    uint32_t timeout_ms;     /* how long the asker waits; 0: no answer is wanted */
} sio_cluster_request;

#endif
