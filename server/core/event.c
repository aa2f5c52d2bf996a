/* What a connected socket receives. */
#include <string.h>

#include "core/ack.h"
#include "core/namespace.h"
#include "core/reply.h"
#include "core/socket.h"

/* A number as an event's name is its text in JavaScript. */
static sio_str name_of_number(const sio_value *number, char *out, size_t size)
{
    sio_buf text = { 0 };
    size_t len = 0;
    if (!sio_json_write(&text, number, NULL) && !text.err && text.len <= size) {
        len = text.len;
        memcpy(out, text.data, len);
    }
    sio_buf_free(&text);
    return (sio_str){ out, len };
}

static void dispatch(sio_socket *socket, sio_str name, const sio_args *args, sio_ack *ack)
{
    sio_server *server = socket->nsp->server;
    sio_core_enter(server);
    sio_socket_ref(socket);
    if (socket->nsp->parent)
        sio_listeners_call(socket->nsp->parent->listeners, name, socket, args, ack);
    sio_listeners_call(socket->nsp->listeners, name, socket, args, ack);
    sio_listeners_call(socket->listeners, name, socket, args, ack);
    sio_socket_unref(socket);
    sio_core_leave(server);
}

static void receive_event(sio_socket *socket, const sio_packet *packet)
{
    char number[40];
    const sio_value *first = sio_value_at(&packet->data, 0);
    const sio_str name = first && first->type == SIO_TYPE_STRING
                             ? (sio_str){ first->as.text, first->count }
                             : name_of_number(first, number, sizeof(number));
    const sio_args args = sio_args_from(&packet->data, 1);
    sio_ack *ack = NULL;
    if (packet->has_id && !(ack = sio_ack_new(socket, packet->id))) {
        sio_client_fail(socket->client, "out of memory");
        return;
    }
    dispatch(socket, name, &args, ack);
    sio_ack_unref(ack);
}

void sio_socket_packet(sio_socket *socket, const sio_packet *packet)
{
    if (packet->type == SIO_PACKET_EVENT) {
        receive_event(socket, packet);
    } else if (packet->type == SIO_PACKET_ACK) {
        const sio_args args = sio_args_from(&packet->data, 0);
        if (packet->has_id)
            sio_reply_answer(socket, packet->id, &args);
    } else if (packet->type == SIO_PACKET_DISCONNECT) {
        sio_socket_end(socket, "client namespace disconnect");
    }
}
