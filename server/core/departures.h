/*
 * Clients that are let go in stages: when the next one is told to go. The clients themselves know
 * nothing of it: a walk over all of them, which stops between two steps, picks the next.
 */
#ifndef SIO_CORE_DEPARTURES_H
#define SIO_CORE_DEPARTURES_H

#include <stdbool.h>
#include <stddef.h>

#include <sio/drain.h>

/* Zeroed memory: nobody is let go. Times are those of the server's clock. */
typedef struct sio_departures {
    bool running;
    bool deaf;           /* no listener is to be opened any more */
    bool welcoming;      /* who could not be sent elsewhere is taken, and let go in its turn */
    uint32_t per_second; /* 0: evenly */
    uint32_t jitter;     /* percent */
    uint64_t deadline;   /* milliseconds */
    uint64_t next_us;    /* when the next one goes, microseconds */
    uint64_t let_go;     /* since it began */
    size_t at;           /* of the walk over the clients */
    void (*on_progress)(sio_server *server, const sio_drain_progress *progress, void *data);
    void *data;
} sio_departures;

/* As sio_server_drain. */
int sio_departures_begin(sio_server *server, const sio_drain_options *options);

/* SIO_EINVAL, and why. */
int sio_departures_check(const sio_drain_options *options, const char **why);

/* Tells those to go whose time has come. */
void sio_departures_tick(sio_server *server);

/* The time of the next step, UINT64_MAX: there is none. */
uint64_t sio_departures_next(const sio_server *server);

/* Nobody is left, or the time is over: the server is to be closed. */
bool sio_departures_over(const sio_server *server);

#endif
