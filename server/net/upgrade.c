#include "net/upgrade.h"

#include <stdio.h>
#include <strings.h>

#include "net/exchange.h"
#include "net/http.h"
#include "net/opening.h"
#include "net/websocket.h"

static void refuse(sio_conn *conn, unsigned status, const char *message, const char *headers)
{
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

/* Refuses what is no opening handshake; the reference's order and words. */
static bool check(sio_conn *conn, const sio_request *request, char accept[SIO_WS_ACCEPT_SIZE],
                  sio_str *protocol)
{
    sio_str upgrade = sio_request_header(request, "upgrade");
    if (!sio_request_is(request, HTTP_GET))
        refuse(conn, 405, "Invalid HTTP method", NULL);
    else if (upgrade.len != 9 || strncasecmp(upgrade.data, "websocket", 9) != 0)
        refuse(conn, 400, "Invalid Upgrade header", NULL);
    else if (sio_ws_accept(accept, sio_request_header(request, "sec-websocket-key")))
        refuse(conn, 400, "Missing or invalid Sec-WebSocket-Key header", NULL);
    else if (!sio_str_equal(sio_request_header(request, "sec-websocket-version"), SIO_STR("13")))
        refuse(conn, 400, "Missing or invalid Sec-WebSocket-Version header",
               "Sec-WebSocket-Version: 13\r\n");
    else if (!choose_protocol(request, protocol))
        refuse(conn, 400, "Invalid Sec-WebSocket-Protocol header", NULL);
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

void sio_upgrade_serve(sio_conn *conn, const sio_request *request, sio_client *client)
{
    char accept[SIO_WS_ACCEPT_SIZE];
    sio_str protocol;
    if (!check(conn, request, accept, &protocol) || !connect_link(conn, request, client))
        return;
    char *head = conn->net->output;
    const sio_str lines = sio_exchange_lines(conn);
    int len = snprintf(head, SIO_HTTP_HEAD_ROOM,
                       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s%.*s%s%.*s\r\n",
                       accept, protocol.len ? "Sec-WebSocket-Protocol: " : "", (int)protocol.len,
                       protocol.len ? protocol.data : "", protocol.len ? "\r\n" : "",
                       (int)lines.len, lines.data);
    sio_exchange_end(conn);
    conn->state = SIO_CONN_WEBSOCKET;
    sio_conn_write(conn, (sio_str){ head, (size_t)len }, SIO_STR(""), NULL, NULL);
    if (!conn->link.client)
        sio_websocket_ops.abort(&conn->link);
}
