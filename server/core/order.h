/*
 * What is sent to a client keeps the order of the calls though the adapter may owe it some
 * broadcasts (recovery.h): what needs no offset waits behind those that were promised before it.
 */
#ifndef SIO_CORE_ORDER_H
#define SIO_CORE_ORDER_H

#include "core/client.h"
#include "core/server.h"
#include "core/socket.h"

/* For sio_order_queue, with recovery. */
bool sio_order_queue_owed(sio_socket *socket, sio_frame *chain, bool is_volatile);

/* As sio_client_queue, at once or when it is its turn; true: it waits. Without recovery nothing is
 * owed, and a broadcast asks that for each client. */
static inline bool sio_order_queue(sio_socket *socket, sio_frame *chain, bool is_volatile)
{
    return socket->client->server->recovery ? sio_order_queue_owed(socket, chain, is_volatile)
                                            : sio_client_queue(socket->client, chain, is_volatile);
}

/* The adapter has delivered something: those whose turn it is go. */
void sio_order_release(sio_server *server);

/* What is owed is delivered, and with it goes all that waits: for who leaves in this turn. Handlers
 * may have been called. */
void sio_order_settle(sio_server *server);

/* The same if too much waits. Not while the room index is walked. */
void sio_order_limit(sio_server *server);

/* Drops what waits. */
void sio_order_free(sio_server *server);

#endif
