#include "redis/sentinel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sio/err.h>
#include <sio/extern.h>
#include <sio/sys/limits.h>

static void ask_next(sio_sentinel *sentinel);

void sio_sentinel_cancel(sio_sentinel *sentinel)
{
    if (!sentinel->timer_open)
        return;
    uv_timer_stop(&sentinel->timer);
    sio_redis_conn_close(&sentinel->conn);
}

static void try_another(sio_sentinel *sentinel, const char *why)
{
    snprintf(sentinel->why, sizeof sentinel->why, "the sentinel at %s port %d: %s",
             sentinel->target.host, sentinel->target.port, why);
    sio_sentinel_cancel(sentinel);
    sentinel->next = (sentinel->next + 1) % sentinel->url->sentinels_count;
    ask_next(sentinel);
}

/* [host, port], or nil. */
static bool read_place(const redisReply *reply, const char **host, int *port)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        reply->element[0]->type != REDIS_REPLY_STRING ||
        reply->element[1]->type != REDIS_REPLY_STRING)
        return false;
    long number = strtol(reply->element[1]->str, NULL, 10);
    *host = reply->element[0]->str;
    *port = (int)number;
    return **host && number > 0 && number <= 65535;
}

/* A Redis in a sentinel's place says only what it does not know. */
static const char *refusal(const char *text)
{
    if (strncmp(text, "ERR unknown command", 19) == 0)
        return "this is no sentinel (they listen on port 26379 unless configured)";
    return text;
}

static void on_place(void *data, int err, const redisReply *reply)
{
    sio_sentinel *sentinel = data;
    const char *host;
    int port;
    if (err == SIO_ECLOSED)
        return;
    if (err || !read_place(reply, &host, &port)) {
        try_another(sentinel,
                    err && reply->str ? refusal(reply->str) : "it does not know this master");
        return;
    }
    sio_sentinel_cancel(sentinel);
    sentinel->events->found(sentinel, host, port);
}

static void on_ready(sio_redis_conn *conn)
{
    sio_sentinel *sentinel = conn->data;
    const sio_str words[] = { SIO_STR("SENTINEL"), SIO_STR("get-master-addr-by-name"),
                              sio_str_from(sentinel->url->master) };
    int err = sio_redis_conn_ask(conn, &(sio_redis_command){ words, 3, on_place, sentinel });
    if (err)
        try_another(sentinel, sio_err_message(err));
}

static void on_lost(sio_redis_conn *conn, const char *why)
{
    try_another(conn->data, why);
}

static void on_gone(sio_redis_conn *conn)
{
    sio_sentinel *sentinel = conn->data;
    if (sio_sentinel_is_gone(sentinel))
        sentinel->events->gone(sentinel);
}

static void on_timer(uv_timer_t *timer)
{
    try_another(timer->data, "it does not answer");
}

static void ask_next(sio_sentinel *sentinel)
{
    if (sentinel->left == 0) {
        sentinel->events->failed(sentinel, sentinel->why);
        return;
    }
    const sio_redis_place *place = &sentinel->url->sentinels[sentinel->next];
    sentinel->left--;
    sentinel->target.host = place->host;
    sentinel->target.port = place->port;
    sentinel->conn.password = sentinel->conn.access->sentinel_password;
    uv_timer_start(&sentinel->timer, on_timer, SIO_LIMIT_REDIS_SENTINEL_MS, 0);
    sio_redis_conn_open(&sentinel->conn);
}

void sio_sentinel_ask(sio_sentinel *sentinel)
{
    sio_sentinel_cancel(sentinel);
    sentinel->left = sentinel->url->sentinels_count;
    ask_next(sentinel);
}

static const sio_redis_conn_events conn_events = { on_ready, on_lost, on_gone };

void sio_sentinel_init(sio_sentinel *sentinel, uv_loop_t *loop, const sio_redis_url *url,
                       const sio_redis_access *access, const sio_sentinel_events *events,
                       void *data)
{
    sentinel->events = events;
    sentinel->data = data;
    if (!url->master)
        return;
    (void)uv_timer_init(loop, &sentinel->timer); /* which cannot fail */
    sentinel->timer.data = sentinel;
    sentinel->timer_open = true;
    sentinel->url = url;
    sentinel->target = *url;
    sentinel->target.user = url->sentinel_user;
    sentinel->target.db = 0;
    sentinel->conn.loop = loop;
    sentinel->conn.url = &sentinel->target;
    sentinel->conn.access = access;
    sentinel->conn.events = &conn_events;
    sentinel->conn.data = sentinel;
}

bool sio_sentinel_is_gone(const sio_sentinel *sentinel)
{
    return !sentinel->url && sentinel->conn.handles == 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
    sio_sentinel *sentinel = handle->data;
    sentinel->url = NULL;
    on_gone(&sentinel->conn);
}

void sio_sentinel_stop(sio_sentinel *sentinel)
{
    sio_sentinel_cancel(sentinel);
    sio_redis_conn_free(&sentinel->conn);
    if (sentinel->timer_open)
        uv_close((uv_handle_t *)&sentinel->timer, on_timer_closed);
    sentinel->timer_open = false;
}
