#include "redis/pending.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#define FIRST_CAP 16

static sio_redis_pending *slot(const sio_redis_pendings *pendings, uint32_t index)
{
    return &pendings->items[(pendings->head + index) & (pendings->cap - 1)];
}

static int grow(sio_redis_pendings *pendings)
{
    uint32_t cap = pendings->cap ? pendings->cap * 2 : FIRST_CAP;
    sio_redis_pending *items = sio_mem_alloc(cap * sizeof *items);
    if (!items)
        return SIO_ENOMEM;
    for (uint32_t i = 0; i < pendings->count; i++)
        items[i] = *slot(pendings, i);
    sio_mem_free(pendings->items);
    pendings->items = items;
    pendings->cap = cap;
    pendings->head = 0;
    return 0;
}

int sio_redis_pendings_push(sio_redis_pendings *pendings, const sio_redis_pending *one)
{
    if (pendings->count == pendings->cap) {
        int err = grow(pendings);
        if (err)
            return err;
    }
    *slot(pendings, pendings->count++) = *one;
    return 0;
}

void sio_redis_pendings_retract(sio_redis_pendings *pendings)
{
    pendings->count--;
}

sio_redis_pending *sio_redis_pendings_at(const sio_redis_pendings *pendings, uint32_t index)
{
    return index < pendings->count ? slot(pendings, index) : NULL;
}

bool sio_redis_pendings_pop(sio_redis_pendings *pendings, sio_redis_pending *out)
{
    if (pendings->count == 0)
        return false;
    *out = *slot(pendings, 0);
    pendings->head = (pendings->head + 1) & (pendings->cap - 1);
    pendings->count--;
    return true;
}

void sio_redis_pendings_free(sio_redis_pendings *pendings)
{
    sio_mem_free(pendings->items);
    *pendings = (sio_redis_pendings){ 0 };
}
