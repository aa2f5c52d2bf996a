/* What is measured by looking now and then. */
#include <sio/metrics.h>

#include "core/histogram.h"
#include "net/loop.h"

#define INTERVAL_NS (SIO_LIMIT_SAMPLE_MS * UINT64_C(1000000))

static void probe(const sio_net *net)
{
    sio_adapter *adapter = net->server->adapter;
    if (adapter && adapter->ops->probe && net->server->cluster_state == SIO_CLUSTER_READY)
        adapter->ops->probe(adapter);
}

/* The loop's own clock, in milliseconds and as old as the turn, is too coarse for it. */
static void on_sample(uv_timer_t *timer)
{
    sio_net *net = timer->data;
    const uint64_t now = uv_hrtime(), due = net->watch.due_ns;
    sio_net_now(net);
    if (!net->server)
        return;
    sio_histogram_add_late(&net->server->loop_delay, now > due ? now - due : 0, INTERVAL_NS);
    net->watch.due_ns = now + INTERVAL_NS;
    if (net->watch.until_probe-- > 0)
        return;
    net->watch.until_probe = SIO_LIMIT_PROBE_MS / SIO_LIMIT_SAMPLE_MS - 1;
    probe(net);
}

void sio_server_measure(sio_server *server)
{
    sio_net *net = server->net;
    if (net->watch.due_ns || net->closing)
        return;
    net->watch.due_ns = uv_hrtime() + INTERVAL_NS;
    uv_update_time(net->loop);
    uv_timer_start(&net->watch.sampler, on_sample, SIO_LIMIT_SAMPLE_MS, SIO_LIMIT_SAMPLE_MS);
}
