/*
 * One connection to Redis: looked up, connected, logged in, its database selected, and known to
 * answer. It does not come back by itself. Several may share a loop: one for each master of a
 * cluster, each with outgoing commands or with subscriptions of its own.
 */
#ifndef SIO_REDIS_CONN_H
#define SIO_REDIS_CONN_H

#include <stdbool.h>

#include <uv.h>

#include <sio/extern.h>
#include <sio/sys/redis_access.h>
#include <sio/sys/redis_url.h>

#include "redis/lookup.h"
#include "redis/pending.h"
#include "redis/wire.h"

typedef struct sio_redis_conn sio_redis_conn;

typedef struct sio_redis_conn_events {
    void (*ready)(sio_redis_conn *conn);
    /* It failed, and is closed now. May come before sio_redis_conn_open returns. */
    void (*lost)(sio_redis_conn *conn, const char *why);
    /* No handle of it is open any more; comes once after each closing of an attached socket. */
    void (*gone)(sio_redis_conn *conn);
} sio_redis_conn_events;

/* What a user of the connection has to do with it beside asking. NULL: nothing. */
typedef struct sio_redis_conn_user {
    /* It is ready and about to be written. */
    void (*turn)(sio_redis_conn *conn);
    /* False: this is an answer, for the one who asked. */
    bool (*take)(sio_redis_conn *conn, const redisReply *reply);
    void (*message)(sio_redis_conn *conn, const sio_redis_message *message);
} sio_redis_conn_user;

struct sio_redis_conn {
    uv_loop_t *loop;
    const sio_redis_url *url; /* of which host, port, path, user, db, tls and server_name count */
    const sio_redis_access *access;
    const char *password; /* NULL: no login */
    bool must_be_master;  /* or else it is not ready: a replica takes publishes and loses them */
    const sio_redis_conn_events *events;
    void *data; /* of the owner */
    const sio_redis_conn_user *user_ops;
    void *user; /* of who sends commands on it */
    sio_lookup *lookup;
    sio_wire *wire; /* NULL: closed, or still looking the host up */
    sio_redis_pendings pendings;
    unsigned handles; /* that are not closed yet, of earlier wires too */
    unsigned awaited; /* answers to the greeting */
    unsigned asked;   /* by sio_redis_conn_ask, and not answered */
    bool ready;
    bool mute;  /* this user may not PING: whether the link lives is up to TCP */
    bool alive; /* something has come since the last ping */
    char why[192];
};

/* Begins to connect. */
void sio_redis_conn_open(sio_redis_conn *conn);

/* Closes without a word; what has been asked and not answered is told so. */
void sio_redis_conn_close(sio_redis_conn *conn);

/* Closes, and tells its owner why. */
void sio_redis_conn_lose(sio_redis_conn *conn, const char *why);
void sio_redis_conn_fail(sio_redis_conn *conn, const char *format, ...) SIO_PRINTF(2, 3);

/* Gives back what it keeps between two openings. */
void sio_redis_conn_free(sio_redis_conn *conn);

/* Sends a command; `pending` is copied, and gets the answer. SIO_ECLOSED: it is not open,
 * SIO_ENOMEM; in both cases `pending` is not called. */
int sio_redis_conn_send(sio_redis_conn *conn, const sio_str *words, size_t count,
                        const sio_redis_pending *pending);
/* The same with a command that is encoded already. */
int sio_redis_conn_send_bytes(sio_redis_conn *conn, sio_str bytes,
                              const sio_redis_pending *pending);

/* Sends a command that is not queued and whose loss does not count. SIO_ECLOSED: it is not ready;
 * SIO_ELIMIT: SIO_LIMIT_REDIS_COMMANDS of these wait for their answer; SIO_ENOMEM. */
int sio_redis_conn_ask(sio_redis_conn *conn, const sio_redis_command *command);

/* Asks for a sign of life: `alive` turns true with the next thing that comes. */
void sio_redis_conn_ping(sio_redis_conn *conn);

#endif
