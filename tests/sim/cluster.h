/* Several nodes in one virtual time, joined by adapters: fake ones, or the library's own. */
#ifndef SIO_TESTS_CLUSTER_H
#define SIO_TESTS_CLUSTER_H

#include "fake_adapter.h"
#include "redis_adapter.h"

typedef struct cluster {
    sim nodes[SIM_NODES];
    bool by_redis;
    fake_adapter adapters[SIM_NODES];
    redis_adapter redis[SIM_NODES];
    sim_wire wire;
} cluster;

void cluster_start(cluster *self, uint64_t seed, unsigned count);
/* The same, over the classic and over the sharded adapter. The links are not yet ready. */
void cluster_start_classic(cluster *self, uint64_t seed, unsigned count,
                           sio_redis_subscribe subscribe);
void cluster_start_sharded(cluster *self, uint64_t seed, unsigned count, sio_sharded_mode mode);

/* The node's link is lost; it stands again. */
void cluster_unlink(cluster *self, unsigned index);
void cluster_link(cluster *self, unsigned index);

/* The server closes and is freed: nothing of it may be open then. */
void cluster_end_node(cluster *self, unsigned index);
/* All that are left. */
void cluster_stop(cluster *self);

#endif
