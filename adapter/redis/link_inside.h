/* What the parts of a link have of each other. */
#ifndef SIO_REDIS_LINK_INSIDE_H
#define SIO_REDIS_LINK_INSIDE_H

#include "redis/conns.h"
#include "redis/link.h"
#include "redis/outgoing.h"
#include "redis/sentinel.h"

/* What the timer waits for while the link is ready. */
typedef enum sio_heartbeat {
    SIO_HEARTBEAT_REST,
    SIO_HEARTBEAT_ASKED,
    SIO_HEARTBEAT_OVERDUE
} sio_heartbeat;

struct sio_redis_link {
    uv_loop_t *loop;
    sio_redis_url url;
    sio_redis_url target; /* where Redis is, by the url or its sentinels; borrows from both */
    char master_host[256];
    sio_redis_access access;
    sio_sentinel sentinel;
    sio_redis_link_events events;
    uv_timer_t timer;        /* the one deadline of the state */
    sio_cluster_state state; /* DISCONNECTED: the timer runs until the next attempt */
    sio_heartbeat heartbeat;
    uint32_t retry_ms;
    uint64_t connects;
    sio_redis_conns conns;
    sio_outgoing outgoing;
    sio_subscriptions subscriptions;
    bool stopping;
    bool timer_closed;
    void (*done)(void *data);
    void *done_data;
};

/* Connections or subscriptions have become ready: the link is, if all are. */
void sio_redis_link_check(sio_redis_link *link);

/* ---- link_traffic.c: what goes over it ---- */

/* Sets up what is sent and subscribed to. `seed`: 16 random bytes. */
void sio_redis_link_init_traffic(sio_redis_link *link, void (*empty)(sio_outgoing *outgoing),
                                 const uint64_t seed[2]);

#endif
