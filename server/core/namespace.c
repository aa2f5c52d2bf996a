#include "core/namespace.h"

#include <string.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/broadcast.h"
#include "core/parent.h"
#include "core/reply.h"
#include "core/room_events.h"
#include "core/server_side.h"
#include "core/socket.h"

sio_str sio_namespace_key(const void *nsp)
{
    return sio_namespace_str(nsp);
}

/* ---- life ---- */

static int enter(sio_namespace *nsp)
{
    sio_server *server = nsp->server;
    sio_adapter *adapter = server->adapter;
    if (sio_map_insert(&server->namespaces, nsp))
        return SIO_ENOMEM;
    if (adapter && adapter->ops->open(adapter, sio_namespace_str(nsp))) {
        (void)sio_map_remove(&server->namespaces, sio_namespace_str(nsp));
        return SIO_ENOMEM;
    }
    sio_room_events_watch(nsp);
    return 0;
}

void sio_namespace_close(sio_namespace *nsp)
{
    sio_server *server = nsp->server;
    nsp->closed = true;
    (void)sio_map_remove(&server->namespaces, sio_namespace_str(nsp));
    if (server->adapter)
        server->adapter->ops->close(server->adapter, sio_namespace_str(nsp));
}

sio_namespace *sio_namespace_new(sio_server *server, sio_str name)
{
    sio_namespace *nsp = sio_mem_zalloc(sizeof(*nsp) + name.len + 1);
    if (!nsp)
        return NULL;
    nsp->server = server;
    nsp->refs = 1;
    nsp->name_len = (uint32_t)name.len;
    memcpy(nsp->name, name.data, name.len);
    sio_map_init(&nsp->replies, sio_reply_key, server->seed);
    if (sio_rooms_new(&nsp->rooms, server->seed)) {
        sio_mem_free(nsp);
        return NULL;
    }
    return nsp;
}

sio_namespace *sio_namespace_open(sio_server *server, sio_str name)
{
    sio_namespace *nsp = sio_namespace_new(server, name);
    if (nsp && enter(nsp)) {
        sio_namespace_unref(nsp);
        return NULL;
    }
    return nsp;
}

int sio_namespace_check(const sio_namespace *nsp)
{
    if (nsp->family)
        return SIO_EINVAL;
    return nsp->closed ? SIO_ECLOSED : 0;
}

sio_namespace *sio_namespace_ref(sio_namespace *nsp)
{
    nsp->refs++;
    return nsp;
}

void sio_namespace_unref(sio_namespace *nsp)
{
    if (--nsp->refs > 0)
        return;
    sio_mem_free(nsp->room_listener);
    sio_server_side_free(nsp->server_side);
    sio_rooms_free(nsp->rooms);
    sio_listeners_free(nsp->listeners);
    sio_taps_free(&nsp->taps);
    sio_map_free(&nsp->replies);
    sio_mem_free(nsp->middlewares);
    sio_mem_free(nsp);
}

void sio_namespace_announce(sio_namespace *nsp)
{
    sio_server *server = nsp->server;
    if (!server->on_new_namespace)
        return;
    sio_core_enter(server);
    server->on_new_namespace(server, nsp, server->data);
    sio_core_leave(server);
}

static sio_namespace *make(sio_server *server, sio_str name)
{
    sio_family *family = sio_family_for(server, name);
    if (family)
        return sio_family_add(family, name);
    sio_namespace *nsp = sio_namespace_open(server, name);
    if (!nsp)
        return NULL;
    if (!sio_str_equal(name, SIO_STR("/")))
        sio_namespace_announce(nsp);
    return nsp;
}

static void fail(sio_server *server, int err, const char *why)
{
    (void)sio_core_fail(server, err, SIO_LOG_SERVER, "cannot make a namespace: %s", why);
}

sio_namespace *sio_server_of(sio_server *server, const char *name)
{
    char rooted[SIO_LIMIT_NAME + 1];
    sio_str key = sio_str_from(name ? name : "/");
    const bool rootless = key.len == 0 || key.data[0] != '/';
    if (key.len + rootless > SIO_LIMIT_NAME) {
        fail(server, SIO_ELIMIT, "its name is too long");
        return NULL;
    }
    if (rootless) {
        rooted[0] = '/';
        if (key.len)
            memcpy(rooted + 1, key.data, key.len);
        key = (sio_str){ rooted, key.len + 1 };
    }
    sio_namespace *nsp = sio_map_get(&server->namespaces, key);
    if (!nsp && !(nsp = make(server, key)))
        fail(server, SIO_ENOMEM, sio_err_message(SIO_ENOMEM));
    return nsp;
}

/* ---- what the application registers ---- */

void sio_namespace_on_connection(sio_namespace *nsp, sio_connection_cb callback, void *data)
{
    nsp->on_connection = callback;
    nsp->on_connection_data = data;
}

void sio_namespace_on_disconnect(sio_namespace *nsp, sio_disconnect_cb callback, void *data)
{
    nsp->on_disconnect = callback;
    nsp->on_disconnect_data = data;
}

int sio_namespace_on(sio_namespace *nsp, const char *event, sio_event_cb callback, void *data)
{
    return sio_listeners_add(&nsp->listeners, nsp->server->seed, event, callback, data, 0);
}

void sio_namespace_off(sio_namespace *nsp, const char *event, sio_event_cb callback)
{
    sio_listeners_remove(nsp->listeners, event, callback);
}

int sio_namespace_use(sio_namespace *nsp, sio_middleware_cb callback, void *data)
{
    const uint32_t count = nsp->middleware_count;
    if (!callback)
        return SIO_EINVAL;
    sio_middleware *list = sio_mem_realloc(nsp->middlewares, (count + 1) * sizeof(*list));
    if (!list)
        return SIO_ENOMEM;
    list[count] = (sio_middleware){ .callback = callback, .data = data };
    nsp->middlewares = list;
    nsp->middleware_count++;
    return 0;
}

/* ---- emits and questions ---- */

int sio_namespace_emit(sio_namespace *nsp, const sio_target *target, const char *event,
                       const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int err = sio_broadcast(nsp, target, NULL, event, format, arguments);
    va_end(arguments);
    return err;
}

int sio_namespace_vemit(sio_namespace *nsp, const sio_target *target, const char *event,
                        const char *format, va_list arguments)
{
    return sio_broadcast(nsp, target, NULL, event, format, arguments);
}

const char *sio_namespace_name(const sio_namespace *nsp)
{
    return nsp->name;
}

sio_server *sio_namespace_server(const sio_namespace *nsp)
{
    return nsp->server;
}

sio_socket *sio_namespace_socket(const sio_namespace *nsp, const char *id)
{
    sio_socket *socket = (sio_socket *)sio_rooms_member(nsp->rooms, sio_str_from(id));
    return socket && sio_socket_connected(socket) ? socket : NULL;
}

size_t sio_namespace_count(const sio_namespace *nsp)
{
    return nsp->connected;
}
