/* The end of a turn of the loop: what is due is told, each client that has output is flushed once,
 * each that is over is freed. */
#include "core/client.h"
#include "core/client_events.h"
#include "core/parent.h"
#include "core/question.h"
#include "core/room_events.h"

void sio_core_wake(sio_server *server)
{
    if (server->awake)
        return;
    server->awake = true;
    server->net_ops->wake(server->net);
}

/* The last bytes are the link's: it closes by itself. */
static void let_go(sio_client *client)
{
    if (client->link)
        client->link->client = NULL;
    client->link = NULL;
}

/* A poll that takes what is queued is followed by one that takes the farewell, unless the server
 * goes away. */
static bool says_farewell(const sio_client *client)
{
    return client->outbox.count == 0 || client->session.transport == SIO_EIO_WEBSOCKET ||
           client->server->closing;
}

/* A link that has room gets everything and a farewell. One that is stuck says when it has room
 * again, or its client's time to leave runs out. */
static void flush_closing(sio_client *client)
{
    const bool last = says_farewell(client);
    client->link->ops->flush(client->link, last);
    if (!last || client->outbox.count > 0 || client->session.state == SIO_EIO_STATE_CLOSED)
        return;
    let_go(client);
    sio_client_abort(client, SIO_EIO_FORCED_CLOSE);
}

static void fail(sio_client *client)
{
    SIO_CORE_LOG_OF(client->server, SIO_LOG_WARN, SIO_LOG_ENGINE, SIO_LOG_ABOUT(.client = client),
                    "client " SIO_CLIENT_TAG " dropped: %s", client->sid, client->failure);
    sio_client_abort(client, (sio_eio_reason)client->failed_for);
}

static void flush_link(sio_client *client)
{
    if (client->closing)
        flush_closing(client);
    else if (client->outbox.count > 0)
        client->link->ops->flush(client->link, false);
}

static bool is_writable(const sio_client *client)
{
    return client->link && !client->link->blocked && client->session.state == SIO_EIO_STATE_OPEN;
}

/* What links have put off is done now. */
static void land(sio_server *server)
{
    server->net_ops->settle(server->net);
}

/* The application may do anything before and after. */
static void flush_told(sio_client *client)
{
    const bool some = client->outbox.count > 0;
    if (some)
        sio_client_tell_flush(client);
    if (client->discards)
        sio_outbox_clear(&client->outbox);
    if (is_writable(client))
        flush_link(client);
    land(client->server);
    if (some && client->outbox.count == 0 && sio_client_is_open(client))
        sio_client_tell_drain(client);
}

static void flush_output(sio_client *client)
{
    if (!is_writable(client))
        return;
    if (client->hooks)
        flush_told(client);
    else
        flush_link(client);
}

/* Nothing to be done but to write. */
static bool is_plain(const sio_client *client)
{
    return !client->failure && !client->closing && !client->littered && !client->discards &&
           !client->hooks && !client->server->closing;
}

static void settle(sio_client *client)
{
    if (!client->link || !client->link->flying)
        sio_client_settle(client);
}

static void flush_plain(sio_client *client)
{
    if (client->outbox.count > 0 && is_writable(client))
        client->link->ops->flush(client->link, false);
    settle(client);
}

/* Those that are written in one go with others come first: for the rest the application may be
 * called, and may emit to anyone. */
static void flush_client(sio_client *client)
{
    if (is_plain(client)) {
        flush_plain(client);
        return;
    }
    land(client->server);
    if (client->failure) {
        fail(client);
        return;
    }
    if (client->server->closing)
        sio_client_shut(client, "server shutting down");
    if (client->littered)
        sio_client_sweep(client, false);
    if (client->discards)
        sio_outbox_clear(&client->outbox);
    flush_output(client);
    settle(client);
}

/* A session that is over says so to its peer: a poll gets its last answer, a WebSocket its close
 * frame. One that does not take what it has been sent already is cut off. */
static void bury(sio_client *client)
{
    sio_link *link = client->link;
    if (link && (client->failure || link->blocked)) {
        let_go(client);
        link->ops->abort(link);
    } else if (link) {
        link->ops->flush(link, client->outbox.count == 0);
        land(client->server);
        let_go(client);
    }
    sio_client_free(client);
}

static void drain(sio_server *server)
{
    sio_list *node;
    while ((node = sio_list_pop(&server->dirty)))
        flush_client(SIO_CONTAINER(node, sio_client, dirty));
    land(server);
    while ((node = sio_list_pop(&server->doomed)))
        bury(SIO_CONTAINER(node, sio_client, dirty));
}

static bool has_news(const sio_server *server)
{
    return !sio_list_empty(&server->heard) || !sio_list_empty(&server->settled);
}

/* What happens while the application is told has its turn next time, so that a callback which asks
 * again does not hold the loop. A server that closes tells all: there may be no next time. */
void sio_core_flush(sio_server *server)
{
    if (server->depth > 0)
        return;
    server->awake = true;
    do {
        sio_room_events_tell(server);
        sio_questions_tell(server);
        while (!sio_list_empty(&server->dirty) || !sio_list_empty(&server->doomed))
            drain(server);
    } while (server->closing && has_news(server));
    sio_family_tidy(server);
    server->awake = false;
    if (has_news(server))
        sio_core_wake(server);
    sio_core_rearm(server);
}
