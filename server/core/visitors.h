/*
 * Who is connected, by address: how many connections each has, and how fast it opens new ones.
 * Pure: the owner says what time it is. An address is one of IPv4, or a /64 of IPv6, which is what
 * one subscriber gets.
 */
#ifndef SIO_CORE_VISITORS_H
#define SIO_CORE_VISITORS_H

#include <sio/sys/address.h>
#include <sio/sys/map.h>

#include "core/bucket.h"
#include "core/list.h"

typedef struct sio_visitor {
    sio_address key;
    uint32_t count;
    sio_bucket bucket;
    sio_list idle; /* in visitors->idle, when it has no connection and its bucket is not full */
} sio_visitor;

typedef struct sio_visitors {
    uint32_t most; /* connections of one; 0: any number */
    sio_rate rate; /* of new ones; per_second 0: any */
    sio_map known;
    sio_list idle; /* those that left first come first */
    uint32_t idle_count;
} sio_visitors;

typedef enum sio_verdict {
    SIO_VERDICT_ADMIT,
    SIO_VERDICT_TOO_MANY, /* it has as many connections as it may */
    SIO_VERDICT_TOO_FAST, /* it opens them faster than it may */
    SIO_VERDICT_NO_MEMORY
} sio_verdict;

/* `seed` as for sio_map_init. */
void sio_visitors_init(sio_visitors *visitors, uint32_t most, const sio_rate *rate,
                       const uint64_t seed[2]);
void sio_visitors_free(sio_visitors *visitors);

/* Whether there is anything to be counted. */
static inline bool sio_visitors_on(const sio_visitors *visitors)
{
    return visitors->most > 0 || visitors->rate.per_second > 0;
}

/* A connection more; `*out` is whose, if it is admitted. One that is not `fresh` is counted only.
 */
sio_verdict sio_visitors_enter(sio_visitors *visitors, const sio_address *address, bool fresh,
                               uint64_t now, sio_visitor **out);

/* Something new by a connection that has entered. */
sio_verdict sio_visitors_charge(sio_visitors *visitors, sio_visitor *visitor, uint64_t now);

/* A connection less. The visitor may be gone. */
void sio_visitors_leave(sio_visitors *visitors, sio_visitor *visitor, uint64_t now);

#endif
