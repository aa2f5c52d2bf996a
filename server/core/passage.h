/* The way of a client's event through the middlewares of packets to its handlers. */
#ifndef SIO_CORE_PASSAGE_H
#define SIO_CORE_PASSAGE_H

#include "core/socket.h"

/* An event, [event, …], which is borrowed; `ack` may be NULL. Where middlewares do not answer at
 * once, it is copied and waits. */
void sio_passage_start(sio_socket *socket, const sio_value *data, sio_ack *ack);

/* The socket has left: what waits is dropped, and answers that come are ignored. */
void sio_passage_forget(sio_socket *socket);

#endif
