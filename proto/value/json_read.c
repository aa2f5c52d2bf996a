#include "value/owned.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

static int convert(sio_arena *arena, sio_value *out, yyjson_val *node, unsigned levels);

/* ---- yyjson allocates in the arena: our strings stay where it has unescaped them ---- */

static void *arena_malloc(void *arena, size_t size)
{
    return sio_arena_alloc(arena, size);
}

static void *arena_realloc(void *arena, void *memory, size_t old_size, size_t size)
{
    void *larger = sio_arena_alloc(arena, size);
    if (larger)
        memcpy(larger, memory, old_size < size ? old_size : size);
    return larger;
}

static void arena_free(void *arena, void *memory)
{
    (void)arena, (void)memory;
}

/* ---- numbers ---- */

/* What fits neither 64 bits nor a finite double comes as its text: an integer of more digits, or a
 * power of ten that JavaScript reads as infinite. */
static double read_big_number(const char *text, size_t len)
{
    char digits[DBL_MAX_10_EXP + 3]; /* with more it is infinite anyway */
    double infinite = *text == '-' ? -HUGE_VAL : HUGE_VAL;
    if (len >= sizeof digits || memchr(text, '.', len) || memchr(text, 'e', len) ||
        memchr(text, 'E', len))
        return infinite;
    memcpy(digits, text, len);
    digits[len] = '\0';
    return strtod(digits, NULL);
}

static sio_value number_of(yyjson_val *node)
{
    if (yyjson_is_sint(node))
        return sio_value_of_int(yyjson_get_sint(node));
    if (yyjson_is_real(node))
        return sio_value_of_double(yyjson_get_real(node));
    uint64_t integer = yyjson_get_uint(node);
    if (integer <= INT64_MAX)
        return sio_value_of_int((int64_t)integer);
    return (sio_value){ .type = SIO_TYPE_UINT, .as.uinteger = integer };
}

/* ---- trees ---- */

static sio_value string_of(yyjson_val *node)
{
    return sio_value_of_string((sio_str){ yyjson_get_str(node), yyjson_get_len(node) });
}

static int convert_array(sio_arena *arena, sio_value *out, yyjson_val *node, unsigned levels)
{
    sio_value *items = sio_arena_alloc(arena, yyjson_arr_size(node) * sizeof *items);
    if (!items)
        return SIO_ENOMEM;
    size_t index, count;
    yyjson_val *item;
    yyjson_arr_foreach(node, index, count, item)
    {
        int err = convert(arena, &items[index], item, levels);
        if (err)
            return err;
    }
    *out = sio_value_of_array(items, yyjson_arr_size(node));
    return 0;
}

static int convert_map(sio_arena *arena, sio_value *out, yyjson_val *node, unsigned levels)
{
    sio_value *items = sio_arena_alloc(arena, 2 * yyjson_obj_size(node) * sizeof *items);
    if (!items)
        return SIO_ENOMEM;
    size_t index, count;
    yyjson_val *key, *entry;
    yyjson_obj_foreach(node, index, count, key, entry)
    {
        items[2 * index] = string_of(key);
        int err = convert(arena, &items[2 * index + 1], entry, levels);
        if (err)
            return err;
    }
    *out = sio_value_of_map(items, yyjson_obj_size(node));
    return 0;
}

static int convert(sio_arena *arena, sio_value *out, yyjson_val *node, unsigned levels)
{
    switch (yyjson_get_type(node)) {
    case YYJSON_TYPE_ARR:
        return levels > 0 ? convert_array(arena, out, node, levels - 1) : SIO_EDEPTH;
    case YYJSON_TYPE_OBJ:
        return levels > 0 ? convert_map(arena, out, node, levels - 1) : SIO_EDEPTH;
    case YYJSON_TYPE_STR:
        *out = string_of(node);
        break;
    case YYJSON_TYPE_NUM:
        *out = number_of(node);
        break;
    case YYJSON_TYPE_RAW:
        *out = sio_value_of_double(read_big_number(yyjson_get_raw(node), yyjson_get_len(node)));
        break;
    case YYJSON_TYPE_BOOL:
        *out = (sio_value){ .type = SIO_TYPE_BOOL, .as.boolean = yyjson_get_bool(node) };
        break;
    default:
        *out = sio_value_null();
    }
    return 0;
}

/* `levels`: of arrays and maps at most. */
static int read_document(sio_arena *arena, sio_value *out, sio_str text, unsigned levels)
{
    if (text.len >= SIO_LIMIT_LENGTH)
        return SIO_ELIMIT;
    const yyjson_alc alc = { arena_malloc, arena_realloc, arena_free, arena };
    yyjson_read_err failure = { 0 };
    /* without YYJSON_READ_INSITU the text is only read */
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text.data, text.len,
                                       YYJSON_READ_BIGNUM_AS_RAW, &alc, &failure);
    if (!doc)
        return failure.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION ? SIO_ENOMEM : SIO_EPARSE;
    sio_value value;
    int err = convert(arena, &value, yyjson_doc_get_root(doc), levels);
    if (!err)
        *out = value;
    return err;
}

int sio_json_read(sio_arena *arena, sio_value *out, const char *text, size_t len)
{
    return read_document(arena, out, (sio_str){ text, len }, SIO_LIMIT_DEPTH);
}

int sio_json_read_enveloped(sio_arena *arena, sio_value *out, const char *text, size_t len)
{
    return read_document(arena, out, (sio_str){ text, len },
                         SIO_LIMIT_DEPTH + SIO_LIMIT_DEPTH_ENVELOPE);
}

/* Read aside and copied, so that the value owns no more than it needs. */
int sio_value_from_json(sio_value **out, const char *text, size_t length)
{
    sio_owned *owned = sio_owned_new();
    if (!owned)
        return SIO_ENOMEM;
    sio_arena aside = { 0 };
    sio_value value;
    int err = sio_json_read(&aside, &value, text, length);
    if (!err)
        err = sio_value_clone(&owned->arena, &owned->root, &value);
    sio_arena_free(&aside);
    return sio_owned_finish(owned, err, out);
}
