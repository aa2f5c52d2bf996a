#include "net/polling.h"

#include <strings.h>

#include <sio/err.h>

#include "net/exchange.h"
#include "net/http.h"
#include "net/opening.h"
#include "net/payload.h"
#include "net/refusal.h"

/* ---- what the core calls on a waiting poll ---- */

/* The application's own goes before it. */
static const char *cache_control(const sio_conn *conn)
{
    const sio_exchange *exchange = conn->exchange;
    if (exchange && sio_headers_has(&exchange->headers, "cache-control"))
        return NULL;
    return "cache-control: no-store\r\n";
}

static void respond(sio_conn *conn, const char *type, const sio_payload *payload)
{
    sio_http_respond(conn, &(sio_response){ .status = 200,
                                            .type = type,
                                            .headers = cache_control(conn),
                                            .body = payload->body,
                                            .owner = payload->owner,
                                            .compress = !payload->plain });
}

static void respond_script(sio_conn *conn, const sio_payload *payload)
{
    sio_buf script = { 0 };
    sio_jsonp_write(&script, &conn->exchange->jsonp, payload->body);
    const sio_payload written = { .body = { script.data, script.len }, .plain = payload->plain };
    if (script.err)
        sio_conn_break(conn);
    else
        respond(conn, "text/javascript; charset=UTF-8", &written);
    sio_buf_free(&script);
}

static bool wants_script(const sio_conn *conn)
{
    return conn->exchange && conn->exchange->jsonp.wanted;
}

static void respond_payload(sio_conn *conn, const sio_payload *payload)
{
    if (wants_script(conn))
        respond_script(conn, payload);
    else
        respond(conn, payload->binary ? "application/octet-stream" : "text/plain; charset=UTF-8",
                payload);
    sio_blob_unref(payload->owner);
}

static void on_flush(sio_link *link, bool last)
{
    sio_conn *conn = sio_conn_of(link);
    sio_client *client = link->client;
    if (conn->state != SIO_CONN_SERVING || (client->outbox.count == 0 && !last))
        return;
    sio_payload payload;
    if (sio_payload_make(&payload, conn->net, conn->dialect, &client->outbox, last)) {
        sio_conn_break(conn);
        return;
    }
    sio_outbox_clear(&client->outbox);
    sio_client_detach(client, link);
    respond_payload(conn, &payload);
}

/* The reference lets a waiting poll end with a close packet whatever the reason. */
static void on_abort(sio_link *link)
{
    sio_conn *conn = sio_conn_of(link);
    const sio_outbox nothing = { 0 };
    sio_payload payload;
    if (sio_payload_make(&payload, conn->net, conn->dialect, &nothing, true))
        sio_conn_break(conn);
    else
        respond_payload(conn, &payload);
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

void sio_polling_hurry(sio_conn *conn)
{
    sio_client *client = conn->link.client;
    if (client && client->outbox.count == 0)
        (void)sio_client_queue(client, client->server->noop, false);
}

/* ---- requests ---- */

static void refuse(sio_conn *conn, unsigned status)
{
    sio_http_respond(conn, &(sio_response){ .status = status });
}

/* A script holds no bytes. */
static void serve_poll(sio_conn *conn, sio_client *client)
{
    conn->dialect = client->session.dialect;
    if (conn->dialect == SIO_EIO_3 && wants_script(conn))
        conn->dialect = SIO_EIO_3_BASE64;
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
        SIO_CORE_LOG_OF(client->server, SIO_LOG_WARN, SIO_LOG_ENGINE,
                        SIO_LOG_ABOUT(.client = client), "client " SIO_CLIENT_TAG " gets no cookie",
                        client->sid);
    serve_poll(conn, client);
}

static bool is_binary(const sio_request *request)
{
    sio_str type = sio_request_header(request, "content-type");
    return sio_str_equal(type, SIO_STR("application/octet-stream"));
}

/* A form without a payload brings nothing, which is no error. */
static int take_body(const sio_conn *conn, sio_request *request, sio_client *client)
{
    sio_buf *body = &request->body;
    if (!wants_script(conn))
        return sio_client_payload(client, body->data, body->len, is_binary(request));
    if (!sio_jsonp_unpack(body->data, &body->len))
        return 0;
    return sio_client_payload(client, body->data, body->len, false);
}

static void serve_post(sio_conn *conn, sio_request *request, sio_client *client)
{
    if (take_body(conn, request, client)) {
        refuse(conn, 400);
        return;
    }
    /* text/html keeps some browsers from offering it as a download */
    sio_http_respond(conn, &(sio_response){ .status = 200,
                                            .type = "text/html",
                                            .headers = cache_control(conn),
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
    if (exchange && !sio_headers_has(&exchange->headers, "x-xss-protection"))
        (void)sio_headers_put(&exchange->headers, "X-XSS-Protection", SIO_STR("0"));
}

static int read_jsonp(sio_conn *conn, const sio_request *request)
{
    sio_jsonp jsonp;
    const int err = sio_jsonp_read(&jsonp, sio_request_url(request));
    if (err || !jsonp.wanted)
        return err;
    sio_exchange *exchange = sio_exchange_get(conn);
    if (!exchange)
        return SIO_ENOMEM;
    exchange->jsonp = jsonp;
    return 0;
}

void sio_polling_serve(sio_conn *conn, sio_request *request, sio_client *client)
{
    if (sio_request_is(request, HTTP_GET) || sio_request_is(request, HTTP_POST))
        calm_old_browsers(conn, request);
    if (client && request->posting)
        request->posting = client->posting = false;
    const int err = read_jsonp(conn, request);
    if (err == SIO_ELIMIT)
        sio_refusal_answer(conn, request, (sio_refusal){ SIO_ENGINE_BAD_REQUEST, "JSONP_INDEX", 0 },
                           false);
    else if (err)
        refuse(conn, 503);
    else if (!client)
        serve_handshake(conn, request);
    else if (sio_request_is(request, HTTP_GET))
        serve_poll(conn, client);
    else if (sio_request_is(request, HTTP_POST))
        serve_post(conn, request, client);
    else
        refuse(conn, 500);
}

bool sio_polling_admit(sio_request *request, sio_client *client)
{
    if (client->posting || (is_binary(request) && client->session.dialect == SIO_EIO_4)) {
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
