/* What the application decides about requests, on raw sockets. */
#include "check.h"

#include "live.h"

static sio_admission *asked;
static const sio_http_request *asked_about;
static char errors[512]; /* code, message, context of each, one a line */
static const char *next_id;

static void ask_later(sio_server *which, const sio_http_request *request, sio_admission *admission,
                      void *data)
{
    (void)which;
    (void)data;
    asked = admission;
    asked_about = request;
}

static void ask_now(sio_server *which, const sio_http_request *request, sio_admission *admission,
                    void *data)
{
    (void)which;
    (void)data;
    const char *token = sio_http_request_header(request, "x-token");
    if (token && strcmp(token, "good") == 0)
        sio_admission_allow(admission);
    else
        sio_admission_refuse(admission, token);
}

static void on_error(sio_server *which, const sio_connection_error *error, void *data)
{
    (void)which;
    (void)data;
    const size_t len = strlen(errors);
    snprintf(errors + len, sizeof(errors) - len, "%s %d %s, %s\n",
             sio_http_request_method(error->request), (int)error->code, error->message,
             error->context ? error->context : "-");
}

static void on_headers(sio_server *which, const sio_http_request *request, sio_headers *headers,
                       void *data)
{
    (void)which;
    (void)data;
    const bool first = !sio_http_request_query(request, "sid");
    assert_int_equal(sio_headers_add(headers, first ? "X-First" : "X-Next", "yes"), 0);
}

static int give_id(sio_server *which, const sio_http_request *request, char id[SIO_SESSION_ID_SIZE],
                   void *data)
{
    (void)which;
    (void)data;
    assert_non_null(sio_http_request_query(request, "transport"));
    if (!next_id)
        return -1;
    memcpy(id, next_id, strnlen(next_id, SIO_SESSION_ID_SIZE));
    return 0;
}

static int begin(void **state, sio_server_options options)
{
    (void)state;
    asked = NULL;
    errors[0] = '\0';
    options.on_connection_error = on_error;
    return start_with(&options);
}

static int start_now(void **state)
{
    return begin(state, (sio_server_options){ .allow_request = ask_now });
}

static int start_later(void **state)
{
    return begin(state, (sio_server_options){ .allow_request = ask_later });
}

static int start_plain(void **state)
{
    return begin(state, (sio_server_options){ .on_headers = on_headers });
}

static int start_with_ids(void **state)
{
    return begin(state,
                 (sio_server_options){ .generate_id = give_id, .initial_packet = "h\xc3\xa9llo" });
}

static int start_without_slash(void **state)
{
    return begin(state, (sio_server_options){ .no_trailing_slash = true });
}

#define REFUSAL(code, message) "{\"code\":" code ",\"message\":\"" message "\"}"

#define STARTED(test, with) cmocka_unit_test_setup_teardown(test, with, stop)

static void wait_until_asked(void)
{
    const uint64_t end = now_ms() + GUARD_MS;
    while (!asked) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
}

static void wait_until_gone(void)
{
    const uint64_t end = now_ms() + GUARD_MS;
    sio_server_stats stats;
    while (sio_server_stats_get(server, &stats), stats.connections > 0) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
}

static void expect_errors(const char *expected)
{
    assert_string_equal(errors, expected);
    errors[0] = '\0';
}

static void answers_at_once(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21];
    send_text(peer, "GET " ENGINE "polling" HTTP "X-Token: good\r\n\r\n");
    read_sid(peer, sid);
    send_post(peer, sid, "40");
    expect(peer, "\r\n\r\nok");
    send_text(peer, "GET " ENGINE "polling" HTTP "X-Token: \"bad\"\r\n\r\n");
    expect(peer, "HTTP/1.1 403 Forbidden\r\n");
    expect(peer, "{\"code\":4,\"message\":\"\\\"bad\\\"\"}");
    send_text(peer, "GET " ENGINE "polling" HTTP "\r\n");
    expect(peer, "{\"code\":4,\"message\":\"Forbidden\"}");
    send_text(peer, "GET " ENGINE "websocket" HTTP WEBSOCKET "X-Token: no\r\n\r\n");
    expect(peer, "HTTP/1.1 400 Bad Request\r\n");
    expect(peer, "\r\n\r\nno");
    expect_end(peer);
    expect_errors("GET 4 Forbidden, \"bad\"\nGET 4 Forbidden, -\nGET 4 Forbidden, no\n");
    peer_free(peer);
}

static void answers_later_and_serves_what_was_pipelined(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21];
    send_text(peer, "GET " ENGINE "polling" HTTP "\r\nGET /next" HTTP "\r\n");
    wait_until_asked();
    for (int i = 0; i < 3; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    receive(peer);
    assert_int_equal(peer->len, 0);
    assert_string_equal(sio_http_request_url(asked_about), ENGINE "polling");
    assert_string_equal(sio_http_request_address(asked_about), "127.0.0.1");
    assert_false(sio_http_request_secure(asked_about));
    sio_admission_allow(asked);
    read_sid(peer, sid);
    expect(peer, "HTTP/1.1 404 Not Found\r\n");
    expect_errors("");
    peer_free(peer);
}

static void reading_stops_when_too_much_is_pipelined(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21];
    send_text(peer, "GET " ENGINE "polling" HTTP "\r\n");
    wait_until_asked();
    const int count = 3000;
    for (int i = 0; i < count; i++)
        send_text(peer, "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" HTTP "\r\n");
    for (int i = 0; i < 20; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    sio_admission_allow(asked);
    read_sid(peer, sid);
    for (int i = 0; i < count; i++)
        expect(peer, "HTTP/1.1 404 Not Found\r\n");
    peer_free(peer);
}

static void frames_wait_with_their_upgrade(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char request[512];
    size_t len =
        (size_t)snprintf(request, sizeof(request), "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    len += frame_of(request + len, SIO_WS_TEXT, "40", 2);
    send_bytes(peer, request, len);
    wait_until_asked();
    send_frame(peer, SIO_WS_TEXT, "42[\"message\",1]");
    for (int i = 0; i < 3; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    sio_admission_allow(asked);
    expect(peer, "HTTP/1.1 101 Switching Protocols\r\n");
    expect(peer, "40{\"sid\":");
    expect(peer, "42[\"message-back\",1]");
    send_frame(peer, SIO_WS_TEXT, "42[\"message\",2]");
    expect(peer, "42[\"message-back\",2]");
    peer_free(peer);
}

static void the_client_may_go_away_meanwhile(void **state)
{
    (void)state;
    for (int allow = 0; allow < 2; allow++) {
        struct peer *peer = peer_new();
        asked = NULL;
        send_text(peer, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
        wait_until_asked();
        peer_free(peer);
        wait_until_gone();
        assert_string_equal(sio_http_request_method(asked_about), "GET");
        if (allow)
            sio_admission_allow(asked);
        else
            sio_admission_refuse(asked, "too late");
    }
    assert_int_equal(stats_now().handshakes, 0);
    expect_errors("");
}

static void an_answer_and_the_end_in_one_turn(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    send_text(peer, "GET " ENGINE "polling" HTTP "\r\n");
    wait_until_asked();
    sio_admission_allow(asked);
    sio_server_close(server);
    expect(peer, "HTTP/1.1 503 Service Unavailable\r\n");
    expect(peer, "\r\n\r\n");
    expect_end(peer);
    peer_free(peer);
}

static void the_server_may_end_unanswered(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    send_text(peer, "GET " ENGINE "polling" HTTP "\r\n");
    wait_until_asked();
    sio_server_close(server);
    expect_end(peer);
    peer_free(peer);
}

static void sessions_are_not_asked_about_again(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21];
    send_text(peer, "GET " ENGINE "polling" HTTP "\r\n");
    wait_until_asked();
    sio_admission_allow(asked);
    read_sid(peer, sid);
    asked = NULL;
    send_post(peer, sid, "40");
    expect(peer, "\r\n\r\nok");
    send_poll(peer, sid);
    expect(peer, "40{\"sid\":");
    assert_null(asked);
    peer_free(peer);
}

static void tells_of_refused_requests(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21], request[256];
    connect_polling(peer, sid);
    ask("GET " ENGINE "smoke" HTTP "\r\n", "400 Bad Request", REFUSAL("0", "Transport unknown"));
    ask("GET " ENGINE "polling&sid=x" HTTP "\r\n", "400 Bad Request",
        REFUSAL("1", "Session ID unknown"));
    ask("PUT " ENGINE "polling" HTTP "\r\n", "400 Bad Request",
        REFUSAL("2", "Bad handshake method"));
    ask("GET " ENGINE "websocket" HTTP "\r\n", "400 Bad Request", REFUSAL("3", "Bad request"));
    ask("GET /socket.io/?EIO=9&transport=polling" HTTP "\r\n", "400 Bad Request",
        REFUSAL("5", "Unsupported protocol version"));
    snprintf(request, sizeof(request), "GET " ENGINE "websocket&sid=%s" HTTP "\r\n", sid);
    ask(request, "400 Bad Request", REFUSAL("3", "Bad request"));
    snprintf(request, sizeof(request), "GET /socket.io/?EIO=9&transport=polling&sid=%s" HTTP "\r\n",
             sid);
    ask(request, "400 Bad Request", REFUSAL("3", "Bad request"));
    expect_errors("GET 0 Transport unknown, -\n"
                  "GET 1 Session ID unknown, -\n"
                  "PUT 2 Bad handshake method, -\n"
                  "GET 3 Bad request, TRANSPORT_HANDSHAKE_ERROR\n"
                  "GET 5 Unsupported protocol version, -\n"
                  "GET 3 Bad request, TRANSPORT_MISMATCH\n"
                  "GET 3 Bad request, PROTOCOL_MISMATCH\n");
    peer_free(peer);
}

static void adds_headers(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    char sid[21];
    send_text(peer, "GET " ENGINE "polling" HTTP "\r\n");
    expect(peer, "\r\nX-First: yes\r\n");
    read_sid(peer, sid);
    send_post(peer, sid, "40");
    expect(peer, "\r\nX-Next: yes\r\n");
    expect(peer, "\r\n\r\nok");
    send_poll(peer, sid);
    expect(peer, "\r\nX-Next: yes\r\n");
    expect(peer, "40{\"sid\":");
    send_text(peer, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    expect(peer, "HTTP/1.1 101 Switching Protocols\r\n");
    expect(peer, "\r\nX-First: yes\r\n\r\n");
    expect(peer, "0{\"sid\":");
    peer_free(peer);
}

static void ids_of_the_application(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    next_id = "me~1";
    send_text(peer, "GET " ENGINE "polling" HTTP "\r\n");
    expect(peer, "0{\"sid\":\"me~1\",");
    expect(peer, "}\x1e"
                 "4h\xc3\xa9llo");
    send_post(peer, "me~1", "40");
    expect(peer, "\r\n\r\nok");
    static const char *const bad[] = { "me~1", "", NULL, "a b", "a/b", "123456789012345678901" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        next_id = bad[i];
        ask("GET " ENGINE "polling" HTTP "\r\n", "400 Bad Request",
            "{\"code\":3,\"message\":\"Bad request\"}");
        expect_errors("GET 3 Bad request, ID_GENERATION_ERROR\n");
    }
    next_id = "12345678901234567890";
    struct peer *websocket = peer_new();
    send_text(websocket, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    expect(websocket, "0{\"sid\":\"12345678901234567890\",");
    expect(websocket, "4h\xc3\xa9llo");
    peer_free(websocket);
    peer_free(peer);
}

static void a_path_without_its_slash(void **state)
{
    (void)state;
    ask("GET /socket.io?EIO=4&transport=smoke" HTTP "\r\n", "400 Bad Request",
        REFUSAL("0", "Transport unknown"));
    ask("GET /socket.io/?EIO=4&transport=smoke" HTTP "\r\n", "400 Bad Request",
        REFUSAL("0", "Transport unknown"));
    ask("GET /socket.i" HTTP "\r\n", "404 Not Found", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STARTED(answers_at_once, start_now),
        STARTED(answers_later_and_serves_what_was_pipelined, start_later),
        STARTED(reading_stops_when_too_much_is_pipelined, start_later),
        STARTED(frames_wait_with_their_upgrade, start_later),
        STARTED(the_client_may_go_away_meanwhile, start_later),
        STARTED(an_answer_and_the_end_in_one_turn, start_later),
        STARTED(the_server_may_end_unanswered, start_later),
        STARTED(sessions_are_not_asked_about_again, start_later),
        STARTED(tells_of_refused_requests, start_plain),
        STARTED(adds_headers, start_plain),
        STARTED(ids_of_the_application, start_with_ids),
        STARTED(a_path_without_its_slash, start_without_slash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
