#include "check.h"

#include "core/timers.h"

#define COUNT 200

static uint64_t seed = 1;

static uint64_t pick(uint64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
}

static uint64_t earliest(const sio_timer *timers)
{
    uint64_t due = UINT64_MAX;
    for (int i = 0; i < COUNT; i++)
        if (timers[i].place && timers[i].due < due)
            due = timers[i].due;
    return due;
}

/* Against the plain search for the earliest. */
static void agrees_with_a_list(void **state)
{
    (void)state;
    sio_timers heap = { 0 };
    sio_timer timers[COUNT] = { 0 };
    uint64_t now = 0;
    for (int step = 0; step < 20000; step++) {
        sio_timer *timer = &timers[pick(COUNT)];
        if (timer->place && pick(2))
            sio_timers_cancel(&heap, timer);
        else if (!timer->place)
            assert_int_equal(sio_timers_set(&heap, timer, now + 1 + pick(1000)), 0);
        assert_true(sio_timers_next(&heap) == earliest(timers));
        if (pick(4) == 0)
            now += pick(20);
        sio_timer *popped;
        while ((popped = sio_timers_pop(&heap, now))) {
            assert_true(popped->due <= now);
            assert_int_equal(popped->place, 0);
        }
        assert_true(earliest(timers) > now);
    }
    while (sio_timers_pop(&heap, UINT64_MAX - 1))
        ;
    assert_int_equal(heap.count, 0);
    sio_timers_free(&heap);
}

static void the_first_comes_first(void **state)
{
    (void)state;
    sio_timers heap = { 0 };
    sio_timer timers[COUNT] = { 0 };
    for (uint64_t i = 0; i < COUNT; i++)
        assert_int_equal(sio_timers_set(&heap, &timers[i], (i * 37) % COUNT), 0);
    for (uint64_t i = 0; i < COUNT; i++)
        assert_int_equal(sio_timers_pop(&heap, COUNT)->due, i);
    assert_null(sio_timers_pop(&heap, COUNT));
    assert_true(sio_timers_next(&heap) == UINT64_MAX);
    sio_timers_cancel(&heap, &timers[0]);
    sio_timers_free(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_list),
        cmocka_unit_test(the_first_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
