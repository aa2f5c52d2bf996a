#include "core/middleware.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "core/legacy.h"
#include "core/namespace.h"

struct sio_next {
    sio_list node;      /* in server->nexts */
    sio_socket *socket; /* shared */
    uint32_t index;     /* of the middleware that has it */
};

static sio_next *next_new(sio_socket *socket, uint32_t index)
{
    sio_next *next = sio_mem_zalloc(sizeof(*next));
    if (!next)
        return NULL;
    next->socket = sio_socket_ref(socket);
    next->index = index;
    sio_list_push(&socket->nsp->server->nexts, &next->node);
    socket->next = next;
    return next;
}

static void next_free(sio_next *next)
{
    sio_list_remove(&next->node);
    sio_socket_unref(next->socket);
    sio_mem_free(next);
}

static void ask(sio_socket *socket, uint32_t index)
{
    const sio_namespace *nsp = socket->nsp;
    if (index >= nsp->middleware_count) {
        sio_socket_connect(socket);
        return;
    }
    sio_next *next = next_new(socket, index);
    if (!next) {
        sio_client_fail(socket->client, "out of memory");
        return;
    }
    const sio_middleware middleware = nsp->middlewares[index];
    sio_core_enter(nsp->server);
    middleware.callback(socket, next, middleware.data);
    sio_core_leave(nsp->server);
}

/* The awaited answer has come: whether anyone still wants it. */
static bool take(sio_next *next)
{
    if (next->socket->next != next)
        return false;
    next->socket->next = NULL;
    return true;
}

void sio_middleware_start(sio_socket *socket)
{
    ask(socket, 0);
}

void sio_middleware_forget(sio_socket *socket)
{
    socket->next = NULL;
}

void sio_middleware_drop_all(sio_server *server)
{
    sio_list *node;
    while ((node = sio_list_pop(&server->nexts)))
        next_free(SIO_CONTAINER(node, sio_next, node));
}

void sio_next_pass(sio_next *next)
{
    if (take(next))
        ask(next->socket, next->index + 1);
    next_free(next);
}

static int pack(sio_arena *arena, sio_value *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int err = sio_value_pack(arena, out, NULL, format, arguments);
    va_end(arguments);
    return err;
}

static bool is_truthy(const sio_value *value)
{
    switch (sio_value_type(value)) {
    case SIO_TYPE_UNDEFINED:
    case SIO_TYPE_NULL:
        return false;
    case SIO_TYPE_BOOL:
        return value->as.boolean;
    case SIO_TYPE_INT:
        return value->as.integer != 0;
    case SIO_TYPE_DOUBLE:
        return value->as.number < 0 || value->as.number > 0;
    case SIO_TYPE_STRING:
        return value->count > 0;
    default:
        return true;
    }
}

/* Clients of Socket.IO 2 get the data alone if it is anything to JavaScript, else the message. */
static int make_error(const sio_socket *socket, sio_arena *arena, sio_value *out,
                      const char *message, const sio_value *data)
{
    sio_value list;
    int err;
    if (sio_client_is_legacy(socket->client))
        err = is_truthy(data) ? pack(arena, &list, "v", data) : pack(arena, &list, "s", message);
    else if (data)
        err = pack(arena, &list, "{s:s,s:v}", "message", message, "data", data);
    else
        err = pack(arena, &list, "{s:s}", "message", message);
    if (!err)
        *out = *sio_value_at(&list, 0);
    return err;
}

/* What the application says may be no UTF-8; a refusal it is all the same. */
static void refuse(sio_socket *socket, const char *message, const sio_value *data)
{
    sio_server *server = socket->nsp->server;
    sio_arena arena = sio_core_borrow(server);
    sio_packet packet = { .type = SIO_PACKET_CONNECT_ERROR };
    int err = make_error(socket, &arena, &packet.data, message, data);
    if (err) {
        SIO_CORE_LOG(server, SIO_LOG_ERROR, SIO_LOG_SOCKET, "message of a refusal: %s",
                     sio_err_message(err));
        err = make_error(socket, &arena, &packet.data, "", data);
    }
    if (err || sio_socket_send(socket, packet, 0))
        sio_client_fail(socket->client, "its refusal cannot be sent");
    sio_core_give_back(server, &arena);
    sio_socket_end(socket, "");
}

void sio_next_refuse(sio_next *next, const char *message, const char *format, ...)
{
    sio_value *data = NULL;
    int err = 0;
    if (format && *format) {
        va_list arguments;
        va_start(arguments, format);
        err = sio_value_vnew(&data, format, arguments);
        va_end(arguments);
    }
    sio_server *server = next->socket->nsp->server;
    if (err)
        SIO_CORE_LOG(server, SIO_LOG_ERROR, SIO_LOG_SOCKET, "data of a refusal: %s",
                     sio_err_message(err));
    if (take(next))
        refuse(next->socket, message ? message : "", data);
    sio_value_free(data);
    next_free(next);
}
