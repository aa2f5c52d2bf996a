/* The Redis adapter: how it ends, whatever it is doing. */
#include <sio/sys/limits.h>

#include "redis_node.h"

static void stopping_before_and_while_connecting(void **state)
{
    (void)state;
    node_start(&a, tcp_url());
    node_stop(&a);
    assert_int_equal(a.entered[SIO_CLUSTER_CONNECTING], 0);
    node_start(&a, tcp_url());
    AWAIT(a.state == SIO_CLUSTER_CONNECTING);
    node_stop(&a);
    node_start(&a, tcp_url());
    AWAIT(a.state == SIO_CLUSTER_CONNECTING);
    for (int turn = 0; turn < 3; turn++)
        uv_run(&loop, UV_RUN_NOWAIT);
    node_stop(&a);
    node_start(&a, "unix:/nonexistent/redis.sock");
    AWAIT(a.state == SIO_CLUSTER_DISCONNECTED);
    node_stop(&a);
    assert_int_equal(a.entered[SIO_CLUSTER_STOPPED], 0);
}

static void stopping_writes_what_waits(void **state)
{
    (void)state;
    char *text = malloc(10001);
    memset(text, 'x', 10000);
    text[10000] = '\0';
    node_link(&a, tcp_url());
    node_link(&b, tcp_url());
    for (int i = 0; i < 200; i++)
        assert_int_equal(node_send(&a, "/", NULL, text), 0);
    node_stop(&a);
    AWAIT(b.delivered == 200);
    free(text);
    node_stop(&b);
}

static void stopping_has_a_deadline(void **state)
{
    (void)state;
    node_link(&a, tcp_url());
    kill(redis.pid, SIGSTOP);
    assert_int_equal(node_send(&a, "/", NULL, "stuck"), 0);
    uint64_t began = uv_hrtime();
    node_stop(&a);
    assert_true(uv_hrtime() - began < (uint64_t)SIO_LIMIT_REDIS_PING_MS * 1000000);
    kill(redis.pid, SIGCONT);
}

static void stopping_from_within_callbacks(void **state)
{
    (void)state;
    redisContext *client = client_new();
    sio_str good = hex_bytes(EMITTED);
    node_link(&a, tcp_url());
    a.stop_on_delivery = true;
    client_publish(client, "socket.io#/#", good);
    client_publish(client, "socket.io#/#", good);
    AWAIT(a.stopped);
    assert_int_equal(a.delivered, 1);
    node_start(&a, tcp_url());
    a.stop_on_ready = true;
    AWAIT(a.stopped);
    hex_free(good);
    redisFree(client);
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(sio_cluster_state_text(SIO_CLUSTER_CONNECTING), "connecting");
    assert_string_equal(sio_cluster_state_text(SIO_CLUSTER_READY), "ready");
    assert_string_equal(sio_cluster_state_text(SIO_CLUSTER_DISCONNECTED), "disconnected");
    assert_string_equal(sio_cluster_state_text(SIO_CLUSTER_STOPPED), "stopped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NODES(stopping_before_and_while_connecting),
        NODES(stopping_writes_what_waits),
        NODES(stopping_has_a_deadline),
        NODES(stopping_from_within_callbacks),
        NODES(states_have_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
