/* When hearing rooms is better than hearing a pattern, and when no more. */
#include <sio/sys/limits.h>

#include "check.h"
#include "cluster/balance.h"

/* A window with so many messages, of which so many are for nobody, and so many changes. */
static bool window(sio_balance *balance, bool by_rooms, unsigned arrived, unsigned idle,
                   unsigned changes)
{
    uint64_t begin = balance->since;
    assert_int_equal(sio_balance_judge(balance, by_rooms, begin), by_rooms);
    for (unsigned i = 0; i < arrived; i++)
        sio_balance_arrived(balance, i < idle);
    for (unsigned i = 0; i < changes; i++)
        sio_balance_changed(balance);
    assert_int_equal(sio_balance_judge(balance, by_rooms, begin + SIO_LIMIT_BALANCE_WINDOW_MS - 1),
                     by_rooms);
    return sio_balance_judge(balance, by_rooms, begin + SIO_LIMIT_BALANCE_WINDOW_MS);
}

static void rooms_when_most_is_for_nobody(void **state)
{
    (void)state;
    sio_balance balance = { 0 };
    assert_false(window(&balance, false, 1000, 749, 0));
    assert_true(window(&balance, false, 1000, 750, 0));
    assert_false(window(&balance, false, SIO_LIMIT_BALANCE_LEAST - 1, SIO_LIMIT_BALANCE_LEAST - 1,
                        0)); /* too few to matter */
    assert_false(window(&balance, false, 0, 0, 0));
}

static void changes_cost(void **state)
{
    (void)state;
    sio_balance balance = { 0 };
    assert_false(window(&balance, false, 1000, 1000, 501));
    assert_true(window(&balance, false, 1000, 1000, 500));
}

/* What changed for rooms at 1,000 spared messages goes back at more than 2,000 changes. */
static void the_way_back_is_longer(void **state)
{
    (void)state;
    sio_balance balance = { 0 };
    assert_true(window(&balance, false, 1000, 1000, 500));
    assert_true(window(&balance, true, 10, 0, 501));
    assert_true(window(&balance, true, 10, 0, 2000));
    assert_true(window(&balance, true, 0, 0, 0));
    assert_false(window(&balance, true, 10, 0, 2001));
    assert_false(window(&balance, false, 1000, 1000, 2000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms_when_most_is_for_nobody),
        cmocka_unit_test(changes_cost),
        cmocka_unit_test(the_way_back_is_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
