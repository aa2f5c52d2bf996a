#include <hiredis/hiredis.h>
#include <time.h>

#include "emitter.h"

#define DELAY_MIN_MS 25
#define DELAY_MAX_MS 1000

/* Half of it is chance, so that the jobs of many machines do not come all at once. */
static uint32_t jitter(uint32_t ms)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return ms / 2 + (uint32_t)(now.tv_nsec / 1000) % (ms / 2 + 1);
}

/* False: there is no time left. */
static bool wait_a_little(int64_t until, uint32_t *delay)
{
    int64_t left = until - sio_emitter_now_ms(), ms = jitter(*delay);

    if (left <= 0)
        return false;
    if (ms > left)
        ms = left;
    *delay = *delay < DELAY_MAX_MS / 2 ? *delay * 2 : DELAY_MAX_MS;
    const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    nanosleep(&time, NULL);
    return true;
}

/* A later attempt may do better, and does nothing twice. */
static bool may_pass(const sio_emitter *emitter, int err)
{
    return ((err == SIO_ECONNECT || err == SIO_ETIMEOUT) && !emitter->unsure) || emitter->passing;
}

static int connect_once(sio_emitter *emitter)
{
    emitter->passing = false;
    int err = sio_emitter_connect(emitter);
    emitter->unsure = false; /* greetings do nothing */
    return err;
}

int sio_emitter_reach(sio_emitter *emitter, int64_t until)
{
    uint32_t delay = DELAY_MIN_MS;
    int err;

    do
        err = connect_once(emitter);
    while (err && may_pass(emitter, err) && wait_a_little(until, &delay));
    return err;
}

static int attempt(sio_emitter *emitter, const sio_str *words, size_t count, redisReply **out)
{
    int err = sio_emitter_connected(emitter) ? sio_emitter_exchange(emitter, words, count, out)
                                             : SIO_ECLOSED;

    if (err == SIO_ECLOSED) {
        err = connect_once(emitter);
        if (!err)
            err = sio_emitter_exchange(emitter, words, count, out);
    }
    return err == SIO_ECLOSED ? SIO_ECONNECT : err;
}

int sio_emitter_execute(sio_emitter *emitter, const sio_str *words, size_t count, redisReply **out)
{
    const int64_t until = sio_emitter_now_ms() + emitter->retry_ms;
    uint32_t delay = DELAY_MIN_MS;
    int err;

    sio_emitter_own(emitter);
    do
        err = attempt(emitter, words, count, out);
    while (err && may_pass(emitter, err) && wait_a_little(until, &delay));
    if (!err)
        emitter->error[0] = '\0';
    return err;
}
