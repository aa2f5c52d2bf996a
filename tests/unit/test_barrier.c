/* Messages that wait for a marker come out in order, those of passed markers only. */
#include <stdlib.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "check.h"
#include "cluster/barrier.h"

static void keep(sio_barrier *barrier, uint64_t ticket, const char *text)
{
    assert_int_equal(sio_barrier_keep(barrier, ticket, SIO_STR("c"), sio_str_from(text)), 0);
}

static void comes(sio_barrier *barrier, const char *text)
{
    sio_str channel, payload;
    assert_true(sio_barrier_next(barrier, &channel, &payload));
    assert_true(sio_str_equal(channel, SIO_STR("c")));
    assert_true(sio_str_equal(payload, sio_str_from(text)));
}

static void nothing_comes(sio_barrier *barrier)
{
    sio_str channel, payload;
    assert_false(sio_barrier_next(barrier, &channel, &payload));
}

static void tickets(void **state)
{
    (void)state;
    sio_barrier barrier = { 0 };
    assert_int_equal(sio_barrier_ticket(&barrier), 0); /* passed already: nothing is unconfirmed */
    barrier.fresh = true;
    assert_int_equal(sio_barrier_ticket(&barrier), 1);
    barrier = (sio_barrier){ .begun = 1 };
    assert_int_equal(sio_barrier_ticket(&barrier), 1);
    barrier.fresh = true; /* after the marker that is on its way */
    assert_int_equal(sio_barrier_ticket(&barrier), 2);
}

static void in_order_behind_markers(void **state)
{
    (void)state;
    sio_barrier barrier = { 0 };
    keep(&barrier, 1, "a");
    keep(&barrier, 1, "b");
    keep(&barrier, 2, "");
    nothing_comes(&barrier);
    barrier.passed = 1;
    comes(&barrier, "a");
    keep(&barrier, 2, "d"); /* while one is handed out */
    comes(&barrier, "b");
    nothing_comes(&barrier);
    barrier.passed = 2;
    comes(&barrier, "");
    comes(&barrier, "d");
    nothing_comes(&barrier);
    assert_int_equal(barrier.bytes, 0);
    keep(&barrier, 9, "never");
    sio_barrier_free(&barrier);
    assert_int_equal(barrier.bytes, 0);
}

static void what_waits_has_a_limit(void **state)
{
    (void)state;
    sio_barrier barrier = { 0 };
    const size_t len = SIO_LIMIT_REDIS_QUEUE / 2;
    char *bytes = calloc(1, len);
    const sio_str half = { bytes, len };
    assert_int_equal(sio_barrier_keep(&barrier, 1, SIO_STR("c"), half), 0);
    assert_int_equal(sio_barrier_keep(&barrier, 1, SIO_STR("c"), half), SIO_ELIMIT);
    keep(&barrier, 1, "small");
    sio_barrier_free(&barrier);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tickets),
        cmocka_unit_test(in_order_behind_markers),
        cmocka_unit_test(what_waits_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
