#include "redis/link_inside.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* A loop that was busy for long finds its timers due before it has read what came meanwhile: an
 * overdue answer gets this many milliseconds more. */
#define GRACE_MS 100

static void on_timer(uv_timer_t *timer);

static void arm(sio_redis_link *link, uint64_t ms)
{
    uv_timer_start(&link->timer, on_timer, ms, 0);
}

static void tell(sio_redis_link *link, const char *what, const char *why)
{
    const sio_redis_url *target = &link->target;
    char server[700], detail[1000];
    if (link->stopping)
        return;
    if (target->path)
        snprintf(server, sizeof server, "unix:%s", target->path);
    else if (target->host)
        snprintf(server, sizeof server, "%s port %d", target->host, target->port);
    else
        snprintf(server, sizeof server, "the master \"%s\"", target->master);
    snprintf(detail, sizeof detail, "%s %s%s%s", what, server, *why ? ": " : "", why);
    link->events.state(link->events.data, link->state, detail);
}

/* ---- the end ---- */

static void free_if_gone(sio_redis_link *link)
{
    if (!link->timer_closed || !sio_redis_conns_are_gone(&link->conns) ||
        !sio_sentinel_is_gone(&link->sentinel))
        return;
    void (*done)(void *data) = link->done;
    void *data = link->done_data;
    sio_outgoing_free(&link->outgoing);
    sio_subscriptions_free(&link->subscriptions);
    sio_redis_conns_free(&link->conns);
    sio_redis_access_free(&link->access);
    sio_redis_url_free(&link->url);
    sio_mem_free(link);
    done(data);
}

static void on_timer_closed(uv_handle_t *handle)
{
    sio_redis_link *link = handle->data;
    link->timer_closed = true;
    free_if_gone(link);
}

static void on_gone(sio_redis_conn *conn)
{
    free_if_gone(conn->data);
}

static void on_sentinel_gone(sio_sentinel *sentinel)
{
    free_if_gone(sentinel->data);
}

static void finish(sio_redis_link *link)
{
    if (link->state == SIO_CLUSTER_STOPPED)
        return;
    link->state = SIO_CLUSTER_STOPPED;
    sio_redis_conns_close(&link->conns);
    sio_sentinel_stop(&link->sentinel);
    uv_close((uv_handle_t *)&link->timer, on_timer_closed);
}

void sio_redis_link_stop(sio_redis_link *link, void (*done)(void *data), void *data)
{
    link->stopping = true;
    link->done = done;
    link->done_data = data;
    sio_redis_conn_close(&link->conns.subscriber);
    sio_redis_conn_close(&link->conns.reader);
    sio_outgoing_disown(&link->outgoing);
    if (link->state == SIO_CLUSTER_DISCONNECTED || sio_outgoing_is_empty(&link->outgoing)) {
        finish(link);
        return;
    }
    arm(link, SIO_LIMIT_CLOSE_MS);
    if (link->conns.publisher.ready)
        sio_outgoing_open(&link->outgoing);
}

static void on_empty(sio_outgoing *outgoing)
{
    sio_redis_link *link = outgoing->conn->data;
    if (link->stopping)
        finish(link);
}

/* ---- losing it ---- */

/* Half of the delay is random, so that the nodes of a cluster do not come back all at once. */
static uint32_t next_delay(sio_redis_link *link)
{
    uint32_t random, delay = link->retry_ms;
    link->events.random(link->events.data, &random, sizeof random);
    link->retry_ms =
        delay * 2 < SIO_LIMIT_REDIS_RETRY_MAX_MS ? delay * 2 : SIO_LIMIT_REDIS_RETRY_MAX_MS;
    return delay / 2 + random % (delay / 2 + 1);
}

static void lose(sio_redis_link *link, const char *why)
{
    if (link->state != SIO_CLUSTER_CONNECTING && link->state != SIO_CLUSTER_READY)
        return;
    link->state = SIO_CLUSTER_DISCONNECTED;
    sio_sentinel_cancel(&link->sentinel);
    sio_redis_conns_close(&link->conns);
    sio_outgoing_ground(&link->outgoing);
    sio_subscriptions_reset(&link->subscriptions);
    if (link->stopping) {
        finish(link);
        return;
    }
    arm(link, next_delay(link));
    tell(link, "no link to Redis at", why);
}

static void on_lost(sio_redis_conn *conn, const char *why)
{
    lose(conn->data, why);
}

/* ---- making it ---- */

/* Passwords and certificates are read each time, for they may have changed. */
static int load_access(sio_redis_link *link, char *detail, size_t detail_size)
{
    sio_redis_access_free(&link->access);
    int err = sio_redis_access_load(&link->access, &link->url, detail, detail_size);
    sio_redis_conns_login(&link->conns, link->access.password);
    return err;
}

static void open_connections(sio_redis_link *link)
{
    if (!link->stopping)
        arm(link, SIO_LIMIT_REDIS_CONNECT_MS);
    sio_redis_conn_open(&link->conns.publisher);
    if (link->state == SIO_CLUSTER_CONNECTING && !link->stopping && link->conns.hears)
        sio_redis_conn_open(&link->conns.subscriber);
    if (link->state == SIO_CLUSTER_CONNECTING && !link->stopping && link->conns.reads)
        sio_redis_conn_open(&link->conns.reader);
}

/* The sentinels have deadlines of their own. */
static void find_master(sio_redis_link *link)
{
    uv_timer_stop(&link->timer);
    sio_sentinel_ask(&link->sentinel);
}

static void attempt(sio_redis_link *link)
{
    char detail[256] = "";
    link->state = SIO_CLUSTER_CONNECTING;
    if (link->url.master)
        link->target.host = NULL;
    tell(link, "connecting to Redis at", "");
    if (link->state != SIO_CLUSTER_CONNECTING || link->stopping)
        return;
    int err = load_access(link, detail, sizeof detail);
    if (err)
        lose(link, *detail ? detail : sio_err_message(err));
    else if (link->url.master)
        find_master(link);
    else
        open_connections(link);
}

static bool is_at(const sio_redis_url *target, const char *host, int port)
{
    return target->host && strcmp(target->host, host) == 0 && target->port == port;
}

/* While the link stands they are asked with each ping: a master that was cut off from the others
 * has been replaced, and does not know. */
static void on_found(sio_sentinel *sentinel, const char *host, int port)
{
    sio_redis_link *link = sentinel->data;
    if (link->state == SIO_CLUSTER_READY && !is_at(&link->target, host, port))
        lose(link, "another is the master now");
    if (link->state != SIO_CLUSTER_CONNECTING || link->target.host)
        return;
    snprintf(link->master_host, sizeof link->master_host, "%s", host);
    link->target.host = link->master_host;
    link->target.port = port;
    open_connections(link);
}

static void on_not_found(sio_sentinel *sentinel, const char *why)
{
    sio_redis_link *link = sentinel->data;
    if (link->state == SIO_CLUSTER_CONNECTING)
        lose(link, why);
}

void sio_redis_link_check(sio_redis_link *link)
{
    if (link->state != SIO_CLUSTER_CONNECTING || !sio_redis_conns_are_ready(&link->conns) ||
        (link->conns.hears && !link->subscriptions.complete))
        return;
    link->state = SIO_CLUSTER_READY;
    link->connects++;
    link->retry_ms = SIO_LIMIT_REDIS_RETRY_MIN_MS;
    link->heartbeat = SIO_HEARTBEAT_REST;
    arm(link, SIO_LIMIT_REDIS_PING_MS);
    sio_outgoing_open(&link->outgoing);
    tell(link, "linked to Redis at", "");
}

static void on_ready(sio_redis_conn *conn)
{
    sio_redis_link *link = conn->data;
    if (conn == &link->conns.subscriber)
        sio_subscriptions_send(&link->subscriptions);
    else if (link->stopping)
        sio_outgoing_open(&link->outgoing);
    else
        sio_redis_link_check(link);
}

/* ---- keeping it ---- */

static void beat(sio_redis_link *link)
{
    if (link->heartbeat == SIO_HEARTBEAT_REST) {
        link->heartbeat = SIO_HEARTBEAT_ASKED;
        sio_redis_conns_ping(&link->conns);
        if (link->url.master)
            sio_sentinel_ask(&link->sentinel);
        arm(link, SIO_LIMIT_REDIS_CONNECT_MS);
    } else if (sio_redis_conns_are_alive(&link->conns)) {
        link->heartbeat = SIO_HEARTBEAT_REST;
        arm(link, SIO_LIMIT_REDIS_PING_MS - SIO_LIMIT_REDIS_CONNECT_MS);
    } else if (link->heartbeat == SIO_HEARTBEAT_ASKED) {
        link->heartbeat = SIO_HEARTBEAT_OVERDUE;
        arm(link, GRACE_MS);
    } else {
        lose(link, "it does not answer");
    }
}

static void on_timer(uv_timer_t *timer)
{
    sio_redis_link *link = timer->data;
    if (link->stopping)
        finish(link);
    else if (link->state == SIO_CLUSTER_CONNECTING)
        lose(link, link->url.tls ? "timed out; does this port speak TLS?" : "timed out");
    else if (link->state == SIO_CLUSTER_READY)
        beat(link);
    else
        attempt(link);
}

static const sio_redis_conn_events conn_events = { on_ready, on_lost, on_gone };
static const sio_sentinel_events sentinel_events = { on_found, on_not_found, on_sentinel_gone };

static void init(sio_redis_link *link)
{
    uint64_t seed[2];
    const sio_redis_conn model = {
        .loop = link->loop,
        .url = &link->target,
        .access = &link->access,
        .must_be_master = link->url.master != NULL,
        .events = &conn_events,
        .data = link,
    };
    link->events.random(link->events.data, seed, sizeof seed);
    link->target = link->url;
    sio_sentinel_init(&link->sentinel, link->loop, &link->url, &link->access, &sentinel_events,
                      link);
    sio_redis_conns_init(&link->conns, &model);
    link->conns.hears = link->events.message != NULL;
    sio_redis_link_init_traffic(link, on_empty, seed);
    link->state = SIO_CLUSTER_DISCONNECTED;
    link->retry_ms = SIO_LIMIT_REDIS_RETRY_MIN_MS;
}

int sio_redis_link_new(sio_redis_link **out, uv_loop_t *loop, sio_redis_url *url,
                       const sio_redis_link_events *events)
{
    sio_redis_link *link = sio_mem_zalloc(sizeof *link);
    if (!link)
        return SIO_ENOMEM;
    if (uv_timer_init(loop, &link->timer)) {
        sio_mem_free(link);
        return SIO_ESYSTEM;
    }
    link->timer.data = link;
    link->loop = loop;
    link->events = *events;
    link->url = *url;
    *url = (sio_redis_url){ 0 };
    init(link);
    arm(link, 0);
    *out = link;
    return 0;
}

void sio_redis_link_use_reader(sio_redis_link *link)
{
    link->conns.reads = true;
}

void sio_redis_link_fail(sio_redis_link *link, const char *why)
{
    if (!link->stopping)
        lose(link, why);
}
