/* Events between servers: serverSideEmit. */
#ifndef SIO_CORE_SERVER_SIDE_H
#define SIO_CORE_SERVER_SIDE_H

#include <sio/sys/adapter.h>

#include "core/server.h"

/* Another node emits. `answerer` is NULL if no answer is wanted, else taken over. */
void sio_server_side_receive(sio_namespace *nsp, const sio_cluster_request *request,
                             sio_answerer *answerer);

/* Those of a namespace; NULL is allowed. */
struct sio_server_side_listener;
void sio_server_side_free(struct sio_server_side_listener *listeners);

#endif
