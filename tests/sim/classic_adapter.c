/* The classic adapter over a Redis that is made by hand. */
#include "redis_adapter.h"

/* ---- what the link tells ---- */

static void on_ready(redis_adapter *self, bool ready)
{
    sio_classic_ready(&self->classic, ready, self->wire->now);
}

static void on_subscribed(redis_adapter *self, bool pattern, sio_str name)
{
    sio_classic_subscribed(&self->classic, pattern, name, self->wire->now);
}

static void on_counted(redis_adapter *self, sio_inquiry *inquiry, int err, uint64_t subscribers)
{
    sio_classic_counted(&self->classic, inquiry, err, subscribers);
}

static void on_message(redis_adapter *self, const sio_str *pattern, sio_str channel,
                       sio_str payload)
{
    if (pattern)
        sio_classic_receive(&self->classic, *pattern, channel, payload, self->wire->now);
    else
        sio_classic_receive_channel(&self->classic, channel, payload, self->wire->now);
}

static void stop(redis_adapter *self)
{
    assert_int_equal(self->classic.inquiries.by_id.count, 0);
    assert_int_equal(self->classic.inquiries.by_asker.count, 0);
    assert_int_equal(self->classic.duties.count, 0);
    sio_classic_stop(&self->classic);
}

static void end(redis_adapter *self)
{
    sio_classic_free(&self->classic);
}

static const redis_protocol protocol = {
    on_ready, on_subscribed, on_counted, on_message, stop, end
};

/* ---- what the server calls ---- */

static sio_classic *classic_of(sio_adapter *adapter)
{
    return &((redis_adapter *)adapter)->classic;
}

static int op_open(sio_adapter *adapter, sio_str nsp)
{
    return sio_classic_open(classic_of(adapter), nsp);
}

static void op_close(sio_adapter *adapter, sio_str nsp)
{
    sio_classic_close(classic_of(adapter), nsp);
}

static int op_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    return sio_classic_broadcast(classic_of(adapter), message);
}

static int op_tell(sio_adapter *adapter, const sio_cluster_request *request)
{
    return sio_classic_tell(classic_of(adapter), request);
}

static int op_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker)
{
    return sio_classic_ask(classic_of(adapter), request, asker);
}

static void op_forget(sio_adapter *adapter, sio_asker *asker)
{
    sio_classic_forget(classic_of(adapter), asker);
}

static void op_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present)
{
    const redis_adapter *self = (const redis_adapter *)adapter;
    sio_classic_room(classic_of(adapter), nsp, room, present, self->wire->now);
}

static void op_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    *out = ((const redis_adapter *)adapter)->classic.stats;
}

#define OPS(room_function)                                                                         \
    {                                                                                              \
        .open = op_open, .close = op_close, .broadcast = op_broadcast, .tell = op_tell,            \
        .ask = op_ask, .forget = op_forget, .room = (room_function), .stats = op_stats             \
    }
static const sio_adapter_ops pattern_ops = OPS(NULL);
static const sio_adapter_ops rooms_ops = OPS(op_room);

void classic_adapter_init(redis_adapter *self, sim_wire *wire, redis_adapter *all, unsigned index,
                          sio_redis_subscribe subscribe)
{
    const sio_classic_link link = {
        .data = self,
        .publish = redis_adapter_publish,
        .count = redis_adapter_count,
        .subscribe = redis_adapter_subscribe,
        .unsubscribe = redis_adapter_unsubscribe,
        .is_subscribed = redis_adapter_is_subscribed,
    };
    const sio_redis_options options = { .subscribe = subscribe,
                                        .specific_response_channel = index % 2 == 1 };
    sio_server *server = wire->nodes[index]->server;
    const sio_adapter_host host = sio_core_adapter_host(server);
    redis_adapter_init(self, &protocol, wire, all, index);
    self->base.ops = subscribe == SIO_SUBSCRIBE_PATTERN ? &pattern_ops : &rooms_ops;
    assert_int_equal(sio_classic_init(&self->classic, &host, &link, &options), 0);
    assert_int_equal(sio_core_set_adapter(server, &self->base), 0);
}
