#include "check.h"

#include "core/deadline.h"

static void ends_come_in_order(void **state)
{
    (void)state;
    sio_deadlines queue;
    sio_deadline deadlines[3] = { 0 };
    sio_deadlines_init(&queue, 100);
    assert_true(sio_deadlines_next(&queue) == UINT64_MAX);
    assert_null(sio_deadlines_pop(&queue, UINT64_MAX));
    for (uint64_t i = 0; i < 3; i++)
        sio_deadline_set(&queue, &deadlines[i], 10 * i);
    assert_int_equal(sio_deadlines_next(&queue), 100);
    assert_null(sio_deadlines_pop(&queue, 99));
    assert_ptr_equal(sio_deadlines_pop(&queue, 115), &deadlines[0]);
    assert_false(sio_deadline_is_set(&deadlines[0]));
    assert_ptr_equal(sio_deadlines_pop(&queue, 115), &deadlines[1]);
    assert_null(sio_deadlines_pop(&queue, 115));
    assert_int_equal(sio_deadlines_next(&queue), 120);
}

static void setting_again_moves(void **state)
{
    (void)state;
    sio_deadlines queue, other;
    sio_deadline first = { 0 }, second = { 0 };
    sio_deadlines_init(&queue, 100);
    sio_deadlines_init(&other, 5);
    sio_deadline_set(&queue, &first, 0);
    sio_deadline_set(&queue, &second, 1);
    sio_deadline_set(&queue, &first, 2);
    assert_int_equal(sio_deadlines_next(&queue), 101);
    assert_ptr_equal(sio_deadlines_pop(&queue, 200), &second);
    sio_deadline_set(&other, &first, 2);
    assert_true(sio_deadlines_next(&queue) == UINT64_MAX);
    assert_int_equal(sio_deadlines_next(&other), 7);
}

static void cancelling_is_always_allowed(void **state)
{
    (void)state;
    sio_deadlines queue;
    sio_deadline deadline = { 0 };
    sio_deadlines_init(&queue, 100);
    sio_deadline_cancel(&deadline);
    sio_deadline_set(&queue, &deadline, 0);
    assert_true(sio_deadline_is_set(&deadline));
    sio_deadline_cancel(&deadline);
    sio_deadline_cancel(&deadline);
    assert_false(sio_deadline_is_set(&deadline));
    assert_null(sio_deadlines_pop(&queue, UINT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_come_in_order),
        cmocka_unit_test(setting_again_moves),
        cmocka_unit_test(cancelling_is_always_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
