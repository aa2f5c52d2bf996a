#include "net/drain.h"

#include <sio/sys/mem.h>

#include "net/websocket.h"

/* The frames of one write: small ones side by side in the loop's output buffer, large ones where
 * they are. */
typedef struct batch {
    uv_buf_t bufs[SIO_LIMIT_IOV];
    unsigned count;
    size_t bytes;
    size_t copied;
} batch;

static bool batch_point(batch *to, char *data, size_t len)
{
    if (to->count == SIO_LIMIT_IOV)
        return false;
    to->bufs[to->count++] = uv_buf_init(data, (unsigned)len);
    to->bytes += len;
    return true;
}

static bool batch_copy(batch *to, sio_net *net, const sio_frame *frame)
{
    if (frame->len > sizeof(net->output) - to->copied)
        return false;
    char *at = net->output + to->copied;
    uv_buf_t *last = to->count ? &to->bufs[to->count - 1] : NULL;
    if (last && last->base + last->len == at) {
        last->len += frame->len;
        to->bytes += frame->len;
    } else if (!batch_point(to, at, frame->len)) {
        return false;
    }
    memcpy(at, frame->data, frame->len);
    to->copied += frame->len;
    return true;
}

/* As much of the outbox as fits, perhaps up to the middle of a chain. One frame alone, which is
 * what a broadcast leaves, is not copied. */
static void batch_fill(batch *to, sio_net *net, const sio_outbox *outbox)
{
    bool alone = outbox->count == 1;
    for (uint32_t i = 0; i < outbox->count; i++) {
        for (sio_frame *frame = sio_outbox_at(outbox, i); frame; frame = frame->next) {
            bool point = frame->len > SIO_LIMIT_COPY || (alone && !frame->next);
            if (!(point ? batch_point(to, frame->data, frame->len) : batch_copy(to, net, frame)))
                return;
        }
    }
}

/* The rest of a chain that the kernel has not taken whole. */
typedef struct stuck {
    uv_write_t req;
    sio_frame *chain;
    uv_buf_t bufs[];
} stuck;

static void on_unstuck(uv_write_t *req, int status)
{
    stuck *rest = SIO_CONTAINER(req, stuck, req);
    sio_conn *conn = req->handle->data;
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

static unsigned point_rest(uv_buf_t *bufs, const sio_frame *chain, size_t taken)
{
    unsigned count = 0;
    for (const sio_frame *frame = chain; frame; frame = frame->next) {
        if (taken >= frame->len) {
            taken -= frame->len;
            continue;
        }
        if (bufs)
            bufs[count] =
                uv_buf_init((char *)(uintptr_t)frame->data + taken, frame->len - (unsigned)taken);
        taken = 0;
        count++;
    }
    return count;
}

/* Takes the chain over. What comes after it waits in the outbox. */
static void write_rest(sio_conn *conn, sio_frame *chain, size_t taken)
{
    unsigned count = point_rest(NULL, chain, taken);
    stuck *rest = sio_mem_alloc(sizeof(*rest) + count * sizeof(rest->bufs[0]));
    conn->link.blocked = true;
    conn->link.pending = sio_frame_chain_bytes(chain) - taken;
    if (!rest) {
        sio_frame_unref(chain);
        sio_conn_break(conn);
        return;
    }
    rest->chain = chain;
    point_rest(rest->bufs, chain, taken);
    if (uv_write(&rest->req, sio_conn_stream(conn), rest->bufs, count, on_unstuck)) {
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
        size_t len = sio_frame_chain_bytes(chain);
        if (written < len)
            break;
        written -= len;
        sio_frame_unref(sio_outbox_pop(outbox));
    }
    if (chain && (written > 0 || refused))
        write_rest(conn, sio_outbox_pop(outbox), written);
}

static void write_some(sio_conn *conn, sio_outbox *outbox)
{
    batch some;
    some.count = 0;
    some.bytes = some.copied = 0;
    batch_fill(&some, conn->net, outbox);
    int count = uv_try_write(sio_conn_stream(conn), some.bufs, some.count);
    if (count < 0 && count != UV_EAGAIN) {
        conn->link.blocked = true;
        sio_conn_break(conn);
        return;
    }
    size_t written = count > 0 ? (size_t)count : 0;
    settle(conn, outbox, written, written < some.bytes);
}

void sio_drain_outbox(sio_conn *conn, sio_outbox *outbox)
{
    while (!conn->link.blocked && outbox->count > 0)
        write_some(conn, outbox);
}
