#include "net/websocket.h"

#include "net/outflow.h"

/* ---- control frames ---- */

static void send_pong(sio_conn *conn, sio_str body)
{
    uint8_t head[SIO_WS_HEADER_MAX];
    size_t len = sio_ws_header_write(head, SIO_WS_PONG, body.len, NULL);
    sio_conn_write(conn, (sio_str){ (char *)head, len }, body, NULL, NULL);
}

/* The close frame; SIO_WS_CODE_NONE stands for one without a body. */
static void send_close(sio_conn *conn, int code, sio_str reason)
{
    uint8_t head[SIO_WS_HEADER_MAX + 2];
    const size_t code_len = code == SIO_WS_CODE_NONE ? 0 : 2;
    size_t len = sio_ws_header_write(head, SIO_WS_CLOSE, code_len + reason.len, NULL);
    head[len] = (uint8_t)(code >> 8);
    head[len + 1] = (uint8_t)code;
    conn->farewell = true;
    sio_conn_write(conn, (sio_str){ (char *)head, len + code_len }, reason, NULL, NULL);
}

/* Our last word; the peer has some time to answer it. */
static void say_farewell(sio_conn *conn)
{
    send_close(conn, SIO_WS_CODE_NONE, SIO_STR(""));
    sio_net_deadline(conn->net, &conn->net->closes, &conn->deadline);
}

/* ---- what the core calls ---- */

/* The last chain is still on its way, and the core may forget us now. */
static void leave(sio_conn *conn)
{
    conn->leaving = true;
    sio_net_deadline(conn->net, &conn->net->closes, &conn->deadline);
}

static void on_flush(sio_link *link, bool last)
{
    sio_conn *conn = sio_conn_of(link);
    if (conn->state != SIO_CONN_WEBSOCKET || conn->farewell)
        return;
    if (!last) {
        sio_outflow_soon(conn, &link->client->outbox);
        return;
    }
    sio_outflow_now(conn, &link->client->outbox);
    if (link->blocked)
        leave(conn);
    else
        say_farewell(conn);
}

static void on_abort(sio_link *link)
{
    sio_conn *conn = sio_conn_of(link);
    if (conn->state != SIO_CONN_WEBSOCKET || conn->farewell)
        return;
    if (sio_line_queued(conn) == 0)
        say_farewell(conn);
    else
        sio_conn_close(conn);
}

static void on_send_now(sio_link *link, sio_frame *frame)
{
    sio_conn *conn = sio_conn_of(link);
    if (conn->state == SIO_CONN_WEBSOCKET && !conn->farewell)
        sio_conn_write(conn, (sio_str){ frame->data, frame->len }, SIO_STR(""), NULL, NULL);
}

const sio_link_ops sio_websocket_ops = {
    .flush = on_flush,
    .abort = on_abort,
    .send_now = on_send_now,
};

void sio_websocket_writable(sio_conn *conn)
{
    if (conn->link.client)
        sio_client_writable(conn->link.client);
    else if (conn->leaving && conn->state == SIO_CONN_WEBSOCKET && !conn->farewell)
        say_farewell(conn);
}

/* ---- input ---- */

static void lose_link(sio_conn *conn, sio_eio_reason reason)
{
    if (conn->link.client)
        sio_client_lost(conn->link.client, &conn->link, reason);
}

static void on_close(sio_conn *conn, const sio_ws_message *message)
{
    if (!conn->farewell)
        send_close(conn, message->close_code, (sio_str){ message->data, message->len });
    lose_link(conn, SIO_EIO_TRANSPORT_CLOSE);
    sio_conn_finish(conn);
}

/* A peer that sends pings and reads nothing gets no more than a few answers queued. */
static void on_ping(sio_conn *conn, const sio_ws_message *message)
{
    size_t queued = sio_line_queued(conn);
    if (queued <= conn->link.pending + SIO_LIMIT_CONTROL)
        send_pong(conn, (sio_str){ message->data, message->len });
}

static void on_message(sio_conn *conn, const sio_ws_message *message)
{
    sio_client *client = conn->link.client;
    if (message->opcode == SIO_WS_CLOSE)
        on_close(conn, message);
    else if (conn->farewell)
        return;
    else if (message->opcode == SIO_WS_PING)
        on_ping(conn, message);
    else if (message->opcode == SIO_WS_TEXT && client)
        sio_client_text(client, &conn->link, message->data, message->len);
    else if (message->opcode == SIO_WS_BINARY && client)
        sio_client_binary(client, &conn->link, message->data, message->len);
}

static void fail(sio_conn *conn, int code)
{
    if (!conn->farewell)
        send_close(conn, code, SIO_STR(""));
    lose_link(conn, SIO_EIO_TRANSPORT_ERROR);
    sio_conn_finish(conn);
}

void sio_websocket_expire(sio_conn *conn)
{
    SIO_CORE_LOG_OF(conn->net->server, SIO_LOG_DEBUG, SIO_LOG_NET,
                    SIO_LOG_ABOUT(.client = conn->link.client),
                    "a connection is closed: its message takes longer than message_timeout_ms");
    fail(conn, SIO_WS_CODE_POLICY);
}

static bool is_data(const sio_ws_message *message)
{
    return message->opcode == SIO_WS_TEXT || message->opcode == SIO_WS_BINARY;
}

/* What came last may be the beginning of a message: of another one, if one has `ended`. */
static void watch(sio_conn *conn, bool ended)
{
    if (conn->net->messages.interval_ms == 0 || conn->state != SIO_CONN_WEBSOCKET ||
        conn->farewell || conn->leaving)
        return;
    if (ended || !conn->reader.partial)
        sio_deadline_cancel(&conn->deadline);
    if (conn->reader.partial && !sio_deadline_is_set(&conn->deadline))
        sio_net_deadline(conn->net, &conn->net->messages, &conn->deadline);
}

void sio_websocket_input(sio_conn *conn, char *data, size_t len)
{
    const sio_server *server = conn->net->server;
    const sio_ws_rules rules = { .max_payload = server->engine.max_payload,
                                 .from_client = true,
                                 .inflater = conn->deflate_max ? server->inflater : NULL };
    sio_ws_message message;
    int code, more = 1;
    bool ended = false;
    while (more > 0 && conn->state == SIO_CONN_WEBSOCKET) {
        more = sio_ws_reader_next(&conn->reader, &data, &len, &rules, &message, &code);
        ended = ended || (more > 0 && is_data(&message));
        if (more > 0)
            on_message(conn, &message);
        else if (more < 0)
            fail(conn, code);
    }
    watch(conn, ended);
}
