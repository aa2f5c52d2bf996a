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
#include "net/websocket.h"

/* What of one sio_conn_write the kernel has not taken. */
typedef struct sio_write {
    uv_write_t req;
    sio_conn_done done;
    sio_blob *owner;
    char rest[];
} sio_write;

static void on_closed(uv_handle_t *handle)
{
    sio_conn *conn = handle->data;
    sio_net *net = conn->net;
    sio_list_remove(&conn->node);
    sio_list_remove(&conn->resume);
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
    sio_deadline_cancel(&conn->deadline);
    uv_close((uv_handle_t *)&conn->tcp, on_closed);
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
    sio_net_resume(conn->net, &conn->resume);
}

void sio_conn_resume(sio_conn *conn)
{
    if (conn->broken)
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_ERROR);
    else if (conn->state == SIO_CONN_SERVING && conn->exchange && conn->exchange->admission)
        sio_admission_resume(conn);
    else
        sio_http_resume(conn);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    (void)status;
    sio_mem_free(req);
}

void sio_conn_finish(sio_conn *conn)
{
    if (conn->state == SIO_CONN_CLOSED || conn->state == SIO_CONN_DRAINING)
        return;
    uv_shutdown_t *req = sio_mem_alloc(sizeof(*req));
    if (!req || uv_shutdown(req, sio_conn_stream(conn), on_shutdown)) {
        sio_mem_free(req);
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
    size_t left = uv_stream_get_write_queue_size(sio_conn_stream(conn));
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

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    sio_conn *conn = handle->data;
    *buf = uv_buf_init(conn->net->input, sizeof(conn->net->input));
}

/* The reference calls a poll or a POST that breaks off an error, the end of a WebSocket none. */
static void on_end(sio_conn *conn)
{
    if (conn->state == SIO_CONN_WEBSOCKET)
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_CLOSE);
    else if (conn->state == SIO_CONN_SERVING && conn->writing)
        conn->keep_alive = false;
    else
        sio_conn_lose(conn, SIO_EIO_TRANSPORT_ERROR);
}

static void on_failure(sio_conn *conn, int status)
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

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    sio_conn *conn = stream->data;
    if (count == 0)
        return;
    sio_net_now(conn->net);
    if (count == UV_EOF)
        on_end(conn);
    else if (count < 0)
        on_failure(conn, (int)count);
    else if (conn->state == SIO_CONN_WEBSOCKET)
        sio_websocket_input(conn, buf->base, (size_t)count);
    else if (conn->state < SIO_CONN_WEBSOCKET)
        take_request(conn, buf->base, (size_t)count);
}

void sio_conn_pause(sio_conn *conn, bool pause)
{
    if (conn->paused == pause)
        return;
    conn->paused = pause;
    if (pause)
        uv_read_stop(sio_conn_stream(conn));
    else if (uv_read_start(sio_conn_stream(conn), on_alloc, on_read))
        sio_conn_break(conn);
}

/* A TCP handle holds any stream socket, so that one of a unix path costs no larger one. */
int sio_conn_accept(sio_net *net, uv_stream_t *listener, bool proxied)
{
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
    sio_list_push(&net->conns, &conn->node);
    if (uv_accept(listener, sio_conn_stream(conn)) ||
        uv_read_start(sio_conn_stream(conn), on_alloc, on_read)) {
        sio_conn_close(conn);
        return SIO_ESYSTEM;
    }
    uv_tcp_nodelay(&conn->tcp, 1);
    sio_net_deadline(net, &net->heads, &conn->deadline);
    if (proxied)
        sio_source_check(conn);
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
    if (uv_read_start(sio_conn_stream(conn), on_alloc, on_read)) {
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

static void on_written(uv_write_t *req, int status)
{
    sio_write *write = (sio_write *)req;
    sio_conn *conn = req->handle->data;
    sio_conn_done done = write->done;
    sio_blob_unref(write->owner);
    sio_mem_free(write);
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
    sio_write *write = sio_mem_alloc(sizeof(*write) + copied);
    if (!write)
        return SIO_ENOMEM;
    memcpy(write->rest, head.data, head.len);
    if (!owner && body.len)
        memcpy(write->rest + head.len, body.data, body.len);
    write->done = done;
    write->owner = sio_blob_ref(owner);
    uv_buf_t bufs[2] = { uv_buf_init(write->rest, (unsigned)copied) };
    if (owner)
        bufs[1] = uv_buf_init((char *)(uintptr_t)body.data, (unsigned)body.len);
    if (uv_write(&write->req, sio_conn_stream(conn), bufs, owner ? 2 : 1, on_written)) {
        sio_blob_unref(write->owner);
        sio_mem_free(write);
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
    if (!err && taken < head.len + body.len)
        err = write_later(conn, after(head, taken),
                          after(body, taken > head.len ? taken - head.len : 0), owner, done);
    if (err < 0)
        sio_conn_break(conn);
    return err;
}
