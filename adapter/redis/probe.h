/*
 * A message that a node sends to itself, on a channel that nobody else hears, to know how long it
 * takes through Redis. It carries the time, of this process's own clock.
 */
#ifndef SIO_REDIS_PROBE_H
#define SIO_REDIS_PROBE_H

#include "redis/base.h"

#define SIO_PROBE_MARK "probe:"
#define SIO_PROBE_SIZE 22 /* the mark and 16 digits */

/* On `channel`; data NULL: there is none, and nothing is done. */
void sio_probe_send(sio_redis_base *base, sio_str channel);

/* No message of a node begins like that. */
static inline bool sio_probe_is(sio_str payload)
{
    return payload.len == SIO_PROBE_SIZE &&
           memcmp(payload.data, SIO_PROBE_MARK, sizeof(SIO_PROBE_MARK) - 1) == 0;
}

/* It is back. */
void sio_probe_arrived(const sio_redis_base *base, sio_str payload);

/* Something that was sent at `sent_ns` is. */
void sio_probe_tell(const sio_redis_base *base, uint64_t sent_ns);

#endif
