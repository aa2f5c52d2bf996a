/* Handlers by the name of their event: of a namespace, shared by its sockets, or of one socket. */
#ifndef SIO_CORE_LISTENERS_H
#define SIO_CORE_LISTENERS_H

#include <sio/socket.h>
#include <sio/sys/map.h>

typedef struct sio_listeners sio_listeners;

/* Adds a handler; the table is made with the first. `seed`: 16 random bytes. SIO_EINVAL,
 * SIO_ERESERVED, SIO_ENOMEM. */
SIO_MUST_USE int sio_listeners_add(sio_listeners **listeners, const uint64_t seed[2],
                                   const char *event, sio_event_cb callback, void *data);

/* Calls those that are there for the event now, in the order they were added. They may add others.
 * The table may be NULL. */
void sio_listeners_call(const sio_listeners *listeners, sio_str event, sio_socket *socket,
                        const sio_args *args, sio_ack *ack);

void sio_listeners_free(sio_listeners *listeners);

#endif
