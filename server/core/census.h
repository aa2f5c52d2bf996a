/* Who and what is on this node, as a value that other nodes understand. */
#ifndef SIO_CORE_CENSUS_H
#define SIO_CORE_CENSUS_H

#include <sio/namespace.h>
#include <sio/sys/rooms.h>
#include <sio/sys/value.h>

/* An array of {id, handshake, rooms, data} for each connected socket. SIO_ENOMEM. */
int sio_census_sockets(sio_arena *arena, sio_namespace *nsp, const sio_selection *selection,
                       sio_value *out);

/* An array of the names of all rooms. Borrowed until they change. SIO_ENOMEM. */
int sio_census_rooms(sio_arena *arena, const sio_namespace *nsp, sio_value *out);

#endif
