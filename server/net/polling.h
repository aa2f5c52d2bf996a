/* HTTP long-polling: a GET waits for packets, a POST brings some. */
#ifndef SIO_NET_POLLING_H
#define SIO_NET_POLLING_H

#include "net/conn.h"
#include "net/request.h"

/* Serves a verified request of a session, or the handshake of a new one when `client` is NULL. */
void sio_polling_serve(sio_conn *conn, sio_request *request, sio_client *client);

/* A POST is about to send its body. False when the session does not take it: it has ended then, and
 * request->status is the answer. */
bool sio_polling_admit(sio_request *request, sio_client *client);

/* A POST that was admitted will not come whole: its session ends. */
void sio_polling_abandon(sio_server *server, sio_request *request);

/* Bytes of another request came behind the one that is served: a poll that waits, and would let it
 * wait too, ends with a noop. */
void sio_polling_hurry(sio_conn *conn);

#endif
