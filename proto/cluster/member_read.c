#include <sio/sys/member.h>

#include <sio/err.h>

#include "cluster/fields.h"
#include "cluster/parts.h"

static int read_broadcast(sio_member_message *out, sio_arena *arena, const sio_value *data)
{
    sio_cluster_request *asked = &out->asked;
    asked->op = SIO_CLUSTER_BROADCAST_ACK;
    int err = sio_parts_read_opts(arena, sio_value_get(data, "opts"), asked);
    if (!err)
        err = sio_parts_read_packet(arena, sio_value_get(data, "packet"), asked);
    return err;
}

/* JOIN, LEAVE and DISCONNECT. */
static int read_change(sio_member_message *out, sio_arena *arena, const sio_value *data)
{
    sio_cluster_request *asked = &out->asked;
    int err = sio_parts_read_opts(arena, sio_value_get(data, "opts"), asked);
    if (err)
        return err;
    if (out->type == SIO_MEMBER_DISCONNECT) {
        asked->op = SIO_CLUSTER_DISCONNECT_SOCKETS;
        asked->close = sio_value_bool(sio_value_get(data, "close"));
        return 0;
    }
    asked->op = out->type == SIO_MEMBER_JOIN ? SIO_CLUSTER_SOCKETS_JOIN : SIO_CLUSTER_SOCKETS_LEAVE;
    return sio_parts_read_targets(arena, sio_value_get(data, "rooms"), asked);
}

static int read_value(sio_member_message *out, const sio_value *value)
{
    if (value)
        out->value = *value;
    return out->type == SIO_MEMBER_FETCHED && sio_value_type(value) != SIO_TYPE_ARRAY ? SIO_EPARSE
                                                                                      : 0;
}

static int read_by_type(sio_member_message *out, sio_arena *arena, const sio_value *data)
{
    switch (out->type) {
    case SIO_MEMBER_BROADCAST:
        return read_broadcast(out, arena, data);
    case SIO_MEMBER_JOIN:
    case SIO_MEMBER_LEAVE:
    case SIO_MEMBER_DISCONNECT:
        return read_change(out, arena, data);
    case SIO_MEMBER_FETCH:
        out->asked.op = SIO_CLUSTER_FETCH_SOCKETS;
        return sio_parts_read_opts(arena, sio_value_get(data, "opts"), &out->asked);
    case SIO_MEMBER_SERVER_SIDE_EMIT:
        out->asked.op = SIO_CLUSTER_SERVER_SIDE_EMIT;
        return sio_parts_read_data(arena, sio_value_get(data, "packet"), &out->asked);
    case SIO_MEMBER_FETCHED:
        return read_value(out, sio_value_get(data, "sockets"));
    case SIO_MEMBER_SERVER_SIDE_ANSWER:
    case SIO_MEMBER_ACK:
        return read_value(out, sio_value_get(data, "packet"));
    case SIO_MEMBER_CLIENT_COUNT:
        return sio_fields_number(data, "clientCount", UINT32_MAX, &out->clients);
    case SIO_MEMBER_INITIAL_HEARTBEAT:
    case SIO_MEMBER_HEARTBEAT:
    case SIO_MEMBER_CLOSE:
        break;
    }
    return 0;
}

static bool is_answer(sio_member_type type)
{
    return type == SIO_MEMBER_FETCHED ||
           (type >= SIO_MEMBER_SERVER_SIDE_ANSWER && type <= SIO_MEMBER_ACK);
}

/* Whatever else comes with one does not mean it. */
static bool has_id(sio_member_type type)
{
    return is_answer(type) || type == SIO_MEMBER_BROADCAST || type == SIO_MEMBER_FETCH ||
           type == SIO_MEMBER_SERVER_SIDE_EMIT;
}

/* A question says by whom it is, and how the answer will be known. */
static bool is_complete(const sio_member_message *message)
{
    if (is_answer(message->type) || message->type == SIO_MEMBER_FETCH)
        return message->id.data && (message->uid.data || is_answer(message->type));
    return !message->id.data || message->uid.data;
}

int sio_member_read_data(sio_member_message *message, sio_arena *arena, const sio_value *data)
{
    sio_member_message out = {
        .type = message->type,
        .uid = message->uid,
        .nsp = message->nsp,
        .asked.data.type = SIO_TYPE_UNDEFINED,
        .value.type = SIO_TYPE_UNDEFINED,
    };
    int err = has_id(out.type) ? sio_fields_text(data, "requestId", &out.id) : 0;
    if (!err && !is_complete(&out))
        err = SIO_EPARSE;
    if (!err)
        err = read_by_type(&out, arena, data);
    out.asked.nsp = out.nsp;
    if (out.asked.flags.has_timeout)
        out.asked.timeout_ms = out.asked.flags.timeout_ms;
    if (!err)
        *message = out;
    return err;
}

int sio_member_read(sio_member_message *out, sio_arena *arena, sio_str bytes)
{
    sio_member_message message = { 0 };
    sio_value fields;
    uint32_t type = 0;
    int err = sio_fields_read(&fields, arena, bytes);
    if (!err)
        err = sio_fields_number(&fields, "type", SIO_MEMBER_CLOSE, &type);
    if (!err)
        err = sio_fields_text(&fields, "uid", &message.uid);
    if (!err)
        err = sio_fields_text(&fields, "nsp", &message.nsp);
    if (!err && (type == 0 || !message.nsp.data))
        err = SIO_EPARSE;
    message.type = (sio_member_type)type;
    if (!err)
        err = sio_member_read_data(&message, arena, sio_value_get(&fields, "data"));
    if (!err)
        *out = message;
    return err;
}
