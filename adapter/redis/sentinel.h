/* Where the sentinels say the master is: they are asked in turn until one knows. */
#ifndef SIO_REDIS_SENTINEL_H
#define SIO_REDIS_SENTINEL_H

#include "redis/conn.h"

typedef struct sio_sentinel sio_sentinel;

typedef struct sio_sentinel_events {
    /* The answer; `host` is borrowed. Each may come before sio_sentinel_ask returns. */
    void (*found)(sio_sentinel *sentinel, const char *host, int port);
    void (*failed)(sio_sentinel *sentinel, const char *why);
    /* After sio_sentinel_stop: no handle is open any more. */
    void (*gone)(sio_sentinel *sentinel);
} sio_sentinel_events;

struct sio_sentinel {
    const sio_redis_url *url; /* with sentinels; NULL: there are none, and nothing is ever asked */
    const sio_sentinel_events *events;
    void *data;
    sio_redis_conn conn;
    sio_redis_url target; /* the one that is asked; borrows from url */
    uv_timer_t timer;     /* its time for an answer */
    bool timer_open;
    unsigned next; /* to be asked: the last that knew, or one after those that did not */
    unsigned left; /* to be asked still */
    char why[256];
};

/* The object must stay where it is. `url` and `access` are borrowed for its life. */
void sio_sentinel_init(sio_sentinel *sentinel, uv_loop_t *loop, const sio_redis_url *url,
                       const sio_redis_access *access, const sio_sentinel_events *events,
                       void *data);

/* Begins to ask, anew if it was about to; and leaves off. */
void sio_sentinel_ask(sio_sentinel *sentinel);
void sio_sentinel_cancel(sio_sentinel *sentinel);

/* The end. */
void sio_sentinel_stop(sio_sentinel *sentinel);
bool sio_sentinel_is_gone(const sio_sentinel *sentinel);

#endif
