/* A link to Redis, and what it has told. */
#ifndef SIO_TESTS_LINK_H
#define SIO_TESTS_LINK_H

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "await.h"
#include "redis/link.h"

static struct {
    sio_redis_link *link;
    sio_cluster_state state;
    char detail[256];
    char why[256];      /* of the last loss */
    unsigned lost;      /* times */
    unsigned confirmed; /* subscriptions */
    unsigned messages;
    char message[256]; /* the last */
    bool stop_on_confirmation;
    bool stopping;
    bool stopped;
} node;

static inline void on_stopped(void *data)
{
    (void)data;
    node.stopped = true;
    node.link = NULL;
}

static inline void stop(void)
{
    node.stopping = true;
    sio_redis_link_stop(node.link, on_stopped, NULL);
}

static inline void on_state(void *data, sio_cluster_state state, const char *detail)
{
    (void)data;
    assert_false(node.stopping);
    node.state = state;
    node.lost += state == SIO_CLUSTER_DISCONNECTED;
    snprintf(node.detail, sizeof node.detail, "%s", detail);
    if (state == SIO_CLUSTER_DISCONNECTED)
        snprintf(node.why, sizeof node.why, "%s", detail);
}

static inline void on_message(void *data, const sio_redis_message *message)
{
    (void)data;
    assert_false(node.stopping);
    node.messages++;
    snprintf(node.message, sizeof node.message, "%c %.*s %.*s %.*s", "cps"[message->kind],
             (int)message -> name.len, message->name.data, (int)message->channel.len,
             message->channel.data, (int)message->payload.len, message->payload.data);
}

static inline void on_subscribed(void *data, sio_redis_kind kind, sio_str name)
{
    (void)data;
    assert_false(node.stopping);
    assert_true(sio_redis_link_is_subscribed(node.link, kind, name));
    node.confirmed++;
    if (node.stop_on_confirmation)
        stop();
}

static inline void on_refused(void *data, const char *why)
{
    (void)data;
    fail_msg("refused: %s", why);
}

static inline void give_random(void *data, void *out, size_t len)
{
    (void)data;
    assert_int_equal(getrandom(out, len, 0), len);
}

static inline void start(const char *text)
{
    sio_redis_url url;
    const sio_redis_link_events events = { .state = on_state,
                                           .message = on_message,
                                           .subscribed = on_subscribed,
                                           .refused = on_refused,
                                           .random = give_random };
    memset(&node, 0, sizeof node);
    node.state = SIO_CLUSTER_STOPPED;
    assert_int_equal(sio_redis_url_read(&url, text, NULL, 0), 0);
    assert_int_equal(sio_redis_link_new(&node.link, &loop, &url, &events), 0);
}

#endif
