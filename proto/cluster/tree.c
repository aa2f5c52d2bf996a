#include "cluster/tree.h"

#include <math.h>

#include <sio/err.h>
#include <sio/sys/packet.h>

bool sio_tree_is_number(const sio_value *value)
{
    return value->type == SIO_TYPE_INT || value->type == SIO_TYPE_UINT ||
           value->type == SIO_TYPE_DOUBLE;
}

/* The text of a number as JavaScript has it. */
static int number_text(sio_arena *arena, const sio_value *number, sio_str *out)
{
    sio_buf text = { 0 };
    double value = sio_value_double(number);
    if (isnan(value))
        sio_buf_text(&text, "NaN");
    else if (isinf(value))
        sio_buf_text(&text, value < 0 ? "-Infinity" : "Infinity");
    else if (sio_json_write(&text, number, NULL))
        text.err = SIO_ENOMEM;
    char *copy = text.err ? NULL : sio_arena_strndup(arena, text.data, text.len);
    *out = (sio_str){ copy, text.len };
    sio_buf_free(&text);
    return copy ? 0 : SIO_ENOMEM;
}

int sio_tree_name(sio_arena *arena, const sio_value *value, sio_str *out)
{
    if (value->type == SIO_TYPE_STRING) {
        *out = sio_tree_str(value);
        return 0;
    }
    return sio_tree_is_number(value) ? number_text(arena, value, out) : SIO_EPARSE;
}

int sio_tree_names(sio_arena *arena, const sio_value *array, const sio_str **names, size_t *count)
{
    sio_type type = sio_value_type(array);
    if (type == SIO_TYPE_UNDEFINED || type == SIO_TYPE_NULL ||
        (type == SIO_TYPE_ARRAY && !array->count))
        return 0;
    if (type != SIO_TYPE_ARRAY)
        return SIO_EPARSE;
    sio_str *list = sio_arena_alloc(arena, array->count * sizeof *list);
    if (!list)
        return SIO_ENOMEM;
    for (uint32_t i = 0; i < array->count; i++) {
        int err = sio_tree_name(arena, &array->as.items[i], &list[i]);
        if (err)
            return err;
    }
    *names = list;
    *count = array->count;
    return 0;
}

int sio_tree_flags(const sio_value *map, sio_cluster_flags *out)
{
    sio_type type = sio_value_type(map);
    if (type == SIO_TYPE_UNDEFINED || type == SIO_TYPE_NULL)
        return 0;
    if (type != SIO_TYPE_MAP)
        return SIO_EPARSE;
    const sio_value *compress = sio_value_get(map, "compress");
    const sio_value *timeout = sio_value_get(map, "timeout");
    int64_t ms = timeout ? sio_value_int(timeout) : -1;
    *out = (sio_cluster_flags){
        .present = true,
        .is_volatile = sio_value_bool(sio_value_get(map, "volatile")),
        .is_broadcast = sio_value_bool(sio_value_get(map, "broadcast")),
        .no_compress = sio_value_type(compress) == SIO_TYPE_BOOL && !sio_value_bool(compress),
        .has_timeout = timeout && sio_tree_is_number(timeout) && ms >= 0 && ms <= UINT32_MAX,
    };
    if (out->has_timeout)
        out->timeout_ms = (uint32_t)ms;
    return 0;
}

/* The same array with a text for its first item. */
static int rename_event(sio_arena *arena, sio_value *data, sio_str name)
{
    sio_value *items = sio_arena_alloc(arena, data->count * sizeof *items);
    if (!items)
        return SIO_ENOMEM;
    memcpy(items, data->as.items, data->count * sizeof *items);
    items[0] = sio_value_of_string(name);
    data->as.items = items;
    return 0;
}

int sio_tree_event(sio_arena *arena, sio_value *data)
{
    sio_str name;
    if (sio_value_type(data) != SIO_TYPE_ARRAY || data->count == 0)
        return SIO_EPARSE;
    int err = sio_tree_name(arena, &data->as.items[0], &name);
    if (!err && sio_packet_reserved(name))
        err = SIO_EPARSE;
    if (!err && data->as.items[0].type != SIO_TYPE_STRING)
        err = rename_event(arena, data, name);
    return err;
}

static void put(sio_value **at, sio_str key, sio_value value)
{
    *(*at)++ = sio_value_of_string(key);
    *(*at)++ = value;
}

sio_value sio_tree_of_flags(sio_value items[SIO_TREE_FLAGS], const sio_cluster_flags *flags)
{
    sio_value *at = items;
    if (flags->is_volatile)
        put(&at, SIO_STR("volatile"), sio_value_of_bool(true));
    if (flags->no_compress)
        put(&at, SIO_STR("compress"), sio_value_of_bool(false));
    if (flags->has_timeout)
        put(&at, SIO_STR("timeout"), sio_value_of_int(flags->timeout_ms));
    if (flags->is_broadcast)
        put(&at, SIO_STR("broadcast"), sio_value_of_bool(true));
    return sio_value_of_map(items, (size_t)(at - items) / 2);
}
