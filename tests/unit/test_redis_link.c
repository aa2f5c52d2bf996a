/* The Redis adapter against a Redis of its own: links that are made, and lost. */
#include <unistd.h>

#include <sio/sys/limits.h>

#include "malformed.h"
#include "redis_node.h"

static void messages_go_both_ways(void **state)
{
    (void)state;
    node_link(&a, tcp_url());
    node_link(&b, tcp_url());
    assert_int_equal(node_send(&a, "/", NULL, "one"), 0);
    assert_int_equal(node_send(&a, "/", "room", "two"), 0);
    assert_int_equal(node_send(&a, "/", "nobody", "never"), 0);
    assert_int_equal(node_send(&a, "/", NULL, "three \xc3\xa9"), 0);
    AWAIT(b.delivered == 3);
    assert_string_equal(b.json, "[\"x\",\"three \xc3\xa9\"]");
    AWAIT(stats_of(&a).own == 3 && stats_of(&a).queued_bytes == 0);
    assert_int_equal(node_send(&b, "/", NULL, "back"), 0);
    AWAIT(a.delivered == 1);
    assert_string_equal(a.json, "[\"x\",\"back\"]");
    sio_cluster_stats stats = stats_of(&a);
    assert_int_equal(stats.published, 4);
    assert_int_equal(stats.published_lost, 0);
    assert_int_equal(stats.received, 5);
    assert_int_equal(stats.elsewhere, 1);
    assert_int_equal(stats.delivered, 1);
    assert_int_equal(stats.connects, 1);
}

static void junk_does_no_harm(void **state)
{
    (void)state;
    redisContext *client = client_new();
    sio_str good = hex_bytes(EMITTED);
    node_link(&a, tcp_url());
    for (unsigned i = 0; i < MALFORMED_COUNT; i++) {
        sio_str junk = hex_bytes(malformed[i].hex);
        client_publish(client, "socket.io#/#", junk);
        client_publish(client, "socket.io#/#", good);
        AWAIT(a.delivered == i + 1);
        hex_free(junk);
    }
    assert_string_equal(a.json, "[\"foo\",\"bar\"]");
    assert_int_equal(stats_of(&a).malformed, MALFORMED_COUNT);
    assert_int_equal(a.warned, 1);
    assert_int_equal(a.entered[SIO_CLUSTER_READY], 1);
    hex_free(good);
    redisFree(client);
}

static void a_link_that_is_lost_comes_back(void **state)
{
    (void)state;
    node_link(&a, tcp_url());
    node_link(&b, tcp_url());
    redis_process_kill(&redis);
    AWAIT(a.state == SIO_CLUSTER_DISCONNECTED && b.state == SIO_CLUSTER_DISCONNECTED);
    for (int i = 0; i < 100; i++)
        assert_int_equal(node_send(&a, "/", NULL, "waits"), 0);
    assert_true(stats_of(&a).queued_bytes > 100 * 20);
    AWAIT(a.entered[SIO_CLUSTER_DISCONNECTED] >= 2);
    redis_process_again(&redis);
    AWAIT(b.state == SIO_CLUSTER_READY && a.state == SIO_CLUSTER_READY);
    assert_int_equal(stats_of(&a).connects, 2);
    AWAIT(stats_of(&a).queued_bytes == 0);
    assert_int_equal(stats_of(&a).published, 100);
    assert_int_equal(stats_of(&a).published_lost, 0);
    assert_int_equal(node_send(&a, "/", NULL, "again"), 0);
    AWAIT(strstr(b.json, "again"));
}

/* Published before the first connection stood. */
static void what_waited_arrives(void **state)
{
    (void)state;
    node_link(&b, tcp_url());
    node_start(&a, tcp_url());
    for (int i = 0; i < 1000; i++)
        assert_int_equal(node_send(&a, "/", NULL, i < 999 ? "waits" : "last"), 0);
    assert_int_equal(stats_of(&a).published, 0);
    AWAIT(b.delivered == 1000);
    assert_string_equal(b.json, "[\"x\",\"last\"]");
}

static void either_connection_lost_is_the_link_lost(void **state)
{
    (void)state;
    redisContext *client = client_new();
    node_link(&a, tcp_url());
    client_say(client, "CLIENT KILL TYPE pubsub");
    AWAIT(a.entered[SIO_CLUSTER_READY] == 2);
    client_say(client, "CLIENT KILL TYPE normal SKIPME yes");
    AWAIT(a.entered[SIO_CLUSTER_READY] == 3);
    assert_int_equal(a.entered[SIO_CLUSTER_DISCONNECTED], 2);
    sio_str good = hex_bytes(EMITTED);
    client_publish(client, "socket.io#/#", good);
    AWAIT(a.delivered == 1);
    hex_free(good);
    redisFree(client);
}

/* Leaves one publish written and unanswered when the link breaks. */
static void break_in_flight(void)
{
    kill(redis.pid, SIGSTOP);
    assert_int_equal(node_send(&a, "/", NULL, "in flight"), 0);
    for (int i = 0; i < 10; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    redis_process_kill(&redis);
    AWAIT(a.state == SIO_CLUSTER_DISCONNECTED && b.state == SIO_CLUSTER_DISCONNECTED);
}

static void what_was_in_flight_is_not_repeated(void **state)
{
    (void)state;
    node_link(&a, tcp_url());
    node_link(&b, tcp_url());
    break_in_flight();
    assert_int_equal(stats_of(&a).published_lost, 1);
    redis_process_again(&redis);
    AWAIT(b.state == SIO_CLUSTER_READY && a.state == SIO_CLUSTER_READY);
    assert_int_equal(node_send(&a, "/", NULL, "after"), 0);
    AWAIT(b.delivered > 0);
    assert_string_equal(b.json, "[\"x\",\"after\"]");
    assert_int_equal(b.delivered, 1);
}

/* A Redis that stands still: what waits has a limit, the silence is noticed, and all that was
 * accepted and not yet written arrives in the end. */
static void a_redis_that_stands_still(void **state)
{
    (void)state;
    const size_t large = 1000000;
    char *text = malloc(large + 1);
    memset(text, 'x', large);
    text[large] = '\0';
    node_link(&a, tcp_url());
    kill(redis.pid, SIGSTOP);
    int err = 0;
    unsigned accepted = 0;
    for (; !(err = node_send(&a, "/", NULL, text)) && accepted < 100; accepted++)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(err, SIO_ELIMIT);
    assert_int_equal(accepted, SIO_LIMIT_REDIS_QUEUE / large);
    assert_true(stats_of(&a).queued_bytes <= SIO_LIMIT_REDIS_QUEUE);
    assert_int_equal(stats_of(&a).published_lost, 1);
    assert_int_equal(stats_of(&a).published, 1);
    assert_int_equal(a.warned, 1);
    AWAIT(a.state == SIO_CLUSTER_DISCONNECTED);
    /* on a machine that is busy, the kernel may be the first to give it up */
    assert_true(strstr(a.detail, "does not answer") || strstr(a.detail, "timed out"));
    assert_int_equal(stats_of(&a).published_lost, 2);
    kill(redis.pid, SIGCONT);
    AWAIT(a.state == SIO_CLUSTER_READY);
    AWAIT(stats_of(&a).queued_bytes == 0);
    assert_int_equal(stats_of(&a).published, accepted);
    assert_int_equal(stats_of(&a).published_lost, 2);
    free(text);
}

/* Redis cuts off who reads more slowly than it writes, and each node gets its own messages back. */
static void its_own_messages_do_not_drown_a_node(void **state)
{
    (void)state;
    const size_t large = 1000000;
    char *text = malloc(large + 1);
    memset(text, 'x', large);
    text[large] = '\0';
    redisContext *client = client_new();
    client_say(client, "CONFIG SET client-output-buffer-limit %s", "pubsub 8mb 8mb 1");
    node_link(&a, tcp_url());
    for (int i = 0; i < 60; i++)
        assert_int_equal(node_send(&a, "/", NULL, text), 0);
    free(text);
    AWAIT(stats_of(&a).own == 60 || a.state != SIO_CLUSTER_READY);
    client_say(client, "CONFIG SET client-output-buffer-limit %s", "pubsub 32mb 8mb 60");
    redisFree(client);
    assert_int_equal(a.state, SIO_CLUSTER_READY);
    assert_int_equal(stats_of(&a).published_lost, 0);
}

static void namespaces_come_and_go(void **state)
{
    (void)state;
    static const char nsp[] = "/[ab]*?\\";
    node_link(&a, tcp_url());
    node_link(&b, tcp_url());
    assert_int_equal(node_send(&a, nsp, NULL, "x"), SIO_ENOTFOUND);
    assert_int_equal(a.adapter->ops->open(a.adapter, sio_str_from(nsp)), 0);
    assert_int_equal(b.adapter->ops->open(b.adapter, sio_str_from(nsp)), 0);
    assert_int_equal(b.adapter->ops->open(b.adapter, sio_str_from(nsp)), SIO_EEXISTS);
    assert_int_equal(a.adapter->ops->open(a.adapter, SIO_STR("/a")), 0);
    /* no event tells that b is subscribed, but what it receives does */
    while (b.delivered == 0) {
        unsigned own = (unsigned)stats_of(&a).own;
        assert_int_equal(node_send(&a, nsp, NULL, "matched"), 0);
        AWAIT(stats_of(&a).own > own);
    }
    assert_string_equal(b.nsp, nsp);
    b.adapter->ops->close(b.adapter, sio_str_from(nsp));
    b.adapter->ops->close(b.adapter, sio_str_from(nsp));
    assert_int_equal(b.adapter->ops->open(b.adapter, sio_str_from(nsp)), 0);
    b.delivered = 0;
    assert_int_equal(node_send(&a, "/a", NULL, "not matched"), 0);
    assert_int_equal(node_send(&a, nsp, NULL, "opened again"), 0);
    AWAIT(b.delivered > 0 && strstr(b.json, "opened again"));
    b.adapter->ops->close(b.adapter, sio_str_from(nsp));
    uint64_t received = stats_of(&b).received;
    assert_int_equal(node_send(&a, nsp, NULL, "closed"), 0);
    assert_int_equal(node_send(&a, "/", NULL, "last"), 0);
    AWAIT(strstr(b.json, "last"));
    assert_int_equal(stats_of(&b).received, received + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NODES(messages_go_both_ways),
        NODES(junk_does_no_harm),
        NODES(a_link_that_is_lost_comes_back),
        NODES(what_waited_arrives),
        NODES(either_connection_lost_is_the_link_lost),
        NODES(what_was_in_flight_is_not_repeated),
        NODES(a_redis_that_stands_still),
        NODES(its_own_messages_do_not_drown_a_node),
        NODES(namespaces_come_and_go),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
