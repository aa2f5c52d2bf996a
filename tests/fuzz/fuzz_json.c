/* JSON: what was read is written as text that reads, and is written, the same. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/text.h>

static int read_copy(sio_arena *arena, sio_value *out, sio_str text)
{
    char *copy = fuzz_copy(text);
    const int err = sio_json_read(arena, out, copy, text.len);
    free(copy);
    FUZZ_CHECK(err == 0 || err == SIO_EPARSE || err == SIO_EDEPTH);
    return err;
}

/* The application's way to and from JSON says the same. */
static void check_public(sio_str text, sio_str written)
{
    sio_value *value, *copy;
    char *out;
    size_t len;
    FUZZ_CHECK(sio_value_from_json(&value, text.data, text.len) == 0);
    FUZZ_CHECK(sio_value_copy(&copy, value) == 0);
    sio_value_free(value);
    FUZZ_CHECK(sio_value_to_json(copy, &out, &len) == 0);
    FUZZ_CHECK(sio_str_equal(written, (sio_str){ out, len }) && out[len] == '\0');
    sio_value_free(copy);
    sio_free(out);
}

static void check_again(sio_arena *arena, const sio_value *value, sio_str written)
{
    sio_value again;
    sio_buf out = { 0 };
    FUZZ_CHECK(sio_utf8_valid(written.data, written.len));
    FUZZ_CHECK(read_copy(arena, &again, written) == 0);
    if (fuzz_json_is_exact(value))
        FUZZ_CHECK(sio_value_equal(value, &again) && sio_value_equal(&again, value));
    FUZZ_CHECK(sio_json_write(&out, &again, NULL) == 0);
    FUZZ_CHECK(sio_str_equal(written, (sio_str){ out.data, out.len }));
    sio_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_str text = { (const char *)data, size };
    sio_arena arena = { 0 };
    sio_value value;
    sio_buf out = { 0 };
    if (read_copy(&arena, &value, text) == 0) {
        FUZZ_CHECK(value.depth <= SIO_LIMIT_DEPTH && !value.binary);
        FUZZ_CHECK(sio_json_write(&out, &value, NULL) == 0);
        const sio_str written = { out.data, out.len };
        check_again(&arena, &value, written);
        check_public(text, written);
    }
    sio_buf_free(&out);
    sio_arena_free(&arena);
    return 0;
}
