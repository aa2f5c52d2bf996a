/* The sharded adapter over a Redis that is made by hand. */
#include "redis_adapter.h"

static void on_message(redis_adapter *self, const sio_str *pattern, sio_str channel,
                       sio_str payload)
{
    assert_null(pattern);
    sio_sharded_receive(&self->sharded, channel, payload, self->wire->now);
}

static int subscribe(void *data, sio_str channel)
{
    return redis_adapter_subscribe(data, false, channel);
}

static void unsubscribe(void *data, sio_str channel)
{
    redis_adapter_unsubscribe(data, false, channel);
}

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
    const sio_redis_options options = { .mode = mode };
    const redis_part part = { &sio_sharded_protocol, &self->sharded, &self->sharded.inquiries,
                              &self->sharded.duties, NULL,           on_message };
    sio_server *server = wire->nodes[index]->server;
    const sio_adapter_host host = sio_core_adapter_host(server);
    redis_adapter_init(self, &part, true, wire, all, index);
    assert_int_equal(sio_sharded_init(&self->sharded, &host, &link, &options), 0);
    assert_int_equal(sio_core_set_adapter(server, &self->base), 0);
}
