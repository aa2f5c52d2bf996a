/* What the core asks of its surroundings: time, randomness, the process. The loop and its timers
 * are in loop.c. */
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include <sio/err.h>

#include "net/process.h"

int sio_net_random(void *out, size_t len)
{
    char *at = out;
    while (len > 0) {
        ssize_t count = getrandom(at, len, 0);
        if (count < 0 && errno != EINTR)
            return SIO_ESYSTEM;
        if (count > 0) {
            at += count;
            len -= (size_t)count;
        }
    }
    return 0;
}

/* It worked when the server was made, and it does not stop working. Ids that can be guessed would
 * be worse than no process. */
static void net_random(void *data, void *out, size_t len)
{
    (void)data;
    if (sio_net_random(out, len))
        abort();
}

static uint64_t net_clock(void *data)
{
    const sio_net *net = data;
    return uv_now(net->loop);
}

static void net_settle(void *data)
{
    sio_volley_fire(data);
}

static int64_t net_wall(void *data)
{
    uv_timeval64_t now;
    (void)data;
    uv_gettimeofday(&now);
    return now.tv_sec * 1000000 + now.tv_usec;
}

static void net_traffic(const void *data, uint64_t *in, uint64_t *out)
{
    const sio_net *net = data;
    *in = net->bytes_in;
    *out = net->bytes_out;
}

/* It began once: were that computed anew each time, it would change by microseconds. */
static void net_process(void *data, sio_process *out)
{
    sio_net *net = data;
    if (net->watch.start_s == 0)
        net->watch.start_s = sio_process_start();
    sio_process_read(out);
    out->start_s = net->watch.start_s;
}

const sio_net_ops sio_net_ops_uv = {
    .wake = sio_net_wake,
    .arm = sio_net_arm_core,
    .random = net_random,
    .now = net_clock,
    .settle = net_settle,
    .wall = net_wall,
    .traffic = net_traffic,
    .process = net_process,
};
