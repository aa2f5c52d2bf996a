/* Which master has what, and what is subscribed to where. */
#include "redis/cluster_inside.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* ---- the view ---- */

/* [host, port, …]; a host that is empty or nil is the one that was asked. */
static sio_cluster_node *read_node(sio_redis_cluster *cluster, const sio_cluster_node *asked,
                                   const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 ||
        reply->element[1]->type != REDIS_REPLY_INTEGER)
        return NULL;
    const redisReply *host = reply->element[0];
    long long port = reply->element[1]->integer;
    bool named =
        host->type == REDIS_REPLY_STRING && host->len > 0 && host->len < 256 && host->str[0] != '?';
    if (port < 1 || port > 65535)
        return NULL;
    return sio_cluster_node_at(cluster, named ? host->str : asked->host, (int)port);
}

/* [first, last, master, replica…]. */
static void read_range(sio_redis_cluster *cluster, const sio_cluster_node *asked,
                       const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 3 ||
        reply->element[0]->type != REDIS_REPLY_INTEGER ||
        reply->element[1]->type != REDIS_REPLY_INTEGER)
        return;
    long long first = reply->element[0]->integer, last = reply->element[1]->integer;
    sio_cluster_node *node = read_node(cluster, asked, reply->element[2]);
    for (long long slot = first; node && slot >= 0 && slot <= last && slot < SIO_REDIS_SLOTS;
         slot++) {
        cluster->owners[slot] = node;
        node->owner = true;
    }
}

/* Those that have nothing are left, but for the one that everything else goes by. */
static void remove_others(sio_redis_cluster *cluster)
{
    for (sio_cluster_node *node = cluster->nodes, *next; node; node = next) {
        next = node->next;
        if (!node->owner)
            sio_cluster_node_remove(node);
    }
}

static bool is_complete(const sio_redis_cluster *cluster)
{
    for (size_t slot = 0; slot < SIO_REDIS_SLOTS; slot++)
        if (!cluster->owners[slot])
            return false;
    return true;
}

static void forget_removed(sio_redis_cluster *cluster)
{
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++) {
        size_t at = 0;
        for (sio_cluster_subscription *one;
             (one = sio_map_next(&cluster->subscriptions[kind], &at));)
            if (one->node && !one->node->owner)
                one->node = NULL;
    }
}

static void adopt(sio_redis_cluster *cluster, const sio_cluster_node *asked,
                  const redisReply *reply)
{
    for (sio_cluster_node *node = cluster->nodes; node; node = node->next)
        node->owner = false;
    memset(cluster->owners, 0, SIO_REDIS_SLOTS * sizeof *cluster->owners);
    for (size_t i = 0; i < reply->elements; i++)
        read_range(cluster, asked, reply->element[i]);
    cluster->complete = is_complete(cluster);
    forget_removed(cluster);
    remove_others(cluster);
}

/* The node may be gone by now, but not its object, for the link has told this. */
static void on_view(void *data, int err, const redisReply *reply)
{
    const sio_cluster_node *asked = data;
    sio_redis_cluster *cluster = asked->cluster;
    cluster->asking = false;
    if (cluster->stopping)
        return;
    if (err || asked->gone || reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
        if (err == SIO_EREDIS)
            cluster->events.refused(cluster->events.data, reply->str);
        sio_cluster_ask_in(cluster, SIO_LIMIT_REDIS_VIEW_MS);
        return;
    }
    cluster->dirty = false;
    adopt(cluster, asked, reply);
    sio_cluster_assign(cluster);
    bool well = cluster->complete && !cluster->dirty && cluster->state == SIO_CLUSTER_READY;
    sio_cluster_ask_in(cluster, well ? SIO_LIMIT_REDIS_PING_MS : SIO_LIMIT_REDIS_VIEW_MS);
    sio_cluster_flush(cluster);
    sio_cluster_settle(cluster);
}

/* Each is asked in its turn: one may be cut off, and not know. */
void sio_cluster_ask(sio_redis_cluster *cluster)
{
    const sio_str words[] = { SIO_STR("CLUSTER"), SIO_STR("SLOTS") };
    sio_cluster_node **at = &cluster->nodes;
    if (cluster->asking)
        return;
    while (*at && !(*at)->ready)
        at = &(*at)->next;
    sio_cluster_node *node = *at;
    if (node) {
        const sio_redis_command command = { words, 2, on_view, node };
        *at = node->next;
        while (*at)
            at = &(*at)->next;
        *at = node;
        node->next = NULL;
        cluster->asking = sio_redis_link_ask(node->link, &command) == 0;
    }
    if (!cluster->asking)
        sio_cluster_ask_in(cluster, SIO_LIMIT_REDIS_VIEW_MS);
}

/* ---- subscriptions ---- */

static sio_str name_of(const sio_cluster_subscription *one)
{
    return (sio_str){ one->name, one->len };
}

static void set_awaited(sio_redis_cluster *cluster, sio_cluster_subscription *one, bool awaited)
{
    if (one->awaited && !awaited)
        cluster->awaited--;
    if (!one->awaited && awaited)
        cluster->awaited++;
    one->awaited = awaited;
}

static sio_cluster_node *place_of(const sio_redis_cluster *cluster,
                                  const sio_cluster_subscription *one)
{
    return one->kind == SIO_REDIS_SHARD ? cluster->owners[one->slot] : cluster->home;
}

static void settle_at(sio_redis_cluster *cluster, sio_cluster_subscription *one)
{
    sio_cluster_node *node = place_of(cluster, one);
    if (node == one->node)
        return;
    if (one->node)
        sio_redis_link_unsubscribe(one->node->link, one->kind, name_of(one));
    one->node = node;
    set_awaited(cluster, one, true);
    if (!node)
        return;
    int err = sio_redis_link_subscribe(node->link, one->kind, name_of(one));
    if (err && err != SIO_EEXISTS) { /* tried again with the next view */
        one->node = NULL;
        cluster->dirty = true;
    } else if (sio_redis_link_is_subscribed(node->link, one->kind, name_of(one))) {
        set_awaited(cluster, one, false);
    }
}

static void choose_home(sio_redis_cluster *cluster)
{
    if (cluster->home && cluster->home->ready && cluster->home->owner)
        return;
    for (sio_cluster_node *node = cluster->nodes; node; node = node->next)
        if (node->ready && node->owner) {
            cluster->home = node;
            return;
        }
}

void sio_cluster_assign(sio_redis_cluster *cluster)
{
    choose_home(cluster);
    for (int kind = 0; kind < SIO_REDIS_KINDS; kind++) {
        size_t at = 0;
        for (sio_cluster_subscription *one;
             (one = sio_map_next(&cluster->subscriptions[kind], &at));)
            settle_at(cluster, one);
    }
}

int sio_redis_cluster_subscribe(sio_redis_cluster *cluster, sio_redis_kind kind, sio_str name)
{
    if (sio_map_get(&cluster->subscriptions[kind], name))
        return SIO_EEXISTS;
    sio_cluster_subscription *one = sio_mem_zalloc(sizeof *one + name.len);
    if (!one)
        return SIO_ENOMEM;
    one->len = name.len;
    one->kind = (uint8_t)kind;
    one->slot = sio_redis_slot(name);
    memcpy(one->name, name.data, name.len);
    if (sio_map_insert(&cluster->subscriptions[kind], one)) {
        sio_mem_free(one);
        return SIO_ENOMEM;
    }
    settle_at(cluster, one);
    if (cluster->dirty)
        sio_cluster_ask_in(cluster, SIO_LIMIT_REDIS_VIEW_MS);
    return 0;
}

void sio_redis_cluster_unsubscribe(sio_redis_cluster *cluster, sio_redis_kind kind, sio_str name)
{
    sio_cluster_subscription *one = sio_map_get(&cluster->subscriptions[kind], name);
    if (!one)
        return;
    if (one->node)
        sio_redis_link_unsubscribe(one->node->link, kind, name);
    set_awaited(cluster, one, false);
    sio_map_remove(&cluster->subscriptions[kind], name);
    sio_mem_free(one);
    /* it may have been the last that was waited for; nobody is told so in the middle of a call */
    if (cluster->state != SIO_CLUSTER_READY)
        sio_cluster_ask_in(cluster, 0);
}

bool sio_redis_cluster_is_subscribed(const sio_redis_cluster *cluster, sio_redis_kind kind,
                                     sio_str name)
{
    const sio_cluster_subscription *one = sio_map_get(&cluster->subscriptions[kind], name);
    return one && one->node && sio_redis_link_is_subscribed(one->node->link, kind, name);
}

void sio_cluster_confirmed(sio_cluster_node *node, sio_redis_kind kind, sio_str name)
{
    sio_redis_cluster *cluster = node->cluster;
    sio_cluster_subscription *one = sio_map_get(&cluster->subscriptions[kind], name);
    if (!one || one->node != node || cluster->stopping)
        return;
    set_awaited(cluster, one, false);
    if (cluster->events.subscribed)
        cluster->events.subscribed(cluster->events.data, kind, name);
    sio_cluster_settle(cluster);
}

bool sio_cluster_is_redirection(const char *why)
{
    static const char *const codes[] = { "MOVED ", "ASK ", "CLUSTERDOWN ", "TRYAGAIN " };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strncmp(why, codes[i], strlen(codes[i])) == 0)
            return true;
    return false;
}

/* A slot that moves ends its subscriptions without an error. */
bool sio_cluster_refused(sio_cluster_node *node, sio_redis_kind kind, sio_str name, const char *why)
{
    sio_redis_cluster *cluster = node->cluster;
    sio_cluster_subscription *one = sio_map_get(&cluster->subscriptions[kind], name);
    if (cluster->stopping || node->gone)
        return true;
    if (kind != SIO_REDIS_SHARD || !one || one->node != node ||
        (!sio_cluster_is_redirection(why) && strcmp(why, SIO_SUBSCRIPTION_ENDED) != 0))
        return false;
    sio_redis_link_unsubscribe(node->link, kind, name);
    one->node = NULL;
    cluster->owners[one->slot] = NULL;
    cluster->dirty = true;
    /* a cluster that is down refuses all of them again */
    bool down = strncmp(why, "CLUSTERDOWN", 11) == 0;
    sio_cluster_ask_in(cluster, down ? SIO_LIMIT_REDIS_DOWN_MS : 0);
    return true;
}
