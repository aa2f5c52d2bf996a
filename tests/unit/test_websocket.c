/* The WebSocket transport on raw sockets. */
#include "check.h"

#include "live.h"

static void serves_what_comes_with_the_handshake(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char bytes[1024] = "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n";
    size_t len = strlen(bytes);
    len += frame_of(bytes + len, SIO_WS_TEXT, "40", 2);
    len += frame_of(bytes + len, SIO_WS_TEXT, "420[\"message\",1]", 16);
    len += frame_of(bytes + len, SIO_WS_PING, "hi", 2);
    send_bytes(peer, bytes, len);
    expect(peer, "HTTP/1.1 101 Switching Protocols\r\n");
    expect(peer, "\x8a\x02hi");
    char sid[21];
    read_sid(peer, sid);
    expect(peer, "40{\"sid\":");
    expect(peer, "42[\"message-back\",1]");
    expect(peer, "430[1]");
    peer_free(peer);
    expect_reason("transport close");
}

static void the_session_opens_with_the_answer(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char bytes[1024] = "";
    send_text(peer, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    const uint64_t end = now_ms() + GUARD_MS;
    while (recv(peer->fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT) < 0) {
        assert_int_equal(errno, EAGAIN);
        assert_true(now_ms() < end);
        turn(peer);
    }
    assert_int_equal(strncmp(bytes, "HTTP/1.1 101 Switching Protocols\r\n", 34), 0);
    assert_non_null(strstr(bytes, "0{\"sid\":\""));
    peer_free(peer);
}

static void checks_opening_handshakes(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        { "GET " ENGINE "websocket" HTTP "Connection: Upgrade\r\nUpgrade: h2c\r\n" KEY "\r\n",
          "400 Bad Request", "Invalid Upgrade header" },
        { "GET " ENGINE "websocket" HTTP "Connection: Upgrade\r\nUpgrade: websocket\r\n"
          "Sec-WebSocket-Version: 13\r\n\r\n",
          "400 Bad Request", "Missing or invalid Sec-WebSocket-Key header" },
        { "GET " ENGINE "websocket" HTTP "Connection: Upgrade\r\nUpgrade: websocket\r\n" KEY
          "Sec-WebSocket-Version: 12\r\n\r\n",
          "400 Bad Request", "Missing or invalid Sec-WebSocket-Version header" },
        { "GET " ENGINE "websocket" HTTP WEBSOCKET "Sec-WebSocket-Protocol: (\r\n\r\n",
          "400 Bad Request", "Invalid Sec-WebSocket-Protocol header" },
        { "GET " ENGINE "polling" HTTP WEBSOCKET "\r\n", "400 Bad Request", "Bad request" },
        { "GET /socket.io/?EIO=3&transport=websocket" HTTP WEBSOCKET "\r\n", "400 Bad Request",
          "Unsupported protocol version" },
        { "GET " ENGINE "websocket&sid=abc" HTTP WEBSOCKET "\r\n", "400 Bad Request",
          "Session ID unknown" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ask(cases[i][0], cases[i][1], cases[i][2]);
    struct peer *peer = peer_new();
    send_text(peer, "GET " ENGINE "websocket" HTTP WEBSOCKET
                    "Sec-WebSocket-Protocol: chat, other\r\n\r\n");
    expect(peer, "Sec-WebSocket-Protocol: chat\r\n\r\n");
    peer_free(peer);
}

static void ends_a_websocket_that_breaks_the_rules(void **state)
{
    (void)state;
    static char large[20000];
    static const struct {
        const char *bytes;
        size_t len;
        const char *answer;
        const char *reason;
    } cases[] = {
        { "\x81\x02hi", 4, "\x88\x02\x03\xea", "transport error" },
        { "\xc1\x80zzzz", 6, "\x88\x02\x03\xea", "transport error" },
        { "\x81\x81\x01\x01\x01\x01\xfe", 7, "\x88\x02\x03\xef", "transport error" },
        { large, sizeof(large), "\x88\x02\x03\xf1", "transport error" },
        { "\x88\x82\x01\x01\x01\x01\x02\xe9", 8, "\x88\x02\x03\xe8", "transport close" },
        { "\x81\x81\x01\x01\x01\x01y", 7, "\x88", "parse error" },
    };
    static const char payload[15000];
    frame_of(large, SIO_WS_BINARY, payload, sizeof(payload));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer *peer = connect_websocket(0);
        disconnected[0] = '\0';
        send_bytes(peer, cases[i].bytes, cases[i].len);
        expect_reason(cases[i].reason);
        expect(peer, cases[i].answer);
        peer_free(peer);
    }
}

/* What comes is answered with exactly that. */
static void check_answer(struct peer *peer, const void *bytes, size_t len, const char *answer,
                         size_t answer_len)
{
    const uint64_t end = now_ms() + GUARD_MS;
    send_bytes(peer, bytes, len);
    while (receive(peer), peer->len < answer_len) {
        assert_true(!peer->ended && now_ms() < end);
        turn(peer);
    }
    assert_int_equal(peer->len, answer_len);
    assert_memory_equal(peer->in, answer, answer_len);
    peer->len = 0;
}

/* After the greeting of the connection, of which nothing is left. */
static struct peer *connect_quietly(void)
{
    struct peer *peer = connect_websocket(0);
    assert_int_equal(peer->len, 0);
    disconnected[0] = '\0';
    return peer;
}

static void section_5_5_2_pings_are_answered_alike_and_in_order(void **state)
{
    (void)state;
    struct peer *peer = connect_quietly();
    static const char *const payloads[] = { "", "a", "two", "\xff\xfe is no text" };
    char pings[1024], pongs[1024], most[125];
    size_t len = 0, answer = 0;
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        const size_t size = strlen(payloads[i]);
        len += frame_of(pings + len, SIO_WS_PING, payloads[i], size);
        answer += sio_ws_header_write((uint8_t *)pongs + answer, SIO_WS_PONG, size, NULL);
        memcpy(pongs + answer, payloads[i], size);
        answer += size;
    }
    check_answer(peer, pings, len, pongs, answer);
    memset(most, 'm', sizeof(most));
    memcpy(pongs, "\x8a\x7d", 2);
    memcpy(pongs + 2, most, sizeof(most));
    check_answer(peer, pings, frame_of(pings, SIO_WS_PING, most, sizeof(most)), pongs, 127);
    peer_free(peer);
}

static void section_5_5_3_a_pong_that_nobody_asked_for_is_ignored(void **state)
{
    (void)state;
    struct peer *peer = connect_quietly();
    char bytes[64];
    size_t len = frame_of(bytes, SIO_WS_PONG, "unasked", 7);
    len += frame_of(bytes + len, SIO_WS_PING, "", 0);
    check_answer(peer, bytes, len, "\x8a\0", 2);
    peer_free(peer);
}

/* What stands after a close frame is not read; the server ends the connection first. */
static void sections_5_5_1_and_7_1_1_close_frames_are_answered_and_end_it(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        size_t len;
        const char *answer;
        size_t answer_len;
        const char *reason;
    } cases[] = {
        { "", 0, "\x88\0", 2, "transport close" },
        { "\x03\xe8", 2, "\x88\x02\x03\xe8", 4, "transport close" },
        { "\x03\xe9going", 7, "\x88\x07\x03\xe9going", 9, "transport close" },
        { "\x0f\xa0", 2, "\x88\x02\x0f\xa0", 4, "transport close" },
        { "\x03", 1, "\x88\x02\x03\xea", 4, "transport error" },
        { "\x03\xed", 2, "\x88\x02\x03\xea", 4, "transport error" },
        { "\x03\xe8\xff", 3, "\x88\x02\x03\xef", 4, "transport error" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer *peer = connect_quietly();
        char bytes[64];
        size_t len = frame_of(bytes, SIO_WS_CLOSE, cases[i].payload, cases[i].len);
        len += frame_of(bytes + len, SIO_WS_PING, "not read", 8);
        check_answer(peer, bytes, len, cases[i].answer, cases[i].answer_len);
        expect_end(peer);
        expect_reason(cases[i].reason);
        peer_free(peer);
    }
}

static void a_websocket_that_vanishes_is_told_of(void **state)
{
    (void)state;
    struct peer *peer = connect_websocket(0);
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    peer_free(peer);
    expect_reason("transport close");
}

/* "flood": many messages, small and large, with attachments and without. */
#define FLOOD 400

static size_t flood_size(int i)
{
    return i % 7 == 0 ? 70000u : (size_t)(i * 37 % 5000);
}

static void on_flood(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)ack;
    (void)data;
    static char bytes[70000];
    for (int i = 0; i < FLOOD; i++) {
        memset(bytes, 'a' + i % 26, sizeof(bytes));
        const char *format = i % 5 == 0 ? "iB" : "is#";
        assert_int_equal(sio_socket_emit(socket, "f", format, i, bytes, flood_size(i)), 0);
    }
}

/* The next frame of the server's, whole. Returns its payload, valid until more is received. */
static char *next_frame(struct peer *peer, sio_ws_header *header)
{
    const uint64_t end = now_ms() + GUARD_MS;
    while (sio_ws_header_read(header, peer->in, peer->len) ||
           peer->len < header->size + header->length) {
        assert_true(!peer->ended && now_ms() < end);
        turn(peer);
        receive(peer);
    }
    return peer->in + header->size;
}

static void drop_frame(struct peer *peer, const sio_ws_header *header)
{
    size_t len = header->size + header->length;
    peer->len -= len;
    memmove(peer->in, peer->in + len, peer->len + 1);
}

static void check_bytes(const char *at, size_t len, char expected)
{
    for (size_t i = 0; i < len; i++)
        assert_int_equal(at[i], expected);
}

static void check_flood(struct peer *peer, int i)
{
    sio_ws_header header;
    const bool binary = i % 5 == 0;
    char start[64];
    snprintf(start, sizeof(start),
             binary ? "451-[\"f\",%d,{\"_placeholder\":true,\"num\":0}]" : "42[\"f\",%d,\"", i);
    char *at = next_frame(peer, &header);
    assert_int_equal(header.opcode, SIO_WS_TEXT);
    assert_memory_equal(at, start, strlen(start));
    if (binary) {
        drop_frame(peer, &header);
        at = next_frame(peer, &header);
        assert_int_equal(header.opcode, SIO_WS_BINARY);
        assert_int_equal(header.length, flood_size(i));
        check_bytes(at, flood_size(i), (char)('a' + i % 26));
    } else {
        assert_int_equal(header.length, strlen(start) + flood_size(i) + 2);
        check_bytes(at + strlen(start), flood_size(i), (char)('a' + i % 26));
    }
    drop_frame(peer, &header);
}

static int start_flood(void **state)
{
    if (start(state))
        return -1;
    return sio_namespace_on(sio_server_of(server, "/"), "flood", on_flood, NULL);
}

static void a_slow_reader_gets_everything_in_order(void **state)
{
    (void)state;
    struct peer *peer = connect_websocket(4096);
    send_frame(peer, SIO_WS_TEXT, "42[\"flood\"]");
    for (int i = 0; i < 50; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    for (int i = 0; i < FLOOD; i++)
        check_flood(peer, i);
    send_frame(peer, SIO_WS_TEXT, "42[\"message\"]");
    expect(peer, "42[\"message-back\"]");
    peer_free(peer);
}

static void one_that_reads_nothing_is_dropped(void **state)
{
    (void)state;
    struct peer *peer = connect_websocket(4096);
    for (int i = 0; i < 10 && !disconnected[0]; i++) {
        send_frame(peer, SIO_WS_TEXT, "42[\"flood\"]");
        for (int k = 0; k < 10; k++)
            uv_run(&loop, UV_RUN_NOWAIT);
    }
    expect_reason("buffer overflow");
    assert_int_equal(stats_now().clients, 0);
    peer_free(peer);
}

static int start_small(void **state)
{
    (void)state;
    if (start_with(&(sio_server_options){ .max_buffered = 5000000 }))
        return -1;
    return sio_namespace_on(sio_server_of(server, "/"), "flood", on_flood, NULL);
}

static void opens_and_closes(const char *request)
{
    struct peer *peer = peer_new();
    send_text(peer, request);
    expect(peer, "101 Switching Protocols\r\n");
    expect(peer, "\r\n\r\n");
    expect_bytes(peer, "\x88\0", 2);
    send_frame(peer, SIO_WS_CLOSE, "");
    expect_end(peer);
    peer_free(peer);
}

static void upgrades_a_session(void **state)
{
    (void)state;
    struct peer *poll = peer_new(), *probe = peer_new();
    char sid[21], request[512];
    connect_polling(poll, sid);
    send_poll(poll, sid);
    snprintf(request, sizeof(request), "GET " ENGINE "websocket&sid=%s" HTTP "%s\r\n", sid,
             WEBSOCKET);
    send_text(probe, request);
    expect(probe, "101 Switching Protocols\r\n");
    expect(probe, "\r\n\r\n");
    opens_and_closes(request); /* one at a time */
    send_frame(probe, SIO_WS_TEXT, "2probe");
    expect(probe, "\x81\x06"
                  "3probe");
    expect(poll, "\r\n\r\n6");
    send_frame(probe, SIO_WS_TEXT, "5");
    send_frame(probe, SIO_WS_TEXT, "42[\"message\",1]");
    expect(probe, "42[\"message-back\",1]");
    send_poll(poll, sid);
    expect(poll, "{\"code\":3,\"message\":\"Bad request\"}");
    peer_free(probe);
    expect_reason("transport close");
    peer_free(poll);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(serves_what_comes_with_the_handshake),
        SERVED(the_session_opens_with_the_answer),
        SERVED(checks_opening_handshakes),
        SERVED(ends_a_websocket_that_breaks_the_rules),
        SERVED(section_5_5_2_pings_are_answered_alike_and_in_order),
        SERVED(section_5_5_3_a_pong_that_nobody_asked_for_is_ignored),
        SERVED(sections_5_5_1_and_7_1_1_close_frames_are_answered_and_end_it),
        SERVED(a_websocket_that_vanishes_is_told_of),
        cmocka_unit_test_setup_teardown(a_slow_reader_gets_everything_in_order, start_flood, stop),
        cmocka_unit_test_setup_teardown(one_that_reads_nothing_is_dropped, start_small, stop),
        SERVED(upgrades_a_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
