#include <sio/sys/value.h>

#include <msgpack/pack.h>
#include <msgpack/timestamp.h>

/* The packer, and which notepack.io is to read what it writes. */
typedef struct writer {
    msgpack_packer packer;
    bool second;
} writer;

static void write_value(writer *self, const sio_value *value);

static int append(void *out, const char *data, size_t len)
{
    sio_buf_append(out, data, len);
    return 0; /* the buffer keeps its error */
}

/* ---- leaves ---- */

/* Integers in the shortest form; what a double can say and 64 bits cannot, as a double. */
static void write_double(writer *self, double number)
{
    sio_value value = sio_value_of_double(number);
    if (value.type == SIO_TYPE_DOUBLE)
        msgpack_pack_double(&self->packer, number);
    else
        write_value(self, &value);
}

/* An extension of type 0 whose fixed length of 1 says what it is. */
static void write_undefined(writer *self)
{
    if (self->second)
        msgpack_pack_ext_with_body(&self->packer, "", 1, 0);
    else
        msgpack_pack_nil(&self->packer);
}

/* Milliseconds in an extension of type 0. */
static void write_old_date(msgpack_packer *packer, int64_t ms)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((uint64_t)ms >> (8 * (sizeof bytes - 1 - i)));
    msgpack_pack_ext_with_body(packer, bytes, sizeof bytes, 0);
}

static void write_timestamp(msgpack_packer *packer, int64_t ms)
{
    int64_t seconds = ms / 1000, rest = ms % 1000;
    if (rest < 0) {
        seconds--;
        rest += 1000;
    }
    msgpack_timestamp time = { .tv_sec = seconds, .tv_nsec = (uint32_t)rest * 1000000 };
    msgpack_pack_timestamp(packer, &time);
}

static void write_date(writer *self, int64_t ms)
{
    if (self->second)
        write_old_date(&self->packer, ms);
    else
        write_timestamp(&self->packer, ms);
}

static void write_text(msgpack_packer *packer, const sio_value *value)
{
    msgpack_pack_str(packer, value->count);
    msgpack_pack_str_body(packer, value->as.text, value->count);
}

static void write_binary(msgpack_packer *packer, const sio_value *value)
{
    msgpack_pack_bin(packer, value->count);
    msgpack_pack_bin_body(packer, value->as.bytes, value->count);
}

/* ---- containers ---- */

static void write_array(writer *self, const sio_value *value)
{
    msgpack_pack_array(&self->packer, value->count);
    for (uint32_t i = 0; i < value->count; i++)
        write_value(self, &value->as.items[i]);
}

static uint32_t defined_entries(const sio_value *map)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < map->count; i++)
        count += map->as.items[2 * (size_t)i + 1].type != SIO_TYPE_UNDEFINED;
    return count;
}

static void write_map(writer *self, const sio_value *value)
{
    msgpack_pack_map(&self->packer, self->second ? value->count : defined_entries(value));
    for (uint32_t i = 0; i < value->count; i++) {
        const sio_value *key = &value->as.items[2 * (size_t)i], *entry = key + 1;
        if (entry->type == SIO_TYPE_UNDEFINED && !self->second)
            continue;
        write_text(&self->packer, key);
        write_value(self, entry);
    }
}

static void write_value(writer *self, const sio_value *value)
{
    msgpack_packer *packer = &self->packer;
    switch (sio_value_type(value)) {
    case SIO_TYPE_UNDEFINED:
        write_undefined(self);
        break;
    case SIO_TYPE_NULL:
        msgpack_pack_nil(packer);
        break;
    case SIO_TYPE_BOOL:
        if (value->as.boolean)
            msgpack_pack_true(packer);
        else
            msgpack_pack_false(packer);
        break;
    case SIO_TYPE_INT:
        msgpack_pack_int64(packer, value->as.integer);
        break;
    case SIO_TYPE_UINT:
        msgpack_pack_uint64(packer, value->as.uinteger);
        break;
    case SIO_TYPE_DOUBLE:
        write_double(self, value->as.number);
        break;
    case SIO_TYPE_DATE:
        write_date(self, value->as.integer);
        break;
    case SIO_TYPE_STRING:
        write_text(packer, value);
        break;
    case SIO_TYPE_BINARY:
        write_binary(packer, value);
        break;
    case SIO_TYPE_ARRAY:
        write_array(self, value);
        break;
    case SIO_TYPE_MAP:
        write_map(self, value);
        break;
    }
}

static void write_for(sio_buf *out, const sio_value *value, bool second)
{
    writer self = { .second = second };
    msgpack_packer_init(&self.packer, out, append);
    write_value(&self, value);
}

void sio_msgpack_write(sio_buf *out, const sio_value *value)
{
    write_for(out, value, false);
}

void sio_msgpack_write_2(sio_buf *out, const sio_value *value)
{
    write_for(out, value, true);
}
