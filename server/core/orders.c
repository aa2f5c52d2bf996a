#include "core/orders.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "core/crowd.h"
#include "core/namespace.h"
#include "core/target.h"

/* ---- this node ---- */

struct order {
    const sio_cluster_request *request;
    int err;
};

static void obey(sio_socket *socket, void *data)
{
    struct order *order = data;
    const sio_cluster_request *request = order->request;
    if (request->op == SIO_CLUSTER_DISCONNECT_SOCKETS) {
        sio_socket_disconnect(socket, request->close);
        return;
    }
    for (size_t i = 0; i < request->targets_count; i++) {
        const sio_str room = request->targets[i];
        int err = 0;
        if (request->op == SIO_CLUSTER_SOCKETS_LEAVE)
            sio_rooms_leave(socket->nsp->rooms, &socket->member, room);
        else
            err = sio_socket_enter(socket, room);
        if (err)
            order->err = err;
    }
}

int sio_orders_obey(sio_namespace *nsp, const sio_selection *selection,
                    const sio_cluster_request *request)
{
    struct order order = { .request = request };
    const int err = sio_crowd_each(nsp, selection, obey, &order);
    return err ? err : order.err;
}

/* ---- all nodes ---- */

/* What was asked for is done here first: an emit that follows finds it done. */
static int give(sio_namespace *nsp, sio_arena *arena, const sio_target *target,
                sio_cluster_request *request)
{
    sio_selection selection;
    const sio_cluster_request order = *request;
    int err = sio_namespace_check(nsp);
    if (!err)
        err = sio_target_select(arena, nsp, target, &selection);
    if (!err)
        err = sio_target_request(arena, nsp, &selection, order.op, request);
    if (err)
        return err;
    request->targets = order.targets;
    request->targets_count = order.targets_count;
    request->close = order.close;
    err = sio_orders_obey(nsp, &selection, request);
    sio_adapter *adapter = nsp->server->adapter;
    if (err || !adapter || sio_target_is_local(target))
        return err;
    return adapter->ops->tell(adapter, request);
}

static int order(sio_namespace *nsp, const sio_target *target, sio_cluster_op op,
                 const char *const *rooms, bool close)
{
    sio_arena arena = sio_core_borrow(nsp->server);
    sio_cluster_request request = { .op = op, .close = close };
    int err = sio_target_names(&arena, rooms, &request.targets, &request.targets_count);
    for (size_t i = 0; !err && i < request.targets_count; i++)
        if (request.targets[i].len > SIO_LIMIT_NAME)
            err = SIO_ELIMIT;
    if (!err)
        err = give(nsp, &arena, target, &request);
    sio_core_give_back(nsp->server, &arena);
    return err;
}

int sio_namespace_sockets_join(sio_namespace *nsp, const sio_target *target,
                               const char *const *rooms)
{
    return order(nsp, target, SIO_CLUSTER_SOCKETS_JOIN, rooms, false);
}

int sio_namespace_sockets_leave(sio_namespace *nsp, const sio_target *target,
                                const char *const *rooms)
{
    return order(nsp, target, SIO_CLUSTER_SOCKETS_LEAVE, rooms, false);
}

int sio_namespace_disconnect_sockets(sio_namespace *nsp, const sio_target *target, bool close)
{
    return order(nsp, target, SIO_CLUSTER_DISCONNECT_SOCKETS, NULL, close);
}
