#include "net/polling.h"

#include <strings.h>

#include <sio/err.h>

#include "net/exchange.h"
#include "net/http.h"
#include "net/opening.h"

/* ---- what the core calls on a waiting poll ---- */

/* The packets of a payload one after the other: first to count, then to copy. */
typedef struct payload {
    char *out; /* NULL: only count */
    size_t len;
    bool failed;
} payload;

static void write_packet(payload *to, sio_str packet)
{
    size_t separator = to->len > 0;
    if (to->out) {
        if (separator)
            to->out[to->len] = SIO_EIO_SEPARATOR;
        memcpy(to->out + to->len + separator, packet.data, packet.len);
    }
    to->len += separator + packet.len;
}

static void write_outbox(payload *to, const sio_outbox *outbox, bool last)
{
    for (uint32_t i = 0; i < outbox->count; i++) {
        for (sio_frame *frame = sio_outbox_at(outbox, i); frame; frame = frame->next) {
            sio_str packet = sio_frame_polling(frame);
            if (packet.data)
                write_packet(to, packet);
            else
                to->failed = true;
        }
    }
    if (last && outbox->count == 0)
        write_packet(to, SIO_STR("1"));
}

static void respond(sio_conn *conn, sio_str body, sio_blob *owner)
{
    sio_http_respond(conn, &(sio_response){ .status = 200,
                                            .type = "text/plain; charset=UTF-8",
                                            .headers = "cache-control: no-store\r\n",
                                            .body = body,
                                            .owner = owner,
                                            .compress = true });
}

/* The outbox as one payload: in the loop's output buffer if there is room, else in `*owner`. */
static bool make_payload(sio_net *net, const sio_outbox *outbox, bool last, sio_str *out,
                         sio_blob **owner)
{
    payload count = { .out = NULL };
    write_outbox(&count, outbox, last);
    payload copy = { .out = net->output + SIO_HTTP_HEAD_ROOM };
    if (count.failed)
        return false;
    if (count.len > sizeof(net->output) - SIO_HTTP_HEAD_ROOM) {
        *owner = sio_blob_new(count.len);
        if (!*owner)
            return false;
        copy.out = (*owner)->data;
    }
    write_outbox(&copy, outbox, last);
    *out = (sio_str){ copy.out, copy.len };
    return true;
}

static void on_flush(sio_link *link, bool last)
{
    sio_conn *conn = sio_conn_of(link);
    sio_client *client = link->client;
    if (conn->state != SIO_CONN_SERVING || (client->outbox.count == 0 && !last))
        return;
    sio_str body;
    sio_blob *owner = NULL;
    if (!make_payload(conn->net, &client->outbox, last, &body, &owner)) {
        sio_conn_break(conn);
        return;
    }
    sio_outbox_clear(&client->outbox);
    sio_client_detach(client, link);
    respond(conn, body, owner);
    sio_blob_unref(owner);
}

/* The reference lets a waiting poll end with a close packet whatever the reason. */
static void on_abort(sio_link *link)
{
    respond(sio_conn_of(link), SIO_STR("1"), NULL);
}

static void on_send_now(sio_link *link, sio_frame *frame)
{
    (void)link;
    (void)frame; /* a poll is never a probe */
}

static const sio_link_ops poll_ops = {
    .flush = on_flush,
    .abort = on_abort,
    .send_now = on_send_now,
};

/* ---- requests ---- */

static void refuse(sio_conn *conn, unsigned status)
{
    sio_http_respond(conn, &(sio_response){ .status = status });
}

static void serve_poll(sio_conn *conn, sio_client *client)
{
    conn->link = (sio_link){ .ops = &poll_ops };
    if (sio_client_attach(client, &conn->link))
        refuse(conn, 400);
}

static int put_cookie(sio_conn *conn, const sio_client *client)
{
    const sio_cookie *cookie = &conn->net->cookie;
    if (!cookie->name)
        return 0;
    sio_exchange *exchange = sio_exchange_get(conn);
    return exchange ? sio_cookie_put(cookie, client->sid, &exchange->headers) : SIO_ENOMEM;
}

static void serve_handshake(sio_conn *conn, const sio_request *request)
{
    sio_client *client = sio_opening_client(conn, request, NULL);
    if (!client)
        return;
    if (put_cookie(conn, client))
        sio_core_log(client->server, SIO_LOG_WARN, "client %s gets no cookie", client->sid);
    serve_poll(conn, client);
}

static void serve_post(sio_conn *conn, sio_request *request, sio_client *client)
{
    request->posting = false;
    client->posting = false;
    if (sio_client_payload(client, request->body.data, request->body.len)) {
        refuse(conn, 400);
        return;
    }
    /* text/html keeps some browsers from offering it as a download */
    sio_http_respond(conn, &(sio_response){ .status = 200,
                                            .type = "text/html",
                                            .headers = "cache-control: no-store\r\n",
                                            .body = SIO_STR("ok") });
}

static bool holds(sio_str text, const char *part)
{
    return text.data && memmem(text.data, text.len, part, strlen(part));
}

/* The filter of an old Internet Explorer takes packets for an attack. */
static void calm_old_browsers(sio_conn *conn, const sio_request *request)
{
    const sio_str agent = sio_request_header(request, "user-agent");
    if (!holds(agent, ";MSIE") && !holds(agent, "Trident/"))
        return;
    sio_exchange *exchange = sio_exchange_get(conn);
    if (exchange)
        (void)sio_headers_put(&exchange->headers, "X-XSS-Protection", SIO_STR("0"));
}

void sio_polling_serve(sio_conn *conn, sio_request *request, sio_client *client)
{
    if (sio_request_is(request, HTTP_GET) || sio_request_is(request, HTTP_POST))
        calm_old_browsers(conn, request);
    if (!client)
        serve_handshake(conn, request);
    else if (sio_request_is(request, HTTP_GET))
        serve_poll(conn, client);
    else if (sio_request_is(request, HTTP_POST))
        serve_post(conn, request, client);
    else
        refuse(conn, 500);
}

static bool is_binary(const sio_request *request)
{
    sio_str type = sio_request_header(request, "content-type");
    return sio_str_equal(type, SIO_STR("application/octet-stream"));
}

bool sio_polling_admit(sio_request *request, sio_client *client)
{
    if (client->posting || is_binary(request)) {
        sio_client_abort(client, SIO_EIO_TRANSPORT_ERROR);
        request->status = 400;
        return false;
    }
    client->posting = true;
    request->posting = true;
    request->limit = client->server->engine.max_payload;
    memcpy(request->sid, client->sid, sizeof(request->sid));
    return true;
}

void sio_polling_abandon(sio_server *server, sio_request *request)
{
    request->posting = false;
    sio_client *client = sio_client_find(server, sio_str_from(request->sid));
    if (!client)
        return;
    client->posting = false;
    if (client->session.transport == SIO_EIO_POLLING)
        sio_client_abort(client, SIO_EIO_TRANSPORT_ERROR);
}
