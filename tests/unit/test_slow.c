/* Peers that take their time: each step has its own, and who exceeds it is cut off. */
#include "live.h"

#define SHORT_MS 60

static int begin_with(sio_limit_options limits)
{
    return start_with(&(sio_server_options){ .limits = limits });
}

static int begin_heads(void **state)
{
    (void)state;
    return begin_with((sio_limit_options){ .head_timeout_ms = SHORT_MS });
}

static int begin_bodies(void **state)
{
    (void)state;
    return begin_with((sio_limit_options){ .body_timeout_ms = SHORT_MS });
}

static int begin_idle(void **state)
{
    (void)state;
    return begin_with((sio_limit_options){ .keep_alive_timeout_ms = SHORT_MS });
}

static int begin_answers(void **state)
{
    (void)state;
    return begin_with((sio_limit_options){ .answer_timeout_ms = SHORT_MS });
}

static int begin_messages(void **state)
{
    (void)state;
    return begin_with((sio_limit_options){ .message_timeout_ms = SHORT_MS });
}

/* A byte for each turn in which nothing else happens. */
static void drip_until_end(struct peer *peer, const char *bytes)
{
    const uint64_t end = now_ms() + GUARD_MS;
    const char *at = bytes;
    while (!peer->ended && now_ms() < end) {
        if (*at && send(peer->fd, at, 1, MSG_NOSIGNAL) == 1)
            at++;
        turn(peer);
        receive(peer);
    }
    assert_true(peer->ended);
}

static void a_slow_head(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    drip_until_end(peer, "GET /socket.io/" HTTP "X-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    assert_int_equal(strncmp(peer->in, "HTTP/1.1 408 Request Timeout\r\n", 30), 0);
    assert_int_equal(stats_now().timed_out, 1);
    peer_free(peer);
}

static void a_connection_without_a_request(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    expect_end(peer);
    peer_free(peer);
}

static void a_slow_body(void **state)
{
    (void)state;
    char sid[21], head[256];
    struct peer *peer = peer_new(), *post = peer_new();
    connect_polling(peer, sid);
    snprintf(head, sizeof(head), "POST " ENGINE "polling&sid=%s" HTTP "Content-Length: 100\r\n\r\n",
             sid);
    send_text(post, head);
    drip_until_end(post, "42[\"message\",\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_int_equal(strncmp(post->in, "HTTP/1.1 408 Request Timeout\r\n", 30), 0);
    expect_reason("transport error");
    assert_int_equal(stats_now().timed_out, 1);
    peer_free(post);
    peer_free(peer);
}

static void an_idle_connection(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    send_text(peer, "GET /nothing" HTTP "\r\n");
    expect(peer, "Keep-Alive: timeout=1\r\n\r\n");
    expect_end(peer);
    peer_free(peer);
}

/* Whoever asks for much and reads nothing of it. */
static void an_answer_that_nobody_reads(void **state)
{
    (void)state;
    static char text[8 * 1024 * 1024];
    char sid[21];
    struct peer *post = peer_new(), *peer = peer_new_to(sio_server_port(server), 1);
    connect_polling(post, sid);
    memset(text, 'x', sizeof(text) - 1);
    assert_int_equal(sio_namespace_emit(sio_server_of(server, "/"), NULL, "much", "s", text), 0);
    send_poll(peer, sid);
    const uint64_t end = now_ms() + GUARD_MS;
    while (stats_now().timed_out == 0 && now_ms() < end)
        turn(NULL);
    assert_int_equal(stats_now().timed_out, 1);
    peer_free(peer);
    peer_free(post);
}

/* ---- WebSocket ---- */

#define MASK "\0\0\0\0"

static struct peer *open_websocket(void)
{
    struct peer *peer = peer_new();
    send_text(peer, "GET " ENGINE "websocket" HTTP "Connection: Upgrade\r\n"
                    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    expect(peer, "\r\n\r\n");
    expect(peer, "0{\"sid\":");
    send_bytes(peer, "\x81\x82" MASK "40", 8);
    expect(peer, "40{\"sid\":");
    return peer;
}

static void a_slow_message(void **state)
{
    (void)state;
    struct peer *peer = open_websocket();
    send_bytes(peer, "\x81\xa0" MASK, 6);
    drip_until_end(peer, "42[\"message\",\"aaaaa");
    assert_non_null(memmem(peer->in, peer->len, "\x88\x02\x03\xf0", 4));
    assert_string_equal(disconnected, "transport error");
    assert_int_equal(stats_now().timed_out, 1);
    peer_free(peer);
}

/* Pings between its fragments do not make it faster. */
static void a_message_of_many_fragments(void **state)
{
    (void)state;
    struct peer *peer = open_websocket();
    const uint64_t end = now_ms() + GUARD_MS;
    send_bytes(peer, "\x01\x81" MASK "4", 7);
    while (!peer->ended && now_ms() < end) {
        if (send(peer->fd, "\x89\x80" MASK, 6, MSG_NOSIGNAL) == 6)
            (void)send(peer->fd, "\x00\x80" MASK, 6, MSG_NOSIGNAL);
        turn(peer);
        receive(peer);
    }
    assert_true(peer->ended);
    assert_int_equal(stats_now().timed_out, 1);
    peer_free(peer);
}

#define PATIENT_MS 1000

static int begin_patient(void **state)
{
    (void)state;
    return begin_with((sio_limit_options){ .message_timeout_ms = PATIENT_MS });
}

/* One message after the other, each cut: none takes long. */
static void messages_that_are_cut_but_quick(void **state)
{
    (void)state;
    struct peer *peer = open_websocket();
    const uint64_t end = now_ms() + PATIENT_MS + 300;
    send_bytes(peer, "\x81\x93" MASK, 6);
    while (now_ms() < end) {
        send_text(peer, "42[\"message\",\"abc\"]");
        send_bytes(peer, "\x81\x93" MASK, 6);
        expect(peer, "42[\"message-back\",\"abc\"]");
    }
    assert_int_equal(stats_now().timed_out, 0);
    peer_free(peer);
}

static void times_that_make_no_sense(void **state)
{
    (void)state;
    char error[256];
    sio_server *other;
    const sio_server_options options = { .limits.body_timeout_ms = UINT32_MAX,
                                         .error = error,
                                         .error_size = sizeof(error) };
    assert_int_equal(sio_server_new(&other, &options), SIO_EINVAL);
    assert_string_equal(error, "limits has a time above 2147483647");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_slow_head, begin_heads, stop),
        cmocka_unit_test_setup_teardown(a_connection_without_a_request, begin_heads, stop),
        cmocka_unit_test_setup_teardown(a_slow_body, begin_bodies, stop),
        cmocka_unit_test_setup_teardown(an_idle_connection, begin_idle, stop),
        cmocka_unit_test_setup_teardown(an_answer_that_nobody_reads, begin_answers, stop),
        cmocka_unit_test_setup_teardown(a_slow_message, begin_messages, stop),
        cmocka_unit_test_setup_teardown(a_message_of_many_fragments, begin_messages, stop),
        cmocka_unit_test_setup_teardown(messages_that_are_cut_but_quick, begin_patient, stop),
        cmocka_unit_test(times_that_make_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
