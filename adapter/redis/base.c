#include "redis/base.h"

#include <sio/sys/mem.h>
#include <sio/sys/redis_access.h>

static void on_refused(void *data, const char *why)
{
    const sio_redis_base *base = data;
    sio_warn(base->warnings, SIO_WARNING_REFUSED, uv_now(base->loop),
             "Redis refuses to publish: %s", why);
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
    err = sio_redis_link_new(&base->link, base->loop, &url, &events);
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
    sio_redis_link_stop(base->link, on_stopped, base);
}

void sio_redis_base_stats(const sio_redis_base *base, sio_cluster_stats *out)
{
    sio_cluster_stats link = { 0 };
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

/* ---- counting ---- */

/* Of a count that is on its way. */
typedef struct counting {
    sio_redis_base *base;
    sio_redis_counted counted;
    void *inquiry;
    const char *verb;
} counting;

/* [channel, number]. */
static void on_counted(void *data, int err, const redisReply *reply)
{
    counting one = *(counting *)data;
    uint64_t subscribers = 0;
    sio_mem_free(data);
    if (!err && (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
                 reply->element[1]->type != REDIS_REPLY_INTEGER))
        err = SIO_EREDIS;
    if (err == SIO_EREDIS)
        sio_warn(one.base->warnings, SIO_WARNING_COUNT, uv_now(one.base->loop),
                 "Redis does not count the nodes (PUBSUB %s): %s", one.verb,
                 reply->type == REDIS_REPLY_ERROR ? reply->str : "an odd reply");
    if (!err && reply->element[1]->integer > 0)
        subscribers = (uint64_t)reply->element[1]->integer;
    one.counted(one.base, one.inquiry, err, subscribers);
}

int sio_redis_base_count(sio_redis_base *base, const char *verb, sio_str channel,
                         sio_redis_counted counted, void *inquiry)
{
    counting *one = sio_mem_alloc(sizeof *one);
    if (!one)
        return SIO_ENOMEM;
    *one = (counting){ base, counted, inquiry, verb };
    const sio_str words[] = { SIO_STR("PUBSUB"), sio_str_from(verb), channel };
    const sio_redis_command command = {
        .words = words, .count = 3, .reply = on_counted, .data = one
    };
    int err = sio_redis_link_ask(base->link, &command);
    if (err)
        sio_mem_free(one);
    return err;
}
