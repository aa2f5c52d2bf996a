#include <sio/sys/value.h>

#include <string.h>

static bool is_number(const sio_value *value)
{
    return value->type == SIO_TYPE_INT || value->type == SIO_TYPE_UINT ||
           value->type == SIO_TYPE_DOUBLE;
}

/* Both as sign and magnitude, so that no integer is rounded to a double on the way. */
static bool integer_of(const sio_value *value, bool *negative, uint64_t *magnitude)
{
    double number = value->as.number;
    *negative = value->type == SIO_TYPE_DOUBLE
                    ? number < 0
                    : value->type == SIO_TYPE_INT && value->as.integer < 0;
    if (value->type == SIO_TYPE_DOUBLE) {
        double size = *negative ? -number : number;
        *magnitude = size < 0x1p64 ? (uint64_t)size : 0;
        return size < 0x1p64 && (double)*magnitude == size;
    }
    *magnitude = *negative ? 0 - value->as.uinteger : value->as.uinteger;
    return true;
}

static bool equal_numbers(const sio_value *a, const sio_value *b)
{
    if (a->type == SIO_TYPE_DOUBLE && b->type == SIO_TYPE_DOUBLE)
        return a->as.number == b->as.number;
    bool a_negative, b_negative;
    uint64_t a_magnitude, b_magnitude;
    return integer_of(a, &a_negative, &a_magnitude) && integer_of(b, &b_negative, &b_magnitude) &&
           a_negative == b_negative && a_magnitude == b_magnitude;
}

static sio_str text_of(const sio_value *value)
{
    return (sio_str){ value->as.text, value->count };
}

/* Keys of maps that come from peers may hold a NUL, so sio_value_get would not find them. */
static const sio_value *find(const sio_value *map, sio_str key)
{
    for (size_t i = map->count; i > 0; i--)
        if (sio_str_equal(text_of(&map->as.items[2 * i - 2]), key))
            return &map->as.items[2 * i - 1];
    return NULL;
}

/* Of a key that comes twice only the entry that counts is compared: comparing it once for each
 * would double the work at every level of a nested map. */
static bool includes(const sio_value *map, const sio_value *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        const sio_value *key = &entries->as.items[2 * i], *entry = key + 1;
        if (find(entries, text_of(key)) == entry &&
            !sio_value_equal(find(map, text_of(key)), entry))
            return false;
    }
    return true;
}

static bool names_no_other(const sio_value *map, const sio_value *entries)
{
    for (size_t i = 0; i < map->count; i++) {
        sio_str key = text_of(&map->as.items[2 * i]);
        if (!find(entries, key) && find(map, key)->type != SIO_TYPE_UNDEFINED)
            return false;
    }
    return true;
}

static bool equal_arrays(const sio_value *a, const sio_value *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!sio_value_equal(&a->as.items[i], &b->as.items[i]))
            return false;
    return true;
}

bool sio_value_equal(const sio_value *a, const sio_value *b)
{
    if (sio_value_type(a) == SIO_TYPE_UNDEFINED || sio_value_type(b) == SIO_TYPE_UNDEFINED)
        return sio_value_type(a) == sio_value_type(b);
    if (is_number(a) && is_number(b))
        return equal_numbers(a, b);
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case SIO_TYPE_BOOL:
        return a->as.boolean == b->as.boolean;
    case SIO_TYPE_DATE:
        return a->as.integer == b->as.integer;
    case SIO_TYPE_STRING:
    case SIO_TYPE_BINARY:
        return sio_str_equal(text_of(a), text_of(b));
    case SIO_TYPE_ARRAY:
        return equal_arrays(a, b);
    case SIO_TYPE_MAP:
        return includes(a, b) && names_no_other(a, b);
    default:
        return true; /* null */
    }
}
