#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/packet.h>

#include "sio/shape.h"

static int read_type(const sio_value *packet, sio_packet_type *out)
{
    const sio_value *type = sio_value_get(packet, "type");
    if (sio_value_type(type) != SIO_TYPE_INT || type->as.integer < SIO_PACKET_CONNECT ||
        type->as.integer > SIO_PACKET_CONNECT_ERROR)
        return SIO_EPARSE;
    *out = (sio_packet_type)type->as.integer;
    return 0;
}

static int read_namespace(const sio_value *packet, sio_str *out)
{
    const sio_value *nsp = sio_value_get(packet, "nsp");
    if (sio_value_type(nsp) != SIO_TYPE_STRING)
        return SIO_EPARSE;
    *out = (sio_str){ nsp->as.text, nsp->count };
    return out->len > SIO_LIMIT_NAME ? SIO_ELIMIT : 0;
}

static int read_id(const sio_value *packet, sio_packet *out)
{
    const sio_value *id = sio_value_get(packet, "id");
    out->has_id = false;
    out->id = 0;
    switch (sio_value_type(id)) {
    case SIO_TYPE_UNDEFINED:
        return 0;
    case SIO_TYPE_INT:
        if (id->as.integer < 0 || id->as.integer > (int64_t)SIO_PACKET_ID_MAX)
            return SIO_EINVAL;
        out->has_id = true;
        out->id = (uint64_t)id->as.integer;
        return 0;
    case SIO_TYPE_UINT:
        return SIO_EINVAL;
    default:
        return SIO_EPARSE;
    }
}

static int read_data(const sio_value *packet, sio_packet *out)
{
    const sio_value *data = sio_value_get(packet, "data");
    out->data = data ? *data : (sio_value){ .type = SIO_TYPE_UNDEFINED };
    if (!sio_shape_fits(out->type, &out->data))
        return SIO_EPARSE;
    if (out->data.depth > SIO_LIMIT_DEPTH)
        return SIO_EDEPTH;
    return out->type != SIO_PACKET_EVENT || sio_shape_named(&out->data) ? 0 : SIO_EINVAL;
}

static int read_packet(const sio_value *tree, sio_packet *out)
{
    int err = read_type(tree, &out->type);
    if (!err)
        err = read_namespace(tree, &out->nsp);
    if (!err)
        err = read_data(tree, out);
    if (!err)
        err = read_id(tree, out);
    return err;
}

int sio_packet_decode_msgpack(sio_arena *arena, const void *data, size_t len, sio_packet *out)
{
    sio_value tree;
    sio_packet packet = { .has_id = false };
    size_t used;
    int err = sio_msgpack_read(arena, &tree, data, len, &used);
    if (!err && used < len)
        err = SIO_EPARSE;
    if (!err)
        err = read_packet(&tree, &packet);
    if (err)
        return err;
    *out = packet;
    return 1;
}
