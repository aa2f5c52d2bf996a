#include "cluster.h"

static void start_nodes(cluster *self, uint64_t seed, unsigned count)
{
    assert_true(count <= SIM_NODES);
    *self = (cluster){ .wire = { .count = count, .seed = seed, .now = 1000 } };
    for (unsigned i = 0; i < count; i++) {
        sim_start(&self->nodes[i], seed * SIM_NODES + i, (sio_server_options){ .data = self });
        self->wire.nodes[i] = &self->nodes[i];
    }
}

void cluster_start(cluster *self, uint64_t seed, unsigned count)
{
    start_nodes(self, seed, count);
    for (unsigned i = 0; i < count; i++)
        fake_adapter_init(&self->adapters[i], &self->wire, self->adapters, i);
}

void cluster_start_classic(cluster *self, uint64_t seed, unsigned count,
                           sio_redis_subscribe subscribe)
{
    start_nodes(self, seed, count);
    self->classic = true;
    for (unsigned i = 0; i < count; i++)
        classic_adapter_init(&self->classics[i], &self->wire, self->classics, i, subscribe);
}

void cluster_unlink(cluster *self, unsigned index)
{
    if (self->classic)
        classic_adapter_unlink(&self->classics[index]);
    else
        fake_adapter_unlink(&self->adapters[index]);
}

void cluster_link(cluster *self, unsigned index)
{
    if (self->classic)
        classic_adapter_link(&self->classics[index]);
    else
        self->adapters[index].unlinked = false;
}

void cluster_end_node(cluster *self, unsigned index)
{
    sim *node = self->wire.nodes[index];
    if (!node)
        return;
    self->wire.nodes[index] = NULL;
    sio_core_close(node->server);
    sim_turn(node);
    node->server->adapter = NULL;
    if (self->classic)
        classic_adapter_end(&self->classics[index]);
    else
        fake_adapter_end(&self->adapters[index]);
    sim_stop(node);
}

void cluster_stop(cluster *self)
{
    for (unsigned i = 0; i < self->wire.count; i++)
        cluster_end_node(self, i);
    sim_wire_clear(&self->wire);
}
