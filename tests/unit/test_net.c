/* The server on its loop: HTTP on raw sockets, and how it begins and ends. */
#include "check.h"

#include <pthread.h>
#include <signal.h>

#include "live.h"

static void serves_a_request_byte_by_byte(void **state)
{
    (void)state;
    static const char request[] = "GET " ENGINE "polling" HTTP "\r\n";
    struct peer *peer = peer_new();
    for (size_t i = 0; i < sizeof(request) - 1; i++) {
        send_bytes(peer, request + i, 1);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    expect(peer, "HTTP/1.1 200 OK\r\n");
    expect(peer, "text/plain; charset=UTF-8\r\n");
    expect(peer, "cache-control: no-store\r\n");
    char sid[21];
    read_sid(peer, sid);
    peer_free(peer);
}

static void serves_pipelined_requests_in_order(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21];
    connect_polling(peer, sid);
    char requests[1024];
    /* the first poll ends for what follows it, the second one has something to say */
    snprintf(requests, sizeof(requests),
             "GET " ENGINE "polling&sid=%s" HTTP "\r\n"
             "GET /a" HTTP "\r\n"
             "POST " ENGINE "polling&sid=%s" HTTP "Content-Length: 15\r\n\r\n"
             "42[\"message\",2]"
             "GET " ENGINE "polling&sid=%s" HTTP "\r\n"
             "GET /b" HTTP "Connection: close\r\n\r\n",
             sid, sid, sid);
    send_text(peer, requests);
    expect(peer, "\r\n\r\n6");
    expect(peer, "HTTP/1.1 404 Not Found\r\n");
    expect(peer, "\r\n\r\nok");
    expect(peer, "42[\"message-back\",2]");
    expect(peer, "HTTP/1.1 404 Not Found\r\n");
    expect(peer, "Connection: close\r\n\r\n");
    expect_end(peer);
    peer_free(peer);
}

static void answers_what_it_does_not_serve(void **state)
{
    (void)state;
    ask("GET /" HTTP "\r\n", "404 Not Found", "");
    ask("GET /socket.io?EIO=4&transport=polling" HTTP "\r\n", "404 Not Found", "");
    ask("GET / HTTP/1.0\r\n\r\n", "404 Not Found", "");
    ask("POST /" HTTP "Content-Length: 5\r\n\r\nhello", "404 Not Found", "");
    ask("CONNECT a:1" HTTP "\r\n", "404 Not Found", "");
    ask("GET /" HTTP WEBSOCKET "\r\n", "404 Not Found", "");
    ask("\x16\x03\x01 garbage", "400 Bad Request", "");
}

static void checks_engine_requests_as_the_reference_does(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "GET /socket.io/" HTTP "\r\n", "{\"code\":0,\"message\":\"Transport unknown\"}" },
        { "GET /socket.io/?EIO=4&transport=toString" HTTP "\r\n",
          "{\"code\":0,\"message\":\"Transport unknown\"}" },
        { "GET " ENGINE "polling&sid=abc" HTTP "\r\n",
          "{\"code\":1,\"message\":\"Session ID unknown\"}" },
        { "GET " ENGINE "polling&sid=abcdefghijklmnopqrstuvw" HTTP "\r\n",
          "{\"code\":1,\"message\":\"Session ID unknown\"}" },
        { "POST " ENGINE "polling" HTTP "\r\n",
          "{\"code\":2,\"message\":\"Bad handshake method\"}" },
        { "OPTIONS " ENGINE "polling" HTTP "\r\n",
          "{\"code\":2,\"message\":\"Bad handshake method\"}" },
        { "GET " ENGINE "websocket" HTTP "\r\n", "{\"code\":3,\"message\":\"Bad request\"}" },
        { "GET /socket.io/?EIO=3&transport=polling" HTTP "\r\n",
          "{\"code\":5,\"message\":\"Unsupported protocol version\"}" },
        { "GET /socket.io/x/y?transport=polling" HTTP "\r\n",
          "{\"code\":5,\"message\":\"Unsupported protocol version\"}" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ask(cases[i][0], "400 Bad Request", cases[i][1]);
}

static void answers_head_without_a_body(void **state)
{
    (void)state;
    char path[] = "/tmp/sio-test-net-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, "hello", 5) == 5 && close(fd) == 0);
    assert_int_equal(sio_server_serve(server, "/file", path), 0);
    assert_int_equal(sio_server_serve(server, "/file", path), SIO_EEXISTS);
    assert_int_equal(sio_server_serve(server, "file", path), SIO_EINVAL);
    assert_int_equal(sio_server_serve(server, "/file?x", path), SIO_EINVAL);
    ask("GET /file" HTTP "\r\n", "200 OK", "hello");
    ask("POST /file" HTTP "\r\n", "405 Method Not Allowed", "");
    struct peer *peer = peer_new();
    send_text(peer, "HEAD /file" HTTP "\r\nGET /none" HTTP "\r\n");
    expect(peer, "HTTP/1.1 200 OK\r\n");
    expect(peer, "ETag: ");
    char request[128];
    snprintf(request, sizeof(request), "GET /file" HTTP "If-None-Match: %.18s\r\n\r\n", peer->in);
    expect(peer, "Content-Length: 5\r\n");
    expect(peer, "timeout=5\r\n\r\nHTTP/1.1 404 Not Found\r\n");
    expect(peer, "\r\n\r\n");
    peer_free(peer);
    ask(request, "304 Not Modified", "");
    assert_int_equal(unlink(path), 0);
    ask(request, "404 Not Found", "");
}

static void a_large_file_reaches_a_slow_reader(void **state)
{
    (void)state;
    static char text[4000000];
    char path[] = "/tmp/sio-test-net-XXXXXX";
    memset(text, 'x', sizeof(text));
    memcpy(text + sizeof(text) - 4, "last", 4);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, sizeof(text)) == (ssize_t)sizeof(text));
    assert_int_equal(close(fd), 0);
    assert_int_equal(sio_server_serve(server, "/file", path), 0);
    struct peer *peer = peer_new_to(sio_server_port(server), 4096);
    send_text(peer, "GET /file" HTTP "\r\nGET /none" HTTP "Connection: close\r\n\r\n");
    for (int i = 0; i < 20; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    expect(peer, "\r\n\r\nxxx");
    expect(peer, "xlastHTTP/1.1 404 Not Found\r\n");
    expect(peer, "\r\n\r\n");
    expect_end(peer);
    peer_free(peer);
    assert_int_equal(unlink(path), 0);
}

/* ---- life ---- */

static void listens(void **state)
{
    (void)state;
    const uint16_t port = sio_server_port(server);
    assert_int_not_equal(port, 0);
    assert_int_equal(sio_server_listen(server, "127.0.0.1", port), SIO_EADDRINUSE);
    assert_int_equal(sio_server_listen(server, "192.0.2.1", 0), SIO_EADDRESS);
    assert_int_equal(sio_server_listen(server, "example", 0), SIO_EADDRESS);
    assert_int_equal(sio_server_port(server), port);
    assert_int_equal(sio_server_listen(server, NULL, 0), 0);
    assert_int_equal(sio_server_listen(server, "localhost", 0), 0);
    assert_int_not_equal(sio_server_port(server), port);
    ask("GET /" HTTP "\r\n", "404 Not Found", "");
    assert_int_equal(sio_server_run(server), SIO_EINVAL);
    sio_server_close(server);
    assert_int_equal(sio_server_listen(server, NULL, 0), SIO_ECLOSED);
}

static void closes_with_everyone_connected(void **state)
{
    (void)state;
    struct peer *idle = peer_new(), *half = peer_new(), *poll = peer_new(), *silent = peer_new();
    char sid[21];
    struct peer *websocket = connect_websocket(0);
    connect_polling(poll, sid);
    send_poll(poll, sid);
    send_text(idle, "GET /" HTTP "\r\n");
    expect(idle, "timeout=5\r\n\r\n");
    send_text(half, "GET / HT");
    for (int i = 0; i < 3; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    const uint64_t begin = now_ms();
    send_frame(websocket, SIO_WS_TEXT, "42[\"quit\"]");
    expect_reason("server shutting down");
    expect_end(idle);
    expect_end(silent);
    expect(poll, "\r\n\r\n1");
    expect_end(poll);
    expect_bytes(websocket, "\x88\x00", 2);
    run_to_the_end();
    assert_in_range(now_ms() - begin, 0, SIO_LIMIT_HTTP_HEAD_MS - 1);
    peer_free(idle);
    peer_free(half);
    peer_free(poll);
    peer_free(silent);
    peer_free(websocket);
}

static void a_close_that_is_answered_is_quick(void **state)
{
    (void)state;
    struct peer *websocket = connect_websocket(0);
    send_frame(websocket, SIO_WS_TEXT, "42[\"quit\"]");
    expect_bytes(websocket, "\x88\x00", 2);
    send_frame(websocket, SIO_WS_CLOSE, "");
    expect_end(websocket);
    peer_free(websocket);
    for (int i = 0; i < 100 && !closed; i++) {
        uv_run(&loop, UV_RUN_NOWAIT);
        poll(&(struct pollfd){ .fd = uv_backend_fd(&loop), .events = POLLIN }, 1, 1);
    }
    assert_true(closed); /* no timer had to run out for that */
    run_to_the_end();
}

static void frees_without_having_listened(void **state)
{
    (void)state;
    sio_server *one;
    uv_loop_t other;
    assert_int_equal(uv_loop_init(&other), 0);
    assert_int_equal(sio_server_new(&one, &(sio_server_options){ .loop = &other }), 0);
    assert_int_equal(uv_run(&other, UV_RUN_DEFAULT), 0);
    sio_server_free(one);
    assert_int_equal(uv_run(&other, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&other), 0);
    assert_int_equal(sio_server_new(&one, NULL), 0);
    assert_int_equal(sio_server_port(one), 0);
    sio_server_free(one);
    sio_server_free(NULL);
}

static void refuses_bad_options(void **state)
{
    (void)state;
    sio_server *one = NULL;
    char text[128] = "";
    assert_int_equal(sio_server_new(&one, &(sio_server_options){ .path = "socket.io",
                                                                 .error = text,
                                                                 .error_size = sizeof(text) }),
                     SIO_EINVAL);
    assert_string_equal(text, "path must begin with a slash and be part of a URL");
    assert_int_equal(sio_server_new(&one, &(sio_server_options){ .redis = "http://a",
                                                                 .error = text,
                                                                 .error_size = sizeof(text) }),
                     SIO_EURL);
    assert_int_not_equal(strlen(text), 0);
    assert_null(one);
}

static void *ask_and_signal(void *data)
{
    sio_server *own = data;
    char answer[16];
    struct peer *peer = peer_new_to(sio_server_port(own), 0);
    ssize_t sent = send(peer->fd, "x\r\n\r\n", 5, MSG_NOSIGNAL);
    ssize_t received = recv(peer->fd, answer, sizeof(answer), 0);
    peer_free(peer);
    if (sent == 5 && received > 0)
        kill(getpid(), SIGTERM);
    return NULL;
}

static void a_signal_ends_its_own_loop(void **state)
{
    (void)state;
    sio_server *own;
    pthread_t thread;
    closed = false;
    assert_int_equal(sio_server_new(&own, &(sio_server_options){ .on_closed = on_closed }), 0);
    assert_int_equal(sio_server_listen(own, "127.0.0.1", 0), 0);
    assert_int_equal(pthread_create(&thread, NULL, ask_and_signal, own), 0);
    assert_int_equal(sio_server_run(own), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(closed);
    assert_int_equal(sio_server_run(own), 0);
    sio_server_free(own);
}

static void free_in_its_last_callback(sio_server *which, void *data)
{
    (void)data;
    closed = true;
    sio_server_free(which);
}

static void may_be_freed_when_it_is_closed(void **state)
{
    (void)state;
    sio_server *own;
    closed = false;
    assert_int_equal(
        sio_server_new(&own, &(sio_server_options){ .on_closed = free_in_its_last_callback }), 0);
    assert_int_equal(sio_server_listen(own, "127.0.0.1", 0), 0);
    sio_server_close(own);
    assert_int_equal(sio_server_run(own), 0);
    assert_true(closed);
}

static void may_be_freed_with_connections(void **state)
{
    (void)state;
    sio_server *own;
    assert_int_equal(sio_server_new(&own, NULL), 0);
    assert_int_equal(sio_server_listen(own, "127.0.0.1", 0), 0);
    struct peer *peer = peer_new_to(sio_server_port(own), 0);
    sio_server_free(own);
    assert_int_equal(poll(&(struct pollfd){ .fd = peer->fd, .events = POLLIN }, 1, GUARD_MS), 1);
    receive(peer);
    assert_true(peer->ended);
    peer_free(peer);
}

static uv_timer_t end_timer;

static void on_timer_gone(uv_handle_t *handle)
{
    (void)handle;
}

static void free_in_a_timer(uv_timer_t *timer)
{
    sio_server_free(server);
    server = NULL;
    uv_close((uv_handle_t *)timer, on_timer_gone);
}

static void flood(sio_socket *socket, void *data)
{
    static char text[3000000];
    (void)data;
    memset(text, 'x', sizeof(text) - 1);
    assert_int_equal(sio_socket_emit(socket, "flood", "s", text), 0);
}

/* Without ceremony, whatever its connections are about. */
static void may_be_freed_on_a_loop_of_the_application(void **state)
{
    (void)state;
    struct peer *peers[] = { peer_new(), peer_new(), peer_new(),          peer_new(),
                             peer_new(), peer_new(), connect_websocket(0) };
    char sid[21], text[512];
    connect_polling(peers[0], sid);
    send_poll(peers[0], sid);
    snprintf(text, sizeof(text), "GET " ENGINE "websocket&sid=%s" HTTP WEBSOCKET "\r\n", sid);
    send_text(peers[1], text);
    expect(peers[1], "101 Switching Protocols\r\n");
    connect_polling(peers[2], sid);
    snprintf(text, sizeof(text), "POST " ENGINE "polling&sid=%s" HTTP "Content-Length: 9\r\n\r\n42",
             sid);
    send_text(peers[2], text);
    send_text(peers[3], "GET / HT");
    send_text(peers[4], "GET /" HTTP "\r\n");
    expect(peers[4], "timeout=5\r\n\r\n");
    sio_namespace_on_connection(sio_server_of(server, "/"), flood, NULL);
    struct peer *slow = peer_new_to(sio_server_port(server), 4096);
    send_text(slow, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    expect(slow, "0{\"sid\":");
    send_frame(slow, SIO_WS_TEXT, "40");
    expect(slow, "flood");
    assert_int_equal(uv_timer_init(&loop, &end_timer), 0);
    assert_int_equal(uv_timer_start(&end_timer, free_in_a_timer, 1, 0), 0);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_null(server);
    assert_false(closed);
    assert_int_equal(uv_loop_close(&loop), 0);
    for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++)
        peer_free(peers[i]);
    peer_free(slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(serves_a_request_byte_by_byte),
        SERVED(serves_pipelined_requests_in_order),
        SERVED(answers_what_it_does_not_serve),
        SERVED(checks_engine_requests_as_the_reference_does),
        SERVED(answers_head_without_a_body),
        SERVED(a_large_file_reaches_a_slow_reader),
        SERVED(listens),
        SERVED(closes_with_everyone_connected),
        SERVED(a_close_that_is_answered_is_quick),
        cmocka_unit_test(frees_without_having_listened),
        cmocka_unit_test(refuses_bad_options),
        cmocka_unit_test(a_signal_ends_its_own_loop),
        cmocka_unit_test(may_be_freed_when_it_is_closed),
        cmocka_unit_test(may_be_freed_with_connections),
        SERVED(may_be_freed_on_a_loop_of_the_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
