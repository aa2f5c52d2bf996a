#include <sio/sys/redis.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>
#include <sio/sys/redis_access.h>

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
    return sio_classic_open(&self_of(adapter)->classic, nsp);
}

static void adapter_close(sio_adapter *adapter, sio_str nsp)
{
    sio_classic_close(&self_of(adapter)->classic, nsp);
}

/* Says what becomes of what could not be sent. */
static int sent(redis_adapter *self, int err, const char *what)
{
    if (err == SIO_ELIMIT)
        sio_warn(&self->classic.warnings, SIO_WARNING_QUEUE, uv_now(self->loop),
                 "dropped a %s to the other nodes: it is too long, or too much waits for Redis "
                 "already",
                 what);
    return err;
}

static int adapter_broadcast(sio_adapter *adapter, const sio_cluster_message *message)
{
    redis_adapter *self = self_of(adapter);
    if (self->stopping)
        return SIO_ECLOSED;
    return sent(self, sio_classic_broadcast(&self->classic, message), "broadcast");
}

static int adapter_tell(sio_adapter *adapter, const sio_cluster_request *request)
{
    redis_adapter *self = self_of(adapter);
    if (self->stopping)
        return SIO_ECLOSED;
    return sent(self, sio_classic_tell(&self->classic, request), "request");
}

static int adapter_ask(sio_adapter *adapter, const sio_cluster_request *request, sio_asker *asker)
{
    redis_adapter *self = self_of(adapter);
    if (self->stopping)
        return SIO_ECLOSED;
    return sent(self, sio_classic_ask(&self->classic, request, asker), "request");
}

static void adapter_forget(sio_adapter *adapter, sio_asker *asker)
{
    sio_classic_forget(&self_of(adapter)->classic, asker);
}

static void adapter_room(sio_adapter *adapter, sio_str nsp, sio_str room, bool present)
{
    redis_adapter *self = self_of(adapter);
    sio_classic_room(&self->classic, nsp, room, present, uv_now(self->loop));
}

static void adapter_stats(const sio_adapter *adapter, sio_cluster_stats *out)
{
    const redis_adapter *self = (const redis_adapter *)(const void *)adapter;
    sio_cluster_stats link = { 0 };
    sio_redis_link_stats(self->link, &link);
    *out = self->classic.stats;
    out->channels = self->classic.channels;
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
    sio_classic_stop(&self->classic);
    self->done = done;
    self->done_data = data;
    sio_redis_link_stop(self->link, on_stopped, self);
}

/* One for each way to subscribe: a node that hears a pattern need not know of its rooms. */
#define OPS(room_function)                                                                         \
    {                                                                                              \
        .open = adapter_open, .close = adapter_close, .broadcast = adapter_broadcast,              \
        .tell = adapter_tell, .ask = adapter_ask, .forget = adapter_forget,                        \
        .room = (room_function), .stats = adapter_stats, .stop = adapter_stop                      \
    }
static const sio_adapter_ops pattern_ops = OPS(NULL);
static const sio_adapter_ops rooms_ops = OPS(adapter_room);

/* ---- what the classic adapter wants of the link ---- */

static int publish(void *data, sio_str channel, sio_str payload)
{
    redis_adapter *self = data;
    return sio_redis_link_publish(self->link, channel, payload);
}

static sio_redis_kind kind_of(bool pattern)
{
    return pattern ? SIO_REDIS_PATTERN : SIO_REDIS_CHANNEL;
}

static int subscribe(void *data, bool pattern, sio_str name)
{
    redis_adapter *self = data;
    return sio_redis_link_subscribe(self->link, kind_of(pattern), name);
}

static void unsubscribe(void *data, bool pattern, sio_str name)
{
    redis_adapter *self = data;
    sio_redis_link_unsubscribe(self->link, kind_of(pattern), name);
}

static bool is_subscribed(void *data, bool pattern, sio_str name)
{
    const redis_adapter *self = data;
    return sio_redis_link_is_subscribed(self->link, kind_of(pattern), name);
}

/* Of a count that is on its way. */
typedef struct counting {
    redis_adapter *self;
    sio_inquiry *inquiry;
} counting;

/* [channel, number]. */
static void on_counted(void *data, int err, const redisReply *reply)
{
    counting *one = data;
    uint64_t subscribers = 0;
    if (!err && (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
                 reply->element[1]->type != REDIS_REPLY_INTEGER))
        err = SIO_EREDIS;
    if (err == SIO_EREDIS)
        sio_warn(&one->self->classic.warnings, SIO_WARNING_COUNT, uv_now(one->self->loop),
                 "Redis does not count the nodes (PUBSUB NUMSUB): %s",
                 reply->type == REDIS_REPLY_ERROR ? reply->str : "an odd reply");
    if (!err && reply->element[1]->integer > 0)
        subscribers = (uint64_t)reply->element[1]->integer;
    sio_classic_counted(&one->self->classic, one->inquiry, err, subscribers);
    sio_mem_free(one);
}

static int count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    redis_adapter *self = data;
    counting *one = sio_mem_alloc(sizeof *one);
    if (!one)
        return SIO_ENOMEM;
    *one = (counting){ self, inquiry };
    const sio_str words[] = { SIO_STR("PUBSUB"), SIO_STR("NUMSUB"), channel };
    const sio_redis_command command = {
        .words = words, .count = 3, .reply = on_counted, .data = one
    };
    int err = sio_redis_link_ask(self->link, &command);
    if (err)
        sio_mem_free(one);
    return err;
}

/* ---- what the link tells ---- */

static void on_state(void *data, sio_cluster_state state, const char *detail)
{
    redis_adapter *self = data;
    sio_classic_ready(&self->classic, state == SIO_CLUSTER_READY, uv_now(self->loop));
    if (!self->stopping)
        self->classic.host.state(self->classic.host.data, state, detail);
}

static void on_message(void *data, sio_redis_kind kind, sio_str name, sio_str channel,
                       sio_str payload)
{
    redis_adapter *self = data;
    if (kind == SIO_REDIS_PATTERN)
        sio_classic_receive(&self->classic, name, channel, payload, uv_now(self->loop));
    else
        sio_classic_receive_channel(&self->classic, channel, payload, uv_now(self->loop));
}

static void on_subscribed(void *data, sio_redis_kind kind, sio_str name)
{
    redis_adapter *self = data;
    sio_classic_subscribed(&self->classic, kind == SIO_REDIS_PATTERN, name, uv_now(self->loop));
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
    err = sio_redis_access_check(&url, detail, detail_size);
    if (err) {
        sio_redis_url_free(&url);
        return err;
    }
    const sio_redis_link_events events = {
        .data = self,
        .state = on_state,
        .message = on_message,
        .subscribed = on_subscribed,
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
    self->base.ops = options->subscribe == SIO_SUBSCRIBE_PATTERN ? &pattern_ops : &rooms_ops;
    self->loop = loop;
    const sio_classic_link link = { self, publish, count, subscribe, unsubscribe, is_subscribed };
    int err = sio_classic_init(&self->classic, host, &link, options);
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
