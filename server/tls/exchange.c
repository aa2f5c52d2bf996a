#include "exchange.h"

#include <stdio.h>
#include <string.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "loop.h"
#include "reply.h"
#include "request.h"

void sio_tls_exchange_free(sio_tls_exchange *exchange)
{
    if (!exchange)
        return;
    lws_sul_cancel(&exchange->again);
    sio_tls_answer_free(&exchange->answer);
    sio_buf_free(&exchange->out);
    sio_mem_free(exchange);
}

/* ---- what the server asks ---- */

static size_t waiting(const sio_tls_exchange *exchange)
{
    return exchange->out.len ? exchange->out.len - LWS_PRE - exchange->sent : 0;
}

/* libwebsockets writes before what it is given. */
static void leave_room(sio_tls_exchange *exchange)
{
    static const char room[LWS_PRE];
    if (exchange->out.len == 0)
        sio_buf_append(&exchange->out, room, sizeof(room));
}

static int on_write(void *carrier, const char *data, size_t len)
{
    sio_tls_session *session = carrier;
    sio_tls_exchange *exchange = session->exchange;
    const size_t used = waiting(exchange);
    lws_callback_on_writable(session->wsi);
    if (used >= SIO_TLS_ROOM)
        return 0;
    if (len > SIO_TLS_ROOM - used)
        len = SIO_TLS_ROOM - used;
    leave_room(exchange);
    const size_t taken = sio_tls_answer_feed(&exchange->answer, data, len);
    if (taken < len && exchange->answer.stage == SIO_TLS_ANSWER_FRAMES)
        sio_buf_append(&exchange->out, data + taken, len - taken);
    const bool bad = exchange->answer.stage == SIO_TLS_ANSWER_BAD;
    return bad || exchange->out.err ? -1 : (int)len;
}

static size_t on_queued(void *carrier)
{
    const sio_tls_session *session = carrier;
    return waiting(session->exchange);
}

static void on_finish(void *carrier)
{
    sio_tls_session *session = carrier;
    session->finishing = true;
    lws_callback_on_writable(session->wsi);
}

static const sio_carrier_ops ops = {
    .write = on_write,
    .queued = on_queued,
    .pause = sio_tls_session_pause,
    .finish = on_finish,
    .close = sio_tls_session_close,
};

/* ---- requests ---- */

static bool begin(sio_tls_session *session, bool upgrade)
{
    sio_tls_exchange *exchange = session->exchange = sio_mem_zalloc(sizeof(*exchange));
    char method[8] = "";
    sio_buf head = { 0 };
    if (!exchange)
        return false;
    exchange->wsi = session->wsi;
    const bool is_head =
        lws_hdr_total_length(session->wsi, WSI_TOKEN_HEAD_URI) > 0 ||
        (lws_hdr_copy(session->wsi, method, sizeof(method), WSI_TOKEN_HTTP_COLON_METHOD) > 0 &&
         strcmp(method, "HEAD") == 0);
    exchange->socket = upgrade;
    const bool made = sio_tls_answer_init(&exchange->answer, is_head, &exchange->out) == 0 &&
                      sio_tls_request_write(session->wsi, upgrade, &head, &exchange->chunked) &&
                      sio_tls_session_open(session, &ops, true) == 0;
    if (made && session->conn)
        sio_carrier_input(session->conn, head.data, head.len);
    sio_buf_free(&head);
    return made;
}

bool sio_tls_exchange_begin(sio_tls_owner *owner, struct lws *wsi, bool upgrade)
{
    sio_tls_session *session = sio_tls_session_new(owner, wsi);
    if (!session)
        return false;
    if (begin(session, upgrade))
        return true;
    sio_tls_session_free(session);
    return false;
}

/* Of HTTP/2, libwebsockets 4.3 fails an assertion over the body of a POST whose length is not said
 * beforehand. All that a browser posts says it. */
static bool is_deadly(struct lws *wsi)
{
    char method[8];
    return lws_get_network_wsi(wsi) != wsi &&
           lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0 &&
           lws_hdr_copy(wsi, method, sizeof(method), WSI_TOKEN_HTTP_COLON_METHOD) > 0 &&
           strcmp(method, "POST") == 0;
}

/* The one before may have been answered on the same connection. For a POST libwebsockets asks
 * twice. */
static int on_request(sio_tls_owner *owner, struct lws *wsi)
{
    if (sio_tls_session_of(wsi))
        return 0;
    if (is_deadly(wsi))
        return -1;
    if (!sio_tls_exchange_begin(owner, wsi, false))
        return -1;
    /* a poll waits for as long as the server says, and so does the connection that it is on */
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    if (lws_get_network_wsi(wsi) != wsi)
        lws_http_mark_sse(wsi);
    return 0;
}

static bool is_refused(const sio_tls_exchange *exchange)
{
    return exchange->answer.stage == SIO_TLS_ANSWER_WHOLE ||
           exchange->answer.stage == SIO_TLS_ANSWER_BODY ||
           exchange->answer.stage == SIO_TLS_ANSWER_BAD;
}

/* Refused at once it gets the status. Later, and over HTTP/2, where libwebsockets would lose
 * memory, it is a WebSocket by then, and closed as one. */
static int on_opening(sio_tls_owner *owner, struct lws *wsi)
{
    if (!sio_tls_exchange_begin(owner, wsi, true))
        return -1;
    sio_tls_session *session = sio_tls_session_of(wsi);
    const bool refused = session->closed || is_refused(session->exchange);
    if (!refused || lws_get_network_wsi(wsi) != wsi)
        return 0;
    const unsigned status = session->exchange->answer.status;
    sio_tls_session_free(session);
    if (status >= 400)
        (void)!lws_return_http_status(wsi, status, NULL);
    return -1;
}

static void give(sio_tls_session *session, char *data, size_t len)
{
    if (session->conn)
        sio_carrier_input(session->conn, data, len);
}

static int on_body(sio_tls_session *session, char *data, size_t len)
{
    char size[24];
    if (!session->exchange->chunked) {
        give(session, data, len);
        return 0;
    }
    if (len > 0) {
        give(session, size, (size_t)snprintf(size, sizeof(size), "%zx\r\n", len));
        give(session, data, len);
        give(session, size, (size_t)snprintf(size, sizeof(size), "\r\n"));
    }
    return 0;
}

static int on_body_end(sio_tls_session *session)
{
    char last[] = "0\r\n\r\n";
    if (session->exchange->chunked)
        give(session, last, sizeof(last) - 1);
    session->exchange->chunked = false;
    return 0;
}

/* ---- answers ---- */

static int complete(struct lws *wsi)
{
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int send_head(sio_tls_session *session)
{
    sio_tls_exchange *exchange = session->exchange;
    struct lws *wsi = session->wsi;
    exchange->told = true;
    if (!sio_tls_reply_head(&exchange->answer, wsi))
        return -1;
    if (exchange->answer.stage == SIO_TLS_ANSWER_WHOLE && waiting(exchange) == 0)
        return complete(wsi);
    lws_callback_on_writable(wsi);
    return 0;
}

static void on_again(lws_sorted_usec_list_t *again)
{
    lws_callback_on_writable(SIO_TLS_CONTAINER(again, sio_tls_exchange, again)->wsi);
}

#define AGAIN_US 10000

/* libwebsockets does not tell when a window of HTTP/2 opens, and of a WebSocket it knows that of
 * the connection only. */
size_t sio_tls_exchange_allowed(sio_tls_exchange *exchange, size_t len)
{
    struct lws *wsi = exchange->wsi, *network = lws_get_network_wsi(wsi);
    if (network == wsi)
        return len;
    const int most = lws_wsi_tx_credit(exchange->socket ? network : wsi, LWSTXCR_US_TO_PEER, 0);
    if (most <= 0)
        lws_sul_schedule(lws_get_context(wsi), 0, &exchange->again, on_again, AGAIN_US);
    return most <= 0 ? 0 : (size_t)most < len ? (size_t)most : len;
}

#define PART 16384u

static int send_body(sio_tls_session *session)
{
    sio_tls_exchange *exchange = session->exchange;
    struct lws *wsi = session->wsi;
    const size_t left = waiting(exchange);
    const size_t part = sio_tls_exchange_allowed(exchange, left < PART ? left : PART);
    const bool last = exchange->answer.stage == SIO_TLS_ANSWER_WHOLE && part == left;
    if (part == 0)
        return 0;
    unsigned char *from = (unsigned char *)exchange->out.data + LWS_PRE + exchange->sent;
    if (lws_write(wsi, from, part, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
        return -1;
    exchange->sent += part;
    if (last)
        return complete(wsi);
    if (part == left) {
        sio_buf_clear(&exchange->out);
        exchange->sent = 0;
    }
    if (session->conn)
        sio_carrier_writable(session->conn);
    lws_callback_on_writable(wsi);
    return 0;
}

static int on_writable(sio_tls_session *session)
{
    const sio_tls_exchange *exchange = session->exchange;
    if (exchange->answer.stage == SIO_TLS_ANSWER_HEAD)
        return session->finishing || session->closed ? -1 : 0;
    if (!exchange->told)
        return send_head(session);
    if (waiting(exchange) > 0)
        return send_body(session);
    return session->closed ? -1 : 0;
}

/* ---- either ---- */

int sio_tls_exchange_event(sio_tls_owner *owner, struct lws *wsi, enum lws_callback_reasons reason,
                           void *in, size_t len)
{
    sio_tls_session *session = sio_tls_session_of(wsi);
    if (reason == LWS_CALLBACK_HTTP)
        return on_request(owner, wsi);
    if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION)
        return on_opening(owner, wsi);
    if (!session || !session->exchange)
        return lws_callback_http_dummy(wsi, reason, NULL, in, len);
    switch (reason) {
    case LWS_CALLBACK_HTTP_BODY:
        return on_body(session, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return on_body_end(session);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writable(session);
    case LWS_CALLBACK_CLOSED_HTTP:
        sio_tls_session_lose(session);
        return 0;
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        sio_tls_session_free(session);
        return 0;
    default:
        return sio_tls_websocket_event(session, reason, in, len);
    }
}
