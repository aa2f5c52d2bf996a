/*
 * Clients of Socket.IO 2, which come by Engine.IO 3. They speak the packets of today, but are in
 * the namespace "/" without asking, name the others with a query in place of auth, and know their
 * sockets' ids before they are told: they follow from the session's.
 */
#ifndef SIO_CORE_LEGACY_H
#define SIO_CORE_LEGACY_H

#include "core/client.h"

static inline bool sio_client_is_legacy(const sio_client *client)
{
    return client->session.dialect != SIO_EIO_4;
}

/* Connects a new client to "/". */
void sio_legacy_welcome(sio_client *client);

/* Parts the namespace of a packet, "/name?a=b", from its query, which becomes the data of a
 * CONNECT: a map of strings in the arena. SIO_ENOMEM; SIO_ELIMIT: more than SIO_LIMIT_QUERY
 * parameters. */
SIO_MUST_USE int sio_legacy_address(sio_arena *arena, sio_packet *packet);

/* Gives a new socket its id: the session's in "/", else "/name#" and that. SIO_ENOMEM. */
SIO_MUST_USE int sio_legacy_identify(sio_socket *socket);

#endif
