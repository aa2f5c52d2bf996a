/*
 * What waits to be sent to one client: references to frames, in order. Zeroed memory is an empty
 * outbox; an outbox that has been drained keeps no more than a few slots.
 */
#ifndef SIO_CORE_OUTBOX_H
#define SIO_CORE_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include <sio/sys/frame.h>

typedef struct sio_outbox {
    sio_frame **slots; /* a ring; chains stand as their heads */
    uint32_t head;
    uint32_t count;
    uint32_t cap;
    uint32_t unused;
    size_t bytes; /* of all frames in it, chains included */
} sio_outbox;

/* Takes a reference of its own on the chain. SIO_ENOMEM. */
int sio_outbox_push(sio_outbox *outbox, sio_frame *chain);

/* The chain at `index` from the front, borrowed; NULL beyond the end. */
sio_frame *sio_outbox_at(const sio_outbox *outbox, uint32_t index);

/* Takes the first chain out; the reference is the caller's now. NULL if it is empty. */
sio_frame *sio_outbox_pop(sio_outbox *outbox);

/* Takes out the first event, if one stands among the first `search` chains; the reference is the
 * caller's now. NULL if none does. */
sio_frame *sio_outbox_take_event(sio_outbox *outbox, uint32_t search);

void sio_outbox_clear(sio_outbox *outbox);

#endif
