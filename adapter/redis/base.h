/* What every adapter over Redis has, whatever its messages: the link, and how it ends. */
#ifndef SIO_REDIS_BASE_H
#define SIO_REDIS_BASE_H

#include <sio/sys/redis.h>

#include "cluster/protocol.h"
#include "cluster/warnings.h"
#include "redis/cluster.h"
#include "redis/link.h"

typedef struct sio_redis_base {
    sio_adapter adapter; /* first: the server's pointer is to it */
    const sio_protocol *protocol;
    void *part; /* the one without a link, by that protocol */
    sio_redis_link *link;
    sio_redis_cluster *cluster; /* instead of the link */
    uv_loop_t *loop;
    sio_warnings *warnings; /* of that part; it has the host too */
    bool shard;             /* messages go by channels of shards (SPUBLISH) */
    bool clusters;          /* this kind of adapter works with a cluster */
    bool stopping;
    void (*gone)(struct sio_redis_base *base); /* frees the rest and the object */
    void (*done)(void *data);
    void *done_data;
} sio_redis_base;

static inline sio_redis_base *sio_redis_base_of(sio_adapter *adapter)
{
    return (sio_redis_base *)(void *)adapter;
}

static inline const sio_adapter_host *sio_redis_base_host(const sio_redis_base *base)
{
    return base->warnings->host;
}

/* Makes the link, which is told of by `message` and `subscribed` (NULL: by none) of `given`; its
 * states by `state`. Errors: those of sio_redis_adapter_new. */
int sio_redis_base_link(sio_redis_base *base, const sio_redis_options *options,
                        const sio_redis_link_events *given, char *detail, size_t detail_size);

/* Redis has answered a publish with that error. */
void sio_redis_base_refused(const sio_redis_base *base, const char *why);

/* Says what becomes of what could not be sent, and returns `err`. */
int sio_redis_base_sent(const sio_redis_base *base, int err, const char *what);

/* The end as sio_adapter_ops has it, once the part without a link is stopped. */
void sio_redis_base_stop(sio_redis_base *base, void (*done)(void *data), void *data);

/* `gone` of who has nothing but that part: frees it, and the object that begins with the base. */
void sio_redis_base_free(sio_redis_base *base);

/* Adds what the link counts to the counters of the part without one. */
void sio_redis_base_stats(const sio_redis_base *base, sio_cluster_stats *out);

/* Tells the host, unless it is being stopped. */
void sio_redis_base_state(const sio_redis_base *base, sio_cluster_state state, const char *detail);

/* The event of a link whose state is all that the part without one has to know. */
void sio_redis_base_on_state(void *base, sio_cluster_state state, const char *detail);

/* ---- the link, or the cluster ---- */

/* `publish` and `count` of sio_classic_link and sio_sharded_link, whose `data` is the base: by
 * SPUBLISH and PUBSUB SHARDNUMSUB, or PUBLISH and PUBSUB NUMSUB. */
int sio_redis_base_publish(void *base, sio_str channel, sio_str payload);
int sio_redis_base_count(void *base, sio_str channel, sio_inquiry *inquiry);

int sio_redis_base_subscribe(const sio_redis_base *base, sio_redis_kind kind, sio_str name);
void sio_redis_base_unsubscribe(const sio_redis_base *base, sio_redis_kind kind, sio_str name);
bool sio_redis_base_is_subscribed(const sio_redis_base *base, sio_redis_kind kind, sio_str name);

#endif
