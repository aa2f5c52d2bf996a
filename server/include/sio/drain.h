/*
 * Taking a server out of service without a stampede: its clients are let go one after the other
 * over some time, so that the nodes that they come back to get them in a trickle.
 *
 * Each one's connection is closed as when a server ends: its handlers see "server shutting down",
 * an official client sees "transport close" and connects anew by itself, after a delay of its own
 * (reconnectionDelay, 0.5 to 1.5 s at first). What was emitted to it before still reaches it. Until
 * its turn comes a client is served as ever, and may join further namespaces.
 *
 * No new sessions are taken from the beginning on: whoever asks for one on a connection that is
 * open gets 503. When the last client has left, and at the deadline in any case, the server closes
 * as by sio_server_close, which takes SIO_LIMIT_CLOSE_MS at most; on_closed follows.
 */
#ifndef SIO_DRAIN_H
#define SIO_DRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/extern.h>

typedef struct sio_server sio_server;

typedef struct sio_drain_progress {
    uint64_t let_go;  /* clients that have been told to go since the drain began */
    uint64_t left;    /* clients that have not */
    uint32_t left_ms; /* until the deadline */
} sio_drain_progress;

/* Zero means the default. */
typedef struct sio_drain_options {
    uint32_t deadline_ms; /* 8000: by then all have been told to go; with SIO_LIMIT_CLOSE_MS less
                             than what stops a container after 10 s */
    /* The pace that the other nodes take well, clients a second. A drain then ends as soon as this
     * pace allows; it is exceeded only where the deadline could not be kept. 0: evenly over all the
     * time there is. */
    uint32_t per_second;
    uint32_t jitter; /* 50: percent by which the time between two varies at random, 1 to 100 */
    /* false: the server stops listening at once, so that a balancer finds no one here and takes
     * another node. true: it listens until it closes, for clients whose polls come by new
     * connections (as from a proxy that keeps none), or a balancer that is told by other means. */
    bool keep_listening;
    /* After each step: some clients were told to go. May call anything that callbacks may. */
    void (*on_progress)(sio_server *server, const sio_drain_progress *progress, void *data);
    void *data;
} sio_drain_options;

/* Begins; NULL: all defaults. Called again, what is left goes by the new options, counted from
 * then; listeners that are closed stay so. SIO_EINVAL: jitter is above 100, or per_second above
 * 1000000, or deadline_ms above 2147483647; SIO_ECLOSED: the server is closing. */
SIO_EXTERN SIO_MUST_USE int sio_server_drain(sio_server *server, const sio_drain_options *options);

#endif
