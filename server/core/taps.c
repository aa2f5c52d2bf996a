#include "core/taps.h"

#include <string.h>

#include "core/args.h"
#include "core/extras.h"
#include "core/namespace.h"
#include "core/socket.h"

void sio_taps_free(sio_taps *taps)
{
    sio_handlers_free(&taps->incoming);
    sio_handlers_free(&taps->outgoing);
    sio_handlers_free(&taps->filters);
}

int sio_taps_of(sio_socket *socket, sio_taps *out[SIO_TAPS_LEVELS])
{
    int count = 0;
    if (socket->nsp->parent)
        out[count++] = &socket->nsp->parent->taps;
    out[count++] = &socket->nsp->taps;
    if (socket->extras)
        out[count++] = &socket->extras->taps;
    return count;
}

bool sio_taps_outgoing(const sio_namespace *nsp)
{
    return nsp->watched > 0 || nsp->taps.outgoing.count > 0 ||
           (nsp->parent && nsp->parent->taps.outgoing.count > 0);
}

/* ---- events ---- */

static sio_str name_of_number(const sio_value *number, char out[SIO_TAPS_NUMBER])
{
    sio_buf text = { 0 };
    size_t len = 0;
    if (!sio_json_write(&text, number, NULL) && !text.err && text.len < SIO_TAPS_NUMBER) {
        len = text.len;
        memcpy(out, text.data, len);
    }
    sio_buf_free(&text);
    out[len] = '\0';
    return (sio_str){ out, len };
}

sio_str sio_taps_event(const sio_value *data, char number[SIO_TAPS_NUMBER])
{
    const sio_value *first = sio_value_at(data, 0);
    if (sio_value_type(first) == SIO_TYPE_STRING)
        return (sio_str){ first->as.text, first->count };
    return name_of_number(first, number);
}

static void tell(sio_handlers *row, sio_socket *socket, const char *event, const sio_args *args,
                 sio_ack *ack)
{
    const sio_handler *handler;
    sio_handlers_walk walk = sio_handlers_start(row);
    while ((handler = sio_handlers_next(row, &walk)))
        ((sio_any_cb)handler->call)(socket, event, args, ack, handler->data);
    sio_handlers_stop(row);
}

void sio_taps_incoming(sio_socket *socket, const sio_value *data, sio_ack *ack)
{
    char number[SIO_TAPS_NUMBER];
    const char *event = sio_taps_event(data, number).data;
    const sio_args args = sio_args_from(data, 1);
    sio_taps *levels[SIO_TAPS_LEVELS];
    const int count = sio_taps_of(socket, levels);
    sio_socket_ref(socket);
    for (int i = 0; i < count; i++)
        if (levels[i]->incoming.count > 0)
            tell(&levels[i]->incoming, socket, event, &args, ack);
    sio_socket_unref(socket);
}

void sio_taps_tell_outgoing(sio_socket *socket, const sio_value *data)
{
    char number[SIO_TAPS_NUMBER];
    const char *event = sio_taps_event(data, number).data;
    const sio_args args = sio_args_from(data, 1);
    sio_taps *levels[SIO_TAPS_LEVELS];
    const int count = sio_taps_of(socket, levels);
    sio_server *server = socket->nsp->server;
    sio_core_enter(server);
    sio_socket_ref(socket);
    for (int i = 0; i < count; i++)
        if (levels[i]->outgoing.count > 0)
            tell(&levels[i]->outgoing, socket, event, &args, NULL);
    sio_socket_unref(socket);
    sio_core_leave(server);
}
/* ---- errors and leaving ---- */

void sio_taps_error(sio_socket *socket, const char *message, const sio_value *value)
{
    sio_taps *levels[SIO_TAPS_LEVELS];
    const int count = sio_taps_of(socket, levels);
    sio_server *server = socket->nsp->server;
    sio_core_enter(server);
    sio_socket_ref(socket);
    for (int i = 0; i < count; i++)
        if (levels[i]->on_error)
            levels[i]->on_error(socket, message, value, levels[i]->on_error_data);
    sio_socket_unref(socket);
    sio_core_leave(server);
}

void sio_taps_disconnecting(sio_socket *socket, const char *reason)
{
    sio_taps *levels[SIO_TAPS_LEVELS];
    const int count = sio_taps_of(socket, levels);
    sio_server *server = socket->nsp->server;
    sio_core_enter(server);
    for (int i = 0; i < count; i++)
        if (levels[i]->on_disconnecting)
            levels[i]->on_disconnecting(socket, reason, levels[i]->on_disconnecting_data);
    sio_core_leave(server);
}

/* ---- of a namespace ---- */

static sio_handler_call call_of(sio_any_cb callback)
{
    return (sio_handler_call)callback;
}

int sio_namespace_on_any(sio_namespace *nsp, sio_any_cb callback, void *data)
{
    return sio_handlers_add(&nsp->taps.incoming, call_of(callback), data, 0);
}

int sio_namespace_prepend_any(sio_namespace *nsp, sio_any_cb callback, void *data)
{
    return sio_handlers_add(&nsp->taps.incoming, call_of(callback), data, SIO_HANDLER_FIRST);
}

void sio_namespace_off_any(sio_namespace *nsp, sio_any_cb callback)
{
    sio_handlers_remove(&nsp->taps.incoming, call_of(callback));
}

int sio_namespace_on_any_outgoing(sio_namespace *nsp, sio_any_cb callback, void *data)
{
    return sio_handlers_add(&nsp->taps.outgoing, call_of(callback), data, 0);
}

int sio_namespace_prepend_any_outgoing(sio_namespace *nsp, sio_any_cb callback, void *data)
{
    return sio_handlers_add(&nsp->taps.outgoing, call_of(callback), data, SIO_HANDLER_FIRST);
}

void sio_namespace_off_any_outgoing(sio_namespace *nsp, sio_any_cb callback)
{
    sio_handlers_remove(&nsp->taps.outgoing, call_of(callback));
}

int sio_namespace_use_packet(sio_namespace *nsp, sio_packet_cb callback, void *data)
{
    return sio_handlers_add(&nsp->taps.filters, (sio_handler_call)callback, data, 0);
}

void sio_namespace_on_error(sio_namespace *nsp, sio_error_cb callback, void *data)
{
    nsp->taps.on_error = callback;
    nsp->taps.on_error_data = data;
}

void sio_namespace_on_disconnecting(sio_namespace *nsp, sio_disconnect_cb callback, void *data)
{
    nsp->taps.on_disconnecting = callback;
    nsp->taps.on_disconnecting_data = data;
}
