/* The channel that marks a place in the stream of confirmations, and what waits for it. */
#include "cluster/inside.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

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
    sio_hearing_turn(classic);
}

void sio_marker_pass(sio_classic *classic)
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

void sio_marker_set(sio_classic *classic)
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
        sio_marker_pass(classic);
    }
}

void sio_hearing_answer(sio_classic *classic, sio_str channel, const sio_buf *payload)
{
    sio_barrier *barrier = &classic->barrier;
    uint64_t ticket = sio_barrier_ticket(barrier);
    if (classic->ready && ticket > barrier->passed && !payload->err &&
        payload->len <= SIO_LIMIT_PUBLISH &&
        !sio_barrier_keep(barrier, ticket, channel, sio_buf_str(payload)))
        sio_marker_set(classic);
    else /* rather early than never */
        note_loss(classic, sio_classic_publish(classic, channel, payload));
}
