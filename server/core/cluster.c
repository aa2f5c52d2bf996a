/* The server as its adapter sees it. */
#include <sio/err.h>

#include "core/broadcast.h"
#include "core/namespace.h"
#include "core/server.h"

static bool has_room(void *data, sio_str name, sio_str room)
{
    const sio_server *server = data;
    const sio_namespace *nsp = sio_map_get(&server->namespaces, name);
    return nsp && sio_rooms_has(nsp->rooms, room);
}

static void deliver(void *data, const sio_cluster_message *message)
{
    sio_server *server = data;
    sio_namespace *nsp = sio_map_get(&server->namespaces, message->nsp);
    const sio_selection selection = {
        .rooms = message->rooms,
        .rooms_count = message->rooms_count,
        .except = message->except,
        .except_count = message->except_count,
    };
    const unsigned flags = (message->flags.is_volatile ? SIO_VOLATILE : 0) |
                           (message->flags.no_compress ? SIO_UNCOMPRESSED : 0);
    if (!nsp)
        return;
    const int err = sio_broadcast_local(nsp, &selection, &message->data, flags);
    if (err)
        SIO_CORE_LOG(server, SIO_LOG_WARN, SIO_LOG_ADAPTER,
                     "a message of the cluster was not delivered: %s", sio_err_message(err));
}

static void change_state(void *data, sio_cluster_state state, const char *detail)
{
    sio_server *server = data;
    const sio_log_level level = state == SIO_CLUSTER_DISCONNECTED ? SIO_LOG_WARN
                                : state == SIO_CLUSTER_CONNECTING ? SIO_LOG_DEBUG
                                                                  : SIO_LOG_INFO;
    SIO_CORE_LOG(server, level, SIO_LOG_ADAPTER, "cluster %s: %s", sio_cluster_state_text(state),
                 detail);
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

sio_adapter_host sio_core_adapter_host(sio_server *server)
{
    return (sio_adapter_host){
        .data = server,
        .has_room = has_room,
        .deliver = deliver,
        .state = change_state,
        .warn = warn,
        .random = fill_random,
    };
}

int sio_core_set_adapter(sio_server *server, sio_adapter *adapter)
{
    size_t at = 0;
    const sio_namespace *nsp;
    while ((nsp = sio_map_next(&server->namespaces, &at))) {
        const int err = adapter->ops->open(adapter, sio_namespace_str(nsp));
        if (err)
            return err;
    }
    server->adapter = adapter;
    return 0;
}
