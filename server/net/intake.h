/*
 * What clients send: libuv says where there is something, and it is read at the end of its poll,
 * from many connections by one call where there is io_uring.
 *
 * Nobody may keep the others waiting: WebSockets that have said little of late are read from first,
 * and what that has led to is sent. Whoever says much, speaks HTTP or has just come waits in a
 * line, from which for SIO_LIMIT_INTAKE_US some are served, a part of what they have said each;
 * then it is looked who has said something meanwhile. What is not read yet stays with the kernel.
 */
#ifndef SIO_NET_INTAKE_H
#define SIO_NET_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/sys/limits.h>

#include "core/list.h"

struct sio_conn;
struct sio_net;

typedef struct sio_intake {
    unsigned count;
    struct sio_conn *conns[SIO_LIMIT_INTAKE]; /* each once, by its `awaited` */
    sio_list waiting;                         /* the others, by `resume`, each if `waiting` */
    sio_list mark;                            /* among them: who is behind it came later */
    bool marked;      /* it has been set, whether it is still there or not */
    uint32_t cost_ns; /* what serving one of them has taken of late */
    uint64_t left_ns; /* when those who wait were left for others; 0: nobody waited then */
} sio_intake;

/* How much a WebSocket has said: in which SIO_LIMIT_QUIET_MS of all, and in these. */
typedef struct sio_share {
    uint16_t period;
    uint16_t bytes;
} sio_share;

/* There is something to be read from it: bytes, its end, or an error. */
void sio_intake_add(struct sio_conn *conn);

/* Reads from those that have been added, as much as this turn has time for. */
void sio_intake_read(struct sio_net *net);

/* Whether all those have been read from that were there when this was first asked for. Asked again
 * once it is so, it begins anew. */
bool sio_intake_served(sio_intake *intake);

/* It has just become a WebSocket: at first it waits like others that say much. */
void sio_intake_welcome(struct sio_conn *conn);

/* It is not to be read from for now. */
void sio_intake_forget(struct sio_conn *conn);

#endif
