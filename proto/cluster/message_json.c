/* MessagePack to JSON in one pass: what a tree would be made of and written from. What only a tree
 * can say (binary, dates, undefined, keys that are no text) or must repair is left to it. */
#include "cluster/cursor.h"

#include <sio/sys/cluster.h>
#include <sio/sys/limits.h>
#include <sio/sys/packet.h>
#include <sio/sys/text.h>

typedef struct transcoder {
    const uint8_t *at;
    const uint8_t *end;
    sio_buf *out;
} transcoder;

static bool say_value(transcoder *self, unsigned depth);

static size_t left_of(const transcoder *self)
{
    return (size_t)(self->end - self->at);
}

/* A big-endian field of so many bytes. */
static bool take_field(transcoder *self, size_t size, uint64_t *out)
{
    uint64_t field = 0;
    if (left_of(self) < size)
        return false;
    for (size_t i = 0; i < size; i++)
        field = field << 8 | self->at[i];
    self->at += size;
    *out = field;
    return true;
}

/* ---- leaves ---- */

static bool say_word(transcoder *self, sio_str word)
{
    sio_buf_append(self->out, word.data, word.len);
    return true;
}

static bool say_number(transcoder *self, double number)
{
    sio_json_write_number(self->out, number);
    return true;
}

static bool take_text(transcoder *self, uint64_t len, sio_str *out)
{
    if (len > left_of(self) || !sio_utf8_valid(self->at, (size_t)len))
        return false;
    *out = (sio_str){ (const char *)self->at, (size_t)len };
    self->at += len;
    return true;
}

static bool say_text(transcoder *self, uint64_t len)
{
    sio_str text;
    if (!take_text(self, len, &text))
        return false;
    sio_json_write_string(self->out, text.data, text.len);
    return true;
}

static bool say_unsigned(transcoder *self, size_t size)
{
    uint64_t field;
    return take_field(self, size, &field) && say_number(self, (double)field);
}

static bool say_signed(transcoder *self, size_t size)
{
    uint64_t field;
    if (!take_field(self, size, &field))
        return false;
    unsigned above = 64 - 8 * (unsigned)size;
    return say_number(self, (double)((int64_t)(field << above) >> above));
}

static bool say_float(transcoder *self)
{
    uint64_t field;
    float number;
    if (!take_field(self, sizeof number, &field))
        return false;
    uint32_t bits = (uint32_t)field;
    memcpy(&number, &bits, sizeof number);
    return say_number(self, number);
}

static bool say_double(transcoder *self)
{
    uint64_t bits;
    double number;
    if (!take_field(self, sizeof number, &bits))
        return false;
    memcpy(&number, &bits, sizeof number);
    return say_number(self, number);
}

/* ---- containers ---- */

static bool say_array(transcoder *self, uint64_t count, unsigned depth)
{
    if (count > left_of(self))
        return false;
    sio_buf_byte(self->out, '[');
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0)
            sio_buf_byte(self->out, ',');
        if (!say_value(self, depth - 1))
            return false;
    }
    sio_buf_byte(self->out, ']');
    return true;
}

static bool take_text_length(transcoder *self, uint64_t *len)
{
    uint64_t first;
    if (!take_field(self, 1, &first))
        return false;
    if (first >> 5 == 5) {
        *len = first & 31;
        return true;
    }
    return first >= 0xd9 && first <= 0xdb && take_field(self, (size_t)1 << (first - 0xd9), len);
}

static bool say_map(transcoder *self, uint64_t count, unsigned depth)
{
    uint64_t len;
    if (count > left_of(self) / 2)
        return false;
    sio_buf_byte(self->out, '{');
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0)
            sio_buf_byte(self->out, ',');
        if (!take_text_length(self, &len) || !say_text(self, len))
            return false;
        sio_buf_byte(self->out, ':');
        if (!say_value(self, depth - 1))
            return false;
    }
    sio_buf_byte(self->out, '}');
    return true;
}

static bool say_container(transcoder *self, uint8_t first, unsigned depth)
{
    uint64_t count;
    if (!take_field(self, first & 1 ? 4 : 2, &count))
        return false;
    return first >= 0xde ? say_map(self, count, depth) : say_array(self, count, depth);
}

/* First bytes 0xc0 to 0xdf. */
static bool say_other(transcoder *self, uint8_t first, unsigned depth)
{
    uint64_t len;
    switch (first) {
    case 0xc0:
        return say_word(self, SIO_STR("null"));
    case 0xc2:
        return say_word(self, SIO_STR("false"));
    case 0xc3:
        return say_word(self, SIO_STR("true"));
    case 0xca:
        return say_float(self);
    case 0xcb:
        return say_double(self);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        return say_unsigned(self, (size_t)1 << (first - 0xcc));
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return say_signed(self, (size_t)1 << (first - 0xd0));
    case 0xd9:
    case 0xda:
    case 0xdb:
        return take_field(self, (size_t)1 << (first - 0xd9), &len) && say_text(self, len);
    case 0xdc:
    case 0xdd:
    case 0xde:
    case 0xdf:
        return say_container(self, first, depth);
    default:
        return false;
    }
}

static bool say_value(transcoder *self, unsigned depth)
{
    if (self->at == self->end || depth == 0)
        return false;
    uint8_t first = *self->at++;
    if (first < 0x80)
        return say_number(self, first);
    if (first < 0x90)
        return say_map(self, first & 15, depth);
    if (first < 0xa0)
        return say_array(self, first & 15, depth);
    if (first < 0xc0)
        return say_text(self, first & 31);
    return first >= 0xe0 ? say_number(self, (int8_t)first) : say_other(self, first, depth);
}

/* ---- the packet ---- */

/* An event as it mostly is: a small integer. */
static bool is_event(sio_str type)
{
    return type.len == 1 &&
           (type.data[0] == SIO_PACKET_EVENT || type.data[0] == SIO_PACKET_BINARY_EVENT);
}

/* Whether it begins with a name, and one that may be sent. */
static bool is_named(sio_str data)
{
    sio_cursor in = { (const uint8_t *)data.data, data.len };
    uint32_t count;
    sio_str name;
    return !sio_cursor_array(&in, &count) && count > 0 && !sio_cursor_take(&in, &name) &&
           sio_cursor_is_text(name) && !sio_packet_reserved(sio_cursor_text(name));
}

bool sio_cluster_message_json(const sio_cluster_message *message, sio_buf *out)
{
    sio_str data = message->packet_data;
    if (!data.data || !message->packet_type.data || !is_event(message->packet_type) ||
        !is_named(data))
        return false;
    transcoder self = { (const uint8_t *)data.data, (const uint8_t *)data.data + data.len, out };
    return say_value(&self, SIO_LIMIT_DEPTH) && self.at == self.end && !out->err;
}
