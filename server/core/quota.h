/* How much a client sends. */
#ifndef SIO_CORE_QUOTA_H
#define SIO_CORE_QUOTA_H

#include "core/client.h"

/* Whether limits.packets or limits.bytes is set. */
static inline bool sio_quota_on(const sio_server *server)
{
    return server->limits.packets.per_second > 0 || server->limits.bytes.per_second > 0;
}

/* A packet of so many bytes has come. False: it is too much, or memory is out; the client ends
 * then.
 */
bool sio_quota_take(sio_client *client, size_t bytes);

#endif
