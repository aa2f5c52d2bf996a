/*
 * The emitter: sends events to the clients of a cluster from a process that is no server, as
 * @socket.io/redis-emitter 5.1 does. Synchronous and small; needs hiredis, msgpack-c and OpenSSL.
 *
 *   sio_emitter *emitter;
 *   if (sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = "redis://127.0.0.1:6379" }))
 *       return 1;
 *   sio_emitter_emit(emitter, &(sio_emitter_target){ .rooms = SIO_EMITTER_ROOMS("news") },
 *                    "headline", "{s:s}", "title", "…");
 *   sio_emitter_free(emitter);
 *
 * One emitter belongs to one thread at a time.
 */
#ifndef SIO_EMITTER_H
#define SIO_EMITTER_H

#include <stdarg.h>
#include <stdint.h>

#include <sio/err.h>
#include <sio/value.h>

typedef struct sio_emitter sio_emitter;

typedef struct sio_emitter_options {
    const char *redis;   /* docs/redis.md has the forms, with TLS and sentinels; NULL:
                            redis://127.0.0.1:6379 */
    const char *key;     /* channel prefix of the cluster; NULL: "socket.io" */
    uint32_t timeout_ms; /* of connecting (but not of looking up the host), and of each command;
                            0: 5000 */
} sio_emitter_options;

typedef struct sio_emitter_target {
    const char *nsp;           /* NULL: "/"; a missing leading slash is added */
    const char *const *rooms;  /* NULL-terminated; NULL: everyone in the namespace */
    const char *const *except; /* NULL-terminated; NULL: nobody */
    unsigned flags;            /* SIO_EMITTER_VOLATILE, SIO_EMITTER_UNCOMPRESSED */
} sio_emitter_target;

#define SIO_EMITTER_ROOMS(...)   ((const char *const[]){ __VA_ARGS__, NULL })
#define SIO_EMITTER_VOLATILE     1u /* may be lost by clients that are not ready */
#define SIO_EMITTER_UNCOMPRESSED 2u /* do not compress, where a client has negotiated it */

/*
 * A new emitter, connected. On an error *out is an emitter too (NULL when memory is out), so that
 * sio_emitter_error has the sentence; free it, or, unless the URL is wrong, keep it: each emit
 * tries to connect again. SIO_EURL, SIO_EACCESS (a file that the URL names cannot be
 * used), SIO_ECONNECT, SIO_EAUTH, SIO_ETIMEOUT, SIO_EREDIS, SIO_ENOMEM.
 */
SIO_EXTERN SIO_MUST_USE int sio_emitter_new(sio_emitter **out, const sio_emitter_options *options);

/*
 * Sends an event; `format` makes its arguments (value.h, sio_value_new), NULL or "" means none.
 * `target` NULL means everyone in "/". A lost connection is made anew once, and the command
 * repeated if it had not been written.
 *
 * Returns the number of subscribers of the channel that Redis has handed the message to (0: no node
 * listens; monitors that subscribe count too), or an error: SIO_ERESERVED, SIO_EFORMAT, SIO_EUTF8,
 * SIO_EDEPTH, SIO_ELIMIT (more than SIO_LIMIT_PUBLISH bytes), SIO_EURL, SIO_EACCESS,
 * SIO_ECONNECT, SIO_EAUTH, SIO_ETIMEOUT, SIO_EREDIS, SIO_ENOMEM. After SIO_ECONNECT and
 * SIO_ETIMEOUT the message may have been sent all the same: Redis had no chance to say so.
 */
SIO_EXTERN SIO_MUST_USE int sio_emitter_emit(sio_emitter *emitter, const sio_emitter_target *target,
                                             const char *event, const char *format, ...);
SIO_EXTERN SIO_MUST_USE int sio_emitter_vemit(sio_emitter *emitter,
                                              const sio_emitter_target *target, const char *event,
                                              const char *format, va_list arguments);

/* A sentence about the last error; "" if there was none. Borrowed until the next call. */
SIO_EXTERN const char *sio_emitter_error(const sio_emitter *emitter);

/* Closes and frees. NULL is allowed. */
SIO_EXTERN void sio_emitter_free(sio_emitter *emitter);

#endif
