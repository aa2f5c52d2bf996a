#include "cluster/options.h"

#include <sio/err.h>
#include <sio/sys/packet.h>

/* The fields of a packet, undecoded; data NULL: absent. As in JavaScript the last of a key counts.
 */
struct fields {
    sio_str type;
    sio_str data;
    sio_str nsp;
};

static int read_fields(sio_cursor *in, struct fields *out)
{
    uint32_t count;
    int err = sio_cursor_map(in, &count);
    for (; !err && count > 0; count--) {
        sio_str key, value;
        err = sio_cursor_take(in, &key);
        if (!err)
            err = sio_cursor_take(in, &value);
        if (err)
            break;
        sio_str name = sio_cursor_text(key);
        if (sio_str_equal(name, SIO_STR("type")))
            out->type = value;
        else if (sio_str_equal(name, SIO_STR("data")))
            out->data = value;
        else if (sio_str_equal(name, SIO_STR("nsp")))
            out->nsp = value;
    }
    return err;
}

static int read_nsp(sio_arena *arena, sio_str bytes, sio_str *nsp)
{
    sio_value value = { .type = SIO_TYPE_UNDEFINED };
    if (bytes.data && sio_cursor_is_plain(bytes)) {
        *nsp = sio_cursor_text(bytes);
        return 0;
    }
    int err = bytes.data ? sio_cursor_decode(arena, &value, bytes) : 0;
    if (err)
        return err;
    if (value.type != SIO_TYPE_UNDEFINED && value.type != SIO_TYPE_STRING)
        return SIO_EPARSE;
    *nsp = value.type == SIO_TYPE_STRING ? sio_tree_str(&value) : SIO_STR("/");
    return 0;
}

/* A uid that is no string is nobody's of ours. */
static int read_uid(sio_arena *arena, sio_cursor *in, sio_str *uid)
{
    sio_str bytes;
    sio_value value;
    int err = sio_cursor_take(in, &bytes);
    if (!err && sio_cursor_is_plain(bytes)) {
        *uid = sio_cursor_text(bytes);
        return 0;
    }
    if (!err)
        err = sio_cursor_decode(arena, &value, bytes);
    if (err)
        return err;
    *uid = value.type == SIO_TYPE_STRING ? sio_tree_str(&value) : SIO_STR("");
    return 0;
}

static int read_packet(sio_arena *arena, sio_cursor *in, sio_cluster_message *out)
{
    struct fields fields = { 0 };
    int err = read_fields(in, &fields);
    out->packet_type = fields.type;
    out->packet_data = fields.data;
    return err ? err : read_nsp(arena, fields.nsp, &out->nsp);
}

bool sio_cluster_message_is_of(sio_str uid, const void *data, size_t len)
{
    sio_cursor in = { data, len };
    uint32_t count;
    sio_str bytes;
    return !sio_cursor_array(&in, &count) && count >= 3 && !sio_cursor_take(&in, &bytes) &&
           sio_cursor_is_text(bytes) && sio_str_equal(sio_cursor_text(bytes), uid);
}

int sio_cluster_message_read(sio_cluster_message *out, sio_arena *arena, const void *data,
                             size_t len)
{
    sio_cursor in = { data, len };
    sio_cluster_message message = { .data.type = SIO_TYPE_UNDEFINED };
    uint32_t count;
    int err = sio_cursor_array(&in, &count);
    if (!err && count < 3)
        err = SIO_EPARSE;
    if (!err)
        err = read_uid(arena, &in, &message.uid);
    if (!err)
        err = read_packet(arena, &in, &message);
    if (!err)
        err = sio_options_read(arena, &in, &message);
    for (; !err && count > 3; count--) {
        sio_str ignored;
        err = sio_cursor_take(&in, &ignored);
    }
    if (!err && in.left > 0)
        err = SIO_EPARSE;
    if (!err)
        *out = message;
    return err;
}

/* EVENT, or the BINARY_EVENT that socket.io-emitter 3.1 marks: the arguments say which it is. */
static int read_type(sio_arena *arena, sio_str bytes)
{
    sio_value type;
    int err = bytes.data ? sio_cursor_decode(arena, &type, bytes) : SIO_EPARSE;
    if (err)
        return err;
    double number = sio_tree_is_number(&type) ? sio_value_double(&type) : -1;
    return number == SIO_PACKET_EVENT || number == SIO_PACKET_BINARY_EVENT ? 0 : SIO_EPARSE;
}

int sio_cluster_message_data(sio_cluster_message *message, sio_arena *arena)
{
    sio_value data;
    int err = read_type(arena, message->packet_type);
    if (!err)
        err = message->packet_data.data ? sio_cursor_decode(arena, &data, message->packet_data)
                                        : SIO_EPARSE;
    if (!err)
        err = sio_tree_event(arena, &data);
    if (!err)
        message->data = data;
    return err;
}
