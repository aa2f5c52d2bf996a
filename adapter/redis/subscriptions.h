/*
 * The channels and patterns that a subscribing connection is to have, whatever becomes of it. What
 * is added and removed in one turn of the loop is sent in few commands at its end; what was removed
 * and added again in the meantime is never unsubscribed.
 */
#ifndef SIO_REDIS_SUBSCRIPTIONS_H
#define SIO_REDIS_SUBSCRIPTIONS_H

#include <sio/sys/map.h>

#include "redis/conn.h"

/* Why Redis has ended a subscription by itself, as it does when a slot moves. */
#define SIO_SUBSCRIPTION_ENDED "Redis has ended the subscription"

struct sio_redis_subscription;

typedef struct sio_redis_list {
    struct sio_redis_subscription *head;
    struct sio_redis_subscription *tail;
} sio_redis_list;

typedef struct sio_subscriptions sio_subscriptions;

/* A callback may add and remove, and close the connection. */
typedef struct sio_subscriptions_events {
    /* All that were there when the connection became ready are confirmed. */
    void (*complete)(sio_subscriptions *subscriptions);
    /* Redis has confirmed it: from now on what is published there comes. */
    void (*confirmed)(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name);
    /* Redis has refused it (MOVED, NOPERM), or ended it by itself. It is kept and not subscribed
     * to: to be removed, or sent once more with the next connection. */
    void (*refused)(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name,
                    const char *why);
    /* May come a little after the removal of what it has come by. */
    void (*message)(sio_subscriptions *subscriptions, const sio_redis_message *message);
} sio_subscriptions_events;

struct sio_subscriptions {
    sio_redis_conn *conn;
    const sio_subscriptions_events *events;
    sio_map names[SIO_REDIS_KINDS];
    sio_redis_list dirty; /* those for which something may have to be sent */
    uint64_t oldest;      /* number of the first command that is not answered in full */
    uint64_t next;        /* number of the next command */
    size_t flying_bytes;  /* of commands not answered in full */
    size_t initial;       /* of those there when the connection became ready: not yet sent */
    uint64_t barrier;     /* number of the command after the last of them */
    bool open;            /* between sio_subscriptions_send and sio_subscriptions_reset */
    bool complete;
};

/* `seed`: 16 random bytes. */
void sio_subscriptions_init(sio_subscriptions *subscriptions, sio_redis_conn *conn,
                            const sio_subscriptions_events *events, const uint64_t seed[2]);
void sio_subscriptions_free(sio_subscriptions *subscriptions);

/* Takes effect in this turn of the loop on a connection that is ready. SIO_EEXISTS, SIO_ENOMEM. */
int sio_subscriptions_add(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name);
void sio_subscriptions_remove(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name);

/* Whether Redis has confirmed it on the connection that stands. */
bool sio_subscriptions_confirmed(const sio_subscriptions *subscriptions, sio_redis_kind kind,
                                 sio_str name);

/* The connection is ready: all are subscribed to. And it is gone. */
void sio_subscriptions_send(sio_subscriptions *subscriptions);
void sio_subscriptions_reset(sio_subscriptions *subscriptions);

/* What the connection needs of them: conn->user is the sio_subscriptions. */
extern const sio_redis_conn_user sio_subscriptions_user;

#endif
