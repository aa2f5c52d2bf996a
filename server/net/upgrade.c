#include "net/upgrade.h"

#include <stdio.h>
#include <strings.h>

#include "net/exchange.h"
#include "net/http.h"
#include "net/opening.h"
#include "net/source.h"
#include "net/websocket.h"

/* What the handshake settles. */
typedef struct agreement {
    char accept[SIO_WS_ACCEPT_SIZE];
    sio_str protocol; /* empty: none */
    int window;       /* that the client inflates with; 0: permessage-deflate is not spoken */
    char extension[SIO_WS_EXTENSION_SIZE];
} agreement;

static void refuse(sio_conn *conn, const sio_request *request, unsigned status, const char *message,
                   const char *headers)
{
    char from[SIO_SOURCE_TEXT];
    SIO_CORE_LOG_OF(conn->net->server, SIO_LOG_DEBUG, SIO_LOG_HTTP,
                    SIO_LOG_ABOUT(.address = sio_source_text(conn, request, from, NULL)),
                    "refused a websocket from \"%s\": %s", from, message);
    sio_exchange_end(conn);
    conn->keep_alive = false;
    sio_http_respond(conn, &(sio_response){ .status = status,
                                            .type = "text/html",
                                            .headers = headers,
                                            .body = sio_str_from(message) });
}

/* The first subprotocol that the client offers is agreed to, as by default in the reference's ws.
 * False: that is no list of tokens. */
static bool choose_protocol(const sio_request *request, sio_str *out)
{
    sio_str offer = sio_request_header(request, "sec-websocket-protocol");
    size_t len = 0;
    while (len < offer.len && sio_headers_is_token((sio_str){ offer.data + len, 1 }))
        len++;
    *out = (sio_str){ offer.data, len };
    if (!offer.data)
        return true;
    return len > 0 && len < 256 && (len == offer.len || strchr(", \t", offer.data[len]));
}

static bool lists_extensions(const sio_handshake_header *header)
{
    static const char name[] = "sec-websocket-extensions";
    return header->name.len == sizeof(name) - 1 &&
           strncasecmp(header->name.data, name, sizeof(name) - 1) == 0;
}

/* The first acceptable offer is agreed to, in whichever line of the header it stands. False: one of
 * the lines is no list of extensions. */
static bool choose_extension(const sio_conn *conn, const sio_request *request, agreement *out)
{
    sio_handshake_header headers[SIO_LIMIT_HTTP_HEADERS];
    const size_t count = conn->net->server->inflater ? sio_request_headers(request, headers) : 0;
    for (size_t i = 0; i < count; i++) {
        char later[SIO_WS_EXTENSION_SIZE];
        if (!lists_extensions(&headers[i]))
            continue;
        const int window = sio_ws_negotiate(out->window ? later : out->extension, headers[i].value);
        if (window < 0)
            return false;
        if (!out->window)
            out->window = window;
    }
    return true;
}

/* Refuses what is no opening handshake; the reference's order and words. */
static bool agree(sio_conn *conn, const sio_request *request, agreement *out)
{
    sio_str upgrade = sio_request_header(request, "upgrade");
    if (!sio_request_is(request, HTTP_GET))
        refuse(conn, request, 405, "Invalid HTTP method", NULL);
    else if (upgrade.len != 9 || strncasecmp(upgrade.data, "websocket", 9) != 0)
        refuse(conn, request, 400, "Invalid Upgrade header", NULL);
    else if (sio_ws_accept(out->accept, sio_request_header(request, "sec-websocket-key")))
        refuse(conn, request, 400, "Missing or invalid Sec-WebSocket-Key header", NULL);
    else if (!sio_str_equal(sio_request_header(request, "sec-websocket-version"), SIO_STR("13")))
        refuse(conn, request, 400, "Missing or invalid Sec-WebSocket-Version header",
               "Sec-WebSocket-Version: 13\r\n");
    else if (!choose_protocol(request, &out->protocol))
        refuse(conn, request, 400, "Invalid Sec-WebSocket-Protocol header", NULL);
    else if (!choose_extension(conn, request, out))
        refuse(conn, request, 400, "Invalid or unacceptable Sec-WebSocket-Extensions header", NULL);
    else
        return true;
    return false;
}

static bool connect_link(sio_conn *conn, const sio_request *request, sio_client *client)
{
    conn->link = (sio_link){ .ops = &sio_websocket_ops };
    if (client) /* one that is refused is opened all the same, and closed at once */
        return sio_client_probe(client, &conn->link) != SIO_ENOMEM;
    return sio_opening_client(conn, request, &conn->link) != NULL;
}

/* A client whose window is smaller than ours gets deflated what fits into that: nothing in such a
 * message lies farther back, so that the one form for all serves it too. */
static uint32_t longest_deflated(int window)
{
    if (window == 0)
        return 0;
    return window == SIO_WS_WINDOW_MAX ? UINT32_MAX : 1u << window;
}

/* To a new client the packet that opens its session goes by the same segment. */
static void answer(sio_conn *conn, const agreement *with, bool opens)
{
    char *head = conn->net->output;
    const sio_str lines = sio_exchange_lines(conn);
    const char *const end = "\r\n";
    int len = snprintf(
        head, SIO_HTTP_HEAD_ROOM,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s%.*s%s%s%s%s%.*s\r\n",
        with->accept, with->protocol.len ? "Sec-WebSocket-Protocol: " : "", (int)with->protocol.len,
        with->protocol.len ? with->protocol.data : "", with->protocol.len ? end : "",
        with->window ? "Sec-WebSocket-Extensions: " : "", with->window ? with->extension : "",
        with->window ? end : "", (int)lines.len, lines.data);
    sio_exchange_end(conn);
    conn->state = SIO_CONN_WEBSOCKET;
    sio_intake_welcome(conn);
    conn->ahead = opens;
    sio_conn_write(conn, (sio_str){ head, (size_t)len }, SIO_STR(""), NULL, NULL);
    conn->ahead = false;
}

void sio_upgrade_serve(sio_conn *conn, const sio_request *request, sio_client *client)
{
    agreement made = { .window = 0 };
    if (!agree(conn, request, &made) || !connect_link(conn, request, client))
        return;
    conn->deflate_max = longest_deflated(made.window);
    answer(conn, &made, !client && conn->link.client);
    if (!conn->link.client)
        sio_websocket_ops.abort(&conn->link);
}
