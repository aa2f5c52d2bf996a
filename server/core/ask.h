/* Broadcasts that clients acknowledge. */
#ifndef SIO_CORE_ASK_H
#define SIO_CORE_ASK_H

#include <sio/sys/adapter.h>

#include "core/server.h"

/* Another node asks the clients of this one. Takes the answerer over. */
void sio_ask_for(sio_namespace *nsp, const sio_cluster_request *request, sio_answerer *answerer);

#endif
