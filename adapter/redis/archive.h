/*
 * Where the streams adapter keeps the sessions of clients that may come back, to this node or to
 * another: each as a value with an expiry; what they missed is in the stream.
 */
#ifndef SIO_REDIS_ARCHIVE_H
#define SIO_REDIS_ARCHIVE_H

#include <sio/sys/recovery.h>

#include "cluster/streams.h"
#include "redis/stream.h"

typedef struct sio_archive {
    sio_recovery recovery; /* first */
    sio_redis_link *link;
    sio_streams *streams;
    const sio_stream *stream;
    char *prefix; /* of the keys */
    uint32_t session_ms;
    struct sio_revisit *revisits; /* that wait for Redis, or until this node has read on */
    size_t held;                  /* of these, that wait for the latter, */
    sio_entry_id held_until;      /* up to there, */
    uint64_t held_due;            /* and the first of them no longer than that */
    sio_arena scratch;
    bool stopped;
} sio_archive;

/* The link is given before the loop runs; all else stays borrowed. `prefix` NULL:
 * SIO_SESSION_KEY_PREFIX. SIO_ENOMEM. */
int sio_archive_init(sio_archive *archive, sio_streams *streams, const sio_stream *stream,
                     const char *prefix, uint32_t session_ms);
/* An entry has been read: who waited for it goes on. */
void sio_archive_read(sio_archive *archive);
/* The link is gone (UINT64_MAX), or it is so late: who waited for more of it begins anew. */
void sio_archive_give_up(sio_archive *archive, uint64_t now);
/* Nobody is told anything any more. */
void sio_archive_stop(sio_archive *archive);
void sio_archive_free(sio_archive *archive);

#endif
