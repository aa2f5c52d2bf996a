/* The way of a socket through the middlewares of its namespace. */
#ifndef SIO_CORE_MIDDLEWARE_H
#define SIO_CORE_MIDDLEWARE_H

#include "core/socket.h"

/* Asks the first one; after the last has passed, the socket connects. */
void sio_middleware_start(sio_socket *socket);

/* The socket left: an answer that comes is ignored. */
void sio_middleware_forget(sio_socket *socket);

#endif
