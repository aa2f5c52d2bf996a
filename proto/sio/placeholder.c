#include "sio/placeholder.h"

#include <sio/err.h>

static bool is_placeholder(const sio_value *map)
{
    return sio_value_bool(sio_value_get(map, "_placeholder"));
}

static const sio_value *attachment_of(const sio_value *placeholder, const sio_value *attachments,
                                      unsigned count)
{
    const sio_value *num = sio_value_get(placeholder, "num");
    sio_type type = sio_value_type(num);
    if (type != SIO_TYPE_INT && type != SIO_TYPE_DOUBLE)
        return NULL;
    double index = sio_value_double(num);
    for (unsigned i = 0; i < count; i++) {
        if (index == (double)i)
            return &attachments[i];
    }
    return NULL;
}

static int replace(sio_value *placeholder, const sio_value *attachments, unsigned count)
{
    const sio_value *attachment = attachment_of(placeholder, attachments, count);
    if (!attachment)
        return SIO_EPARSE;
    *placeholder = *attachment;
    return 0;
}

int sio_placeholder_fill(sio_value *tree, const sio_value *attachments, unsigned count)
{
    if (tree->type != SIO_TYPE_ARRAY && tree->type != SIO_TYPE_MAP)
        return 0;
    if (tree->type == SIO_TYPE_MAP && is_placeholder(tree))
        return replace(tree, attachments, count);
    sio_value *items = (sio_value *)tree->as.items;   /* const for all but the owner of the arena */
    size_t step = tree->type == SIO_TYPE_MAP ? 2 : 1; /* in maps a key stands before each value */
    for (size_t i = 0; i < tree->count; i++) {
        sio_value *item = &items[i * step + step - 1];
        int err = sio_placeholder_fill(item, attachments, count);
        if (err)
            return err;
        tree->binary |= item->binary;
    }
    return 0;
}
