/* What a connection to Redis has been asked and has not answered, in order. */
#ifndef SIO_REDIS_PENDING_H
#define SIO_REDIS_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redis/command.h"

struct sio_redis_conn;
struct sio_redis_pending;

/* The answer has come; NULL: the connection is gone. `self` is out of the queue already, but for
 * the answers before the last where several are awaited. */
typedef void (*sio_redis_took)(struct sio_redis_conn *conn, const struct sio_redis_pending *self,
                               const redisReply *reply);

typedef struct sio_redis_pending {
    sio_redis_took took;
    sio_redis_reply reply; /* whom `took` tells; NULL: nobody */
    void *data;            /* of `reply` */
    size_t bytes;          /* what it takes of a window */
    uint16_t answers;      /* of subscriptions: still to come */
    uint8_t kind;          /* of subscriptions: a sio_redis_kind */
    bool joining;          /* of subscriptions: not leaving */
} sio_redis_pending;

/* Zeroed memory is an empty queue. */
typedef struct sio_redis_pendings {
    sio_redis_pending *items; /* a ring */
    uint32_t cap;             /* 0 or a power of two */
    uint32_t head;
    uint32_t count;
} sio_redis_pendings;

/* SIO_ENOMEM. */
int sio_redis_pendings_push(sio_redis_pendings *pendings, const sio_redis_pending *one);
/* Takes the last back. */
void sio_redis_pendings_retract(sio_redis_pendings *pendings);
/* The one at that place, 0 being the oldest; borrowed until the queue changes, NULL if there is
 * none. */
sio_redis_pending *sio_redis_pendings_at(const sio_redis_pendings *pendings, uint32_t index);
/* False: there was none. */
bool sio_redis_pendings_pop(sio_redis_pendings *pendings, sio_redis_pending *out);
void sio_redis_pendings_free(sio_redis_pendings *pendings);

#endif
