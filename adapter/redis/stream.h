/*
 * Reads a stream from the place where it ended when the link first stood, each entry once, whatever
 * becomes of the link meanwhile: what was added while it was away is read when it is back, as far
 * as Redis has kept it.
 */
#ifndef SIO_REDIS_STREAM_H
#define SIO_REDIS_STREAM_H

#include <sio/sys/entry.h>

#include "redis/link.h"

typedef struct sio_stream {
    sio_redis_link *link; /* with a reader */
    const char *name;
    uint32_t count;      /* entries to ask for at once */
    bool known;          /* where it ended */
    sio_entry_id last;   /* the last that was read, or was there before */
    uint64_t entry_size; /* bytes of an entry in the last reply */
    bool stopped;
    void *data;
    /* All that is added from now on will be read. After each connecting. */
    void (*placed)(void *data);
    void (*entry)(void *data, const sio_entry *entry);
} sio_stream;

/* The link has become ready. */
void sio_stream_begin(sio_stream *stream);

/* An entry out of a reply to XREAD or XRANGE; borrowed from it. SIO_EPARSE: none, or one without an
 * id, which leaves the rest of `out` zero. */
int sio_stream_entry(sio_entry *out, const redisReply *reply);

#endif
