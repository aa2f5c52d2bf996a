/* Writes an outbox to a WebSocket, in as few writes and with as few copies as it takes. */
#ifndef SIO_NET_OUTFLOW_H
#define SIO_NET_OUTFLOW_H

#include "net/conn.h"

/* Until it is empty or the kernel takes no more. Then link.blocked is set, the link has taken no
 * more than the chain that is there in part (link.pending), and sio_websocket_writable follows. */
void sio_outflow_now(sio_conn *conn, sio_outbox *outbox);

/* The same, but what can go with the writes of others is put off until the volley is fired: then
 * link.flying is set. */
void sio_outflow_soon(sio_conn *conn, sio_outbox *outbox);

/* `bytes` that were the client's whole outbox have been handed to the kernel, which has taken
 * `result` of them, or refused for that negative errno. */
void sio_outflow_written(sio_conn *conn, size_t bytes, ssize_t result);

#endif
