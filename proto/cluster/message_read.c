#include "cluster/tree.h"

#include <sio/err.h>
#include <sio/sys/packet.h>

/* What is left of the input. */
typedef struct cursor {
    const uint8_t *at;
    size_t left;
} cursor;

static void advance(cursor *in, size_t len)
{
    in->at += len;
    in->left -= len;
}

/* The head of an array or map: a fixed form (its upper four bits), or one with 16 or 32 bits. */
static int read_head(cursor *in, uint8_t fixed, uint8_t with16, uint32_t *count)
{
    if (in->left == 0)
        return SIO_EPARSE;
    uint8_t first = in->at[0];
    size_t width = first == with16 ? 2 : first == with16 + 1 ? 4 : 0;
    if ((width == 0 && (first & 0xf0) != fixed) || in->left < 1 + width)
        return SIO_EPARSE;
    uint32_t value = width ? 0 : first & 0x0f;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | in->at[1 + i];
    advance(in, 1 + width);
    *count = value;
    return 0;
}

static int read_array_head(cursor *in, uint32_t *count)
{
    return read_head(in, 0x90, 0xdc, count);
}

static int read_map_head(cursor *in, uint32_t *count)
{
    return read_head(in, 0x80, 0xde, count);
}

/* The bytes of one whole value. */
static int take(cursor *in, sio_str *value)
{
    size_t used;
    int err = sio_msgpack_skip(in->at, in->left, &used);
    if (err)
        return err;
    *value = (sio_str){ (const char *)in->at, used };
    advance(in, used);
    return 0;
}

static int decode(sio_arena *arena, sio_value *out, sio_str bytes)
{
    return sio_msgpack_read(arena, out, bytes.data, bytes.len, NULL);
}

/* The text of a string; empty for all else. */
static sio_str text_of(sio_str bytes)
{
    uint8_t first = (uint8_t)bytes.data[0];
    size_t head = first >> 5 == 5 ? 1
                  : first == 0xd9 ? 2
                  : first == 0xda ? 3
                  : first == 0xdb ? 5
                                  : 0;
    return head ? (sio_str){ bytes.data + head, bytes.len - head } : SIO_STR("");
}

/* The fields of a packet, undecoded; data NULL: absent. As in JavaScript the last of a key counts.
 */
struct fields {
    sio_str type;
    sio_str data;
    sio_str nsp;
};

static int read_fields(cursor *in, struct fields *out)
{
    uint32_t count;
    int err = read_map_head(in, &count);
    for (; !err && count > 0; count--) {
        sio_str key, value;
        err = take(in, &key);
        if (!err)
            err = take(in, &value);
        if (err)
            break;
        sio_str name = text_of(key);
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
    int err = bytes.data ? decode(arena, &value, bytes) : 0;
    if (err)
        return err;
    if (value.type != SIO_TYPE_UNDEFINED && value.type != SIO_TYPE_STRING)
        return SIO_EPARSE;
    *nsp = value.type == SIO_TYPE_STRING ? sio_tree_str(&value) : SIO_STR("/");
    return 0;
}

/* A uid that is no string is nobody's of ours. */
static int read_uid(sio_arena *arena, cursor *in, sio_str *uid)
{
    sio_str bytes;
    sio_value value;
    int err = take(in, &bytes);
    if (!err)
        err = decode(arena, &value, bytes);
    if (err)
        return err;
    *uid = value.type == SIO_TYPE_STRING ? sio_tree_str(&value) : SIO_STR("");
    return 0;
}

static int read_options(sio_arena *arena, cursor *in, sio_cluster_message *out)
{
    sio_str bytes;
    sio_value options;
    int err = take(in, &bytes);
    if (!err)
        err = decode(arena, &options, bytes);
    if (!err && options.type != SIO_TYPE_MAP)
        err = SIO_EPARSE;
    if (!err)
        err =
            sio_tree_names(arena, sio_value_get(&options, "rooms"), &out->rooms, &out->rooms_count);
    if (!err)
        err = sio_tree_names(arena, sio_value_get(&options, "except"), &out->except,
                             &out->except_count);
    if (!err)
        err = sio_tree_flags(sio_value_get(&options, "flags"), &out->flags);
    return err;
}

static int read_packet(sio_arena *arena, cursor *in, sio_cluster_message *out)
{
    struct fields fields = { 0 };
    out->packet = (const char *)in->at;
    int err = read_fields(in, &fields);
    out->packet_len = (size_t)((const char *)in->at - out->packet);
    return err ? err : read_nsp(arena, fields.nsp, &out->nsp);
}

int sio_cluster_message_read(sio_cluster_message *out, sio_arena *arena, const void *data,
                             size_t len)
{
    cursor in = { data, len };
    sio_cluster_message message = { .data.type = SIO_TYPE_UNDEFINED };
    uint32_t count;
    int err = read_array_head(&in, &count);
    if (!err && count < 3)
        err = SIO_EPARSE;
    if (!err)
        err = read_uid(arena, &in, &message.uid);
    if (!err)
        err = read_packet(arena, &in, &message);
    if (!err)
        err = read_options(arena, &in, &message);
    for (; !err && count > 3; count--) {
        sio_str ignored;
        err = take(&in, &ignored);
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
    int err = bytes.data ? decode(arena, &type, bytes) : SIO_EPARSE;
    if (err)
        return err;
    double number = sio_tree_is_number(&type) ? sio_value_double(&type) : -1;
    return number == SIO_PACKET_EVENT || number == SIO_PACKET_BINARY_EVENT ? 0 : SIO_EPARSE;
}

int sio_cluster_message_data(sio_cluster_message *message, sio_arena *arena)
{
    cursor in = { (const uint8_t *)message->packet, message->packet_len };
    struct fields fields = { 0 };
    sio_value data;
    int err = read_fields(&in, &fields);
    if (!err)
        err = read_type(arena, fields.type);
    if (!err)
        err = fields.data.data ? decode(arena, &data, fields.data) : SIO_EPARSE;
    if (!err)
        err = sio_tree_event(arena, &data);
    if (!err)
        message->data = data;
    return err;
}
