/* What has come from Redis: by a pattern, or by a channel. */
#include "cluster/inside.h"

#include <sio/err.h>

static bool has_room(const sio_classic *classic, const sio_space *space, sio_str room)
{
    return classic->host.has_room(classic->host.data, space->name, room);
}

void sio_classic_drop(sio_classic *classic, int err, sio_str channel)
{
    classic->stats.malformed++;
    sio_warn_dropped(&classic->warnings, classic->now, err, channel);
}

/* ---- broadcasts ---- */

/* As JSON if that is all that is wanted, and can say it. */
static int decode(sio_classic *classic, const sio_space *space, sio_cluster_message *message)
{
    const sio_adapter_host *host = &classic->host;
    if (host->takes_json && host->takes_json(host->data, space->name) &&
        sio_cluster_message_json(message, &classic->json)) {
        message->json = sio_buf_str(&classic->json);
        return 0;
    }
    return sio_cluster_message_data(message, &classic->arena);
}

/* `room` is known to have members; data NULL: none is known. */
static bool is_meant(const sio_classic *classic, const sio_space *space, sio_str room,
                     const sio_cluster_message *message)
{
    if (!sio_str_equal(message->nsp, space->name))
        return false;
    return (room.data && message->rooms_count == 1 && sio_str_equal(message->rooms[0], room)) ||
           sio_host_has_any(&classic->host, space->name, message->rooms, message->rooms_count);
}

/* What a namespace makes of a message by a room's channel, or its own: the counter it belongs to;
 * SIO_E…: of no use. */
static int take(sio_classic *classic, const sio_space *space, sio_str room, sio_str payload,
                uint64_t **counter)
{
    sio_cluster_message message;
    if (sio_cluster_message_is_of(sio_space_uid(space), payload.data, payload.len)) {
        *counter = &classic->stats.own;
        return 0;
    }
    int err = sio_cluster_message_read(&message, &classic->arena, payload.data, payload.len);
    if (err)
        return err;
    if (!is_meant(classic, space, room, &message))
        return 0;
    err = decode(classic, space, &message);
    if (!err) {
        *counter = &classic->stats.delivered;
        classic->host.deliver(classic->host.data, &message);
    }
    sio_scratch_tidy(&classic->json);
    return err;
}

/* The room is looked at before anything is read. False: another namespace may want it. */
static bool offer(sio_classic *classic, const sio_space *space, sio_str channel, sio_str payload)
{
    sio_str room;
    uint64_t *counter = &classic->stats.elsewhere;
    int err = 0;
    bool named = sio_cluster_channel_room(channel, sio_classic_key(classic), space->name, &room);
    bool idle = named && room.data && !has_room(classic, space, room);
    if (!named)
        err = SIO_EPARSE;
    else if (!idle)
        err = take(classic, space, room, payload, &counter);
    sio_arena_reset(&classic->arena);
    sio_balance_arrived(&classic->balance, idle);
    if (err)
        sio_classic_drop(classic, err, channel);
    else if (counter != &classic->stats.elsewhere)
        ++*counter;
    return err || counter != &classic->stats.elsewhere;
}

/* Mostly the one of the message before. */
static const sio_space *space_of_pattern(sio_classic *classic, sio_str pattern)
{
    if (!classic->latest || !sio_str_equal(classic->latest->pattern, pattern))
        classic->latest = sio_map_get(&classic->patterns, pattern);
    return classic->latest;
}

void sio_classic_receive(sio_classic *classic, sio_str pattern, sio_str channel, sio_str payload,
                         uint64_t now)
{
    const sio_space *space = space_of_pattern(classic, pattern);
    classic->now = now;
    if (!space || space->exact)
        return; /* closed meanwhile, or it has come by the channel */
    classic->stats.received++;
    if (!offer(classic, space, channel, payload))
        classic->stats.elsewhere++;
    if (!classic->stopped)
        sio_hearing_judge(classic);
}

sio_space *sio_classic_candidate(const sio_classic *classic, sio_str channel, size_t *at)
{
    return sio_candidate_next(&classic->namespaces, classic->longest, channel,
                              sio_candidate_start(classic->key), at);
}

/* A broadcast that has come on a channel of its own. */
static void hear(sio_classic *classic, sio_str channel, sio_str payload)
{
    size_t at = strlen(classic->key) + 1;
    bool heard = false, taken = false;
    for (const sio_space *space;
         !taken && !classic->stopped && (space = sio_classic_candidate(classic, channel, &at));) {
        if (!space->exact)
            continue; /* its pattern matches as well */
        heard = true;
        taken = offer(classic, space, channel, payload);
    }
    classic->stats.received += heard;
    classic->stats.elsewhere += heard && !taken;
    if (heard && !classic->stopped)
        sio_hearing_judge(classic);
}

/* ---- requests and responses ---- */

/* What stands behind a prefix; data NULL: it is another one. */
static sio_str behind(sio_str channel, sio_str key, sio_str kind)
{
    if (channel.len < key.len + kind.len ||
        !sio_str_equal((sio_str){ channel.data, key.len }, key) ||
        !sio_str_equal((sio_str){ channel.data + key.len, kind.len }, kind))
        return (sio_str){ NULL, 0 };
    return (sio_str){ channel.data + key.len + kind.len, channel.len - key.len - kind.len };
}

/* The namespace whose channel of requests, or of responses, that is. */
static const sio_space *space_of(const sio_classic *classic, sio_str channel, sio_str rest,
                                 bool request)
{
    for (size_t i = 0; i < rest.len; i++) {
        const sio_space *space = rest.data[i] == '#'
                                     ? sio_map_get(&classic->namespaces, (sio_str){ rest.data, i })
                                     : NULL;
        if (space && (request ? sio_str_equal(channel, space->request)
                              : sio_str_equal(channel, space->response) ||
                                    sio_str_equal(channel, space->own)))
            return space;
    }
    return NULL;
}

void sio_classic_receive_channel(sio_classic *classic, sio_str channel, sio_str payload,
                                 uint64_t now)
{
    sio_str key = sio_classic_key(classic);
    sio_str request = behind(channel, key, SIO_STR("-request#"));
    sio_str response = behind(channel, key, SIO_STR("-response#"));
    classic->now = now;
    sio_hearing_boundary(classic);
    if (!request.data && !response.data) {
        hear(classic, channel, payload);
        return;
    }
    const sio_space *space =
        space_of(classic, channel, request.data ? request : response, request.data);
    if (!space)
        return; /* closed meanwhile */
    classic->stats.received++;
    if (request.data)
        sio_classic_serve(classic, space, channel, payload);
    else
        sio_classic_answered(classic, space, channel, payload);
    sio_arena_reset(&classic->arena);
}
