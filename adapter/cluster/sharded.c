#include "cluster/sharded.h"

#include <sio/err.h>
#include <sio/sys/entry.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "cluster/has_room.h"
#include "cluster/scratch.h"

/* Milliseconds between two attempts to subscribe to what is missing. */
#define RETRY_MS 1000

static sio_str shard_name(const void *object)
{
    return ((const sio_shard *)object)->name;
}

static size_t inquiry_name(const sio_adapter_host *host, char out[SIO_INQUIRY_ID_SIZE])
{
    sio_shard_random(host, out);
    return SIO_MEMBER_UID_SIZE;
}

int sio_sharded_init(sio_sharded *sharded, const sio_adapter_host *host,
                     const sio_sharded_link *link, const sio_redis_options *options)
{
    uint64_t seed[2];
    const char *key = options->key ? options->key : SIO_CLUSTER_KEY;
    *sharded = (sio_sharded){
        .host = *host,
        .link = *link,
        .mode = options->mode,
        .request_timeout_ms = options->request_timeout_ms ? options->request_timeout_ms
                                                          : SIO_CLUSTER_REQUEST_TIMEOUT_MS,
    };
    sharded->key = sio_mem_strndup(key, strlen(key));
    if (!sharded->key)
        return SIO_ENOMEM;
    sharded->warnings.host = &sharded->host;
    host->random(host->data, seed, sizeof seed);
    sio_map_init(&sharded->shards, shard_name, seed);
    sio_inquiries_init(&sharded->inquiries, &sharded->host, inquiry_name, seed);
    return 0;
}

void sio_sharded_stop(sio_sharded *sharded)
{
    sharded->stopped = true;
    sio_inquiries_drop(&sharded->inquiries);
    sio_duties_drop(&sharded->duties);
}

void sio_sharded_free(sio_sharded *sharded)
{
    size_t at = 0;
    sio_sharded_stop(sharded);
    for (void *shard; (shard = sio_map_next(&sharded->shards, &at));)
        sio_mem_free(shard);
    sio_map_free(&sharded->shards);
    sio_inquiries_free(&sharded->inquiries);
    sio_arena_free(&sharded->arena);
    sio_buf_free(&sharded->channel);
    sio_buf_free(&sharded->payload);
    sio_mem_free(sharded->key);
}

/* ---- namespaces ---- */

int sio_sharded_open(sio_sharded *sharded, sio_str nsp)
{
    if (sio_map_get(&sharded->shards, nsp))
        return SIO_EEXISTS;
    sio_shard *shard = sio_shard_new(&sharded->host, sio_str_from(sharded->key), nsp);
    int err = shard ? sio_map_insert(&sharded->shards, shard) : SIO_ENOMEM;
    if (err) {
        sio_mem_free(shard);
        return err;
    }
    if (nsp.len > sharded->longest)
        sharded->longest = nsp.len;
    err = sio_sharded_listen(sharded, shard);
    if (err) {
        sio_sharded_unlisten(sharded, shard);
        sio_map_remove(&sharded->shards, nsp);
        sio_mem_free(shard);
    }
    return err;
}

void sio_sharded_close(sio_sharded *sharded, sio_str nsp)
{
    sio_shard *shard = sio_map_get(&sharded->shards, nsp);
    if (!shard || sharded->stopped)
        return;
    sio_map_remove(&sharded->shards, nsp);
    sio_sharded_unlisten(sharded, shard);
    sio_sharded_fail(sharded, shard, SIO_ECLOSED);
    sio_mem_free(shard);
}

/* ---- out ---- */

int sio_sharded_publish(sio_sharded *sharded, sio_str channel, const sio_member_message *message)
{
    sio_buf *payload = &sharded->payload;
    if (sharded->link.append && sio_entry_is_kept(message))
        return sharded->link.append(sharded->link.data, message);
    if (sharded->link.append)
        sio_member_pack(payload, message);
    else
        sio_member_write(payload, message);
    int err = payload->err;
    if (!err && payload->len > SIO_LIMIT_PUBLISH)
        err = SIO_ELIMIT;
    if (err)
        sharded->stats.published_lost++;
    else
        err = sharded->link.publish(sharded->link.data, channel, sio_buf_str(payload));
    sio_scratch_tidy(payload);
    return err;
}

int sio_sharded_broadcast(sio_sharded *sharded, const sio_cluster_message *message)
{
    const sio_shard *shard = sio_map_get(&sharded->shards, message->nsp);
    if (!shard)
        return SIO_ENOTFOUND;
    const sio_member_message out = {
        .type = SIO_MEMBER_BROADCAST,
        .uid = sio_shard_uid(shard),
        .nsp = shard->name,
        .asked = { .op = SIO_CLUSTER_BROADCAST_ACK,
                   .rooms = message->rooms,
                   .rooms_count = message->rooms_count,
                   .except = message->except,
                   .except_count = message->except_count,
                   .flags = message->flags,
                   .data = message->data },
    };
    if (message->rooms_count != 1 || !sio_sharded_separates(sharded, message->rooms[0]))
        return sio_sharded_publish(sharded, shard->channel, &out);
    sio_buf *channel = &sharded->channel;
    sio_cluster_channel(channel, sio_str_from(sharded->key), shard->name, message->rooms[0]);
    int err = channel->err;
    if (err)
        sharded->stats.published_lost++;
    else
        err = sio_sharded_publish(sharded, sio_buf_str(channel), &out);
    sio_scratch_tidy(channel);
    return err;
}

sio_str sio_sharded_own(const sio_sharded *sharded)
{
    const sio_shard *shard = sio_map_get(&sharded->shards, SIO_STR("/"));
    return shard ? shard->own : (sio_str){ NULL, 0 };
}

/* ---- in ---- */

void sio_sharded_ready(sio_sharded *sharded, bool ready, uint64_t now)
{
    sharded->now = now;
    sharded->ready = ready;
    if (!ready)
        sio_sharded_fail(sharded, NULL, SIO_ECLOSED);
}

void sio_sharded_deliver(sio_sharded *sharded, const sio_member_message *message, sio_str offset)
{
    const sio_cluster_request *asked = &message->asked;
    const sio_cluster_message broadcast = {
        .uid = message->uid,
        .nsp = message->nsp,
        .rooms = asked->rooms,
        .rooms_count = asked->rooms_count,
        .except = asked->except,
        .except_count = asked->except_count,
        .flags = asked->flags,
        .data = asked->data,
        .offset = offset,
    };
    sharded->stats.delivered++;
    sharded->host.deliver(sharded->host.data, &broadcast);
}

static void order(sio_sharded *sharded, const sio_member_message *message)
{
    sharded->stats.requests++;
    sharded->host.serve(sharded->host.data, &message->asked, NULL);
}

static int carry_out(sio_sharded *sharded, const sio_shard *shard,
                     const sio_member_message *message)
{
    const sio_cluster_request *asked = &message->asked;
    switch (message->type) {
    case SIO_MEMBER_BROADCAST:
        if (message->id.data)
            return sio_sharded_serve(sharded, shard, message);
        if (sio_host_has_any(&sharded->host, message->nsp, asked->rooms, asked->rooms_count))
            sio_sharded_deliver(sharded, message, sharded->offset);
        else
            sharded->stats.elsewhere++;
        return 0;
    case SIO_MEMBER_FETCH:
        return sio_sharded_serve(sharded, shard, message);
    case SIO_MEMBER_SERVER_SIDE_EMIT:
        if (message->id.data)
            return sio_sharded_serve(sharded, shard, message);
        order(sharded, message);
        return 0;
    case SIO_MEMBER_JOIN:
    case SIO_MEMBER_LEAVE:
    case SIO_MEMBER_DISCONNECT:
        order(sharded, message);
        return 0;
    case SIO_MEMBER_INITIAL_HEARTBEAT:
    case SIO_MEMBER_HEARTBEAT:
    case SIO_MEMBER_CLOSE:
        sharded->stats.elsewhere++;
        return 0;
    default:
        return sio_sharded_answered(sharded, shard, message);
    }
}

/* Whether it has come on a channel of that namespace. */
static bool is_of(sio_str channel, const sio_shard *shard)
{
    return channel.len >= shard->channel.len &&
           memcmp(channel.data, shard->channel.data, shard->channel.len) == 0;
}

int sio_sharded_take(sio_sharded *sharded, const sio_member_message *message)
{
    const sio_shard *shard = sio_map_get(&sharded->shards, message->nsp);
    if (!shard)
        sharded->stats.elsewhere++;
    else if (sio_str_equal(message->uid, sio_shard_uid(shard)))
        sharded->stats.own++;
    else
        return carry_out(sharded, shard, message);
    return 0;
}

static int read_and_take(sio_sharded *sharded, sio_str channel, sio_str payload)
{
    sio_member_message message;
    int err = sio_member_read(&message, &sharded->arena, payload);
    if (err)
        return err;
    const sio_shard *shard = sio_map_get(&sharded->shards, message.nsp);
    if (!shard || is_of(channel, shard))
        return sio_sharded_take(sharded, &message);
    sharded->stats.elsewhere++;
    return 0;
}

void sio_sharded_receive(sio_sharded *sharded, sio_str channel, sio_str payload, uint64_t now)
{
    sharded->now = now;
    sharded->stats.received++;
    int err = read_and_take(sharded, channel, payload);
    sio_arena_reset(&sharded->arena);
    if (err) {
        sharded->stats.malformed++;
        sio_warn_dropped(&sharded->warnings, now, err, channel);
    }
    if (sharded->missing && !sharded->stopped && now - sharded->retried >= RETRY_MS)
        sio_sharded_listen_again(sharded);
}
