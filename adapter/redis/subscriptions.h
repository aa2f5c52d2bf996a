/* The patterns that the subscribing connection is to have, whatever becomes of it. */
#ifndef SIO_REDIS_SUBSCRIPTIONS_H
#define SIO_REDIS_SUBSCRIPTIONS_H

#include <sio/sys/map.h>

#include "redis/conn.h"

typedef struct sio_subscriptions {
    sio_redis_conn *conn;
    sio_map patterns;
    size_t unconfirmed; /* of them; Redis has not answered yet */
    /* All are confirmed now; a message has come. */
    void (*confirmed)(struct sio_subscriptions *subscriptions);
    void (*message)(struct sio_subscriptions *subscriptions, sio_str pattern, sio_str channel,
                    sio_str payload);
} sio_subscriptions;

/* `seed`: 16 random bytes. The callbacks and `conn` are set by the owner. */
void sio_subscriptions_init(sio_subscriptions *subscriptions, const uint64_t seed[2]);
void sio_subscriptions_free(sio_subscriptions *subscriptions);

/* Takes effect at once on a connection that is ready. SIO_EEXISTS, SIO_ENOMEM. */
int sio_subscriptions_add(sio_subscriptions *subscriptions, sio_str pattern);
void sio_subscriptions_remove(sio_subscriptions *subscriptions, sio_str pattern);

/* The connection is ready: all patterns are subscribed to. And it is gone. */
void sio_subscriptions_send(sio_subscriptions *subscriptions);
void sio_subscriptions_reset(sio_subscriptions *subscriptions);

#endif
