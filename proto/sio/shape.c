#include "sio/shape.h"

bool sio_shape_fits(sio_packet_type type, const sio_value *data)
{
    switch (type) {
    case SIO_PACKET_CONNECT:
        return data->type == SIO_TYPE_MAP || data->type == SIO_TYPE_UNDEFINED;
    case SIO_PACKET_DISCONNECT:
        return data->type == SIO_TYPE_UNDEFINED;
    case SIO_PACKET_CONNECT_ERROR:
        return data->type == SIO_TYPE_MAP || data->type == SIO_TYPE_STRING ||
               data->type == SIO_TYPE_UNDEFINED;
    case SIO_PACKET_EVENT:
    case SIO_PACKET_ACK:
        return data->type == SIO_TYPE_ARRAY;
    default:
        return false;
    }
}

/* A name may be a number too, as JavaScript programs use them. */
bool sio_shape_named(const sio_value *data)
{
    const sio_value *name = sio_value_at(data, 0);
    switch (sio_value_type(name)) {
    case SIO_TYPE_STRING:
        return !sio_packet_reserved((sio_str){ name->as.text, name->count });
    case SIO_TYPE_INT:
    case SIO_TYPE_UINT:
    case SIO_TYPE_DOUBLE:
        return true;
    default:
        return false;
    }
}
