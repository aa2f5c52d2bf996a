/* Two servers in one process: on one loop, and in two threads. They share nothing. */
#include "live.h"

#include <sio/post.h>

static void on_name(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)ack;
    assert_int_equal(sio_socket_emit(socket, "name", "s", data), 0);
    assert_int_equal(sio_namespace_emit(sio_socket_namespace(socket), NULL, "asked", "s", data), 0);
}

static void name_it(sio_server *which, char *name)
{
    assert_int_equal(sio_namespace_on(sio_server_of(which, "/"), "name", on_name, name), 0);
}

static void expect_name(struct peer *peer, const char *name)
{
    char answer[64];
    send_frame(peer, SIO_WS_TEXT, "42[\"name\"]");
    snprintf(answer, sizeof(answer), "42[\"name\",\"%s\"]", name);
    expect(peer, answer);
    snprintf(answer, sizeof(answer), "42[\"asked\",\"%s\"]", name);
    expect(peer, answer);
}

static struct peer *connect_to(uint16_t port)
{
    struct peer *peer = peer_new_to(port, 0);
    send_text(peer, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    expect(peer, "HTTP/1.1 101 ");
    send_frame(peer, SIO_WS_TEXT, "40");
    expect(peer, "40{\"sid\":");
    expect(peer, "}");
    return peer;
}

/* ---- on one loop ---- */

static void note_closed(sio_server *which, void *data)
{
    (void)which;
    *(bool *)data = true;
}

static void start_on(sio_server **out, bool *ended, char *name, const char *path)
{
    assert_int_equal(sio_server_new(out, &(sio_server_options){ .loop = &loop,
                                                                .path = path,
                                                                .no_client_files = true,
                                                                .on_closed = note_closed,
                                                                .data = ended }),
                     0);
    name_it(*out, name);
    assert_int_equal(sio_server_listen(*out, "127.0.0.1", 0), 0);
}

static void close_and_free(sio_server *which, const bool *ended)
{
    const uint64_t end = now_ms() + GUARD_MS;
    sio_server_close(which);
    while (!*ended) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    sio_server_free(which);
}

static void two_servers_share_a_loop(void **state)
{
    sio_server *one, *two;
    bool one_ended = false, two_ended = false;
    char one_name[] = "one", two_name[] = "two";
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    start_on(&one, &one_ended, one_name, NULL);
    start_on(&two, &two_ended, two_name, NULL);
    struct peer *first = connect_to(sio_server_port(one)),
                *second = connect_to(sio_server_port(two));
    expect_name(first, "one");
    assert_int_equal(second->len, 0);
    expect_name(second, "two");
    assert_int_equal(first->len, 0);
    close_and_free(one, &one_ended);
    expect_bytes(first, "\x88", 2); /* the close frame */
    assert_false(two_ended);
    expect_name(second, "two");
    close_and_free(two, &two_ended);
    peer_free(first);
    peer_free(second);
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* ---- what they say when something fails ---- */

static void failures_have_a_sentence(void **state)
{
    static char long_name[SIO_LIMIT_NAME + 1];
    sio_server *one;
    sio_namespace *parent;
    bool ended = false;
    (void)state;
    memset(long_name, 'x', SIO_LIMIT_NAME);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(sio_server_new(&one, &(sio_server_options){ .loop = &loop,
                                                                 .no_client_files = true,
                                                                 .on_closed = note_closed,
                                                                 .data = &ended }),
                     0);
    assert_string_equal(sio_server_error(one), "");
    assert_null(sio_server_of(one, long_name));
    assert_string_equal(sio_server_error(one), "cannot make a namespace: its name is too long");
    assert_int_equal(sio_server_of_pattern(one, &parent, "("), SIO_EINVAL);
    assert_non_null(strstr(sio_server_error(one), "pattern of namespaces \"(\": "));
    assert_int_equal(sio_server_of_check(one, &parent, NULL, NULL), SIO_EINVAL);
    assert_string_equal(sio_server_error(one), "parent of namespaces: there is no callback");
    assert_int_equal(sio_server_serve(one, "/a?b", "x"), SIO_EINVAL);
    assert_string_equal(sio_server_error(one), "cannot serve \"x\" as \"/a?b\": "
                                               "a URL begins with a slash and has no query");
    assert_int_equal(sio_server_serve(one, "/a", NULL), SIO_EINVAL);
    assert_int_equal(sio_server_serve(one, "/a", "/nothing/there"), SIO_ENOTFOUND);
    assert_string_equal(sio_server_error(one),
                        "cannot serve \"/nothing/there\" as \"/a\": not found");
    assert_int_equal(sio_server_listen(one, "no address", 1), SIO_EADDRESS);
    assert_string_equal(
        sio_server_error(one),
        "cannot listen on no address port 1: this is no IP address, and names are not looked up");
    assert_int_equal(sio_server_drain(one, &(sio_drain_options){ .jitter = 101 }), SIO_EINVAL);
    assert_string_equal(sio_server_error(one), "cannot drain: drain.jitter is above 100");
    sio_server_close(one);
    assert_int_equal(sio_server_listen(one, NULL, 0), SIO_ECLOSED);
    assert_string_equal(sio_server_error(one), "cannot listen: the server is closing");
    close_and_free(one, &ended);
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* ---- in threads of their own ---- */

struct node {
    uv_thread_t thread;
    uv_sem_t listening;
    uv_sem_t forgotten; /* nobody posts to it any more */
    sio_server *server;
    uint16_t port;
    char name[8];
};

static void live_in_a_thread(void *data)
{
    struct node *node = data;
    assert_int_equal(
        sio_server_new(&node->server, &(sio_server_options){ .no_client_files = true }), 0);
    name_it(node->server, node->name);
    assert_int_equal(sio_server_listen(node->server, "127.0.0.1", 0), 0);
    node->port = sio_server_port(node->server);
    uv_sem_post(&node->listening);
    assert_int_equal(sio_server_run(node->server), 0);
    uv_sem_wait(&node->forgotten);
    sio_server_free(node->server);
}

static void start_node(struct node *node)
{
    assert_int_equal(uv_sem_init(&node->listening, 0), 0);
    assert_int_equal(uv_sem_init(&node->forgotten, 0), 0);
    assert_int_equal(uv_thread_create(&node->thread, live_in_a_thread, node), 0);
    uv_sem_wait(&node->listening);
}

static void close_it(sio_server *which, void *data)
{
    (void)data;
    sio_server_close(which);
}

static void end_node(struct node *node)
{
    assert_int_equal(sio_server_post(node->server, close_it, NULL), 0);
    uv_sem_post(&node->forgotten);
    uv_thread_join(&node->thread);
    uv_sem_destroy(&node->listening);
    uv_sem_destroy(&node->forgotten);
}

static void two_servers_run_in_two_threads(void **state)
{
    struct node one = { .name = "one" }, two = { .name = "two" };
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0); /* that of this thread has nothing to do */
    start_node(&one);
    start_node(&two);
    struct peer *first = connect_to(one.port), *second = connect_to(two.port);
    for (int i = 0; i < 50; i++) {
        expect_name(first, "one");
        expect_name(second, "two");
        assert_int_equal(sio_server_post_emit(two.server, NULL, NULL, "posted", "i", i), 0);
        expect(second, "42[\"posted\",");
    }
    end_node(&one);
    expect_bytes(first, "\x88", 2); /* the close frame */
    expect_name(second, "two");
    end_node(&two);
    peer_free(first);
    peer_free(second);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_servers_share_a_loop),
        cmocka_unit_test(failures_have_a_sentence),
        cmocka_unit_test(two_servers_run_in_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
