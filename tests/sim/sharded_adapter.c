/* The sharded adapter over a Redis that is made by hand. */
#include "redis_adapter.h"

/* ---- what the link tells ---- */

static void on_ready(redis_adapter *self, bool ready)
{
    sio_sharded_ready(&self->sharded, ready, self->wire->now);
}

static void on_subscribed(redis_adapter *self, bool pattern, sio_str name)
{
    (void)self;
    (void)pattern;
    (void)name;
}

static void on_counted(redis_adapter *self, sio_inquiry *inquiry, int err, uint64_t subscribers)
{
    sio_sharded_counted(&self->sharded, inquiry, err, subscribers);
}

static void on_message(redis_adapter *self, const sio_str *pattern, sio_str channel,
                       sio_str payload)
{
    assert_null(pattern);
    sio_sharded_receive(&self->sharded, channel, payload, self->wire->now);
}

static void stop(redis_adapter *self)
{
    assert_int_equal(self->sharded.inquiries.by_id.count, 0);
    assert_int_equal(self->sharded.inquiries.by_asker.count, 0);
    assert_int_equal(self->sharded.duties.count, 0);
    sio_sharded_stop(&self->sharded);
}

static void end(redis_adapter *self)
{
    sio_sharded_free(&self->sharded);
}

static const redis_protocol protocol = {
    on_ready, on_subscribed, on_counted, on_message, stop, end
};

static int subscribe(void *data, sio_str channel)
{
    return redis_adapter_subscribe(data, false, channel);
}

static void unsubscribe(void *data, sio_str channel)
{
    redis_adapter_unsubscribe(data, false, channel);
}

/* ---- what the server calls ---- */

static sio_sharded *sharded_of(sio_adapter *adapter)
{
    return &((redis_adapter *)adapter)->sharded;
}

static int op_open(sio_adapter *adapter, sio_str nsp)
{
    return sio_sharded_open(sharded_of(adapter), nsp);
}

static void op_close(sio_adapter *adapter, sio_str nsp)
{
    sio_sharded_close(sharded_of(adapter), nsp);
}

static int op_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    return sio_sharded_broadcast(sharded_of(adapter), message);
}

static int op_tell(sio_adapter *adapter, const sio_cluster_request *request)
{
    return sio_sharded_tell(sharded_of(adapter), request);
}

static int op_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker)
{
    return sio_sharded_ask(sharded_of(adapter), request, asker);
}

static void op_forget(sio_adapter *adapter, sio_asker *asker)
{
    sio_sharded_forget(sharded_of(adapter), asker);
}

static void op_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present)
{
    const redis_adapter *self = (const redis_adapter *)adapter;
    sio_sharded_room(sharded_of(adapter), nsp, room, present, self->wire->now);
}

static void op_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    *out = ((const redis_adapter *)adapter)->sharded.stats;
}

static const sio_adapter_ops ops = {
    .open = op_open,
    .close = op_close,
    .broadcast = op_broadcast,
    .tell = op_tell,
    .ask = op_ask,
    .forget = op_forget,
    .room = op_room,
    .stats = op_stats,
};

void sharded_adapter_init(redis_adapter *self, sim_wire *wire, redis_adapter *all, unsigned index,
                          sio_sharded_mode mode)
{
    const sio_sharded_link link = {
        .data = self,
        .publish = redis_adapter_publish,
        .count = redis_adapter_count,
        .subscribe = subscribe,
        .unsubscribe = unsubscribe,
    };
    sio_server *server = wire->nodes[index]->server;
    const sio_adapter_host host = sio_core_adapter_host(server);
    redis_adapter_init(self, &protocol, wire, all, index);
    self->base.ops = &ops;
    assert_int_equal(
        sio_sharded_init(&self->sharded, &host, &link, &(sio_redis_options){ .mode = mode }), 0);
    assert_int_equal(sio_core_set_adapter(server, &self->base), 0);
}
