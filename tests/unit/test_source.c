/* Where clients are, as the application is told, when proxies stand between. */
#include "live.h"

/* Of the last client. */
static char address[64];
static bool secure;

static void on_client(sio_server *which, sio_client *client, void *data)
{
    (void)which;
    (void)data;
    snprintf(address, sizeof(address), "%s", sio_client_address(client));
    secure = sio_client_secure(client);
}

static int begin_with(const char *const *proxies)
{
    return start_with(&(sio_server_options){ .trusted_proxies = proxies, .on_client = on_client });
}

static int begin(void **state)
{
    static const char *const proxies[] = { "127.0.0.0/8", "unix:", NULL };
    (void)state;
    return begin_with(proxies);
}

static int begin_far(void **state)
{
    static const char *const proxies[] = { "10.0.0.0/8", NULL };
    (void)state;
    return begin_with(proxies);
}

static int begin_alone(void **state)
{
    (void)state;
    return begin_with(NULL);
}

#define POLL "GET " ENGINE "polling" HTTP

static void open_from(struct peer *peer, const char *lines, const char *expected)
{
    char sid[21];
    address[0] = '\0';
    send_text(peer, POLL);
    send_text(peer, lines);
    send_text(peer, "\r\n");
    read_sid(peer, sid);
    assert_string_equal(address, expected);
}

static void open_once(const char *lines, const char *expected)
{
    struct peer *peer = peer_new();
    open_from(peer, lines, expected);
    peer_free(peer);
}

static void each_request_has_its_client(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    open_from(peer, "", "127.0.0.1");
    open_from(peer, "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1");
    open_from(peer, "x-forwarded-for: 6.6.6.6, 2001:DB8::1 , 127.0.0.9\r\n", "2001:db8::1");
    open_from(peer, "X-Forwarded-For: 6.6.6.6, 192.0.2.2\r\nX-Forwarded-For: 127.0.0.3\r\n",
              "192.0.2.2");
    open_from(peer, "X-Forwarded-For: 192.0.2.2\r\nX-Forwarded-For: nonsense\r\n", "127.0.0.1");
    peer_free(peer);
}

static const struct {
    const char *lines, *address;
    bool secure;
} forwarded[] = {
    { "X-Forwarded-Proto: https\r\n", "127.0.0.1", true },
    { "X-Forwarded-Proto: WSS\r\n", "127.0.0.1", true },
    { "X-Forwarded-Proto: http\r\n", "127.0.0.1", false },
    { "X-Forwarded-Proto: https2\r\n", "127.0.0.1", false },
    { "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", "192.0.2.1", true },
    { "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1", false },
    /* what a client has made up stands before what its proxy says */
    { "X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\nX-Forwarded-Proto: https, http\r\n", "192.0.2.1",
      false },
    { "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n", "127.0.0.1", false },
    /* of two proxies the outer one, whether the inner adds a word of its own or hands on the
       other's */
    { "X-Forwarded-For: 192.0.2.1, 127.0.0.2\r\nX-Forwarded-Proto: https, http\r\n", "192.0.2.1",
      true },
    { "X-Forwarded-For: 192.0.2.1, 127.0.0.2\r\nX-Forwarded-Proto: https\r\n", "192.0.2.1", true },
    { "Forwarded: for=192.0.2.1;proto=https\r\n", "192.0.2.1", true },
    { "forwarded: proto=https\r\n", "127.0.0.1", true },
    { "Forwarded: for=6.6.6.6;proto=https, for=192.0.2.1;proto=http\r\n", "192.0.2.1", false },
    { "Forwarded: for=192.0.2.1;proto=https\r\nForwarded: for=127.0.0.2;proto=http\r\n",
      "192.0.2.1", true },
    { "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=6.6.6.6;proto=https\r\n", "192.0.2.1", false },
    { "X-Forwarded-Proto: http\r\nForwarded: for=6.6.6.6;proto=https\r\n", "127.0.0.1", false },
};

static void proxies_say_what_came_by_tls(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++) {
        open_once(forwarded[i].lines, forwarded[i].address);
        if (secure != forwarded[i].secure)
            fail_msg("%s is %s", forwarded[i].lines, secure ? "secure" : "not secure");
    }
}

static void who_is_not_trusted_is_not_believed(void **state)
{
    (void)state;
    open_once("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", "127.0.0.1");
    assert_false(secure);
    open_once("Forwarded: for=192.0.2.1;proto=https\r\n", "127.0.0.1");
    assert_false(secure);
}

/* ---- the PROXY protocol ---- */

static uint16_t listen_proxied(void)
{
    const sio_listen_options options = { .host = "127.0.0.1", .proxy_protocol = true };
    assert_int_equal(sio_server_listen_with(server, &options), 0);
    return sio_server_port(server);
}

static void a_listener_takes_the_proxy_protocol(void **state)
{
    (void)state;
    const uint16_t port = listen_proxied();
    struct peer *peer = peer_new_to(port, 0);
    send_text(peer, "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n");
    open_from(peer, "", "192.0.2.1");
    open_from(peer, "X-Forwarded-For: 6.6.6.6\r\n", "192.0.2.1");
    peer_free(peer);
    peer = peer_new_to(port, 0);
    send_text(peer, "PROXY TCP4 127.0.0.7 10.0.0.1 1 2\r\n");
    open_from(peer, "X-Forwarded-For: 192.0.2.5\r\n", "192.0.2.5");
    peer_free(peer);
    peer = peer_new_to(port, 0);
    send_bytes(peer, "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16);
    open_from(peer, "", "127.0.0.1");
    peer_free(peer);
}

static void the_proxy_protocol_says_what_came_by_tls(void **state)
{
    (void)state;
    static const char tls[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x14"
                              "\xc0\0\2\1\x7f\0\0\1\x12\x34\0\x50\x20\0\5\1\0\0\0\0";
    struct peer *peer = peer_new_to(listen_proxied(), 0);
    send_bytes(peer, tls, sizeof(tls) - 1);
    open_from(peer, "X-Forwarded-Proto: http\r\n", "192.0.2.1");
    assert_true(secure);
    peer_free(peer);
}

static void a_websocket_comes_with_its_header_byte_by_byte(void **state)
{
    (void)state;
    static const char all[] =
        "PROXY TCP6 2001:db8::1 fd00::1 1 2\r\nGET " ENGINE "websocket" HTTP
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    struct peer *peer = peer_new_to(listen_proxied(), 0);
    for (size_t i = 0; i + 1 < sizeof(all); i++) {
        send_bytes(peer, all + i, 1);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    expect(peer, "HTTP/1.1 101 ");
    assert_string_equal(address, "2001:db8::1");
    peer_free(peer);
}

static int bound(uint16_t *port)
{
    struct sockaddr_in where = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(where);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&where, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&where, &len), 0);
    *port = ntohs(where.sin_port);
    return fd;
}

static void sockets_that_are_handed_in_take_it_too(void **state)
{
    (void)state;
    uint16_t port;
    const int fd = bound(&port);
    const sio_listen_options proxied = { .backlog = 10, .proxy_protocol = true };
    const sio_listen_options placed = { .host = "127.0.0.1" };
    assert_int_equal(sio_server_listen_fd_with(server, fd, &placed), SIO_EINVAL);
    assert_non_null(strstr(sio_server_error(server), "decided already"));
    assert_int_equal(sio_server_listen_systemd_with(server, NULL, &proxied),
                     0); /* there are none */
    assert_int_equal(sio_server_listen_fd_with(server, fd, &proxied), 0);
    struct peer *peer = peer_new_to(port, 0);
    send_text(peer, "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n");
    open_from(peer, "", "192.0.2.1");
    peer_free(peer);
}

static void without_its_header_nobody_is_served(void **state)
{
    (void)state;
    struct peer *peer = peer_new_to(listen_proxied(), 0);
    send_text(peer, POLL "\r\n");
    expect_end(peer);
    peer_free(peer);
}

static void strangers_may_not_name_anybody(void **state)
{
    (void)state;
    struct peer *peer = peer_new_to(listen_proxied(), 0);
    expect_end(peer);
    peer_free(peer);
}

static void a_listener_that_anybody_could_lie_to_is_refused(void **state)
{
    (void)state;
    const sio_listen_options options = { .host = "127.0.0.1", .proxy_protocol = true };
    assert_int_equal(sio_server_listen_with(server, &options), SIO_EINVAL);
    assert_non_null(strstr(sio_server_error(server), "trusted_proxies"));
    assert_int_equal(
        sio_server_listen_fd_with(server, 0, &(sio_listen_options){ .proxy_protocol = true }),
        SIO_EINVAL);
    assert_non_null(strstr(sio_server_error(server), "trusted_proxies"));
}

static void a_wrong_list_is_named(void **state)
{
    (void)state;
    const char *const proxies[] = { "127.0.0.1", "10.1.0.0/8", NULL };
    char error[256];
    sio_server *other;
    const sio_server_options options = { .trusted_proxies = proxies,
                                         .error = error,
                                         .error_size = sizeof(error) };
    assert_int_equal(sio_server_new(&other, &options), SIO_EINVAL);
    assert_non_null(strstr(error, "trusted_proxies: \"10.1.0.0/8\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_request_has_its_client, begin, stop),
        cmocka_unit_test_setup_teardown(proxies_say_what_came_by_tls, begin, stop),
        cmocka_unit_test_setup_teardown(who_is_not_trusted_is_not_believed, begin_far, stop),
        cmocka_unit_test_setup_teardown(a_listener_takes_the_proxy_protocol, begin, stop),
        cmocka_unit_test_setup_teardown(sockets_that_are_handed_in_take_it_too, begin, stop),
        cmocka_unit_test_setup_teardown(the_proxy_protocol_says_what_came_by_tls, begin, stop),
        cmocka_unit_test_setup_teardown(a_websocket_comes_with_its_header_byte_by_byte, begin,
                                        stop),
        cmocka_unit_test_setup_teardown(without_its_header_nobody_is_served, begin, stop),
        cmocka_unit_test_setup_teardown(strangers_may_not_name_anybody, begin_far, stop),
        cmocka_unit_test_setup_teardown(a_listener_that_anybody_could_lie_to_is_refused,
                                        begin_alone, stop),
        cmocka_unit_test(a_wrong_list_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
