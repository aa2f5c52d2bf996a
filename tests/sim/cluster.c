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
    self->by_redis = true;
    for (unsigned i = 0; i < count; i++)
        classic_adapter_init(&self->redis[i], &self->wire, self->redis, i, subscribe);
}

void cluster_start_sharded(cluster *self, uint64_t seed, unsigned count, sio_sharded_mode mode)
{
    start_nodes(self, seed, count);
    self->by_redis = true;
    for (unsigned i = 0; i < count; i++)
        sharded_adapter_init(&self->redis[i], &self->wire, self->redis, i, mode);
}

void cluster_unlink(cluster *self, unsigned index)
{
    if (self->by_redis)
        redis_adapter_unlink(&self->redis[index]);
    else
        fake_adapter_unlink(&self->adapters[index]);
}

void cluster_link(cluster *self, unsigned index)
{
    if (self->by_redis)
        redis_adapter_link(&self->redis[index]);
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
    if (self->by_redis)
        redis_adapter_end(&self->redis[index]);
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
