#include "core/ack.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "core/namespace.h"

struct sio_ack {
    sio_socket *socket; /* shared */
    uint64_t id;
    uint32_t refs;
    bool sent;
};

sio_ack *sio_ack_new(sio_socket *socket, uint64_t id)
{
    sio_ack *ack = sio_mem_alloc(sizeof(*ack));
    if (ack)
        *ack = (sio_ack){ .socket = sio_socket_ref(socket), .id = id, .refs = 1 };
    return ack;
}

sio_ack *sio_ack_ref(sio_ack *ack)
{
    if (ack)
        ack->refs++;
    return ack;
}

void sio_ack_unref(sio_ack *ack)
{
    if (!ack || --ack->refs > 0)
        return;
    sio_socket_unref(ack->socket);
    sio_mem_free(ack);
}

static int send_answer(sio_ack *ack, const char *format, va_list arguments)
{
    sio_server *server = ack->socket->nsp->server;
    sio_arena arena = sio_core_borrow(server);
    sio_packet packet = { .type = SIO_PACKET_ACK, .has_id = true, .id = ack->id };
    int err = sio_value_pack(&arena, &packet.data, NULL, format ? format : "", arguments);
    if (!err)
        err = sio_socket_send(ack->socket, packet, 0);
    sio_core_give_back(server, &arena);
    return err;
}

int sio_ack_send(sio_ack *ack, const char *format, ...)
{
    if (!ack)
        return 0;
    if (ack->sent)
        return SIO_EEXISTS;
    if (!sio_socket_connected(ack->socket))
        return SIO_ECLOSED;
    va_list arguments;
    va_start(arguments, format);
    const int err = send_answer(ack, format, arguments);
    va_end(arguments);
    ack->sent = !err;
    return err;
}
