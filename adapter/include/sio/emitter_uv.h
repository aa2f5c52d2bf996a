/*
 * The emitter of emitter.h for programs with a libuv loop: it never blocks, connects by itself, and
 * again whenever the connection is lost. In libsio; a program need not be a server for it.
 *
 * What is emitted waits, SIO_LIMIT_REDIS_QUEUE bytes of it, until Redis is there. Delivery is at
 * most once: what had been written when the connection was lost is not sent again, and counts as
 * lost. All of it belongs to the thread of the loop.
 */
#ifndef SIO_EMITTER_UV_H
#define SIO_EMITTER_UV_H

#include <stdarg.h>
#include <stddef.h>

#include <sio/adapter.h>
#include <sio/emitter_target.h>
#include <sio/err.h>

struct uv_loop_s;

typedef struct sio_uv_emitter sio_uv_emitter;

typedef struct sio_uv_emitter_options {
    const char *redis; /* as in sio_emitter_options; NULL: redis://127.0.0.1:6379 */
    const char *key;
    sio_emitter_adapter adapter;
    const char *stream;
    uint32_t stream_len;
    /* What becomes of the connection; `detail` is a sentence, borrowed for the call. */
    void (*on_state)(sio_uv_emitter *emitter, sio_cluster_state state, const char *detail,
                     void *data);
    /* Redis has refused an event; the next one may fare better. */
    void (*on_refused)(sio_uv_emitter *emitter, const char *why, void *data);
    void *data;
    char *error; /* where sio_uv_emitter_new writes what is wrong; may be NULL */
    size_t error_size;
} sio_uv_emitter_options;

/* A new emitter, which begins to connect when the loop runs. All texts are copied. SIO_EURL,
 * SIO_EACCESS (a file that the URL names cannot be used), SIO_ENOMEM, SIO_ESYSTEM. */
SIO_EXTERN SIO_MUST_USE int sio_uv_emitter_new(sio_uv_emitter **out, struct uv_loop_s *loop,
                                               const sio_uv_emitter_options *options);

/*
 * As their namesakes in emitter.h, but they return at once: 0, it has been written or waits; or
 * SIO_ERESERVED, SIO_EFORMAT, SIO_EUTF8, SIO_EDEPTH, SIO_ELIMIT (it is too long, or too much waits
 * already), SIO_ECLOSED (the emitter is being closed), SIO_ENOMEM. All that is emitted in one turn
 * of the loop is one write. They may be called in callbacks of the emitter.
 */
SIO_EXTERN SIO_MUST_USE int sio_uv_emitter_emit(sio_uv_emitter *emitter,
                                                const sio_emitter_target *target, const char *event,
                                                const char *format, ...);
SIO_EXTERN SIO_MUST_USE int sio_uv_emitter_vemit(sio_uv_emitter *emitter,
                                                 const sio_emitter_target *target,
                                                 const char *event, const char *format,
                                                 va_list arguments);
SIO_EXTERN SIO_MUST_USE int sio_uv_emitter_sockets_join(sio_uv_emitter *emitter,
                                                        const sio_emitter_target *target,
                                                        const char *const *rooms);
SIO_EXTERN SIO_MUST_USE int sio_uv_emitter_sockets_leave(sio_uv_emitter *emitter,
                                                         const sio_emitter_target *target,
                                                         const char *const *rooms);
SIO_EXTERN SIO_MUST_USE int sio_uv_emitter_disconnect_sockets(sio_uv_emitter *emitter,
                                                              const sio_emitter_target *target,
                                                              int close);
SIO_EXTERN SIO_MUST_USE int sio_uv_emitter_server_side_emit(sio_uv_emitter *emitter,
                                                            const char *nsp, const char *event,
                                                            const char *format, ...);

/* A sentence about the last error of these calls; "" if there was none. Borrowed until the next. */
SIO_EXTERN const char *sio_uv_emitter_error(const sio_uv_emitter *emitter);

/* Sets published, published_lost, connects and queued_bytes; the rest is 0. */
SIO_EXTERN void sio_uv_emitter_stats(const sio_uv_emitter *emitter, sio_cluster_stats *out);

/*
 * Ends it: what waits is written, and answered, within SIO_LIMIT_CLOSE_MS if the connection stands;
 * one that is being made is waited for, SIO_LIMIT_REDIS_CONNECT_MS at most; where it has been lost,
 * what waits is dropped. Then the emitter is freed and `closed` (NULL is allowed) is called, never
 * from inside this call. The emitter's own callbacks are not called any more. NULL is allowed, and
 * does nothing.
 */
SIO_EXTERN void sio_uv_emitter_close(sio_uv_emitter *emitter, void (*closed)(void *data),
                                     void *data);

#endif
