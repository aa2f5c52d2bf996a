/* A command for Redis, and who is told of its answer. */
#ifndef SIO_REDIS_COMMAND_H
#define SIO_REDIS_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include <sio/err.h>
#include <sio/sys/str.h>

/* `err` is 0; SIO_EREDIS: Redis has refused, and reply->str says why; SIO_ECLOSED: the link was
 * lost or stopped before the answer (`reply` is NULL), and the command may have been executed or
 * not. `reply` is borrowed until this returns. */
typedef void (*sio_redis_reply)(void *data, int err, const redisReply *reply);

/* All is borrowed during the call that takes it. */
typedef struct sio_redis_command {
    const sio_str *words; /* the verb first */
    size_t count;
    sio_redis_reply reply; /* called once, never from inside the call; NULL: nobody is told */
    void *data;
} sio_redis_command;

/* What a reply means; NULL is the end of the connection. */
static inline int sio_redis_error_of(const redisReply *reply)
{
    if (!reply)
        return SIO_ECLOSED;
    return reply->type == REDIS_REPLY_ERROR ? SIO_EREDIS : 0;
}

/* The number in [channel, number], which PUBSUB NUMSUB answers; SIO_EREDIS: `why` says it. */
static inline int sio_redis_count_of(int err, const redisReply *reply, uint64_t *count,
                                     const char **why)
{
    if (err) {
        *why = err == SIO_EREDIS ? reply->str : "";
        return err;
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        reply->element[1]->type != REDIS_REPLY_INTEGER) {
        *why = "an odd reply";
        return SIO_EREDIS;
    }
    *count = reply->element[1]->integer > 0 ? (uint64_t)reply->element[1]->integer : 0;
    return 0;
}

#endif
