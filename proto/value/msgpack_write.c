#include <sio/sys/value.h>

#include <msgpack/pack.h>
#include <msgpack/timestamp.h>

static void write_value(msgpack_packer *packer, const sio_value *value);

static int append(void *out, const char *data, size_t len)
{
    sio_buf_append(out, data, len);
    return 0; /* the buffer keeps its error */
}

/* Integers in the shortest form; what a double can say and 64 bits cannot, as a double. */
static void write_double(msgpack_packer *packer, double number)
{
    sio_value value = sio_value_of_double(number);
    if (value.type == SIO_TYPE_DOUBLE)
        msgpack_pack_double(packer, number);
    else
        write_value(packer, &value);
}

static void write_date(msgpack_packer *packer, int64_t ms)
{
    int64_t seconds = ms / 1000, rest = ms % 1000;
    if (rest < 0) {
        seconds--;
        rest += 1000;
    }
    msgpack_timestamp time = { .tv_sec = seconds, .tv_nsec = (uint32_t)rest * 1000000 };
    msgpack_pack_timestamp(packer, &time);
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

static void write_array(msgpack_packer *packer, const sio_value *value)
{
    msgpack_pack_array(packer, value->count);
    for (uint32_t i = 0; i < value->count; i++)
        write_value(packer, &value->as.items[i]);
}

static uint32_t defined_entries(const sio_value *map)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < map->count; i++)
        count += map->as.items[2 * (size_t)i + 1].type != SIO_TYPE_UNDEFINED;
    return count;
}

static void write_map(msgpack_packer *packer, const sio_value *value)
{
    msgpack_pack_map(packer, defined_entries(value));
    for (uint32_t i = 0; i < value->count; i++) {
        const sio_value *key = &value->as.items[2 * (size_t)i], *entry = key + 1;
        if (entry->type == SIO_TYPE_UNDEFINED)
            continue;
        write_text(packer, key);
        write_value(packer, entry);
    }
}

static void write_value(msgpack_packer *packer, const sio_value *value)
{
    switch (sio_value_type(value)) {
    case SIO_TYPE_UNDEFINED:
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
        write_double(packer, value->as.number);
        break;
    case SIO_TYPE_DATE:
        write_date(packer, value->as.integer);
        break;
    case SIO_TYPE_STRING:
        write_text(packer, value);
        break;
    case SIO_TYPE_BINARY:
        write_binary(packer, value);
        break;
    case SIO_TYPE_ARRAY:
        write_array(packer, value);
        break;
    case SIO_TYPE_MAP:
        write_map(packer, value);
        break;
    }
}

void sio_msgpack_write(sio_buf *out, const sio_value *value)
{
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, append);
    write_value(&packer, value);
}
