#include <sio/sys/value.h>

#include <assert.h>

#include <sio/sys/limits.h>

sio_type sio_value_type(const sio_value *value)
{
    return value ? (sio_type)value->type : SIO_TYPE_UNDEFINED;
}

bool sio_value_bool(const sio_value *value)
{
    return sio_value_type(value) == SIO_TYPE_BOOL && value->as.boolean;
}

static int64_t truncate_double(double number)
{
    if (number >= 0x1p63)
        return INT64_MAX;
    if (number < -0x1p63)
        return INT64_MIN;
    return number == number ? (int64_t)number : 0;
}

int64_t sio_value_int(const sio_value *value)
{
    switch (sio_value_type(value)) {
    case SIO_TYPE_INT:
    case SIO_TYPE_DATE:
        return value->as.integer;
    case SIO_TYPE_UINT:
        return value->as.uinteger > INT64_MAX ? INT64_MAX : (int64_t)value->as.uinteger;
    case SIO_TYPE_DOUBLE:
        return truncate_double(value->as.number);
    default:
        return 0;
    }
}

double sio_value_double(const sio_value *value)
{
    switch (sio_value_type(value)) {
    case SIO_TYPE_INT:
    case SIO_TYPE_DATE:
        return (double)value->as.integer;
    case SIO_TYPE_UINT:
        return (double)value->as.uinteger;
    case SIO_TYPE_DOUBLE:
        return value->as.number;
    default:
        return 0;
    }
}

const char *sio_value_string(const sio_value *value, size_t *length)
{
    bool is = sio_value_type(value) == SIO_TYPE_STRING;
    if (length)
        *length = is ? value->count : 0;
    return is ? value->as.text : NULL;
}

const void *sio_value_binary(const sio_value *value, size_t *length)
{
    bool is = sio_value_type(value) == SIO_TYPE_BINARY;
    if (length)
        *length = is ? value->count : 0;
    return is ? value->as.bytes : NULL;
}

size_t sio_value_count(const sio_value *value)
{
    sio_type type = sio_value_type(value);
    return type == SIO_TYPE_ARRAY || type == SIO_TYPE_MAP ? value->count : 0;
}

const sio_value *sio_value_at(const sio_value *value, size_t index)
{
    if (index >= sio_value_count(value))
        return NULL;
    return value->type == SIO_TYPE_MAP ? &value->as.items[2 * index + 1] : &value->as.items[index];
}

const sio_value *sio_value_key(const sio_value *value, size_t index)
{
    if (sio_value_type(value) != SIO_TYPE_MAP || index >= value->count)
        return NULL;
    return &value->as.items[2 * index];
}

const sio_value *sio_value_get(const sio_value *value, const char *key)
{
    if (sio_value_type(value) != SIO_TYPE_MAP)
        return NULL;
    sio_str wanted = sio_str_from(key);
    for (size_t i = value->count; i > 0; i--) {
        const sio_value *entry = &value->as.items[2 * (i - 1)];
        if (sio_str_equal((sio_str){ entry->as.text, entry->count }, wanted))
            return entry + 1;
    }
    return NULL;
}

/* ---- constructors ---- */

sio_value sio_value_of_string(sio_str text)
{
    assert(text.len < SIO_LIMIT_LENGTH);
    return (sio_value){ .type = SIO_TYPE_STRING,
                        .count = (uint32_t)text.len,
                        .as.text = text.data ? text.data : "" };
}

sio_value sio_value_of_binary(const void *bytes, size_t len)
{
    assert(len < SIO_LIMIT_LENGTH);
    return (sio_value){ .type = SIO_TYPE_BINARY,
                        .binary = true,
                        .count = (uint32_t)len,
                        .as.bytes = bytes ? bytes : "" };
}

sio_value sio_value_of_int(int64_t integer)
{
    return (sio_value){ .type = SIO_TYPE_INT, .as.integer = integer };
}

sio_value sio_value_of_double(double number)
{
    /* cppcheck-suppress incorrectLogicOperator ; it does not read hexadecimal powers */
    if (number >= -0x1p63 && number < 0x1p63 && number == (double)(int64_t)number)
        return sio_value_of_int((int64_t)number);
    if (number >= 0x1p63 && number < 0x1p64)
        return (sio_value){ .type = SIO_TYPE_UINT, .as.uinteger = (uint64_t)number };
    return (sio_value){ .type = SIO_TYPE_DOUBLE, .as.number = number };
}

/* `count` items or entries, which are `values` values. */
static sio_value container(sio_type type, const sio_value *items, size_t count, size_t values)
{
    assert(values < SIO_LIMIT_LENGTH);
    sio_value result = {
        .type = (uint8_t)type, .depth = 1, .count = (uint32_t)count, .as.items = items
    };
    for (size_t i = 0; i < values; i++) {
        result.binary |= items[i].binary;
        if (items[i].depth >= result.depth)
            result.depth = items[i].depth < UINT8_MAX ? items[i].depth + 1 : UINT8_MAX;
    }
    return result;
}

sio_value sio_value_of_array(const sio_value *items, size_t count)
{
    return container(SIO_TYPE_ARRAY, items, count, count);
}

sio_value sio_value_of_map(const sio_value *items, size_t count)
{
    return container(SIO_TYPE_MAP, items, count, 2 * count);
}

size_t sio_value_attachments(const sio_value *value)
{
    if (!value->binary)
        return 0;
    if (value->type == SIO_TYPE_BINARY)
        return 1;
    size_t values = value->type == SIO_TYPE_MAP ? 2 * (size_t)value->count : value->count;
    size_t count = 0;
    for (size_t i = 0; i < values; i++)
        count += sio_value_attachments(&value->as.items[i]);
    return count;
}
