/* The PROXY protocol before TLS, as balancers of TCP speak it that pass TLS through. */
#include <openssl/ssl.h> /* before live.h: it has an ENGINE too */

#include <sio/tls.h>

#include <sio/err.h>

#include "certificates.h"
#include "tunnel.h"

static uint16_t port;
static char address[64];

static void note_address(sio_socket *socket, void *data)
{
    (void)data;
    snprintf(address, sizeof(address), "%s", sio_socket_address(socket));
}

static int listen_tls(void)
{
    const sio_tls_certificate shown = { .certificate = certificate("server.pem"),
                                        .key = certificate("server.key") };
    const sio_tls_options tls = { .certificates = &shown, .certificate_count = 1 };
    const sio_listen_options where = { .host = "127.0.0.1", .proxy_protocol = true };
    return sio_server_listen_tls(server, &where, &tls);
}

static int begin_with(const char *const *trusted, uint32_t head_ms)
{
    if (start_with(&(sio_server_options){ .trusted_proxies = trusted,
                                          .limits = { .head_timeout_ms = head_ms } }))
        return -1;
    sio_namespace_on_connection(sio_server_of(server, "/"), note_address, NULL);
    address[0] = '\0';
    tunnels_open(NULL);
    return 0;
}

static int begin_trusting(const char *block, uint32_t head_ms)
{
    const char *const trusted[] = { block, NULL };
    if (begin_with(trusted, head_ms) || listen_tls())
        return -1;
    port = sio_server_port(server);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    return begin_trusting("127.0.0.0/8", 0);
}

static int begin_short(void **state)
{
    (void)state;
    return begin_trusting("127.0.0.0/8", 60);
}

static int begin_elsewhere(void **state)
{
    (void)state;
    return begin_trusting("10.0.0.0/8", 0);
}

static int begin_trusting_nobody(void **state)
{
    (void)state;
    return begin_with(NULL, 0);
}

static int end(void **state)
{
    tunnels_close();
    return stop(state);
}

/* ---- peers ---- */

static void turn_all(struct peer *peer)
{
    tunnels_turn();
    turn(peer);
    receive(peer);
}

static void comes(struct peer *peer, const char *text)
{
    const uint64_t guard = now_ms() + GUARD_MS;
    while (!memmem(peer->in, peer->len, text, strlen(text))) {
        assert_true(!peer->ended && now_ms() < guard);
        turn_all(peer);
    }
}

static void ends(struct peer *peer)
{
    const uint64_t guard = now_ms() + GUARD_MS;
    while (!peer->ended) {
        assert_true(now_ms() < guard);
        turn_all(peer);
    }
    assert_int_equal(peer->len, 0);
    peer_free(peer);
}

/* A client that begins so comes from there. */
static void comes_from(struct peer *peer, const char *from)
{
    peer_encrypt(peer);
    send_text(peer, "GET " ENGINE "websocket HTTP/1.1\r\n" WEBSOCKET "\r\n");
    comes(peer, "0{\"sid\":");
    send_frame(peer, SIO_WS_TEXT, "40");
    comes(peer, "40{\"sid\":");
    assert_string_equal(address, from);
    peer_free(peer);
}

static struct peer *peer_saying(const char *bytes, size_t len)
{
    struct peer *peer = peer_new_to(port, 0);
    send_bytes(peer, bytes, len);
    return peer;
}

#define SAYING(text) peer_saying(text, sizeof(text) - 1)

/* ---- headers ---- */

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static void version_1(void **state)
{
    (void)state;
    comes_from(SAYING("PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n"), "192.0.2.1");
    comes_from(SAYING("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"), "2001:db8::1");
    comes_from(SAYING("PROXY UNKNOWN\r\n"), "127.0.0.1");
}

static void version_2(void **state)
{
    (void)state;
    comes_from(SAYING(SIGNATURE "\x21\x11\0\x0c\xc0\0\x02\x07\x7f\0\0\x01\0\x01\0\x02"),
               "192.0.2.7");
    /* with a field that says nothing of interest */
    comes_from(SAYING(SIGNATURE "\x21\x11\0\x11\xc0\0\x02\x08\x7f\0\0\x01\0\x01\0\x02"
                                "\x04\0\x02zz"),
               "192.0.2.8");
    comes_from(SAYING(SIGNATURE "\x20\0\0\0"), "127.0.0.1");
}

static void a_byte_at_a_time(void **state)
{
    static const char header[] = "PROXY TCP4 192.0.2.2 127.0.0.1 1 2\r\n";
    struct peer *peer = peer_new_to(port, 0);
    (void)state;
    for (const char *at = header; *at; at++) {
        send_bytes(peer, at, 1);
        turn(peer);
    }
    comes_from(peer, "192.0.2.2");
}

/* ---- what is not let in ---- */

static void tls_without_a_header(void **state)
{
    (void)state;
    ends(peer_new_tls(port));
    ends(SAYING("GET / HTTP/1.1\r\n\r\n"));
}

static void half_a_header(void **state)
{
    sio_server_stats stats;
    (void)state;
    ends(SAYING("PROXY TCP4 192.0"));
    ends(SAYING(""));
    sio_server_stats_get(server, &stats);
    assert_int_equal(stats.timed_out, 2);
}

static void who_is_not_trusted(void **state)
{
    (void)state;
    ends(SAYING("PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n"));
}

static void nobody_is_trusted(void **state)
{
    (void)state;
    assert_int_equal(listen_tls(), SIO_EINVAL);
    assert_non_null(strstr(sio_server_error(server), "proxy_protocol without trusted_proxies"));
}

/* `end` finds nothing left over. */
static void the_server_ends_meanwhile(void **state)
{
    struct peer *peer = SAYING("PROXY TCP4");
    (void)state;
    for (int i = 0; i < 5; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    sio_server_close(server);
    ends(peer);
}

#define WITH(begin, test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(begin, version_1),
        WITH(begin, version_2),
        WITH(begin, a_byte_at_a_time),
        WITH(begin, tls_without_a_header),
        WITH(begin_short, half_a_header),
        WITH(begin_elsewhere, who_is_not_trusted),
        WITH(begin_trusting_nobody, nobody_is_trusted),
        WITH(begin, the_server_ends_meanwhile),
    };
    return cmocka_run_group_tests(tests, certificates_set_up, certificates_tear_down);
}
