/* A new session for a request that is let in. */
#ifndef SIO_NET_OPENING_H
#define SIO_NET_OPENING_H

#include "net/conn.h"
#include "net/request.h"

/* `link` is the open WebSocket, or NULL for polling. NULL when it could not be made: the request
 * has been answered then. */
sio_client *sio_opening_client(sio_conn *conn, const sio_request *request, sio_link *link);

#endif
