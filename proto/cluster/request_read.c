#include <sio/sys/classic.h>

#include <sio/err.h>
#include <sio/sys/packet.h>

#include "cluster/fields.h"
#include "cluster/tree.h"

static int read_opts(sio_arena *arena, const sio_value *opts, sio_cluster_request *asked)
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

/* One name as a list. */
static int read_one(sio_arena *arena, const sio_value *value, const sio_str **names, size_t *count)
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

/* JOIN, LEAVE and DISCONNECT: with opts, or in the older form. */
static int read_change(sio_classic_request *out, sio_arena *arena, const sio_value *fields)
{
    sio_cluster_request *asked = &out->asked;
    const sio_value *opts = sio_value_get(fields, "opts");
    sio_type type = sio_value_type(opts);
    out->single = type == SIO_TYPE_UNDEFINED || type == SIO_TYPE_NULL;
    int err = out->single ? read_one(arena, sio_value_get(fields, "sid"), &asked->rooms,
                                     &asked->rooms_count)
                          : read_opts(arena, opts, asked);
    if (err)
        return err;
    if (out->type == SIO_CLASSIC_DISCONNECT) {
        asked->close = sio_value_bool(sio_value_get(fields, "close"));
        return 0;
    }
    const sio_value *rooms = sio_value_get(fields, out->single ? "room" : "rooms");
    return sio_value_type(rooms) == SIO_TYPE_ARRAY
               ? sio_tree_names(arena, rooms, &asked->targets, &asked->targets_count)
               : read_one(arena, rooms, &asked->targets, &asked->targets_count);
}

static int read_data(sio_arena *arena, const sio_value *data, sio_cluster_request *asked)
{
    if (!data)
        return SIO_EPARSE;
    asked->data = *data;
    return sio_tree_event(arena, &asked->data);
}

static int read_packet(sio_arena *arena, const sio_value *packet, sio_cluster_request *asked)
{
    const sio_value *type = sio_value_get(packet, "type");
    const sio_value *nsp = sio_value_get(packet, "nsp");
    double number = type && sio_tree_is_number(type) ? sio_value_double(type) : -1;
    if (number != SIO_PACKET_EVENT && number != SIO_PACKET_BINARY_EVENT)
        return SIO_EPARSE;
    if (sio_value_type(nsp) != SIO_TYPE_UNDEFINED && nsp->type != SIO_TYPE_STRING)
        return SIO_EPARSE;
    asked->nsp = sio_value_type(nsp) == SIO_TYPE_STRING ? sio_tree_str(nsp) : SIO_STR("/");
    return read_data(arena, sio_value_get(packet, "data"), asked);
}

static int read_broadcast(sio_arena *arena, const sio_value *fields, sio_cluster_request *asked)
{
    int err = read_opts(arena, sio_value_get(fields, "opts"), asked);
    if (!err)
        err = read_packet(arena, sio_value_get(fields, "packet"), asked);
    if (!err && asked->flags.has_timeout)
        asked->timeout_ms = asked->flags.timeout_ms;
    return err;
}

/* Sets op, and reads what belongs to it. */
static int read_asked(sio_classic_request *out, sio_arena *arena, const sio_value *fields)
{
    sio_cluster_request *asked = &out->asked;
    switch (out->type) {
    case SIO_CLASSIC_SOCKETS:
        asked->op = SIO_CLUSTER_FETCH_SOCKETS;
        return sio_tree_names(arena, sio_value_get(fields, "rooms"), &asked->rooms,
                              &asked->rooms_count);
    case SIO_CLASSIC_ALL_ROOMS:
        asked->op = SIO_CLUSTER_ALL_ROOMS;
        return 0;
    case SIO_CLASSIC_JOIN:
        asked->op = SIO_CLUSTER_SOCKETS_JOIN;
        return read_change(out, arena, fields);
    case SIO_CLASSIC_LEAVE:
        asked->op = SIO_CLUSTER_SOCKETS_LEAVE;
        return read_change(out, arena, fields);
    case SIO_CLASSIC_DISCONNECT:
        asked->op = SIO_CLUSTER_DISCONNECT_SOCKETS;
        return read_change(out, arena, fields);
    case SIO_CLASSIC_FETCH:
        asked->op = SIO_CLUSTER_FETCH_SOCKETS;
        return read_opts(arena, sio_value_get(fields, "opts"), asked);
    case SIO_CLASSIC_SERVER_SIDE_EMIT:
        asked->op = SIO_CLUSTER_SERVER_SIDE_EMIT;
        return read_data(arena, sio_value_get(fields, "data"), asked);
    case SIO_CLASSIC_BROADCAST:
        asked->op = SIO_CLUSTER_BROADCAST_ACK;
        return read_broadcast(arena, fields, asked);
    default:
        return SIO_EPARSE;
    }
}

static bool needs_id(sio_classic_type type)
{
    return type == SIO_CLASSIC_SOCKETS || type == SIO_CLASSIC_ALL_ROOMS ||
           type == SIO_CLASSIC_FETCH || type == SIO_CLASSIC_BROADCAST;
}

int sio_classic_request_read(sio_classic_request *out, sio_arena *arena, sio_str bytes)
{
    sio_classic_request request = { .asked.data.type = SIO_TYPE_UNDEFINED };
    sio_value fields;
    uint32_t type = 0;
    int err = sio_fields_read(&fields, arena, bytes);
    if (!err)
        err = sio_fields_text(&fields, "uid", &request.uid);
    if (!err)
        err = sio_fields_text(&fields, "requestId", &request.id);
    if (!err)
        err = sio_fields_number(&fields, "type", SIO_CLASSIC_BROADCAST, &type);
    request.type = (sio_classic_type)type;
    if (!err && needs_id(request.type) && !request.id.data)
        err = SIO_EPARSE;
    if (!err)
        err = read_asked(&request, arena, &fields);
    if (!err)
        *out = request;
    return err;
}
