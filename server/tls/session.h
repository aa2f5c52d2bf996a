/* What of libwebsockets' connections belongs to a server: a TLS stream with HTTP/1.1 in it
 * (stream.h), or one exchange of HTTP or one WebSocket that libwebsockets speaks (exchange.h). */
#ifndef SIO_TLS_SESSION_H
#define SIO_TLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include <libwebsockets.h>

#include <sio/sys/carrier.h>
#include <sio/sys/proxy.h>

/* Who brings connections: a listener, or a mount. */
typedef struct sio_tls_owner {
    sio_carriage carriage;
    size_t unopened; /* connections that the server does not count: in their handshake, or of
                        HTTP/2, whose streams it counts */
    bool proxied;    /* where they come from is said by a balancer (preface.h) */
} sio_tls_owner;

/* A connection until its first byte within TLS has come. */
typedef struct sio_tls_opening {
    struct sio_tls_session *session;
    lws_sorted_usec_list_t late;
    bool named; /* by the PROXY protocol, else it is the peer itself */
    sio_origin origin;
} sio_tls_opening;

typedef struct sio_tls_session {
    sio_tls_owner *owner;
    struct lws *wsi;
    sio_conn *conn;                    /* NULL: not opened yet, or gone */
    sio_tls_opening *opening;          /* it counts there; NULL: it does not */
    bool closed;                       /* the server has given it up */
    bool finishing;                    /* nothing more is written */
    bool finished;                     /* and the peer has been told */
    size_t held;                       /* bytes that libwebsockets keeps, at most */
    struct sio_tls_exchange *exchange; /* NULL: a stream */
} sio_tls_session;

/* That of a connection; NULL: it is none of ours. */
sio_tls_session *sio_tls_session_of(struct lws *wsi);

/* Makes it ours. NULL when memory is out. */
sio_tls_session *sio_tls_session_new(sio_tls_owner *owner, struct lws *wsi);

/* It counts as unopened until it is opened, or closed for not being so within `ms`; 0: never.
 * SIO_ENOMEM. */
int sio_tls_session_await(sio_tls_session *session, uint32_t ms);

/* Opens the connection at the server, which may close it at once. SIO_ENOMEM, SIO_ECLOSED. */
int sio_tls_session_open(sio_tls_session *session, const sio_carrier_ops *ops, bool shared);

/* libwebsockets has closed it. */
void sio_tls_session_lose(sio_tls_session *session);

/* What every session's carrier does for the server alike: `carrier` is a sio_tls_session. When the
 * server has given it up, libwebsockets closes it in a later turn. */
void sio_tls_session_pause(void *carrier, bool pause);
void sio_tls_session_close(void *carrier);

/* libwebsockets forgets it. */
void sio_tls_session_free(sio_tls_session *session);

#endif
