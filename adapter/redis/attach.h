/*
 * An asynchronous hiredis context on a libuv loop. The attachment ends when hiredis frees the
 * context; its handle closes after that, and `closed` tells when.
 */
#ifndef SIO_REDIS_ATTACH_H
#define SIO_REDIS_ATTACH_H

#include <hiredis/async.h>
#include <uv.h>

typedef void (*sio_attach_closed)(void *data);

/* SIO_ENOMEM, SIO_ESYSTEM: then nothing is attached and `closed` is never called. */
int sio_attach(redisAsyncContext *context, uv_loop_t *loop, sio_attach_closed closed, void *data);

#endif
