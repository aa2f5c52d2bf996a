/* The Redis adapter: who does not let it in, and what it says about that. */
#include <sys/socket.h>
#include <unistd.h>

#include "redis_node.h"

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

static void urls_are_checked(void **state)
{
    (void)state;
    const sio_adapter_host host = host_of(NULL);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        NODES(wrong_logins_are_told),        NODES(users_with_few_rights),
        NODES(refused_connections_are_told), NODES(a_server_that_says_nothing),
        NODES(unix_sockets_and_host_names),  NODES(urls_are_checked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
