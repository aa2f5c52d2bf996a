#include "load/client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sio/err.h>
#include <sio/sys/ws.h>

#include "load/swarm.h"

#define RESPONSE_MAX 16384
#define PREFIX_LEN   (sizeof BENCH_EVENT_PREFIX - 1)

/* Masked with a key of zeros, as RFC 6455 allows: they are constants. */
static const char pong_frame[] = "\x81\x81\0\0\0\0"
                                 "3";
static const char connect_frame[] = "\x81\x82\0\0\0\0"
                                    "40";

static void fail(bench_client *client, const char *what, const char *detail)
{
    bench_swarm_client_failed(client->swarm, what, detail);
}

/* These few bytes always fit into an empty socket. */
static void send_now(bench_client *client, const char *data, size_t len)
{
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)data, (unsigned)len);
    int sent = uv_try_write((uv_stream_t *)&client->tcp, &buf, 1);

    if (sent < 0)
        fail(client, "could not write", uv_strerror(sent));
    else if ((size_t)sent < len)
        fail(client, "could not write", "the server does not read");
}

static void become_ready(bench_client *client)
{
    client->state = BENCH_CLIENT_READY;
    bench_swarm_client_ready(client->swarm);
}

static void on_namespace(bench_client *client)
{
    const sio_buf *join = &client->swarm->join;

    if (client->state != BENCH_CLIENT_OPENING)
        return;
    if (!join->len) {
        become_ready(client);
        return;
    }
    client->state = BENCH_CLIENT_JOINING;
    send_now(client, join->data, join->len);
}

static void fail_order(bench_client *client, uint64_t sequence)
{
    char text[80];

    (void)snprintf(text, sizeof text, "a client got number %" PRIu64 " where %" PRIu64 " was next",
                   sequence, client->next);
    fail(client, "a message was lost, doubled or mixed up", text);
}

static void on_broadcast(bench_client *client, const char *digits, uint64_t now)
{
    bench_swarm *swarm = client->swarm;
    uint64_t sequence = 0;

    for (int i = 0; i < BENCH_DIGITS; i++)
        sequence = sequence * 10 + (uint64_t)(digits[i] - '0');
    int result = bench_ledger_receive(swarm->ledger, &client->next, sequence, now);
    if (result < 0)
        fail_order(client, sequence);
    else if (result > 0)
        swarm->on_finished(swarm->data);
}

static void on_text(bench_client *client, const char *text, size_t len, uint64_t now)
{
    if (len > PREFIX_LEN + BENCH_DIGITS && memcmp(text, BENCH_EVENT_PREFIX, PREFIX_LEN) == 0)
        on_broadcast(client, text + PREFIX_LEN, now);
    else if (len == 1 && text[0] == '2')
        send_now(client, pong_frame, sizeof pong_frame - 1);
    else if (len > 1 && text[0] == '0')
        send_now(client, connect_frame, sizeof connect_frame - 1);
    else if (len > 1 && memcmp(text, "40", 2) == 0)
        on_namespace(client);
    else if (len > 1 && memcmp(text, "43", 2) == 0 && client->state == BENCH_CLIENT_JOINING)
        become_ready(client);
    else if (len > 1 && (memcmp(text, "44", 2) == 0 || memcmp(text, "41", 2) == 0))
        fail(client, "the server refused a client", "the namespace is closed to it");
}

static void on_deflated(bench_client *client, const char *payload, size_t len, uint64_t now)
{
    bench_swarm *swarm = client->swarm;

    swarm->deflated++;
    sio_buf_clear(&swarm->inflated);
    if (sio_ws_inflate(swarm->inflater, &swarm->inflated, (sio_str){ payload, len },
                       swarm->frame_max))
        fail(client, "the server sent", "a message that does not inflate");
    else
        on_text(client, swarm->inflated.data, swarm->inflated.len, now);
}

static void on_frame(bench_client *client, const sio_ws_header *header, const char *payload,
                     uint64_t now)
{
    if (header->opcode == SIO_WS_TEXT && header->fin && header->rsv && client->swarm->inflater)
        on_deflated(client, payload, header->length, now);
    else if (header->opcode == SIO_WS_TEXT && header->fin && !header->rsv)
        on_text(client, payload, header->length, now);
    else if (header->opcode == SIO_WS_CLOSE)
        fail(client, "the server closed a client", "by a close frame");
    else
        fail(client, "the server sent", "a frame that a broadcast of text does not need");
}

/* Returns how many bytes were whole frames. */
static size_t take_frames(bench_client *client, const char *data, size_t len)
{
    uint64_t now = uv_hrtime();
    size_t at = 0;
    sio_ws_header header;

    while (client->state != BENCH_CLIENT_CLOSED) {
        int err = sio_ws_header_read(&header, data + at, len - at);

        if (err == SIO_EAGAIN)
            break;
        if (err || header.length > client->swarm->frame_max) {
            fail(client, "the server sent", "a frame that is malformed or too long");
            break;
        }
        if (len - at - header.size < header.length)
            break;
        on_frame(client, &header, data + at + header.size, now);
        at += header.size + header.length;
    }
    return at;
}

static size_t take_response(bench_client *client, const char *data, size_t len)
{
    const char *end = memmem(data, len, "\r\n\r\n", 4);

    if (!end) {
        if (len > RESPONSE_MAX)
            fail(client, "the server answered", "with headers without an end");
        return 0;
    }
    if (len < 12 || memcmp(data, "HTTP/1.1 101", 12) != 0) {
        fail(client, "the server refused the WebSocket", data[0] == 'H' ? "no 101" : "no HTTP");
        return 0;
    }
    if (client->swarm->inflater && !memmem(data, (size_t)(end - data), "permessage-deflate", 18)) {
        fail(client, "the server declined", "permessage-deflate");
        return 0;
    }
    client->state = BENCH_CLIENT_OPENING;
    return (size_t)(end + 4 - data);
}

static size_t take(bench_client *client, const char *data, size_t len)
{
    size_t used = 0;

    if (client->state == BENCH_CLIENT_UPGRADING)
        used = take_response(client, data, len);
    if (client->state > BENCH_CLIENT_UPGRADING)
        used += take_frames(client, data + used, len - used);
    return used;
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
        fail(client, "a client is out of memory", "for a frame");
    else if (partial->data && !partial->len)
        sio_buf_free(partial);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    bench_client *client = stream->data;

    if (count > 0)
        on_bytes(client, buf->base, (size_t)count);
    else if (count < 0)
        fail(client, "the server closed a client", uv_strerror((int)count));
}

/* One buffer for all: what is in it has been read before the next client's turn. */
static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
    const bench_client *client = handle->data;

    (void)wanted;
    *buf = uv_buf_init(client->swarm->read_buffer, BENCH_READ_BUFFER);
}

static void on_connect(uv_connect_t *connect, int status)
{
    bench_client *client = connect->data;
    const sio_buf *request = &client->swarm->request;

    if (client->state == BENCH_CLIENT_CLOSED)
        return;
    if (status) {
        fail(client, "could not connect", uv_strerror(status));
        return;
    }
    client->state = BENCH_CLIENT_UPGRADING;
    uv_tcp_nodelay(&client->tcp, 1);
    send_now(client, request->data, request->len);
    status = uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_read);
    if (status)
        fail(client, "could not read", uv_strerror(status));
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
    int err = uv_tcp_init_ex(swarm->loop, &client->tcp, swarm->server.ss_family);

    client->swarm = swarm;
    if (err) {
        fail(client, "could not open a socket", uv_strerror(err));
        return;
    }
    client->state = BENCH_CLIENT_CONNECTING;
    client->tcp.data = client->connect.data = client;
    err = bind_source(client);
    if (!err)
        err = uv_tcp_connect(&client->connect, &client->tcp,
                             (const struct sockaddr *)&swarm->server, on_connect);
    if (err)
        fail(client, "could not connect", uv_strerror(err));
}

static void on_close(uv_handle_t *handle)
{
    bench_client *client = handle->data;

    sio_buf_free(&client->partial);
}

void bench_client_close(bench_client *client)
{
    if (client->state == BENCH_CLIENT_CLOSED)
        return;
    client->state = BENCH_CLIENT_CLOSED;
    uv_close((uv_handle_t *)&client->tcp, on_close);
}
