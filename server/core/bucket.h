/* A token bucket: so much a second, and at once what has been saved up. */
#ifndef SIO_CORE_BUCKET_H
#define SIO_CORE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/limits.h>

/* Zeroed memory is a full one. */
typedef struct sio_bucket {
    uint64_t debt; /* thousandths of what has been taken and has not come back */
    uint64_t at;   /* milliseconds: when that was so */
} sio_bucket;

static inline void sio_bucket_refill(sio_bucket *bucket, const sio_rate *rate, uint64_t now)
{
    const uint64_t since = now > bucket->at ? now - bucket->at : 0;
    const uint64_t back = since > UINT32_MAX ? UINT64_MAX : since * rate->per_second;
    bucket->debt = bucket->debt > back ? bucket->debt - back : 0;
    bucket->at = now;
}

/* Takes so many, unless it is empty; the last ones may be more than it has, so that what is larger
 * than a burst passes too, and is waited for. */
static inline bool sio_bucket_take(sio_bucket *bucket, const sio_rate *rate, uint64_t now,
                                   uint64_t count)
{
    sio_bucket_refill(bucket, rate, now);
    if (bucket->debt >= (uint64_t)rate->burst * 1000)
        return false;
    bucket->debt += count * 1000;
    return true;
}

#endif
