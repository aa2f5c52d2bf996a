/* What has come from Redis and is not taken yet. Messages are found in the bytes themselves; all
 * else, replies and confirmations, is hiredis's to read. */
#ifndef SIO_REDIS_INLET_H
#define SIO_REDIS_INLET_H

#include <stdbool.h>

#include <hiredis/hiredis.h>

#include <sio/sys/buf.h>

#include "redis/message.h"

/* Zeroed memory is an empty one. */
typedef struct sio_inlet {
    sio_buf bytes;
    size_t taken;  /* of the bytes */
    bool messages; /* may come; or else the reader gets all at once */
    bool midway;   /* the reader has the beginning of a reply */
} sio_inlet;

typedef enum sio_inlet_found {
    SIO_INLET_NOTHING, /* until more comes */
    SIO_INLET_MESSAGE, /* borrowed until the next call */
    SIO_INLET_REPLY,   /* new: freeReplyObject */
    SIO_INLET_BROKEN   /* reader->errstr says how */
} sio_inlet_found;

/* Where the next bytes go, and how many at most; NULL: SIO_ENOMEM. */
char *sio_inlet_room(sio_inlet *inlet, size_t *size);
/* So many have come there. */
void sio_inlet_came(sio_inlet *inlet, size_t len);
/* What is next, of messages and replies in their order. */
sio_inlet_found sio_inlet_next(sio_inlet *inlet, redisReader *reader, sio_redis_message *message,
                               redisReply **reply);
void sio_inlet_free(sio_inlet *inlet);

#endif
