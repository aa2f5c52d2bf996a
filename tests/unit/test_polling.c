/* Long-polling on raw sockets: what the official clients do, and what they never do. */
#include "check.h"

#include "live.h"

static void takes_chunked_and_continued_bodies(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21], request[512];
    connect_polling(peer, sid);
    snprintf(request, sizeof(request),
             "POST " ENGINE "polling&sid=%s" HTTP "Transfer-Encoding: chunked\r\n"
             "Expect: 100-continue\r\n\r\n",
             sid);
    send_text(peer, request);
    expect(peer, "HTTP/1.1 100 Continue\r\n\r\n");
    send_text(peer, "3\r\n42[\r\nc\r\n\"message\",7]\r\n0\r\n\r\n");
    expect(peer, "\r\n\r\nok");
    send_poll(peer, sid);
    expect(peer, "42[\"message-back\",7]");
    peer_free(peer);
}

static void expect_session_over(const char *sid)
{
    char request[128];
    snprintf(request, sizeof(request), "GET " ENGINE "polling&sid=%s" HTTP "\r\n", sid);
    ask(request, "400 Bad Request", "{\"code\":1,\"message\":\"Session ID unknown\"}");
}

static void refuses_posts(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        const char *body;
        const char *status;
        const char *reason;
    } cases[] = {
        { "Content-Length: 10001\r\n", "", "413 Payload Too Large", "transport error" },
        { "Transfer-Encoding: chunked\r\n", "2712\r\n", NULL, "transport error" },
        { "Transfer-Encoding: chunked\r\n", "z\r\n", "400 Bad Request", "transport error" },
        { "Content-Length: 1\r\n", "x", "400 Bad Request", "parse error" },
        { "Content-Length: 0\r\n", "", "400 Bad Request", "parse error" },
        { "Content-Type: application/octet-stream\r\nContent-Length: 1\r\n", "4", "400 Bad Request",
          "transport error" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer *peer = peer_new();
        char sid[21], request[512];
        connect_polling(peer, sid);
        snprintf(request, sizeof(request), "POST " ENGINE "polling&sid=%s" HTTP "%s\r\n%s", sid,
                 cases[i].headers, cases[i].body);
        disconnected[0] = '\0';
        send_text(peer, request);
        if (cases[i].status)
            expect(peer, cases[i].status);
        else
            shutdown(peer->fd, SHUT_WR);
        expect_reason(cases[i].reason);
        expect_session_over(sid);
        peer_free(peer);
    }
}

static void refuses_overlapping_posts(void **state)
{
    (void)state;
    struct peer *one = peer_new(), *two = peer_new();
    char sid[21], request[256];
    connect_polling(one, sid);
    snprintf(request, sizeof(request),
             "POST " ENGINE "polling&sid=%s" HTTP "Content-Length: 5\r\n\r\n42", sid);
    send_before(one, request);
    send_text(two, request);
    expect(two, "HTTP/1.1 400 Bad Request\r\n");
    expect_reason("transport error");
    send_text(one, "[1]");
    expect(one, "HTTP/1.1 400 Bad Request\r\n");
    peer_free(one);
    peer_free(two);
}

static void refuses_overlapping_polls(void **state)
{
    (void)state;
    struct peer *one = peer_new(), *two = peer_new();
    char sid[21];
    connect_polling(one, sid);
    send_poll_before(one, sid);
    send_poll(two, sid);
    expect(two, "HTTP/1.1 400 Bad Request\r\n");
    expect_reason("transport error");
    expect(one, "\r\n\r\n1");
    expect_session_over(sid);
    peer_free(one);
    peer_free(two);
}

static void a_poll_does_not_hold_up_what_is_pipelined(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21], request[512];
    connect_polling(peer, sid);
    snprintf(request, sizeof(request),
             "GET " ENGINE "polling&sid=%s" HTTP "\r\n"
             "POST " ENGINE "polling&sid=%s" HTTP "Content-Length: 15\r\n\r\n42[\"message\",",
             sid, sid);
    send_text(peer, request);
    expect(peer, "\r\n\r\n6");
    send_text(peer, "7]");
    expect(peer, "\r\n\r\nok");
    send_poll(peer, sid);
    expect(peer, "42[\"message-back\",7]");
    peer_free(peer);
}

/* Connects to one namespace more than a client may, in one payload. */
static void join_too_many(struct peer *peer, const char *sid)
{
    sio_buf body = { 0 }, head = { 0 };
    for (int i = 0; i < SIO_LIMIT_CLIENT_NAMESPACES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "/%d", i);
        assert_non_null(sio_server_of(server, name));
        sio_buf_printf(&body, "%s40%s,", i > 0 ? "\x1e" : "", name);
    }
    sio_buf_printf(&head, "POST " ENGINE "polling&sid=%s" HTTP "Content-Length: %zu\r\n\r\n", sid,
                   body.len);
    assert_int_equal(body.err | head.err, 0);
    send_bytes(peer, head.data, head.len);
    send_bytes(peer, body.data, body.len);
    sio_buf_free(&body);
    sio_buf_free(&head);
}

static void a_dropped_client_is_told_by_its_poll(void **state)
{
    (void)state;
    struct peer *poller = peer_new(), *poster = peer_new();
    char sid[21];
    connect_polling(poller, sid);
    send_poll_before(poller, sid);
    join_too_many(poster, sid);
    expect(poller, "\r\n\r\n1");
    expect_reason("transport error");
    expect_session_over(sid);
    peer_free(poller);
    peer_free(poster);
}

static void a_poll_that_breaks_off_ends_the_session(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21];
    connect_polling(peer, sid);
    send_poll_before(peer, sid);
    peer_free(peer);
    expect_reason("transport error");
    expect_session_over(sid);
}

static int start_compressing(void **state)
{
    (void)state;
    return start_with(&(sio_server_options){ .http_compression_threshold = 20 });
}

static int start_uncompressing(void **state)
{
    (void)state;
    return start_with(&(sio_server_options){ .no_http_compression = true });
}

static void poll_for(struct peer *peer, const char *sid, const char *body)
{
    char request[256];
    send_post(peer, sid, body);
    expect(peer, "\r\n\r\nok");
    snprintf(request, sizeof(request),
             "GET " ENGINE "polling&sid=%s" HTTP "Accept-Encoding: deflate\r\n\r\n", sid);
    send_text(peer, request);
}

static void compresses_from_the_threshold_on(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21];
    connect_polling(peer, sid);
    poll_for(peer, sid, "42[\"message\"]"); /* "42["message-back"]" has 18 bytes */
    expect(peer, "Content-Length: 18\r\n");
    expect(peer, "\r\n\r\n42[\"message-back\"]");
    poll_for(peer, sid, "42[\"message\",1]");
    expect(peer, "Content-Encoding: deflate\r\n");
    expect(peer, "\r\n\r\n\x78");
    peer_free(peer);
}

static void compresses_nothing_if_it_is_told_so(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21], text[400];
    connect_polling(peer, sid);
    snprintf(text, sizeof(text), "42[\"message\",\"%0300d\"]", 0);
    for (int i = 0; i < 8; i++) {
        send_post(peer, sid, text);
        expect(peer, "\r\n\r\nok");
    }
    poll_for(peer, sid, text);
    expect(peer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\n"
                 "cache-control: no-store\r\nContent-Length: ");
    expect(peer, "\r\n\r\n42[\"message-back\",\"0000");
    peer_free(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(takes_chunked_and_continued_bodies),
        SERVED(refuses_posts),
        SERVED(refuses_overlapping_posts),
        SERVED(refuses_overlapping_polls),
        SERVED(a_poll_does_not_hold_up_what_is_pipelined),
        SERVED(a_dropped_client_is_told_by_its_poll),
        SERVED(a_poll_that_breaks_off_ends_the_session),
        cmocka_unit_test_setup_teardown(compresses_from_the_threshold_on, start_compressing, stop),
        cmocka_unit_test_setup_teardown(compresses_nothing_if_it_is_told_so, start_uncompressing,
                                        stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
