#include "redis/cluster_inside.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* ---- what is said ---- */

static void tell(sio_redis_cluster *cluster, sio_cluster_state state, const char *detail)
{
    cluster->state = state;
    if (!cluster->stopping)
        cluster->events.state(cluster->events.data, state, detail);
}

/* Without shard channels all goes by the one that is home. */
static bool needs(const sio_redis_cluster *cluster, const sio_cluster_node *node)
{
    bool sharded = cluster->subscriptions[SIO_REDIS_SHARD].count > 0;
    return node == cluster->home || (sharded && node->owner);
}

static bool all_are_ready(const sio_redis_cluster *cluster)
{
    bool sharded = cluster->subscriptions[SIO_REDIS_SHARD].count > 0;
    for (const sio_cluster_node *node = cluster->nodes; node; node = node->next)
        if (needs(cluster, node) && !node->ready)
            return false;
    return cluster->home && (cluster->complete || !sharded) && cluster->awaited == 0;
}

void sio_cluster_settle(sio_redis_cluster *cluster)
{
    char detail[64];
    unsigned masters = 0;
    if (cluster->stopping || cluster->state == SIO_CLUSTER_READY || !all_are_ready(cluster))
        return;
    for (const sio_cluster_node *node = cluster->nodes; node; node = node->next)
        masters += node->owner;
    cluster->connects++;
    snprintf(detail, sizeof detail, "linked to a Redis Cluster of %u masters", masters);
    tell(cluster, SIO_CLUSTER_READY, detail);
    if (!cluster->stopping)
        sio_cluster_flush(cluster);
}

/* ---- the end ---- */

static void free_if_gone(sio_redis_cluster *cluster)
{
    if (!cluster->stopping || !cluster->timer_closed || cluster->nodes_count > 0)
        return;
    void (*done)(void *data) = cluster->done;
    void *data = cluster->done_data;
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++) {
        size_t at = 0;
        for (void *one; (one = sio_map_next(&cluster->subscriptions[kind], &at));)
            sio_mem_free(one);
        sio_map_free(&cluster->subscriptions[kind]);
    }
    sio_mem_free(cluster->owners);
    sio_redis_url_free(&cluster->url);
    sio_mem_free(cluster);
    done(data);
}

static void on_timer_closed(uv_handle_t *handle)
{
    sio_redis_cluster *cluster = handle->data;
    cluster->timer_closed = true;
    free_if_gone(cluster);
}

void sio_redis_cluster_stop(sio_redis_cluster *cluster, void (*done)(void *data), void *data)
{
    cluster->stopping = true;
    cluster->done = done;
    cluster->done_data = data;
    cluster->state = SIO_CLUSTER_STOPPED;
    sio_cluster_drop(cluster);
    while (cluster->nodes)
        sio_cluster_node_remove(cluster->nodes);
    uv_close((uv_handle_t *)&cluster->timer, on_timer_closed);
}

/* ---- nodes ---- */

static void on_node_gone(void *data)
{
    sio_cluster_node *node = data;
    sio_redis_cluster *cluster = node->cluster;
    sio_mem_free(node);
    cluster->nodes_count--;
    free_if_gone(cluster);
}

/* It may still write what it has, but is nobody's any more. */
void sio_cluster_node_remove(sio_cluster_node *node)
{
    sio_redis_cluster *cluster = node->cluster;
    sio_cluster_stats stats = { 0 };
    sio_cluster_node **at = &cluster->nodes;
    while (*at != node)
        at = &(*at)->next;
    *at = node->next;
    if (cluster->home == node)
        cluster->home = NULL;
    node->ready = false;
    node->gone = true;
    sio_redis_link_stats(node->link, &stats);
    cluster->of_others.published += stats.published;
    cluster->of_others.published_lost += stats.published_lost;
    sio_redis_link_stop(node->link, on_node_gone, node);
}

static void on_state(void *data, sio_cluster_state state, const char *detail)
{
    sio_cluster_node *node = data;
    sio_redis_cluster *cluster = node->cluster;
    bool was_ready = node->ready;
    node->ready = state == SIO_CLUSTER_READY;
    if (cluster->stopping || node->gone)
        return;
    if (node->ready) {
        sio_cluster_ask_in(cluster, 0);
        sio_cluster_assign(cluster);
        sio_cluster_settle(cluster);
        return;
    }
    if (cluster->state != SIO_CLUSTER_READY || (was_ready && needs(cluster, node)))
        tell(cluster, state, detail);
    if (was_ready && !cluster->stopping) {
        sio_cluster_assign(cluster);
        sio_cluster_settle(cluster);
        sio_cluster_ask_in(cluster, SIO_LIMIT_REDIS_VIEW_MS);
    }
}

static void on_message(void *data, const sio_redis_message *message)
{
    const sio_cluster_node *node = data;
    const sio_redis_link_events *events = &node->cluster->events;
    if (!node->gone)
        events->message(events->data, message);
}

static void on_confirmed(void *data, sio_redis_kind kind, sio_str name)
{
    sio_cluster_confirmed(data, kind, name);
}

static bool on_unsubscribed(void *data, sio_redis_kind kind, sio_str name, const char *why)
{
    return sio_cluster_refused(data, kind, name, why);
}

static void on_refused(void *data, const char *why)
{
    const sio_cluster_node *node = data;
    node->cluster->events.refused(node->cluster->events.data, why);
}

static void on_random(void *data, void *out, size_t len)
{
    const sio_cluster_node *node = data;
    node->cluster->events.random(node->cluster->events.data, out, len);
}

/* The login and the certificates are the same for all. */
static int link_to(sio_cluster_node *node)
{
    sio_redis_url url = node->cluster->url;
    const sio_redis_link_events events = {
        .data = node,
        .state = on_state,
        .message = on_message,
        .subscribed = on_confirmed,
        .unsubscribed = on_unsubscribed,
        .refused = on_refused,
        .random = on_random,
    };
    url.storage = NULL; /* borrowed */
    url.cluster = false;
    url.sentinels_count = 0;
    url.host = node->host;
    url.port = node->port;
    return sio_redis_link_new(&node->link, node->cluster->loop, &url, &events);
}

static sio_cluster_node *node_new(sio_redis_cluster *cluster, const char *host, int port)
{
    size_t len = strlen(host) + 1;
    sio_cluster_node *node = sio_mem_zalloc(sizeof *node + len);
    if (!node)
        return NULL;
    node->cluster = cluster;
    node->port = port;
    memcpy(node->host, host, len);
    if (link_to(node)) {
        sio_mem_free(node);
        return NULL;
    }
    node->next = cluster->nodes;
    cluster->nodes = node;
    cluster->nodes_count++;
    return node;
}

sio_cluster_node *sio_cluster_node_at(sio_redis_cluster *cluster, const char *host, int port)
{
    for (sio_cluster_node *node = cluster->nodes; node; node = node->next)
        if (node->port == port && strcmp(node->host, host) == 0)
            return node;
    return cluster->nodes_count < SIO_LIMIT_REDIS_MASTERS ? node_new(cluster, host, port) : NULL;
}

/* ---- asking again and again ---- */

static bool any_is_ready(const sio_redis_cluster *cluster)
{
    for (const sio_cluster_node *node = cluster->nodes; node; node = node->next)
        if (node->ready)
            return true;
    return false;
}

/* Where nobody answers, those of the URL are tried too. */
static void on_timer(uv_timer_t *timer)
{
    sio_redis_cluster *cluster = timer->data;
    const sio_redis_url *url = &cluster->url;
    bool linked = any_is_ready(cluster);
    for (unsigned i = 0; !linked && i < url->sentinels_count; i++)
        (void)sio_cluster_node_at(cluster, url->sentinels[i].host, url->sentinels[i].port);
    if (linked)
        sio_cluster_ask(cluster);
    else
        sio_cluster_ask_in(cluster, SIO_LIMIT_REDIS_CONNECT_MS);
}

void sio_cluster_ask_in(sio_redis_cluster *cluster, uint64_t ms)
{
    uint64_t due = uv_timer_get_due_in(&cluster->timer);
    if (!cluster->stopping && (!uv_is_active((uv_handle_t *)&cluster->timer) || ms < due))
        uv_timer_start(&cluster->timer, on_timer, ms, 0);
}

static sio_str subscription_name(const void *object)
{
    const sio_cluster_subscription *self = object;
    return (sio_str){ self->name, self->len };
}

int sio_redis_cluster_new(sio_redis_cluster **out, uv_loop_t *loop, sio_redis_url *url,
                          const sio_redis_link_events *events)
{
    uint64_t seed[2];
    sio_redis_cluster *cluster = sio_mem_zalloc(sizeof *cluster);
    if (cluster)
        cluster->owners = sio_mem_zalloc(SIO_REDIS_SLOTS * sizeof *cluster->owners);
    if (!cluster || !cluster->owners) {
        sio_mem_free(cluster);
        return SIO_ENOMEM;
    }
    (void)uv_timer_init(loop, &cluster->timer); /* which cannot fail */
    events->random(events->data, seed, sizeof seed);
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++)
        sio_map_init(&cluster->subscriptions[kind], subscription_name, seed);
    cluster->timer.data = cluster;
    cluster->loop = loop;
    cluster->events = *events;
    cluster->url = *url;
    cluster->state = SIO_CLUSTER_CONNECTING;
    *url = (sio_redis_url){ 0 };
    sio_cluster_ask_in(cluster, 0);
    *out = cluster;
    return 0;
}

void sio_redis_cluster_stats(const sio_redis_cluster *cluster, sio_cluster_stats *out)
{
    *out = cluster->of_others;
    out->queued_bytes = cluster->queued_bytes;
    for (const sio_cluster_node *node = cluster->nodes; node; node = node->next) {
        sio_cluster_stats one = { 0 };
        sio_redis_link_stats(node->link, &one);
        out->published += one.published;
        out->published_lost += one.published_lost;
        out->queued_bytes += one.queued_bytes;
    }
    out->published -= cluster->redirected;
    out->published_lost += cluster->lost - cluster->redirected;
    out->connects = cluster->connects;
}
