/* The process before this one and the one after it: who has the listening sockets. */
#ifndef SIO_NET_HANDOVER_H
#define SIO_NET_HANDOVER_H

#include "net/courier.h"
#include "net/loop.h"

typedef struct sio_socketfile sio_socketfile;

typedef struct sio_handover {
    sio_courier *predecessor; /* that has given us its sockets; NULL: none, or it is gone */
    sio_courier *successor;   /* that has asked for ours */
    bool offered;             /* it has got them */
    bool handed;              /* it serves */
    bool announced;           /* the predecessor knows that we serve */
    int successor_pid;

    struct sio_inherited *inherited; /* that nobody listens on yet (inheritance.h) */

    uv_poll_t door; /* where the successor asks */
    int door_fd;    /* -1: closed */
    sio_socketfile *file;

    sio_drain_options drain;
    void (*on_handed_over)(sio_server *server, void *data);
    void *data;
} sio_handover;

/* Asks the process at the path. The number of its sockets, or SIO_ENOTFOUND: there is none; other
 * errors have been told, and nothing has changed. */
int sio_handover_take(sio_net *net, const char *path, uint32_t timeout_ms);

/* From door_fd on the next one is awaited. SIO_ESYSTEM. */
int sio_handover_open_door(sio_net *net);

/* A turn of the loop ends, accepting comes next: the predecessor is told to stop, once. */
void sio_handover_turn(sio_net *net);

/* Whether the predecessor still serves: sockets and files are its own until it is told to stop. */
bool sio_handover_is_early(const sio_net *net);

/* Descriptors may be there again. */
void sio_handover_resume(sio_net *net);

/* The server closes: nobody may ask any more. What has been handed over goes on being passed. */
void sio_handover_shut(sio_net *net);

/* Whether nothing waits to be passed on; nothing is any more. */
bool sio_handover_idle(const sio_net *net);
void sio_handover_cut(sio_net *net);

/* Closes all. */
void sio_handover_end(sio_net *net);

#endif
