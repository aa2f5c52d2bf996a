/* As official peers write them they are read in place; all others by way of a tree. */
#include "cluster/options.h"

#include <sio/err.h>

#define EMPTY_MAP 0x80

static bool read_plain_text(sio_cursor *in, sio_str *out)
{
    sio_str bytes;
    if (sio_cursor_take(in, &bytes) || !sio_cursor_is_plain(bytes))
        return false;
    *out = sio_cursor_text(bytes);
    return true;
}

static bool read_plain_names(sio_arena *arena, sio_cursor *in, const sio_str **names, size_t *count)
{
    uint32_t items;
    if (sio_cursor_array(in, &items) || items > in->left)
        return false;
    sio_str *list = items ? sio_arena_alloc(arena, items * sizeof *list) : NULL;
    if (items && !list)
        return false;
    for (uint32_t i = 0; i < items; i++)
        if (!read_plain_text(in, &list[i]))
            return false;
    *names = list;
    *count = items;
    return true;
}

static bool read_plain_flags(sio_arena *arena, sio_cursor *in, sio_cluster_flags *out)
{
    sio_str bytes;
    sio_value map;
    *out = (sio_cluster_flags){ .present = false };
    if (sio_cursor_take(in, &bytes))
        return false;
    if (bytes.len == 1 && (uint8_t)bytes.data[0] == EMPTY_MAP) {
        out->present = true;
        return true;
    }
    return !sio_cursor_decode(arena, &map, bytes) && !sio_tree_flags(&map, out);
}

static bool read_plain_option(sio_arena *arena, sio_cursor *in, sio_cluster_message *out)
{
    sio_str key;
    if (!read_plain_text(in, &key))
        return false;
    if (sio_str_equal(key, SIO_STR("rooms")))
        return read_plain_names(arena, in, &out->rooms, &out->rooms_count);
    if (sio_str_equal(key, SIO_STR("except")))
        return read_plain_names(arena, in, &out->except, &out->except_count);
    return sio_str_equal(key, SIO_STR("flags")) && read_plain_flags(arena, in, &out->flags);
}

static bool read_plain_options(sio_arena *arena, sio_cursor *in, sio_cluster_message *out)
{
    uint32_t count;
    if (sio_cursor_map(in, &count))
        return false;
    for (; count > 0; count--)
        if (!read_plain_option(arena, in, out))
            return false;
    return true;
}

static int read_any_options(sio_arena *arena, sio_cursor *in, sio_cluster_message *out)
{
    sio_str bytes;
    sio_value options;
    int err = sio_cursor_take(in, &bytes);
    if (!err)
        err = sio_cursor_decode(arena, &options, bytes);
    if (!err && options.type != SIO_TYPE_MAP)
        err = SIO_EPARSE;
    if (!err)
        err =
            sio_tree_names(arena, sio_value_get(&options, "rooms"), &out->rooms, &out->rooms_count);
    if (!err)
        err = sio_tree_names(arena, sio_value_get(&options, "except"), &out->except,
                             &out->except_count);
    if (!err)
        err = sio_tree_flags(sio_value_get(&options, "flags"), &out->flags);
    return err;
}

int sio_options_read(sio_arena *arena, sio_cursor *in, sio_cluster_message *out)
{
    sio_cursor from = *in;
    sio_cluster_message message = *out;
    if (!read_plain_options(arena, in, &message)) {
        *in = from;
        return read_any_options(arena, in, out);
    }
    *out = message;
    return 0;
}
