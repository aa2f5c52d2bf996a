#include "net/line.h"

#include <errno.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "net/conn.h"
#include "net/intake.h"

/* ---- a libuv handle ---- */

/* No room, whereupon libuv only says that something has come: we read it ourselves. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle, (void)suggested;
    *buf = uv_buf_init(NULL, 0);
}

static void on_readable(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    (void)count, (void)buf;
    sio_conn *conn = stream->data;
    sio_net_now(conn->net);
    sio_intake_add(conn);
}

static void on_written(uv_write_t *handle, int status)
{
    sio_line_write *write = SIO_CONTAINER(handle, sio_line_write, as.handle);
    write->done(write, status);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    (void)status;
    sio_mem_free(req);
}

static int shut_down(sio_conn *conn)
{
    uv_shutdown_t *req = sio_mem_alloc(sizeof(*req));
    if (!req)
        return SIO_ENOMEM;
    if (!uv_shutdown(req, sio_conn_stream(conn), on_shutdown))
        return 0;
    sio_mem_free(req);
    return SIO_ESYSTEM;
}

static void on_closed(uv_handle_t *handle)
{
    sio_conn_free(handle->data);
}

/* ---- a carrier ---- */

static sio_line_write *first_of(sio_carried *line)
{
    sio_list *node = line->writes.next;
    return node == &line->writes ? NULL : SIO_CONTAINER(node, sio_line_write, as.carried.node);
}

/* Takes it all: 1; not all: 0; broken: a libuv error. */
static int hand_over(sio_carried *line, uv_buf_t *bufs, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        while (bufs[i].len > 0) {
            const int taken =
                line->carrier ? line->ops->write(line->carrier, bufs[i].base, bufs[i].len) : -1;
            if (taken < 0)
                return UV_EPIPE;
            if (taken == 0)
                return 0;
            bufs[i].base += taken;
            bufs[i].len -= (size_t)taken;
        }
    }
    return 1;
}

static void complete(sio_line_write *write, int status)
{
    sio_list_remove(&write->as.carried.node);
    write->done(write, status);
}

static size_t bytes_of(const uv_buf_t *bufs, unsigned count)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < count; i++)
        bytes += bufs[i].len;
    return bytes;
}

ssize_t sio_line_try(sio_carried *line, const uv_buf_t *bufs, unsigned count)
{
    size_t taken = 0;
    if (first_of(line))
        return -EAGAIN;
    for (unsigned i = 0; i < count; i++) {
        uv_buf_t rest = bufs[i];
        const int whole = hand_over(line, &rest, 1);
        taken += bufs[i].len - rest.len;
        if (whole < 0)
            return whole;
        if (!whole)
            break;
    }
    return taken ? (ssize_t)taken : -EAGAIN;
}

/* `done` may close the connection, which stays until a later turn; and writes it once more. */
void sio_line_pump(sio_conn *conn)
{
    sio_carried *line = &conn->line;
    sio_line_write *write;
    while ((write = first_of(line)) && conn->state != SIO_CONN_CLOSED) {
        const int whole = hand_over(line, write->as.carried.bufs, write->as.carried.count);
        if (whole == 0)
            return;
        complete(write, whole < 0 ? whole : 0);
    }
    if (line->finishing && line->carrier) {
        line->finishing = false;
        line->ops->finish(line->carrier);
    }
}

static int finish_carried(sio_carried *line)
{
    if (!line->carrier)
        return SIO_ESYSTEM;
    if (first_of(line))
        line->finishing = true;
    else
        line->ops->finish(line->carrier);
    return 0;
}

static void close_carried(sio_conn *conn)
{
    sio_carried *line = &conn->line;
    void *carrier = line->carrier;
    line->carrier = NULL;
    if (carrier)
        line->ops->close(carrier);
    sio_net_resume(conn);
}

void sio_line_free(sio_conn *conn)
{
    sio_line_write *write;
    while ((write = first_of(&conn->line)))
        complete(write, UV_ECANCELED);
    sio_mem_free(conn->line.subject);
}

/* ---- either ---- */

int sio_line_write_later(sio_conn *conn, sio_line_write *write, uv_buf_t *bufs, unsigned count)
{
    write->conn = conn;
    if (!conn->carried)
        return uv_write(&write->as.handle, sio_conn_stream(conn), bufs, count, on_written);
    if (!conn->line.carrier)
        return UV_EPIPE;
    write->as.carried.bufs = bufs;
    write->as.carried.count = count;
    write->as.carried.node = (sio_list){ NULL, NULL };
    sio_list_push(&conn->line.writes, &write->as.carried.node);
    return 0;
}

static size_t queued_carried(const sio_carried *line)
{
    size_t bytes = line->carrier ? line->ops->queued(line->carrier) : 0;
    for (sio_list *node = line->writes.next; node != &line->writes; node = node->next) {
        const sio_line_write *write = SIO_CONTAINER(node, sio_line_write, as.carried.node);
        bytes += bytes_of(write->as.carried.bufs, write->as.carried.count);
    }
    return bytes;
}

size_t sio_line_queued(const sio_conn *conn)
{
    return conn->carried ? queued_carried(&conn->line)
                         : uv_stream_get_write_queue_size((const uv_stream_t *)&conn->tcp);
}

int sio_line_read(sio_conn *conn, bool on)
{
    if (!conn->carried)
        return on ? uv_read_start(sio_conn_stream(conn), on_alloc, on_readable)
                  : uv_read_stop(sio_conn_stream(conn));
    if (conn->line.carrier)
        conn->line.ops->pause(conn->line.carrier, !on);
    return 0;
}

int sio_line_finish(sio_conn *conn)
{
    return conn->carried ? finish_carried(&conn->line) : shut_down(conn);
}

void sio_line_close(sio_conn *conn)
{
    if (conn->carried)
        close_carried(conn);
    else
        uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

bool sio_line_peer(const sio_conn *conn, struct sockaddr_storage *out)
{
    int len = sizeof(*out);
    if (!conn->carried)
        return uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)out, &len) == 0;
    *out = conn->line.peer;
    return true;
}
