#include <sio/sys/value.h>

#include <math.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/text.h>

#define MS_MAX 8.64e15 /* of a Date in JavaScript, either way */

typedef struct reader {
    sio_arena *arena;
    size_t budget; /* values that the input can still hold: each takes a byte at least */
} reader;

/* The items of a container under construction: they are ours, only published as const. */
static sio_value *items_of(const sio_value *container)
{
    return (sio_value *)(uintptr_t)container->as.items;
}

/* ---- leaves ---- */

static int read_repaired(reader *self, const char *text, size_t len, sio_value *out)
{
    size_t size = sio_utf8_repair(NULL, text, len);
    if (size >= SIO_LIMIT_LENGTH)
        return SIO_EPARSE;
    char *copy = sio_arena_alloc(self->arena, size + 1);
    if (!copy)
        return SIO_ENOMEM;
    sio_utf8_repair(copy, text, len);
    copy[size] = '\0';
    *out = sio_value_of_string((sio_str){ copy, size });
    return 0;
}

static int read_text(reader *self, const char *text, size_t len, sio_value *out)
{
    if (!sio_utf8_valid(text, len))
        return read_repaired(self, text, len, out);
    const char *copy = len > 0 ? sio_arena_strndup(self->arena, text, len) : "";
    *out = sio_value_of_string((sio_str){ copy, len });
    return copy ? 0 : SIO_ENOMEM;
}

static int read_bytes(reader *self, const char *bytes, size_t len, sio_value *out)
{
    const char *copy = len > 0 ? sio_arena_strndup(self->arena, bytes, len) : "";
    *out = sio_value_of_binary(copy, len);
    return copy ? 0 : SIO_ENOMEM;
}

/* JavaScript cuts off what is finer than a millisecond, and has no date beyond its range. */
static sio_value date_of(double ms)
{
    if (!(fabs(ms) <= MS_MAX))
        return sio_value_null();
    return (sio_value){ .type = SIO_TYPE_DATE, .as.integer = (int64_t)ms };
}

/* ---- extensions ---- */

static uint64_t big_endian(const char *at, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | (uint8_t)at[i];
    return number;
}

/* Type -1, whose three forms differ in length. Doubles, since notepack counts in them. */
static sio_value timestamp_of(const char *at, size_t len)
{
    if (len == 4)
        return date_of((double)big_endian(at, 4) * 1e3);
    if (len == 8) {
        uint64_t bits = big_endian(at, 8);
        return date_of((double)(bits & 0x3ffffffff) * 1e3 + (double)(bits >> 34) / 1e6);
    }
    int64_t seconds = (int64_t)big_endian(at + 4, 8);
    return date_of((double)seconds * 1e3 + (double)big_endian(at, 4) / 1e6);
}

/* As notepack hands on what it does not know. */
static int read_unknown(reader *self, int8_t type, const char *at, size_t len, sio_value *out)
{
    sio_value *items = sio_arena_alloc(self->arena, 2 * sizeof *items);
    if (!items)
        return SIO_ENOMEM;
    items[0] = sio_value_of_int(type);
    int err = read_bytes(self, at, len, &items[1]);
    if (!err)
        *out = sio_value_of_array(items, 2);
    return err;
}

/* Type 0, which notepack 2 used: with a fixed length for undefined and dates, else for bytes. */
static int read_old(reader *self, const char *at, size_t len, bool fixed, sio_value *out)
{
    if (!fixed)
        return read_bytes(self, at, len, out);
    if (len == 1)
        *out = (sio_value){ .type = SIO_TYPE_UNDEFINED };
    else if (len == 8)
        *out = date_of((double)(int64_t)big_endian(at, 8));
    else
        return read_unknown(self, 0, at, len, out);
    return 0;
}

/* `at` is at the type. The byte before is the first one of a fixed form, or ends the length. */
static int read_extension(reader *self, const char *at, size_t len, sio_value *out)
{
    if (len == 0)
        return SIO_EPARSE;
    int8_t type = (int8_t)at[0];
    uint8_t before = (uint8_t)at[-1];
    at++, len--;
    bool fixed = before >= 0xd4 && before <= 0xd8 && len == (size_t)1 << (before - 0xd4);
    if (type == 0)
        return read_old(self, at, len, fixed, out);
    if (type == -1 && (len == 4 || len == 8 || len == 12)) {
        *out = timestamp_of(at, len);
        return 0;
    }
    return read_unknown(self, type, at, len, out);
}

/* ---- containers ---- */

static int begin(reader *self, sio_type type, size_t count, sio_value *out)
{
    size_t values = type == SIO_TYPE_MAP ? 2 * count : count;
    if (values > self->budget)
        return SIO_EPARSE;
    self->budget -= values;
    sio_value *items = values > 0 ? sio_arena_alloc(self->arena, values * sizeof *items) : NULL;
    if (values > 0 && !items)
        return SIO_ENOMEM;
    *out = (sio_value){ .type = (uint8_t)type, .depth = 1, .as.items = items };
    return 0;
}

static void add(sio_value *container, size_t at, sio_value item)
{
    items_of(container)[at] = item;
    container->binary |= item.binary;
    if (item.depth >= container->depth)
        container->depth = item.depth + 1;
}

/* JavaScript turns any key into text; what is none of these has no text that would be of use. */
static int key_text(reader *self, const sio_value *key, sio_value *out)
{
    char number[SIO_NUMBER_SIZE];
    switch (key->type) {
    case SIO_TYPE_STRING:
        *out = *key;
        return 0;
    case SIO_TYPE_NULL:
        return read_text(self, "null", 4, out);
    case SIO_TYPE_UNDEFINED:
        return read_text(self, "undefined", 9, out);
    case SIO_TYPE_BOOL:
        return read_text(self, key->as.boolean ? "true" : "false", key->as.boolean ? 4 : 5, out);
    case SIO_TYPE_INT:
    case SIO_TYPE_UINT:
    case SIO_TYPE_DOUBLE:
        return read_text(self, number, sio_number_text(number, sio_value_double(key)), out);
    default:
        return SIO_EPARSE;
    }
}

/* ---- msgpack-c's template: it walks the bytes and calls what stands below ---- */

#define DEPTH_MAX (SIO_LIMIT_DEPTH + SIO_LIMIT_DEPTH_ENVELOPE)

#define MSGPACK_EMBED_STACK_SIZE DEPTH_MAX

/* The template's own errors: it knows no memory, only its stack. */
#define MSGPACK_UNPACK_NOMEM_ERROR SIO_EDEPTH
#define MSGPACK_UNPACK_PARSE_ERROR SIO_EPARSE

#define msgpack_unpack_struct(name)    struct template##name
#define msgpack_unpack_func(ret, name) static ret template_##name
#define msgpack_unpack_callback(name)  on##name
#define msgpack_unpack_object          sio_value
#define msgpack_unpack_user            reader

static int on_uint64(reader *self, uint64_t integer, sio_value *out)
{
    (void)self;
    if (integer <= INT64_MAX)
        *out = sio_value_of_int((int64_t)integer);
    else
        *out = (sio_value){ .type = SIO_TYPE_UINT, .as.uinteger = integer };
    return 0;
}

static int on_int64(reader *self, int64_t integer, sio_value *out)
{
    (void)self;
    *out = sio_value_of_int(integer);
    return 0;
}

#define on_uint8  on_uint64
#define on_uint16 on_uint64
#define on_uint32 on_uint64
#define on_int8   on_int64
#define on_int16  on_int64
#define on_int32  on_int64

static int on_double(reader *self, double number, sio_value *out)
{
    (void)self;
    *out = sio_value_of_double(number);
    return 0;
}

#define on_float on_double

static sio_value on_root(reader *self)
{
    (void)self;
    return sio_value_null();
}

static int on_nil(reader *self, sio_value *out)
{
    *out = on_root(self);
    return 0;
}

static int on_true(reader *self, sio_value *out)
{
    (void)self;
    *out = (sio_value){ .type = SIO_TYPE_BOOL, .as.boolean = true };
    return 0;
}

static int on_false(reader *self, sio_value *out)
{
    (void)self;
    *out = (sio_value){ .type = SIO_TYPE_BOOL };
    return 0;
}

static int on_array(reader *self, size_t count, sio_value *out)
{
    return begin(self, SIO_TYPE_ARRAY, count, out);
}

static int on_array_item(reader *self, sio_value *array, sio_value item)
{
    (void)self;
    add(array, array->count, item);
    array->count++;
    return 0;
}

static int on_map(reader *self, size_t count, sio_value *out)
{
    return begin(self, SIO_TYPE_MAP, count, out);
}

static int on_map_item(reader *self, sio_value *map, sio_value key, sio_value value)
{
    sio_value text;
    int err = key_text(self, &key, &text);
    if (err)
        return err;
    size_t at = 2 * (size_t)map->count;
    add(map, at, text);
    add(map, at + 1, value);
    map->count++;
    return 0;
}

static int on_str(reader *self, const char *base, const char *at, size_t len, sio_value *out)
{
    (void)base;
    return read_text(self, at, len, out);
}

static int on_bin(reader *self, const char *base, const char *at, size_t len, sio_value *out)
{
    (void)base;
    return read_bytes(self, at, len, out);
}

static int on_ext(reader *self, const char *base, const char *at, size_t len, sio_value *out)
{
    (void)base;
    return read_extension(self, at, len, out);
}

/* the template has ranges of cases, an extension */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#include <msgpack/unpack_define.h>
#include <msgpack/unpack_template.h>
#pragma GCC diagnostic pop

int sio_msgpack_read(sio_arena *arena, sio_value *out, const void *data, size_t len, size_t *used)
{
    if (len >= SIO_LIMIT_LENGTH)
        return SIO_EPARSE;
    struct template_context context;
    context.user = (reader){ .arena = arena, .budget = len };
    template__init(&context);
    size_t end = 0;
    int result = template__execute(&context, data, len, &end);
    if (result < 0)
        return result;
    if (result == 0)
        return SIO_EPARSE; /* cut off */
    const sio_value value = template__data(&context);
    if (value.depth > DEPTH_MAX) /* the template does not count the array of an extension */
        return SIO_EDEPTH;
    *out = value;
    if (used)
        *used = end;
    return 0;
}
