#include <sio/sys/redis.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "cluster/classic.h"
#include "redis/link.h"

typedef struct redis_adapter {
    sio_adapter base;
    sio_classic classic;
    sio_redis_link *link;
    uv_loop_t *loop;
    bool stopping;
    void (*done)(void *data);
    void *done_data;
} redis_adapter;

static redis_adapter *self_of(sio_adapter *adapter)
{
    return (redis_adapter *)(void *)adapter;
}

static int adapter_open(sio_adapter *adapter, sio_str nsp)
{
    redis_adapter *self = self_of(adapter);
    sio_str pattern;
    int err = sio_classic_open(&self->classic, nsp, &pattern);
    if (err)
        return err;
    err = sio_redis_link_subscribe(self->link, SIO_REDIS_PATTERN, pattern);
    if (err)
        sio_classic_close(&self->classic, nsp);
    return err;
}

static void adapter_close(sio_adapter *adapter, sio_str nsp)
{
    redis_adapter *self = self_of(adapter);
    sio_str pattern = sio_classic_pattern(&self->classic, nsp);
    if (!pattern.data || self->stopping)
        return;
    sio_redis_link_unsubscribe(self->link, SIO_REDIS_PATTERN, pattern);
    sio_classic_close(&self->classic, nsp);
}

static int publish(void *data, sio_str channel, sio_str payload)
{
    redis_adapter *self = data;
    return sio_redis_link_publish(self->link, channel, payload);
}

static int adapter_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    redis_adapter *self = self_of(adapter);
    if (self->stopping)
        return SIO_ECLOSED;
    int err = sio_classic_broadcast(&self->classic, message, publish, self);
    if (err == SIO_ELIMIT)
        sio_warn(&self->classic.warnings, SIO_WARNING_QUEUE, uv_now(self->loop),
                 "dropped a broadcast to the other nodes: it is too long, or %u bytes wait already",
                 SIO_LIMIT_REDIS_QUEUE);
    return err;
}

static void adapter_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    const redis_adapter *self = (const redis_adapter *)(const void *)adapter;
    sio_cluster_stats link = { 0 };
    sio_redis_link_stats(self->link, &link);
    *out = self->classic.stats;
    out->published = link.published;
    out->published_lost += link.published_lost;
    out->connects = link.connects;
    out->queued_bytes = link.queued_bytes;
}

static void on_stopped(void *data)
{
    redis_adapter *self = data;
    void (*done)(void *data) = self->done;
    void *done_data = self->done_data;
    sio_classic_free(&self->classic);
    sio_mem_free(self);
    done(done_data);
}

static void adapter_stop(sio_adapter *adapter, void (*done)(void *data), void *data)
{
    redis_adapter *self = self_of(adapter);
    self->stopping = true;
    self->done = done;
    self->done_data = data;
    sio_redis_link_stop(self->link, on_stopped, self);
}

static const sio_adapter_ops ops = {
    .open = adapter_open,
    .close = adapter_close,
    .broadcast = adapter_broadcast,
    .stats = adapter_stats,
    .stop = adapter_stop,
};

static void on_state(void *data, sio_cluster_state state, const char *detail)
{
    redis_adapter *self = data;
    self->classic.host.state(self->classic.host.data, state, detail);
}

static void on_message(void *data, sio_redis_kind kind, sio_str pattern, sio_str channel,
                       sio_str payload)
{
    redis_adapter *self = data;
    (void)kind;
    sio_classic_receive(&self->classic, pattern, channel, payload, uv_now(self->loop));
}

static void on_refused(void *data, const char *why)
{
    redis_adapter *self = data;
    sio_warn(&self->classic.warnings, SIO_WARNING_REFUSED, uv_now(self->loop),
             "Redis refuses to publish: %s", why);
}

static void on_random(void *data, void *out, size_t len)
{
    const redis_adapter *self = data;
    self->classic.host.random(self->classic.host.data, out, len);
}

static int link_new(redis_adapter *self, const char *url_text, char *detail, size_t detail_size)
{
    sio_redis_url url;
    int err = sio_redis_url_read(&url, url_text ? url_text : "", detail, detail_size);
    if (err)
        return err;
    const sio_redis_link_events events = {
        .data = self,
        .state = on_state,
        .message = on_message,
        .refused = on_refused,
        .random = on_random,
    };
    err = sio_redis_link_new(&self->link, self->loop, &url, &events);
    sio_redis_url_free(&url);
    return err;
}

int sio_redis_adapter_new(sio_adapter **out, struct uv_loop_s *loop,
                          const sio_redis_options *options, const sio_adapter_host *host,
                          char *detail, size_t detail_size)
{
    redis_adapter *self = sio_mem_zalloc(sizeof *self);
    if (!self)
        return SIO_ENOMEM;
    self->base.ops = &ops;
    self->loop = loop;
    int err = sio_classic_init(&self->classic, host, options->key);
    if (!err)
        err = link_new(self, options->url, detail, detail_size);
    if (err) {
        sio_classic_free(&self->classic);
        sio_mem_free(self);
        return err;
    }
    *out = &self->base;
    return 0;
}
