/* What few sockets have: kept behind one pointer, so that the others do not pay for it. */
#ifndef SIO_CORE_EXTRAS_H
#define SIO_CORE_EXTRAS_H

#include "core/list.h"
#include "core/socket.h"
#include "core/taps.h"

struct sio_socket_extras {
    sio_taps taps;
    sio_list held;     /* packets that a middleware has not answered */
    size_t held_bytes; /* what keeping them takes */
    bool watched;      /* counted in the namespace's `watched` */
    sio_value *data;
    sio_destroy_cb destroy; /* of the context */
};

/* Makes them if they are not there. NULL when memory is out. */
struct sio_socket_extras *sio_extras_need(sio_socket *socket);

/* The socket leaves: nobody waits for its packets any more. */
void sio_extras_leave(sio_socket *socket);

/* With the socket; the context is destroyed. */
void sio_extras_free(sio_socket *socket);

/* What the application has made of its data; NULL: nothing. */
static inline const sio_value *sio_extras_data(const sio_socket *socket)
{
    return socket->extras ? socket->extras->data : NULL;
}

#endif
