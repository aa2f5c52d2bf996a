#include "core/outbox.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

/* What an outbox keeps when it is empty: enough for the few messages of an ordinary turn. */
#define KEPT_SLOTS 8u

static int grow(sio_outbox *outbox)
{
    uint32_t cap = outbox->cap ? outbox->cap * 2 : KEPT_SLOTS / 2;
    sio_frame **slots = sio_mem_alloc((size_t)cap * sizeof(*slots));
    if (!slots)
        return SIO_ENOMEM;
    for (uint32_t i = 0; i < outbox->count; i++)
        slots[i] = sio_outbox_at(outbox, i);
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

int sio_outbox_push(sio_outbox *outbox, sio_frame *chain)
{
    if (outbox->count == outbox->cap && grow(outbox))
        return SIO_ENOMEM;
    outbox->slots[(outbox->head + outbox->count) & (outbox->cap - 1)] = sio_frame_ref(chain);
    outbox->count++;
    outbox->bytes += sio_frame_chain_bytes(chain);
    return 0;
}

sio_frame *sio_outbox_at(const sio_outbox *outbox, uint32_t index)
{
    if (index >= outbox->count)
        return NULL;
    return outbox->slots[(outbox->head + index) & (outbox->cap - 1)];
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

void sio_outbox_clear(sio_outbox *outbox)
{
    sio_frame *chain;
    while ((chain = sio_outbox_pop(outbox)))
        sio_frame_unref(chain);
    sio_mem_free(outbox->slots);
    *outbox = (sio_outbox){ 0 };
}
