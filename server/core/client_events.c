#include "core/client_events.h"

#include <sio/err.h>
#include <sio/sys/mem.h>
#include <sio/sys/text.h>

int sio_client_on(sio_client *client, const sio_client_events *events, void *data)
{
    static const sio_client_events none = { 0 };
    if (client->session.state == SIO_EIO_STATE_CLOSED)
        return SIO_ECLOSED;
    if (!client->hooks) {
        if (!events)
            return 0;
        client->hooks = sio_mem_zalloc(sizeof(*client->hooks));
        if (!client->hooks)
            return SIO_ENOMEM;
        client->hooks->client = client;
    }
    client->hooks->events = events ? *events : none;
    client->hooks->data = data;
    return 0;
}

void sio_client_hooks_free(sio_client *client)
{
    if (!client->hooks)
        return;
    sio_list_remove(&client->hooks->node);
    sio_mem_free(client->hooks);
}

/* ---- what comes ---- */

static sio_engine_packet packet_of(const sio_eio_packet *packet)
{
    return (sio_engine_packet){
        .type = (sio_engine_type)packet->type,
        .binary = packet->binary,
        .data = packet->data.data,
        .length = packet->data.len,
    };
}

void sio_client_tell_packet(sio_client *client, const sio_eio_packet *packet)
{
    const sio_engine_packet seen = packet_of(packet);
    if (!client->hooks->events.packet)
        return;
    sio_core_enter(client->server);
    client->hooks->events.packet(client, &seen, client->hooks->data);
    sio_core_leave(client->server);
}

bool sio_client_tell_data(sio_client *client, const sio_eio_packet *packet)
{
    const sio_engine_packet seen = packet_of(packet);
    if (!client->hooks->events.data)
        return false;
    sio_core_enter(client->server);
    const bool served = client->hooks->events.data(client, &seen, client->hooks->data);
    sio_core_leave(client->server);
    return served;
}

/* ---- what goes ---- */

/* Its type comes first, as a digit or, in bytes of revision 3, as a number. */
static sio_engine_packet packet_in(const sio_frame *frame)
{
    const sio_str payload = sio_frame_payload(frame);
    const bool typed = !frame->binary || frame->typed;
    return (sio_engine_packet){
        .type = frame->binary ? SIO_ENGINE_MESSAGE : (sio_engine_type)payload.data[0],
        .binary = frame->binary,
        .data = payload.data + typed,
        .length = payload.len - typed,
    };
}

static void tell_created(sio_client *client, sio_frame *chain)
{
    sio_core_enter(client->server);
    sio_frame_ref(chain);
    for (const sio_frame *frame = chain; frame && client->hooks->events.packet_create;
         frame = frame->next) {
        const sio_engine_packet packet = packet_in(frame);
        client->hooks->events.packet_create(client, &packet, client->hooks->data);
    }
    sio_frame_unref(chain);
    sio_core_leave(client->server);
}

void sio_client_tell_created(sio_client *client)
{
    sio_list *node = &client->hooks->node;
    if (!client->hooks->events.packet_create)
        return;
    if (!client->server->walking)
        tell_created(client, sio_outbox_at(&client->outbox, client->outbox.count - 1));
    else if (!sio_list_linked(node))
        sio_list_push(&client->server->created, node);
}

void sio_client_tell_created_all(sio_server *server, sio_frame *chain)
{
    sio_list *node;
    while ((node = sio_list_pop(&server->created)))
        tell_created(SIO_CONTAINER(node, struct sio_client_hooks, node)->client, chain);
}

void sio_client_tell_flush(sio_client *client)
{
    const struct sio_client_hooks *self = client->hooks;
    if (!self->events.flush)
        return;
    sio_core_enter(client->server);
    self->events.flush(client, client->outbox.count, self->data);
    sio_core_leave(client->server);
}

/* ---- what happens to it ---- */

static void tell(sio_client *client, void (*event)(sio_client *client, void *data))
{
    if (!event)
        return;
    sio_core_enter(client->server);
    event(client, client->hooks->data);
    sio_core_leave(client->server);
}

void sio_client_tell_drain(sio_client *client)
{
    tell(client, client->hooks->events.drain);
}

void sio_client_tell_upgrading(sio_client *client)
{
    tell(client, client->hooks->events.upgrading);
}

void sio_client_tell_upgrade(sio_client *client)
{
    tell(client, client->hooks->events.upgrade);
}

void sio_client_tell_heartbeat(sio_client *client)
{
    tell(client, client->hooks->events.heartbeat);
}

void sio_client_tell_close(sio_client *client)
{
    const struct sio_client_hooks *self = client->hooks;
    if (!self->events.close)
        return;
    sio_core_enter(client->server);
    self->events.close(client, sio_eio_reason_text((sio_eio_reason)client->session.reason),
                       client->failure, self->data);
    sio_core_leave(client->server);
}
