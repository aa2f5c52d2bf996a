/* Messages of the sharded and the streams adapter: what was read is written as what reads the same.
 * Input: the message. */
#include "fuzz.h"

#include <sio/sys/member.h>

static void check_names(const sio_str *a, size_t a_count, const sio_str *b, size_t b_count)
{
    FUZZ_CHECK(a_count == b_count);
    for (size_t i = 0; i < a_count; i++)
        FUZZ_CHECK(sio_str_equal(a[i], b[i]));
}

/* Bytes take the message to MessagePack, which says all values as they are; JSON does not. */
static void check_value(const sio_value *a, const sio_value *b)
{
    if (fuzz_json_is_exact(a))
        FUZZ_CHECK(sio_value_equal(a, b));
}

static void check_same(const sio_member_message *a, const sio_member_message *b)
{
    const sio_cluster_request *x = &a->asked, *y = &b->asked;
    FUZZ_CHECK(a->type == b->type && x->op == y->op && a->clients == b->clients);
    FUZZ_CHECK(sio_str_equal(a->uid, b->uid) && sio_str_equal(a->id, b->id));
    FUZZ_CHECK(sio_str_equal(a->nsp, b->nsp) && sio_str_equal(x->nsp, a->nsp));
    check_names(x->rooms, x->rooms_count, y->rooms, y->rooms_count);
    check_names(x->except, x->except_count, y->except, y->except_count);
    check_names(x->targets, x->targets_count, y->targets, y->targets_count);
    FUZZ_CHECK(x->close == y->close && x->timeout_ms == y->timeout_ms);
    check_value(&x->data, &y->data);
    check_value(&a->value, &b->value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sio_arena arena = { 0 };
    sio_buf out = { 0 };
    sio_member_message message, again;
    char *copy = fuzz_copy((sio_str){ (const char *)data, size });
    if (sio_member_read(&message, &arena, (sio_str){ copy, size }) == 0) {
        (void)sio_member_is_private(message.nsp);
        sio_member_write(&out, &message);
        FUZZ_CHECK(out.err == 0);
        char *written = fuzz_copy((sio_str){ out.data, out.len });
        FUZZ_CHECK(sio_member_read(&again, &arena, (sio_str){ written, out.len }) == 0);
        check_same(&message, &again);
        free(written);
    }
    free(copy);
    sio_buf_free(&out);
    sio_arena_free(&arena);
    return 0;
}
