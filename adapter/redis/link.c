#include "redis/link.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "redis/outgoing.h"
#include "redis/sentinel.h"
#include "redis/subscriptions.h"

/* A loop that was busy for long finds its timers due before it has read what came meanwhile: an
 * overdue answer gets this many milliseconds more. */
#define GRACE_MS 100

/* What the timer waits for while the link is ready. */
typedef enum heartbeat { HEARTBEAT_REST, HEARTBEAT_ASKED, HEARTBEAT_OVERDUE } heartbeat;

struct sio_redis_link {
    uv_loop_t *loop;
    sio_redis_url url;
    sio_redis_url target; /* where Redis is, by the url or its sentinels; borrows from both */
    char master_host[256];
    sio_redis_access access;
    sio_sentinel sentinel;
    sio_redis_link_events events;
    uv_timer_t timer;        /* the one deadline of the state */
    sio_cluster_state state; /* DISCONNECTED: the timer runs until the next attempt */
    heartbeat heartbeat;
    uint32_t retry_ms;
    uint64_t connects;
    sio_redis_conn publisher;
    sio_redis_conn subscriber;
    sio_redis_conn reader; /* never opened unless it has one */
    bool has_reader;
    sio_outgoing outgoing;
    sio_subscriptions subscriptions;
    bool stopping;
    bool timer_closed;
    void (*done)(void *data);
    void *done_data;
};

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
    if (!link->timer_closed || link->publisher.handles || link->subscriber.handles ||
        link->reader.handles || !sio_sentinel_is_gone(&link->sentinel))
        return;
    void (*done)(void *data) = link->done;
    void *data = link->done_data;
    sio_outgoing_free(&link->outgoing);
    sio_subscriptions_free(&link->subscriptions);
    sio_redis_conn_free(&link->publisher);
    sio_redis_conn_free(&link->subscriber);
    sio_redis_conn_free(&link->reader);
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
    sio_redis_conn_close(&link->publisher);
    sio_redis_conn_close(&link->subscriber);
    sio_redis_conn_close(&link->reader);
    sio_sentinel_stop(&link->sentinel);
    uv_close((uv_handle_t *)&link->timer, on_timer_closed);
}

void sio_redis_link_stop(sio_redis_link *link, void (*done)(void *data), void *data)
{
    link->stopping = true;
    link->done = done;
    link->done_data = data;
    sio_redis_conn_close(&link->subscriber);
    sio_redis_conn_close(&link->reader);
    sio_outgoing_disown(&link->outgoing);
    if (link->state == SIO_CLUSTER_DISCONNECTED || sio_outgoing_is_empty(&link->outgoing)) {
        finish(link);
        return;
    }
    arm(link, SIO_LIMIT_CLOSE_MS);
    if (link->publisher.ready)
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
    sio_redis_conn_close(&link->publisher);
    sio_redis_conn_close(&link->subscriber);
    sio_redis_conn_close(&link->reader);
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
    link->publisher.password = link->access.password;
    link->subscriber.password = link->access.password;
    link->reader.password = link->access.password;
    return err;
}

/* Or only speaks, over one connection. */
static bool hears(const sio_redis_link *link)
{
    return link->events.message != NULL;
}

static void open_connections(sio_redis_link *link)
{
    if (!link->stopping)
        arm(link, SIO_LIMIT_REDIS_CONNECT_MS);
    sio_redis_conn_open(&link->publisher);
    if (link->state == SIO_CLUSTER_CONNECTING && !link->stopping && hears(link))
        sio_redis_conn_open(&link->subscriber);
    if (link->state == SIO_CLUSTER_CONNECTING && !link->stopping && link->has_reader)
        sio_redis_conn_open(&link->reader);
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

static void become_ready(sio_redis_link *link)
{
    if (link->state != SIO_CLUSTER_CONNECTING || !link->publisher.ready ||
        (hears(link) && (!link->subscriber.ready || !link->subscriptions.complete)) ||
        (link->has_reader && !link->reader.ready))
        return;
    link->state = SIO_CLUSTER_READY;
    link->connects++;
    link->retry_ms = SIO_LIMIT_REDIS_RETRY_MIN_MS;
    link->heartbeat = HEARTBEAT_REST;
    arm(link, SIO_LIMIT_REDIS_PING_MS);
    sio_outgoing_open(&link->outgoing);
    tell(link, "linked to Redis at", "");
}

static void on_ready(sio_redis_conn *conn)
{
    sio_redis_link *link = conn->data;
    if (conn == &link->subscriber)
        sio_subscriptions_send(&link->subscriptions);
    else if (link->stopping)
        sio_outgoing_open(&link->outgoing);
    else
        become_ready(link);
}

static void on_complete(sio_subscriptions *subscriptions)
{
    become_ready(subscriptions->conn->data);
}

static void on_confirmed(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name)
{
    sio_redis_link *link = subscriptions->conn->data;
    if (link->events.subscribed)
        link->events.subscribed(link->events.data, kind, name);
}

/* A node that hears only a part of what it should is worse than one that says what it lacks. */
static void on_subscription_refused(sio_subscriptions *subscriptions, sio_redis_kind kind,
                                    sio_str name, const char *why)
{
    char text[256];
    sio_redis_link *link = subscriptions->conn->data;
    if (link->events.unsubscribed && link->events.unsubscribed(link->events.data, kind, name, why))
        return;
    snprintf(text, sizeof text, "no subscription to %.*s: %s", (int)(name.len < 64 ? name.len : 64),
             name.data, why);
    sio_redis_conn_lose(subscriptions->conn, text);
}

/* ---- keeping it ---- */

static void beat(sio_redis_link *link)
{
    bool alive = link->publisher.alive && (link->subscriber.alive || !hears(link)) &&
                 (!link->has_reader || link->reader.alive);
    if (link->heartbeat == HEARTBEAT_REST) {
        link->heartbeat = HEARTBEAT_ASKED;
        sio_redis_conn_ping(&link->publisher);
        if (hears(link))
            sio_redis_conn_ping(&link->subscriber);
        if (link->has_reader)
            sio_redis_conn_ping(&link->reader);
        if (link->url.master)
            sio_sentinel_ask(&link->sentinel);
        arm(link, SIO_LIMIT_REDIS_CONNECT_MS);
    } else if (alive) {
        link->heartbeat = HEARTBEAT_REST;
        arm(link, SIO_LIMIT_REDIS_PING_MS - SIO_LIMIT_REDIS_CONNECT_MS);
    } else if (link->heartbeat == HEARTBEAT_ASKED) {
        link->heartbeat = HEARTBEAT_OVERDUE;
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

static void on_message(sio_subscriptions *subscriptions, const sio_redis_message *message)
{
    sio_redis_link *link = subscriptions->conn->data;
    link->events.message(link->events.data, message);
}

static void on_refused(sio_outgoing *outgoing, const char *why)
{
    sio_redis_link *link = outgoing->conn->data;
    if (!link->stopping)
        link->events.refused(link->events.data, why);
}

static const sio_redis_conn_events conn_events = { on_ready, on_lost, on_gone };
static const sio_sentinel_events sentinel_events = { on_found, on_not_found, on_sentinel_gone };
static const sio_subscriptions_events subscriptions_events = { on_complete, on_confirmed,
                                                               on_subscription_refused,
                                                               on_message };

static void conn_init(sio_redis_conn *conn, sio_redis_link *link, void *user)
{
    conn->loop = link->loop;
    conn->url = &link->target;
    conn->access = &link->access;
    conn->must_be_master = link->url.master != NULL;
    conn->events = &conn_events;
    conn->data = link;
    conn->user = user;
}

static void init(sio_redis_link *link)
{
    uint64_t seed[2];
    link->events.random(link->events.data, seed, sizeof seed);
    link->target = link->url;
    sio_sentinel_init(&link->sentinel, link->loop, &link->url, &link->access, &sentinel_events,
                      link);
    conn_init(&link->publisher, link, &link->outgoing);
    conn_init(&link->subscriber, link, &link->subscriptions);
    conn_init(&link->reader, link, NULL);
    link->outgoing.conn = &link->publisher;
    link->outgoing.refused = on_refused;
    link->outgoing.empty = on_empty;
    link->subscriber.user_ops = &sio_subscriptions_user;
    sio_subscriptions_init(&link->subscriptions, &link->subscriber, &subscriptions_events, seed);
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

int sio_redis_link_subscribe(sio_redis_link *link, sio_redis_kind kind, sio_str name)
{
    return sio_subscriptions_add(&link->subscriptions, kind, name);
}

void sio_redis_link_unsubscribe(sio_redis_link *link, sio_redis_kind kind, sio_str name)
{
    sio_subscriptions_remove(&link->subscriptions, kind, name);
}

bool sio_redis_link_is_subscribed(const sio_redis_link *link, sio_redis_kind kind, sio_str name)
{
    return sio_subscriptions_confirmed(&link->subscriptions, kind, name);
}

int sio_redis_link_send(sio_redis_link *link, const sio_redis_command *command)
{
    return link->stopping ? SIO_ECLOSED : sio_outgoing_send(&link->outgoing, command);
}

int sio_redis_link_publish(sio_redis_link *link, sio_str channel, sio_str payload)
{
    const sio_str words[] = { SIO_STR("PUBLISH"), channel, payload };
    return sio_redis_link_send(link, &(sio_redis_command){ .words = words, .count = 3 });
}

int sio_redis_link_ask(sio_redis_link *link, const sio_redis_command *command)
{
    if (link->stopping || link->state != SIO_CLUSTER_READY)
        return SIO_ECLOSED;
    return sio_redis_conn_ask(&link->publisher, command);
}

int sio_redis_link_read(sio_redis_link *link, const sio_redis_command *command)
{
    if (link->stopping || link->state != SIO_CLUSTER_READY)
        return SIO_ECLOSED;
    return sio_redis_conn_ask(&link->reader, command);
}

void sio_redis_link_use_reader(sio_redis_link *link)
{
    link->has_reader = true;
}

void sio_redis_link_fail(sio_redis_link *link, const char *why)
{
    if (!link->stopping)
        lose(link, why);
}

void sio_redis_link_stats(const sio_redis_link *link, sio_cluster_stats *out)
{
    out->published = link->outgoing.published;
    out->published_lost = link->outgoing.lost;
    out->connects = link->connects;
    out->queued_bytes = sio_outgoing_bytes(&link->outgoing);
}
