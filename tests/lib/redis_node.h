/* Nodes: Redis adapters against a Redis of their own, and what they have told. */
#ifndef SIO_TESTS_REDIS_NODE_H
#define SIO_TESTS_REDIS_NODE_H

#include <stdio.h>
#include <sys/random.h>

#include <hiredis/hiredis.h>

#include <sio/err.h>
#include <sio/sys/redis.h>

#include "hex.h"
#include "own_redis.h"

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

static inline void on_stopped(void *data)
{
    struct node *node = data;
    node->stopped = true;
    node->adapter = NULL;
}

static inline void end(struct node *node)
{
    node->stopping = true;
    node->adapter->ops->stop(node->adapter, on_stopped, node);
}

static inline bool has_room(void *data, sio_str nsp, sio_str room)
{
    (void)data;
    (void)nsp;
    return !sio_str_equal(room, SIO_STR("nobody"));
}

static inline void deliver(void *data, const sio_cluster_message *message)
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

static inline void on_state(void *data, sio_cluster_state state, const char *detail)
{
    struct node *node = data;
    node->state = state;
    node->entered[state]++;
    snprintf(node->detail, sizeof node->detail, "%s", detail);
    if (node->stop_on_ready && state == SIO_CLUSTER_READY)
        end(node);
}

static inline void warn(void *data, const char *text)
{
    struct node *node = data;
    node->warned++;
    snprintf(node->warning, sizeof node->warning, "%s", text);
}

static inline void give_random(void *data, void *out, size_t len)
{
    (void)data;
    assert_int_equal(getrandom(out, len, 0), len);
}

static inline sio_adapter_host host_of(struct node *node)
{
    return (sio_adapter_host){ .data = node,
                               .has_room = has_room,
                               .deliver = deliver,
                               .state = on_state,
                               .warn = warn,
                               .random = give_random };
}

static inline void node_start(struct node *node, const char *url)
{
    const sio_adapter_host host = host_of(node);
    const sio_redis_options options = { .url = url };
    *node = (struct node){ .state = SIO_CLUSTER_STOPPED };
    assert_int_equal(sio_redis_adapter_new(&node->adapter, &loop, &options, &host, NULL, 0), 0);
    assert_int_equal(node->adapter->ops->open(node->adapter, SIO_STR("/")), 0);
    assert_int_equal(node->state, SIO_CLUSTER_STOPPED);
}

static inline void node_link(struct node *node, const char *url)
{
    node_start(node, url);
    AWAIT(node->state == SIO_CLUSTER_READY);
}

static inline void node_stop(struct node *node)
{
    if (!node->adapter)
        return;
    if (!node->stopping)
        end(node);
    assert_false(node->stopped);
    AWAIT(node->stopped);
}

static inline int node_send(struct node *node, const char *nsp, const char *room, const char *text)
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

static inline sio_cluster_stats stats_of(const struct node *node)
{
    sio_cluster_stats stats;
    node->adapter->ops->stats(node->adapter, &stats);
    return stats;
}

/* ---- another client, to say what no node says ---- */

static inline redisContext *client_new(void)
{
    redisContext *client = redisConnectUnix(redis.socket);
    assert_true(client && !client->err);
    return client;
}

static inline void client_say(redisContext *client, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    redisReply *reply = redisvCommand(client, format, arguments);
    va_end(arguments);
    assert_non_null(reply);
    assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
    freeReplyObject(reply);
}

static inline void client_publish(redisContext *client, const char *channel, sio_str bytes)
{
    client_say(client, "PUBLISH %s %b", channel, bytes.data, bytes.len);
}

#define EMITTED                                                                                    \
    "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a5726f6f6d7390a566" \
    "6c61677380a665786365707490"

/* A test that failed leaves nothing to the next. */
static inline int clean_up(void **state)
{
    (void)state;
    if (redis.pid == 0)
        redis_process_again(&redis);
    kill(redis.pid, SIGCONT);
    node_stop(&a);
    node_stop(&b);
    return 0;
}

#define NODES(test) cmocka_unit_test_teardown(test, clean_up)

#endif
