/* Connections that are passed on to the process that can serve them, while one takes the other's
 * place. */
#ifndef SIO_NET_RELAY_H
#define SIO_NET_RELAY_H

#include "net/conn.h"
#include "net/letter.h"

/* Where a connection has come from, other than by a listener: its first request never goes back. */
typedef enum sio_relay_origin {
    SIO_RELAY_FROM_NOBODY,
    SIO_RELAY_FROM_PREDECESSOR,
    SIO_RELAY_FROM_SUCCESSOR
} sio_relay_origin;

/* Whether requests may have to be passed on, so that their bytes are to be kept. */
bool sio_relay_on(const sio_net *net);

/* A head is complete, and `rest` came behind it. True: the connection is another process's now. */
bool sio_relay_pass(sio_conn *conn, const char *rest, size_t len);

/* The server closes: one that could bring requests to the next process goes there. */
bool sio_relay_leave(sio_conn *conn);

/* One has been passed on to this process; the descriptor is moved. */
void sio_relay_take(sio_net *net, const sio_letter *letter, int fd, sio_relay_origin from);

/* A letter that nobody has asked for. */
void sio_relay_discard(const sio_letter *letter, const int *fds);

#endif
