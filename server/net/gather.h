/*
 * What was copied together for one write, kept for those that get the same: after several
 * broadcasts in a turn the outboxes of a thousand clients hold the same frames.
 */
#ifndef SIO_NET_GATHER_H
#define SIO_NET_GATHER_H

#include <stdbool.h>

#include <sio/sys/limits.h>

#include "core/outbox.h"

/* Zeroed memory holds nothing. */
typedef struct sio_gather {
    sio_frame *frames[SIO_LIMIT_IOV]; /* referenced: none can go, and its address be another's */
    uint32_t count;                   /* 0: there is nothing */
    uint32_t deflate_max;             /* of the connection: those with another get other forms */
    size_t at;                        /* in `data`, where they are */
    size_t bytes;                     /* of them */
    size_t used; /* of `data`, from its start: what is still to be written from there */
    char data[SIO_LIMIT_WRITE]; /* only touched by who gathers */
} sio_gather;

/* Whether an outbox of a connection with that deflate_max goes out as exactly these bytes. */
bool sio_gather_holds(const sio_gather *gather, const sio_outbox *outbox, uint32_t deflate_max);

/* `data` now has `bytes` from `used` on that are the outbox. Longer ones than it can remember are
 * not kept. */
void sio_gather_keep(sio_gather *gather, const sio_outbox *outbox, uint32_t deflate_max,
                     size_t bytes);

/* Before `data` is written anew, and at the latest when the turn ends. */
void sio_gather_forget(sio_gather *gather);

/* All that was to be written from `data` has been. */
void sio_gather_reuse(sio_gather *gather);

#endif
