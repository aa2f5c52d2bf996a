#include "load/client.h"

#include <errno.h>
#include <string.h>

#include <sio/sys/mem.h>

#include "load/polling.h"
#include "load/swarm.h"
#include "load/tls.h"
#include "load/websocket.h"

void bench_client_fail(bench_client *client, const char *what, const char *detail)
{
    bench_swarm_client_failed(client->swarm, what, detail);
}

/* ---- writing ---- */

/* What the socket had no room for. */
typedef struct rest {
    uv_write_t request;
    char data[];
} rest;

static void on_written(uv_write_t *request, int status)
{
    bench_client *client = request->handle->data;

    sio_mem_free(request);
    if (status && client->state != BENCH_CLIENT_CLOSED)
        bench_client_fail(client, "could not write", uv_strerror(status));
}

static void write_rest(bench_client *client, const char *data, size_t len)
{
    rest *left = sio_mem_alloc(sizeof *left + len);
    int err = left ? 0 : UV_ENOMEM;

    if (left) {
        uv_buf_t buf = uv_buf_init(left->data, (unsigned)len);

        memcpy(left->data, data, len);
        err = uv_write(&left->request, (uv_stream_t *)&client->tcp, &buf, 1, on_written);
    }
    if (!err)
        return;
    sio_mem_free(left);
    bench_client_fail(client, "could not write", uv_strerror(err));
}

void bench_client_write_raw(bench_client *client, const char *data, size_t len)
{
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)data, (unsigned)len);
    int sent = uv_try_write((uv_stream_t *)&client->tcp, &buf, 1);

    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent < 0)
        bench_client_fail(client, "could not write", uv_strerror(sent));
    else if ((size_t)sent < len)
        write_rest(client, data + sent, len - (size_t)sent);
}

void bench_client_write(bench_client *client, const char *data, size_t len)
{
    if (client->tls)
        bench_tls_write(client, data, len);
    else
        bench_client_write_raw(client, data, len);
}

/* ---- reading ---- */

static size_t take(bench_client *client, const char *data, size_t len)
{
    if (client->swarm->options->polling)
        return bench_polling_take(client, data, len);
    return bench_websocket_take(client, data, len);
}

/* Whole frames are read where they lie; only what is cut off is copied. */
static void on_bytes(bench_client *client, const char *data, size_t len)
{
    sio_buf *partial = &client->partial;

    if (partial->len) {
        sio_buf_append(partial, data, len);
        if (!partial->err)
            sio_buf_consume(partial, take(client, partial->data, partial->len));
    } else {
        size_t used = take(client, data, len);

        if (used < len)
            sio_buf_append(partial, data + used, len - used);
    }
    if (partial->err)
        bench_client_fail(client, "a client is out of memory", "for a frame");
    else if (partial->data && !partial->len)
        sio_buf_free(partial);
}

void bench_client_take(bench_client *client, char *data, ssize_t count, uint64_t arrived)
{
    client->swarm->arrived = arrived;
    if (count > 0 && client->tls)
        bench_tls_read(client, data, (size_t)count, on_bytes);
    else if (count > 0)
        on_bytes(client, data, (size_t)count);
    else
        bench_client_fail(client, "the server closed a client", uv_strerror((int)count));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    if (count != 0)
        bench_client_take(stream->data, buf->base, count, uv_hrtime());
}

/* One buffer for all: what is in it has been read before the next client's turn. */
static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
    const bench_client *client = handle->data;

    (void)wanted;
    *buf = uv_buf_init(client->swarm->read_buffer, BENCH_READ_BUFFER);
}

static int start_reading(bench_client *client)
{
    if (client->swarm->options->rate)
        return bench_inlet_add(&client->swarm->inlet, client);
    return uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_read);
}

/* ---- connecting ---- */

void bench_client_greet(bench_client *client)
{
    const sio_buf *request = bench_swarm_request(client->swarm, client);

    if (client->swarm->options->polling) {
        bench_polling_open(client);
        return;
    }
    client->state = BENCH_CLIENT_UPGRADING;
    bench_client_write(client, request->data, request->len);
}

static void on_connect(uv_connect_t *connect, int status)
{
    bench_client *client = connect->data;

    if (client->state == BENCH_CLIENT_CLOSED)
        return;
    if (status) {
        bench_client_fail(client, "could not connect", uv_strerror(status));
        return;
    }
    uv_tcp_nodelay(&client->tcp, 1);
    if (bench_swarm_url(client->swarm, client)->tls)
        bench_tls_open(client);
    else
        bench_client_greet(client);
    if (client->state == BENCH_CLIENT_CLOSED)
        return;
    status = start_reading(client);
    if (status)
        bench_client_fail(client, "could not read", uv_strerror(status));
}

/* The port is chosen by connect, which knows the other end: bind alone would look for one that is
 * free towards everyone, and that takes milliseconds once there are thousands. */
static int bind_source(bench_client *client)
{
    struct sockaddr_in source;
    uv_os_fd_t fd;
    int on = 1;

    if (!bench_swarm_source(client->swarm, client, &source))
        return 0;
    int err = uv_fileno((uv_handle_t *)&client->tcp, &fd);
    if (!err && setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on))
        err = uv_translate_sys_error(errno);
    return err ? err : uv_tcp_bind(&client->tcp, (const struct sockaddr *)&source, 0);
}

void bench_client_open(bench_client *client, bench_swarm *swarm)
{
    const struct sockaddr *server = bench_swarm_server(swarm, client);
    int err = uv_tcp_init_ex(swarm->loop, &client->tcp, server->sa_family);

    client->swarm = swarm;
    client->began = uv_hrtime();
    if (err) {
        bench_client_fail(client, "could not open a socket", uv_strerror(err));
        return;
    }
    client->state = BENCH_CLIENT_CONNECTING;
    client->tcp.data = client->connect.data = client;
    err = bind_source(client);
    if (!err)
        err = uv_tcp_connect(&client->connect, &client->tcp, server, on_connect);
    if (err)
        bench_client_fail(client, "could not connect", uv_strerror(err));
}

static void on_close(uv_handle_t *handle)
{
    bench_client *client = handle->data;

    sio_buf_free(&client->partial);
    sio_buf_free(&client->post);
    bench_tls_close(client);
}

void bench_client_close(bench_client *client)
{
    if (client->state == BENCH_CLIENT_CLOSED)
        return;
    client->state = BENCH_CLIENT_CLOSED;
    uv_close((uv_handle_t *)&client->tcp, on_close);
}
