#include "net/gather.h"

#include <string.h>

bool sio_gather_holds(const sio_gather *gather, const sio_outbox *outbox, uint32_t deflate_max)
{
    return gather->count == outbox->count && gather->deflate_max == deflate_max &&
           outbox->head + outbox->count <= outbox->cap &&
           memcmp(gather->frames, outbox->slots + outbox->head,
                  outbox->count * sizeof(outbox->slots[0])) == 0;
}

void sio_gather_keep(sio_gather *gather, const sio_outbox *outbox, uint32_t deflate_max,
                     size_t bytes)
{
    if (outbox->count > SIO_LIMIT_IOV)
        return;
    for (uint32_t i = 0; i < outbox->count; i++)
        gather->frames[i] = sio_frame_ref(sio_outbox_at(outbox, i));
    gather->count = outbox->count;
    gather->deflate_max = deflate_max;
    gather->at = gather->used;
    gather->bytes = bytes;
}

void sio_gather_forget(sio_gather *gather)
{
    for (uint32_t i = 0; i < gather->count; i++)
        sio_frame_unref(gather->frames[i]);
    gather->count = 0;
}

void sio_gather_reuse(sio_gather *gather)
{
    sio_gather_forget(gather);
    gather->used = 0;
}
