/* The WebSocket transport: messages in, and the link that the core writes to. */
#ifndef SIO_NET_WEBSOCKET_H
#define SIO_NET_WEBSOCKET_H

#include "net/conn.h"

extern const sio_link_ops sio_websocket_ops;

/* Bytes have come; they are unmasked in place. */
void sio_websocket_input(sio_conn *conn, char *data, size_t len);

/* A message has not come whole in time. */
void sio_websocket_expire(sio_conn *conn);

/* What was stuck has been written. */
void sio_websocket_writable(sio_conn *conn);

#endif
