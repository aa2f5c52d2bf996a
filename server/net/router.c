#include "net/router.h"

#include <stdio.h>

#include <sio/err.h>

#include "net/admission.h"
#include "net/door.h"
#include "net/exchange.h"
#include "net/http.h"
#include "net/polling.h"
#include "net/refusal.h"
#include "net/source.h"
#include "net/upgrade.h"
#include "net/verify.h"
#include "net/view.h"
#include "net/watch.h"

/* ---- files ---- */

static void put_content(sio_response *response, sio_static_file *file, sio_blob *content,
                        sio_encoding encoding)
{
    sio_blob *encoded = sio_static_encoded(file, encoding);
    response->owner = encoded ? encoded : content;
    response->encoding = encoded ? encoding : SIO_ENCODING_NONE;
    response->body = (sio_str){ response->owner->data, response->owner->len };
}

static void answer_file(sio_conn *conn, const sio_request *request, sio_static_file *file)
{
    sio_blob *content = sio_static_content(file);
    if (!content) {
        sio_http_respond(conn, &(sio_response){ .status = 404 });
        return;
    }
    if (!sio_request_is(request, HTTP_GET) && !sio_request_is(request, HTTP_HEAD)) {
        sio_http_respond(conn, &(sio_response){ .status = 405, .headers = "Allow: GET, HEAD\r\n" });
        return;
    }
    char headers[128];
    snprintf(headers, sizeof(headers), "Cache-Control: public, max-age=0\r\nETag: %s\r\n%s",
             sio_static_etag(file), sio_static_is_client(file) ? "Vary: Accept-Encoding\r\n" : "");
    sio_response response = { .status = 304, .headers = headers };
    if (!sio_static_matches(file, sio_request_header(request, "if-none-match"))) {
        response.status = 200;
        response.type = sio_static_type(file);
        put_content(&response, file, content, (sio_encoding)conn->encoding);
    }
    sio_http_respond(conn, &response);
}

static void serve_file(sio_conn *conn, sio_request *request, sio_static_file *file)
{
    answer_file(conn, request, file);
    sio_request_free(request);
}

/* ---- sessions ---- */

static bool is_upgrade(const sio_conn *conn, const sio_request *request)
{
    return sio_request_is_upgrade(request) &&
           (conn->net->server->transports & SIO_TRANSPORT_WEBSOCKET);
}

static void ask_for_headers(sio_conn *conn, const sio_request *request, bool initial)
{
    sio_server *server = conn->net->server;
    const sio_hooks *hooks = &conn->net->hooks;
    initial = initial && hooks->on_initial_headers;
    sio_exchange *exchange = hooks->on_headers || initial ? sio_exchange_get(conn) : NULL;
    sio_http_request view;
    if (!exchange || sio_view_init(&view, conn, request))
        return;
    sio_core_enter(server);
    if (initial)
        hooks->on_initial_headers(server, &view, &exchange->headers, server->data);
    if (hooks->on_headers)
        hooks->on_headers(server, &view, &exchange->headers, server->data);
    sio_core_leave(server);
    sio_view_free(&view);
}

/* Of a request that has been verified and let in. */
static void serve_session(sio_conn *conn, sio_request *request, sio_client *client)
{
    ask_for_headers(conn, request, !client);
    if (is_upgrade(conn, request))
        sio_upgrade_serve(conn, request, client);
    else
        sio_polling_serve(conn, request, client);
    sio_request_free(request);
}

static void refuse(sio_conn *conn, sio_request *request, sio_refusal why)
{
    sio_refusal_answer(conn, request, why, is_upgrade(conn, request));
    sio_request_free(request);
}

static void answer(sio_conn *conn, sio_request *request, unsigned status)
{
    sio_request_free(request);
    sio_http_respond(conn, &(sio_response){ .status = status });
}

static void ask_for_admission(sio_conn *conn, sio_request *request)
{
    if (sio_admission_ask(conn, request))
        return;
    conn->keep_alive = false;
    answer(conn, request, 503);
}

/* A page of another origin reads neither polls nor answers that CORS does not give it; these two it
 * does. */
static bool is_let_in(const sio_conn *conn, const sio_request *request, bool upgrade)
{
    const sio_cors *cors = &conn->net->cors;
    sio_jsonp jsonp;
    if (!cors->check_origin)
        return true;
    if (upgrade)
        return sio_cors_lets_in(cors, request);
    return sio_jsonp_read(&jsonp, sio_request_url(request)) == 0 && !jsonp.wanted;
}

static void serve_engine(sio_conn *conn, sio_request *request)
{
    if (!sio_door_pass(conn, request)) {
        sio_request_free(request);
        return;
    }
    const bool upgrade = is_upgrade(conn, request);
    sio_engine_query query;
    sio_query_read(&query, sio_request_url(request));
    sio_client *client = NULL;
    sio_refusal why = sio_verify(conn->net->server, request, &query, upgrade, &client);
    if (why.code == SIO_ENGINE_OK && upgrade != (query.transport == SIO_EIO_WEBSOCKET))
        why = (sio_refusal){ SIO_ENGINE_BAD_REQUEST, "TRANSPORT_HANDSHAKE_ERROR", 0 };
    if (why.code == SIO_ENGINE_OK && !is_let_in(conn, request, upgrade))
        why = (sio_refusal){ SIO_ENGINE_FORBIDDEN, "Origin not allowed", 403 };
    if (why.code != SIO_ENGINE_OK)
        refuse(conn, request, why);
    else if (!client && conn->net->hooks.allow_request)
        ask_for_admission(conn, request);
    else
        serve_session(conn, request, client);
}

void sio_router_admitted(sio_conn *conn, sio_request *request)
{
    serve_session(conn, request, NULL);
    if (conn->state == SIO_CONN_WEBSOCKET)
        sio_http_upgraded(conn);
}

void sio_router_refused(sio_conn *conn, sio_request *request, const char *message)
{
    refuse(conn, request, (sio_refusal){ SIO_ENGINE_FORBIDDEN, message, 0 });
}

/* The path is a prefix: "/socket.io/anything" is served too, "/socket.io" is not. */
bool sio_router_is_engine(const sio_net *net, sio_str url)
{
    return url.len >= net->path_len && memcmp(url.data, net->path, net->path_len) == 0;
}

/* What CORS says goes with the answer, whatever it will be. As sio_cors_put; a body's admission may
 * have come first. */
static int put_cors(sio_conn *conn, const sio_request *request)
{
    const sio_cors *cors = &conn->net->cors;
    if (!cors->on || conn->exchange)
        return 0;
    sio_exchange *exchange = sio_exchange_get(conn);
    return exchange ? sio_cors_put(cors, request, &exchange->headers) : SIO_ENOMEM;
}

/* Without the query, which may hold what only the application is to know. */
static int path_len(sio_str url)
{
    const char *query = url.len ? memchr(url.data, '?', url.len) : NULL;
    return (int)(query ? (size_t)(query - url.data) : url.len);
}

void sio_router_serve(sio_conn *conn, sio_request *request)
{
    sio_net *net = conn->net;
    if (conn->watching) {
        sio_watch_serve(conn, request);
        return;
    }
    sio_str url = sio_request_url(request);
    const bool upgrade = is_upgrade(conn, request);
    sio_static_file *file = upgrade ? NULL : sio_static_find(&net->files, url);
    const bool engine = file ? sio_static_is_client(file) : sio_router_is_engine(net, url);
    char from[SIO_SOURCE_TEXT];
    const char *method = llhttp_method_name((llhttp_method_t)request->parser.method);
    SIO_CORE_LOG_OF(net->server, SIO_LOG_TRACE, SIO_LOG_HTTP,
                    SIO_LOG_ABOUT(.address = sio_source_text(conn, request, from, NULL),
                                  .method = method, .path = url),
                    "%s %.*s from \"%s\"", method, path_len(url), url.data, from);
    const int preflight = engine ? put_cors(conn, request) : 0;
    if (upgrade ? !engine : request->parser.upgrade)
        conn->keep_alive = false;
    if (preflight)
        answer(conn, request, preflight > 0 ? 204 : 503);
    else if (file)
        serve_file(conn, request, file);
    else if (engine)
        serve_engine(conn, request);
    else
        answer(conn, request, 404);
}

bool sio_router_admit(sio_conn *conn, sio_request *request)
{
    sio_str url = sio_request_url(request);
    if (conn->watching || !sio_router_is_engine(conn->net, url) ||
        !sio_request_is(request, HTTP_POST))
        return false;
    sio_engine_query query;
    sio_client *client = NULL;
    sio_query_read(&query, url);
    return put_cors(conn, request) == 0 &&
           sio_verify(conn->net->server, request, &query, false, &client).code == SIO_ENGINE_OK &&
           client && query.transport == SIO_EIO_POLLING && sio_polling_admit(request, client);
}

sio_handshake *sio_router_handshake(sio_conn *conn, const sio_request *request)
{
    sio_handshake_header headers[SIO_LIMIT_HTTP_HEADERS];
    char address[SIO_SOURCE_TEXT];
    bool secure = false;
    sio_source_text(conn, request, address, &secure);
    uv_timeval64_t now;
    uv_gettimeofday(&now);
    return sio_handshake_new(&(sio_handshake_info){
        .url = sio_request_url(request),
        .headers = headers,
        .header_count = sio_request_headers(request, headers),
        .address = sio_str_from(address),
        .issued_ms = now.tv_sec * 1000 + now.tv_usec / 1000,
        .secure = secure,
        .subject = conn->carried ? conn->line.subject : NULL,
    });
}
