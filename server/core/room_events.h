/* What happens to the rooms of a namespace, as the adapter is told at once, and the application at
 * the end of the turn. Nobody pays for it where nobody listens. */
#ifndef SIO_CORE_ROOM_EVENTS_H
#define SIO_CORE_ROOM_EVENTS_H

#include <sio/namespace.h>

#include "core/server.h"

/* Looks anew whether anybody listens: the namespace is new, or the server has got its adapter. */
void sio_room_events_watch(sio_namespace *nsp);

/* Runs the callbacks for what has happened by now. */
void sio_room_events_tell(sio_server *server);

/* The server goes: nobody is told any more. */
void sio_room_events_drop_all(sio_server *server);

#endif
