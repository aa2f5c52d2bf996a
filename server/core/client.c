#include "core/client.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/client_events.h"
#include "core/knock.h"
#include "core/legacy.h"
#include "core/socket.h"

/* ---- life ---- */

static int queue_open(sio_client *client)
{
    sio_buf data = { 0 };
    sio_eio_session_open_data(&client->session, &client->server->engine, sio_str_from(client->sid),
                              &data);
    sio_frame *frame =
        data.err ? NULL : sio_frame_new_packet(SIO_EIO_OPEN, (sio_str){ data.data, data.len });
    sio_buf_free(&data);
    if (!frame)
        return SIO_ENOMEM;
    int err = sio_outbox_push(&client->outbox, frame);
    sio_frame_unref(frame);
    if (!err && client->server->initial)
        err = sio_outbox_push(&client->outbox, client->server->initial);
    return err;
}

static int enter(sio_client *client)
{
    sio_server *server = client->server;
    int err = queue_open(client);
    if (err || (err = sio_map_insert(&server->clients, client)))
        return err;
    server->stats.clients++;
    server->stats.handshakes++;
    if (client->session.transport == SIO_EIO_WEBSOCKET) {
        server->stats.clients_websocket++;
        server->stats.handshakes_websocket++;
    }
    sio_deadline_set(sio_client_is_legacy(client) ? &server->silences : &server->pings,
                     &client->heartbeat, server->now);
    sio_deadline_set(&server->connects, &client->patience, server->now);
    sio_core_rearm(server);
    sio_client_mark(client);
    return 0;
}

static void tell_connected(sio_client *client)
{
    sio_server *server = client->server;
    if (!server->on_client)
        return;
    sio_core_enter(server);
    server->on_client(server, client, server->data);
    sio_core_leave(server);
}

int sio_client_new(sio_client **out, sio_server *server, sio_eio_transport transport,
                   sio_eio_dialect dialect, sio_handshake *handshake, sio_link *link)
{
    char id[sizeof((*out)->sid)];
    /* cppcheck-suppress argumentSize ; it does not know the size of that member */
    sio_core_id(server, id);
    return sio_client_new_as(out, server, transport, dialect, id, handshake, link);
}

int sio_client_new_as(sio_client **out, sio_server *server, sio_eio_transport transport,
                      sio_eio_dialect dialect, const char *id, sio_handshake *handshake,
                      sio_link *link)
{
    const sio_departures *plan = &server->departures;
    const bool shut = server->closing || (plan->running && !plan->welcoming);
    sio_client *client = shut ? NULL : sio_mem_zalloc(sizeof(*client));
    if (!client) {
        sio_handshake_free(handshake);
        return shut ? SIO_ECLOSED : SIO_ENOMEM;
    }
    client->server = server;
    client->handshake = handshake;
    memcpy(client->sid, id, strlen(id) + 1);
    sio_eio_session_init(&client->session, transport, dialect);
    const int err = enter(client);
    if (err) {
        sio_client_free(client);
        return err;
    }
    client->link = link;
    if (link)
        link->client = client;
    *out = client;
    SIO_CORE_LOG_OF(server, SIO_LOG_DEBUG, SIO_LOG_ENGINE, SIO_LOG_ABOUT(.client = client),
                    "client " SIO_CLIENT_TAG " opened by %s, revision %d, from \"%s\"", client->sid,
                    transport == SIO_EIO_WEBSOCKET ? "websocket" : "polling",
                    dialect == SIO_EIO_4 ? 4 : 3, sio_handshake_address(handshake));
    tell_connected(client);
    if (sio_client_is_legacy(client) && sio_client_is_open(client))
        sio_legacy_welcome(client);
    return 0;
}

sio_client *sio_client_find(sio_server *server, sio_str sid)
{
    return sio_map_get(&server->clients, sid);
}

void sio_client_free(sio_client *client)
{
    sio_client_sweep(client, true);
    sio_outbox_clear(&client->outbox);
    sio_decoder_free(&client->decoder);
    sio_handshake_free(client->handshake);
    sio_client_hooks_free(client);
    sio_mem_free(client->quota);
    sio_mem_free(client);
}

/* ---- output ---- */

void sio_client_mark(sio_client *client)
{
    if (sio_list_linked(&client->dirty) || client->session.state == SIO_EIO_STATE_CLOSED)
        return;
    sio_list_push(&client->server->dirty, &client->dirty);
    sio_core_wake(client->server);
}

/* Whether a volatile message would go out in this turn. */
static bool is_ready(const sio_client *client)
{
    return client->link && !client->link->blocked;
}

static bool is_over_budget(const sio_server *server)
{
    const size_t most = server->limits.max_buffered_total;
    return most > 0 && server->stats.buffered_bytes > most;
}

/* A client with nothing left over has had no chance yet to read what this turn has for it. */
static bool has_room(const sio_client *client, const sio_frame *chain)
{
    const sio_server *server = client->server;
    if (client->backlog == 0)
        return true;
    const size_t waiting = sio_client_unsent(client) + sio_frame_chain_bytes(chain);
    return waiting <= server->max_buffered &&
           (waiting <= SIO_LIMIT_BUFFERED_SHARE || !is_over_budget(server));
}

static void drop_oldest(sio_client *client, const sio_frame *chain)
{
    sio_frame *event;
    while (!has_room(client, chain) &&
           (event = sio_outbox_take_event(&client->outbox, SIO_LIMIT_OVERFLOW_SEARCH))) {
        sio_frame_unref(event);
        client->server->stats.dropped_messages++;
    }
}

/* Whether there is room for the chain now. */
static bool make_room(sio_client *client, const sio_frame *chain)
{
    sio_server *server = client->server;
    if (server->limits.overflow == SIO_OVERFLOW_DROP_OLDEST)
        drop_oldest(client, chain);
    if (has_room(client, chain))
        return true;
    if (server->limits.overflow == SIO_OVERFLOW_DROP_NEWEST && chain->event) {
        server->stats.dropped_messages++;
        return false;
    }
    sio_client_fail_for(client, SIO_EIO_BUFFER_OVERFLOW,
                        is_over_budget(server) ? "max_buffered_total bytes are unread, by all"
                                               : "more than max_buffered bytes are unread");
    return false;
}

void sio_client_account(sio_client *client)
{
    const bool over = client->session.state == SIO_EIO_STATE_CLOSED;
    const size_t unsent = over ? 0 : sio_client_unsent(client);
    client->server->stats.buffered_bytes += unsent;
    client->server->stats.buffered_bytes -= client->backlog;
    client->backlog = unsent;
}

/* The chain as this client wants it; NULL when memory is out. */
static sio_frame *form_for(const sio_client *client, sio_frame *chain)
{
    if (!sio_frame_has_binary(chain) || !sio_client_is_legacy(client))
        return chain;
    sio_frame *form = sio_frame_revision3(chain);
    if (form)
        form->event = chain->event;
    return form;
}

bool sio_client_queue(sio_client *client, sio_frame *chain, bool is_volatile)
{
    sio_server *server = client->server;
    if (!sio_client_is_open(client))
        return false;
    if (is_volatile && !is_ready(client)) {
        server->stats.volatile_lost++;
        return false;
    }
    chain = form_for(client, chain);
    if (chain && !has_room(client, chain) && !make_room(client, chain))
        return false;
    if (!chain || sio_outbox_push(&client->outbox, chain)) {
        sio_client_fail(client, "out of memory");
        return false;
    }
    server->stats.messages_out++;
    if (client->hooks)
        sio_client_tell_created(client);
    sio_client_mark(client);
    return true;
}

/* ---- its end ---- */

static void end_sockets(sio_client *client, const char *reason)
{
    sio_socket *socket = client->sockets;
    sio_knock_forget_all(client);
    while (socket) {
        if (socket->state == SIO_SOCKET_LEFT) {
            socket = socket->sibling;
            continue;
        }
        sio_socket_end(socket, reason);
        socket = client->sockets;
    }
}

void sio_client_shut(sio_client *client, const char *reason)
{
    sio_server *server = client->server;
    if (client->session.state == SIO_EIO_STATE_CLOSED || client->closing)
        return;
    client->closing = true;
    SIO_CORE_LOG_OF(server, SIO_LOG_DEBUG, SIO_LOG_ENGINE, SIO_LOG_ABOUT(.client = client),
                    "client " SIO_CLIENT_TAG " is closed: %s", client->sid, reason);
    server->leaving++;
    sio_deadline_cancel(&client->heartbeat);
    sio_deadline_set(&server->farewells, &client->patience, sio_core_now(server));
    sio_client_mark(client);
    end_sockets(client, reason);
}

void sio_client_fail(sio_client *client, const char *why)
{
    sio_client_fail_for(client, SIO_EIO_TRANSPORT_ERROR, why);
}

void sio_client_fail_for(sio_client *client, sio_eio_reason reason, const char *why)
{
    if (client->failure)
        return;
    client->failure = why;
    client->failed_for = (uint8_t)reason;
    client->server->stats.overflows++;
    sio_client_mark(client);
}

void sio_client_abort(sio_client *client, sio_eio_reason reason)
{
    if (sio_eio_session_close(&client->session, reason))
        sio_client_finish(client);
}

static void forget(sio_client *client)
{
    sio_server *server = client->server;
    (void)sio_map_remove(&server->clients, sio_str_from(client->sid));
    server->stats.clients--;
    server->leaving -= client->closing;
    if (client->session.transport == SIO_EIO_WEBSOCKET)
        server->stats.clients_websocket--;
    sio_deadline_cancel(&client->heartbeat);
    sio_deadline_cancel(&client->patience);
    sio_list_remove(&client->dirty);
    sio_list_push(&server->doomed, &client->dirty);
    sio_client_settle(client);
    sio_core_wake(server);
}

void sio_client_finish(sio_client *client)
{
    const char *reason = sio_eio_reason_text(client->session.reason);
    SIO_CORE_LOG_OF(client->server, SIO_LOG_DEBUG, SIO_LOG_ENGINE, SIO_LOG_ABOUT(.client = client),
                    "client " SIO_CLIENT_TAG " has ended: %s", client->sid, reason);
    forget(client);
    sio_client_drop_probe(client);
    client->server->stats.dropped_closed += client->outbox.count;
    sio_outbox_clear(&client->outbox);
    end_sockets(client, reason);
    if (client->hooks)
        sio_client_tell_close(client);
}

void sio_client_sweep(sio_client *client, bool all)
{
    sio_socket **place = &client->sockets;
    client->littered = false;
    while (*place) {
        sio_socket *socket = *place;
        if (!all && socket->state != SIO_SOCKET_LEFT) {
            place = &socket->sibling;
            continue;
        }
        *place = socket->sibling;
        socket->sibling = NULL;
        socket->client = NULL;
        client->socket_count--;
        sio_socket_unref(socket);
    }
}
