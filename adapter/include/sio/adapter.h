/* What an application sees of the cluster: the state of its link, and counters. */
#ifndef SIO_ADAPTER_H
#define SIO_ADAPTER_H

#include <stdint.h>

#include <sio/extern.h>

typedef enum sio_cluster_state {
    SIO_CLUSTER_CONNECTING,   /* first attempt, or one after a loss */
    SIO_CLUSTER_READY,        /* connected and subscribed: messages flow both ways */
    SIO_CLUSTER_DISCONNECTED, /* lost, or refused; a next attempt follows by itself */
    SIO_CLUSTER_STOPPED
} sio_cluster_state;

/* "connecting", "ready", "disconnected", "stopped". Borrowed, static. */
SIO_EXTERN const char *sio_cluster_state_text(sio_cluster_state state);

typedef struct sio_cluster_stats {
    uint64_t published;      /* messages handed to Redis */
    uint64_t published_lost; /* dropped because the queue was full, refused by Redis, or on their
                                way when the link broke (they are not sent twice) */
    uint64_t received;       /* messages that came, our own included */
    uint64_t own;            /* of these: sent by this node */
    uint64_t elsewhere;      /* dropped undecoded: for rooms that nobody here is in */
    uint64_t malformed;      /* dropped: not a message, or not one of ours to hand on */
    uint64_t delivered;      /* handed to the server */
    uint64_t connects;       /* times the link became ready */
    uint64_t queued_bytes;   /* waiting for Redis now, or for its answer */
} sio_cluster_stats;

#endif
