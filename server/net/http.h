/* HTTP/1.1 on a connection: requests one after the other, each answered before the next is read. */
#ifndef SIO_NET_HTTP_H
#define SIO_NET_HTTP_H

#include "net/response.h"

/* Bytes have come. */
void sio_http_input(sio_conn *conn, char *data, size_t len);

/* The request before has been answered: serves what was pipelined. */
void sio_http_resume(sio_conn *conn);

/* It has become a WebSocket, later than its request came: what came since then is frames. */
void sio_http_upgraded(sio_conn *conn);

/* The request has not come whole in time. */
void sio_http_expire(sio_conn *conn);

/* The request that is still coming will never be served. */
void sio_http_abandon(sio_conn *conn);

#endif
