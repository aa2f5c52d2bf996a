/* A WebSocket that libwebsockets speaks: its messages as frames for the server, and the server's
 * frames as messages for it. */
#include <string.h>

#include "exchange.h"

/* ---- from the client ---- */

static void give(sio_tls_session *session, char *data, size_t len)
{
    if (session->conn && len > 0)
        sio_carrier_input(session->conn, data, len);
}

/* Frames of a client are masked; with zeros they stay as they are. */
static int on_message(sio_tls_session *session, char *data, size_t len)
{
    static const uint8_t mask[4];
    struct lws *wsi = session->wsi;
    uint8_t head[SIO_WS_HEADER_MAX];
    const sio_ws_opcode opcode = !lws_is_first_fragment(wsi) ? SIO_WS_CONTINUATION
                                 : lws_frame_is_binary(wsi)  ? SIO_WS_BINARY
                                                             : SIO_WS_TEXT;
    const size_t size = sio_ws_header_write(head, opcode, len, mask);
    if (!lws_is_final_fragment(wsi))
        head[0] &= 0x7f;
    give(session, (char *)head, size);
    give(session, data, len);
    return session->closed ? -1 : 0;
}

/* ---- to the client ---- */

static unsigned char *next_byte(const sio_tls_exchange *exchange)
{
    return (unsigned char *)exchange->out.data + LWS_PRE + exchange->sent;
}

static size_t waiting(const sio_tls_exchange *exchange)
{
    return exchange->out.len ? exchange->out.len - LWS_PRE - exchange->sent : 0;
}

/* The header of the next frame. False: it is not there yet. */
static bool begin_frame(sio_tls_exchange *exchange)
{
    sio_ws_header header;
    if (sio_ws_header_read(&header, next_byte(exchange), waiting(exchange)))
        return false;
    exchange->sent += header.size;
    exchange->opcode = header.opcode;
    exchange->unwritten = header.length;
    exchange->inside = false;
    return true;
}

/* The server's own last word; libwebsockets says it when we return -1. */
static int say_close(sio_tls_session *session)
{
    sio_tls_exchange *exchange = session->exchange;
    unsigned char *data = next_byte(exchange);
    const size_t len = (size_t)exchange->unwritten;
    exchange->closing = true;
    if (len >= 2)
        lws_close_reason(session->wsi, (enum lws_close_status)(data[0] << 8 | data[1]), data + 2,
                         len - 2);
    else
        lws_close_reason(session->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
    return -1;
}

static int kind_of(const sio_tls_exchange *exchange, bool last)
{
    const int kind = exchange->inside                  ? LWS_WRITE_CONTINUATION
                     : exchange->opcode == SIO_WS_TEXT ? LWS_WRITE_TEXT
                     : exchange->opcode == SIO_WS_PONG ? LWS_WRITE_PONG
                                                       : LWS_WRITE_BINARY;
    return kind | (last ? 0 : LWS_WRITE_NO_FIN);
}

/* With its header it is to fit into one frame of HTTP/2. */
#define PART (16384u - SIO_WS_HEADER_MAX)

/* A part of a frame. 1: something was written; 0: nothing can be now. */
static int write_part(sio_tls_session *session)
{
    sio_tls_exchange *exchange = session->exchange;
    const size_t have = waiting(exchange);
    size_t part = exchange->unwritten < have ? (size_t)exchange->unwritten : have;
    if (part == 0 && exchange->unwritten > 0)
        return 0;
    if (part > PART)
        part = PART;
    const size_t most = sio_tls_exchange_allowed(exchange, part + SIO_WS_HEADER_MAX);
    if (most <= SIO_WS_HEADER_MAX && part > 0)
        return 0;
    if (part > 0 && part > most - SIO_WS_HEADER_MAX)
        part = most - SIO_WS_HEADER_MAX;
    const bool last = part == exchange->unwritten;
    if (lws_write(session->wsi, next_byte(exchange), part,
                  (enum lws_write_protocol)kind_of(exchange, last)) < 0)
        return -1;
    exchange->sent += part;
    exchange->unwritten -= part;
    exchange->inside = !last;
    return 1;
}

static bool in_frame(const sio_tls_exchange *exchange)
{
    return exchange->inside || exchange->unwritten > 0;
}

static int write_frames(sio_tls_session *session)
{
    sio_tls_exchange *exchange = session->exchange;
    while (!lws_send_pipe_choked(session->wsi)) {
        if (!in_frame(exchange) && (waiting(exchange) == 0 || !begin_frame(exchange)))
            return 0;
        if (exchange->opcode == SIO_WS_CLOSE)
            return waiting(exchange) >= exchange->unwritten ? say_close(session) : 0;
        const int written = write_part(session);
        if (written <= 0)
            return written;
    }
    lws_callback_on_writable(session->wsi);
    return 0;
}

/* The application has said no after libwebsockets had said yes. */
static int refuse(sio_tls_session *session)
{
    unsigned char why[] = "refused";
    lws_close_reason(session->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, why, sizeof(why) - 1);
    return -1;
}

static int on_writable(sio_tls_session *session)
{
    sio_tls_exchange *exchange = session->exchange;
    if (!exchange->open || exchange->answer.stage == SIO_TLS_ANSWER_HEAD)
        return 0;
    if (exchange->answer.stage != SIO_TLS_ANSWER_FRAMES)
        return refuse(session);
    if (write_frames(session))
        return -1;
    if (waiting(exchange) == 0) {
        sio_buf_clear(&exchange->out);
        exchange->sent = 0;
    }
    if (session->closed || (session->finishing && waiting(exchange) == 0))
        return -1;
    if (session->conn)
        sio_carrier_writable(session->conn);
    return 0;
}

/* ---- its life ---- */

static int on_open(sio_tls_session *session)
{
    session->exchange->open = true;
    lws_callback_on_writable(session->wsi);
    return session->closed ? -1 : 0;
}

int sio_tls_websocket_event(sio_tls_session *session, enum lws_callback_reasons reason, void *in,
                            size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return on_open(session);
    case LWS_CALLBACK_RECEIVE:
        return on_message(session, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writable(session);
    case LWS_CALLBACK_CLOSED:
        sio_tls_session_lose(session);
        return 0;
    default:
        return 0;
    }
}
