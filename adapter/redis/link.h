/*
 * The link to Redis: a connection that publishes and one that subscribes, made again whenever
 * either is lost, with a delay that doubles. Delivery is at most once: a publish that was written
 * when the link broke is not repeated and counts as lost; one that had not been written waits.
 */
#ifndef SIO_REDIS_LINK_H
#define SIO_REDIS_LINK_H

#include <stdbool.h>

#include <uv.h>

#include <sio/adapter.h>
#include <sio/sys/redis_url.h>
#include <sio/sys/str.h>

#include "redis/command.h"
#include "redis/subscriptions.h"

typedef struct sio_redis_link sio_redis_link;

/* All are called from the loop, none after sio_redis_link_stop; each may call the link. */
typedef struct sio_redis_link_events {
    void *data;
    /* When the link is lost, commands that wait for an answer are told before. */
    void (*state)(void *data, sio_cluster_state state, const char *detail);
    /* Borrowed for the call. May come a little after what it has come by was unsubscribed. NULL:
     * the link has one connection, and nothing is subscribed to or read on it. */
    void (*message)(void *data, const sio_redis_message *message);
    /* Redis has confirmed a subscription, after each connecting anew: what is published from now on
     * comes. NULL is allowed. */
    void (*subscribed)(void *data, sio_redis_kind kind, sio_str name);
    /* Redis has refused a subscription, or ended it by itself. True: the link goes on without it,
     * and it is to be unsubscribed. NULL or false: the link is lost, and tries it anew. */
    bool (*unsubscribed)(void *data, sio_redis_kind kind, sio_str name, const char *why);
    /* Redis has answered a publish with an error. */
    void (*refused)(void *data, const char *why);
    void (*random)(void *data, void *out, size_t len);
} sio_redis_link_events;

/* A new link that begins to connect when the loop runs. `url` is moved on success; `events` is
 * copied. SIO_ENOMEM, SIO_ESYSTEM. */
int sio_redis_link_new(sio_redis_link **out, uv_loop_t *loop, sio_redis_url *url,
                       const sio_redis_link_events *events);

/* The name is copied. Sent with all others of this turn of the loop, and again whenever the link is
 * made. What is unsubscribed and subscribed in one turn was never away: then it may be confirmed at
 * once (ask sio_redis_link_is_subscribed), and no event follows. SIO_EEXISTS, SIO_ENOMEM. */
int sio_redis_link_subscribe(sio_redis_link *link, sio_redis_kind kind, sio_str name);
void sio_redis_link_unsubscribe(sio_redis_link *link, sio_redis_kind kind, sio_str name);

/* Whether Redis has confirmed it on the link that stands. */
bool sio_redis_link_is_subscribed(const sio_redis_link *link, sio_redis_kind kind, sio_str name);

/* SIO_ELIMIT: SIO_LIMIT_REDIS_QUEUE bytes wait already; SIO_ENOMEM. Both count as lost. */
int sio_redis_link_publish(sio_redis_link *link, sio_str channel, sio_str payload);

/* The same with any command that is a publish of its kind (SPUBLISH, XADD): it waits in the same
 * queue while the link is away. On an error `reply` is not called. SIO_ECLOSED: stopped. */
int sio_redis_link_send(sio_redis_link *link, const sio_redis_command *command);

/* A question (PUBSUB NUMSUB, GETDEL): asked now, past the publishes that wait, or not at all.
 * SIO_ECLOSED: the link is away; SIO_ELIMIT: SIO_LIMIT_REDIS_COMMANDS are unanswered; SIO_ENOMEM.
 * On an error `reply` is not called. A Redis that does not answer is noticed by the pings, which
 * ends the link and with it the question: an earlier deadline is up to the caller. */
int sio_redis_link_ask(sio_redis_link *link, const sio_redis_command *command);

/* Does a question that is asked now come behind all that was sent before? */
bool sio_redis_link_has_written(const sio_redis_link *link);

/* To be called before the loop runs: the link has one connection more, for reading. */
void sio_redis_link_use_reader(sio_redis_link *link);

/* The same on that connection: XREAD may block it, for less than SIO_LIMIT_REDIS_CONNECT_MS. */
int sio_redis_link_read(sio_redis_link *link, const sio_redis_command *command);

/* The link is of no use as it is: it is lost, and made again after the usual delay. */
void sio_redis_link_fail(sio_redis_link *link, const char *why);

/* Sets published, published_lost, connects and queued_bytes. */
void sio_redis_link_stats(const sio_redis_link *link, sio_cluster_stats *out);

/* Ends it: who waits for an answer is told that none comes, from inside this call; what is waiting
 * is written while the link stands, for SIO_LIMIT_CLOSE_MS at most. When all handles are closed the
 * link is freed and `done` is called, never from inside this call. */
void sio_redis_link_stop(sio_redis_link *link, void (*done)(void *data), void *data);

#endif
