/* The links of a client: the polls that come and go, and the WebSocket that takes over from them.
 */
#include <sio/err.h>

#include "core/client.h"
#include "core/client_events.h"

static void queue_noop(sio_client *client)
{
    if (sio_outbox_push(&client->outbox, client->server->noop))
        sio_client_fail(client, "out of memory");
    sio_client_mark(client);
}

/* While the client waits to switch, a poll without news would only hold it up. */
static void hurry_poll(sio_client *client)
{
    if (client->hurry && client->link && client->outbox.count == 0)
        queue_noop(client);
}

int sio_client_attach(sio_client *client, sio_link *link)
{
    if (client->session.state == SIO_EIO_STATE_CLOSED)
        return SIO_ECLOSED;
    if (client->session.transport != SIO_EIO_POLLING)
        return SIO_EINVAL;
    if (client->link) {
        sio_client_abort(client, SIO_EIO_TRANSPORT_ERROR);
        return SIO_EEXISTS;
    }
    client->link = link;
    link->client = client;
    hurry_poll(client);
    sio_client_mark(client);
    return 0;
}

static void release(sio_client *client)
{
    client->link->client = NULL;
    client->link = NULL;
}

void sio_client_detach(sio_client *client, sio_link *link)
{
    if (client->link == link)
        release(client);
}

void sio_client_writable(sio_client *client)
{
    sio_client_mark(client);
}

void sio_client_lost(sio_client *client, sio_link *link, sio_eio_reason reason)
{
    link->client = NULL;
    if (link == client->probe) {
        client->probe = NULL;
        sio_client_drop_probe(client);
    } else if (link == client->link) {
        client->link = NULL;
        sio_client_abort(client, reason);
    }
}

/* ---- upgrade ---- */

int sio_client_probe(sio_client *client, sio_link *link)
{
    sio_server *server = client->server;
    if (!server->engine.allow_upgrades)
        return SIO_EINVAL;
    const int err = sio_eio_session_probe(&client->session);
    if (err)
        return err;
    client->probe = link;
    link->client = client;
    SIO_CORE_LOG_OF(server, SIO_LOG_DEBUG, SIO_LOG_ENGINE, SIO_LOG_ABOUT(.client = client),
                    "client " SIO_CLIENT_TAG " probes a websocket", client->sid);
    sio_deadline_set(&server->probes, &client->probing, server->now);
    sio_core_rearm(server);
    return 0;
}

void sio_client_drop_probe(sio_client *client)
{
    sio_link *link = client->probe;
    client->probe = NULL;
    client->hurry = false;
    sio_eio_session_probe_end(&client->session);
    sio_deadline_cancel(&client->probing);
    if (!link)
        return;
    SIO_CORE_LOG_OF(client->server, SIO_LOG_DEBUG, SIO_LOG_ENGINE, SIO_LOG_ABOUT(.client = client),
                    "the probe of client " SIO_CLIENT_TAG " has failed", client->sid);
    link->client = NULL;
    link->ops->abort(link);
}

static void answer_probe(sio_client *client)
{
    sio_frame *pong = sio_frame_new_packet(SIO_EIO_PONG, SIO_STR("probe"));
    if (!pong) {
        sio_client_drop_probe(client);
        return;
    }
    client->hurry = true;
    client->probe->ops->send_now(client->probe, pong);
    sio_frame_unref(pong);
    hurry_poll(client);
    if (client->hooks)
        sio_client_tell_upgrading(client);
}

/* The poll that still waits gets a noop of its own; what is queued goes over the new transport. */
static void end_poll(sio_client *client)
{
    sio_link *poll = client->link;
    const sio_outbox held = client->outbox;
    client->outbox = (sio_outbox){ 0 };
    queue_noop(client);
    poll->ops->flush(poll, false);
    sio_outbox_clear(&client->outbox);
    client->outbox = held;
    if (!client->link)
        return;
    release(client); /* no memory for the answer */
    poll->ops->abort(poll);
}

static void upgrade(sio_client *client)
{
    sio_deadline_cancel(&client->probing);
    client->hurry = false;
    client->server->stats.clients_websocket++;
    client->server->stats.upgrades++;
    if (client->link)
        end_poll(client);
    if (!client->probe)
        return;
    client->link = client->probe;
    client->probe = NULL;
    SIO_CORE_LOG_OF(client->server, SIO_LOG_DEBUG, SIO_LOG_ENGINE, SIO_LOG_ABOUT(.client = client),
                    "client " SIO_CLIENT_TAG " upgraded to websocket", client->sid);
    sio_client_mark(client);
    if (client->hooks)
        sio_client_tell_upgrade(client);
}

void sio_client_probe_packet(sio_client *client, char *text, size_t len)
{
    sio_eio_packet packet;
    if (sio_eio_packet_read(&packet, text, len)) {
        sio_client_drop_probe(client);
        return;
    }
    const sio_eio_action action = sio_eio_session_probe_packet(&client->session, &packet);
    if (action == SIO_EIO_DO_SEND_PROBE_PONG)
        answer_probe(client);
    else if (action == SIO_EIO_DO_UPGRADE)
        upgrade(client);
    else
        sio_client_drop_probe(client);
}
