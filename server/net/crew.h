/*
 * Threads that help the loop's to send. What a turn has for a thousand clients needs nothing of the
 * server but descriptors and bytes: whoever is free takes the next part of it, the loop's thread
 * too, which goes on when all have been sent. A thread that gets no processor has nothing in hand,
 * and is not waited for.
 */
#ifndef SIO_NET_CREW_H
#define SIO_NET_CREW_H

#include <sio/sys/str.h>

#include "net/uring.h"

typedef struct sio_crew sio_crew;

/* One write. */
typedef struct sio_send {
    int fd;
    sio_str bytes;
} sio_send;

/* New, with that many threads; `by_ring`: they use io_uring where it is to be had. SIO_ENOMEM,
 * SIO_ESYSTEM. */
int sio_crew_new(sio_crew **out, unsigned threads, bool by_ring);

/* Ends the threads. NULL is none. */
void sio_crew_free(sio_crew *crew);

/* Makes them all, in any order, without waiting for any. The calling thread takes part by `ring`,
 * if that is open. `results`, one for each, are what was sent or a negative errno; -ECANCELED where
 * it was not tried. SIO_ESYSTEM: the ring is of no more use, errno says why. */
int sio_crew_send(sio_crew *crew, sio_uring *ring, const sio_send *sends, unsigned count,
                  int *results);

#endif
