#include <sio/sys/classic.h>

#include "cluster/fields.h"
#include "cluster/parts.h"
#include <sio/err.h>

/* JOIN, LEAVE and DISCONNECT: with opts, or in the older form. */
static int read_change(sio_classic_request *out, sio_arena *arena, const sio_value *fields)
{
    sio_cluster_request *asked = &out->asked;
    const sio_value *opts = sio_value_get(fields, "opts");
    sio_type type = sio_value_type(opts);
    out->single = type == SIO_TYPE_UNDEFINED || type == SIO_TYPE_NULL;
    int err = out->single ? sio_parts_read_one(arena, sio_value_get(fields, "sid"), &asked->rooms,
                                               &asked->rooms_count)
                          : sio_parts_read_opts(arena, opts, asked);
    if (err)
        return err;
    if (out->type == SIO_CLASSIC_DISCONNECT) {
        asked->close = sio_value_bool(sio_value_get(fields, "close"));
        return 0;
    }
    return sio_parts_read_targets(arena, sio_value_get(fields, out->single ? "room" : "rooms"),
                                  asked);
}

static int read_broadcast(sio_arena *arena, const sio_value *fields, sio_cluster_request *asked)
{
    int err = sio_parts_read_opts(arena, sio_value_get(fields, "opts"), asked);
    if (!err)
        err = sio_parts_read_packet(arena, sio_value_get(fields, "packet"), asked);
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
        return sio_parts_read_opts(arena, sio_value_get(fields, "opts"), asked);
    case SIO_CLASSIC_SERVER_SIDE_EMIT:
        asked->op = SIO_CLUSTER_SERVER_SIDE_EMIT;
        return sio_parts_read_data(arena, sio_value_get(fields, "data"), asked);
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
