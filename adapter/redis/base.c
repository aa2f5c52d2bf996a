#include "redis/base.h"

#include <stdio.h>

#include <sio/sys/mem.h>
#include <sio/sys/redis_access.h>

void sio_redis_base_refused(const sio_redis_base *base, const char *why)
{
    sio_warn(base->warnings, SIO_WARNING_REFUSED, uv_now(base->loop),
             "Redis refuses to publish: %s", why);
}

static void on_refused(void *data, const char *why)
{
    sio_redis_base_refused(data, why);
}

static void on_random(void *data, void *out, size_t len)
{
    const sio_adapter_host *host = sio_redis_base_host(data);
    host->random(host->data, out, len);
}

static int read_url(sio_redis_url *url, const sio_redis_options *options, char *detail,
                    size_t detail_size)
{
    int err = sio_redis_url_read(url, options->url ? options->url : "", detail, detail_size);
    if (err)
        return err;
    err = sio_redis_access_check(url, detail, detail_size);
    if (err)
        sio_redis_url_free(url);
    return err;
}

int sio_redis_base_link(sio_redis_base *base, const sio_redis_options *options,
                        const sio_redis_link_events *given, char *detail, size_t detail_size)
{
    sio_redis_url url;
    sio_redis_link_events events = *given;
    int err = read_url(&url, options, detail, detail_size);
    if (err)
        return err;
    events.data = base;
    events.refused = on_refused;
    events.random = on_random;
    if (url.cluster && !base->clusters) {
        if (detail)
            snprintf(detail, detail_size, "Redis URL: this adapter does not work with a cluster");
        sio_redis_url_free(&url);
        return SIO_EURL;
    }
    err = url.cluster ? sio_redis_cluster_new(&base->cluster, base->loop, &url, &events)
                      : sio_redis_link_new(&base->link, base->loop, &url, &events);
    sio_redis_url_free(&url);
    return err;
}

int sio_redis_base_sent(const sio_redis_base *base, int err, const char *what)
{
    if (err == SIO_ELIMIT)
        sio_warn(base->warnings, SIO_WARNING_QUEUE, uv_now(base->loop),
                 "dropped a %s to the other nodes: it is too long, or too much waits for Redis "
                 "already",
                 what);
    return err;
}

static void on_stopped(void *data)
{
    sio_redis_base *base = data;
    void (*done)(void *data) = base->done;
    void *done_data = base->done_data;
    base->gone(base);
    done(done_data);
}

void sio_redis_base_stop(sio_redis_base *base, void (*done)(void *data), void *data)
{
    base->stopping = true;
    base->done = done;
    base->done_data = data;
    if (base->cluster)
        sio_redis_cluster_stop(base->cluster, on_stopped, base);
    else
        sio_redis_link_stop(base->link, on_stopped, base);
}

void sio_redis_base_free(sio_redis_base *base)
{
    base->protocol->free(base->part);
    sio_mem_free(base);
}

void sio_redis_base_stats(const sio_redis_base *base, sio_cluster_stats *out)
{
    sio_cluster_stats link = { 0 };
    if (base->cluster)
        sio_redis_cluster_stats(base->cluster, &link);
    else
        sio_redis_link_stats(base->link, &link);
    out->published = link.published;
    out->published_lost += link.published_lost;
    out->connects = link.connects;
    out->queued_bytes = link.queued_bytes;
}

void sio_redis_base_state(const sio_redis_base *base, sio_cluster_state state, const char *detail)
{
    const sio_adapter_host *host = sio_redis_base_host(base);
    if (!base->stopping)
        host->state(host->data, state, detail);
}

void sio_redis_base_on_state(void *base, sio_cluster_state state, const char *detail)
{
    const sio_redis_base *self = base;
    self->protocol->ready(self->part, state == SIO_CLUSTER_READY, uv_now(self->loop));
    sio_redis_base_state(self, state, detail);
}

/* ---- the link, or the cluster ---- */

int sio_redis_base_publish(void *base, sio_str channel, sio_str payload)
{
    const sio_redis_base *self = base;
    const sio_str words[] = { SIO_STR("SPUBLISH"), channel, payload };
    if (self->cluster)
        return sio_redis_cluster_publish(self->cluster, self->shard, channel, payload);
    if (!self->shard)
        return sio_redis_link_publish(self->link, channel, payload);
    return sio_redis_link_send(self->link, &(sio_redis_command){ .words = words, .count = 3 });
}

int sio_redis_base_subscribe(const sio_redis_base *base, sio_redis_kind kind, sio_str name)
{
    return base->cluster ? sio_redis_cluster_subscribe(base->cluster, kind, name)
                         : sio_redis_link_subscribe(base->link, kind, name);
}

void sio_redis_base_unsubscribe(const sio_redis_base *base, sio_redis_kind kind, sio_str name)
{
    if (base->cluster)
        sio_redis_cluster_unsubscribe(base->cluster, kind, name);
    else
        sio_redis_link_unsubscribe(base->link, kind, name);
}

bool sio_redis_base_is_subscribed(const sio_redis_base *base, sio_redis_kind kind, sio_str name)
{
    return base->cluster ? sio_redis_cluster_is_subscribed(base->cluster, kind, name)
                         : sio_redis_link_is_subscribed(base->link, kind, name);
}

/* Of a count that is on its way. */
typedef struct counting {
    const sio_redis_base *base;
    sio_inquiry *inquiry;
} counting;

static void on_total(void *data, int err, uint64_t count, const char *why)
{
    const counting one = *(counting *)data;
    sio_mem_free(data);
    if (err == SIO_EREDIS)
        sio_warn(one.base->warnings, SIO_WARNING_COUNT, uv_now(one.base->loop),
                 "Redis does not count the nodes (PUBSUB): %s", why);
    one.base->protocol->counted(one.base->part, one.inquiry, err, count);
}

static void on_counted(void *data, int err, const redisReply *reply)
{
    uint64_t count = 0;
    const char *why = "";
    err = sio_redis_count_of(err, reply, &count, &why);
    on_total(data, err, count, why);
}

static int ask_link(const sio_redis_base *base, sio_str channel, counting *one)
{
    const sio_str how = base->shard ? SIO_STR("SHARDNUMSUB") : SIO_STR("NUMSUB");
    const sio_str words[] = { SIO_STR("PUBSUB"), how, channel };
    const sio_redis_command command = {
        .words = words, .count = 3, .reply = on_counted, .data = one
    };
    return sio_redis_link_ask(base->link, &command);
}

int sio_redis_base_count(void *base, sio_str channel, sio_inquiry *inquiry)
{
    const sio_redis_base *self = base;
    counting *one = sio_mem_alloc(sizeof *one);
    if (!one)
        return SIO_ENOMEM;
    *one = (counting){ self, inquiry };
    int err = self->cluster
                  ? sio_redis_cluster_count(self->cluster, self->shard, channel, on_total, one)
                  : ask_link(self, channel, one);
    if (err)
        sio_mem_free(one);
    return err;
}
