#include <sio/emitter_uv.h>

#include <stdio.h>
#include <sys/random.h>

#include <sio/sys/dispatch.h>
#include <sio/sys/mem.h>
#include <sio/sys/redis_access.h>
#include <sio/sys/sigpipe.h>

#include "redis/link.h"

#define DEFAULT_URL "redis://127.0.0.1:6379"

struct sio_uv_emitter {
    sio_redis_link *link;
    sio_dispatch dispatch;
    char *key;
    char *stream;
    sio_uv_emitter_options options; /* of which the callbacks count */
    bool settled;                   /* the link stands, or an attempt to make it has failed */
    bool closing;
    void (*closed)(void *data);
    void *closed_data;
};

static void release(sio_uv_emitter *emitter)
{
    sio_dispatch_free(&emitter->dispatch);
    sio_mem_free(emitter->key);
    sio_mem_free(emitter->stream);
    sio_mem_free(emitter);
}

/* ---- what the link tells ---- */

static void on_stopped(void *data)
{
    sio_uv_emitter *emitter = data;
    void (*closed)(void *data) = emitter->closed;
    void *closed_data = emitter->closed_data;
    release(emitter);
    if (closed)
        closed(closed_data);
}

static void on_state(void *data, sio_cluster_state state, const char *detail)
{
    sio_uv_emitter *emitter = data;
    emitter->settled = state != SIO_CLUSTER_CONNECTING;
    if (emitter->closing && emitter->settled)
        sio_redis_link_stop(emitter->link, on_stopped, emitter);
    else if (!emitter->closing && emitter->options.on_state)
        emitter->options.on_state(emitter, state, detail, emitter->options.data);
}

static void on_refused(void *data, const char *why)
{
    sio_uv_emitter *emitter = data;
    if (!emitter->closing && emitter->options.on_refused)
        emitter->options.on_refused(emitter, why, emitter->options.data);
}

/* Of delays: where there is no chance, all of them are the same. */
static void on_random(void *data, void *out, size_t len)
{
    (void)data;
    if (getrandom(out, len, GRND_NONBLOCK) != (ssize_t)len)
        memset(out, 0, len);
}

/* ---- making it ---- */

static int copy(char **out, const char *text)
{
    *out = sio_mem_strndup(text, strlen(text));
    return *out ? 0 : SIO_ENOMEM;
}

static int configure(sio_uv_emitter *emitter, const sio_uv_emitter_options *options)
{
    int err = copy(&emitter->key, options->key ? options->key : SIO_CLUSTER_KEY);
    if (!err)
        err = copy(&emitter->stream, options->stream ? options->stream : emitter->key);
    if (err)
        return err;
    emitter->options = *options;
    emitter->dispatch = (sio_dispatch){ .adapter = options->adapter,
                                        .key = sio_str_from(emitter->key),
                                        .stream = sio_str_from(emitter->stream),
                                        .stream_len = options->stream_len };
    return 0;
}

static int make_link(sio_uv_emitter *emitter, uv_loop_t *loop, char *detail, size_t detail_size)
{
    const sio_redis_link_events events = {
        .data = emitter, .state = on_state, .refused = on_refused, .random = on_random
    };
    const char *text = emitter->options.redis;
    sio_redis_url url;
    int err = sio_redis_url_read(&url, text ? text : DEFAULT_URL, detail, detail_size);
    if (err)
        return err;
    err = sio_redis_access_check(&url, detail, detail_size);
    if (!err)
        err = sio_redis_link_new(&emitter->link, loop, &url, &events);
    sio_redis_url_free(&url);
    return err;
}

static int make(sio_uv_emitter **out, uv_loop_t *loop, const sio_uv_emitter_options *options,
                char *detail, size_t detail_size)
{
    sio_uv_emitter *emitter = sio_mem_zalloc(sizeof *emitter);
    if (!emitter)
        return SIO_ENOMEM;
    int err = configure(emitter, options);
    if (!err)
        err = make_link(emitter, loop, detail, detail_size);
    if (err)
        release(emitter);
    else
        *out = emitter;
    return err;
}

int sio_uv_emitter_new(sio_uv_emitter **out, uv_loop_t *loop, const sio_uv_emitter_options *options)
{
    static const sio_uv_emitter_options defaults;
    const sio_uv_emitter_options *given = options ? options : &defaults;
    char detail[256] = "";
    sio_sigpipe_survive();
    int err = make(out, loop, given, detail, sizeof detail);
    if (given->error && given->error_size)
        (void)snprintf(given->error, given->error_size, "%s",
                       !err      ? ""
                       : *detail ? detail
                                 : sio_err_message(err));
    return err;
}

/* ---- emitting ---- */

static int fail(sio_uv_emitter *emitter, int err)
{
    char *why = emitter->dispatch.why;
    const char *text =
        err == SIO_ELIMIT ? "too much waits for Redis already" : sio_err_message(err);
    (void)snprintf(why, sizeof emitter->dispatch.why, "%s", text);
    return err;
}

static int send_made(sio_uv_emitter *emitter, int err)
{
    const sio_dispatch *dispatch = &emitter->dispatch;
    if (!err && emitter->closing)
        err = SIO_ECLOSED;
    if (err)
        return *dispatch->why ? err : fail(emitter, err);
    const sio_redis_command command = { .words = dispatch->words, .count = dispatch->count };
    err = sio_redis_link_send(emitter->link, &command);
    return err ? fail(emitter, err) : 0;
}

int sio_uv_emitter_vemit(sio_uv_emitter *emitter, const sio_emitter_target *target,
                         const char *event, const char *format, va_list arguments)
{
    return send_made(emitter,
                     sio_dispatch_event(&emitter->dispatch, target, event, format, arguments));
}

int sio_uv_emitter_emit(sio_uv_emitter *emitter, const sio_emitter_target *target,
                        const char *event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int err = sio_uv_emitter_vemit(emitter, target, event, format, arguments);
    va_end(arguments);
    return err;
}

static int order(sio_uv_emitter *emitter, const sio_emitter_target *target, sio_cluster_op op,
                 const char *const *rooms, bool close)
{
    return send_made(emitter, sio_dispatch_order(&emitter->dispatch, target, op, rooms, close));
}

int sio_uv_emitter_sockets_join(sio_uv_emitter *emitter, const sio_emitter_target *target,
                                const char *const *rooms)
{
    return order(emitter, target, SIO_CLUSTER_SOCKETS_JOIN, rooms, false);
}

int sio_uv_emitter_sockets_leave(sio_uv_emitter *emitter, const sio_emitter_target *target,
                                 const char *const *rooms)
{
    return order(emitter, target, SIO_CLUSTER_SOCKETS_LEAVE, rooms, false);
}

int sio_uv_emitter_disconnect_sockets(sio_uv_emitter *emitter, const sio_emitter_target *target,
                                      int close)
{
    return order(emitter, target, SIO_CLUSTER_DISCONNECT_SOCKETS, NULL, close != 0);
}

int sio_uv_emitter_server_side_emit(sio_uv_emitter *emitter, const char *nsp, const char *event,
                                    const char *format, ...)
{
    const sio_emitter_target target = { .nsp = nsp };
    va_list arguments;
    va_start(arguments, format);
    int err = sio_dispatch_server_side(&emitter->dispatch, &target, event, format, arguments);
    va_end(arguments);
    return send_made(emitter, err);
}

const char *sio_uv_emitter_error(const sio_uv_emitter *emitter)
{
    return emitter->dispatch.why;
}

void sio_uv_emitter_stats(const sio_uv_emitter *emitter, sio_cluster_stats *out)
{
    *out = (sio_cluster_stats){ 0 };
    sio_redis_link_stats(emitter->link, out);
}

/* ---- the end ---- */

void sio_uv_emitter_close(sio_uv_emitter *emitter, void (*closed)(void *data), void *data)
{
    sio_cluster_stats stats;
    if (!emitter || emitter->closing)
        return;
    emitter->closing = true;
    emitter->closed = closed;
    emitter->closed_data = data;
    sio_uv_emitter_stats(emitter, &stats);
    /* a link that is being made is waited for: it may be there in a moment */
    if (emitter->settled || stats.queued_bytes == 0)
        sio_redis_link_stop(emitter->link, on_stopped, emitter);
}
