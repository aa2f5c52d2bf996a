#include "core/haul.h"

#include <stdlib.h>
#include <string.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

static int grow(sio_haul *haul)
{
    if (haul->count < haul->cap)
        return 0;
    const uint32_t cap = haul->cap ? haul->cap * 2 : 8;
    sio_value *items = sio_mem_realloc(haul->items, cap * sizeof(*items));
    if (!items)
        return SIO_ENOMEM;
    haul->items = items;
    haul->cap = cap;
    return 0;
}

int sio_haul_add(sio_haul *haul, sio_server *server, const sio_value *value)
{
    const size_t bytes = sizeof(*value) + sio_value_clone_size(value);
    if (bytes > SIO_LIMIT_ANSWERS - server->answer_bytes)
        return SIO_ELIMIT;
    int err = grow(haul);
    if (!err)
        err = sio_value_clone(&haul->arena, &haul->items[haul->count], value);
    if (err)
        return err;
    haul->count++;
    haul->bytes += bytes;
    server->answer_bytes += bytes;
    return 0;
}

static int by_bytes(const void *a, const void *b)
{
    const sio_value *left = a, *right = b;
    const size_t common = left->count < right->count ? left->count : right->count;
    const int order = memcmp(left->as.text, right->as.text, common);
    return order ? order : (left->count > right->count) - (left->count < right->count);
}

void sio_haul_unite(sio_haul *haul)
{
    uint32_t kept = 0;
    if (haul->count == 0)
        return;
    qsort(haul->items, haul->count, sizeof(*haul->items), by_bytes);
    for (uint32_t i = 1; i < haul->count; i++)
        if (by_bytes(&haul->items[kept], &haul->items[i]) != 0)
            haul->items[++kept] = haul->items[i];
    haul->count = kept + 1;
}

sio_value sio_haul_values(const sio_haul *haul)
{
    return sio_value_of_array(haul->items, haul->count);
}

void sio_haul_free(sio_haul *haul, sio_server *server)
{
    server->answer_bytes -= haul->bytes;
    sio_arena_free(&haul->arena);
    sio_mem_free(haul->items);
    *haul = (sio_haul){ 0 };
}
