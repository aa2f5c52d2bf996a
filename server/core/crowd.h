/* Sockets that were in a target at one moment: what is done to them one by one may change who is.
 */
#ifndef SIO_CORE_CROWD_H
#define SIO_CORE_CROWD_H

#include <sio/namespace.h>
#include <sio/sys/rooms.h>

#include "core/socket.h"

/* Calls `each`, which may do anything, for every connected socket of the selection that still is
 * connected when its turn comes. SIO_ENOMEM: nobody was called. */
int sio_crowd_each(sio_namespace *nsp, const sio_selection *selection, sio_each_socket_cb each,
                   void *data);

#endif
