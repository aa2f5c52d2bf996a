/* A loop that runs until something is so. */
#ifndef SIO_TESTS_AWAIT_H
#define SIO_TESTS_AWAIT_H

#include <stdbool.h>

#include <uv.h>

#include "check.h"

static uv_loop_t loop;
static uv_timer_t guard;
static bool timed_out;

static void on_guard(uv_timer_t *timer)
{
    (void)timer;
    timed_out = true;
}

/* Runs the loop until it is so; an event that does not come fails the test. */
#define GUARD_MS 60000 /* reached by a failure only */
#define AWAIT(condition)                                                                           \
    do {                                                                                           \
        timed_out = false;                                                                         \
        uv_timer_start(&guard, on_guard, GUARD_MS, 0);                                             \
        while (!(condition) && !timed_out)                                                         \
            uv_run(&loop, UV_RUN_ONCE);                                                            \
        uv_timer_stop(&guard);                                                                     \
        assert_true(condition);                                                                    \
    } while (0)

static inline void await_open(void)
{
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_timer_init(&loop, &guard), 0);
}

/* Not 0: a handle of what was tested is left in the loop. */
static inline int await_close(void)
{
    uv_close((uv_handle_t *)&guard, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop);
}

#endif
