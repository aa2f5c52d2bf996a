#include "core/extras.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "core/namespace.h"
#include "core/passage.h"

struct sio_socket_extras *sio_extras_need(sio_socket *socket)
{
    if (socket->extras)
        return socket->extras;
    struct sio_socket_extras *extras = sio_mem_zalloc(sizeof(*extras));
    if (extras)
        sio_list_init(&extras->held);
    return socket->extras = extras;
}

/* Whether it is one of those that broadcasts must ask for listeners. */
static void watch(sio_socket *socket)
{
    struct sio_socket_extras *extras = socket->extras;
    const bool watched = socket->state != SIO_SOCKET_LEFT && extras->taps.outgoing.count > 0;
    if (watched == extras->watched)
        return;
    extras->watched = watched;
    socket->nsp->watched += watched ? 1u : -1u;
}

void sio_extras_leave(sio_socket *socket)
{
    if (!socket->extras)
        return;
    watch(socket);
    sio_passage_forget(socket);
}

void sio_extras_free(sio_socket *socket)
{
    struct sio_socket_extras *extras = socket->extras;
    if (!extras)
        return;
    if (extras->destroy)
        extras->destroy(socket->context);
    sio_value_free(extras->data);
    sio_taps_free(&extras->taps);
    sio_mem_free(extras);
}

/* ---- what the application registers ---- */

static int need(sio_socket *socket)
{
    if (socket->state == SIO_SOCKET_LEFT)
        return SIO_ECLOSED;
    return sio_extras_need(socket) ? 0 : SIO_ENOMEM;
}

static int add_incoming(sio_socket *socket, sio_any_cb callback, void *data, unsigned how)
{
    const int err = need(socket);
    return err ? err
               : sio_handlers_add(&socket->extras->taps.incoming, (sio_handler_call)callback, data,
                                  how);
}

static int add_outgoing(sio_socket *socket, sio_any_cb callback, void *data, unsigned how)
{
    int err = need(socket);
    if (!err)
        err =
            sio_handlers_add(&socket->extras->taps.outgoing, (sio_handler_call)callback, data, how);
    if (!err)
        watch(socket);
    return err;
}

int sio_socket_on_any(sio_socket *socket, sio_any_cb callback, void *data)
{
    return add_incoming(socket, callback, data, 0);
}

int sio_socket_prepend_any(sio_socket *socket, sio_any_cb callback, void *data)
{
    return add_incoming(socket, callback, data, SIO_HANDLER_FIRST);
}

void sio_socket_off_any(sio_socket *socket, sio_any_cb callback)
{
    if (socket->extras)
        sio_handlers_remove(&socket->extras->taps.incoming, (sio_handler_call)callback);
}

int sio_socket_on_any_outgoing(sio_socket *socket, sio_any_cb callback, void *data)
{
    return add_outgoing(socket, callback, data, 0);
}

int sio_socket_prepend_any_outgoing(sio_socket *socket, sio_any_cb callback, void *data)
{
    return add_outgoing(socket, callback, data, SIO_HANDLER_FIRST);
}

void sio_socket_off_any_outgoing(sio_socket *socket, sio_any_cb callback)
{
    if (!socket->extras)
        return;
    sio_handlers_remove(&socket->extras->taps.outgoing, (sio_handler_call)callback);
    watch(socket);
}

static size_t list(const sio_handlers *row, sio_any_cb *out, size_t size)
{
    size_t count = 0;
    for (const sio_handler *handler = row->first; handler; handler = handler->next) {
        if (handler->gone)
            continue;
        if (count < size)
            out[count] = (sio_any_cb)handler->call;
        count++;
    }
    return count;
}

size_t sio_socket_listeners_any(const sio_socket *socket, sio_any_cb *out, size_t size)
{
    return socket->extras ? list(&socket->extras->taps.incoming, out, size) : 0;
}

size_t sio_socket_listeners_any_outgoing(const sio_socket *socket, sio_any_cb *out, size_t size)
{
    return socket->extras ? list(&socket->extras->taps.outgoing, out, size) : 0;
}

int sio_socket_use(sio_socket *socket, sio_packet_cb callback, void *data)
{
    const int err = need(socket);
    return err ? err
               : sio_handlers_add(&socket->extras->taps.filters, (sio_handler_call)callback, data,
                                  0);
}

int sio_socket_on_error(sio_socket *socket, sio_error_cb callback, void *data)
{
    const int err = need(socket);
    if (err)
        return err;
    socket->extras->taps.on_error = callback;
    socket->extras->taps.on_error_data = data;
    return 0;
}

int sio_socket_on_disconnecting(sio_socket *socket, sio_disconnect_cb callback, void *data)
{
    const int err = need(socket);
    if (err)
        return err;
    socket->extras->taps.on_disconnecting = callback;
    socket->extras->taps.on_disconnecting_data = data;
    return 0;
}

/* ---- context and data ---- */

int sio_socket_set_context(sio_socket *socket, void *context, sio_destroy_cb destroy)
{
    if (destroy && !sio_extras_need(socket))
        return SIO_ENOMEM;
    struct sio_socket_extras *extras = socket->extras;
    void *before = socket->context;
    const sio_destroy_cb destroy_before = extras ? extras->destroy : NULL;
    socket->context = context;
    if (extras)
        extras->destroy = destroy;
    if (destroy_before && before != context)
        destroy_before(before);
    return 0;
}

void *sio_socket_context(const sio_socket *socket)
{
    return socket->context;
}

int sio_socket_set_data(sio_socket *socket, const char *format, ...)
{
    sio_value *data = NULL;
    int err = 0;
    if (format && *format) {
        va_list arguments;
        va_start(arguments, format);
        err = sio_value_vnew(&data, format, arguments);
        va_end(arguments);
    }
    if (err)
        return err;
    if (!data && !socket->extras)
        return 0;
    if (!sio_extras_need(socket)) {
        sio_value_free(data);
        return SIO_ENOMEM;
    }
    sio_value_free(socket->extras->data);
    socket->extras->data = data;
    return 0;
}

const sio_value *sio_socket_data(const sio_socket *socket)
{
    return sio_extras_data(socket);
}
