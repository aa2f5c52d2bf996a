#include "core/crowd.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "core/namespace.h"

struct crowd {
    sio_socket **sockets; /* shared */
    size_t count;
    size_t cap;
    int err;
};

static void gather(sio_member *member, void *data)
{
    struct crowd *crowd = data;
    sio_socket *socket = (sio_socket *)member;
    if (socket->state != SIO_SOCKET_CONNECTED || crowd->err)
        return;
    if (crowd->count == crowd->cap) {
        const size_t cap = crowd->cap ? crowd->cap * 2 : 16;
        sio_socket **sockets = sio_mem_realloc(crowd->sockets, cap * sizeof(sio_socket *));
        if (!sockets) {
            crowd->err = SIO_ENOMEM;
            return;
        }
        crowd->sockets = sockets;
        crowd->cap = cap;
    }
    crowd->sockets[crowd->count++] = sio_socket_ref(socket);
}

int sio_crowd_each(sio_namespace *nsp, const sio_selection *selection, sio_each_socket_cb each,
                   void *data)
{
    sio_server *server = nsp->server;
    struct crowd crowd = { 0 };
    sio_rooms_select(nsp->rooms, selection, gather, &crowd);
    sio_core_enter(server);
    for (size_t i = 0; i < crowd.count; i++) {
        if (!crowd.err && sio_socket_connected(crowd.sockets[i]))
            each(crowd.sockets[i], data);
        sio_socket_unref(crowd.sockets[i]);
    }
    sio_core_leave(server);
    sio_mem_free(crowd.sockets);
    return crowd.err;
}
