/* HTTP/1.1 and WebSockets over TLS: libwebsockets decrypts, the server reads the bytes. */
#ifndef SIO_TLS_STREAM_H
#define SIO_TLS_STREAM_H

#include "session.h"

/* A callback of a raw connection, as libwebsockets has them. */
int sio_tls_stream_event(sio_tls_session *session, enum lws_callback_reasons reason, void *in,
                         size_t len);

#endif
