/* What is published to a cluster, and what it is asked. */
#include "redis/cluster_inside.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* A slot that comes back as often as this is nobody's. */
#define REDIRECTIONS 16

static size_t cost(const sio_shipment *one)
{
    return sizeof *one + one->channel_len + one->payload_len;
}

static void keep(sio_redis_cluster *cluster, sio_shipment *one)
{
    one->next = NULL;
    if (cluster->tail)
        cluster->tail->next = one;
    else
        cluster->head = one;
    cluster->tail = one;
    cluster->queued_bytes += cost(one);
    if (one->shard)
        cluster->slot_waits[one->slot] = true;
    else
        cluster->home_waits = true;
}

/* Takes all out. */
static sio_shipment *take_all(sio_redis_cluster *cluster)
{
    sio_shipment *head = cluster->head;
    cluster->head = cluster->tail = NULL;
    cluster->queued_bytes = 0;
    cluster->home_waits = false;
    if (head)
        memset(cluster->slot_waits, 0, sizeof cluster->slot_waits);
    return head;
}

static sio_cluster_node *place_of(const sio_redis_cluster *cluster, bool shard, uint16_t slot)
{
    sio_cluster_node *node = shard ? cluster->owners[slot] : cluster->home;
    return node && node->ready ? node : NULL;
}

static void lose(sio_redis_cluster *cluster, sio_shipment *one)
{
    cluster->lost++;
    sio_mem_free(one);
}

/* The view is out of date, and nothing has been done: it is sent once more with the next. */
static void redirect(sio_redis_cluster *cluster, sio_shipment *one)
{
    cluster->redirected++;
    if (cluster->stopping || one->redirections == REDIRECTIONS ||
        cluster->queued_bytes + cost(one) > SIO_LIMIT_REDIS_QUEUE) {
        lose(cluster, one);
        return;
    }
    one->redirections++;
    keep(cluster, one);
    cluster->dirty = true;
    sio_cluster_ask_in(cluster, one->redirections > 1 ? SIO_LIMIT_REDIS_VIEW_MS : 0);
}

static void on_sent(void *data, int err, const redisReply *reply)
{
    sio_shipment *one = data;
    sio_redis_cluster *cluster = one->cluster;
    if (err == SIO_EREDIS && sio_cluster_is_redirection(reply->str)) {
        redirect(cluster, one);
        return;
    }
    sio_mem_free(one); /* the link has counted it */
    if (err == SIO_EREDIS && !cluster->stopping)
        cluster->events.refused(cluster->events.data, reply->str);
}

static int send_to(sio_cluster_node *node, sio_shipment *one)
{
    const sio_str words[] = { one->shard ? SIO_STR("SPUBLISH") : SIO_STR("PUBLISH"),
                              { one->bytes, one->channel_len },
                              { one->bytes + one->channel_len, one->payload_len } };
    const sio_redis_command command = { words, 3, on_sent, one };
    return sio_redis_link_send(node->link, &command);
}

/* Those of one slot stay in order: what has no place holds up what is behind it in its slot. */
void sio_cluster_flush(sio_redis_cluster *cluster)
{
    for (sio_shipment *one = take_all(cluster), *next; one; one = next) {
        next = one->next;
        sio_cluster_node *node = place_of(cluster, one->shard, one->slot);
        if (!node)
            keep(cluster, one);
        else if (send_to(node, one))
            sio_mem_free(one); /* the link has counted it */
    }
}

void sio_cluster_drop(sio_redis_cluster *cluster)
{
    sio_cluster_flush(cluster);
    for (sio_shipment *one = take_all(cluster), *next; one; one = next) {
        next = one->next;
        lose(cluster, one);
    }
}

int sio_redis_cluster_publish(sio_redis_cluster *cluster, bool shard, sio_str channel,
                              sio_str payload)
{
    const size_t bytes = sizeof(sio_shipment) + channel.len + payload.len;
    if (cluster->stopping)
        return SIO_ECLOSED;
    bool full = bytes > SIO_LIMIT_REDIS_QUEUE - cluster->queued_bytes;
    sio_shipment *one = full ? NULL : sio_mem_alloc(bytes);
    if (!one) {
        cluster->lost++;
        return full ? SIO_ELIMIT : SIO_ENOMEM;
    }
    *one = (sio_shipment){ .cluster = cluster,
                           .shard = shard,
                           .slot = sio_redis_slot(channel),
                           .channel_len = channel.len,
                           .payload_len = payload.len };
    memcpy(one->bytes, channel.data, channel.len);
    memcpy(one->bytes + channel.len, payload.data, payload.len);
    sio_cluster_node *node = place_of(cluster, shard, one->slot);
    if (!node || (shard ? cluster->slot_waits[one->slot] : cluster->home_waits)) {
        keep(cluster, one);
        return 0;
    }
    int err = send_to(node, one);
    if (err)
        sio_mem_free(one);
    return err;
}

/* ---- counting ---- */

typedef struct gathering {
    sio_redis_cluster_counted counted;
    void *data;
    unsigned left;
    int err;
    uint64_t count;
    char why[128];
} gathering;

static void on_count(void *data, int err, const redisReply *reply)
{
    gathering *self = data;
    uint64_t count = 0;
    const char *why = "";
    err = sio_redis_count_of(err, reply, &count, &why);
    self->count += count;
    if (err && !self->err) {
        self->err = err;
        snprintf(self->why, sizeof self->why, "%s", why);
    }
    if (--self->left > 0)
        return;
    self->counted(self->data, self->err, self->count, self->why);
    sio_mem_free(self);
}

static int ask_node(sio_cluster_node *node, gathering *self, bool shard, sio_str channel)
{
    const sio_str words[] = { SIO_STR("PUBSUB"), shard ? SIO_STR("SHARDNUMSUB") : SIO_STR("NUMSUB"),
                              channel };
    int err = sio_redis_link_ask(node->link, &(sio_redis_command){ words, 3, on_count, self });
    if (!err)
        self->left++;
    else
        self->err = err;
    return err;
}

int sio_redis_cluster_count(sio_redis_cluster *cluster, bool shard, sio_str channel,
                            sio_redis_cluster_counted counted, void *data)
{
    sio_cluster_node *owner = cluster->owners[sio_redis_slot(channel)];
    gathering *self = sio_mem_zalloc(sizeof *self);
    int err = SIO_ECLOSED;
    if (!self)
        return SIO_ENOMEM;
    self->counted = counted;
    self->data = data;
    if (shard && owner)
        err = ask_node(owner, self, shard, channel);
    for (sio_cluster_node *node = shard ? NULL : cluster->nodes; node; node = node->next)
        if (node->owner && node->ready)
            err = ask_node(node, self, shard, channel);
    if (self->left > 0)
        return 0;
    sio_mem_free(self);
    return err;
}
