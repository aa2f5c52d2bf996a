/*
 * A question of another node that this one answers later: from its arrival until `end` of its
 * answerer, which comes when all has been said, when the other node waits no longer, or when the
 * server closes.
 */
#ifndef SIO_CORE_SERVICE_H
#define SIO_CORE_SERVICE_H

#include <sio/sys/adapter.h>

#include "core/reply.h"

typedef struct sio_service sio_service;

/* A new one for a request; takes the answerer over. NULL: memory or SIO_LIMIT_SERVICES is out, or
 * the server is closing; the answerer has been ended. */
sio_service *sio_service_new(sio_server *server, sio_answerer *answerer, uint32_t timeout_ms);

void sio_service_answer(sio_service *service, const sio_value *value);

/* So many clients have been sent the packet, and are in the ballot where they can answer. Ends the
 * service if there are none. */
void sio_service_clients(sio_service *service, uint32_t count);
sio_ballot *sio_service_ballot(sio_service *service);

/* Whom to tell that it has ended: `*place` becomes NULL then. */
void sio_service_point(sio_service *service, sio_service **place);

/* It is gone after this. */
void sio_service_end(sio_service *service);

/* The server closes: all end. */
void sio_services_close(sio_server *server);

#endif
