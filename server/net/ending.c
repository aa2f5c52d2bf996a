/* How a server ends, step by step: connections, the adapter, carriages, handles, and the object. */
#include "net/loop.h"

#include <inttypes.h>

#include <sio/sys/carrier.h>
#include <sio/sys/mem.h>

#include "net/conn.h"
#include "net/handover.h"
#include "net/listen.h"
#include "net/relay.h"
#include "net/watch.h"

static void net_free(sio_net *net)
{
    sio_gather_forget(&net->gather);
    sio_ring_free(&net->ring);
    sio_crew_free(net->crew);
    sio_static_free(&net->files);
    sio_compressor_free(net->compressor);
    sio_cors_free(&net->cors);
    sio_cookie_free(&net->cookie);
    sio_trust_free(&net->trust);
    sio_visitors_free(&net->visitors);
    sio_mem_free(net->handover);
    sio_mem_free(net->path);
    sio_mailbox_free(&net->mailbox);
    sio_net_free_loop(net);
    sio_mem_free(net);
}

void sio_net_close_handle(uv_handle_t *handle, uv_close_cb callback)
{
    if (!uv_is_closing(handle))
        uv_close(handle, callback);
}

/* A loop of one's own is still running here: who runs it frees then. */
static void finish(sio_net *net)
{
    net->closed = true;
    sio_server *server = net->server;
    if (server)
        SIO_CORE_LOG(server, SIO_LOG_INFO, SIO_LOG_SERVER, "closed");
    if (server && server->on_closed)
        server->on_closed(server, server->data);
    else if (net->orphan && !net->own_loop)
        net_free(net);
}

void sio_net_release_handle(sio_net *net)
{
    if (--net->handles == 0)
        finish(net);
}

void sio_net_handle_closed(uv_handle_t *handle)
{
    sio_net_release_handle(handle->data);
}

static void stop_carriages(sio_net *net)
{
    sio_carriage *next;
    for (sio_carriage *carriage = net->carriages; carriage; carriage = next) {
        next = carriage->next;
        carriage->stop(carriage);
    }
}

static void on_adapter_stopped(void *data)
{
    sio_net *net = data;
    if (net->server)
        sio_mailbox_close(&net->mailbox, net->server);
    sio_handover_end(net);
    stop_carriages(net);
    sio_net_close_handle((uv_handle_t *)&net->mailbox.wake, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->before_poll, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->after_poll, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->awake, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->core_timer, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->timer, sio_net_handle_closed);
    sio_net_close_handle((uv_handle_t *)&net->watch.sampler, sio_net_handle_closed);
    for (int i = 0; net->signalled && i < 2; i++)
        sio_net_close_handle((uv_handle_t *)&net->signals[i], sio_net_handle_closed);
}

static bool core_done(const sio_server *server)
{
    return !server || sio_core_idle(server);
}

void sio_net_progress(sio_net *net)
{
    if (net->server && sio_departures_over(net->server))
        sio_net_close(net);
    if (!net->closing || net->stopping || !sio_list_empty(&net->conns) || !core_done(net->server) ||
        !sio_handover_idle(net))
        return;
    if (!sio_watch_end(net))
        return;
    net->stopping = true;
    sio_adapter *adapter = net->adapter;
    net->adapter = NULL;
    if (net->server)
        sio_core_lose_adapter(net->server);
    if (adapter)
        adapter->ops->stop(adapter, on_adapter_stopped, net);
    else
        on_adapter_stopped(net);
}

static void close_idle(sio_net *net)
{
    for (sio_list *node = net->conns.next; node != &net->conns; node = node->next) {
        sio_conn *conn = SIO_CONTAINER(node, sio_conn, node);
        conn->keep_alive = false;
        if (!sio_relay_leave(conn) && conn->state == SIO_CONN_IDLE)
            sio_conn_close(conn);
    }
}

void sio_net_close(sio_net *net)
{
    if (net->closing)
        return;
    net->closing = true;
    uv_ref((uv_handle_t *)&net->before_poll);
    if (net->handover && (net->handover->offered || sio_handover_is_early(net)))
        sio_listen_leave(net, 0);
    sio_listen_close_all(net, false);
    sio_handover_shut(net);
    if (net->server) {
        SIO_CORE_LOG(net->server, SIO_LOG_INFO, SIO_LOG_SERVER, "closing, with %" PRIu32 " clients",
                     net->server->clients.count);
        sio_core_close(net->server);
    }
    close_idle(net);
    net->end = uv_now(net->loop) + SIO_LIMIT_CLOSE_MS;
    sio_net_arm(net, net->end);
    sio_net_wake(net);
}

void sio_net_cut(sio_net *net)
{
    sio_handover_cut(net);
    for (sio_list *node = net->conns.next; node != &net->conns; node = node->next)
        sio_conn_lose(SIO_CONTAINER(node, sio_conn, node), SIO_EIO_TRANSPORT_CLOSE);
}

void sio_net_release(sio_net *net)
{
    net->orphan = true;
    net->server = NULL;
    for (sio_carriage *carriage = net->carriages; carriage; carriage = carriage->next)
        carriage->server = NULL;
    if (!net->closed) {
        sio_net_close(net);
        sio_net_cut(net);
        sio_net_progress(net);
        if (net->own_loop && !net->running)
            uv_run(net->loop, UV_RUN_DEFAULT);
        else
            return;
    }
    if (!net->running)
        net_free(net);
}
