/* The Redis adapter against a Redis of its own: links that are made, lost, refused and ended. */
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hiredis/hiredis.h>
#include <uv.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/redis.h>

#include "await.h"
#include "check.h"
#include "hex.h"
#include "malformed.h"
#include "redis_process.h"

static redis_process redis;

/* ---- a node: an adapter and what it has told ---- */

struct node {
    sio_adapter *adapter;
    unsigned entered[4]; /* times a state was */
    sio_cluster_state state;
    char detail[256];
    unsigned delivered;
    unsigned warned;
    char warning[256];
    char json[256];
    char nsp[64];
    bool stopping;
    bool stopped;
    bool stop_on_delivery;
    bool stop_on_ready;
};

static struct node a, b;

static void on_stopped(void *data)
{
    struct node *node = data;
    node->stopped = true;
    node->adapter = NULL;
}

static void end(struct node *node)
{
    node->stopping = true;
    node->adapter->ops->stop(node->adapter, on_stopped, node);
}

static bool has_room(void *data, sio_str nsp, sio_str room)
{
    (void)data;
    (void)nsp;
    return !sio_str_equal(room, SIO_STR("nobody"));
}

static void deliver(void *data, const sio_cluster_message *message)
{
    struct node *node = data;
    char *json;
    assert_false(node->stopping);
    assert_int_equal(sio_value_to_json(&message->data, &json, NULL), 0);
    snprintf(node->json, sizeof node->json, "%s", json);
    snprintf(node->nsp, sizeof node->nsp, "%.*s", (int)message->nsp.len, message->nsp.data);
    sio_free(json);
    node->delivered++;
    if (node->stop_on_delivery)
        end(node);
}

static void on_state(void *data, sio_cluster_state state, const char *detail)
{
    struct node *node = data;
    node->state = state;
    node->entered[state]++;
    snprintf(node->detail, sizeof node->detail, "%s", detail);
    if (node->stop_on_ready && state == SIO_CLUSTER_READY)
        end(node);
}

static void warn(void *data, const char *text)
{
    struct node *node = data;
    node->warned++;
    snprintf(node->warning, sizeof node->warning, "%s", text);
}

static void give_random(void *data, void *out, size_t len)
{
    (void)data;
    assert_int_equal(getrandom(out, len, 0), len);
}

static const char *tcp_url(void)
{
    static char url[64];
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", redis.port);
    return url;
}

static void node_start(struct node *node, const char *url)
{
    const sio_adapter_host host = { .data = node,
                                    .has_room = has_room,
                                    .deliver = deliver,
                                    .state = on_state,
                                    .warn = warn,
                                    .random = give_random };
    const sio_redis_options options = { .url = url };
    *node = (struct node){ .state = SIO_CLUSTER_STOPPED };
    assert_int_equal(sio_redis_adapter_new(&node->adapter, &loop, &options, &host, NULL, 0), 0);
    assert_int_equal(node->adapter->ops->open(node->adapter, SIO_STR("/")), 0);
    assert_int_equal(node->state, SIO_CLUSTER_STOPPED);
}

static void node_link(struct node *node, const char *url)
{
    node_start(node, url);
    AWAIT(node->state == SIO_CLUSTER_READY);
}

static void node_stop(struct node *node)
{
    if (!node->adapter)
        return;
    if (!node->stopping)
        end(node);
    assert_false(node->stopped);
    AWAIT(node->stopped);
}

static int node_send(struct node *node, const char *nsp, const char *room, const char *text)
{
    const sio_value items[] = { sio_value_of_string(SIO_STR("x")),
                                sio_value_of_string(sio_str_from(text)) };
    const sio_str rooms[] = { sio_str_from(room) };
    const sio_cluster_message message = { .nsp = sio_str_from(nsp),
                                          .rooms = rooms,
                                          .rooms_count = room ? 1 : 0,
                                          .data = sio_value_of_array(items, 2) };
    return node->adapter->ops->broadcast(node->adapter, &message);
}

static sio_cluster_stats stats_of(const struct node *node)
{
    sio_cluster_stats stats;
    node->adapter->ops->stats(node->adapter, &stats);
    return stats;
}

/* ---- another client, to say what no node says ---- */

static redisContext *client_new(void)
{
    redisContext *client = redisConnectUnix(redis.socket);
    assert_true(client && !client->err);
    return client;
}

static void client_say(redisContext *client, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    redisReply *reply = redisvCommand(client, format, arguments);
    va_end(arguments);
    assert_non_null(reply);
    assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
    freeReplyObject(reply);
}

static void client_publish(redisContext *client, const char *channel, sio_str bytes)
{
    client_say(client, "PUBLISH %s %b", channel, bytes.data, bytes.len);
}

#define EMITTED                                                                                    \
    "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a5726f6f6d7390a566" \
    "6c61677380a665786365707490"

/* ---- tests ---- */

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

static void wrong_logins_are_told(void **state)
{
    (void)state;
    redis_process open = redis;
    redis_process_start(&redis, "sesame");
    char url[128];
    snprintf(url, sizeof url, "redis://:hunter2@127.0.0.1:%d", redis.port);
    node_start(&a, url);
    AWAIT(a.entered[SIO_CLUSTER_DISCONNECTED] == 2);
    assert_non_null(strstr(a.detail, "WRONGPASS"));
    assert_null(strstr(a.detail, "hunter2"));
    node_stop(&a);
    node_start(&a, tcp_url());
    AWAIT(a.entered[SIO_CLUSTER_DISCONNECTED] == 2);
    assert_non_null(strstr(a.detail, "NOAUTH"));
    node_stop(&a);
    snprintf(url, sizeof url, "redis://default:sesame@127.0.0.1:%d/3", redis.port);
    node_link(&a, url);
    node_stop(&a);
    snprintf(url, sizeof url, "redis://:sesame@127.0.0.1:%d", redis.port);
    node_link(&a, url);
    node_stop(&a);
    snprintf(url, sizeof url, "redis://:sesame@127.0.0.1:%d/99", redis.port);
    node_start(&a, url);
    AWAIT(a.entered[SIO_CLUSTER_DISCONNECTED] == 1);
    assert_non_null(strstr(a.detail, "refuses the database"));
    node_stop(&a);
    redis_process_end(&redis);
    redis = open;
}

/* A user may be forbidden to ping, or to publish. */
static void users_with_few_rights(void **state)
{
    (void)state;
    redisContext *client = client_new();
    char url[128];
    client_say(client, "ACL SETUSER few on >p ~* &* +@all -publish -ping");
    snprintf(url, sizeof url, "redis://few:p@127.0.0.1:%d", redis.port);
    node_link(&a, url);
    assert_int_equal(node_send(&a, "/", NULL, "x"), 0);
    AWAIT(a.warned == 1);
    assert_non_null(strstr(a.warning, "NOPERM"));
    assert_int_equal(stats_of(&a).published_lost, 1);
    assert_int_equal(a.state, SIO_CLUSTER_READY);
    node_stop(&a);
    client_say(client, "ACL SETUSER deaf on >p ~* resetchannels +@all");
    snprintf(url, sizeof url, "redis://deaf:p@127.0.0.1:%d", redis.port);
    node_start(&a, url);
    AWAIT(a.entered[SIO_CLUSTER_DISCONNECTED] == 2);
    assert_non_null(strstr(a.detail, "NOPERM"));
    assert_int_equal(a.entered[SIO_CLUSTER_READY], 0);
    node_stop(&a);
    redisFree(client);
}

static void refused_connections_are_told(void **state)
{
    (void)state;
    int port, fd = redis_process_hold_port(&port);
    char url[128];
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", port);
    node_start(&a, url);
    AWAIT(a.entered[SIO_CLUSTER_DISCONNECTED] == 3);
    assert_non_null(strstr(a.detail, "refused"));
    assert_int_equal(a.entered[SIO_CLUSTER_CONNECTING], 3);
    node_stop(&a);
    close(fd);
    node_start(&a, "unix:/nonexistent/redis.sock");
    AWAIT(a.entered[SIO_CLUSTER_DISCONNECTED] == 2);
    assert_non_null(strstr(a.detail, "No such file"));
    node_stop(&a);
    node_start(&a, "redis://no-such-host.invalid");
    AWAIT(a.entered[SIO_CLUSTER_DISCONNECTED] == 1);
}

static void a_server_that_says_nothing(void **state)
{
    (void)state;
    int port, fd = redis_process_hold_port(&port);
    assert_int_equal(listen(fd, 8), 0);
    char url[128];
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", port);
    node_start(&a, url);
    AWAIT(a.state == SIO_CLUSTER_DISCONNECTED);
    assert_non_null(strstr(a.detail, "timed out"));
    node_stop(&a);
    close(fd);
}

static void unix_sockets_and_host_names(void **state)
{
    (void)state;
    char url[128];
    snprintf(url, sizeof url, "unix:%s?db=2", redis.socket);
    node_link(&a, url);
    snprintf(url, sizeof url, "redis://localhost:%d", redis.port);
    node_link(&b, url);
    assert_int_equal(node_send(&a, "/", NULL, "across"), 0);
    AWAIT(b.delivered == 1);
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

static void urls_are_checked(void **state)
{
    (void)state;
    const sio_adapter_host host = { .data = NULL,
                                    .has_room = has_room,
                                    .deliver = deliver,
                                    .state = on_state,
                                    .warn = warn,
                                    .random = give_random };
    sio_adapter *adapter = NULL;
    char detail[128];
    const char *const bad[] = { NULL, "", "http://h", "redis://h:x" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const sio_redis_options options = { .url = bad[i] };
        assert_int_equal(
            sio_redis_adapter_new(&adapter, &loop, &options, &host, detail, sizeof detail),
            SIO_EURL);
        assert_non_null(strstr(detail, "Redis URL"));
    }
    assert_null(adapter);
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(sio_cluster_state_text(SIO_CLUSTER_CONNECTING), "connecting");
    assert_string_equal(sio_cluster_state_text(SIO_CLUSTER_READY), "ready");
    assert_string_equal(sio_cluster_state_text(SIO_CLUSTER_DISCONNECTED), "disconnected");
    assert_string_equal(sio_cluster_state_text(SIO_CLUSTER_STOPPED), "stopped");
}

/* ---- around the tests ---- */

/* A test that failed leaves nothing to the next. */
static int clean_up(void **state)
{
    (void)state;
    if (redis.pid == 0)
        redis_process_again(&redis);
    kill(redis.pid, SIGCONT);
    node_stop(&a);
    node_stop(&b);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    await_open();
    redis_process_start(&redis, NULL);
    return 0;
}

/* No handle of a stopped adapter is left in the loop. */
static int tear_down(void **state)
{
    (void)state;
    redis_process_end(&redis);
    return await_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(messages_go_both_ways, clean_up),
        cmocka_unit_test_teardown(junk_does_no_harm, clean_up),
        cmocka_unit_test_teardown(a_link_that_is_lost_comes_back, clean_up),
        cmocka_unit_test_teardown(what_waited_arrives, clean_up),
        cmocka_unit_test_teardown(either_connection_lost_is_the_link_lost, clean_up),
        cmocka_unit_test_teardown(what_was_in_flight_is_not_repeated, clean_up),
        cmocka_unit_test_teardown(a_redis_that_stands_still, clean_up),
        cmocka_unit_test_teardown(its_own_messages_do_not_drown_a_node, clean_up),
        cmocka_unit_test_teardown(wrong_logins_are_told, clean_up),
        cmocka_unit_test_teardown(users_with_few_rights, clean_up),
        cmocka_unit_test_teardown(refused_connections_are_told, clean_up),
        cmocka_unit_test_teardown(a_server_that_says_nothing, clean_up),
        cmocka_unit_test_teardown(unix_sockets_and_host_names, clean_up),
        cmocka_unit_test_teardown(namespaces_come_and_go, clean_up),
        cmocka_unit_test_teardown(stopping_before_and_while_connecting, clean_up),
        cmocka_unit_test_teardown(stopping_writes_what_waits, clean_up),
        cmocka_unit_test_teardown(stopping_has_a_deadline, clean_up),
        cmocka_unit_test_teardown(stopping_from_within_callbacks, clean_up),
        cmocka_unit_test_teardown(urls_are_checked, clean_up),
        cmocka_unit_test_teardown(states_have_names, clean_up),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
