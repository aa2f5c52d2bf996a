/* The classic adapter on a link. */
#include "redis/kinds.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "cluster/classic.h"
#include "redis/base.h"
#include "redis/probe.h"

typedef struct classic_adapter {
    sio_redis_base base;
    sio_classic classic;
} classic_adapter;

static classic_adapter *self_of(sio_adapter *adapter)
{
    return (classic_adapter *)(void *)adapter;
}

static int adapter_open(sio_adapter *adapter, sio_str nsp)
{
    return sio_classic_open(&self_of(adapter)->classic, nsp);
}

static void adapter_close(sio_adapter *adapter, sio_str nsp)
{
    sio_classic_close(&self_of(adapter)->classic, nsp);
}

static int adapter_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    classic_adapter *self = self_of(adapter);
    if (self->base.stopping)
        return SIO_ECLOSED;
    return sio_redis_base_sent(&self->base, sio_classic_broadcast(&self->classic, message),
                               "broadcast");
}

static int adapter_tell(sio_adapter *adapter, const sio_cluster_request *request)
{
    classic_adapter *self = self_of(adapter);
    if (self->base.stopping)
        return SIO_ECLOSED;
    return sio_redis_base_sent(&self->base, sio_classic_tell(&self->classic, request), "request");
}

static int adapter_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker)
{
    classic_adapter *self = self_of(adapter);
    if (self->base.stopping)
        return SIO_ECLOSED;
    return sio_redis_base_sent(&self->base, sio_classic_ask(&self->classic, request, asker),
                               "request");
}

static void adapter_forget(sio_adapter *adapter, sio_asker *asker)
{
    sio_classic_forget(&self_of(adapter)->classic, asker);
}

static void adapter_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present)
{
    classic_adapter *self = self_of(adapter);
    sio_classic_room(&self->classic, nsp, room, present, uv_now(self->base.loop));
}

static void adapter_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    const classic_adapter *self = (const classic_adapter *)(const void *)adapter;
    *out = self->classic.stats;
    out->channels = self->classic.channels;
    sio_redis_base_stats(&self->base, out);
}

static void adapter_probe(sio_adapter *adapter)
{
    const classic_adapter *self = self_of(adapter);
    sio_probe_send(&self->base, false, sio_classic_own(&self->classic));
}

static void on_gone(sio_redis_base *base)
{
    classic_adapter *self = (classic_adapter *)(void *)base;
    sio_classic_free(&self->classic);
    sio_mem_free(self);
}

static void adapter_stop(sio_adapter *adapter, void (*done)(void *data), void *data)
{
    classic_adapter *self = self_of(adapter);
    sio_classic_stop(&self->classic);
    sio_redis_base_stop(&self->base, done, data);
}

/* One for each way to subscribe: a node that hears a pattern need not know of its rooms. */
#define OPS(room_function)                                                                         \
    {                                                                                              \
        .open = adapter_open, .close = adapter_close, .broadcast = adapter_broadcast,              \
        .tell = adapter_tell, .ask = adapter_ask, .forget = adapter_forget,                        \
        .room = (room_function), .stats = adapter_stats, .probe = adapter_probe,                   \
        .stop = adapter_stop                                                                       \
    }
static const sio_adapter_ops pattern_ops = OPS(NULL);
static const sio_adapter_ops rooms_ops = OPS(adapter_room);

/* ---- what the classic adapter wants of the link ---- */

static int publish(void *data, sio_str channel, sio_str payload)
{
    const classic_adapter *self = data;
    return sio_redis_base_publish(&self->base, false, channel, payload);
}

static sio_redis_kind kind_of(bool pattern)
{
    return pattern ? SIO_REDIS_PATTERN : SIO_REDIS_CHANNEL;
}

static int subscribe(void *data, bool pattern, sio_str name)
{
    const classic_adapter *self = data;
    return sio_redis_base_subscribe(&self->base, kind_of(pattern), name);
}

static void unsubscribe(void *data, bool pattern, sio_str name)
{
    const classic_adapter *self = data;
    sio_redis_base_unsubscribe(&self->base, kind_of(pattern), name);
}

static bool is_subscribed(void *data, bool pattern, sio_str name)
{
    const classic_adapter *self = data;
    return sio_redis_base_is_subscribed(&self->base, kind_of(pattern), name);
}

static void on_counted(sio_redis_base *base, void *inquiry, int err, uint64_t count)
{
    sio_classic_counted(&((classic_adapter *)(void *)base)->classic, inquiry, err, count);
}

static int count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    classic_adapter *self = data;
    return sio_redis_base_count(&self->base, false, channel, on_counted, inquiry);
}

/* ---- what the link tells ---- */

static void on_state(void *data, sio_cluster_state state, const char *detail)
{
    classic_adapter *self = data;
    sio_classic_ready(&self->classic, state == SIO_CLUSTER_READY, uv_now(self->base.loop));
    sio_redis_base_state(&self->base, state, detail);
}

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
    static const sio_redis_link_events events = { .state = on_state,
                                                  .message = on_message,
                                                  .subscribed = on_subscribed };
    classic_adapter *self = sio_mem_zalloc(sizeof *self);
    if (!self)
        return SIO_ENOMEM;
    self->base = (sio_redis_base){
        .adapter.ops = options->subscribe == SIO_SUBSCRIBE_PATTERN ? &pattern_ops : &rooms_ops,
        .loop = loop,
        .warnings = &self->classic.warnings,
        .clusters = true,
        .gone = on_gone,
    };
    const sio_classic_link link = { self, publish, count, subscribe, unsubscribe, is_subscribed };
    int err = sio_classic_init(&self->classic, host, &link, options);
    if (!err)
        err = sio_redis_base_link(&self->base, options, &events, detail, detail_size);
    if (err)
        on_gone(&self->base);
    else
        *out = &self->base.adapter;
    return err;
}
