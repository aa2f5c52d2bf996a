#include <sio/sys/member.h>

#include <sio/err.h>

#include "cluster/parts.h"

sio_member_type sio_member_type_of(sio_cluster_op op)
{
    switch (op) {
    case SIO_CLUSTER_SOCKETS_JOIN:
        return SIO_MEMBER_JOIN;
    case SIO_CLUSTER_SOCKETS_LEAVE:
        return SIO_MEMBER_LEAVE;
    case SIO_CLUSTER_DISCONNECT_SOCKETS:
        return SIO_MEMBER_DISCONNECT;
    case SIO_CLUSTER_SERVER_SIDE_EMIT:
        return SIO_MEMBER_SERVER_SIDE_EMIT;
    case SIO_CLUSTER_BROADCAST_ACK:
        return SIO_MEMBER_BROADCAST;
    case SIO_CLUSTER_FETCH_SOCKETS:
    case SIO_CLUSTER_ALL_ROOMS:
    case SIO_CLUSTER_SERVER_COUNT:
        break;
    }
    return SIO_MEMBER_FETCH;
}

/* A character's first byte counts for all of it. */
bool sio_member_is_private(sio_str room)
{
    size_t units = 0;
    for (size_t i = 0; i < room.len; i++) {
        unsigned char byte = (unsigned char)room.data[i];
        units += byte >= 0xf0 ? 2 : (byte & 0xc0) != 0x80;
    }
    return units == 20;
}

/* ---- data as a map, in the order of the package; what is undefined is left out ---- */

/* Lives in the arena, as what the map points to has to. */
typedef struct members {
    sio_parts parts;
    sio_value items[2 * 3];
    size_t count;
} members;

static void put(members *map, const char *key, sio_value value)
{
    if (value.type == SIO_TYPE_UNDEFINED)
        return;
    map->items[map->count++] = sio_value_of_string(sio_str_from(key));
    map->items[map->count++] = value;
}

static void put_id(members *map, const sio_member_message *message)
{
    put(map, "requestId", sio_parts_optional(message->id));
}

static void put_opts(members *map, sio_arena *arena, const sio_member_message *message, int *err)
{
    put(map, "opts", sio_parts_opts(arena, &map->parts, &message->asked, true, err));
}

static void put_answer(members *map, const sio_member_message *message)
{
    put_id(map, message);
    if (message->type == SIO_MEMBER_FETCHED)
        put(map, "sockets", message->value);
    else if (message->type == SIO_MEMBER_CLIENT_COUNT)
        put(map, "clientCount", sio_value_of_int(message->clients));
    else
        put(map, "packet", message->value);
}

static void put_all(members *map, sio_arena *arena, const sio_member_message *message, int *err)
{
    const sio_cluster_request *asked = &message->asked;
    switch (message->type) {
    case SIO_MEMBER_BROADCAST:
        put(map, "packet", sio_parts_packet(&map->parts, asked, false));
        put_id(map, message);
        put_opts(map, arena, message, err);
        return;
    case SIO_MEMBER_JOIN:
    case SIO_MEMBER_LEAVE:
        put_opts(map, arena, message, err);
        put(map, "rooms", sio_parts_names(arena, asked->targets, asked->targets_count, err));
        return;
    case SIO_MEMBER_DISCONNECT:
        put_opts(map, arena, message, err);
        put(map, "close", sio_value_of_bool(asked->close));
        return;
    case SIO_MEMBER_FETCH:
        put_opts(map, arena, message, err);
        put_id(map, message);
        return;
    case SIO_MEMBER_SERVER_SIDE_EMIT:
        put_id(map, message);
        put(map, "packet", asked->data);
        return;
    case SIO_MEMBER_FETCHED:
    case SIO_MEMBER_SERVER_SIDE_ANSWER:
    case SIO_MEMBER_CLIENT_COUNT:
    case SIO_MEMBER_ACK:
        put_answer(map, message);
        return;
    case SIO_MEMBER_INITIAL_HEARTBEAT:
    case SIO_MEMBER_HEARTBEAT:
    case SIO_MEMBER_CLOSE:
        return;
    }
}

int sio_member_data_of(sio_value *out, sio_arena *arena, const sio_member_message *message)
{
    int err = 0;
    members *map = sio_arena_alloc(arena, sizeof *map);
    if (!map)
        return SIO_ENOMEM;
    map->count = 0;
    put_all(map, arena, message, &err);
    *out = map->count ? sio_value_of_map(map->items, map->count / 2)
                      : (sio_value){ .type = SIO_TYPE_UNDEFINED };
    return err;
}

/* ---- the message ---- */

static int write_all(sio_buf *out, sio_arena *arena, const sio_member_message *message, bool packed)
{
    static const char *const keys[] = { "type", "data", "uid", "nsp" };
    sio_value items[2 * 4];
    items[1] = sio_value_of_int(message->type);
    items[5] = sio_parts_optional(message->uid);
    items[7] = sio_value_of_string(message->nsp);
    int err = sio_member_data_of(&items[3], arena, message);
    if (err)
        return err;
    bool binary = sio_value_count(&items[3]) > 0 && items[3].binary;
    const sio_value map = sio_parts_map(items, keys, 4);
    if (!binary && !packed)
        return sio_json_write(out, &map, NULL);
    sio_msgpack_write(out, &map);
    return 0;
}

static void write_message(sio_buf *out, const sio_member_message *message, bool packed)
{
    sio_arena arena = { 0 };
    int err = write_all(out, &arena, message, packed);
    if (err && !out->err)
        out->err = err;
    sio_arena_free(&arena);
}

void sio_member_write(sio_buf *out, const sio_member_message *message)
{
    write_message(out, message, false);
}

void sio_member_pack(sio_buf *out, const sio_member_message *message)
{
    write_message(out, message, true);
}
