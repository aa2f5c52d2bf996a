/* Servers with TLS in threads of their own, which all begin to listen at once. */
#include <openssl/ssl.h> /* before live.h: it has an ENGINE too */

#include <sio/post.h>
#include <sio/tls.h>

#include "certificates.h"
#include "live.h"

#define NODES 4

static uv_barrier_t made, listening;

static struct node {
    uv_thread_t thread;
    uv_sem_t forgotten; /* nobody posts to it any more */
    sio_server *server;
    uint16_t port;
    char certificate[128], key[128];
    int err;
} nodes[NODES];

/* Nothing is asserted here: that is for the thread of the tests. */
static void live_in_a_thread(void *data)
{
    struct node *node = data;
    const sio_tls_certificate shown = { .certificate = node->certificate, .key = node->key };
    const sio_tls_options tls = { .certificates = &shown, .certificate_count = 1, .http2 = true };
    const sio_listen_options where = { .host = "127.0.0.1" };
    node->err = sio_server_new(&node->server, &(sio_server_options){ .no_client_files = true });
    uv_barrier_wait(&made);
    if (!node->err)
        node->err = sio_server_listen_tls(node->server, &where, &tls);
    if (!node->err)
        node->port = sio_server_port(node->server);
    uv_barrier_wait(&listening);
    if (!node->err)
        node->err = sio_server_run(node->server);
    uv_sem_wait(&node->forgotten);
    sio_server_free(node->server);
}

static void start_all(void)
{
    assert_int_equal(uv_barrier_init(&made, NODES), 0);
    assert_int_equal(uv_barrier_init(&listening, NODES + 1), 0);
    for (int i = 0; i < NODES; i++) {
        snprintf(nodes[i].certificate, sizeof(nodes[i].certificate), "%s",
                 certificate("server.pem"));
        snprintf(nodes[i].key, sizeof(nodes[i].key), "%s", certificate("server.key"));
        assert_int_equal(uv_sem_init(&nodes[i].forgotten, 0), 0);
        assert_int_equal(uv_thread_create(&nodes[i].thread, live_in_a_thread, &nodes[i]), 0);
    }
    uv_barrier_wait(&listening);
}

/* A request on a connection of its own; its answer ends the connection. */
static void ask_one(SSL_CTX *context, const struct node *node)
{
    static const char request[] =
        "GET " ENGINE "polling HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    char answer[2048];
    int len = 0, got;
    struct peer *peer = peer_new_to(node->port, 0);
    SSL *ssl = SSL_new(context);
    assert_non_null(ssl);
    SSL_set_fd(ssl, peer->fd);
    assert_int_equal(SSL_connect(ssl), 1);
    assert_int_equal(SSL_write(ssl, request, (int)sizeof(request) - 1), (int)sizeof(request) - 1);
    while ((got = SSL_read(ssl, answer + len, (int)sizeof(answer) - 1 - len)) > 0)
        len += got;
    answer[len] = '\0';
    assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(answer, "0{\"sid\":"));
    SSL_free(ssl);
    peer_free(peer);
}

static void close_it(sio_server *which, void *data)
{
    (void)data;
    sio_server_close(which);
}

static void end_all(void)
{
    for (int i = 0; i < NODES; i++) {
        assert_int_equal(sio_server_post(nodes[i].server, close_it, NULL), 0);
        uv_sem_post(&nodes[i].forgotten);
        uv_thread_join(&nodes[i].thread);
        uv_sem_destroy(&nodes[i].forgotten);
        assert_int_equal(nodes[i].err, 0);
    }
    uv_barrier_destroy(&made);
    uv_barrier_destroy(&listening);
}

static void servers_begin_at_once(void **state)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    (void)state;
    assert_non_null(context);
    certificates_make();
    start_all();
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < NODES; i++)
            ask_one(context, &nodes[i]);
    end_all();
    certificates_remove();
    SSL_CTX_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(servers_begin_at_once) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
