/* One exchange of HTTP, or one WebSocket, that libwebsockets speaks: of HTTP/2, or on a vhost of
 * the application. The server gets it as the HTTP/1.1 that a plain connection would have brought,
 * and its answer is taken apart again. */
#ifndef SIO_TLS_EXCHANGE_H
#define SIO_TLS_EXCHANGE_H

#include <sio/sys/limits.h>
#include <sio/sys/ws.h>

#include "answer.h"
#include "session.h"

typedef struct sio_tls_exchange {
    sio_tls_answer answer;
    sio_buf out;  /* LWS_PRE bytes of room, then what is to be written: of a body, or frames */
    size_t sent;  /* of these */
    bool chunked; /* the request's body is handed on in chunks */
    bool told;    /* the answer's head has been written */
    lws_sorted_usec_list_t again; /* when the client's window is looked at once more */
    struct lws *wsi;
    /* of a WebSocket */
    bool socket;
    bool open;          /* it is one for the client too */
    bool inside;        /* a frame has been written in part */
    uint8_t opcode;     /* of that frame */
    uint64_t unwritten; /* bytes of it */
    bool closing;       /* our close frame has been handed over */
} sio_tls_exchange;

/* Most bytes that wait in `out`. */
#define SIO_TLS_ROOM 65536u

/* A callback of libwebsockets about HTTP or a WebSocket. */
int sio_tls_exchange_event(sio_tls_owner *owner, struct lws *wsi, enum lws_callback_reasons reason,
                           void *in, size_t len);

/* Makes the session of a request that has come, and gives its head to the server. False: none
 * could be made. */
bool sio_tls_exchange_begin(sio_tls_owner *owner, struct lws *wsi, bool upgrade);

/* How many of `len` bytes the client's windows take now. If none, it is tried again by itself. */
size_t sio_tls_exchange_allowed(sio_tls_exchange *exchange, size_t len);

/* NULL is allowed. */
void sio_tls_exchange_free(sio_tls_exchange *exchange);

/* ---- websocket.c ---- */

int sio_tls_websocket_event(sio_tls_session *session, enum lws_callback_reasons reason, void *in,
                            size_t len);

#endif
