/* Arguments of sio-emit: whatever the shell hands over is a value that can be sent, or a sentence
 * that says why not. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "argument.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string((sio_str){ (const char *)data, size });
    sio_arena arena = { 0 };
    sio_value value, again;
    sio_buf out = { 0 };
    emit_error error = { .text = "" };
    const int err = emit_argument_guess(&arena, &value, text, 1, &error);
    FUZZ_CHECK(err == 0 || (*error.text && memchr(error.text, '\0', sizeof error.text)));
    if (err == 0) {
        FUZZ_CHECK(value.depth <= SIO_LIMIT_DEPTH);
        sio_msgpack_write(&out, &value);
        FUZZ_CHECK(sio_msgpack_read(&arena, &again, out.data, out.len, NULL) == 0);
        FUZZ_CHECK(sio_value_equal(&value, &again));
    }
    sio_buf_free(&out);
    sio_arena_free(&arena);
    free(text);
    return 0;
}
