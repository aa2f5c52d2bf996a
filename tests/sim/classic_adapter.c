/* The classic adapter over a Redis that is made by hand. */
#include "redis_adapter.h"

static void on_subscribed(redis_adapter *self, bool pattern, sio_str name)
{
    sio_classic_subscribed(&self->classic, pattern, name, self->wire->now);
}

static void on_message(redis_adapter *self, const sio_str *pattern, sio_str channel,
                       sio_str payload)
{
    if (pattern)
        sio_classic_receive(&self->classic, *pattern, channel, payload, self->wire->now);
    else
        sio_classic_receive_channel(&self->classic, channel, payload, self->wire->now);
}

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
    const redis_part part = { &sio_classic_protocol, &self->classic, &self->classic.inquiries,
                              &self->classic.duties, on_subscribed,  on_message };
    sio_server *server = wire->nodes[index]->server;
    const sio_adapter_host host = sio_core_adapter_host(server);
    redis_adapter_init(self, &part, subscribe != SIO_SUBSCRIBE_PATTERN, wire, all, index);
    assert_int_equal(sio_classic_init(&self->classic, &host, &link, &options), 0);
    assert_int_equal(sio_core_set_adapter(server, &self->base), 0);
}
