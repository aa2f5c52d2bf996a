#include "net/http.h"

#include <strings.h>

#include "net/polling.h"
#include "net/relay.h"
#include "net/router.h"
#include "net/websocket.h"

static void count_refusal(sio_server_stats *stats, const sio_request *request, unsigned status)
{
    stats->long_urls += status == 414;
    stats->many_headers += status == 431 && request->crowded;
    stats->long_heads += status == 431 && !request->crowded;
}

static void set_limits(sio_request *request, const sio_limit_options *limits)
{
    request->url_most = (uint16_t)limits->max_url;
    request->head_most = (uint16_t)limits->max_head;
    request->count_most = (uint16_t)limits->max_headers;
}

static bool begin(sio_conn *conn)
{
    conn->request = sio_request_new();
    if (!conn->request) {
        sio_conn_close(conn);
        return false;
    }
    conn->state = SIO_CONN_REQUEST;
    if (conn->net->server)
        set_limits(conn->request, &conn->net->server->limits);
    conn->request->noted = sio_relay_on(conn->net);
    sio_net_deadline(conn->net, &conn->net->heads, &conn->deadline);
    return true;
}

/* From here on the request is no longer the connection's: what comes meanwhile makes a new one. */
static sio_request *take(sio_conn *conn)
{
    sio_request *request = conn->request;
    conn->request = NULL;
    conn->relayed = SIO_RELAY_FROM_NOBODY;
    conn->state = SIO_CONN_SERVING;
    conn->keep_alive = request->keep_alive;
    conn->encoding = sio_encoding_choose(sio_request_header(request, "accept-encoding"));
    conn->head_only = sio_request_is(request, HTTP_HEAD);
    sio_deadline_cancel(&conn->deadline);
    return request;
}

static void serve(sio_conn *conn)
{
    sio_router_serve(conn, take(conn));
}

void sio_http_abandon(sio_conn *conn)
{
    if (conn->request && conn->request->posting)
        sio_polling_abandon(conn->net->server, conn->request);
}

static void refuse(sio_conn *conn, unsigned status)
{
    sio_http_abandon(conn);
    sio_request *request = take(conn);
    if (conn->net->server)
        count_refusal(&conn->net->server->stats, request, status);
    sio_request_free(request);
    conn->keep_alive = false;
    sio_http_respond(conn, &(sio_response){ .status = status });
}

static bool expects_continue(const sio_request *request)
{
    sio_str expect = sio_request_header(request, "expect");
    return expect.len == 12 && strncasecmp(expect.data, "100-continue", 12) == 0 &&
           request->parser.http_minor > 0;
}

/* Of HTTP/1.0 the header means nothing. */
static bool expects_the_unknown(const sio_request *request)
{
    return request->parser.http_minor > 0 && !sio_request_is_upgrade(request) &&
           sio_request_header(request, "expect").data && !expects_continue(request);
}

/* As in Node.js, of HTTP/1.0 and upgrades it is not asked. */
static bool lacks_host(const sio_request *request)
{
    return request->parser.http_minor > 0 && !sio_request_is_upgrade(request) &&
           !sio_request_header(request, "host").data;
}

/* A body that nobody wants is not read: the request is served as it is, and the connection ends. */
static void admit(sio_conn *conn)
{
    sio_request *request = conn->request;
    if (lacks_host(request) || expects_the_unknown(request)) {
        refuse(conn, lacks_host(request) ? 400 : 417);
        return;
    }
    if (!sio_request_has_body(request) || sio_request_is_upgrade(request))
        return;
    if (!sio_router_admit(conn, request)) {
        request->keep_alive = false;
        if (request->status)
            refuse(conn, request->status);
        else
            serve(conn);
        return;
    }
    sio_net_deadline(conn->net, &conn->net->bodies, &conn->deadline);
    if (expects_continue(request) && request->parser.content_length <= request->limit) {
        sio_conn_write(conn, SIO_STR("HTTP/1.1 100 Continue\r\n\r\n"), SIO_STR(""), NULL, NULL);
    }
}

/* Keeps what was pipelined until the answer before it is written. */
static void keep(sio_conn *conn, const char *data, size_t len)
{
    if (!conn->request)
        conn->request = sio_request_new();
    if (conn->request)
        sio_buf_append(&conn->request->backlog, data, len);
    if (!conn->request || conn->request->backlog.err) {
        sio_conn_break(conn);
        return;
    }
    sio_polling_hurry(conn);
    if (conn->request->backlog.len > SIO_LIMIT_PIPELINED)
        sio_conn_pause(conn, true);
}

static void step(sio_conn *conn)
{
    switch (conn->request->stage) {
    case SIO_REQUEST_ADMIT:
        admit(conn);
        break;
    case SIO_REQUEST_COMPLETE:
        serve(conn);
        break;
    default:
        refuse(conn, conn->request->status);
        break;
    }
}

static void run(sio_conn *conn, char *data, size_t len)
{
    while (conn->state <= SIO_CONN_REQUEST) {
        if (conn->state == SIO_CONN_IDLE && (len == 0 || !begin(conn)))
            return;
        const bool noted = conn->request->noted && conn->request->stage == SIO_REQUEST_HEAD;
        size_t used = sio_request_feed(conn->request, data, len);
        if (noted)
            sio_buf_append(&conn->request->raw, data, used);
        data += used;
        len -= used;
        uint8_t stage = conn->request->stage;
        if (stage == SIO_REQUEST_HEAD || stage == SIO_REQUEST_BODY)
            return;
        if (noted && stage == SIO_REQUEST_ADMIT && sio_relay_pass(conn, data, len))
            return;
        step(conn);
    }
    if (len > 0 && conn->state == SIO_CONN_WEBSOCKET)
        sio_websocket_input(conn, data, len);
    else if (len > 0 && conn->state == SIO_CONN_SERVING)
        keep(conn, data, len);
}

void sio_http_input(sio_conn *conn, char *data, size_t len)
{
    bool waiting = conn->state == SIO_CONN_IDLE && conn->request;
    if (waiting || conn->state == SIO_CONN_SERVING)
        keep(conn, data, len);
    else
        run(conn, data, len);
}

static sio_buf take_backlog(sio_conn *conn)
{
    sio_buf backlog = conn->request->backlog;
    conn->request->backlog = (sio_buf){ 0 };
    sio_request_free(conn->request);
    conn->request = NULL;
    return backlog;
}

void sio_http_upgraded(sio_conn *conn)
{
    if (!conn->request)
        return;
    sio_buf backlog = take_backlog(conn);
    sio_websocket_input(conn, backlog.data, backlog.len);
    sio_buf_free(&backlog);
    if (conn->state != SIO_CONN_CLOSED)
        sio_conn_pause(conn, false);
}

void sio_http_resume(sio_conn *conn)
{
    if (conn->state != SIO_CONN_IDLE || !conn->request)
        return;
    sio_buf backlog = take_backlog(conn);
    run(conn, backlog.data, backlog.len);
    sio_buf_free(&backlog);
    if (conn->state != SIO_CONN_CLOSED && !(conn->request && conn->request->backlog.len))
        sio_conn_pause(conn, false);
}

void sio_http_expire(sio_conn *conn)
{
    refuse(conn, 408);
}
