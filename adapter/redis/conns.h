/*
 * The connections of a link, which stand and fall together: one that publishes, beside it one that
 * subscribes where the link hears, and one that reads where XREAD may block it.
 */
#ifndef SIO_REDIS_CONNS_H
#define SIO_REDIS_CONNS_H

#include "redis/conn.h"

typedef struct sio_redis_conns {
    sio_redis_conn publisher;
    sio_redis_conn subscriber;
    sio_redis_conn reader;
    bool hears; /* or else the subscriber is never opened */
    bool reads; /* or else the reader is not */
} sio_redis_conns;

/* Each as `model`, of which it is a copy. */
void sio_redis_conns_init(sio_redis_conns *conns, const sio_redis_conn *model);

/* For the next opening; borrowed. */
void sio_redis_conns_login(sio_redis_conns *conns, const char *password);

void sio_redis_conns_ping(sio_redis_conns *conns);
void sio_redis_conns_close(sio_redis_conns *conns);

/* Of those that are used: whether all are ready, all have answered since the last ping, and no
 * handle of any is open. */
bool sio_redis_conns_are_ready(const sio_redis_conns *conns);
bool sio_redis_conns_are_alive(const sio_redis_conns *conns);
bool sio_redis_conns_are_gone(const sio_redis_conns *conns);

void sio_redis_conns_free(sio_redis_conns *conns);

#endif
