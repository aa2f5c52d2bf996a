/* Handlers by the name of their event: of a namespace, shared by its sockets, or of one socket. */
#ifndef SIO_CORE_LISTENERS_H
#define SIO_CORE_LISTENERS_H

#include <sio/socket.h>
#include <sio/sys/map.h>

typedef struct sio_listeners sio_listeners;

/* Adds a handler, `how` as of sio_handlers_add; the table is made with the first. `seed`: 16 random
 * bytes. SIO_EINVAL, SIO_ERESERVED, SIO_ENOMEM. */
SIO_MUST_USE int sio_listeners_add(sio_listeners **listeners, const uint64_t seed[2],
                                   const char *event, sio_event_cb callback, void *data,
                                   unsigned how);

/* Takes out those of the event (NULL: of each) that have this callback (NULL: any). The table may
 * be NULL. */
void sio_listeners_remove(sio_listeners *listeners, const char *event, sio_event_cb callback);

/* Calls those that are there for the event now, in the order they were added. They may add and
 * remove any. The table may be NULL, and must not be freed meanwhile. */
void sio_listeners_call(sio_listeners *listeners, sio_str event, sio_socket *socket,
                        const sio_args *args, sio_ack *ack);

void sio_listeners_free(sio_listeners *listeners);

#endif
