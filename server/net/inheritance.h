/* Sockets with TLS that the old process has handed over: nobody accepts from them until a carrier
 * listens there. */
#ifndef SIO_NET_INHERITANCE_H
#define SIO_NET_INHERITANCE_H

#include "net/handover.h"
#include "net/letter.h"
#include "net/listen.h"

typedef struct sio_inherited {
    struct sio_inherited *next;
    int fd;
    sio_letter_socket from;
} sio_inherited;

/* On success the descriptor is moved. SIO_ENOMEM. */
int sio_inheritance_add(sio_handover *state, int fd, const sio_letter_socket *from);

/* Listens on the one that is where the options say, if there is one: 1. 0: there is none. Errors
 * as for sio_listen_take, and it is there still. */
int sio_inheritance_listen(sio_net *net, const sio_listen_options *options, const char **why);

/* Closes all; their files stay. */
void sio_inheritance_leave(sio_handover *state);

/* Closes all, with their files, and tells which: nobody has wanted them. */
void sio_inheritance_close(sio_net *net);

#endif
