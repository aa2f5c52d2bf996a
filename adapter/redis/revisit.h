/*
 * A client that has come back, until it is known who it was and what it missed. Two commands follow
 * each other: the session is taken out, the stream is read on from the offset. At most one is
 * unanswered after that, and none while it is held: until this node has read what the client has
 * got from others, which it would get again, and what this node gave out before it read it, which
 * it would not get.
 */
#ifndef SIO_REDIS_REVISIT_H
#define SIO_REDIS_REVISIT_H

#include "redis/archive.h"

typedef struct sio_revisit sio_revisit;

/* Asks Redis for both; the restorer is answered when they have come, or now. */
void sio_revisit_begin(sio_archive *archive, sio_str nsp, sio_str pid, sio_str offset, uint64_t now,
                       sio_restorer *restorer);

/* Those that are held read on; or those that have been for too long by then begin anew. */
void sio_revisit_release_all(sio_archive *archive);
void sio_revisit_refuse_due(sio_archive *archive, uint64_t now);

/* The one of that restorer is waited for by nobody any more; all are not. */
void sio_revisit_forget(sio_archive *archive, const sio_restorer *restorer);
void sio_revisit_forget_all(sio_archive *archive);

/* Redis must have answered, or have been left. */
void sio_revisit_free_all(sio_archive *archive);

#endif
