/* The server's ring of io_uring: opened when it is first of use, done without where there is none.
 */
#ifndef SIO_NET_RING_H
#define SIO_NET_RING_H

#include <stdbool.h>

#include "net/uring.h"

struct sio_net;

/* Zeroed memory is a ring to be opened. */
typedef struct sio_ring {
    sio_uring uring;
    bool none; /* it is not to be had, or not wanted */
    int results[SIO_LIMIT_VOLLEY];
} sio_ring;

/* Whether it is open now. */
bool sio_ring_ready(struct sio_net *net);

/* Does what is queued; ring.results tells what became of each, -ECANCELED stands for what was not
 * tried. One that fails is given up. */
void sio_ring_submit(struct sio_net *net);

/* It has failed: it is done without from now on. */
void sio_ring_give_up(struct sio_net *net);

void sio_ring_free(sio_ring *ring);

#endif
