/* MessagePack: skipping agrees with reading; what was read is written as bytes that read, and are
 * written, the same; and as JSON that is JSON. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

static void check_skip(sio_str bytes, int err, size_t used)
{
    size_t skipped;
    const int result = sio_msgpack_skip(bytes.data, bytes.len, &skipped);
    FUZZ_CHECK(result == 0 || result == SIO_EPARSE);
    if (err == 0)
        FUZZ_CHECK(result == 0 && skipped == used);
    if (result == 0)
        FUZZ_CHECK(skipped > 0 && skipped <= bytes.len);
}

typedef void writer(sio_buf *out, const sio_value *value);

static void check_again(sio_arena *arena, const sio_value *value, writer *write)
{
    sio_buf first = { 0 }, second = { 0 };
    sio_value again;
    size_t used;
    write(&first, value);
    FUZZ_CHECK(first.err == 0);
    char *copy = fuzz_copy((sio_str){ first.data, first.len });
    FUZZ_CHECK(sio_msgpack_read(arena, &again, copy, first.len, &used) == 0 && used == first.len);
    if (fuzz_json_is_exact(value)) /* neither undefined nor NaN, which equal nothing */
        FUZZ_CHECK(sio_value_equal(value, &again));
    write(&second, &again);
    FUZZ_CHECK(
        sio_str_equal((sio_str){ first.data, first.len }, (sio_str){ second.data, second.len }));
    free(copy);
    sio_buf_free(&first);
    sio_buf_free(&second);
}

static void check_json(sio_arena *arena, const sio_value *value)
{
    sio_buf out = { 0 };
    sio_value again;
    FUZZ_CHECK(sio_json_write(&out, value, NULL) == 0);
    const int err = sio_json_read(arena, &again, out.data, out.len);
    FUZZ_CHECK(err == 0 || (err == SIO_EDEPTH && value->depth + 2 > SIO_LIMIT_DEPTH));
    sio_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = fuzz_copy((sio_str){ (const char *)data, size });
    sio_arena arena = { 0 };
    sio_value value;
    size_t used = 0;
    const int err = sio_msgpack_read(&arena, &value, copy, size, &used);
    check_skip((sio_str){ copy, size }, err, used);
    free(copy); /* nothing in the tree may point to it */
    if (err == 0) {
        check_again(&arena, &value, sio_msgpack_write);
        check_again(&arena, &value, sio_msgpack_write_2);
        check_json(&arena, &value);
    }
    sio_arena_free(&arena);
    return 0;
}
