/* The Redis adapters of the library over a sim_wire, with a Redis that is made by hand: what goes
 * wrong is the adapter's doing, or the server's. */
#ifndef SIO_TESTS_REDIS_ADAPTER_H
#define SIO_TESTS_REDIS_ADAPTER_H

#include "cluster/classic.h"
#include "cluster/protocol.h"
#include "cluster/sharded.h"
#include "wire.h"

typedef struct redis_adapter redis_adapter;

/* One of the library's, without its link. */
typedef struct redis_part {
    const sio_protocol *protocol;
    void *of; /* it */
    const sio_inquiries *inquiries;
    const sio_duties *duties;
    /* NULL: it does not want to know. */
    void (*subscribed)(redis_adapter *self, bool pattern, sio_str name);
    /* `pattern` NULL: by the channel itself. */
    void (*receive)(redis_adapter *self, const sio_str *pattern, sio_str channel, sio_str payload);
} redis_part;

struct redis_adapter {
    sio_adapter base; /* first */
    redis_part part;
    sio_classic classic; /* one of both */
    sio_sharded sharded;
    sim_wire *wire;
    redis_adapter *all; /* those of all nodes: Redis knows them */
    unsigned index;     /* of this node */
    bool up;
    bool ready;     /* up, and all that was subscribed to is confirmed */
    unsigned epoch; /* of the link: what is under way belongs to one, and is lost with it */
    uint64_t token; /* of the latest subscription */
    struct redis_name *wanted;  /* by this node */
    struct redis_name *held;    /* by Redis */
    struct redis_count *counts; /* that Redis has not answered */
    struct redis_post *queue;   /* publishes that wait for the link, oldest first */
};

/* The adapters that are made of it. */
void classic_adapter_init(redis_adapter *self, sim_wire *wire, redis_adapter *all, unsigned index,
                          sio_redis_subscribe subscribe);
void sharded_adapter_init(redis_adapter *self, sim_wire *wire, redis_adapter *all, unsigned index,
                          sio_sharded_mode mode);

/* The link is lost; it stands again, and what was subscribed to is asked for anew. */
void redis_adapter_unlink(redis_adapter *self);
void redis_adapter_link(redis_adapter *self);

/* Nothing must be open any more. */
void redis_adapter_end(redis_adapter *self);

/* ---- of what the adapters are made ---- */

/* `rooms`: it wants to know which rooms have members. Still to be made: the part, and with
 * sio_core_set_adapter its place in the server. */
void redis_adapter_init(redis_adapter *self, const redis_part *part, bool rooms, sim_wire *wire,
                        redis_adapter *all, unsigned index);
int redis_adapter_publish(void *data, sio_str channel, sio_str payload);
int redis_adapter_count(void *data, sio_str channel, sio_inquiry *inquiry);
int redis_adapter_subscribe(void *data, bool pattern, sio_str name);
void redis_adapter_unsubscribe(void *data, bool pattern, sio_str name);
bool redis_adapter_is_subscribed(void *data, bool pattern, sio_str text);

#endif
