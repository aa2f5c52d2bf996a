/* Who is let in, and what the others are told. */
#include "live.h"

static const char *const proxies[] = { "127.0.0.0/8", NULL };

static int begin_with(const char *const *trusted, sio_limit_options limits)
{
    return start_with(&(sio_server_options){ .trusted_proxies = trusted, .limits = limits });
}

static int begin_few(void **state)
{
    (void)state;
    return begin_with(NULL, (sio_limit_options){ .max_connections = 2 });
}

static int begin_few_each(void **state)
{
    (void)state;
    return begin_with(NULL, (sio_limit_options){ .max_connections_per_address = 2 });
}

static int begin_few_proxied(void **state)
{
    (void)state;
    return begin_with(proxies, (sio_limit_options){ .max_connections_per_address = 2 });
}

static int begin_slow(void **state)
{
    (void)state;
    return begin_with(NULL,
                      (sio_limit_options){ .new_connections = { .per_second = 1, .burst = 3 } });
}

static int begin_slow_proxied(void **state)
{
    (void)state;
    return begin_with(proxies,
                      (sio_limit_options){ .new_connections = { .per_second = 1, .burst = 3 } });
}

static void is_served(struct peer *peer)
{
    send_text(peer, "GET /nothing" HTTP "\r\n");
    expect(peer, "HTTP/1.1 404 Not Found\r\n");
    expect(peer, "\r\n\r\n");
}

static void is_turned_away(const char *status)
{
    struct peer *peer = peer_new();
    char line[64];
    snprintf(line, sizeof(line), "HTTP/1.1 %s\r\nRetry-After: 5\r\n", status);
    expect(peer, line);
    expect(peer, "\r\n\r\n");
    expect_end(peer);
    peer_free(peer);
}

static void the_server_has_so_many_connections(void **state)
{
    (void)state;
    struct peer *one = peer_new(), *two = peer_new();
    is_served(one);
    is_served(two);
    is_turned_away("503 Service Unavailable");
    assert_int_equal(stats_now().refused_connections, 1);
    is_served(one);
    peer_free(two);
    await_connections(1);
    two = peer_new();
    is_served(two);
    peer_free(two);
    peer_free(one);
    await_connections(0);
}

static void an_address_has_so_many_connections(void **state)
{
    (void)state;
    struct peer *one = peer_new(), *two = peer_new();
    is_served(one);
    is_served(two);
    is_turned_away("429 Too Many Requests");
    assert_int_equal(stats_now().refused_per_address, 1);
    peer_free(two);
    await_connections(1);
    two = peer_new();
    is_served(two);
    peer_free(two);
    peer_free(one);
}

/* Only some are told: the others cost nothing but their descriptor, for a moment. */
static void a_flood_is_not_answered(void **state)
{
    (void)state;
    enum { FLOOD = SIO_LIMIT_TURNED_AWAY + 20 };
    static struct peer *peers[FLOOD];
    struct peer *one = peer_new(), *two = peer_new();
    int answered = 0;
    is_served(one);
    is_served(two);
    for (int i = 0; i < FLOOD; i++)
        peers[i] = peer_new();
    const uint64_t end = now_ms() + GUARD_MS;
    while (stats_now().refused_connections < FLOOD) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    for (int i = 0; i < FLOOD; i++) {
        receive(peers[i]);
        answered += peers[i]->len > 0;
        peer_free(peers[i]);
    }
    assert_in_range(answered, 1, SIO_LIMIT_TURNED_AWAY);
    is_served(one);
    peer_free(one);
    peer_free(two);
}

/* ---- new ones ---- */

#define HANDSHAKE "GET " ENGINE "polling" HTTP

static void opens(struct peer *peer, const char *lines)
{
    char sid[21];
    send_text(peer, HANDSHAKE);
    send_text(peer, lines);
    send_text(peer, "\r\n");
    read_sid(peer, sid);
}

/* Reads the answer to a handshake; whether it is let in. */
static bool is_let_in(struct peer *peer, const char *lines)
{
    char sid[21];
    send_text(peer, HANDSHAKE);
    send_text(peer, lines);
    send_text(peer, "\r\n");
    expect(peer, "HTTP/1.1 ");
    while (peer->len < 3) {
        turn(peer);
        receive(peer);
    }
    if (strncmp(peer->in, "200", 3) == 0) {
        read_sid(peer, sid);
        return true;
    }
    expect(peer, "429 Too Many Requests\r\nRetry-After: 5\r\n");
    expect(peer, "Connection: close\r\n\r\n");
    expect_end(peer);
    return false;
}

static void is_refused(struct peer *peer, const char *lines)
{
    assert_false(is_let_in(peer, lines));
    peer_free(peer);
}

/* How many sessions it takes until one is refused: more than the burst only where they come slowly.
 */
static void is_stopped_after_burst(struct peer *peer, const char *lines, int burst)
{
    int count = 0;
    while (count < 1000 && is_let_in(peer, lines))
        count++;
    assert_in_range(count, burst, 999);
    peer_free(peer);
}

static void connections_and_sessions_come_so_fast(void **state)
{
    (void)state;
    is_stopped_after_burst(peer_new(), "", 3);
    assert_int_equal(stats_now().refused_for_rate, 1);
    const uint64_t end = now_ms() + GUARD_MS;
    while (stats_now().refused_for_rate == 1) {
        struct peer *peer = peer_new();
        assert_true(now_ms() < end);
        turn(peer);
        peer_free(peer);
    }
}

#define FROM(address) "X-Forwarded-For: " address "\r\n"

/* On one connection of the proxy, or on several: it is the client that counts. */
static void clients_of_a_proxy_come_so_fast(void **state)
{
    (void)state;
    struct peer *proxy = peer_new();
    is_stopped_after_burst(peer_new(), FROM("192.0.2.1"), 3);
    is_stopped_after_burst(peer_new(), FROM("2001:db8::1"), 3);
    for (int i = 0; i < 10; i++)
        opens(proxy, "");
    opens(proxy, FROM("192.0.2.3"));
    peer_free(proxy);
}

static struct peer *open_websocket(const char *lines)
{
    struct peer *peer = peer_new();
    send_text(peer, "GET " ENGINE "websocket" HTTP "Connection: Upgrade\r\n"
                    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    send_text(peer, lines);
    send_text(peer, "\r\n");
    return peer;
}

static void clients_of_a_proxy_have_so_many_connections(void **state)
{
    (void)state;
    char sid[21];
    struct peer *poll = peer_new();
    connect_polling(poll, sid);
    struct peer *one = open_websocket(FROM("192.0.2.1")), *two = open_websocket(FROM("192.0.2.1"));
    expect(one, "HTTP/1.1 101 ");
    expect(two, "HTTP/1.1 101 ");
    struct peer *three = open_websocket(FROM("192.0.2.1"));
    expect(three, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\n");
    peer_free(three);
    is_refused(peer_new(), FROM("192.0.2.1"));
    three = open_websocket(FROM("192.0.2.2"));
    expect(three, "HTTP/1.1 101 ");
    /* the session that exists goes on, wherever it comes from */
    char request[256];
    snprintf(request, sizeof(request),
             "POST " ENGINE "polling&sid=%s" HTTP FROM("192.0.2.1") "Content-Length: 1\r\n\r\n3",
             sid);
    send_text(poll, request);
    expect(poll, "\r\n\r\nok");
    peer_free(one);
    await_connections(3);
    one = open_websocket(FROM("192.0.2.1"));
    expect(one, "HTTP/1.1 101 ");
    peer_free(one);
    peer_free(two);
    peer_free(three);
    peer_free(poll);
}

static void a_rate_that_makes_no_sense(void **state)
{
    (void)state;
    char error[256];
    sio_server *other;
    const sio_server_options options = { .limits.new_connections.burst = 1,
                                         .error = error,
                                         .error_size = sizeof(error) };
    assert_int_equal(sio_server_new(&other, &options), SIO_EINVAL);
    assert_string_equal(error, "limits.new_connections has a burst but no per_second");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_server_has_so_many_connections, begin_few, stop),
        cmocka_unit_test_setup_teardown(an_address_has_so_many_connections, begin_few_each, stop),
        cmocka_unit_test_setup_teardown(a_flood_is_not_answered, begin_few, stop),
        cmocka_unit_test_setup_teardown(connections_and_sessions_come_so_fast, begin_slow, stop),
        cmocka_unit_test_setup_teardown(clients_of_a_proxy_come_so_fast, begin_slow_proxied, stop),
        cmocka_unit_test_setup_teardown(clients_of_a_proxy_have_so_many_connections,
                                        begin_few_proxied, stop),
        cmocka_unit_test(a_rate_that_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
