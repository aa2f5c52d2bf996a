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

/* Makes room for more. SIO_ENOMEM. For sio_outbox_push. */
int sio_outbox_grow(sio_outbox *outbox);

/* Takes a reference of its own on the chain. SIO_ENOMEM. */
static inline int sio_outbox_push(sio_outbox *outbox, sio_frame *chain)
{
    if (outbox->count == outbox->cap) {
        const int err = sio_outbox_grow(outbox);
        if (err)
            return err;
    }
    outbox->slots[(outbox->head + outbox->count) & (outbox->cap - 1)] = sio_frame_ref(chain);
    outbox->count++;
    outbox->bytes += sio_frame_chain_bytes(chain);
    return 0;
}

/* The chain at `index` from the front, borrowed; NULL beyond the end. */
static inline sio_frame *sio_outbox_at(const sio_outbox *outbox, uint32_t index)
{
    if (index >= outbox->count)
        return NULL;
    return outbox->slots[(outbox->head + index) & (outbox->cap - 1)];
}

/* Takes the first chain out; the reference is the caller's now. NULL if it is empty. */
sio_frame *sio_outbox_pop(sio_outbox *outbox);

/* Takes out the first event, if one stands among the first `search` chains; the reference is the
 * caller's now. NULL if none does. */
sio_frame *sio_outbox_take_event(sio_outbox *outbox, uint32_t search);

/* Drops all chains, and keeps its few slots, as if each had been taken out. */
void sio_outbox_empty(sio_outbox *outbox);

/* Drops everything. */
void sio_outbox_clear(sio_outbox *outbox);

#endif
