/* The sharded adapter on a link. */
#include "redis/kinds.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "cluster/sharded.h"
#include "redis/base.h"
#include "redis/probe.h"

typedef struct sharded_adapter {
    sio_redis_base base;
    sio_sharded sharded;
} sharded_adapter;

static sharded_adapter *self_of(sio_adapter *adapter)
{
    return (sharded_adapter *)(void *)adapter;
}

static int adapter_open(sio_adapter *adapter, sio_str nsp)
{
    return sio_sharded_open(&self_of(adapter)->sharded, nsp);
}

static void adapter_close(sio_adapter *adapter, sio_str nsp)
{
    sio_sharded_close(&self_of(adapter)->sharded, nsp);
}

static int adapter_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    sharded_adapter *self = self_of(adapter);
    if (self->base.stopping)
        return SIO_ECLOSED;
    return sio_redis_base_sent(&self->base, sio_sharded_broadcast(&self->sharded, message),
                               "broadcast");
}

static int adapter_tell(sio_adapter *adapter, const sio_cluster_request *request)
{
    sharded_adapter *self = self_of(adapter);
    if (self->base.stopping)
        return SIO_ECLOSED;
    return sio_redis_base_sent(&self->base, sio_sharded_tell(&self->sharded, request), "request");
}

static int adapter_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker)
{
    sharded_adapter *self = self_of(adapter);
    if (self->base.stopping)
        return SIO_ECLOSED;
    return sio_redis_base_sent(&self->base, sio_sharded_ask(&self->sharded, request, asker),
                               "request");
}

static void adapter_forget(sio_adapter *adapter, sio_asker *asker)
{
    sio_sharded_forget(&self_of(adapter)->sharded, asker);
}

static void adapter_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present)
{
    sharded_adapter *self = self_of(adapter);
    sio_sharded_room(&self->sharded, nsp, room, present, uv_now(self->base.loop));
}

static void adapter_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    const sharded_adapter *self = (const sharded_adapter *)(const void *)adapter;
    *out = self->sharded.stats;
    out->channels = self->sharded.channels;
    sio_redis_base_stats(&self->base, out);
}

static void adapter_probe(sio_adapter *adapter)
{
    const sharded_adapter *self = self_of(adapter);
    sio_probe_send(&self->base, true, sio_sharded_own(&self->sharded));
}

static void on_gone(sio_redis_base *base)
{
    sharded_adapter *self = (sharded_adapter *)(void *)base;
    sio_sharded_free(&self->sharded);
    sio_mem_free(self);
}

static void adapter_stop(sio_adapter *adapter, void (*done)(void *data), void *data)
{
    sharded_adapter *self = self_of(adapter);
    sio_sharded_stop(&self->sharded);
    sio_redis_base_stop(&self->base, done, data);
}

static const sio_adapter_ops ops = {
    .open = adapter_open,
    .close = adapter_close,
    .broadcast = adapter_broadcast,
    .tell = adapter_tell,
    .ask = adapter_ask,
    .forget = adapter_forget,
    .room = adapter_room,
    .stats = adapter_stats,
    .probe = adapter_probe,
    .stop = adapter_stop,
};

/* ---- what the sharded adapter wants of the link ---- */

static int publish(void *data, sio_str channel, sio_str payload)
{
    const sharded_adapter *self = data;
    return sio_redis_base_publish(&self->base, true, channel, payload);
}

static int subscribe(void *data, sio_str channel)
{
    const sharded_adapter *self = data;
    return sio_redis_base_subscribe(&self->base, SIO_REDIS_SHARD, channel);
}

static void unsubscribe(void *data, sio_str channel)
{
    const sharded_adapter *self = data;
    sio_redis_base_unsubscribe(&self->base, SIO_REDIS_SHARD, channel);
}

static void on_counted(sio_redis_base *base, void *inquiry, int err, uint64_t count)
{
    sio_sharded_counted(&((sharded_adapter *)(void *)base)->sharded, inquiry, err, count);
}

static int count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    sharded_adapter *self = data;
    return sio_redis_base_count(&self->base, true, channel, on_counted, inquiry);
}

/* ---- what the link tells ---- */

static void on_state(void *data, sio_cluster_state state, const char *detail)
{
    sharded_adapter *self = data;
    sio_sharded_ready(&self->sharded, state == SIO_CLUSTER_READY, uv_now(self->base.loop));
    sio_redis_base_state(&self->base, state, detail);
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
    static const sio_redis_link_events events = { .state = on_state, .message = on_message };
    sharded_adapter *self = sio_mem_zalloc(sizeof *self);
    if (!self)
        return SIO_ENOMEM;
    self->base = (sio_redis_base){
        .adapter.ops = &ops,
        .loop = loop,
        .warnings = &self->sharded.warnings,
        .clusters = true,
        .gone = on_gone,
    };
    const sio_sharded_link link = { self, publish, count, subscribe, unsubscribe, NULL };
    int err = sio_sharded_init(&self->sharded, host, &link, options);
    if (!err)
        err = sio_redis_base_link(&self->base, options, &events, detail, detail_size);
    if (err)
        on_gone(&self->base);
    else
        *out = &self->base.adapter;
    return err;
}
