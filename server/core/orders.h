/* What is done to the sockets of this node that an order means, whichever node gave it. */
#ifndef SIO_CORE_ORDERS_H
#define SIO_CORE_ORDERS_H

#include <sio/namespace.h>
#include <sio/sys/request.h>
#include <sio/sys/rooms.h>

/* Joins, leaves or disconnects. SIO_ENOMEM: nothing has been done, or not for all sockets and
 * rooms. */
int sio_orders_obey(sio_namespace *nsp, const sio_selection *selection,
                    const sio_cluster_request *request);

#endif
