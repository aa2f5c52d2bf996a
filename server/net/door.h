/* Who is let in, by how many are here: connections in all, those of one address, and how fast new
 * ones come. */
#ifndef SIO_NET_DOOR_H
#define SIO_NET_DOOR_H

#include "net/conn.h"
#include "net/request.h"

/* A connection has been accepted: it is counted, or refused. */
void sio_door_accept(sio_conn *conn);

/* It is known where it comes from: it counts for that address, or is refused. What comes by a proxy
 * that speaks HTTP is known with each request only. */
void sio_door_place(sio_conn *conn);

/* A request of the engine is about to be served. False: it has been answered. A session that exists
 * is never refused. */
bool sio_door_pass(sio_conn *conn, const sio_request *request);

/* What counted for a request does no longer; nor for the connection. */
void sio_door_answered(sio_conn *conn);
void sio_door_leave(sio_conn *conn);

#endif
