/* What goes out to one socket. */
#include <sio/err.h>

#include "core/broadcast.h"
#include "core/namespace.h"
#include "core/order.h"
#include "core/parser.h"
#include "core/recovery.h"
#include "core/reply.h"
#include "core/socket.h"
#include "core/taps.h"
#include "core/trace.h"

int sio_socket_send(sio_socket *socket, sio_packet packet, unsigned flags)
{
    sio_frame *chain;
    packet.nsp = sio_namespace_str(socket->nsp);
    const int err = sio_parser_encode(socket->nsp->server, &packet, &chain);
    if (err)
        return err;
    SIO_TRACE_PACKET(socket->client, "gets", &packet);
    if (flags & SIO_UNCOMPRESSED)
        sio_frame_chain_plain(chain);
    if (packet.type == SIO_PACKET_EVENT || packet.type == SIO_PACKET_ACK) {
        const bool queued = sio_order_queue(socket, chain, (flags & SIO_VOLATILE) != 0);
        socket->nsp->server->stats.events_out += queued && packet.type == SIO_PACKET_EVENT;
        sio_order_limit(socket->nsp->server);
    } else {
        (void)sio_client_queue(socket->client, chain, false);
    }
    sio_frame_unref(chain);
    return 0;
}

static int check(const sio_socket *socket, const char *event)
{
    if (!event)
        return SIO_EINVAL;
    if (sio_packet_reserved(sio_str_from(event)))
        return SIO_ERESERVED;
    return sio_socket_connected(socket) ? 0 : SIO_ECLOSED;
}

static int pack(sio_arena *arena, sio_packet *packet, const char *event, const char *format,
                va_list arguments)
{
    packet->type = SIO_PACKET_EVENT;
    return sio_value_pack(arena, &packet->data, event, format ? format : "", arguments);
}

/* Those who listen to what goes out may end the socket. */
static int tell(sio_socket *socket, const sio_packet *packet)
{
    if (!sio_taps_outgoing(socket->nsp))
        return 0;
    sio_taps_tell_outgoing(socket, &packet->data);
    return sio_socket_connected(socket) ? 0 : SIO_ECLOSED;
}

/* A client that comes back gets it then. Listeners are told once, and see the offset, as in the
 * reference. */
static int send_kept(sio_socket *socket, sio_arena *arena, sio_packet packet, unsigned flags)
{
    sio_namespace *nsp = socket->nsp;
    const sio_str own = sio_member_id(&socket->member);
    const sio_selection selection = { .rooms = &own, .rooms_count = 1 };
    if (sio_recovery_is_remote(nsp->server))
        return sio_broadcast_selected(nsp, arena, &selection, &packet.data, flags);
    const sio_value data = packet.data;
    sio_recovery_stamp(nsp, arena, &selection, &data, (sio_str){ NULL, 0 }, &packet.data);
    const int err = tell(socket, &packet);
    return err ? err : sio_socket_send(socket, packet, flags);
}

static int emit(sio_socket *socket, unsigned flags, const char *event, const char *format,
                va_list arguments)
{
    sio_server *server = socket->nsp->server;
    sio_packet packet = { 0 };
    int err = check(socket, event);
    if (err)
        return err;
    sio_arena arena = sio_core_borrow(server);
    err = pack(&arena, &packet, event, format, arguments);
    if (!err && sio_recovery_wants(socket->nsp, flags))
        err = send_kept(socket, &arena, packet, flags);
    else if (!err && !(err = tell(socket, &packet)))
        err = sio_socket_send(socket, packet, flags);
    sio_core_give_back(server, &arena);
    return err;
}

int sio_socket_emit(sio_socket *socket, const char *event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int err = emit(socket, 0, event, format, arguments);
    va_end(arguments);
    return err;
}

int sio_socket_emit_flags(sio_socket *socket, unsigned flags, const char *event, const char *format,
                          ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int err = emit(socket, flags, event, format, arguments);
    va_end(arguments);
    return err;
}

int sio_socket_vemit(sio_socket *socket, unsigned flags, const char *event, const char *format,
                     va_list arguments)
{
    return emit(socket, flags, event, format, arguments);
}

int sio_socket_send_message(sio_socket *socket, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int err = emit(socket, 0, "message", format, arguments);
    va_end(arguments);
    return err;
}

/* What waits for an answer. */
struct request {
    unsigned flags;
    uint32_t timeout_ms;
    sio_reply_cb callback;
    void *data;
};

static int ask(sio_socket *socket, const struct request *request, sio_packet *packet)
{
    sio_reply *reply;
    int err = sio_reply_new(&reply, socket, request->timeout_ms, request->callback, request->data);
    if (err)
        return err;
    packet->has_id = true;
    packet->id = sio_reply_id(reply);
    err = sio_socket_send(socket, *packet, request->flags);
    if (err)
        sio_reply_cancel(reply);
    return err;
}

static int emit_ack(sio_socket *socket, const struct request *request, const char *event,
                    const char *format, va_list arguments)
{
    sio_server *server = socket->nsp->server;
    sio_packet packet = { 0 };
    int err = request->callback ? check(socket, event) : SIO_EINVAL;
    if (err)
        return err;
    sio_arena arena = sio_core_borrow(server);
    err = pack(&arena, &packet, event, format, arguments);
    if (!err)
        err = tell(socket, &packet);
    if (!err)
        err = ask(socket, request, &packet);
    sio_core_give_back(server, &arena);
    return err;
}

int sio_socket_emit_ack(sio_socket *socket, uint32_t timeout_ms, sio_reply_cb callback, void *data,
                        const char *event, const char *format, ...)
{
    const struct request request = { 0, timeout_ms, callback, data };
    va_list arguments;
    va_start(arguments, format);
    const int err = emit_ack(socket, &request, event, format, arguments);
    va_end(arguments);
    return err;
}

int sio_socket_emit_ack_flags(sio_socket *socket, unsigned flags, uint32_t timeout_ms,
                              sio_reply_cb callback, void *data, const char *event,
                              const char *format, ...)
{
    const struct request request = { flags, timeout_ms, callback, data };
    va_list arguments;
    va_start(arguments, format);
    const int err = emit_ack(socket, &request, event, format, arguments);
    va_end(arguments);
    return err;
}

int sio_socket_broadcast(sio_socket *socket, const sio_target *target, const char *event,
                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int err = sio_broadcast(socket->nsp, target, &socket->member, event, format, arguments);
    va_end(arguments);
    return err;
}
