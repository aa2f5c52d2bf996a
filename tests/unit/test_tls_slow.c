/* Handshakes of TLS that never end: there is a time for them, and who exceeds it is cut off and
 * counted. */
#include <openssl/ssl.h> /* before live.h: it has an ENGINE too */

#include <sio/tls.h>

#include "certificates.h"
#include "tunnel.h"

static uint16_t port;

static int begin_with(uint32_t head_ms)
{
    const sio_tls_certificate shown = { .certificate = certificate("server.pem"),
                                        .key = certificate("server.key") };
    const sio_tls_options tls = { .certificates = &shown, .certificate_count = 1 };
    const sio_listen_options where = { .host = "127.0.0.1" };
    if (start_with(&(sio_server_options){ .limits = { .head_timeout_ms = head_ms } }) ||
        sio_server_listen_tls(server, &where, &tls))
        return -1;
    port = sio_server_port(server);
    tunnels_open(NULL);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    return begin_with(60);
}

static int begin_patient(void **state)
{
    (void)state;
    return begin_with(2000);
}

static int end(void **state)
{
    tunnels_close();
    return stop(state);
}

static uint64_t timed_out(void)
{
    sio_server_stats stats;
    sio_server_stats_get(server, &stats);
    return stats.timed_out;
}

/* A byte of `text` for each turn in which nothing else happens. */
static void drip_until_end(struct peer *peer, const char *text, size_t len)
{
    const uint64_t guard = now_ms() + GUARD_MS;
    size_t at = 0;
    while (!peer->ended) {
        assert_true(now_ms() < guard);
        if (at < len && send(peer->fd, text + at, 1, MSG_NOSIGNAL) == 1)
            at++;
        tunnels_turn();
        turn(peer);
        receive(peer);
    }
    peer_free(peer);
}

static void who_says_nothing(void **state)
{
    (void)state;
    drip_until_end(peer_new_to(port, 0), "", 0);
    assert_int_equal(timed_out(), 1);
}

/* The beginning of a record with a ClientHello of 508 bytes. */
static void half_a_hello(void **state)
{
    static const char hello[200] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    (void)state;
    drip_until_end(peer_new_to(port, 0), hello, sizeof(hello));
    assert_int_equal(timed_out(), 1);
}

static void a_handshake_and_nothing_else(void **state)
{
    (void)state;
    drip_until_end(peer_new_tls(port), "", 0);
    assert_int_equal(timed_out(), 1);
}

static void expect_tls(struct peer *peer, const char *text)
{
    const uint64_t guard = now_ms() + GUARD_MS;
    char *found;
    while (!(found = memmem(peer->in, peer->len, text, strlen(text)))) {
        assert_true(!peer->ended && now_ms() < guard);
        tunnels_turn();
        turn(peer);
        receive(peer);
    }
    peer->len -= (size_t)(found + strlen(text) - peer->in);
    memmove(peer->in, found + strlen(text), peer->len + 1);
}

/* Who has come in time is there after others have been cut off, and is not counted. */
static void who_is_quick(void **state)
{
    (void)state;
    struct peer *quick = peer_new_tls(port);
    send_text(quick, "GET " ENGINE "websocket HTTP/1.1\r\n" WEBSOCKET "\r\n");
    expect_tls(quick, "0{\"sid\":");
    send_frame(quick, SIO_WS_TEXT, "40");
    expect_tls(quick, "40{\"sid\":");
    drip_until_end(peer_new_to(port, 0), "", 0);
    send_frame(quick, SIO_WS_TEXT, "42[\"message\",\"still here\"]");
    expect_tls(quick, "still here");
    assert_int_equal(timed_out(), 1);
    peer_free(quick);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_says_nothing, begin, end),
        cmocka_unit_test_setup_teardown(half_a_hello, begin, end),
        cmocka_unit_test_setup_teardown(a_handshake_and_nothing_else, begin, end),
        cmocka_unit_test_setup_teardown(who_is_quick, begin_patient, end),
    };
    return cmocka_run_group_tests(tests, certificates_set_up, certificates_tear_down);
}
