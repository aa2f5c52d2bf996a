/* Sessions that are kept in Redis: what was read is written as what reads the same. Input: the
 * MessagePack or JSON that is kept in base64. */
#include "fuzz.h"

#include <sio/sys/kept.h>
#include <sio/sys/text.h>

static void check_same(const sio_session *a, const sio_session *b)
{
    FUZZ_CHECK(sio_str_equal(a->sid, b->sid) && sio_str_equal(a->pid, b->pid));
    FUZZ_CHECK(sio_str_equal(a->nsp, b->nsp) && a->rooms_count == b->rooms_count);
    for (size_t i = 0; i < a->rooms_count; i++)
        FUZZ_CHECK(sio_str_equal(a->rooms[i], b->rooms[i]));
    if (fuzz_json_is_exact(&a->data))
        FUZZ_CHECK(sio_value_equal(&a->data, &b->data));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_arena arena = { 0 };
    sio_buf out = { 0 };
    sio_session session, again;
    const size_t len = sio_base64_encoded_size(size);
    char *text = malloc(len ? len : 1);
    FUZZ_CHECK(text);
    sio_base64_encode(text, data, size);
    if (sio_kept_read(&session, &arena, (sio_str){ text, len }) == 0) {
        sio_kept_write(&out, &session);
        FUZZ_CHECK(out.err == 0);
        FUZZ_CHECK(sio_kept_read(&again, &arena, (sio_str){ out.data, out.len }) == 0);
        check_same(&session, &again);
    }
    free(text);
    sio_buf_free(&out);
    sio_arena_free(&arena);
    return 0;
}
