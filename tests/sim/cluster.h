/* Several nodes in one virtual time, joined by fake adapters. */
#ifndef SIO_TESTS_CLUSTER_H
#define SIO_TESTS_CLUSTER_H

#include "fake_adapter.h"

typedef struct cluster {
    sim nodes[SIM_NODES];
    fake_adapter adapters[SIM_NODES];
    sim_wire wire;
} cluster;

void cluster_start(cluster *self, uint64_t seed, unsigned count);

/* The server closes and is freed: nothing of it may be open then. */
void cluster_end_node(cluster *self, unsigned index);
/* All that are left. */
void cluster_stop(cluster *self);

#endif
