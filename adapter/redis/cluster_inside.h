/* What the parts of the cluster have of each other. */
#ifndef SIO_REDIS_CLUSTER_INSIDE_H
#define SIO_REDIS_CLUSTER_INSIDE_H

#include "redis/cluster.h"
#include "redis/slot.h"

typedef struct sio_cluster_node {
    sio_redis_cluster *cluster;
    sio_redis_link *link;
    struct sio_cluster_node *next;
    bool ready;
    bool gone;  /* of those that are being stopped */
    bool owner; /* has slots, by the last view */
    int port;
    char host[];
} sio_cluster_node;

typedef struct sio_cluster_subscription {
    sio_cluster_node *node; /* where it is subscribed to, NULL: nowhere yet */
    size_t len;
    uint16_t slot;
    uint8_t kind;
    bool awaited; /* its confirmation is what the cluster waits for before it is ready */
    char name[];
} sio_cluster_subscription;

/* One message on its way, kept until Redis has said that it has it. */
typedef struct sio_shipment {
    struct sio_shipment *next;
    sio_redis_cluster *cluster;
    bool shard;
    uint8_t redirections;
    uint16_t slot;
    size_t channel_len;
    size_t payload_len;
    char bytes[];
} sio_shipment;

struct sio_redis_cluster {
    uv_loop_t *loop;
    sio_redis_url url;
    sio_redis_link_events events;
    uv_timer_t timer; /* until the cluster is asked again */
    sio_cluster_state state;
    sio_cluster_node *nodes;
    unsigned nodes_count; /* those that are being stopped included */
    sio_cluster_node *home;
    sio_cluster_node **owners; /* by slot; NULL: nobody, as far as known */
    bool complete;             /* every slot has one */
    bool asking;
    bool dirty; /* the view is known to be out of date */
    sio_map subscriptions[SIO_REDIS_KINDS];
    size_t awaited;
    sio_shipment *head; /* what waits */
    sio_shipment *tail;
    size_t queued_bytes;
    bool home_waits; /* something in there is for the home, or for that slot */
    bool slot_waits[SIO_REDIS_SLOTS];
    uint64_t connects;
    uint64_t lost;               /* here, before or after a link had it */
    uint64_t redirected;         /* counted as published and lost by a link, and sent once more */
    sio_cluster_stats of_others; /* of links that are gone */
    bool stopping;
    bool timer_closed;
    void (*done)(void *data);
    void *done_data;
};

/* ---- nodes (cluster.c) ---- */

/* The node at that place, made if it is not there; NULL: memory is out, or there are
 * SIO_LIMIT_REDIS_MASTERS. */
sio_cluster_node *sio_cluster_node_at(sio_redis_cluster *cluster, const char *host, int port);
void sio_cluster_node_remove(sio_cluster_node *node);
/* Asks for the view of the cluster after so many milliseconds. */
void sio_cluster_ask_in(sio_redis_cluster *cluster, uint64_t ms);
/* Whether it has become ready: then it says so, and sends what waits. */
void sio_cluster_settle(sio_redis_cluster *cluster);

/* ---- who has what (cluster_view.c) ---- */

void sio_cluster_ask(sio_redis_cluster *cluster);
/* Each subscription is moved to where it belongs. */
void sio_cluster_assign(sio_redis_cluster *cluster);
/* One of a link has been confirmed, or refused: false, for a reason that no other node mends. */
void sio_cluster_confirmed(sio_cluster_node *node, sio_redis_kind kind, sio_str name);
bool sio_cluster_refused(sio_cluster_node *node, sio_redis_kind kind, sio_str name,
                         const char *why);
/* Whether an answer means that the view is out of date, and that nothing was done. */
bool sio_cluster_is_redirection(const char *why);

/* ---- what is sent (cluster_send.c) ---- */

void sio_cluster_flush(sio_redis_cluster *cluster);
void sio_cluster_drop(sio_redis_cluster *cluster);

#endif
