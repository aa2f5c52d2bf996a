/* A socket from inside: waiting for the middlewares, connected, or left. */
#ifndef SIO_CORE_SOCKET_H
#define SIO_CORE_SOCKET_H

#include <sio/socket.h>
#include <sio/sys/packet.h>
#include <sio/sys/rooms.h>

#include "core/client.h"
#include "core/listeners.h"

typedef enum sio_socket_state {
    SIO_SOCKET_PENDING, /* a middleware has it */
    SIO_SOCKET_CONNECTED,
    SIO_SOCKET_LEFT
} sio_socket_state;

struct sio_socket {
    sio_member member; /* first, so that the room index's members are sockets */
    uint32_t refs;
    uint8_t state; /* sio_socket_state */
    sio_namespace *nsp;
    sio_client *client; /* NULL once the client has let go of a socket that left */
    sio_socket *sibling;
    sio_handshake *handshake; /* shared */
    sio_value *auth;
    sio_listeners *listeners;
    struct sio_revival *revival; /* owned; NULL: connection state recovery is off */
    struct sio_next *next;       /* the middleware's answer that is awaited */
    sio_list replies;            /* acknowledgements that the client owes */
    uint32_t reply_count;
    sio_disconnect_cb on_disconnect;
    void *on_disconnect_data;
    void *context;
    struct sio_socket_extras *extras; /* NULL for most */
};

/* A new socket in state PENDING, held by the client's list. NULL when memory is out. */
sio_socket *sio_socket_new(sio_client *client, sio_namespace *nsp, const sio_value *auth);

/* The middlewares let it in: it joins its own room, and the client gets the answer to CONNECT. */
void sio_socket_connect(sio_socket *socket);

/* It joins a room of that name, if it may be in one more: SIO_ELIMIT. */
int sio_socket_enter(sio_socket *socket, sio_str room);

/* A packet for a connected socket. */
void sio_socket_packet(sio_socket *socket, const sio_packet *packet);

/* Calls the handlers of an event, [event, …], unless the socket has left. */
void sio_socket_dispatch(sio_socket *socket, const sio_value *data, sio_ack *ack);

/* It leaves, and is told why if it was connected. The object stays in the client's list until the
 * turn ends, so that packets which came in the same turn are known to be late. */
void sio_socket_end(sio_socket *socket, const char *reason);

/* Sends a packet of the socket's namespace; what cannot be encoded is an error. `flags`: volatile,
 * uncompressed. */
int sio_socket_send(sio_socket *socket, sio_packet packet, unsigned flags);

#endif
