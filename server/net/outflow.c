#include "net/outflow.h"

#include <errno.h>

#include <sio/sys/mem.h>

#include "net/send.h"
#include "net/websocket.h"

/* What of a frame goes to this connection; the same in every call. */
static sio_str form_of(const sio_conn *conn, sio_frame *frame)
{
    if (frame->len > conn->deflate_max)
        return sio_frame_wire(frame);
    return sio_frame_deflated(frame, conn->net->server->deflater);
}

static size_t chain_bytes(const sio_conn *conn, sio_frame *chain)
{
    size_t bytes = 0;
    for (; chain; chain = chain->next)
        bytes += form_of(conn, chain).len;
    return bytes;
}

/* The frames of one write: small ones side by side in the loop's gathering buffer, large ones where
 * they are. */
typedef struct batch {
    uv_buf_t bufs[SIO_LIMIT_IOV];
    unsigned count;
    size_t bytes;
    size_t copied;
} batch;

static bool batch_point(batch *to, sio_str bytes)
{
    if (to->count == SIO_LIMIT_IOV)
        return false;
    to->bufs[to->count++] = uv_buf_init((char *)(uintptr_t)bytes.data, (unsigned)bytes.len);
    to->bytes += bytes.len;
    return true;
}

static bool batch_copy(batch *to, sio_net *net, sio_str bytes)
{
    sio_gather *gather = &net->gather;
    if (bytes.len > sizeof(gather->data) - gather->used - to->copied)
        return false;
    if (to->copied == 0)
        sio_gather_forget(gather);
    char *at = gather->data + gather->used + to->copied;
    uv_buf_t *last = to->count ? &to->bufs[to->count - 1] : NULL;
    if (last && last->base + last->len == at) {
        last->len += bytes.len;
        to->bytes += bytes.len;
    } else if (!batch_point(to, (sio_str){ at, bytes.len })) {
        return false;
    }
    memcpy(at, bytes.data, bytes.len);
    to->copied += bytes.len;
    return true;
}

/* As much of the outbox as fits, perhaps up to the middle of a chain; returns whether that is all.
 * One frame alone, which is what a broadcast leaves, is not copied. */
static bool batch_fill(batch *to, const sio_conn *conn, const sio_outbox *outbox)
{
    bool alone = outbox->count == 1;
    for (uint32_t i = 0; i < outbox->count; i++) {
        for (sio_frame *frame = sio_outbox_at(outbox, i); frame; frame = frame->next) {
            const sio_str bytes = form_of(conn, frame);
            bool point = bytes.len > SIO_LIMIT_COPY || (alone && !frame->next);
            if (!(point ? batch_point(to, bytes) : batch_copy(to, conn->net, bytes)))
                return false;
        }
    }
    return true;
}

/* The same once more, if the last client had the same; else filled, and kept for the next if it is
 * whole and all copied. */
static bool batch_make(batch *to, const sio_conn *conn, const sio_outbox *outbox)
{
    sio_gather *gather = &conn->net->gather;
    if (sio_gather_holds(gather, outbox, conn->deflate_max))
        return batch_point(to, (sio_str){ gather->data + gather->at, gather->bytes });
    if (gather->used > 0 && outbox->bytes > sizeof(gather->data) - gather->used)
        sio_volley_fire(conn->net);
    const bool all = batch_fill(to, conn, outbox);
    if (all && to->copied > 0 && to->copied == to->bytes)
        sio_gather_keep(gather, outbox, conn->deflate_max, to->bytes);
    return all;
}

/* The rest of a chain that the kernel has not taken whole. */
typedef struct stuck {
    sio_line_write write;
    sio_frame *chain;
    uv_buf_t bufs[];
} stuck;

static void on_unstuck(sio_line_write *write, int status)
{
    stuck *rest = SIO_CONTAINER(write, stuck, write);
    sio_conn *conn = write->conn;
    sio_frame_unref(rest->chain);
    sio_mem_free(rest);
    if (conn->state == SIO_CONN_CLOSED)
        return;
    sio_net_now(conn->net);
    conn->link.blocked = false;
    conn->link.pending = 0;
    if (status)
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_ERROR);
    else
        sio_websocket_writable(conn);
}

static unsigned point_rest(uv_buf_t *bufs, const sio_conn *conn, sio_frame *chain, size_t taken)
{
    unsigned count = 0;
    for (sio_frame *frame = chain; frame; frame = frame->next) {
        const sio_str bytes = form_of(conn, frame);
        if (taken >= bytes.len) {
            taken -= bytes.len;
            continue;
        }
        if (bufs)
            bufs[count] =
                uv_buf_init((char *)(uintptr_t)bytes.data + taken, (unsigned)(bytes.len - taken));
        taken = 0;
        count++;
    }
    return count;
}

/* Takes the chain over. What comes after it waits in the outbox. */
static void write_rest(sio_conn *conn, sio_frame *chain, size_t taken)
{
    unsigned count = point_rest(NULL, conn, chain, taken);
    stuck *rest = sio_mem_alloc(sizeof(*rest) + count * sizeof(rest->bufs[0]));
    conn->link.blocked = true;
    conn->link.pending = chain_bytes(conn, chain) - taken;
    if (!rest) {
        sio_frame_unref(chain);
        sio_conn_break(conn);
        return;
    }
    rest->chain = chain;
    rest->write.done = on_unstuck;
    conn->net->bytes_out += conn->link.pending;
    point_rest(rest->bufs, conn, chain, taken);
    if (sio_line_write_later(conn, &rest->write, rest->bufs, count)) {
        sio_frame_unref(chain);
        sio_mem_free(rest);
        sio_conn_break(conn);
    }
}

/* Takes what has been written off the outbox; a chain that is there in part is written later. */
static void settle(sio_conn *conn, sio_outbox *outbox, size_t written, bool refused)
{
    sio_frame *chain;
    while ((chain = sio_outbox_at(outbox, 0))) {
        size_t len = chain_bytes(conn, chain);
        if (written < len)
            break;
        written -= len;
        sio_frame_unref(sio_outbox_pop(outbox));
    }
    if (chain && (written > 0 || refused))
        write_rest(conn, sio_outbox_pop(outbox), written);
}

static void take_off(sio_conn *conn, size_t bytes, bool all, ssize_t result)
{
    sio_outbox *outbox = &conn->link.client->outbox;
    if (result < 0 && result != -EAGAIN) {
        conn->link.blocked = true;
        sio_conn_break(conn);
        return;
    }
    const size_t written = result > 0 ? (size_t)result : 0;
    conn->net->bytes_out += written;
    if (all && written == bytes)
        sio_outbox_empty(outbox);
    else
        settle(conn, outbox, written, written < bytes);
}

void sio_outflow_written(sio_conn *conn, size_t bytes, ssize_t result)
{
    take_off(conn, bytes, true, result);
}

static void write_some(sio_conn *conn, sio_outbox *outbox, bool soon)
{
    batch some;
    some.count = 0;
    some.bytes = some.copied = 0;
    const bool all = batch_make(&some, conn, outbox);
    if (soon && all && some.count == 1 && sio_volley_takes(conn->net, conn)) {
        conn->net->gather.used += some.copied;
        sio_volley_add(conn, (sio_str){ some.bufs[0].base, some.bytes });
        return;
    }
    take_off(conn, some.bytes, all, sio_conn_send(conn, some.bufs, some.count));
}

void sio_outflow_now(sio_conn *conn, sio_outbox *outbox)
{
    while (!conn->link.blocked && outbox->count > 0)
        write_some(conn, outbox, false);
}

void sio_outflow_soon(sio_conn *conn, sio_outbox *outbox)
{
    while (!conn->link.blocked && !conn->link.flying && outbox->count > 0)
        write_some(conn, outbox, true);
}
