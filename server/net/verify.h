/* Whether the engine serves a request. */
#ifndef SIO_NET_VERIFY_H
#define SIO_NET_VERIFY_H

#include "core/client.h"
#include "net/query.h"
#include "net/refusal.h"
#include "net/request.h"

/* The reference's order of checks. Sets `*client` to that of the session that is named; a handshake
 * leaves it as it is. */
sio_refusal sio_verify(sio_server *server, const sio_request *request,
                       const sio_engine_query *query, bool upgrade, sio_client **client);

#endif
