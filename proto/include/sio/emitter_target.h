/* To whom an emitter speaks, and how the nodes hear it: of emitter.h and of emitter_uv.h. */
#ifndef SIO_EMITTER_TARGET_H
#define SIO_EMITTER_TARGET_H

#include <sio/value.h>

/* The adapter that the nodes of the cluster have: what an emitter for another one sends, they do
 * not hear. */
typedef enum sio_emitter_adapter {
    SIO_EMITTER_CLASSIC, /* createAdapter of @socket.io/redis-adapter */
    SIO_EMITTER_SHARDED, /* its createShardedAdapter, with subscriptionMode "dynamic", the default,
                            or "static" if no event goes to one room alone; Redis 7 */
    SIO_EMITTER_STREAMS  /* @socket.io/redis-streams-adapter; questions need its version 0.3 */
} sio_emitter_adapter;

typedef struct sio_emitter_target {
    const char *nsp;           /* NULL: "/"; a missing leading slash is added */
    const char *const *rooms;  /* NULL-terminated; NULL: everyone in the namespace */
    const char *const *except; /* NULL-terminated; NULL: nobody */
    unsigned flags;            /* SIO_EMITTER_VOLATILE, SIO_EMITTER_UNCOMPRESSED: of events */
} sio_emitter_target;

#define SIO_EMITTER_ROOMS(...)   ((const char *const[]){ __VA_ARGS__, NULL })
#define SIO_EMITTER_VOLATILE     1u /* may be lost by clients that are not ready */
#define SIO_EMITTER_UNCOMPRESSED 2u /* do not compress, where a client has negotiated it */

#endif
