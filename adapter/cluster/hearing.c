/* Which channels the classic adapter subscribes to, and how it changes from hearing a pattern to
 * hearing rooms and back without losing or doubling a message: first it is subscribed both ways,
 * and the place in the stream where Redis says so is where the one is heeded no more, and the other
 * is. */
#include "cluster/inside.h"

#include <sio/err.h>

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
        sio_channels_remove(classic, space);
    classic->channels = 0;
    classic->hearing = SIO_HEARING_PATTERN;
}

static void begin_rooms(sio_classic *classic)
{
    size_t at = 0;
    int err = 0;
    for (sio_space *space; !err && (space = sio_map_next(&classic->namespaces, &at));)
        err = sio_channels_add(classic, space);
    if (err) {
        unlist_all(classic);
        give_up(classic, err);
        return;
    }
    classic->hearing = SIO_HEARING_TO_ROOMS;
    classic->partial = false;
    classic->turn = sio_barrier_ticket(&classic->barrier);
    sio_marker_set(classic);
}

void sio_hearing_turn(sio_classic *classic)
{
    size_t at = 0;
    if (classic->hearing != SIO_HEARING_TO_ROOMS || classic->turn > classic->barrier.passed)
        return;
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
    sio_channels_remove(classic, space);
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
        err = sio_channel_add(classic, space, room);
    else if (space->listed)
        sio_channel_remove(classic, space, room);
    if (err)
        give_up(classic, err);
    if (err && classic->hearing == SIO_HEARING_TO_ROOMS)
        classic->partial = true;
    else if (err && classic->hearing == SIO_HEARING_ROOMS)
        begin_pattern(classic);
    else if (classic->hearing == SIO_HEARING_ROOMS)
        sio_hearing_judge(classic);
}

void sio_classic_ready(sio_classic *classic, bool ready, uint64_t now)
{
    classic->now = now;
    if (classic->ready == ready)
        return;
    classic->ready = ready;
    /* all that could be waited for is confirmed, or never will be on this connection */
    classic->barrier.begun++;
    sio_marker_pass(classic);
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
        sio_marker_pass(classic);
        sio_marker_set(classic);
    }
}

/* ---- namespaces ---- */

static int hear(sio_classic *classic, sio_space *space)
{
    if (classic->hearing == SIO_HEARING_PATTERN || classic->hearing == SIO_HEARING_TO_PATTERN)
        return classic->link.subscribe(classic->link.data, true, space->pattern);
    space->exact = true;
    return sio_channels_add(classic, space);
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
    sio_channels_remove(classic, space);
}
