#include "net/refusal.h"

#include <sio/sys/value.h>

#include "net/exchange.h"
#include "net/http.h"
#include "net/source.h"
#include "net/view.h"

/* They are part of the protocol. */
static const char *const messages[] = {
    [SIO_ENGINE_UNKNOWN_TRANSPORT] = "Transport unknown",
    [SIO_ENGINE_UNKNOWN_SID] = "Session ID unknown",
    [SIO_ENGINE_BAD_HANDSHAKE_METHOD] = "Bad handshake method",
    [SIO_ENGINE_BAD_REQUEST] = "Bad request",
    [SIO_ENGINE_FORBIDDEN] = "Forbidden",
    [SIO_ENGINE_UNSUPPORTED_PROTOCOL_VERSION] = "Unsupported protocol version",
};

static void tell(sio_conn *conn, const sio_request *request, sio_refusal why)
{
    sio_server *server = conn->net->server;
    const sio_hooks *hooks = &conn->net->hooks;
    sio_http_request view;
    if (!hooks->on_connection_error)
        return;
    const bool seen = sio_view_init(&view, conn, request) == 0;
    const sio_connection_error error = {
        .request = seen ? &view : NULL,
        .code = why.code,
        .message = messages[why.code],
        .context = why.context,
    };
    sio_core_enter(server);
    hooks->on_connection_error(server, &error, server->data);
    sio_core_leave(server);
    sio_view_free(&view);
}

/* The application may have words of its own for whom it does not let in. */
static const char *message_of(sio_refusal why)
{
    return why.code == SIO_ENGINE_FORBIDDEN && why.context ? why.context : messages[why.code];
}

/* Nothing but the message: this is not the browser's business, so there are no headers either. */
static void answer_upgrade(sio_conn *conn, unsigned status, const char *message)
{
    sio_exchange_end(conn);
    conn->keep_alive = false;
    sio_http_respond(conn, &(sio_response){ .status = status ? status : 400,
                                            .type = "text/html",
                                            .body = sio_str_from(message) });
}

static void answer_request(sio_conn *conn, sio_engine_error code, const char *message)
{
    sio_buf json = { 0 };
    sio_buf_printf(&json, "{\"code\":%d,\"message\":", (int)code);
    sio_json_write_string(&json, message, strlen(message));
    sio_buf_byte(&json, '}');
    sio_http_respond(conn, &(sio_response){ .status = code == SIO_ENGINE_FORBIDDEN ? 403 : 400,
                                            .type = "application/json",
                                            .body = { json.data, json.err ? 0 : json.len } });
    sio_buf_free(&json);
}

void sio_refusal_answer(sio_conn *conn, const sio_request *request, sio_refusal why, bool upgrade)
{
    char from[SIO_SOURCE_TEXT];
    SIO_CORE_LOG_OF(conn->net->server, SIO_LOG_DEBUG, SIO_LOG_HTTP,
                    SIO_LOG_ABOUT(.address = sio_source_text(conn, request, from, NULL)),
                    "refused a request from \"%s\": %s%s%s", from, messages[why.code],
                    why.code == SIO_ENGINE_BAD_REQUEST ? ", " : "",
                    why.code == SIO_ENGINE_BAD_REQUEST ? why.context : "");
    conn->net->server->stats.refused_requests[why.code]++;
    tell(conn, request, why);
    if (upgrade)
        answer_upgrade(conn, why.status, message_of(why));
    else
        answer_request(conn, why.code, message_of(why));
}
