#include "core/broadcast.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/packet.h>
#include <sio/sys/text.h>

#include "core/client.h"
#include "core/namespace.h"
#include "core/parser.h"
#include "core/socket.h"

/* ---- this node ---- */

struct delivery {
    sio_packet packet;
    sio_frame *chain; /* once the first receiver is found */
    unsigned flags;
    int err;
};

static void deliver(sio_member *member, void *data)
{
    struct delivery *delivery = data;
    const sio_socket *socket = (const sio_socket *)member;
    if (socket->state != SIO_SOCKET_CONNECTED || delivery->err)
        return;
    if (!delivery->chain) {
        delivery->err = sio_parser_encode(socket->nsp->server, &delivery->packet, &delivery->chain);
        if (delivery->err)
            return;
        if (delivery->flags & SIO_UNCOMPRESSED)
            sio_frame_chain_plain(delivery->chain);
    }
    (void)sio_client_queue(socket->client, delivery->chain, (delivery->flags & SIO_VOLATILE) != 0);
}

int sio_broadcast_local(sio_namespace *nsp, const sio_selection *selection, const sio_value *data,
                        unsigned flags)
{
    struct delivery delivery = {
        .packet = { .type = SIO_PACKET_EVENT, .nsp = sio_namespace_str(nsp), .data = *data },
        .flags = flags,
    };
    sio_rooms_select(nsp->rooms, selection, deliver, &delivery);
    if (delivery.chain)
        nsp->server->stats.broadcasts++;
    sio_frame_unref(delivery.chain);
    return delivery.err;
}

/* ---- the other nodes ---- */

/* There the sender is known by the room of its own id only. */
static int with_sender(sio_arena *arena, const sio_selection *selection, const sio_str **out)
{
    const size_t count = selection->except_count;
    sio_str *names = sio_arena_alloc(arena, (count + 1) * sizeof(*names));
    if (!names)
        return SIO_ENOMEM;
    names[0] = sio_member_id(selection->sender);
    if (count)
        memcpy(names + 1, selection->except, count * sizeof(*names));
    *out = names;
    return 0;
}

static int publish(sio_namespace *nsp, sio_arena *arena, const sio_selection *selection,
                   const sio_value *data, unsigned flags)
{
    sio_adapter *adapter = nsp->server->adapter;
    sio_cluster_message message = {
        .nsp = sio_namespace_str(nsp),
        .rooms = selection->rooms,
        .rooms_count = selection->rooms_count,
        .except = selection->except,
        .except_count = selection->except_count,
        .flags = { .present = true,
                   .is_volatile = (flags & SIO_VOLATILE) != 0,
                   .no_compress = (flags & SIO_UNCOMPRESSED) != 0 },
        .data = *data,
    };
    if (selection->sender) {
        if (with_sender(arena, selection, &message.except))
            return SIO_ENOMEM;
        message.except_count++;
    }
    return adapter->ops->broadcast(adapter, &message);
}

/* ---- both ---- */

static int list_names(sio_arena *arena, const char *const *names, const sio_str **out,
                      size_t *out_count)
{
    size_t count = 0;
    while (names && names[count])
        count++;
    if (count == 0)
        return 0;
    sio_str *list = sio_arena_alloc(arena, count * sizeof(*list));
    if (!list)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++)
        list[i] = sio_str_from(names[i]);
    for (size_t i = 0; i < count; i++)
        if (!sio_utf8_valid(list[i].data, list[i].len))
            return SIO_EUTF8;
    *out = list;
    *out_count = count;
    return 0;
}

/* What no client here could be sent is not sent to the other nodes either. */
static int check(const sio_namespace *nsp, const sio_value *data)
{
    const bool attached = nsp->server->parser == SIO_PARSER_DEFAULT;
    return attached && sio_value_attachments(data) > SIO_LIMIT_ATTACHMENTS ? SIO_ELIMIT : 0;
}

static int broadcast(sio_namespace *nsp, sio_arena *arena, const sio_target *target,
                     const sio_member *sender, const sio_value *data)
{
    sio_selection selection = { .sender = sender };
    int err = list_names(arena, target->rooms, &selection.rooms, &selection.rooms_count);
    if (!err)
        err = list_names(arena, target->except, &selection.except, &selection.except_count);
    if (!err)
        err = check(nsp, data);
    if (!err)
        err = sio_broadcast_local(nsp, &selection, data, target->flags);
    if (err || !nsp->server->adapter || (target->flags & SIO_LOCAL))
        return err;
    return publish(nsp, arena, &selection, data, target->flags);
}

int sio_broadcast(sio_namespace *nsp, const sio_target *target, const sio_member *sender,
                  const char *event, const char *format, va_list arguments)
{
    static const sio_target everyone = { 0 };
    if (!event)
        return SIO_EINVAL;
    if (sio_packet_reserved(sio_str_from(event)))
        return SIO_ERESERVED;
    sio_value data;
    sio_arena arena = sio_core_borrow(nsp->server);
    int err = sio_value_pack(&arena, &data, event, format ? format : "", arguments);
    if (!err)
        err = broadcast(nsp, &arena, target ? target : &everyone, sender, &data);
    sio_core_give_back(nsp->server, &arena);
    return err;
}
