/* The server as its adapter sees it. */
#include <stdio.h>
#include <string.h>

#include <sio/err.h>

#include "core/ask.h"
#include "core/broadcast.h"
#include "core/census.h"
#include "core/histogram.h"
#include "core/namespace.h"
#include "core/order.h"
#include "core/orders.h"
#include "core/recovery.h"
#include "core/room_events.h"
#include "core/server.h"
#include "core/server_side.h"
#include "core/target.h"

/* ---- messages ---- */

static bool has_room(void *data, sio_str name, sio_str room)
{
    const sio_server *server = data;
    const sio_namespace *nsp = sio_map_get(&server->namespaces, name);
    return nsp && (sio_rooms_has(nsp->rooms, room) || sio_recovery_waits(server, name));
}

static bool takes_json(void *data, sio_str name)
{
    const sio_server *server = data;
    const sio_namespace *nsp = sio_map_get(&server->namespaces, name);
    return nsp && sio_broadcast_takes_json(nsp);
}

static void deliver_to(sio_namespace *nsp, const sio_cluster_message *message)
{
    const sio_selection selection = {
        .rooms = message->rooms,
        .rooms_count = message->rooms_count,
        .except = message->except,
        .except_count = message->except_count,
    };
    const unsigned flags = (message->flags.is_volatile ? SIO_VOLATILE : 0) |
                           (message->flags.no_compress ? SIO_UNCOMPRESSED : 0);
    const int err = message->json.data ? sio_broadcast_json(nsp, &selection, message->json, flags)
                                       : sio_broadcast_offset(nsp, &selection, &message->data,
                                                              flags, message->offset);
    if (err)
        SIO_CORE_LOG(nsp->server, SIO_LOG_WARN, SIO_LOG_ADAPTER,
                     "a message of the cluster was not delivered: %s", sio_err_message(err));
}

static void deliver(void *data, const sio_cluster_message *message)
{
    sio_server *server = data;
    sio_namespace *nsp = sio_map_get(&server->namespaces, message->nsp);
    if (nsp)
        deliver_to(nsp, message);
    sio_order_release(server);
}

/* ---- requests ---- */

static void answer_sockets(sio_namespace *nsp, const sio_cluster_request *request,
                           sio_answerer *answerer)
{
    const sio_selection selection = sio_target_requested(request);
    sio_value sockets;
    sio_arena arena = sio_core_borrow(nsp->server);
    if (!sio_census_sockets(&arena, nsp, &selection, &sockets))
        answerer->answer(answerer, &sockets);
    sio_core_give_back(nsp->server, &arena);
    answerer->end(answerer);
}

static void answer_rooms(sio_namespace *nsp, sio_answerer *answerer)
{
    sio_value rooms;
    sio_arena arena = sio_core_borrow(nsp->server);
    if (!sio_census_rooms(&arena, nsp, &rooms))
        answerer->answer(answerer, &rooms);
    sio_core_give_back(nsp->server, &arena);
    answerer->end(answerer);
}

static void obey(sio_namespace *nsp, const sio_cluster_request *request)
{
    const sio_selection selection = sio_target_requested(request);
    const int err = sio_orders_obey(nsp, &selection, request);
    if (err)
        SIO_CORE_LOG(nsp->server, SIO_LOG_WARN, SIO_LOG_ADAPTER,
                     "an order of the cluster was not carried out: %s", sio_err_message(err));
}

/* What wants no answer. */
static void serve_order(sio_namespace *nsp, const sio_cluster_request *request)
{
    switch (request->op) {
    case SIO_CLUSTER_SOCKETS_JOIN:
    case SIO_CLUSTER_SOCKETS_LEAVE:
    case SIO_CLUSTER_DISCONNECT_SOCKETS:
        obey(nsp, request);
        break;
    case SIO_CLUSTER_SERVER_SIDE_EMIT:
        sio_server_side_receive(nsp, request, NULL);
        break;
    default:
        break;
    }
}

static void serve_question(sio_namespace *nsp, const sio_cluster_request *request,
                           sio_answerer *answerer)
{
    switch (request->op) {
    case SIO_CLUSTER_FETCH_SOCKETS:
        answer_sockets(nsp, request, answerer);
        break;
    case SIO_CLUSTER_ALL_ROOMS:
        answer_rooms(nsp, answerer);
        break;
    case SIO_CLUSTER_SERVER_SIDE_EMIT:
        sio_server_side_receive(nsp, request, answerer);
        break;
    case SIO_CLUSTER_BROADCAST_ACK:
        sio_ask_for(nsp, request, answerer);
        break;
    default:
        serve_order(nsp, request);
        answerer->end(answerer);
    }
}

static void serve(void *data, const sio_cluster_request *request, sio_answerer *answerer)
{
    sio_server *server = data;
    sio_namespace *nsp = sio_map_get(&server->namespaces, request->nsp);
    if (nsp && answerer)
        serve_question(nsp, request, answerer);
    else if (nsp)
        serve_order(nsp, request);
    else if (answerer)
        answerer->end(answerer);
}

static void each_room(void *data, sio_str name, void (*each)(void *each_data, sio_str room),
                      void *each_data)
{
    const sio_server *server = data;
    const sio_namespace *nsp = sio_map_get(&server->namespaces, name);
    sio_rooms_walk walk = { 0 };
    sio_str room;
    while (nsp && (room = sio_rooms_next(nsp->rooms, &walk)).data)
        each(each_data, room);
}

/* ---- the link ---- */

/* One reason is warned of once, however often the link is tried meanwhile. */
static sio_log_level level_of(sio_server *server, sio_cluster_state state, const char *detail)
{
    const size_t size = sizeof(server->cluster_trouble);
    if (state == SIO_CLUSTER_CONNECTING)
        return SIO_LOG_DEBUG;
    if (state != SIO_CLUSTER_DISCONNECTED) {
        server->cluster_trouble[0] = '\0';
        return SIO_LOG_INFO;
    }
    if (strncmp(server->cluster_trouble, detail, size - 1) == 0)
        return SIO_LOG_DEBUG;
    (void)snprintf(server->cluster_trouble, size, "%s", detail);
    return SIO_LOG_WARN;
}

static void change_state(void *data, sio_cluster_state state, const char *detail)
{
    sio_server *server = data;
    server->cluster_state = state;
    const sio_log_level level = level_of(server, state, detail);
    SIO_CORE_LOG_OF(server, level, SIO_LOG_ADAPTER,
                    SIO_LOG_ABOUT(.state = sio_cluster_state_text(state)), "cluster %s: %s",
                    sio_cluster_state_text(state), detail);
    if (!server->on_cluster)
        return;
    sio_core_enter(server);
    server->on_cluster(server, state, detail, server->data);
    sio_core_leave(server);
}

static void warn(void *data, const char *text)
{
    sio_server *server = data;
    SIO_CORE_LOG(server, SIO_LOG_WARN, SIO_LOG_ADAPTER, "%s", text);
}

static void fill_random(void *data, void *out, size_t len)
{
    sio_server *server = data;
    server->net_ops->random(server->net, out, len);
}

static void note_lag(void *data, uint64_t ns)
{
    sio_server *server = data;
    sio_histogram_add(&server->cluster_lag, ns);
}

sio_adapter_host sio_core_adapter_host(sio_server *server)
{
    return (sio_adapter_host){
        .data = server,
        .has_room = has_room,
        .takes_json = takes_json,
        .deliver = deliver,
        .serve = serve,
        .rooms = each_room,
        .state = change_state,
        .warn = warn,
        .random = fill_random,
        .lag = note_lag,
    };
}

int sio_core_set_adapter(sio_server *server, sio_adapter *adapter)
{
    size_t at = 0;
    sio_namespace *nsp;
    while ((nsp = sio_map_next(&server->namespaces, &at))) {
        const int err = adapter->ops->open(adapter, sio_namespace_str(nsp));
        if (err)
            return err;
    }
    server->adapter = adapter;
    if (server->recovery && adapter->recovery) {
        sio_recovery_end(server);
        server->recovery = adapter->recovery;
    }
    for (at = 0; (nsp = sio_map_next(&server->namespaces, &at));)
        sio_room_events_watch(nsp);
    return 0;
}

void sio_core_lose_adapter(sio_server *server)
{
    if (server->recovery && !server->recovery->ops->free)
        server->recovery = NULL;
    server->adapter = NULL;
    sio_order_release(server);
}
