/* A socket to Redis on a libuv loop: commands go out, replies come in. hiredis reads replies and
 * writes; its own asynchronous part knows no shard channels and takes one of several answers to a
 * command for the next one's. */
#ifndef SIO_REDIS_WIRE_H
#define SIO_REDIS_WIRE_H

#include <hiredis/hiredis.h>
#include <uv.h>

#include <sio/sys/redis_access.h>
#include <sio/sys/str.h>

#include "redis/message.h"

typedef struct sio_wire sio_wire;

/* Each may close the wire. */
typedef struct sio_wire_events {
    void (*connected)(void *data);
    /* It is about to be written: the last moment to add what belongs into this turn. */
    void (*turn)(void *data);
    void (*reply)(void *data, const redisReply *reply);
    /* Borrowed for the call. NULL: none is subscribed to, and what looks like one is a reply. */
    void (*message)(void *data, const sio_redis_message *message);
    /* It has failed, and is closed already. */
    void (*lost)(void *data, const char *why);
    /* After each closing, when its handle is gone too; never from inside a call. */
    void (*closed)(void *data);
} sio_wire_events;

/* A new wire out of a context whose non-blocking connect has begun. The context is moved on
 * success. `access` and `name`, whose the certificate is to be, are borrowed; `name` NULL: without
 * TLS. SIO_ENOMEM, SIO_ESYSTEM. */
int sio_wire_open(sio_wire **out, uv_loop_t *loop, redisContext *redis,
                  const sio_redis_access *access, const char *name, const sio_wire_events *events,
                  void *data);
void sio_wire_close(sio_wire *wire);

/* Adds to what is written in this turn of the loop. SIO_ENOMEM: the wire is broken, and will be
 * lost when it is written. */
int sio_wire_command(sio_wire *wire, const sio_str *words, size_t count);
int sio_wire_bytes(sio_wire *wire, sio_str bytes); /* encoded commands */

/* `turn` is to be called even if nothing has been added. */
void sio_wire_wake(sio_wire *wire);

#endif
