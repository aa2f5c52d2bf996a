#include "net/conn.h"

#include <errno.h>

#include <sio/sys/mem.h>

#include "net/admission.h"
#include "net/door.h"
#include "net/exchange.h"
#include "net/http.h"
#include "net/listen.h"
#include "net/send.h"
#include "net/source.h"
#include "net/watch.h"
#include "net/websocket.h"

/* What of one sio_conn_write has not been taken. */
typedef struct rest {
    sio_line_write write;
    uv_buf_t bufs[2];
    sio_conn_done done;
    sio_blob *owner;
    char bytes[];
} rest;

void sio_conn_free(sio_conn *conn)
{
    sio_net *net = conn->net;
    sio_list_remove(&conn->node);
    sio_intake_forget(conn);
    sio_list_remove(&conn->resume);
    if (conn->carried)
        sio_line_free(conn);
    sio_ws_reader_free(&conn->reader);
    sio_request_free(conn->request);
    sio_source_free(conn);
    sio_mem_free(conn);
    if (net->retry != UINT64_MAX)
        sio_listen_resume(net);
    sio_net_progress(net);
}

void sio_conn_close(sio_conn *conn)
{
    if (conn->state == SIO_CONN_CLOSED)
        return;
    if (conn->state < SIO_CONN_WEBSOCKET)
        sio_exchange_end(conn);
    conn->state = SIO_CONN_CLOSED;
    sio_door_leave(conn);
    sio_watch_leave(conn);
    sio_deadline_cancel(&conn->deadline);
    sio_intake_forget(conn);
    sio_line_close(conn);
}

void sio_conn_lose(sio_conn *conn, sio_eio_reason reason)
{
    if (conn->state == SIO_CONN_CLOSED)
        return;
    if (conn->link.client)
        sio_client_lost(conn->link.client, &conn->link, reason);
    if (conn->state == SIO_CONN_REQUEST)
        sio_http_abandon(conn);
    sio_conn_close(conn);
}

void sio_conn_break(sio_conn *conn)
{
    conn->broken = true;
    sio_net_resume(conn);
}

void sio_conn_resume(sio_conn *conn)
{
    if (conn->state == SIO_CONN_CLOSED && conn->carried)
        sio_conn_free(conn);
    else if (conn->broken)
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_ERROR);
    else if (conn->state == SIO_CONN_SERVING && conn->exchange && conn->exchange->admission)
        sio_admission_resume(conn);
    else
        sio_http_resume(conn);
}

void sio_conn_finish(sio_conn *conn)
{
    if (conn->state == SIO_CONN_CLOSED || conn->state == SIO_CONN_DRAINING)
        return;
    if (sio_line_finish(conn)) {
        sio_conn_close(conn);
        return;
    }
    conn->state = SIO_CONN_DRAINING;
    sio_net_deadline(conn->net, &conn->net->closes, &conn->deadline);
}

static void count_slow(const sio_conn *conn)
{
    if (conn->net->server)
        conn->net->server->stats.timed_out++;
}

/* A response that moves, however slowly, is given more time. */
static void expire_response(sio_conn *conn)
{
    size_t left = sio_line_queued(conn);
    if (left >= conn->unwritten) {
        count_slow(conn);
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_ERROR);
        return;
    }
    conn->unwritten = left;
    sio_net_deadline(conn->net, &conn->net->answers, &conn->deadline);
}

void sio_conn_expire(sio_conn *conn)
{
    if (conn->state == SIO_CONN_REQUEST) {
        count_slow(conn);
        sio_http_expire(conn);
    } else if (conn->state == SIO_CONN_SERVING) {
        expire_response(conn);
    } else if (conn->state == SIO_CONN_WEBSOCKET && !conn->farewell && !conn->leaving) {
        count_slow(conn);
        sio_websocket_expire(conn);
    } else {
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_CLOSE);
    }
}

/* The reference calls a poll or a POST that breaks off an error, the end of a WebSocket none. */
void sio_conn_ended(sio_conn *conn)
{
    if (conn->state == SIO_CONN_WEBSOCKET)
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_CLOSE);
    else if (conn->state == SIO_CONN_SERVING && conn->writing)
        conn->keep_alive = false;
    else
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_ERROR);
}

void sio_conn_failed(sio_conn *conn, int status)
{
    if (conn->net->server)
        SIO_CORE_LOG(conn->net->server, SIO_LOG_DEBUG, SIO_LOG_NET, "a connection broke: %s",
                     uv_strerror(status));
    sio_conn_lose(conn, conn->state == SIO_CONN_WEBSOCKET ? SIO_EIO_TRANSPORT_CLOSE
                                                          : SIO_EIO_TRANSPORT_ERROR);
}

static void take_request(sio_conn *conn, char *data, size_t len)
{
    const size_t used = conn->source ? sio_source_input(conn, data, len) : 0;
    if (used < len && conn->state < SIO_CONN_WEBSOCKET)
        sio_http_input(conn, data + used, len - used);
}

void sio_conn_input(sio_conn *conn, char *data, size_t len)
{
    if (!conn->watching)
        conn->net->bytes_in += len;
    if (conn->state == SIO_CONN_WEBSOCKET)
        sio_websocket_input(conn, data, len);
    else if (conn->state < SIO_CONN_WEBSOCKET)
        take_request(conn, data, len);
}

void sio_conn_pause(sio_conn *conn, bool pause)
{
    if (conn->paused == pause)
        return;
    conn->paused = pause;
    if (sio_line_read(conn, !pause))
        sio_conn_break(conn);
}

/* A TCP handle holds any stream socket, so that one of a unix path costs no larger one. */
int sio_conn_accept(sio_net *net, uv_stream_t *listener, sio_conn_kind kind)
{
    const bool proxied = kind == SIO_CONN_PROXIED;
    sio_conn *conn = sio_mem_zalloc(sizeof(*conn));
    if (!conn)
        return SIO_ENOMEM;
    conn->net = net;
    if (proxied && sio_source_expect(conn)) {
        sio_mem_free(conn);
        return SIO_ENOMEM;
    }
    conn->tcp.data = conn;
    uv_tcp_init(net->loop, &conn->tcp);
    if (kind == SIO_CONN_WATCHING)
        sio_watch_enter(conn);
    else
        sio_list_push(&net->conns, &conn->node);
    if (uv_accept(listener, (uv_stream_t *)&conn->tcp) || sio_line_read(conn, true)) {
        sio_conn_close(conn);
        return SIO_ESYSTEM;
    }
    uv_tcp_nodelay(&conn->tcp, 1);
    sio_net_deadline(net, &net->heads, &conn->deadline);
    if (proxied)
        sio_source_check(conn);
    if (!conn->watching)
        sio_door_accept(conn);
    return 0;
}

static void set_origin(sio_conn *conn, const sio_origin *origin)
{
    if (!origin)
        return;
    conn->source->named = true;
    conn->source->origin = *origin;
}

int sio_conn_adopt(sio_net *net, int fd, const sio_origin *origin, uint8_t relayed, char *data,
                   size_t len)
{
    sio_conn *conn = sio_mem_zalloc(sizeof(*conn));
    if (!conn)
        return SIO_ENOMEM;
    conn->net = net;
    if (origin && !sio_source_get(conn)) {
        sio_mem_free(conn);
        return SIO_ENOMEM;
    }
    set_origin(conn, origin);
    conn->relayed = relayed & 3;
    conn->tcp.data = conn;
    uv_tcp_init(net->loop, &conn->tcp);
    sio_list_push(&net->conns, &conn->node);
    if (uv_tcp_open(&conn->tcp, fd)) {
        sio_conn_close(conn);
        return SIO_ESYSTEM;
    }
    if (sio_line_read(conn, true)) {
        sio_conn_close(conn);
        return 0;
    }
    uv_tcp_nodelay(&conn->tcp, 1);
    sio_net_deadline(net, &net->heads, &conn->deadline);
    sio_door_accept(conn);
    if (len > 0 && conn->state < SIO_CONN_WEBSOCKET)
        sio_http_input(conn, data, len);
    return 0;
}

static void on_written(sio_line_write *write, int status)
{
    rest *left = SIO_CONTAINER(write, rest, write);
    sio_conn *conn = write->conn;
    sio_conn_done done = left->done;
    sio_blob_unref(left->owner);
    sio_mem_free(left);
    if (conn->state == SIO_CONN_CLOSED)
        return;
    sio_net_now(conn->net);
    if (status)
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_ERROR);
    else if (done)
        done(conn);
}

static sio_str after(sio_str text, size_t count)
{
    return count < text.len ? (sio_str){ text.data + count, text.len - count } : (sio_str){ "", 0 };
}

static int write_later(sio_conn *conn, sio_str head, sio_str body, sio_blob *owner,
                       sio_conn_done done)
{
    size_t copied = head.len + (owner ? 0 : body.len);
    rest *left = sio_mem_alloc(sizeof(*left) + copied);
    if (!left)
        return SIO_ENOMEM;
    memcpy(left->bytes, head.data, head.len);
    if (!owner && body.len)
        memcpy(left->bytes + head.len, body.data, body.len);
    left->write.done = on_written;
    left->done = done;
    left->owner = sio_blob_ref(owner);
    left->bufs[0] = uv_buf_init(left->bytes, (unsigned)copied);
    left->bufs[1] = uv_buf_init((char *)(uintptr_t)body.data, (unsigned)body.len);
    if (sio_line_write_later(conn, &left->write, left->bufs, owner ? 2 : 1)) {
        sio_blob_unref(left->owner);
        sio_mem_free(left);
        return SIO_ECLOSED;
    }
    return 1;
}

int sio_conn_write(sio_conn *conn, sio_str head, sio_str body, sio_blob *owner, sio_conn_done done)
{
    uv_buf_t bufs[2] = { uv_buf_init((char *)(uintptr_t)head.data, (unsigned)head.len),
                         uv_buf_init((char *)(uintptr_t)body.data, (unsigned)body.len) };
    const ssize_t count = sio_conn_send(conn, bufs, body.len ? 2 : 1);
    int err = count < 0 && count != -EAGAIN ? SIO_ECLOSED : 0;
    size_t taken = count > 0 ? (size_t)count : 0;
    if (!err && !conn->watching)
        conn->net->bytes_out += head.len + body.len;
    if (!err && taken < head.len + body.len)
        err = write_later(conn, after(head, taken),
                          after(body, taken > head.len ? taken - head.len : 0), owner, done);
    if (err < 0)
        sio_conn_break(conn);
    return err;
}
