#include <sio/sys/classic.h>

#include "cluster/parts.h"
#include <sio/err.h>

sio_classic_type sio_classic_type_of(sio_cluster_op op)
{
    switch (op) {
    case SIO_CLUSTER_ALL_ROOMS:
        return SIO_CLASSIC_ALL_ROOMS;
    case SIO_CLUSTER_SOCKETS_JOIN:
        return SIO_CLASSIC_JOIN;
    case SIO_CLUSTER_SOCKETS_LEAVE:
        return SIO_CLASSIC_LEAVE;
    case SIO_CLUSTER_DISCONNECT_SOCKETS:
        return SIO_CLASSIC_DISCONNECT;
    case SIO_CLUSTER_SERVER_SIDE_EMIT:
        return SIO_CLASSIC_SERVER_SIDE_EMIT;
    case SIO_CLUSTER_BROADCAST_ACK:
        return SIO_CLASSIC_BROADCAST;
    case SIO_CLUSTER_FETCH_SOCKETS:
    case SIO_CLUSTER_SERVER_COUNT:
        break;
    }
    return SIO_CLASSIC_FETCH;
}

/* ---- the request as a map, in the order of the package; what is undefined is left out ---- */

enum { UID, ID, TYPE, SID, ROOM, PACKET, OPTS, ROOMS, DATA, CLOSE, FIELDS };

static const char *const keys[FIELDS] = { "uid",    "requestId", "type",  "sid",  "room",
                                          "packet", "opts",      "rooms", "data", "close" };

/* What the maps in the request are made of: they live as long as it. */
struct parts {
    sio_value fields[2 * FIELDS];
    sio_parts shared;
};

/* JOIN and LEAVE of one socket name one room. */
static void put_targets(sio_arena *arena, sio_value **at, const sio_classic_request *request,
                        int *err)
{
    const sio_cluster_request *asked = &request->asked;
    if (request->single)
        *at[ROOM] = sio_value_of_string(asked->targets[0]);
    else
        *at[ROOMS] = sio_parts_names(arena, asked->targets, asked->targets_count, err);
}

static void put_whom(sio_arena *arena, sio_value **at, struct parts *parts,
                     const sio_classic_request *request, int *err)
{
    if (request->single)
        *at[SID] = sio_value_of_string(request->asked.rooms[0]);
    else
        *at[OPTS] = sio_parts_opts(arena, &parts->shared, &request->asked,
                                   request->type == SIO_CLASSIC_BROADCAST, err);
}

static sio_value tree_of(sio_arena *arena, struct parts *parts, const sio_classic_request *request,
                         int *err)
{
    const sio_cluster_request *asked = &request->asked;
    sio_value *at[FIELDS];
    for (size_t i = 0; i < FIELDS; i++) {
        at[i] = &parts->fields[2 * i + 1];
        *at[i] = (sio_value){ .type = SIO_TYPE_UNDEFINED };
    }
    *at[UID] = sio_parts_optional(request->uid);
    *at[ID] = sio_parts_optional(request->id);
    *at[TYPE] = sio_value_of_int(request->type);
    if (request->type == SIO_CLASSIC_SOCKETS)
        *at[ROOMS] = sio_parts_names(arena, asked->rooms, asked->rooms_count, err);
    else if (request->type == SIO_CLASSIC_SERVER_SIDE_EMIT)
        *at[DATA] = asked->data;
    else if (request->type != SIO_CLASSIC_ALL_ROOMS)
        put_whom(arena, at, parts, request, err);
    if (request->type == SIO_CLASSIC_JOIN || request->type == SIO_CLASSIC_LEAVE)
        put_targets(arena, at, request, err);
    else if (request->type == SIO_CLASSIC_DISCONNECT)
        *at[CLOSE] = sio_value_of_bool(asked->close);
    else if (request->type == SIO_CLASSIC_BROADCAST)
        *at[PACKET] = sio_parts_packet(&parts->shared, asked, true);
    return sio_parts_map(parts->fields, keys, FIELDS);
}

void sio_classic_request_write(sio_buf *out, const sio_classic_request *request)
{
    sio_arena arena = { 0 };
    struct parts parts;
    int err = 0;
    const sio_value tree = tree_of(&arena, &parts, request, &err);
    if (!err && request->type == SIO_CLASSIC_BROADCAST)
        sio_msgpack_write(out, &tree);
    else if (!err)
        err = sio_json_write(out, &tree, NULL);
    if (err && !out->err)
        out->err = err;
    sio_arena_free(&arena);
}
