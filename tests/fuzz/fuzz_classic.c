/* Requests and responses of the classic adapter: what was read is written as what reads the same.
 * Input: the message. */
#include "fuzz.h"

#include <sio/sys/classic.h>

static void check_names(const sio_str *a, size_t a_count, const sio_str *b, size_t b_count)
{
    FUZZ_CHECK(a_count == b_count);
    for (size_t i = 0; i < a_count; i++)
        FUZZ_CHECK(sio_str_equal(a[i], b[i]));
}

static void check_same_request(const sio_classic_request *a, const sio_classic_request *b)
{
    const sio_cluster_request *x = &a->asked, *y = &b->asked;
    FUZZ_CHECK(a->type == b->type && a->single == b->single && x->op == y->op);
    FUZZ_CHECK(sio_str_equal(a->uid, b->uid) && sio_str_equal(a->id, b->id));
    FUZZ_CHECK(sio_str_equal(x->nsp, y->nsp));
    check_names(x->rooms, x->rooms_count, y->rooms, y->rooms_count);
    check_names(x->except, x->except_count, y->except, y->except_count);
    check_names(x->targets, x->targets_count, y->targets, y->targets_count);
    FUZZ_CHECK(x->close == y->close && x->timeout_ms == y->timeout_ms);
    FUZZ_CHECK(x->data.type == y->data.type);
    if (fuzz_json_is_exact(&x->data))
        FUZZ_CHECK(sio_value_equal(&x->data, &y->data));
}

static void check_request(sio_str bytes)
{
    sio_arena arena = { 0 };
    sio_buf out = { 0 };
    sio_classic_request request, again;
    if (sio_classic_request_read(&request, &arena, bytes) == 0 &&
        (!request.single || request.type == SIO_CLASSIC_DISCONNECT ||
         request.asked.targets_count == 1)) {
        sio_classic_request_write(&out, &request);
        FUZZ_CHECK(out.err == 0);
        char *copy = fuzz_copy((sio_str){ out.data, out.len });
        FUZZ_CHECK(sio_classic_request_read(&again, &arena, (sio_str){ copy, out.len }) == 0);
        check_same_request(&request, &again);
        free(copy);
    }
    sio_buf_free(&out);
    sio_arena_free(&arena);
}

static void check_answer(sio_arena *arena, const sio_value *fields, sio_classic_type question)
{
    sio_classic_response response, again;
    sio_value fields_again;
    sio_str id;
    sio_buf out = { 0 };
    if (sio_classic_response_read(&response, fields, question))
        return;
    sio_classic_response_write(&out, &response);
    FUZZ_CHECK(out.err == 0);
    char *copy = fuzz_copy((sio_str){ out.data, out.len });
    FUZZ_CHECK(sio_classic_response_find(&fields_again, &id, arena, (sio_str){ copy, out.len }) ==
               0);
    FUZZ_CHECK(sio_classic_response_read(&again, &fields_again, question) == 0);
    FUZZ_CHECK(response.type == again.type && response.clients == again.clients);
    FUZZ_CHECK(sio_str_equal(response.id, again.id));
    if (fuzz_json_is_exact(response.value))
        FUZZ_CHECK(sio_value_equal(response.value, again.value));
    free(copy);
    sio_buf_free(&out);
}

static void check_response(sio_str bytes)
{
    sio_arena arena = { 0 };
    sio_value fields;
    sio_str id;
    if (sio_classic_response_find(&fields, &id, &arena, bytes) == 0)
        for (int question = SIO_CLASSIC_SOCKETS; question <= SIO_CLASSIC_BROADCAST; question++)
            check_answer(&arena, &fields, (sio_classic_type)question);
    sio_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_str bytes = { (const char *)data, size };
    char *copy = fuzz_copy(bytes);
    check_request((sio_str){ copy, size });
    check_response((sio_str){ copy, size });
    free(copy);
    return 0;
}
