#include "cluster/parts.h"

#include <sio/err.h>
#include <sio/sys/packet.h>

/* ---- reading ---- */

int sio_parts_read_opts(sio_arena *arena, const sio_value *opts, sio_cluster_request *asked)
{
    if (sio_value_type(opts) != SIO_TYPE_MAP)
        return SIO_EPARSE;
    int err =
        sio_tree_names(arena, sio_value_get(opts, "rooms"), &asked->rooms, &asked->rooms_count);
    if (!err)
        err = sio_tree_names(arena, sio_value_get(opts, "except"), &asked->except,
                             &asked->except_count);
    if (!err)
        err = sio_tree_flags(sio_value_get(opts, "flags"), &asked->flags);
    return err;
}

int sio_parts_read_one(sio_arena *arena, const sio_value *value, const sio_str **names,
                       size_t *count)
{
    sio_str *one = sio_arena_alloc(arena, sizeof *one);
    if (!one)
        return SIO_ENOMEM;
    int err = value ? sio_tree_name(arena, value, one) : SIO_EPARSE;
    if (err)
        return err;
    *names = one;
    *count = 1;
    return 0;
}

int sio_parts_read_targets(sio_arena *arena, const sio_value *rooms, sio_cluster_request *asked)
{
    return sio_value_type(rooms) == SIO_TYPE_ARRAY
               ? sio_tree_names(arena, rooms, &asked->targets, &asked->targets_count)
               : sio_parts_read_one(arena, rooms, &asked->targets, &asked->targets_count);
}

int sio_parts_read_data(sio_arena *arena, const sio_value *data, sio_cluster_request *asked)
{
    if (!data)
        return SIO_EPARSE;
    asked->data = *data;
    return sio_tree_event(arena, &asked->data);
}

int sio_parts_read_packet(sio_arena *arena, const sio_value *packet, sio_cluster_request *asked)
{
    const sio_value *type = sio_value_get(packet, "type");
    const sio_value *nsp = sio_value_get(packet, "nsp");
    double number = type && sio_tree_is_number(type) ? sio_value_double(type) : -1;
    if (number != SIO_PACKET_EVENT && number != SIO_PACKET_BINARY_EVENT)
        return SIO_EPARSE;
    if (sio_value_type(nsp) != SIO_TYPE_UNDEFINED && nsp->type != SIO_TYPE_STRING)
        return SIO_EPARSE;
    asked->nsp = sio_value_type(nsp) == SIO_TYPE_STRING ? sio_tree_str(nsp) : SIO_STR("/");
    return sio_parts_read_data(arena, sio_value_get(packet, "data"), asked);
}

/* ---- writing ---- */

sio_value sio_parts_map(sio_value *items, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[2 * i] = sio_value_of_string(sio_str_from(keys[i]));
    return sio_value_of_map(items, count);
}

sio_value sio_parts_names(sio_arena *arena, const sio_str *names, size_t count, int *err)
{
    sio_value *items = sio_arena_alloc(arena, (count ? count : 1) * sizeof *items);
    if (!items) {
        *err = SIO_ENOMEM;
        return sio_value_null();
    }
    for (size_t i = 0; i < count; i++)
        items[i] = sio_value_of_string(names[i]);
    return sio_value_of_array(items, count);
}

sio_value sio_parts_opts(sio_arena *arena, sio_parts *parts, const sio_cluster_request *asked,
                         bool flags, int *err)
{
    static const char *const keys[] = { "rooms", "except", "flags" };
    parts->opts[1] = sio_parts_names(arena, asked->rooms, asked->rooms_count, err);
    parts->opts[3] = sio_parts_names(arena, asked->except, asked->except_count, err);
    if (flags)
        parts->opts[5] = sio_tree_of_flags(parts->flags, &asked->flags);
    return sio_parts_map(parts->opts, keys, flags ? 3 : 2);
}

sio_value sio_parts_packet(sio_parts *parts, const sio_cluster_request *asked, bool nsp)
{
    static const char *const keys[] = { "type", "data", "nsp" };
    parts->packet[1] = sio_value_of_int(SIO_PACKET_EVENT);
    parts->packet[3] = asked->data;
    parts->packet[5] = sio_value_of_string(asked->nsp);
    return sio_parts_map(parts->packet, keys, nsp ? 3 : 2);
}

sio_value sio_parts_optional(sio_str text)
{
    return text.data ? sio_value_of_string(text) : (sio_value){ .type = SIO_TYPE_UNDEFINED };
}
