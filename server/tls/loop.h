/* libwebsockets on a libuv loop that is somebody else's, by what it offers for event loops of one's
 * own: its plugin for libuv would be loaded from the working directory first. */
#ifndef SIO_TLS_LOOP_H
#define SIO_TLS_LOOP_H

#include <stdbool.h>

#include <libwebsockets.h>
#include <uv.h>

#define SIO_TLS_CONTAINER(pointer, type, member)                                                   \
    ((type *)((char *)(pointer)-offsetof(type, member)))

typedef struct sio_tls_loop sio_tls_loop;

/* New. `gone` is called, with `data`, when its context is destroyed and its handles are closed; it
 * has been freed then. NULL when memory is out. */
sio_tls_loop *sio_tls_loop_new(uv_loop_t *uv, void (*gone)(void *data), void *data);

/* Has a context that is made of `info` run on it, and keep it; `info` points into the loop. */
void sio_tls_loop_use(sio_tls_loop *loop, struct lws_context_creation_info *info);

/* Destroys the context, if there is one, and with it itself: as lws_context_destroy does, which may
 * be called instead if there is one. Not from a callback of libwebsockets. */
void sio_tls_loop_end(sio_tls_loop *loop);

#endif
