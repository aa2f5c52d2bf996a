/*
 * The link to Redis: a connection that publishes and one that subscribes, made again whenever
 * either is lost, with a delay that doubles. Delivery is at most once: a publish that was written
 * when the link broke is not repeated and counts as lost; one that had not been written waits.
 */
#ifndef SIO_REDIS_LINK_H
#define SIO_REDIS_LINK_H

#include <uv.h>

#include <sio/adapter.h>
#include <sio/sys/redis_url.h>
#include <sio/sys/str.h>

typedef struct sio_redis_link sio_redis_link;

/* All are called from the loop, none after sio_redis_link_stop. */
typedef struct sio_redis_link_events {
    void *data;
    void (*state)(void *data, sio_cluster_state state, const char *detail);
    void (*message)(void *data, sio_str pattern, sio_str channel, sio_str payload);
    /* Redis has answered a publish with an error. */
    void (*refused)(void *data, const char *why);
    void (*random)(void *data, void *out, size_t len);
} sio_redis_link_events;

/* A new link that begins to connect when the loop runs. `url` is moved on success; `events` is
 * copied. SIO_ENOMEM, SIO_ESYSTEM. */
int sio_redis_link_new(sio_redis_link **out, uv_loop_t *loop, sio_redis_url *url,
                       const sio_redis_link_events *events);

/* The pattern is copied. SIO_EEXISTS, SIO_ENOMEM. */
int sio_redis_link_subscribe(sio_redis_link *link, sio_str pattern);
void sio_redis_link_unsubscribe(sio_redis_link *link, sio_str pattern);

/* SIO_ELIMIT: SIO_LIMIT_REDIS_QUEUE bytes wait already; SIO_ENOMEM. Both count as lost. */
int sio_redis_link_publish(sio_redis_link *link, sio_str channel, sio_str payload);

/* Sets published, published_lost, connects and queued_bytes. */
void sio_redis_link_stats(const sio_redis_link *link, sio_cluster_stats *out);

/* Ends it: what is waiting is written while the link stands, for SIO_LIMIT_CLOSE_MS at most. When
 * all handles are closed the link is freed and `done` is called, never from inside this call. */
void sio_redis_link_stop(sio_redis_link *link, void (*done)(void *data), void *data);

#endif
