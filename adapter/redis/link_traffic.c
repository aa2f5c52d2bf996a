#include "redis/link_inside.h"

#include <stdio.h>

#include <sio/err.h>

/* ---- what comes ---- */

static void on_complete(sio_subscriptions *subscriptions)
{
    sio_redis_link_check(subscriptions->conn->data);
}

static void on_confirmed(sio_subscriptions *subscriptions, sio_redis_kind kind, sio_str name)
{
    sio_redis_link *link = subscriptions->conn->data;
    if (link->events.subscribed)
        link->events.subscribed(link->events.data, kind, name);
}

/* A node that hears only a part of what it should is worse than one that says what it lacks. */
static void on_subscription_refused(sio_subscriptions *subscriptions, sio_redis_kind kind,
                                    sio_str name, const char *why)
{
    char text[256];
    sio_redis_link *link = subscriptions->conn->data;
    if (link->events.unsubscribed && link->events.unsubscribed(link->events.data, kind, name, why))
        return;
    snprintf(text, sizeof text, "no subscription to %.*s: %s", (int)(name.len < 64 ? name.len : 64),
             name.data, why);
    sio_redis_conn_lose(subscriptions->conn, text);
}

static void on_message(sio_subscriptions *subscriptions, const sio_redis_message *message)
{
    sio_redis_link *link = subscriptions->conn->data;
    link->events.message(link->events.data, message);
}

static void on_refused(sio_outgoing *outgoing, const char *why)
{
    sio_redis_link *link = outgoing->conn->data;
    if (!link->stopping)
        link->events.refused(link->events.data, why);
}

static const sio_subscriptions_events subscriptions_events = { on_complete, on_confirmed,
                                                               on_subscription_refused,
                                                               on_message };

void sio_redis_link_init_traffic(sio_redis_link *link, void (*empty)(sio_outgoing *outgoing),
                                 const uint64_t seed[2])
{
    sio_redis_conn *publisher = &link->conns.publisher, *subscriber = &link->conns.subscriber;
    publisher->user = &link->outgoing;
    link->outgoing.conn = publisher;
    link->outgoing.refused = on_refused;
    link->outgoing.empty = empty;
    subscriber->user = &link->subscriptions;
    subscriber->user_ops = &sio_subscriptions_user;
    sio_subscriptions_init(&link->subscriptions, subscriber, &subscriptions_events, seed);
}

/* ---- what goes ---- */

int sio_redis_link_subscribe(sio_redis_link *link, sio_redis_kind kind, sio_str name)
{
    return sio_subscriptions_add(&link->subscriptions, kind, name);
}

void sio_redis_link_unsubscribe(sio_redis_link *link, sio_redis_kind kind, sio_str name)
{
    sio_subscriptions_remove(&link->subscriptions, kind, name);
}

bool sio_redis_link_is_subscribed(const sio_redis_link *link, sio_redis_kind kind, sio_str name)
{
    return sio_subscriptions_confirmed(&link->subscriptions, kind, name);
}

int sio_redis_link_send(sio_redis_link *link, const sio_redis_command *command)
{
    return link->stopping ? SIO_ECLOSED : sio_outgoing_send(&link->outgoing, command);
}

int sio_redis_link_publish(sio_redis_link *link, sio_str channel, sio_str payload)
{
    const sio_str words[] = { SIO_STR("PUBLISH"), channel, payload };
    return sio_redis_link_send(link, &(sio_redis_command){ .words = words, .count = 3 });
}

int sio_redis_link_ask(sio_redis_link *link, const sio_redis_command *command)
{
    if (link->stopping || link->state != SIO_CLUSTER_READY)
        return SIO_ECLOSED;
    return sio_redis_conn_ask(&link->conns.publisher, command);
}

bool sio_redis_link_has_written(const sio_redis_link *link)
{
    return !link->outgoing.head;
}

int sio_redis_link_read(sio_redis_link *link, const sio_redis_command *command)
{
    if (link->stopping || link->state != SIO_CLUSTER_READY)
        return SIO_ECLOSED;
    return sio_redis_conn_ask(&link->conns.reader, command);
}

void sio_redis_link_stats(const sio_redis_link *link, sio_cluster_stats *out)
{
    out->published = link->outgoing.published;
    out->published_lost = link->outgoing.lost;
    out->connects = link->connects;
    out->queued_bytes = sio_outgoing_bytes(&link->outgoing);
}
