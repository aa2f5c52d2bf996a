/* Which channels the sharded adapter subscribes to. */
#include "cluster/sharded.h"

#include <sio/err.h>

#include "cluster/candidate.h"
#include "cluster/scratch.h"

static int listen_to(sio_sharded *sharded, sio_str channel)
{
    int err = sharded->link.subscribe(sharded->link.data, channel);
    if (!err)
        sharded->channels++;
    return err == SIO_EEXISTS ? 0 : err;
}

/* Whether a room, or a namespace, other than of that one has use for the channel. */
static bool is_shared(const sio_sharded *sharded, sio_str channel, const sio_shard *but)
{
    const size_t start = sio_candidate_start(sharded->key);
    size_t at = start;
    sio_str room;
    for (const sio_shard *shard;
         (shard = sio_candidate_next(&sharded->shards, sharded->longest, channel, start, &at));)
        if (shard != but &&
            sio_cluster_channel_room(channel, sio_str_from(sharded->key), shard->name, &room) &&
            (!room.data || (sio_sharded_separates(sharded, room) &&
                            sharded->host.has_room(sharded->host.data, shard->name, room))))
            return true;
    return false;
}

static void stop_listening_to(sio_sharded *sharded, sio_str channel, const sio_shard *shard)
{
    if (is_shared(sharded, channel, shard))
        return;
    sharded->link.unsubscribe(sharded->link.data, channel);
    if (sharded->channels > 0)
        sharded->channels--;
}

/* In the scratch buffer; data NULL: memory is out. */
static sio_str channel_of(sio_sharded *sharded, const sio_shard *shard, sio_str room)
{
    sio_buf_clear(&sharded->channel);
    sio_cluster_channel(&sharded->channel, sio_str_from(sharded->key), shard->name, room);
    return sharded->channel.err ? (sio_str){ NULL, 0 } : sio_buf_str(&sharded->channel);
}

static void join(sio_sharded *sharded, const sio_shard *shard, sio_str room)
{
    sio_str channel = channel_of(sharded, shard, room);
    int err = channel.data ? listen_to(sharded, channel) : SIO_ENOMEM;
    sio_scratch_tidy(&sharded->channel);
    if (!err)
        return;
    sharded->missing = true;
    sio_warn(
        &sharded->warnings, SIO_WARNING_CHANNELS, sharded->now,
        "cannot subscribe to the channel of a room (%s): what other nodes send to it is missed "
        "until that works",
        sio_err_message(err));
}

/* One that stays for want of memory brings what is dropped. */
static void leave(sio_sharded *sharded, const sio_shard *shard, sio_str room)
{
    sio_str channel = channel_of(sharded, shard, room);
    if (channel.data && !sio_str_equal(channel, shard->own))
        stop_listening_to(sharded, channel, shard);
    sio_scratch_tidy(&sharded->channel);
}

void sio_sharded_room(sio_sharded *sharded, sio_str nsp, sio_str room, bool present, uint64_t now)
{
    const sio_shard *shard = sio_map_get(&sharded->shards, nsp);
    sharded->now = now;
    if (!shard || sharded->stopped || !sio_sharded_separates(sharded, room))
        return;
    if (present)
        join(sharded, shard, room);
    else
        leave(sharded, shard, room);
}

/* ---- all rooms of a namespace ---- */

typedef struct walk {
    sio_sharded *sharded;
    const sio_shard *shard;
    void (*each)(sio_sharded *sharded, const sio_shard *shard, sio_str room);
} walk;

static void on_room(void *data, sio_str room)
{
    const walk *self = data;
    if (sio_sharded_separates(self->sharded, room))
        self->each(self->sharded, self->shard, room);
}

static void walk_rooms(sio_sharded *sharded, const sio_shard *shard,
                       void (*each)(sio_sharded *, const sio_shard *, sio_str))
{
    walk self = { sharded, shard, each };
    if (sharded->mode != SIO_SHARDED_STATIC)
        sharded->host.rooms(sharded->host.data, shard->name, on_room, &self);
}

int sio_sharded_listen(sio_sharded *sharded, const sio_shard *shard)
{
    int err = listen_to(sharded, shard->channel);
    if (!err)
        err = listen_to(sharded, shard->own);
    if (!err)
        walk_rooms(sharded, shard, join);
    return err;
}

void sio_sharded_unlisten(sio_sharded *sharded, const sio_shard *shard)
{
    walk_rooms(sharded, shard, leave);
    stop_listening_to(sharded, shard->own, shard);
    stop_listening_to(sharded, shard->channel, shard);
}

void sio_sharded_listen_again(sio_sharded *sharded)
{
    size_t at = 0;
    sharded->missing = false;
    sharded->retried = sharded->now;
    for (const sio_shard *shard; (shard = sio_map_next(&sharded->shards, &at));)
        walk_rooms(sharded, shard, join);
}
