/* Memory runs out for a listener with TLS, and for a server within a web server of libwebsockets.
 * Their own allocations, and those of OpenSSL, do not fail here: ours around them do. */
#include <libwebsockets.h> /* before live.h: OpenSSL has an ENGINE too */

#include <sio/lws.h>
#include <sio/tls.h>

#include "certificates.h"
#include "starved.h"
#include "tunnel.h"

static struct {
    uint16_t port;
    unsigned nameless; /* whose certificate was lost on the way */
    char sid[21];      /* of the session that polls */
    struct lws_context *context;
} around;

static void note_subject(sio_socket *socket, void *data)
{
    (void)data;
    around.nameless += sio_socket_secure(socket) && !sio_socket_subject(socket);
}

/* ---- a listener with TLS ---- */

static int listen_tls(void)
{
    const sio_tls_certificate shown = { .certificate = certificate("server.pem"),
                                        .key = certificate("server.key"),
                                        .chain = certificate("ca.pem") };
    const sio_tls_options options = { .certificates = &shown,
                                      .certificate_count = 1,
                                      .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256",
                                      .ciphersuites = "TLS_AES_128_GCM_SHA256",
                                      .client_authorities = certificate("ca.pem") };
    const sio_listen_options where = { .host = "127.0.0.1", .proxy_protocol = starved.guarded };
    sio_namespace_on_connection(sio_server_of(server, "/"), note_subject, NULL);
    around.nameless = 0;
    const int err = sio_server_listen_tls(server, &where, &options);
    assert_true(err == 0 || err == SIO_ENOMEM);
    around.port = sio_server_port(server);
    return err;
}

static void speak(struct peer *peer)
{
    say_hello(peer);
    comes(peer, "40{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "421[\"message\",1.5]");
    comes(peer, "431");
    say_frame(peer, SIO_WS_TEXT, "42[\"room\"]");
    comes(peer, "asked");
}

/* Its session ends when memory is back: a server that closes would wait for its next poll. */
static void poll_for_all(struct peer *peer)
{
    char sid[21] = "none";
    say_text(peer, "GET " ENGINE "polling HTTP/1.1\r\nHost: a\r\nCookie: b\r\n\r\n");
    if (comes(peer, "0{\"sid\":\"") && peer->len > 20)
        snprintf(sid, sizeof(sid), "%.20s", peer->in);
    say_post(peer, sid, "40");
    comes(peer, "\r\n\r\nok");
    say_poll(peer, sid);
    comes(peer, "40{");
    say_post(peer, sid,
             "42[\"room\"]\x1e"
             "451-[\"message\",{\"_placeholder\":true,\"num\":0}]\x1e"
             "bAAEC");
    comes(peer, "\r\n\r\nok");
    say_poll(peer, sid);
    comes(peer, "asked");
    peer_free(peer);
    snprintf(around.sid, sizeof(around.sid), "%s", sid);
}

static void end_poll(struct peer *peer)
{
    faults.last = 0;
    say_post(peer, around.sid, "1");
    comes(peer, "\r\n\r\n");
    peer_free(peer);
}

/* Either all certificates are new, or none; who is there stays. */
static void reload(void)
{
    faults.armed = true;
    const int err = sio_server_reload_tls(server);
    faults.armed = false;
    assert_true(err == 0 || err == SIO_ENOMEM);
    assert_true(err == 0 || faults.count >= faults.first);
}

static void live_by_tls(void)
{
    struct peer *first = peer_new_tls(around.port);
    speak(first);
    poll_for_all(peer_new_tls(around.port));
    reload();
    struct peer *second = peer_new_tls(around.port);
    speak(second);
    end_poll(peer_new_tls(around.port));
    all_is_well_for(peer_new_tls(around.port));
    assert_int_equal(around.nameless, 0);
    peer_free(first);
    peer_free(second);
}

/* What a balancer says goes before TLS. */
static struct peer *peer_new_balanced(void)
{
    struct peer *peer = peer_new_to(around.port, 0);
    say_text(peer, "PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n");
    return peer_encrypt(peer);
}

static void live_behind_a_balancer(void)
{
    struct peer *peer = peer_new_balanced();
    speak(peer);
    faults.last = 0;
    all_is_well_for(peer_new_balanced());
    assert_int_equal(around.nameless, 0);
    peer_free(peer);
}

static void run_around_tls(void (*live)(void))
{
    tunnels_open(certificate("client.pem"));
    faults.turn = tunnels_turn;
    starved.listen = listen_tls;
    run_all(live, 1);
    starved.listen = NULL;
    faults.turn = NULL;
    tunnels_close();
}

static void allocations_fail_around_tls(void **state)
{
    (void)state;
    run_around_tls(live_by_tls);
}

static void allocations_fail_behind_a_balancer(void **state)
{
    (void)state;
    starved.guarded = true;
    run_around_tls(live_behind_a_balancer);
    starved.guarded = false;
}

/* ---- within a web server ---- */

static int on_page(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    return lws_callback_http_dummy(wsi, reason, user, in, len);
}

static int attach(void)
{
    static const struct lws_protocols protocols[] = { { .name = "http", .callback = on_page },
                                                      LWS_PROTOCOL_LIST_TERM };
    struct lws_context_creation_info info = { .port = 0, .protocols = protocols };
    int err = sio_server_attach_lws(server, &info);
    if (!err)
        err = sio_lws_use_loop(&info, &loop);
    assert_true(err == 0 || err == SIO_ENOMEM);
    if (err)
        return err;
    around.context = lws_create_context(&info);
    if (!around.context)
        return SIO_ENOMEM;
    around.port =
        (uint16_t)lws_get_vhost_listen_port(lws_get_vhost_by_name(around.context, "default"));
    return 0;
}

/* The web server goes once the server has, and outside of its callbacks. */
static void leave(void)
{
    if (!closed || !around.context)
        return;
    lws_context_destroy(around.context);
    around.context = NULL;
}

static void live_within(void)
{
    struct peer *first = peer_new_to(around.port, 0);
    speak(first);
    poll_for_all(peer_new_to(around.port, 0));
    end_poll(peer_new_to(around.port, 0));
    all_is_well_for(peer_new_to(around.port, 0));
    peer_free(first);
}

static void allocations_fail_within_a_web_server(void **state)
{
    (void)state;
    faults.turn = leave;
    starved.listen = attach;
    run_all(live_within, 1);
    starved.listen = NULL;
    faults.turn = NULL;
}

int main(void)
{
    lws_set_log_level(0, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_fail_around_tls),
        cmocka_unit_test(allocations_fail_behind_a_balancer),
        cmocka_unit_test(allocations_fail_within_a_web_server),
    };
    return cmocka_run_group_tests(tests, certificates_set_up, certificates_tear_down);
}
