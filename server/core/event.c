/* What a connected socket receives. */
#include "core/ack.h"
#include "core/namespace.h"
#include "core/passage.h"
#include "core/reply.h"
#include "core/taps.h"

void sio_socket_dispatch(sio_socket *socket, const sio_value *data, sio_ack *ack)
{
    char number[SIO_TAPS_NUMBER];
    const sio_str name = sio_taps_event(data, number);
    const sio_args args = sio_args_from(data, 1);
    sio_namespace *nsp = socket->nsp;
    if (!sio_socket_connected(socket))
        return;
    sio_socket_ref(socket);
    if (nsp->parent)
        sio_listeners_call(nsp->parent->listeners, name, socket, &args, ack);
    sio_listeners_call(nsp->listeners, name, socket, &args, ack);
    sio_listeners_call(socket->listeners, name, socket, &args, ack);
    sio_socket_unref(socket);
}

static bool is_filtered(sio_socket *socket)
{
    sio_taps *levels[SIO_TAPS_LEVELS];
    const int count = sio_taps_of(socket, levels);
    for (int i = 0; i < count; i++)
        if (levels[i]->filters.count > 0)
            return true;
    return false;
}

/* Catch-all listeners also see what a middleware refuses, as in the reference. */
static void serve_event(sio_socket *socket, const sio_value *data, sio_ack *ack)
{
    sio_taps_incoming(socket, data, ack);
    if (is_filtered(socket))
        sio_passage_start(socket, data, ack);
    else
        sio_socket_dispatch(socket, data, ack);
}

static void receive_event(sio_socket *socket, const sio_packet *packet)
{
    sio_server *server = socket->nsp->server;
    sio_ack *ack = NULL;
    server->stats.events_in++;
    if (packet->has_id && !(ack = sio_ack_new(socket, packet->id))) {
        sio_client_fail(socket->client, "out of memory");
        return;
    }
    sio_core_enter(server);
    sio_socket_ref(socket);
    serve_event(socket, &packet->data, ack);
    sio_socket_unref(socket);
    sio_core_leave(server);
    sio_ack_unref(ack);
}

void sio_socket_packet(sio_socket *socket, const sio_packet *packet)
{
    if (packet->type == SIO_PACKET_EVENT) {
        receive_event(socket, packet);
    } else if (packet->type == SIO_PACKET_ACK) {
        const sio_args args = sio_args_from(&packet->data, 0);
        socket->nsp->server->stats.acks_in++;
        if (packet->has_id)
            sio_reply_answer(socket, packet->id, &args);
    } else if (packet->type == SIO_PACKET_DISCONNECT) {
        sio_socket_end(socket, "client namespace disconnect");
    }
}
