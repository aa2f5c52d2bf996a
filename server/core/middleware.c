#include "core/middleware.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "core/legacy.h"
#include "core/namespace.h"
#include "core/next.h"

/* A middleware that has a socket. */
struct turn {
    sio_next next;      /* first */
    sio_socket *socket; /* shared */
    bool of_parent;     /* it is one of the parent's, which come first */
    uint32_t index;     /* of the middleware */
};

static struct turn *turn_of(sio_next *next)
{
    return (struct turn *)(void *)next;
}

static const sio_next_ops turn_ops;

static sio_next *turn_new(sio_socket *socket, bool of_parent, uint32_t index)
{
    struct turn *turn = sio_mem_zalloc(sizeof(*turn));
    if (!turn)
        return NULL;
    turn->socket = sio_socket_ref(socket);
    turn->of_parent = of_parent;
    turn->index = index;
    sio_next_init(&turn->next, socket->nsp->server, &turn_ops);
    socket->next = &turn->next;
    return &turn->next;
}

static void turn_drop(sio_next *next)
{
    sio_socket_unref(turn_of(next)->socket);
    sio_mem_free(next);
}

static void ask(sio_socket *socket, bool of_parent, uint32_t index)
{
    const sio_namespace *nsp = of_parent ? socket->nsp->parent : socket->nsp;
    if (of_parent && index >= nsp->middleware_count) {
        ask(socket, false, 0);
        return;
    }
    if (index >= nsp->middleware_count) {
        sio_socket_connect(socket);
        return;
    }
    sio_next *next = turn_new(socket, of_parent, index);
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
static bool take(struct turn *turn)
{
    if (turn->socket->next != &turn->next)
        return false;
    turn->socket->next = NULL;
    return true;
}

void sio_middleware_start(sio_socket *socket)
{
    ask(socket, socket->nsp->parent != NULL, 0);
}

void sio_middleware_forget(sio_socket *socket)
{
    socket->next = NULL;
}

static void turn_pass(sio_next *next)
{
    struct turn *turn = turn_of(next);
    if (take(turn))
        ask(turn->socket, turn->of_parent, turn->index + 1);
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
    server->stats.refused_by_middleware++;
    SIO_CORE_LOG_OF(server, SIO_LOG_DEBUG, SIO_LOG_SOCKET,
                    SIO_LOG_ABOUT(.client = socket->client, .nsp = sio_namespace_str(socket->nsp)),
                    "client " SIO_CLIENT_TAG " was refused by %s: a middleware said so",
                    socket->client->sid, socket->nsp->name);
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

static void turn_refuse(sio_next *next, const char *message, const sio_value *data)
{
    struct turn *turn = turn_of(next);
    if (take(turn))
        refuse(turn->socket, message, data);
}

static const sio_next_ops turn_ops = { turn_pass, turn_refuse, turn_drop };
