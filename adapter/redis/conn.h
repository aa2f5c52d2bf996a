/*
 * One connection to Redis: looked up, connected, logged in, its database selected, and known to
 * answer. It does not come back by itself.
 */
#ifndef SIO_REDIS_CONN_H
#define SIO_REDIS_CONN_H

#include <stdbool.h>

#include <hiredis/async.h>
#include <uv.h>

#include <sio/sys/redis_url.h>

#include "redis/lookup.h"

typedef struct sio_redis_conn sio_redis_conn;

typedef struct sio_redis_conn_events {
    void (*ready)(sio_redis_conn *conn);
    /* It failed, and is closed now. May come before sio_redis_conn_open returns. */
    void (*lost)(sio_redis_conn *conn, const char *why);
    /* No handle of it is open any more; comes once after each closing of an attached socket. */
    void (*gone)(sio_redis_conn *conn);
} sio_redis_conn_events;

struct sio_redis_conn {
    uv_loop_t *loop;
    const sio_redis_url *url;
    const sio_redis_conn_events *events;
    void *data; /* of the owner */
    void *user; /* of who sends commands on it */
    sio_lookup *lookup;
    redisAsyncContext *context; /* NULL: closed, or still looking the host up */
    unsigned handles;           /* that are not closed yet, of earlier contexts too */
    unsigned awaited;           /* answers of the handshake */
    bool ready;
    bool mute;  /* this user may not PING: whether the link lives is up to TCP */
    bool alive; /* something has come since the last ping */
    char why[192];
};

/* Begins to connect. */
void sio_redis_conn_open(sio_redis_conn *conn);

/* Closes without a word; its pending callbacks see a context whose data is NULL. */
void sio_redis_conn_close(sio_redis_conn *conn);

/* Asks for a sign of life: `alive` turns true with the next thing that comes. */
void sio_redis_conn_ping(sio_redis_conn *conn);

/* The connection that a reply is for, marked as alive; NULL when it has been given up or the reply
 * is none. To be called first in each callback of a command. */
sio_redis_conn *sio_redis_conn_of(const redisAsyncContext *context, const redisReply *reply);

#endif
