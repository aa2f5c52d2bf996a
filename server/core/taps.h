/*
 * What an application has registered for all packets of one socket, or of all sockets of a
 * namespace: catch-all listeners of both directions, middlewares of packets, and handlers of errors
 * and of leaving. Zeroed memory has none.
 */
#ifndef SIO_CORE_TAPS_H
#define SIO_CORE_TAPS_H

#include <sio/namespace.h>
#include <sio/sys/value.h>

#include "core/handlers.h"

typedef struct sio_taps {
    sio_handlers incoming;
    sio_handlers outgoing;
    sio_handlers filters; /* middlewares of packets; none is ever taken out */
    sio_error_cb on_error;
    void *on_error_data;
    sio_disconnect_cb on_disconnecting;
    void *on_disconnecting_data;
} sio_taps;

void sio_taps_free(sio_taps *taps);

/* Those that a socket's packets pass, outermost first: of the parent of its namespace, of its
 * namespace, its own. Returns how many of them there are. */
#define SIO_TAPS_LEVELS 3
int sio_taps_of(sio_socket *socket, sio_taps *out[SIO_TAPS_LEVELS]);

/* Whether anybody listens to what goes out to sockets of the namespace. */
bool sio_taps_outgoing(const sio_namespace *nsp);

/* The name of an event: of [event, …]; a number's as JavaScript writes it goes to `number`. */
#define SIO_TAPS_NUMBER 40
sio_str sio_taps_event(const sio_value *data, char number[SIO_TAPS_NUMBER]);

/* Tells the catch-all listeners of an event, `data` is [event, …]. The socket may have left when
 * this returns. */
void sio_taps_incoming(sio_socket *socket, const sio_value *data, sio_ack *ack);
void sio_taps_tell_outgoing(sio_socket *socket, const sio_value *data);

void sio_taps_error(sio_socket *socket, const char *message, const sio_value *value);
void sio_taps_disconnecting(sio_socket *socket, const char *reason);

#endif
