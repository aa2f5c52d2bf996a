/*
 * Things that wait until Redis has confirmed all channels that were subscribed to before them.
 * Channels are confirmed in order, so that one more, of which nobody knows, marks the place.
 */
#ifndef SIO_CLUSTER_BARRIER_H
#define SIO_CLUSTER_BARRIER_H

#include <stdbool.h>

#include <sio/sys/buf.h>

/* Zeroed memory: nothing is unconfirmed. */
typedef struct sio_barrier {
    uint64_t begun;  /* number of the last marker that was subscribed to */
    uint64_t passed; /* of the last that is confirmed */
    bool fresh;      /* something has been subscribed to since the last marker */
    struct sio_waiting *head;
    struct sio_waiting *tail;
    size_t bytes;
} sio_barrier;

/* The marker after which all is confirmed that has been subscribed to by now. */
uint64_t sio_barrier_ticket(const sio_barrier *barrier);

/* Keeps a message until that marker. SIO_ELIMIT: SIO_LIMIT_REDIS_QUEUE bytes wait already;
 * SIO_ENOMEM. */
int sio_barrier_keep(sio_barrier *barrier, uint64_t ticket, sio_str channel, sio_str payload);

/* Takes out the next message whose marker is passed: false, there is none. Both are borrowed until
 * the next call. */
bool sio_barrier_next(sio_barrier *barrier, sio_str *channel, sio_str *payload);

void sio_barrier_free(sio_barrier *barrier);

#endif
