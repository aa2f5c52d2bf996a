/* A request that libwebsockets has read, as the HTTP/1.1 that says the same. */
#ifndef SIO_TLS_REQUEST_H
#define SIO_TLS_REQUEST_H

#include <libwebsockets.h>

#include <sio/sys/buf.h>

/* Writes its head. What is known of its connection (Connection, Upgrade and the like) is replaced:
 * it is the only one there, or with `upgrade` an opening handshake for a WebSocket without
 * extensions. `chunked` is set when its body has no length. False: it is no request, or memory is
 * out. */
bool sio_tls_request_write(struct lws *wsi, bool upgrade, sio_buf *out, bool *chunked);

/* The path alone, decoded; data NULL: there is none. Borrowed. */
sio_str sio_tls_request_path(struct lws *wsi);

#endif
