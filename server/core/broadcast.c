#include "core/broadcast.h"

#include <inttypes.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/packet.h>

#include "core/client.h"
#include "core/client_events.h"
#include "core/crowd.h"
#include "core/namespace.h"
#include "core/order.h"
#include "core/parent.h"
#include "core/parser.h"
#include "core/recovery.h"
#include "core/socket.h"
#include "core/taps.h"
#include "core/target.h"
#include "core/trace.h"

/* ---- this node ---- */

struct delivery {
    sio_packet packet;
    sio_frame *chain; /* once the first receiver is found */
    unsigned flags;
    bool in_turn;       /* the adapter has decided that it is its turn */
    sio_ballot *ballot; /* NULL: no answers are wanted */
    uint32_t count;     /* receivers */
    int err;
};

static bool queue(sio_socket *socket, const struct delivery *delivery)
{
    const bool is_volatile = (delivery->flags & SIO_VOLATILE) != 0;
    return delivery->in_turn ? sio_client_queue(socket->client, delivery->chain, is_volatile)
                             : sio_order_queue(socket, delivery->chain, is_volatile);
}

static void deliver(sio_member *member, void *data)
{
    struct delivery *delivery = data;
    sio_socket *socket = (sio_socket *)member;
    const bool connected = socket->state == SIO_SOCKET_CONNECTED;
    if ((!connected && (delivery->ballot || !sio_recovery_holds(socket))) || delivery->err)
        return;
    if (!delivery->chain) {
        delivery->err = sio_parser_encode(socket->nsp->server, &delivery->packet, &delivery->chain);
        if (delivery->err)
            return;
        if (delivery->flags & SIO_UNCOMPRESSED)
            sio_frame_chain_plain(delivery->chain);
    }
    if (!connected) {
        sio_recovery_hold(socket, delivery->chain);
        return;
    }
    if (!queue(socket, delivery))
        return;
    delivery->count++;
    /* one whose answer cannot be awaited is one that does not answer */
    if (delivery->ballot)
        (void)sio_ballot_add(delivery->ballot, socket, delivery->packet.id);
}

static void tell_one(sio_socket *socket, void *data)
{
    sio_taps_tell_outgoing(socket, data);
}

/* Before anything is sent, since they may do anything, and nothing may change while the room index
 * is walked. Who is sent it is decided after. */
static int tell_listeners(sio_namespace *nsp, const sio_selection *selection, sio_value data)
{
    return sio_crowd_each(nsp, selection, tell_one, &data);
}

static int deliver_all(sio_namespace *nsp, const sio_selection *selection,
                       struct delivery *delivery)
{
    if (sio_taps_outgoing(nsp) &&
        (delivery->err = tell_listeners(nsp, selection, delivery->packet.data)))
        return delivery->err;
    nsp->server->walking = true;
    sio_rooms_select(nsp->rooms, selection, deliver, delivery);
    nsp->server->walking = false;
    sio_order_limit(nsp->server);
    if (!sio_list_empty(&nsp->server->created))
        sio_client_tell_created_all(nsp->server, delivery->chain);
    if (delivery->chain)
        nsp->server->stats.broadcasts++;
    nsp->server->stats.deliveries += delivery->count;
    SIO_CORE_LOG_OF(
        nsp->server, SIO_LOG_TRACE, SIO_LOG_SOCKET,
        SIO_LOG_ABOUT(.nsp = sio_namespace_str(nsp), .event = sio_trace_event(&delivery->packet)),
        "%" PRIu32 " clients get event \"%.*s\" of %s", delivery->count,
        (int)sio_trace_event(&delivery->packet).len, sio_trace_event(&delivery->packet).data,
        nsp->name);
    sio_frame_unref(delivery->chain);
    return delivery->err;
}

static int deliver_plain(sio_namespace *nsp, const sio_selection *selection, const sio_value *data,
                         unsigned flags, bool in_turn)
{
    struct delivery delivery = {
        .packet = { .type = SIO_PACKET_EVENT, .nsp = sio_namespace_str(nsp), .data = *data },
        .flags = flags,
        .in_turn = in_turn,
    };
    return deliver_all(nsp, selection, &delivery);
}

static int deliver_stamped(sio_namespace *nsp, const sio_selection *selection,
                           const sio_value *data, unsigned flags, sio_str offset, bool in_turn)
{
    if (!sio_recovery_wants(nsp, flags))
        return deliver_plain(nsp, selection, data, flags, in_turn);
    sio_value stamped;
    sio_arena arena = sio_core_borrow(nsp->server);
    sio_recovery_stamp(nsp, &arena, selection, data, offset, &stamped);
    const int err = deliver_plain(nsp, selection, &stamped, flags, in_turn);
    sio_core_give_back(nsp->server, &arena);
    return err;
}

int sio_broadcast_offset(sio_namespace *nsp, const sio_selection *selection, const sio_value *data,
                         unsigned flags, sio_str offset)
{
    return deliver_stamped(nsp, selection, data, flags, offset, true);
}

bool sio_broadcast_takes_json(const sio_namespace *nsp)
{
    const sio_server *server = nsp->server;
    return server->parser == SIO_PARSER_DEFAULT && !sio_taps_outgoing(nsp) &&
           !sio_recovery_wants(nsp, 0) && server->logger.levels[SIO_LOG_SOCKET] < SIO_LOG_TRACE;
}

int sio_broadcast_json(sio_namespace *nsp, const sio_selection *selection, sio_str json,
                       unsigned flags)
{
    struct delivery delivery = {
        .packet = { .type = SIO_PACKET_EVENT, .nsp = sio_namespace_str(nsp), .json = json },
        .flags = flags,
        .in_turn = true,
    };
    return deliver_all(nsp, selection, &delivery);
}

static int deliver_here(sio_namespace *nsp, const sio_selection *selection, const sio_value *data,
                        unsigned flags)
{
    return deliver_stamped(nsp, selection, data, flags, (sio_str){ NULL, 0 }, false);
}

int sio_broadcast_ask(sio_namespace *nsp, const sio_selection *selection, const sio_value *data,
                      unsigned flags, sio_ballot *ballot, uint32_t *asked)
{
    struct delivery delivery = {
        .packet = { .type = SIO_PACKET_EVENT,
                    .nsp = sio_namespace_str(nsp),
                    .data = *data,
                    .has_id = true,
                    .id = nsp->next_reply++ },
        .flags = flags,
        .ballot = ballot,
    };
    const int err = deliver_all(nsp, selection, &delivery);
    *asked = delivery.count;
    return err;
}

/* ---- the other nodes ---- */

static int publish(sio_namespace *nsp, sio_arena *arena, const sio_selection *selection,
                   const sio_value *data, unsigned flags)
{
    sio_adapter *adapter = nsp->server->adapter;
    sio_cluster_message message = {
        .nsp = sio_namespace_str(nsp),
        .rooms = selection->rooms,
        .rooms_count = selection->rooms_count,
        .flags = sio_target_flags(flags),
        .data = *data,
    };
    const int err = sio_target_except(arena, selection, &message.except, &message.except_count);
    return err ? err : adapter->ops->broadcast(adapter, &message);
}

/* ---- both ---- */

int sio_broadcast_check(const sio_namespace *nsp, const sio_value *data)
{
    const bool attached = nsp->server->parser == SIO_PARSER_DEFAULT;
    return attached && sio_value_attachments(data) > SIO_LIMIT_ATTACHMENTS ? SIO_ELIMIT : 0;
}

/* The adapter has the offset, and delivers here too, or does not. */
static int publish_first(sio_namespace *nsp, sio_arena *arena, const sio_selection *selection,
                         const sio_value *data, unsigned flags)
{
    const int sent = publish(nsp, arena, selection, data, flags);
    if (sent == SIO_ADAPTER_DELIVERS) {
        sio_core_rearm(nsp->server);
        return 0;
    }
    const int err = deliver_here(nsp, selection, data, flags);
    return sent ? sent : err;
}

int sio_broadcast_selected(sio_namespace *nsp, sio_arena *arena, const sio_selection *selection,
                           const sio_value *data, unsigned flags)
{
    const bool cluster = nsp->server->adapter && !(flags & SIO_LOCAL);
    if (cluster && sio_recovery_is_remote(nsp->server))
        return publish_first(nsp, arena, selection, data, flags);
    const int err = deliver_here(nsp, selection, data, flags);
    return err || !cluster ? err : publish(nsp, arena, selection, data, flags);
}

static int broadcast_in(sio_namespace *nsp, sio_arena *arena, const sio_target *target,
                        const sio_member *sender, const sio_value *data)
{
    sio_selection selection;
    int err = sio_target_select(arena, nsp, target, &selection);
    if (sender)
        selection.sender = sender;
    if (!err)
        err = sio_broadcast_check(nsp, data);
    return err ? err : sio_broadcast_selected(nsp, arena, &selection, data, target->flags);
}

/* A parent's go to each of its children; what keeps one from it does not keep the others. */
static int broadcast(sio_namespace *nsp, sio_arena *arena, const sio_target *target,
                     const sio_member *sender, const sio_value *data)
{
    if (nsp->closed)
        return SIO_ECLOSED;
    if (!nsp->family)
        return broadcast_in(nsp, arena, target, sender, data);
    int err = 0;
    const sio_list *head = &nsp->family->children;
    for (sio_list *node = head->next; node != head; node = node->next) {
        sio_namespace *child = SIO_CONTAINER(node, sio_namespace, brother);
        const int got = broadcast_in(child, arena, target, sender, data);
        err = err ? err : got;
    }
    return err;
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
