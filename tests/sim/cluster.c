#include "cluster.h"

void cluster_start(cluster *self, uint64_t seed, unsigned count)
{
    assert_true(count <= SIM_NODES);
    *self = (cluster){ .wire = { .count = count, .seed = seed, .now = 1000 } };
    for (unsigned i = 0; i < count; i++) {
        sim_start(&self->nodes[i], seed * SIM_NODES + i, (sio_server_options){ .data = self });
        self->wire.nodes[i] = &self->nodes[i];
    }
    for (unsigned i = 0; i < count; i++)
        fake_adapter_init(&self->adapters[i], &self->wire, self->adapters, i);
}

void cluster_end_node(cluster *self, unsigned index)
{
    sim *node = self->wire.nodes[index];
    if (!node)
        return;
    self->wire.nodes[index] = NULL;
    sio_core_close(node->server);
    sim_turn(node);
    fake_adapter_end(&self->adapters[index]);
    node->server->adapter = NULL;
    sim_stop(node);
}

void cluster_stop(cluster *self)
{
    for (unsigned i = 0; i < self->wire.count; i++)
        cluster_end_node(self, i);
    sim_wire_clear(&self->wire);
}
