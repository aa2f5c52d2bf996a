/* How a server goes out of service: drained, closed, freed, at whatever moment. */
#include "live.h"

/* ---- draining ---- */

static struct {
    unsigned steps;
    uint64_t let_go, left;
    void (*then)(sio_server *which);
} progress;

static void on_progress(sio_server *which, const sio_drain_progress *now, void *data)
{
    assert_ptr_equal(data, &progress);
    progress.steps++;
    progress.let_go = now->let_go;
    progress.left = now->left;
    if (progress.then)
        progress.then(which);
}

static void drain(uint32_t deadline_ms, bool keep_listening)
{
    memset(&progress, 0, sizeof(progress));
    assert_int_equal(
        sio_server_drain(server, &(sio_drain_options){ .deadline_ms = deadline_ms,
                                                       .keep_listening = keep_listening,
                                                       .on_progress = on_progress,
                                                       .data = &progress }),
        0);
}

static bool is_refused(uint16_t port)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons(port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const bool refused = connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0;
    close(fd);
    return refused;
}

static void says_goodbye(struct peer *websocket)
{
    expect_bytes(websocket, "\x88\x00", 2);
    send_frame(websocket, SIO_WS_CLOSE, "");
    expect_end(websocket);
    peer_free(websocket);
}

static void a_drain_lets_everyone_go_and_closes(void **state)
{
    (void)state;
    const uint16_t port = sio_server_port(server);
    struct peer *websocket = connect_websocket(0), *polling = peer_new(), *idle = peer_new();
    char sid[21];
    connect_polling(polling, sid);
    send_poll(polling, sid);
    send_text(idle, "GET /" HTTP "\r\n");
    expect(idle, "\r\n\r\n");
    drain(2000, false);
    assert_true(is_refused(port));
    assert_int_equal(sio_server_listen(server, "127.0.0.1", 0), SIO_ECLOSED);
    send_frame(websocket, SIO_WS_TEXT, "42[\"message\",\"still here\"]");
    expect(websocket, "[\"message-back\",\"still here\"]");
    send_text(idle, "GET " ENGINE "polling" HTTP "\r\n");
    expect(idle, "HTTP/1.1 503 Service Unavailable\r\n");
    expect(idle, "Connection: close\r\n\r\n");
    expect_end(idle);
    peer_free(idle);
    expect(polling, "\r\n\r\n1");
    peer_free(polling);
    says_goodbye(websocket);
    assert_int_equal(progress.let_go, 2);
    assert_int_equal(progress.left, 0);
    assert_string_equal(disconnected, "server shutting down");
    run_to_the_end();
}

/* They come by new connections, one for each poll. */
static void it_may_listen_for_those_who_are_here(void **state)
{
    (void)state;
    struct peer *first = peer_new();
    char sid[21];
    connect_polling(first, sid);
    peer_free(first);
    drain(2000, true);
    assert_int_equal(sio_server_listen(server, "127.0.0.1", 0), 0);
    ask("GET " ENGINE "polling" HTTP "\r\n", "503 Service Unavailable", "");
    ask("GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n", "503 Service Unavailable", "");
    struct peer *second = peer_new(), *third = peer_new();
    send_post(second, sid, "42[\"message\",1]");
    expect(second, "\r\n\r\nok");
    send_poll(third, sid);
    expect(third, "[\"message-back\",1]");
    send_poll(third, sid);
    expect(third, "\r\n\r\n1");
    peer_free(second);
    peer_free(third);
    run_to_the_end();
}

/* Nothing of it holds the loop but the server. */
static void the_loop_waits_for_one_between_two_polls(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21];
    connect_polling(peer, sid);
    peer_free(peer);
    const uint64_t begin = now_ms();
    drain(100, false);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_true(closed);
    assert_in_range(now_ms() - begin, 99, GUARD_MS);
    assert_int_equal(progress.let_go, 1);
    run_to_the_end();
}

static void without_clients_it_closes_at_once(void **state)
{
    (void)state;
    sio_server *own;
    struct peer *peer = peer_new();
    send_text(peer, "GET / HT");
    uv_run(&loop, UV_RUN_NOWAIT);
    drain(GUARD_MS * 2, false);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_true(closed);
    assert_int_equal(progress.steps, 0);
    run_to_the_end();
    peer_free(peer);

    assert_int_equal(sio_server_new(&own, NULL), 0);
    assert_int_equal(sio_server_drain(own, NULL), 0);
    assert_int_equal(sio_server_run(own), 0);
    assert_int_equal(sio_server_drain(own, NULL), SIO_ECLOSED);
    sio_server_free(own);
}

static void hurry(sio_server *which)
{
    progress.then = NULL;
    assert_int_equal(sio_server_drain(which, &(sio_drain_options){ .deadline_ms = 1 }), 0);
}

static void its_callback_may_close_or_hurry(void **state)
{
    void (*const then[])(sio_server *) = { sio_server_close, hurry };
    for (size_t i = 0; i < 2; i++) {
        struct peer *peers[3];
        for (size_t k = 0; k < 3; k++)
            peers[k] = connect_websocket(0);
        memset(&progress, 0, sizeof(progress));
        progress.then = then[i];
        const sio_drain_options options = { .deadline_ms = GUARD_MS * 4,
                                            .per_second = 1,
                                            .on_progress = on_progress,
                                            .data = &progress };
        assert_int_equal(sio_server_drain(server, &options), 0);
        for (size_t k = 0; k < 3; k++)
            expect_bytes(peers[k], "\x88\x00", 2);
        for (size_t k = 0; k < 3; k++)
            peer_free(peers[k]);
        run_to_the_end();
        if (i == 0)
            assert_int_equal(start(state), 0);
    }
}

static void drain_now(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)data;
    assert_int_equal(
        sio_server_drain(sio_socket_server(socket), &(sio_drain_options){ .deadline_ms = 1 }), 0);
    assert_true(sio_socket_connected(socket));
    assert_int_equal(sio_ack_send(ack, "s", "going"), 0);
}

static void an_event_may_begin_it(void **state)
{
    (void)state;
    assert_int_equal(sio_namespace_on(sio_server_of(server, "/"), "drain", drain_now, NULL), 0);
    struct peer *peer = connect_websocket(0);
    send_frame(peer, SIO_WS_TEXT, "421[\"drain\"]");
    expect(peer, "431[\"going\"]");
    says_goodbye(peer);
    run_to_the_end();
}

static void its_options_are_checked_when_the_server_is_made(void **state)
{
    (void)state;
    char text[128];
    static const struct {
        sio_server_options options;
        const char *says;
    } bad[] = {
        { { .drain = { .deadline_ms = 1 } }, "drain has settings but not drain_on_sigterm" },
        { { .drain = { .keep_listening = true } }, "drain has settings but not drain_on_sigterm" },
        { { .drain_on_sigterm = true, .drain = { .jitter = 101 } }, "drain.jitter is above 100" },
        { { .drain_on_sigterm = true, .drain = { .per_second = 1000001 } },
          "drain.per_second is above 1000000" },
        { { .drain_on_sigterm = true, .drain = { .deadline_ms = 0x80000000u } },
          "drain.deadline_ms is above 2147483647" },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        sio_server_options options = bad[i].options;
        sio_server *none = NULL;
        options.error = text;
        options.error_size = sizeof(text);
        assert_int_equal(sio_server_new(&none, &options), SIO_EINVAL);
        assert_string_equal(text, bad[i].says);
        assert_null(none);
    }
}

/* ---- freed at every moment ---- */

static void begin_nothing(void)
{
}

static void begin_drain(void)
{
    assert_int_equal(sio_server_drain(server, &(sio_drain_options){ .deadline_ms = 8 }), 0);
}

static void begin_close(void)
{
    sio_server_close(server);
}

/* Clients of all kinds; the application begins, so many turns pass, then it frees the server. */
static void live_and_be_freed(void (*begin)(void), int turns)
{
    char sid[21], text[300];
    assert_int_equal(start(NULL), 0);
    struct peer *peers[] = { connect_websocket(0), peer_new(), peer_new(), peer_new() };
    connect_polling(peers[1], sid);
    snprintf(text, sizeof(text), "GET " ENGINE "websocket&sid=%s" HTTP WEBSOCKET "\r\n", sid);
    send_text(peers[2], text);
    expect(peers[2], "101 Switching Protocols\r\n");
    send_frame(peers[2], SIO_WS_TEXT, "2probe");
    send_text(peers[3], "GET / HT");
    begin();
    for (int i = 0; i < turns; i++) {
        turn(peers[0]);
        if (i == 4)
            send_frame(peers[0], SIO_WS_CLOSE, "");
    }
    sio_server_free(server);
    server = NULL;
    for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++)
        peer_free(peers[i]);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void may_be_freed_at_every_moment(void **state)
{
    (void)state;
    for (int turns = 0; turns < 2; turns++)
        live_and_be_freed(begin_nothing, turns);
    for (int turns = 0; turns < 24; turns++) {
        live_and_be_freed(begin_drain, turns);
        live_and_be_freed(begin_close, turns);
    }
}

static void on_closed_free(sio_server *which, void *data)
{
    *(bool *)data = true;
    sio_server_free(which);
}

/* Before it has listened, after, and in its last callback, on a loop of its own. */
static void may_be_freed_on_its_own_loop(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        sio_server *own;
        bool gone = false;
        const bool runs = i & 4;
        assert_int_equal(
            sio_server_new(&own, &(sio_server_options){ .on_closed = runs ? on_closed_free : NULL,
                                                        .data = &gone }),
            0);
        struct peer *peer = NULL;
        if (i & 1) {
            assert_int_equal(sio_server_listen(own, "127.0.0.1", 0), 0);
            peer = peer_new_to(sio_server_port(own), 0);
        }
        if (i & 2 || runs)
            assert_int_equal(sio_server_drain(own, NULL), 0);
        if (runs)
            assert_int_equal(sio_server_run(own), 0);
        else
            sio_server_free(own);
        assert_int_equal(gone, runs);
        if (peer)
            peer_free(peer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_drain_lets_everyone_go_and_closes),
        SERVED(it_may_listen_for_those_who_are_here),
        SERVED(the_loop_waits_for_one_between_two_polls),
        SERVED(without_clients_it_closes_at_once),
        SERVED(its_callback_may_close_or_hurry),
        SERVED(an_event_may_begin_it),
        cmocka_unit_test(its_options_are_checked_when_the_server_is_made),
        cmocka_unit_test(may_be_freed_at_every_moment),
        cmocka_unit_test(may_be_freed_on_its_own_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
