#include "value/owned.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

static int clone_text(sio_arena *arena, sio_value *out, const sio_value *value)
{
    const char *copy = sio_arena_strndup(arena, value->as.text, value->count);
    if (!copy)
        return SIO_ENOMEM;
    *out = *value;
    if (value->type == SIO_TYPE_STRING)
        out->as.text = copy;
    else
        out->as.bytes = copy;
    return 0;
}

static int clone_items(sio_arena *arena, sio_value *out, const sio_value *value)
{
    size_t count = value->type == SIO_TYPE_MAP ? (size_t)2 * value->count : value->count;
    if (count == 0) {
        *out = *value;
        return 0;
    }
    sio_value *items = sio_arena_alloc(arena, count * sizeof *items);
    if (!items)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        int err = sio_value_clone(arena, &items[i], &value->as.items[i]);
        if (err)
            return err;
    }
    *out = *value;
    out->as.items = items;
    return 0;
}

int sio_value_clone(sio_arena *arena, sio_value *out, const sio_value *value)
{
    switch (sio_value_type(value)) {
    case SIO_TYPE_UNDEFINED:
        *out = (sio_value){ .type = SIO_TYPE_UNDEFINED };
        return 0;
    case SIO_TYPE_STRING:
    case SIO_TYPE_BINARY:
        return clone_text(arena, out, value);
    case SIO_TYPE_ARRAY:
    case SIO_TYPE_MAP:
        return clone_items(arena, out, value);
    default:
        *out = *value;
        return 0;
    }
}

size_t sio_value_clone_size(const sio_value *value)
{
    const sio_type type = sio_value_type(value);
    if (type == SIO_TYPE_STRING || type == SIO_TYPE_BINARY)
        return sio_arena_size((size_t)value->count + 1);
    if ((type != SIO_TYPE_ARRAY && type != SIO_TYPE_MAP) || value->count == 0)
        return 0;
    const size_t count = (size_t)value->count * (type == SIO_TYPE_MAP ? 2 : 1);
    size_t size = sio_arena_size(count * sizeof(*value));
    for (size_t i = 0; i < count; i++)
        size += sio_value_clone_size(&value->as.items[i]);
    return size;
}

sio_owned *sio_owned_new(void)
{
    return sio_mem_zalloc(sizeof(sio_owned));
}

int sio_owned_finish(sio_owned *owned, int err, sio_value **out)
{
    if (err)
        sio_value_free(&owned->root);
    else
        *out = &owned->root;
    return err;
}

int sio_value_copy(sio_value **out, const sio_value *value)
{
    sio_owned *owned = sio_owned_new();
    if (!owned)
        return SIO_ENOMEM;
    return sio_owned_finish(owned, sio_value_clone(&owned->arena, &owned->root, value), out);
}

void sio_value_free(sio_value *value)
{
    if (!value)
        return;
    sio_owned *owned = (sio_owned *)value;
    sio_arena_free(&owned->arena);
    sio_mem_free(owned);
}
