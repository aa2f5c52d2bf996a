/* The opening handshake of a WebSocket. */
#ifndef SIO_NET_UPGRADE_H
#define SIO_NET_UPGRADE_H

#include "net/conn.h"
#include "net/request.h"

/* Answers a verified request to upgrade: a new session, or with `client` a probe of that one. */
void sio_upgrade_serve(sio_conn *conn, const sio_request *request, sio_client *client);

#endif
