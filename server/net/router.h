/* Where a request goes: a file, a session, a new session, or nowhere. */
#ifndef SIO_NET_ROUTER_H
#define SIO_NET_ROUTER_H

#include "net/conn.h"
#include "net/request.h"

/* Answers the request, now or later (a poll). Takes it over. */
void sio_router_serve(sio_conn *conn, sio_request *request);

/* The application lets the request in that opens a session, or not: `message` may be NULL. Both
 * take it over. */
void sio_router_admitted(sio_conn *conn, sio_request *request);
void sio_router_refused(sio_conn *conn, sio_request *request, const char *message);

/* Whether the request may bring a body; its limit is set then. */
bool sio_router_admit(sio_conn *conn, sio_request *request);

/* What the core keeps of the first request of a session. NULL when memory is out. */
sio_handshake *sio_router_handshake(sio_conn *conn, const sio_request *request);

/* Whether a URL is the engine's, not a file's. */
bool sio_router_is_engine(const sio_net *net, sio_str url);

#endif
