/* Which channels the classic adapter subscribes to, and how it changes from hearing a pattern to
 * hearing rooms and back without losing or doubling a message: first it is subscribed both ways,
 * and the place in the stream where Redis says so is where the one is heeded no more, and the other
 * is. */
#include "cluster/inside.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* ---- channels of namespaces and rooms ---- */

/* In the scratch buffer. SIO_ENOMEM. */
static int write_channel(sio_classic *classic, const sio_space *space, sio_str room)
{
    sio_buf_clear(&classic->channel);
    sio_cluster_channel(&classic->channel, sio_classic_key(classic), space->name, room);
    return classic->channel.err;
}

static int list_channel(sio_classic *classic, const sio_space *space, sio_str room)
{
    if (classic->channels >= SIO_LIMIT_CHANNELS)
        return SIO_ELIMIT;
    int err = write_channel(classic, space, room);
    if (!err)
        err = classic->link.subscribe(classic->link.data, false, sio_buf_str(&classic->channel));
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

static void unlist_channel(sio_classic *classic, const sio_space *space, sio_str room)
{
    if (write_channel(classic, space, room))
        return; /* it stays: what comes by it is dropped */
    sio_str channel = sio_buf_str(&classic->channel);
    if (is_shared(classic, channel, space))
        return;
    classic->link.unsubscribe(classic->link.data, false, channel);
    if (classic->channels > 0)
        classic->channels--;
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
        walk->err = list_channel(walk->classic, walk->space, room);
}

static void unlist_room(void *data, sio_str room)
{
    const struct walk *walk = data;
    unlist_channel(walk->classic, walk->space, room);
}

static int list(sio_classic *classic, sio_space *space)
{
    struct walk walk = { classic, space, 0 };
    space->listed = true;
    walk.err = list_channel(classic, space, (sio_str){ NULL, 0 });
    if (!walk.err)
        classic->host.rooms(classic->host.data, space->name, list_room, &walk);
    return walk.err;
}

static void unlist(sio_classic *classic, sio_space *space)
{
    struct walk walk = { classic, space, 0 };
    if (!space->listed)
        return;
    space->listed = false;
    space->exact = false;
    unlist_channel(classic, space, (sio_str){ NULL, 0 });
    classic->host.rooms(classic->host.data, space->name, unlist_room, &walk);
}

/* ---- from one way to the other ---- */

/* With more rooms than there may be channels it is not tried again. */
static void give_up(sio_classic *classic, int err)
{
    if (err == SIO_ELIMIT)
        classic->subscribe = SIO_SUBSCRIBE_PATTERN;
    sio_warn(&classic->warnings, SIO_WARNING_CHANNELS, classic->now,
             "cannot subscribe to the channels of rooms (%s): hears all of them by a pattern",
             sio_err_message(err));
}

static void unlist_all(sio_classic *classic)
{
    size_t at = 0;
    for (sio_space *space; (space = sio_map_next(&classic->namespaces, &at));)
        unlist(classic, space);
    classic->channels = 0;
    classic->hearing = SIO_HEARING_PATTERN;
}

static void mark(sio_classic *classic);

static void begin_rooms(sio_classic *classic)
{
    size_t at = 0;
    int err = 0;
    for (sio_space *space; !err && (space = sio_map_next(&classic->namespaces, &at));)
        err = list(classic, space);
    if (err) {
        unlist_all(classic);
        give_up(classic, err);
        return;
    }
    classic->hearing = SIO_HEARING_TO_ROOMS;
    classic->partial = false;
    classic->turn = sio_barrier_ticket(&classic->barrier);
    mark(classic);
}

/* All channels are confirmed at this place of the stream. */
static void finish_rooms(sio_classic *classic)
{
    size_t at = 0;
    if (classic->partial) {
        unlist_all(classic);
        return;
    }
    for (sio_space *space; (space = sio_map_next(&classic->namespaces, &at));) {
        if (!space->exact)
            classic->link.unsubscribe(classic->link.data, true, space->pattern);
        space->exact = true;
    }
    classic->hearing = SIO_HEARING_ROOMS;
}

/* Calls nothing that walks the rooms, which may be changing. */
static void begin_pattern(sio_classic *classic)
{
    size_t at = 0;
    classic->hearing = SIO_HEARING_TO_PATTERN;
    for (const sio_space *space; (space = sio_map_next(&classic->namespaces, &at));) {
        int err = classic->link.subscribe(classic->link.data, true, space->pattern);
        if (err && err != SIO_EEXISTS) /* tried again when the link comes anew */
            give_up(classic, err);
    }
}

/* Its pattern is confirmed at this place of the stream. */
static void finish_pattern(sio_classic *classic, sio_space *space)
{
    size_t at = 0;
    unlist(classic, space);
    for (const sio_space *other; (other = sio_map_next(&classic->namespaces, &at));)
        if (other->listed)
            return;
    unlist_all(classic);
}

/* A pattern that was never away is not confirmed once more. Where a message comes by a channel, all
 * that came of the one before has been read: those by patterns follow it. */
void sio_hearing_boundary(sio_classic *classic)
{
    size_t at = 0;
    for (sio_space *space; classic->hearing == SIO_HEARING_TO_PATTERN &&
                           (space = sio_map_next(&classic->namespaces, &at));)
        if (space->listed && classic->link.is_subscribed(classic->link.data, true, space->pattern))
            finish_pattern(classic, space);
}

void sio_hearing_judge(sio_classic *classic)
{
    if (classic->subscribe != SIO_SUBSCRIBE_AUTO || !classic->ready)
        return;
    if (classic->hearing == SIO_HEARING_PATTERN) {
        if (sio_balance_judge(&classic->balance, false, classic->now))
            begin_rooms(classic);
    } else if (classic->hearing == SIO_HEARING_ROOMS) {
        if (!sio_balance_judge(&classic->balance, true, classic->now))
            begin_pattern(classic);
    }
}

void sio_classic_room(sio_classic *classic, sio_str nsp, sio_str room, bool present, uint64_t now)
{
    const sio_space *space = sio_map_get(&classic->namespaces, nsp);
    int err = 0;
    if (!space || classic->stopped)
        return;
    classic->now = now;
    sio_balance_changed(&classic->balance);
    if (space->listed && present)
        err = list_channel(classic, space, room);
    else if (space->listed)
        unlist_channel(classic, space, room);
    if (err)
        give_up(classic, err);
    if (err && classic->hearing == SIO_HEARING_TO_ROOMS)
        classic->partial = true;
    else if (err && classic->hearing == SIO_HEARING_ROOMS)
        begin_pattern(classic);
    else if (classic->hearing == SIO_HEARING_ROOMS)
        sio_hearing_judge(classic);
}

/* ---- the barrier ---- */

static void note_loss(sio_classic *classic, int err)
{
    if (err == SIO_ELIMIT)
        sio_warn(&classic->warnings, SIO_WARNING_QUEUE, classic->now,
                 "dropped an answer to another node: it is too long, or too much waits for Redis "
                 "already");
}

static void release(sio_classic *classic)
{
    sio_barrier *barrier = &classic->barrier;
    sio_str channel, payload;
    while (sio_barrier_next(barrier, &channel, &payload))
        note_loss(classic, classic->link.publish(classic->link.data, channel, payload));
    if (classic->hearing == SIO_HEARING_TO_ROOMS && classic->turn <= barrier->passed)
        finish_rooms(classic);
}

/* The one that is subscribed to has been passed, or is not waited for any more. */
static void pass(sio_classic *classic)
{
    classic->barrier.passed = classic->barrier.begun;
    if (classic->marker.len > 0)
        classic->link.unsubscribe(classic->link.data, false, sio_buf_str(&classic->marker));
    sio_buf_clear(&classic->marker);
    release(classic);
}

/* A channel of this node's own, such as whoever may hear its responses may subscribe to. */
static int write_marker(sio_classic *classic)
{
    size_t at = 0;
    const sio_space *space = sio_map_next(&classic->namespaces, &at);
    if (!space)
        return SIO_ENOTFOUND;
    sio_buf_append(&classic->marker, space->own.data, space->own.len);
    sio_buf_printf(&classic->marker, "%llu", (unsigned long long)classic->barrier.begun);
    return classic->marker.err;
}

/* Subscribes to a marker where something waits for one and none is on its way. */
static void mark(sio_classic *classic)
{
    sio_barrier *barrier = &classic->barrier;
    bool turning = classic->hearing == SIO_HEARING_TO_ROOMS;
    if (!classic->ready || barrier->begun > barrier->passed || (!barrier->head && !turning))
        return;
    barrier->begun++;
    barrier->fresh = false;
    if (write_marker(classic) ||
        classic->link.subscribe(classic->link.data, false, sio_buf_str(&classic->marker))) {
        classic->partial = true;
        pass(classic);
    }
}

void sio_hearing_answer(sio_classic *classic, sio_str channel, const sio_buf *payload)
{
    sio_barrier *barrier = &classic->barrier;
    uint64_t ticket = sio_barrier_ticket(barrier);
    if (classic->ready && ticket > barrier->passed && !payload->err &&
        payload->len <= SIO_LIMIT_PUBLISH &&
        !sio_barrier_keep(barrier, ticket, channel, sio_buf_str(payload)))
        mark(classic);
    else /* rather early than never */
        note_loss(classic, sio_classic_publish(classic, channel, payload));
}

void sio_classic_ready(sio_classic *classic, bool ready, uint64_t now)
{
    classic->now = now;
    if (classic->ready == ready)
        return;
    classic->ready = ready;
    /* all that could be waited for is confirmed, or never will be on this connection */
    classic->barrier.begun++;
    pass(classic);
    if (ready && classic->hearing == SIO_HEARING_TO_PATTERN)
        begin_pattern(classic);
    if (!ready)
        sio_classic_fail(classic, NULL, SIO_ECLOSED);
}

void sio_classic_subscribed(sio_classic *classic, bool pattern, sio_str name, uint64_t now)
{
    sio_space *space;
    classic->now = now;
    if (pattern) {
        space = sio_map_get(&classic->patterns, name);
        if (space && space->listed && classic->hearing == SIO_HEARING_TO_PATTERN)
            finish_pattern(classic, space);
    } else if (classic->marker.len > 0 && sio_str_equal(name, sio_buf_str(&classic->marker))) {
        pass(classic);
        mark(classic);
    }
}

/* ---- namespaces ---- */

static int hear(sio_classic *classic, sio_space *space)
{
    if (classic->hearing == SIO_HEARING_PATTERN || classic->hearing == SIO_HEARING_TO_PATTERN)
        return classic->link.subscribe(classic->link.data, true, space->pattern);
    space->exact = true;
    return list(classic, space);
}

int sio_hearing_open(sio_classic *classic, sio_space *space)
{
    const sio_classic_link *link = &classic->link;
    int err = link->subscribe(link->data, false, space->request);
    if (!err)
        err = link->subscribe(link->data, false, space->response);
    if (!err)
        err = link->subscribe(link->data, false, space->own);
    if (!err)
        err = hear(classic, space);
    if (err)
        sio_hearing_close(classic, space);
    return err;
}

void sio_hearing_close(sio_classic *classic, sio_space *space)
{
    const sio_classic_link *link = &classic->link;
    link->unsubscribe(link->data, false, space->request);
    link->unsubscribe(link->data, false, space->response);
    link->unsubscribe(link->data, false, space->own);
    link->unsubscribe(link->data, true, space->pattern);
    unlist(classic, space);
}
