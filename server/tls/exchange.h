/* One exchange of HTTP, or one WebSocket, that libwebsockets speaks: of HTTP/2, or on a vhost of
 * the application. The server gets it as the HTTP/1.1 that a plain connection would have brought,
 * and its answer is taken apart again. */
#ifndef SIO_TLS_EXCHANGE_H
#define SIO_TLS_EXCHANGE_H

#include "session.h"

typedef struct sio_tls_exchange sio_tls_exchange;

/* A callback of libwebsockets about HTTP or a WebSocket. */
int sio_tls_exchange_event(sio_tls_owner *owner, struct lws *wsi, enum lws_callback_reasons reason,
                           void *in, size_t len);

/* NULL is allowed. */
void sio_tls_exchange_free(sio_tls_exchange *exchange);

#endif
