/* The channels of namespaces and rooms, where the classic adapter subscribes to them. */
#include "cluster/inside.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

/* In the scratch buffer, which whoever calls leaves empty. SIO_ENOMEM. */
static int write_channel(sio_classic *classic, const sio_space *space, sio_str room)
{
    sio_buf_clear(&classic->channel);
    sio_cluster_channel(&classic->channel, sio_classic_key(classic), space->name, room);
    return classic->channel.err;
}

int sio_channel_add(sio_classic *classic, const sio_space *space, sio_str room)
{
    if (classic->channels >= SIO_LIMIT_CHANNELS)
        return SIO_ELIMIT;
    int err = write_channel(classic, space, room);
    if (!err)
        err = classic->link.subscribe(classic->link.data, false, sio_buf_str(&classic->channel));
    sio_scratch_tidy(&classic->channel);
    if (!err) {
        classic->channels++;
        classic->barrier.fresh = true;
    }
    return err == SIO_EEXISTS ? 0 : err;
}

/* Whether a namespace other than that one has use for the channel. */
static bool is_shared(const sio_classic *classic, sio_str channel, const sio_space *but)
{
    size_t at = classic->key ? strlen(classic->key) + 1 : 0;
    sio_str room;
    for (const sio_space *space; (space = sio_classic_candidate(classic, channel, &at));)
        if (space != but && space->listed &&
            sio_cluster_channel_room(channel, sio_classic_key(classic), space->name, &room) &&
            (!room.data || classic->host.has_room(classic->host.data, space->name, room)))
            return true;
    return false;
}

static void unsubscribe(sio_classic *classic, sio_str channel)
{
    classic->link.unsubscribe(classic->link.data, false, channel);
    if (classic->channels > 0)
        classic->channels--;
}

/* For want of memory it stays: what comes by it is dropped. */
void sio_channel_remove(sio_classic *classic, const sio_space *space, sio_str room)
{
    const int err = write_channel(classic, space, room);
    const sio_str channel = sio_buf_str(&classic->channel);
    if (!err && !is_shared(classic, channel, space))
        unsubscribe(classic, channel);
    sio_scratch_tidy(&classic->channel);
}

struct walk {
    sio_classic *classic;
    sio_space *space;
    int err;
};

static void list_room(void *data, sio_str room)
{
    struct walk *walk = data;
    if (!walk->err)
        walk->err = sio_channel_add(walk->classic, walk->space, room);
}

static void unlist_room(void *data, sio_str room)
{
    const struct walk *walk = data;
    sio_channel_remove(walk->classic, walk->space, room);
}

int sio_channels_add(sio_classic *classic, sio_space *space)
{
    struct walk walk = { classic, space, 0 };
    space->listed = true;
    walk.err = sio_channel_add(classic, space, (sio_str){ NULL, 0 });
    if (!walk.err)
        classic->host.rooms(classic->host.data, space->name, list_room, &walk);
    return walk.err;
}

void sio_channels_remove(sio_classic *classic, sio_space *space)
{
    struct walk walk = { classic, space, 0 };
    if (!space->listed)
        return;
    space->listed = false;
    space->exact = false;
    sio_channel_remove(classic, space, (sio_str){ NULL, 0 });
    classic->host.rooms(classic->host.data, space->name, unlist_room, &walk);
}
