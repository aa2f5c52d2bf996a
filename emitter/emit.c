#include <hiredis/hiredis.h>
#include <limits.h>

#include "emitter.h"

int sio_emitter_begin(sio_emitter *emitter)
{
    emitter->error[0] = '\0';
    emitter->unsure = false;
    if (!emitter->url.storage)
        return sio_emitter_fail(emitter, SIO_EURL, "the URL of Redis is malformed");
    return sio_emitter_drain(emitter);
}

int sio_emitter_made(sio_emitter *emitter, int err)
{
    const char *why = emitter->dispatch.why;

    return err ? sio_emitter_fail(emitter, err, "%s", *why ? why : sio_err_message(err)) : 0;
}

static int number_of(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_INTEGER)
        return 0;
    return reply->integer < INT_MAX ? (int)reply->integer : INT_MAX;
}

int sio_emitter_counted(const redisReply *reply)
{
    bool is_pair = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2;

    return is_pair ? number_of(reply->element[1]) : 0;
}

/* The reply to an XADD says nothing of who reads the stream. */
static int send_message(sio_emitter *emitter, const char *nsp)
{
    const sio_dispatch *dispatch = &emitter->dispatch;
    redisReply *reply;
    int result = sio_emitter_execute(emitter, dispatch->words, dispatch->count, &reply);

    if (result)
        return result;
    result = number_of(reply);
    freeReplyObject(reply);
    if (dispatch->adapter != SIO_EMITTER_STREAMS)
        return result;
    result = sio_emitter_server_count(emitter, nsp);
    if (result == SIO_EAUTH)
        return 1; /* it may not be known, but the message is there */
    emitter->unsure = result < 0;
    return result;
}

static int send_made(sio_emitter *emitter, const sio_emitter_target *target, int err)
{
    err = sio_emitter_made(emitter, err);
    return err ? err : send_message(emitter, target ? target->nsp : NULL);
}

int sio_emitter_vemit(sio_emitter *emitter, const sio_emitter_target *target, const char *event,
                      const char *format, va_list arguments)
{
    int err = sio_emitter_begin(emitter);

    if (err)
        return err;
    err = sio_dispatch_event(&emitter->dispatch, target, event, format, arguments);
    return send_made(emitter, target, err);
}

int sio_emitter_emit(sio_emitter *emitter, const sio_emitter_target *target, const char *event,
                     const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int result = sio_emitter_vemit(emitter, target, event, format, arguments);
    va_end(arguments);
    return result;
}

/* ---- orders ---- */

static int order(sio_emitter *emitter, const sio_emitter_target *target, sio_cluster_op op,
                 const char *const *rooms, bool close)
{
    int err = sio_emitter_begin(emitter);

    if (err)
        return err;
    err = sio_dispatch_order(&emitter->dispatch, target, op, rooms, close);
    return send_made(emitter, target, err);
}

int sio_emitter_sockets_join(sio_emitter *emitter, const sio_emitter_target *target,
                             const char *const *rooms)
{
    return order(emitter, target, SIO_CLUSTER_SOCKETS_JOIN, rooms, false);
}

int sio_emitter_sockets_leave(sio_emitter *emitter, const sio_emitter_target *target,
                              const char *const *rooms)
{
    return order(emitter, target, SIO_CLUSTER_SOCKETS_LEAVE, rooms, false);
}

int sio_emitter_disconnect_sockets(sio_emitter *emitter, const sio_emitter_target *target,
                                   int close)
{
    return order(emitter, target, SIO_CLUSTER_DISCONNECT_SOCKETS, NULL, close != 0);
}

int sio_emitter_server_side_vemit(sio_emitter *emitter, const char *nsp, const char *event,
                                  const char *format, va_list arguments)
{
    const sio_emitter_target target = { .nsp = nsp };
    int err = sio_emitter_begin(emitter);

    if (err)
        return err;
    err = sio_dispatch_server_side(&emitter->dispatch, &target, event, format, arguments);
    return send_made(emitter, &target, err);
}

int sio_emitter_server_side_emit(sio_emitter *emitter, const char *nsp, const char *event,
                                 const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int result = sio_emitter_server_side_vemit(emitter, nsp, event, format, arguments);
    va_end(arguments);
    return result;
}

int sio_emitter_server_count(sio_emitter *emitter, const char *nsp)
{
    const sio_emitter_target target = { .nsp = nsp };
    sio_dispatch *dispatch = &emitter->dispatch;
    redisReply *reply;
    int result = sio_emitter_begin(emitter);

    if (!result)
        result = sio_emitter_made(emitter, sio_dispatch_count(dispatch, &target));
    if (!result)
        result = sio_emitter_execute(emitter, dispatch->words, dispatch->count, &reply);
    if (result)
        return result;
    result = sio_emitter_counted(reply);
    freeReplyObject(reply);
    return result;
}
