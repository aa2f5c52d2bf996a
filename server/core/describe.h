/* A socket as other nodes see it: what fetchSockets tells of it. */
#ifndef SIO_CORE_DESCRIBE_H
#define SIO_CORE_DESCRIBE_H

#include <sio/sys/arena.h>
#include <sio/sys/value.h>

#include "core/socket.h"

/* The map {id, handshake, rooms, data}, in the arena, with texts borrowed from the socket: for use
 * before anything changes. SIO_ENOMEM. */
SIO_MUST_USE int sio_socket_describe(sio_arena *arena, const sio_socket *socket, sio_value *out);

#endif
