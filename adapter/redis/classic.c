/* The classic adapter on a link. */
#include "redis/kinds.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "cluster/classic.h"
#include "redis/base.h"
#include "redis/ops.h"
#include "redis/probe.h"

typedef struct classic_adapter {
    sio_redis_base base; /* first */
    sio_classic classic;
} classic_adapter;

/* One for each way to subscribe: a node that hears a pattern need not know of its rooms. */
#define OPS(room_function)                                                                         \
    {                                                                                              \
        .open = sio_redis_op_open, .close = sio_redis_op_close,                                    \
        .broadcast = sio_redis_op_broadcast, .tell = sio_redis_op_tell, .ask = sio_redis_op_ask,   \
        .forget = sio_redis_op_forget, .room = (room_function), .stats = sio_redis_op_stats,       \
        .probe = sio_redis_op_probe, .stop = sio_redis_op_stop                                     \
    }
static const sio_adapter_ops pattern_ops = OPS(NULL);
static const sio_adapter_ops rooms_ops = OPS(sio_redis_op_room);

/* ---- what the classic adapter wants of the link ---- */

static sio_redis_kind kind_of(bool pattern)
{
    return pattern ? SIO_REDIS_PATTERN : SIO_REDIS_CHANNEL;
}

static int subscribe(void *data, bool pattern, sio_str name)
{
    return sio_redis_base_subscribe(data, kind_of(pattern), name);
}

static void unsubscribe(void *data, bool pattern, sio_str name)
{
    sio_redis_base_unsubscribe(data, kind_of(pattern), name);
}

static bool is_subscribed(void *data, bool pattern, sio_str name)
{
    return sio_redis_base_is_subscribed(data, kind_of(pattern), name);
}

/* ---- what the link tells ---- */

static void on_message(void *data, const sio_redis_message *message)
{
    classic_adapter *self = data;
    uint64_t now = uv_now(self->base.loop);
    if (message->kind == SIO_REDIS_PATTERN)
        sio_classic_receive(&self->classic, message->name, message->channel, message->payload, now);
    else if (sio_probe_is(message->payload))
        sio_probe_arrived(&self->base, message->payload);
    else
        sio_classic_receive_channel(&self->classic, message->channel, message->payload, now);
}

static void on_subscribed(void *data, sio_redis_kind kind, sio_str name)
{
    classic_adapter *self = data;
    sio_classic_subscribed(&self->classic, kind == SIO_REDIS_PATTERN, name,
                           uv_now(self->base.loop));
}

int sio_redis_classic_new(sio_adapter **out, struct uv_loop_s *loop,
                          const sio_redis_options *options, const sio_adapter_host *host,
                          char *detail, size_t detail_size)
{
    static const sio_redis_link_events events = { .state = sio_redis_base_on_state,
                                                  .message = on_message,
                                                  .subscribed = on_subscribed };
    classic_adapter *self = sio_mem_zalloc(sizeof *self);
    if (!self)
        return SIO_ENOMEM;
    self->base = (sio_redis_base){
        .adapter.ops = options->subscribe == SIO_SUBSCRIBE_PATTERN ? &pattern_ops : &rooms_ops,
        .protocol = &sio_classic_protocol,
        .part = &self->classic,
        .loop = loop,
        .warnings = &self->classic.warnings,
        .clusters = true,
        .gone = sio_redis_base_free,
    };
    const sio_classic_link link = {
        .data = &self->base,
        .publish = sio_redis_base_publish,
        .count = sio_redis_base_count,
        .subscribe = subscribe,
        .unsubscribe = unsubscribe,
        .is_subscribed = is_subscribed,
    };
    int err = sio_classic_init(&self->classic, host, &link, options);
    if (!err)
        err = sio_redis_base_link(&self->base, options, &events, detail, detail_size);
    if (err)
        sio_redis_base_free(&self->base);
    else
        *out = &self->base.adapter;
    return err;
}
