/* The sharded adapter on a link. */
#include "redis/kinds.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "cluster/sharded.h"
#include "redis/base.h"
#include "redis/ops.h"
#include "redis/probe.h"

typedef struct sharded_adapter {
    sio_redis_base base; /* first */
    sio_sharded sharded;
} sharded_adapter;

static const sio_adapter_ops ops = {
    .open = sio_redis_op_open,
    .close = sio_redis_op_close,
    .broadcast = sio_redis_op_broadcast,
    .tell = sio_redis_op_tell,
    .ask = sio_redis_op_ask,
    .forget = sio_redis_op_forget,
    .room = sio_redis_op_room,
    .stats = sio_redis_op_stats,
    .probe = sio_redis_op_probe,
    .stop = sio_redis_op_stop,
};

static int subscribe(void *data, sio_str channel)
{
    return sio_redis_base_subscribe(data, SIO_REDIS_SHARD, channel);
}

static void unsubscribe(void *data, sio_str channel)
{
    sio_redis_base_unsubscribe(data, SIO_REDIS_SHARD, channel);
}

static void on_message(void *data, const sio_redis_message *message)
{
    sharded_adapter *self = data;
    if (sio_probe_is(message->payload))
        sio_probe_arrived(&self->base, message->payload);
    else
        sio_sharded_receive(&self->sharded, message->channel, message->payload,
                            uv_now(self->base.loop));
}

int sio_redis_sharded_new(sio_adapter **out, struct uv_loop_s *loop,
                          const sio_redis_options *options, const sio_adapter_host *host,
                          char *detail, size_t detail_size)
{
    static const sio_redis_link_events events = { .state = sio_redis_base_on_state,
                                                  .message = on_message };
    sharded_adapter *self = sio_mem_zalloc(sizeof *self);
    if (!self)
        return SIO_ENOMEM;
    self->base = (sio_redis_base){
        .adapter.ops = &ops,
        .protocol = &sio_sharded_protocol,
        .part = &self->sharded,
        .loop = loop,
        .warnings = &self->sharded.warnings,
        .shard = true,
        .clusters = true,
        .gone = sio_redis_base_free,
    };
    const sio_sharded_link link = {
        .data = &self->base,
        .publish = sio_redis_base_publish,
        .count = sio_redis_base_count,
        .subscribe = subscribe,
        .unsubscribe = unsubscribe,
    };
    int err = sio_sharded_init(&self->sharded, host, &link, options);
    if (!err)
        err = sio_redis_base_link(&self->base, options, &events, detail, detail_size);
    if (err)
        sio_redis_base_free(&self->base);
    else
        *out = &self->base.adapter;
    return err;
}
