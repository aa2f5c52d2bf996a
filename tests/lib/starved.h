/* A server whose memory runs out: a whole scenario again and again, in each run another allocation
 * fails. Nothing may crash, leak or hang, and afterwards everything works. */
#ifndef SIO_TESTS_STARVED_H
#define SIO_TESTS_STARVED_H

#include <fcntl.h>

#include "faults.h"
#include "live.h"
#include "starved_app.h"

/* ---- the server ---- */

static struct {
    const char *redis; /* its URL; NULL: none */
    sio_redis_subscribe subscribe;
    sio_adapter_kind adapter;
    bool recovering;
    bool guarded;        /* by limits that count, behind proxies */
    int (*listen)(void); /* where else it listens; NULL: nowhere */
    uint16_t proxied_port;
    char socket_path[64];
} starved;

static const char *const proxies[] = { "127.0.0.0/8", NULL };
static const sio_limit_options limits = {
    .max_connections_per_address = 100,
    .new_connections = { .per_second = 1000 },
    .packets = { .per_second = 1000 },
    .overflow = SIO_OVERFLOW_DROP_OLDEST,
};

static inline int listen_proxied(void)
{
    const sio_listen_options options = { .host = "127.0.0.1", .proxy_protocol = true };
    const int err = starved.guarded ? sio_server_listen_with(server, &options) : 0;
    starved.proxied_port = sio_server_port(server);
    return err;
}

static inline int serve(void)
{
    sio_server_options options = {
        .loop = &loop,
        .on_closed = on_closed,
        .no_client_files = true,
        .redis = starved.redis,
        .redis_subscribe = starved.subscribe,
        .adapter = starved.adapter,
        .cors = { .origins = SIO_ORIGINS("http://*.example.org"), .allowed_headers = "a,b" },
        .cookie = { .name = "io" },
        .initial_packet = "hello",
        .cleanup_empty_child_namespaces = true,
        .connection_state_recovery = { .enable = starved.recovering },
        .trusted_proxies = starved.guarded ? proxies : NULL,
        .limits = starved.guarded ? limits : (sio_limit_options){ 0 },
    };
    snprintf(starved.socket_path, sizeof(starved.socket_path), "/tmp/sio-test-starved-%d.sock",
             getpid());
    closed = false;
    server = NULL;
    memset(&app, 0, sizeof(app));
    starved_app_options(&options);
    faults.armed = true;
    int err = sio_server_new(&server, &options);
    if (!err)
        err = starved_app_register(server);
    if (!err)
        err = sio_server_serve(server, "/test.c", SERVED_FILE);
    if (!err)
        err = listen_proxied();
    if (!err)
        err = sio_server_listen(server, "127.0.0.1", 0);
    if (!err)
        err = sio_server_listen_unix(server, starved.socket_path, 0600);
    if (!err && starved.listen)
        err = starved.listen();
    faults.armed = false;
    return err;
}

/* ---- peers that take what comes ---- */

/* No allocation fails any more, or in this run: what is asked for comes, however long it takes. */
static inline bool has_memory(void)
{
    return faults.first > faults.last;
}

/* Turns the loop until that has come, the connection has ended, or all is quiet, which what comes
 * in any case is waited for. */
static inline bool comes(struct peer *peer, const char *text)
{
    const uint64_t end = has_memory() ? now_ms() + GUARD_MS : 0;
    for (int quiet = 0; quiet < 10 || now_ms() < end; quiet++) {
        const size_t before = peer->len;
        receive(peer);
        char *found = memmem(peer->in, peer->len, text, strlen(text));
        if (found) {
            peer->len -= (size_t)(found + strlen(text) - peer->in);
            memmove(peer->in, found + strlen(text), peer->len + 1);
            return true;
        }
        if (peer->ended)
            return false;
        if (peer->len != before)
            quiet = 0;
        uv_run(&loop, UV_RUN_NOWAIT);
        struct pollfd fds[2] = { { .fd = uv_backend_fd(&loop), .events = POLLIN },
                                 { .fd = peer->fd, .events = POLLIN } };
        poll(fds, 2, quiet > 4 ? 1 : 0);
    }
    return false;
}

/* Turns the loop until all is quiet. */
static inline void settle(struct peer *peer)
{
    for (int quiet = 0; quiet < 10; quiet++) {
        const size_t before = peer->len;
        receive(peer);
        if (peer->len != before)
            quiet = 0;
        uv_run(&loop, UV_RUN_NOWAIT);
        struct pollfd fd = { .fd = uv_backend_fd(&loop), .events = POLLIN };
        poll(&fd, 1, quiet > 4 ? 1 : 0);
    }
}

/* Until all is quiet, and with memory until it is so. */
#define HAPPENS(peer, condition)                                                                   \
    do {                                                                                           \
        const uint64_t guard_ms = now_ms() + GUARD_MS;                                             \
        settle(peer);                                                                              \
        while (has_memory() && !(condition)) {                                                     \
            assert_true(now_ms() < guard_ms);                                                      \
            turn(peer);                                                                            \
            receive(peer);                                                                         \
        }                                                                                          \
    } while (0)

static inline void say(struct peer *peer, const void *data, size_t len)
{
    if (!peer->ended)
        (void)!send(peer->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static inline void say_text(struct peer *peer, const char *text)
{
    say(peer, text, strlen(text));
}

static inline void say_frame(struct peer *peer, sio_ws_opcode opcode, const char *text)
{
    char frame[512];
    say(peer, frame, frame_of(frame, opcode, text, strlen(text)));
}

static inline void say_poll(struct peer *peer, const char *sid)
{
    char request[256];
    say_text(peer, poll_of(request, sid));
}

static inline void say_post(struct peer *peer, const char *sid, const char *body)
{
    char request[512];
    say_text(peer, post_of(request, sid, body));
}

/* A client of the main namespace by WebSocket, as far as it comes. */
static inline void say_hello(struct peer *peer)
{
    say_text(peer, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    comes(peer, "0{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "40");
}

/* It is as it should be: memory is back. */
static inline void all_is_well_for(struct peer *peer)
{
    send_text(peer, "GET " ENGINE "websocket HTTP/1.1\r\nHost: a\r\n" WEBSOCKET "\r\n");
    expect(peer, "0{\"sid\":");
    send_frame(peer, SIO_WS_TEXT, "40");
    expect(peer, "40{\"sid\":");
    send_frame(peer, SIO_WS_TEXT, "42[\"message\",\"well\"]");
    expect(peer, "well");
    peer_free(peer);
}

static inline void all_is_well(void)
{
    all_is_well_for(peer_new());
}

/* For a link to Redis: one for which memory is lacking may never come. */
static inline uint64_t patience_ms(void)
{
    return has_memory() ? GUARD_MS : 100;
}

/* ---- the runs ---- */

static inline int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* One run; the number of allocations that it asked for. */
static inline unsigned run(void (*body)(void), unsigned first, unsigned count)
{
    faults.first = first;
    faults.last = first + count - 1;
    faults.count = 0;
    const int open = open_descriptors();
    assert_int_equal(uv_loop_init(&loop), 0);
    const int err = serve();
    if (!err)
        body();
    else
        assert_true(count > 0);
    const unsigned asked = faults.count;
    faults.last = 0;
    if (server) {
        sio_server_close(server);
        run_to_the_end();
    } else {
        assert_int_equal(__real_uv_run(&loop, UV_RUN_DEFAULT), 0);
        assert_int_equal(uv_loop_close(&loop), 0);
    }
    if (count > 0) /* the first has opened what a process has but once */
        assert_int_equal(open_descriptors(), open);
    assert_int_equal(app.told, app.questions); /* each once */
    assert_int_equal(app.ended, app.requested);
    return asked;
}

static inline void run_all(void (*body)(void), unsigned count)
{
    const unsigned total = run(body, 1, 0);
    assert_true(total > 0);
    for (unsigned n = 1; n <= total; n += count)
        run(body, n, count);
}

#endif
