/* Whether a new session is let in: the application says so, now or later. */
#ifndef SIO_NET_ADMISSION_H
#define SIO_NET_ADMISSION_H

#include "net/conn.h"
#include "net/request.h"

/* Asks about the request being served, which is taken over: sio_router_admitted follows. False when
 * memory is out; the request is the caller's then. */
bool sio_admission_ask(sio_conn *conn, sio_request *request);

/* The connection's admission has been answered. */
void sio_admission_resume(sio_conn *conn);

/* Its connection has gone; the application may still answer. */
void sio_admission_abandon(sio_admission *admission);

/* No answers come any more. */
void sio_admission_drop_all(sio_net *net);

#endif
