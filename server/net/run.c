/* A server's way to its end: signals, draining, closing. */
#include <sio/server.h>

#include <sio/err.h>

#include "net/listen.h"
#include "net/loop.h"

/* ---- signals, on a loop of the server's own ---- */

static bool begins_to_drain(const sio_net *net, int number)
{
    return number == SIGTERM && net->drain_on_sigterm && !net->server->departures.running;
}

/* Once it closes, one more signal finds its default action and ends the process. */
static void on_signal(uv_signal_t *handle, int number)
{
    sio_net *net = handle->data;
    const bool drains = begins_to_drain(net, number);
    sio_net_now(net);
    SIO_CORE_LOG(net->server, SIO_LOG_INFO, SIO_LOG_SERVER, "signal %d: %s", number,
                 drains ? "draining" : "closing");
    if (drains && sio_server_drain(net->server, &net->drain) == 0)
        return;
    for (int i = 0; i < 2; i++)
        uv_signal_stop(&net->signals[i]);
    sio_net_close(net);
}

static void watch_signals(sio_net *net)
{
    static const int numbers[2] = { SIGINT, SIGTERM };
    net->signalled = true;
    for (int i = 0; i < 2; i++) {
        uv_signal_init(net->loop, &net->signals[i]);
        net->signals[i].data = net;
        net->handles++;
        uv_signal_start(&net->signals[i], on_signal, numbers[i]);
    }
}

int sio_server_run(sio_server *server)
{
    sio_net *net = server->net;
    if (!net->own_loop || net->running || !sio_net_is_ours(net))
        return SIO_EINVAL;
    if (net->closed)
        return 0;
    net->running = true;
    if (!net->closing)
        watch_signals(net);
    uv_run(net->loop, UV_RUN_DEFAULT);
    net->running = false;
    if (net->orphan)
        sio_net_release(net);
    return 0;
}

/* ---- by the application ---- */

/* Between two polls nothing but the server itself keeps the loop going. */
int sio_server_drain(sio_server *server, const sio_drain_options *options)
{
    sio_net *net = server->net;
    const int err = sio_net_is_ours(net) ? sio_departures_begin(server, options) : SIO_ECLOSED;
    if (err)
        return err;
    if (server->departures.deaf)
        sio_listen_close_all(net, false);
    uv_ref((uv_handle_t *)&net->before_poll);
    return 0;
}

void sio_server_close(sio_server *server)
{
    if (!sio_net_is_ours(server->net))
        return;
    sio_net_now(server->net);
    sio_net_close(server->net);
}
