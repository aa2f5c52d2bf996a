/* The events of a connection, for the few clients whose application wants to know. */
#ifndef SIO_CORE_CLIENT_EVENTS_H
#define SIO_CORE_CLIENT_EVENTS_H

#include <sio/client.h>
#include <sio/sys/eio.h>
#include <sio/sys/frame.h>

#include "core/client.h"

struct sio_client_hooks {
    sio_client_events events;
    void *data;
    sio_client *client;
    sio_list node; /* in server->created, until it is told of the broadcast under way */
};

/* All of them are for clients that have `hooks`; the client may be closing when they return, but
 * is not freed. */

void sio_client_tell_packet(sio_client *client, const sio_eio_packet *packet);
/* Whether the message has been served. */
bool sio_client_tell_data(sio_client *client, const sio_eio_packet *packet);

/* The last chain of the outbox has been queued. While the room index is walked that is told by
 * sio_client_tell_created_all, which is called when it is over. */
void sio_client_tell_created(sio_client *client);
void sio_client_tell_created_all(sio_server *server, sio_frame *chain);

void sio_client_tell_flush(sio_client *client);
void sio_client_tell_drain(sio_client *client);
void sio_client_tell_upgrading(sio_client *client);
void sio_client_tell_upgrade(sio_client *client);
void sio_client_tell_heartbeat(sio_client *client);
void sio_client_tell_close(sio_client *client);

void sio_client_hooks_free(sio_client *client);

#endif
