/* The classic Redis adapter of the library over a sim_wire, with a Redis that is made by hand: what
 * goes wrong is the adapter's doing, or the server's. */
#ifndef SIO_TESTS_CLASSIC_ADAPTER_H
#define SIO_TESTS_CLASSIC_ADAPTER_H

#include "cluster/classic.h"
#include "wire.h"

typedef struct classic_adapter {
    sio_adapter base; /* first */
    sio_classic classic;
    sim_wire *wire;
    struct classic_adapter *all; /* those of all nodes: Redis knows them */
    unsigned index;              /* of this node */
    bool up;
    unsigned epoch; /* of the link: what is under way belongs to one, and is lost with it */
    uint64_t token; /* of the latest subscription */
    struct classic_name *wanted;  /* by this node */
    struct classic_name *held;    /* by Redis */
    struct classic_count *counts; /* that Redis has not answered */
    struct classic_post *queue;   /* publishes that wait for the link, oldest first */
} classic_adapter;

void classic_adapter_init(classic_adapter *self, sim_wire *wire, classic_adapter *all,
                          unsigned index, sio_redis_subscribe subscribe);

/* The link is lost; it stands again, and what was subscribed to is asked for anew. */
void classic_adapter_unlink(classic_adapter *self);
void classic_adapter_link(classic_adapter *self);

/* Nothing must be open any more. */
void classic_adapter_end(classic_adapter *self);

#endif
