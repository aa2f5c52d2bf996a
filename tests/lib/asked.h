/* What a request asks, whichever adapter's message it was read from. */
#ifndef SIO_TESTS_ASKED_H
#define SIO_TESTS_ASKED_H

#include <sio/sys/request.h>

#include "check.h"

static inline void assert_names(const sio_str *a, size_t a_count, const sio_str *b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++)
        assert_true(sio_str_equal(a[i], b[i]));
}

static inline void assert_asked(const sio_cluster_request *got, const sio_cluster_request *expected)
{
    assert_int_equal(got->op, expected->op);
    assert_true(sio_str_equal(got->nsp, expected->nsp));
    assert_names(got->rooms, got->rooms_count, expected->rooms, expected->rooms_count);
    assert_names(got->except, got->except_count, expected->except, expected->except_count);
    assert_names(got->targets, got->targets_count, expected->targets, expected->targets_count);
    assert_int_equal(got->close, expected->close);
    assert_int_equal(got->flags.present, expected->flags.present);
    assert_int_equal(got->flags.is_volatile, expected->flags.is_volatile);
    assert_int_equal(got->flags.no_compress, expected->flags.no_compress);
    assert_int_equal(got->timeout_ms, expected->timeout_ms);
}

#endif
