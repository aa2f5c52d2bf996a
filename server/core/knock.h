/* A client that asks for a namespace which is not there: the way of its CONNECT packet through the
 * parents. */
#ifndef SIO_CORE_KNOCK_H
#define SIO_CORE_KNOCK_H

#include "core/client.h"

/* Asks the first parent; when one takes it, the child is made and the client joins it, else the
 * client is refused. `packet` is a CONNECT. */
void sio_knock_start(sio_client *client, const sio_packet *packet);

/* Whether the client waits for an answer to that name already; how many names it waits for. */
bool sio_knock_waits(const sio_client *client, sio_str name);
size_t sio_knock_count(const sio_client *client);

/* The client goes: answers that come are ignored. */
void sio_knock_forget_all(sio_client *client);

#endif
