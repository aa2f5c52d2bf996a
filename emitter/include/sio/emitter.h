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

#include <sio/emitter_target.h>
#include <sio/err.h>
#include <sio/value.h>

typedef struct sio_emitter sio_emitter;

typedef struct sio_emitter_options {
    const char *redis;   /* docs/redis.md has the forms, with TLS and sentinels; NULL:
                            redis://127.0.0.1:6379 */
    const char *key;     /* channel prefix of the cluster; NULL: "socket.io" */
    uint32_t timeout_ms; /* of connecting (but not of looking up the host), and of each command;
                            0: 5000 */
    /* While Redis cannot be reached, or says that it will be back (it loads its data, say), it is
     * tried again until so many milliseconds after the call began; the last attempt may take
     * timeout_ms more. What may have been sent is never sent again. 0: no second attempt. */
    uint32_t retry_ms;
    sio_emitter_adapter adapter; /* of the cluster's nodes */
    const char *stream;          /* of SIO_EMITTER_STREAMS; NULL: the key. Nodes with a
                                    streamCount have several, "socket.io-0" … */
    uint32_t stream_len;         /* entries that are kept of it, about; 0: 10000 */
} sio_emitter_options;

/*
 * A new emitter, connected. On an error *out is an emitter too (NULL when memory is out), so that
 * sio_emitter_error has the sentence; free it, or, unless the URL is wrong, keep it: each emit
 * tries to connect again. SIO_EURL, SIO_EACCESS (a file that the URL names cannot be
 * used), SIO_ECONNECT, SIO_EAUTH, SIO_ETIMEOUT, SIO_EREDIS, SIO_ENOMEM.
 */
SIO_EXTERN SIO_MUST_USE int sio_emitter_new(sio_emitter **out, const sio_emitter_options *options);

/*
 * Sends an event; `format` makes its arguments (value.h, sio_value_new), NULL or "" means none.
 * `target` NULL means everyone in "/". A lost connection is made anew once, or as long as retry_ms
 * says, and the command repeated if it had not been written.
 *
 * Returns the number of subscribers of the channel that Redis has handed the message to (0: no node
 * listens; monitors that subscribe count too; of SIO_EMITTER_STREAMS: the number of nodes), or an
 * error: SIO_ERESERVED, SIO_EFORMAT, SIO_EUTF8, SIO_EDEPTH, SIO_ELIMIT (more than SIO_LIMIT_PUBLISH
 * bytes), SIO_EURL, SIO_EACCESS, SIO_ECONNECT, SIO_EAUTH, SIO_ETIMEOUT, SIO_EREDIS, SIO_ENOMEM.
 * After SIO_ECONNECT and SIO_ETIMEOUT sio_emitter_unsure says whether it may have been sent.
 */
SIO_EXTERN SIO_MUST_USE int sio_emitter_emit(sio_emitter *emitter, const sio_emitter_target *target,
                                             const char *event, const char *format, ...);
SIO_EXTERN SIO_MUST_USE int sio_emitter_vemit(sio_emitter *emitter,
                                              const sio_emitter_target *target, const char *event,
                                              const char *format, va_list arguments);

/* ---- orders: they return what sio_emitter_emit returns, with the number of nodes ---- */

/* Sockets of the target join or leave `rooms`, NULL-terminated. */
SIO_EXTERN SIO_MUST_USE int sio_emitter_sockets_join(sio_emitter *emitter,
                                                     const sio_emitter_target *target,
                                                     const char *const *rooms);
SIO_EXTERN SIO_MUST_USE int sio_emitter_sockets_leave(sio_emitter *emitter,
                                                      const sio_emitter_target *target,
                                                      const char *const *rooms);

/* They are disconnected from the namespace; with `close` (0 or 1) from the server altogether. */
SIO_EXTERN SIO_MUST_USE int
sio_emitter_disconnect_sockets(sio_emitter *emitter, const sio_emitter_target *target, int close);

/* An event for the servers of the cluster. SIO_ERESERVED: connect, connection, new_namespace. */
SIO_EXTERN SIO_MUST_USE int sio_emitter_server_side_emit(sio_emitter *emitter, const char *nsp,
                                                         const char *event, const char *format,
                                                         ...);
SIO_EXTERN SIO_MUST_USE int sio_emitter_server_side_vemit(sio_emitter *emitter, const char *nsp,
                                                          const char *event, const char *format,
                                                          va_list arguments);

/* ---- questions (they need Redis 6) ----
 *
 * `timeout_ms` is how long answers are awaited, 0: as long as the emitter's commands. They return 0
 * when all have answered. Whenever the question has gone out *out is set, to be freed by the
 * caller: with SIO_ETIMEOUT, SIO_ECONNECT (the connection was lost), SIO_ELIMIT (more than
 * SIO_LIMIT_ANSWERS bytes) and SIO_ENOMEM it has what came until then. Else *out is NULL, and the
 * errors are those of sio_emitter_emit. An emitter listens where answers go and nowhere else: it is
 * no node, and is not counted as one.
 */
typedef struct sio_emitter_answers {
    uint32_t nodes;          /* that were asked */
    uint32_t missing_nodes;  /* of these, that have not answered */
    uint64_t clients;        /* emit_ack: that were asked, as far as nodes have answered; count,
                                fetch_sockets: sockets */
    const sio_value *values; /* an array: of emit_ack the first argument of each acknowledgement, of
                                server_side_emit_ack the answer of each node, of fetch_sockets maps
                                {id, handshake, rooms, data} */
} sio_emitter_answers;

/* NULL is allowed. */
SIO_EXTERN void sio_emitter_answers_free(sio_emitter_answers *answers);

/* The event, which clients are to acknowledge. */
SIO_EXTERN SIO_MUST_USE int sio_emitter_emit_ack(sio_emitter *emitter,
                                                 const sio_emitter_target *target,
                                                 uint32_t timeout_ms, sio_emitter_answers **out,
                                                 const char *event, const char *format, ...);
SIO_EXTERN SIO_MUST_USE int sio_emitter_emit_vack(sio_emitter *emitter,
                                                  const sio_emitter_target *target,
                                                  uint32_t timeout_ms, sio_emitter_answers **out,
                                                  const char *event, const char *format,
                                                  va_list arguments);
SIO_EXTERN SIO_MUST_USE int sio_emitter_server_side_emit_ack(sio_emitter *emitter, const char *nsp,
                                                             uint32_t timeout_ms,
                                                             sio_emitter_answers **out,
                                                             const char *event, const char *format,
                                                             ...);
SIO_EXTERN SIO_MUST_USE int sio_emitter_server_side_emit_vack(sio_emitter *emitter, const char *nsp,
                                                              uint32_t timeout_ms,
                                                              sio_emitter_answers **out,
                                                              const char *event, const char *format,
                                                              va_list arguments);
SIO_EXTERN SIO_MUST_USE int sio_emitter_fetch_sockets(sio_emitter *emitter,
                                                      const sio_emitter_target *target,
                                                      uint32_t timeout_ms,
                                                      sio_emitter_answers **out);

/* The same, but only counted: `values` is empty. */
SIO_EXTERN SIO_MUST_USE int sio_emitter_count(sio_emitter *emitter,
                                              const sio_emitter_target *target, uint32_t timeout_ms,
                                              sio_emitter_answers **out);

/* The number of nodes, or an error. Redis alone is asked. */
SIO_EXTERN SIO_MUST_USE int sio_emitter_server_count(sio_emitter *emitter, const char *nsp);

/* ---- batches ----
 *
 * Events are put into one buffer and written together, by sio_emitter_flush and whenever some 64
 * KiB have come together; answers are read in bulk. All else that this emitter does flushes first,
 * and returns the error of that.
 */
typedef struct sio_emitter_tally {
    uint64_t heard;   /* Redis has handed it to somebody (of streams: has taken it) */
    uint64_t unheard; /* nobody listens */
    uint64_t refused; /* by Redis; sio_emitter_error has the last reason */
    uint64_t unsure;  /* written when the connection was lost: sent or not, and not sent again */
    uint64_t unsent;  /* the connection was lost before: the next flush sends it */
} sio_emitter_tally;

/* 0, or the errors of sio_emitter_emit. Those of the message (up to SIO_ELIMIT, and SIO_ENOMEM) are
 * of this event alone, which is not queued; after those of the connection it is queued, and the
 * tally tells what became of the others. SIO_ELIMIT also means that SIO_LIMIT_REDIS_QUEUE bytes
 * wait for a Redis that cannot be reached. */
SIO_EXTERN SIO_MUST_USE int sio_emitter_queue(sio_emitter *emitter,
                                              const sio_emitter_target *target, const char *event,
                                              const char *format, ...);
SIO_EXTERN SIO_MUST_USE int sio_emitter_vqueue(sio_emitter *emitter,
                                               const sio_emitter_target *target, const char *event,
                                               const char *format, va_list arguments);

/* Writes what is queued and waits for all answers. `tally` (NULL is allowed) tells what has become
 * of all that was queued since the last flush; it is set on an error too. SIO_EREDIS or SIO_EAUTH:
 * Redis has refused some; SIO_EACCESS, SIO_ECONNECT, SIO_ETIMEOUT, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_emitter_flush(sio_emitter *emitter, sio_emitter_tally *tally);

/* ---- */

/* Whether what the last call has sent may have been executed although it returned an error: it had
 * been written, and Redis had no chance to answer. 0 or 1. */
SIO_EXTERN int sio_emitter_unsure(const sio_emitter *emitter);

/* A sentence about the last error; "" if there was none. Borrowed until the next call. */
SIO_EXTERN const char *sio_emitter_error(const sio_emitter *emitter);

/* Closes and frees; what is queued and not flushed is dropped. NULL is allowed. */
SIO_EXTERN void sio_emitter_free(sio_emitter *emitter);

#endif
