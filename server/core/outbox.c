#include "core/outbox.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

/* What an outbox keeps when it is empty: enough for the few messages of an ordinary turn. */
#define KEPT_SLOTS 8u

/* Beyond those by more at a time: they are given back when the turn is over, so that a busy client
 * would grow anew in every turn. */
#define GROWTH 4u

int sio_outbox_grow(sio_outbox *outbox)
{
    const uint32_t factor = outbox->cap < KEPT_SLOTS ? 2 : GROWTH;
    const uint32_t cap = outbox->cap ? outbox->cap * factor : KEPT_SLOTS / 2;
    sio_frame **slots = sio_mem_alloc((size_t)cap * sizeof(*slots));
    if (!slots)
        return SIO_ENOMEM;
    const uint32_t behind = outbox->cap - outbox->head; /* it is full: from head on, then from 0 */
    if (outbox->cap) {
        memcpy(slots, outbox->slots + outbox->head, behind * sizeof(*slots));
        memcpy(slots + behind, outbox->slots, outbox->head * sizeof(*slots));
    }
    sio_mem_free(outbox->slots);
    outbox->slots = slots;
    outbox->cap = cap;
    outbox->head = 0;
    return 0;
}

static void shrink(sio_outbox *outbox)
{
    if (outbox->cap <= KEPT_SLOTS)
        return;
    sio_mem_free(outbox->slots);
    *outbox = (sio_outbox){ 0 };
}

sio_frame *sio_outbox_pop(sio_outbox *outbox)
{
    sio_frame *chain = sio_outbox_at(outbox, 0);
    if (!chain)
        return NULL;
    outbox->head = (outbox->head + 1) & (outbox->cap - 1);
    outbox->count--;
    outbox->bytes -= sio_frame_chain_bytes(chain);
    if (outbox->count == 0)
        shrink(outbox);
    return chain;
}

/* Those before it move up by one place, which leaves the first one free. */
static sio_frame *take_at(sio_outbox *outbox, uint32_t index)
{
    sio_frame *chain = sio_outbox_at(outbox, index);
    const uint32_t mask = outbox->cap - 1;
    for (uint32_t i = index; i > 0; i--)
        outbox->slots[(outbox->head + i) & mask] = outbox->slots[(outbox->head + i - 1) & mask];
    outbox->slots[outbox->head & mask] = chain;
    return sio_outbox_pop(outbox);
}

sio_frame *sio_outbox_take_event(sio_outbox *outbox, uint32_t search)
{
    for (uint32_t i = 0; i < outbox->count && i < search; i++)
        if (sio_outbox_at(outbox, i)->event)
            return take_at(outbox, i);
    return NULL;
}

void sio_outbox_empty(sio_outbox *outbox)
{
    const uint32_t mask = outbox->cap - 1;
    for (uint32_t i = 0; i < outbox->count; i++)
        sio_frame_unref(outbox->slots[(outbox->head + i) & mask]);
    outbox->head = outbox->count = 0;
    outbox->bytes = 0;
    shrink(outbox);
}

void sio_outbox_clear(sio_outbox *outbox)
{
    sio_outbox_empty(outbox);
    sio_mem_free(outbox->slots);
    *outbox = (sio_outbox){ 0 };
}
