/*
 * The writes of a turn that go to the kernel together: one for each WebSocket that has output. They
 * are made by one call where the kernel has io_uring, else by one call each. What is written stays
 * in the clients' outboxes until it has been, and nobody else may touch these meanwhile: the core
 * says when (settle of sio_net_ops).
 */
#ifndef SIO_NET_VOLLEY_H
#define SIO_NET_VOLLEY_H

#include <stdbool.h>

#include <sio/sys/limits.h>

#include "net/crew.h"

struct sio_conn;
struct sio_net;

typedef struct sio_volley {
    unsigned count;
    struct sio_conn *conns[SIO_LIMIT_VOLLEY];
    sio_send sends[SIO_LIMIT_VOLLEY];
} sio_volley;

/* Whether a write of that connection can wait for others. */
bool sio_volley_takes(const struct sio_net *net, struct sio_conn *conn);

/* `bytes` are the whole outbox of its client; sio_outflow_written follows, for that client too,
 * once they have been written. Borrowed until then. */
void sio_volley_add(struct sio_conn *conn, sio_str bytes);

/* Writes what has been added. */
void sio_volley_fire(struct sio_net *net);

#endif
