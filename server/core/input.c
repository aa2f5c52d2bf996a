/* What a client sends: Engine.IO packets, and the Socket.IO packets in them. */
#include <sio/err.h>
#include <sio/sys/eio3.h>
#include <sio/sys/limits.h>

#include "core/client_events.h"
#include "core/knock.h"
#include "core/legacy.h"
#include "core/middleware.h"
#include "core/namespace.h"
#include "core/parser.h"
#include "core/quota.h"
#include "core/recovery.h"
#include "core/socket.h"
#include "core/taps.h"
#include "core/trace.h"

/* ---- Socket.IO ---- */

/* The one that is not gone, else one that left in this turn, else NULL. */
static sio_socket *find_socket(const sio_client *client, sio_str nsp)
{
    sio_socket *left = NULL;
    for (sio_socket *socket = client->sockets; socket; socket = socket->sibling) {
        if (!sio_str_equal(sio_namespace_str(socket->nsp), nsp))
            continue;
        if (socket->state != SIO_SOCKET_LEFT)
            return socket;
        left = socket;
    }
    return left;
}

/* The reference says one or the other, as its transport can be closed at once or not. */
static void close_for_state(sio_client *client)
{
    sio_client_shut(client, client->link ? "forced close" : "forced server close");
}

void sio_client_join(sio_client *client, sio_namespace *nsp, const sio_value *auth)
{
    sio_socket *socket = sio_socket_new(client, nsp, auth);
    if (socket)
        sio_recovery_start(socket);
    else
        sio_client_fail(client, "out of memory");
}

static bool has_too_many(const sio_client *client)
{
    return client->socket_count + sio_knock_count(client) >=
           client->server->limits.max_namespaces_per_client;
}

static void connect(sio_client *client, const sio_packet *packet)
{
    const sio_server *server = client->server;
    sio_namespace *nsp = sio_map_get(&server->namespaces, packet->nsp);
    if (sio_knock_waits(client, packet->nsp))
        close_for_state(client);
    else if ((nsp || !sio_list_empty(&server->families)) && has_too_many(client))
        sio_client_fail(client, "too many namespaces");
    else if (nsp)
        sio_client_join(client, nsp, &packet->data);
    else
        sio_knock_start(client, packet);
}

void sio_client_packet(sio_client *client, const sio_packet *packet)
{
    sio_socket *socket = find_socket(client, packet->nsp);
    SIO_TRACE_PACKET(client, "sent", packet);
    const bool gone = !socket || socket->state == SIO_SOCKET_LEFT;
    if (packet->type == SIO_PACKET_CONNECT && gone)
        connect(client, packet);
    else if (!socket || socket->state == SIO_SOCKET_PENDING || packet->type == SIO_PACKET_CONNECT ||
             packet->type == SIO_PACKET_CONNECT_ERROR)
        close_for_state(client);
    else if (!gone)
        sio_socket_packet(socket, packet);
}

/* ---- Engine.IO ---- */

/* The reference's word for what it refuses too; what only we refuse is called what it is. */
static const char *reason_of(int err)
{
    return err == SIO_EDEPTH || err == SIO_EINVAL ? "parse error" : "forced close";
}

/* The sockets are told what it was before they are told that it is over. */
static void refuse_packet(sio_client *client, int err)
{
    for (sio_socket *socket = client->sockets; socket; socket = socket->sibling)
        if (sio_socket_connected(socket))
            sio_taps_error(socket, sio_err_message(err), NULL);
    sio_client_shut(client, reason_of(err));
}

static void serve(sio_client *client, sio_packet *packet)
{
    if (sio_client_is_legacy(client) && sio_legacy_address(&client->server->arena, packet))
        sio_client_fail(client, "the query of its CONNECT packet is too large");
    else if (packet->nsp.len > SIO_LIMIT_NAME) /* the decoder did not count what may be a query */
        sio_client_shut(client, reason_of(SIO_ELIMIT));
    else
        sio_client_packet(client, packet);
}

static void receive(sio_client *client, const sio_eio_packet *message)
{
    sio_server *server = client->server;
    sio_packet packet;
    if (!sio_client_is_open(client))
        return;
    server->stats.messages_in++;
    if (client->hooks && sio_client_tell_data(client, message))
        return;
    const int got = sio_parser_decode(client, message, &packet);
    if (got < 0)
        refuse_packet(client, got);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): no packet comes with an end alone */
    else if (got > 0 && packet.type == SIO_PACKET_CONNECT && message->data.len > SIO_LIMIT_CONNECT)
        sio_client_fail(client, "its CONNECT packet is too large");
    else if (got > 0)
        serve(client, &packet);
    if (server->depth == 0)
        sio_arena_reset(&server->arena);
}

static void send_ping(sio_client *client)
{
    SIO_CORE_LOG_OF(client->server, SIO_LOG_TRACE, SIO_LOG_ENGINE, SIO_LOG_ABOUT(.client = client),
                    "client " SIO_CLIENT_TAG " is pinged", client->sid);
    (void)sio_client_queue(client, client->server->ping, false);
    sio_deadline_set(&client->server->pongs, &client->heartbeat, client->server->now);
}

static void send_pong(sio_client *client)
{
    SIO_CORE_LOG_OF(client->server, SIO_LOG_TRACE, SIO_LOG_ENGINE, SIO_LOG_ABOUT(.client = client),
                    "client " SIO_CLIENT_TAG " pings", client->sid);
    if (sio_client_queue(client, client->server->pong, false))
        sio_deadline_set(&client->server->silences, &client->heartbeat, client->server->now);
}

/* Where the client itself ended its polling, the poll that waits is answered as any other. */
static void end_session(sio_client *client)
{
    const sio_eio_session session = client->session;
    sio_client_finish(client);
    if (session.reason == SIO_EIO_TRANSPORT_CLOSE && session.transport == SIO_EIO_POLLING)
        (void)sio_outbox_push(&client->outbox, client->server->noop);
}

/* A session that is closing needs no heartbeat any more. */
static void await(sio_client *client, sio_deadlines *queue)
{
    if (sio_client_is_open(client))
        sio_deadline_set(queue, &client->heartbeat, client->server->now);
}

static void tell_alive(sio_client *client)
{
    if (client->hooks)
        sio_client_tell_heartbeat(client);
}

void sio_client_act(sio_client *client, sio_eio_action action, const sio_eio_packet *packet)
{
    sio_server *server = client->server;
    switch (action) {
    case SIO_EIO_DO_AWAIT_TIMEOUT_AND_MESSAGE:
        await(client, &server->pongs);
        receive(client, packet);
        break;
    case SIO_EIO_DO_MESSAGE:
        receive(client, packet);
        break;
    case SIO_EIO_DO_AWAIT_TIMEOUT:
        await(client, &server->pongs);
        break;
    case SIO_EIO_DO_AWAIT_INTERVAL:
        await(client, &server->pings);
        tell_alive(client);
        break;
    case SIO_EIO_DO_SEND_PING:
        send_ping(client);
        break;
    case SIO_EIO_DO_SEND_PONG:
        send_pong(client);
        tell_alive(client);
        break;
    case SIO_EIO_DO_CLOSE:
        end_session(client);
        break;
    case SIO_EIO_DO_NOTHING:
    case SIO_EIO_DO_SEND_PROBE_PONG: /* these are for a probe */
    case SIO_EIO_DO_UPGRADE:
    case SIO_EIO_DO_CLOSE_PROBE:
        break;
    }
}

/* What has been read, or could not be. */
static void act(sio_client *client, int err, const sio_eio_packet *packet)
{
    if (!err && sio_quota_on(client->server) && !sio_quota_take(client, packet->data.len))
        return;
    if (!err && client->hooks && sio_client_is_open(client))
        sio_client_tell_packet(client, packet);
    if (err)
        sio_client_act(client, sio_eio_session_malformed(&client->session), NULL);
    else
        sio_client_act(client, sio_eio_session_packet(&client->session, packet), packet);
}

void sio_client_text(sio_client *client, sio_link *link, char *text, size_t len)
{
    sio_eio_packet packet;
    if (link == client->probe)
        sio_client_probe_packet(client, text, len);
    else if (sio_client_is_legacy(client))
        act(client, sio_eio3_packet_read(&packet, text, len), &packet);
    else
        act(client, sio_eio_packet_read(&packet, text, len), &packet);
    sio_core_rearm(client->server);
}

void sio_client_binary(sio_client *client, sio_link *link, const char *data, size_t len)
{
    sio_eio_packet packet = {
        .type = SIO_EIO_MESSAGE,
        .binary = true,
        .data = { data, len },
    };
    if (link == client->probe)
        sio_client_drop_probe(client);
    else if (sio_client_is_legacy(client))
        act(client, sio_eio3_packet_read_binary(&packet, data, len), &packet);
    else
        act(client, 0, &packet);
    sio_core_rearm(client->server);
}

/* ---- polling ---- */

/* A payload of either revision. */
typedef struct payload {
    bool legacy;
    sio_eio_payload packets;
    sio_eio3_payload legacy_packets;
} payload;

static int next_packet(payload *from, sio_eio_packet *out)
{
    return from->legacy ? sio_eio3_payload_next(&from->legacy_packets, out)
                        : sio_eio_payload_next(&from->packets, out);
}

int sio_client_payload(sio_client *client, char *data, size_t len, bool binary)
{
    payload body = {
        .legacy = sio_client_is_legacy(client),
        .packets = { .data = data, .len = len },
        .legacy_packets = { .data = data, .len = len, .binary = binary },
    };
    sio_eio_packet packet;
    if (client->session.transport != SIO_EIO_POLLING)
        return SIO_EINVAL;
    int got = 0;
    while (client->session.state != SIO_EIO_STATE_CLOSED && (got = next_packet(&body, &packet)) > 0)
        act(client, 0, &packet);
    if (got < 0)
        act(client, got, NULL);
    sio_core_rearm(client->server);
    return got < 0 ? SIO_EPARSE : 0;
}
