/* Writes an outbox to a WebSocket, in as few writes and with as few copies as it takes. */
#ifndef SIO_NET_DRAIN_H
#define SIO_NET_DRAIN_H

#include "net/conn.h"

/* Until it is empty or the kernel takes no more. Then link.blocked is set, the link has taken no
 * more than the chain that is there in part (link.pending), and sio_websocket_writable follows. */
void sio_drain_outbox(sio_conn *conn, sio_outbox *outbox);

#endif
