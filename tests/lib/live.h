/* A real server on a free port and on a loop of the test's, and raw sockets that talk to it, in one
 * thread: each step turns the loop and waits for the loop's or the socket's next event. */
#ifndef SIO_TESTS_LIVE_H
#define SIO_TESTS_LIVE_H

#include "check.h"
#include "http_text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <uv.h>

#include <sio/sio.h>
#include <sio/sys/limits.h>
#include <sio/sys/ws.h>

#define GUARD_MS 20000 /* for one step; reached by a failure only */

/* ---- the server ---- */

static uv_loop_t loop;
static sio_server *server;
static bool closed;
static char disconnected[64]; /* the last reason */

static inline void on_disconnect(sio_socket *socket, const char *reason, void *data)
{
    (void)socket;
    (void)data;
    snprintf(disconnected, sizeof(disconnected), "%s", reason);
}

static inline void on_message(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    assert_int_equal(sio_socket_emit(socket, "message-back", "V", sio_args_array(args)), 0);
    (void)sio_ack_send(ack, "V", sio_args_array(args));
}

static inline void on_quit(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)ack;
    (void)data;
    sio_server_close(sio_socket_server(socket));
}

static inline void on_closed(sio_server *which, void *data)
{
    (void)which;
    (void)data;
    closed = true;
}

static inline void register_handlers(sio_server *which)
{
    sio_namespace *nsp = sio_server_of(which, "/");
    assert_non_null(nsp);
    sio_namespace_on_disconnect(nsp, on_disconnect, NULL);
    assert_int_equal(sio_namespace_on(nsp, "message", on_message, NULL), 0);
    assert_int_equal(sio_namespace_on(nsp, "quit", on_quit, NULL), 0);
}

static inline int start_with(const sio_server_options *given)
{
    sio_server_options options = *given;
    options.loop = &loop;
    options.no_client_files = true;
    options.on_closed = on_closed;
    closed = false;
    disconnected[0] = '\0';
    if (uv_loop_init(&loop) || sio_server_new(&server, &options) ||
        sio_server_listen(server, "127.0.0.1", 0))
        return -1;
    register_handlers(server);
    return 0;
}

static inline int start(void **state)
{
    (void)state;
    return start_with(&(sio_server_options){ .max_payload = 10000 });
}

/* ---- its peers ---- */

struct peer {
    int fd;
    bool ended;
    size_t len, cap;
    char *in; /* all that has come, NUL-terminated */
};

static inline uint64_t now_ms(void)
{
    return uv_hrtime() / 1000000;
}

/* One turn of the loop, after the next event of it or of the peer. */
static inline void turn(const struct peer *peer)
{
    uv_run(&loop, UV_RUN_NOWAIT);
    struct pollfd fds[2] = { { .fd = uv_backend_fd(&loop), .events = POLLIN },
                             { .fd = peer && !peer->ended ? peer->fd : -1, .events = POLLIN } };
    int timeout = uv_backend_timeout(&loop);
    poll(fds, 2, timeout < 0 || timeout > 100 ? 100 : timeout);
}

static inline struct peer *peer_new_to(uint16_t port, int receive_buffer)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    assert_non_null(peer);
    peer->in = calloc(1, 1);
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(peer->fd >= 0);
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    if (receive_buffer)
        setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    assert_int_equal(connect(peer->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return peer;
}

static inline struct peer *peer_new(void)
{
    return peer_new_to(sio_server_port(server), 0);
}

static inline struct sockaddr_un unix_address(const char *path)
{
    struct sockaddr_un out = { .sun_family = AF_UNIX };
    const size_t size = strlen(path) + 1;
    assert_true(size <= sizeof(out.sun_path));
    memcpy(out.sun_path, path, size);
    return out;
}

/* By a unix socket. */
static inline struct peer *peer_new_at(const char *path)
{
    const struct sockaddr_un address = unix_address(path);
    struct peer *peer = calloc(1, sizeof(*peer));
    assert_non_null(peer);
    peer->in = calloc(1, 1);
    peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(peer->fd >= 0);
    assert_int_equal(connect(peer->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return peer;
}

static inline void peer_free(struct peer *peer)
{
    close(peer->fd);
    free(peer->in);
    free(peer);
}

static inline void receive(struct peer *peer)
{
    static char bytes[65536];
    ssize_t count;
    while (!peer->ended && (count = recv(peer->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) != -1) {
        if (count == 0) {
            peer->ended = true;
            return;
        }
        if (peer->len + (size_t)count >= peer->cap) {
            peer->cap = 2 * (peer->len + (size_t)count) + 1;
            peer->in = realloc(peer->in, peer->cap);
            assert_non_null(peer->in);
        }
        memcpy(peer->in + peer->len, bytes, (size_t)count);
        peer->len += (size_t)count;
        peer->in[peer->len] = '\0';
    }
    if (!peer->ended && errno != EAGAIN)
        peer->ended = true;
}

static inline void send_bytes(struct peer *peer, const void *data, size_t len)
{
    const char *at = data;
    const uint64_t end = now_ms() + GUARD_MS;
    while (len > 0) {
        ssize_t count = send(peer->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0) {
            assert_int_equal(errno, EAGAIN);
            assert_true(now_ms() < end);
            turn(NULL);
            continue;
        }
        at += count;
        len -= (size_t)count;
    }
}

static inline void send_text(struct peer *peer, const char *text)
{
    send_bytes(peer, text, strlen(text));
}

/* Waits until the server has read it: what comes by another connection comes after it. */
static inline void send_before(struct peer *peer, const char *text)
{
    const uint64_t end = now_ms() + GUARD_MS;
    sio_server_stats stats;
    sio_server_stats_get(server, &stats);
    const uint64_t read = stats.bytes_in + strlen(text);
    send_text(peer, text);
    while (sio_server_stats_get(server, &stats), stats.bytes_in < read) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
}

/* Waits until that has come. */
static inline char *find_bytes(struct peer *peer, const char *text, size_t len)
{
    const uint64_t end = now_ms() + GUARD_MS;
    char *found;
    size_t from = 0; /* before it, it is not */
    receive(peer);
    while (!(found = memmem(peer->in + from, peer->len - from, text, len))) {
        from = peer->len < len ? 0 : peer->len - len + 1;
        if (peer->ended || now_ms() > end)
            fail_msg("\"%s\" has not come but \"%s\"%s", text, peer->in,
                     peer->ended ? ", then the end" : "");
        turn(peer);
        receive(peer);
    }
    return found;
}

/* Waits until that has come, and forgets all up to its end. */
static inline void expect_bytes(struct peer *peer, const char *text, size_t len)
{
    const char *found = find_bytes(peer, text, len);
    peer->len -= (size_t)(found + len - peer->in);
    memmove(peer->in, found + len, peer->len + 1);
}

static inline void expect(struct peer *peer, const char *text)
{
    expect_bytes(peer, text, strlen(text));
}

/* Waits for the end of the connection; nothing more may come before. */
static inline void expect_end(struct peer *peer)
{
    const uint64_t end = now_ms() + GUARD_MS;
    receive(peer);
    while (!peer->ended) {
        assert_true(now_ms() < end);
        turn(peer);
        receive(peer);
    }
    assert_int_equal(peer->len, 0);
}

static inline void expect_reason(const char *reason)
{
    const uint64_t end = now_ms() + GUARD_MS;
    while (strcmp(disconnected, reason) != 0) {
        if (disconnected[0] || now_ms() > end)
            fail_msg("the reason is not \"%s\" but \"%s\"", reason, disconnected);
        turn(NULL);
    }
}

static inline void run_to_the_end(void)
{
    const uint64_t end = now_ms() + GUARD_MS;
    while (!closed) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    sio_server_free(server);
    server = NULL;
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static inline sio_server_stats stats_now(void)
{
    sio_server_stats stats;
    sio_server_stats_get(server, &stats);
    return stats;
}

static inline void await_connections(uint64_t count)
{
    const uint64_t end = now_ms() + GUARD_MS;
    while (stats_now().connections != count) {
        if (now_ms() > end)
            fail_msg("%llu connections, not %llu", (unsigned long long)stats_now().connections,
                     (unsigned long long)count);
        turn(NULL);
    }
}

static inline int stop(void **state)
{
    (void)state;
    if (!server)
        return 0;
    sio_server_close(server);
    run_to_the_end();
    return 0;
}

/* Sends one request on a connection of its own that ends with it, and expects the answer. */
static inline void ask(const char *request, const char *status, const char *body)
{
    struct peer *peer = peer_new();
    char line[64];
    send_text(peer, request);
    snprintf(line, sizeof(line), "HTTP/1.1 %s\r\n", status);
    expect(peer, line);
    expect(peer, "\r\n\r\n");
    expect(peer, body);
    shutdown(peer->fd, SHUT_WR);
    expect_end(peer);
    peer_free(peer);
}

/* ---- sessions ---- */

#define ENGINE "/socket.io/?EIO=4&transport="

static inline void read_sid(struct peer *peer, char sid[21])
{
    const uint64_t end = now_ms() + GUARD_MS;
    expect(peer, "0{\"sid\":\"");
    while (peer->len <= 20) {
        assert_true(!peer->ended && now_ms() < end);
        turn(peer);
        receive(peer);
    }
    memcpy(sid, peer->in, 20);
    sid[20] = '\0';
    expect(peer, "}");
}

static inline const char *poll_of(char out[256], const char *sid)
{
    snprintf(out, 256, "GET " ENGINE "polling&sid=%s" HTTP "\r\n", sid);
    return out;
}

static inline const char *post_of(char out[512], const char *sid, const char *body)
{
    snprintf(out, 512, "POST " ENGINE "polling&sid=%s" HTTP "Content-Length: %zu\r\n\r\n%s", sid,
             strlen(body), body);
    return out;
}

static inline void send_poll(struct peer *peer, const char *sid)
{
    char request[256];
    send_text(peer, poll_of(request, sid));
}

static inline void send_poll_before(struct peer *peer, const char *sid)
{
    char request[256];
    snprintf(request, sizeof(request), "GET " ENGINE "polling&sid=%s" HTTP "\r\n", sid);
    send_before(peer, request);
}

static inline void send_post(struct peer *peer, const char *sid, const char *body)
{
    char request[512];
    send_text(peer, post_of(request, sid, body));
}

/* A connected polling client, on this connection. */
static inline void connect_polling(struct peer *peer, char sid[21])
{
    send_text(peer, "GET " ENGINE "polling" HTTP "\r\n");
    read_sid(peer, sid);
    send_post(peer, sid, "40");
    expect(peer, "\r\n\r\nok");
    send_poll(peer, sid);
    expect(peer, "40{\"sid\":");
    expect(peer, "}");
}

#define KEY       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define WEBSOCKET "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" KEY

static inline size_t frame_of(char *out, sio_ws_opcode opcode, const char *text, size_t len)
{
    static const uint8_t mask[4] = { 1, 2, 3, 4 };
    size_t header = sio_ws_header_write((uint8_t *)out, opcode, len, mask);
    memcpy(out + header, text, len);
    sio_ws_mask(out + header, len, mask, 0);
    return header + len;
}

static inline void send_frame(struct peer *peer, sio_ws_opcode opcode, const char *text)
{
    char frame[512];
    send_bytes(peer, frame, frame_of(frame, opcode, text, strlen(text)));
}

/* On a busy machine one comes while the client is still joining. */
static inline void answer_pings_before(struct peer *peer, const char *text)
{
    static const char ping[] = { '\x81', '\x01', '2' };
    const char *found = find_bytes(peer, text, strlen(text));
    if (memmem(peer->in, (size_t)(found - peer->in), ping, sizeof(ping)))
        send_frame(peer, SIO_WS_TEXT, "3");
}

static inline struct peer *connect_websocket(int receive_buffer)
{
    struct peer *peer = peer_new_to(sio_server_port(server), receive_buffer);
    send_text(peer, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    expect(peer, "HTTP/1.1 101 Switching Protocols\r\n");
    expect(peer, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    send_frame(peer, SIO_WS_TEXT, "40");
    answer_pings_before(peer, "40{\"sid\":");
    expect(peer, "40{\"sid\":");
    expect(peer, "}");
    return peer;
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, start, stop)

#endif
