#include "load/pace.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* More often than this it does not wake: what is due by then goes out together. */
#define STEP_NS UINT64_C(50000)

static void on_timer(uv_poll_t *poll, int status, int events)
{
    bench_pace *pace = poll->data;
    uint64_t times;

    (void)status, (void)events;
    if (read(pace->fd, &times, sizeof times) == sizeof times)
        pace->on_due(pace->data);
}

int bench_pace_init(bench_pace *pace, uv_loop_t *loop, uint32_t rate)
{
    pace->interval = 1e9 / rate;
    pace->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (pace->fd < 0)
        return uv_translate_sys_error(errno);
    int err = uv_poll_init(loop, &pace->poll, pace->fd);
    if (err) {
        (void)close(pace->fd);
        pace->fd = -1;
        return err;
    }
    pace->poll.data = pace;
    return uv_poll_start(&pace->poll, UV_READABLE, on_timer);
}

void bench_pace_start(bench_pace *pace)
{
    pace->due = uv_hrtime();
    pace->since = 0;
    bench_pace_arm(pace);
}

void bench_pace_next(bench_pace *pace)
{
    double step = pace->since + pace->interval;

    pace->due += (uint64_t)step;
    pace->since = step - (double)(uint64_t)step;
}

void bench_pace_arm(bench_pace *pace)
{
    uint64_t soonest = uv_hrtime() + STEP_NS;
    uint64_t at = pace->due > soonest ? pace->due : soonest;
    struct itimerspec when = { .it_value = { .tv_sec = (time_t)(at / 1000000000),
                                             .tv_nsec = (long)(at % 1000000000) } };

    (void)timerfd_settime(pace->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void on_close(uv_handle_t *handle)
{
    const bench_pace *pace = handle->data;

    (void)close(pace->fd);
}

void bench_pace_close(bench_pace *pace)
{
    if (pace->fd >= 0)
        uv_close((uv_handle_t *)&pace->poll, on_close);
}
