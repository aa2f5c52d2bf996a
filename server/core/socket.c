#include "core/socket.h"

#include <sio/err.h>
#include <sio/sys/mem.h>
#include <sio/sys/text.h>

#include "core/extras.h"
#include "core/legacy.h"
#include "core/middleware.h"
#include "core/namespace.h"
#include "core/order.h"
#include "core/parent.h"
#include "core/reason.h"
#include "core/recovery.h"
#include "core/reply.h"

/* ---- life ---- */

static void socket_free(sio_socket *socket)
{
    sio_extras_free(socket);
    sio_listeners_free(socket->listeners);
    sio_value_free(socket->auth);
    sio_recovery_free(socket);
    sio_namespace_unref(socket->nsp);
    sio_handshake_free(socket->handshake);
    if (socket->member.other_len)
        sio_mem_free((char *)(uintptr_t)socket->member.other_id);
    sio_mem_free(socket);
}

static void link_to_client(sio_socket *socket, sio_client *client)
{
    sio_socket **last = &client->sockets;
    while (*last)
        last = &(*last)->sibling;
    *last = socket;
    client->socket_count++;
}

static int identify(sio_socket *socket)
{
    if (sio_client_is_legacy(socket->client))
        return sio_legacy_identify(socket);
    sio_core_id(socket->client->server, socket->member.id);
    return 0;
}

sio_socket *sio_socket_new(sio_client *client, sio_namespace *nsp, const sio_value *auth)
{
    sio_socket *socket = sio_mem_zalloc(sizeof(*socket));
    if (!socket)
        return NULL;
    socket->refs = 1;
    socket->nsp = sio_namespace_ref(nsp);
    socket->handshake = sio_handshake_ref(client->handshake);
    sio_list_init(&socket->replies);
    socket->client = client;
    if (identify(socket) ||
        (sio_value_type(auth) != SIO_TYPE_UNDEFINED && sio_value_copy(&socket->auth, auth))) {
        socket_free(socket);
        return NULL;
    }
    link_to_client(socket, client);
    nsp->present++;
    return socket;
}

sio_socket *sio_socket_ref(sio_socket *socket)
{
    socket->refs++;
    return socket;
}

void sio_socket_unref(sio_socket *socket)
{
    if (socket && --socket->refs == 0)
        socket_free(socket);
}

/* ---- connecting ---- */

static int send_connect(sio_socket *socket)
{
    if (sio_client_is_legacy(socket->client))
        return sio_socket_send(socket, (sio_packet){ .type = SIO_PACKET_CONNECT }, 0);
    const sio_str pid = sio_recovery_pid(socket);
    const sio_value entries[] = {
        sio_value_of_string(SIO_STR("sid")),
        sio_value_of_string(sio_member_id(&socket->member)),
        sio_value_of_string(SIO_STR("pid")),
        sio_value_of_string(pid),
    };
    const sio_value answer = sio_value_of_map(entries, pid.data ? 2 : 1);
    sio_recovery_deliver(socket);
    return sio_socket_send(socket, (sio_packet){ .type = SIO_PACKET_CONNECT, .data = answer }, 0);
}

static int enter(sio_socket *socket)
{
    sio_member *member = &socket->member;
    if (!member->added) {
        const int err = sio_rooms_add(socket->nsp->rooms, member);
        if (err)
            return err;
    }
    return send_connect(socket);
}

static void tell_connected(sio_socket *socket)
{
    const sio_namespace *nsp = socket->nsp, *parent = nsp->parent;
    sio_core_enter(nsp->server);
    sio_socket_ref(socket);
    if (parent && parent->on_connection)
        parent->on_connection(socket, parent->on_connection_data);
    if (nsp->on_connection && socket->state == SIO_SOCKET_CONNECTED)
        nsp->on_connection(socket, nsp->on_connection_data);
    sio_socket_unref(socket);
    sio_core_leave(nsp->server);
}

void sio_socket_connect(sio_socket *socket)
{
    if (enter(socket)) {
        sio_client_fail(socket->client, "out of memory");
        return;
    }
    socket->state = SIO_SOCKET_CONNECTED;
    socket->nsp->connected++;
    socket->nsp->server->stats.sockets++;
    sio_deadline_cancel(&socket->client->patience);
    SIO_CORE_LOG_OF(socket->nsp->server, SIO_LOG_DEBUG, SIO_LOG_SOCKET,
                    SIO_LOG_ABOUT(.client = socket->client, .nsp = sio_namespace_str(socket->nsp),
                                  .socket = sio_member_id(&socket->member)),
                    "client " SIO_CLIENT_TAG " joined %s as %.*s", socket->client->sid,
                    socket->nsp->name, (int)sio_member_id(&socket->member).len,
                    sio_member_id(&socket->member).data);
    tell_connected(socket);
}

/* ---- leaving ---- */

static void tell_left(sio_socket *socket, const char *reason)
{
    const sio_namespace *nsp = socket->nsp, *parent = nsp->parent;
    sio_core_enter(nsp->server);
    if (parent && parent->on_disconnect)
        parent->on_disconnect(socket, reason, parent->on_disconnect_data);
    if (nsp->on_disconnect)
        nsp->on_disconnect(socket, reason, nsp->on_disconnect_data);
    if (socket->on_disconnect)
        socket->on_disconnect(socket, reason, socket->on_disconnect_data);
    sio_core_leave(nsp->server);
}

static void leave_rooms(sio_socket *socket)
{
    if (socket->member.added)
        sio_rooms_remove(socket->nsp->rooms, &socket->member);
}

static void leave(sio_socket *socket, const char *reason)
{
    socket->nsp->connected--;
    socket->nsp->server->stats.sockets--;
    sio_reason_count(&socket->nsp->server->stats, reason);
    SIO_CORE_LOG_OF(socket->nsp->server, SIO_LOG_DEBUG, SIO_LOG_SOCKET,
                    SIO_LOG_ABOUT(.client = socket->client, .nsp = sio_namespace_str(socket->nsp),
                                  .socket = sio_member_id(&socket->member)),
                    "client " SIO_CLIENT_TAG " left %s: %s", socket->client->sid, socket->nsp->name,
                    reason);
    sio_taps_disconnecting(socket, reason);
    sio_recovery_leave(socket, reason);
    leave_rooms(socket);
    tell_left(socket, reason);
    sio_reply_close_all(socket);
}

void sio_socket_end(sio_socket *socket, const char *reason)
{
    const uint8_t before = socket->state;
    if (before == SIO_SOCKET_LEFT)
        return;
    socket->state = SIO_SOCKET_LEFT;
    socket->client->littered = true;
    sio_middleware_forget(socket);
    sio_recovery_forget(socket);
    sio_extras_leave(socket);
    sio_client_mark(socket->client);
    sio_socket_ref(socket);
    if (before == SIO_SOCKET_CONNECTED)
        leave(socket, reason);
    leave_rooms(socket);
    socket->nsp->present--;
    sio_family_vacate(socket->nsp);
    sio_socket_unref(socket);
}

static void kick(sio_socket *socket)
{
    (void)sio_socket_send(socket, (sio_packet){ .type = SIO_PACKET_DISCONNECT }, 0);
    sio_socket_end(socket, "server namespace disconnect");
}

static sio_socket *connected_of(const sio_client *client)
{
    sio_socket *socket = client->sockets;
    while (socket && socket->state != SIO_SOCKET_CONNECTED)
        socket = socket->sibling;
    return socket;
}

void sio_socket_disconnect(sio_socket *socket, bool close)
{
    if (socket->state != SIO_SOCKET_CONNECTED)
        return;
    sio_socket_ref(socket);
    sio_order_settle(socket->nsp->server);
    const bool is_there = socket->state == SIO_SOCKET_CONNECTED;
    sio_socket_unref(socket);
    if (!is_there)
        return;
    if (!close) {
        kick(socket);
        return;
    }
    sio_client *client = socket->client;
    sio_server *server = client->server;
    sio_core_enter(server);
    while ((socket = connected_of(client)))
        kick(socket);
    sio_client_shut(client, "forced server close");
    sio_core_leave(server);
}

/* ---- rooms ---- */

int sio_socket_enter(sio_socket *socket, sio_str room)
{
    sio_rooms *rooms = socket->nsp->rooms;
    const uint32_t most = socket->nsp->server->limits.max_rooms_per_socket;
    if (most > 0 && sio_rooms_of_count(&socket->member) >= most &&
        !sio_rooms_is_in(rooms, &socket->member, room))
        return SIO_ELIMIT;
    return sio_rooms_join(rooms, &socket->member, room);
}

int sio_socket_join(sio_socket *socket, const char *room)
{
    sio_member *member = &socket->member;
    if (!room)
        return SIO_EINVAL;
    if (socket->state == SIO_SOCKET_LEFT)
        return SIO_ECLOSED;
    if (!sio_utf8_valid(room, strlen(room)))
        return SIO_EUTF8;
    sio_rooms *rooms = socket->nsp->rooms;
    if (!member->added) {
        const int err = sio_rooms_add(rooms, member);
        if (err)
            return err;
    }
    return sio_socket_enter(socket, sio_str_from(room));
}

void sio_socket_leave(sio_socket *socket, const char *room)
{
    if (room && socket->member.added)
        sio_rooms_leave(socket->nsp->rooms, &socket->member, sio_str_from(room));
}

int sio_socket_join_rooms(sio_socket *socket, const char *const *rooms)
{
    int err = rooms ? 0 : SIO_EINVAL;
    for (; !err && *rooms; rooms++)
        err = sio_socket_join(socket, *rooms);
    return err;
}

void sio_socket_leave_rooms(sio_socket *socket, const char *const *rooms)
{
    for (; rooms && *rooms; rooms++)
        sio_socket_leave(socket, *rooms);
}

size_t sio_socket_room_count(const sio_socket *socket)
{
    return sio_rooms_of_count(&socket->member);
}

const char *sio_socket_room_at(const sio_socket *socket, size_t index)
{
    if (index >= sio_rooms_of_count(&socket->member))
        return NULL;
    return sio_rooms_of(&socket->member, index).data;
}

/* ---- handlers ---- */

static int add(sio_socket *socket, const char *event, sio_event_cb callback, void *data,
               unsigned how)
{
    if (socket->state == SIO_SOCKET_LEFT)
        return SIO_ECLOSED;
    return sio_listeners_add(&socket->listeners, socket->nsp->server->seed, event, callback, data,
                             how);
}

int sio_socket_on(sio_socket *socket, const char *event, sio_event_cb callback, void *data)
{
    return add(socket, event, callback, data, 0);
}

int sio_socket_once(sio_socket *socket, const char *event, sio_event_cb callback, void *data)
{
    return add(socket, event, callback, data, SIO_HANDLER_ONCE);
}

void sio_socket_off(sio_socket *socket, const char *event, sio_event_cb callback)
{
    sio_listeners_remove(socket->listeners, event, callback);
}

void sio_socket_on_disconnect(sio_socket *socket, sio_disconnect_cb callback, void *data)
{
    socket->on_disconnect = callback;
    socket->on_disconnect_data = data;
}
