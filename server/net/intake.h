/*
 * What clients send: libuv says where there is something, and it is read at the end of its poll,
 * from many WebSockets by one call where there is io_uring.
 */
#ifndef SIO_NET_INTAKE_H
#define SIO_NET_INTAKE_H

#include <sio/sys/limits.h>

struct sio_conn;
struct sio_net;

typedef struct sio_intake {
    unsigned count;
    struct sio_conn *conns[SIO_LIMIT_INTAKE]; /* each once, by its `awaited` */
} sio_intake;

/* There is something to be read from it: bytes, its end, or an error. */
void sio_intake_add(struct sio_conn *conn);

/* Reads from all that have been added. */
void sio_intake_read(struct sio_net *net);

#endif
