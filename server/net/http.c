#include "net/http.h"

#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "net/exchange.h"
#include "net/polling.h"
#include "net/router.h"
#include "net/websocket.h"

/* ---- answers ---- */

/* strftime would follow the application's locale. */
static void write_date(char out[32], int64_t seconds)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t time = (time_t)seconds;
    struct tm tm;
    gmtime_r(&time, &tm);
    snprintf(out, 32, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", days + 3 * tm.tm_wday,
             (unsigned)tm.tm_mday % 100, months + 3 * tm.tm_mon,
             (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
             (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}

static const char *reason(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } reasons[] = {
        { 200, "OK" },
        { 204, "No Content" },
        { 304, "Not Modified" },
        { 400, "Bad Request" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 408, "Request Timeout" },
        { 413, "Payload Too Large" },
        { 414, "URI Too Long" },
        { 431, "Request Header Fields Too Large" },
        { 503, "Service Unavailable" },
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].text;
    }
    return "Internal Server Error";
}

size_t sio_http_head(char *out, size_t size, const sio_response *response, bool keep_alive,
                     int64_t seconds)
{
    char date[32];
    write_date(date, seconds);
    char length[40] = "";
    if (response->status != 304)
        snprintf(length, sizeof(length), "Content-Length: %zu\r\n", response->body.len);
    int len =
        snprintf(out, size, "HTTP/1.1 %u %s\r\n%s%s%s%s%.*s%sDate: %s\r\nConnection: %s\r\n\r\n",
                 response->status, reason(response->status), response->type ? "Content-Type: " : "",
                 response->type ? response->type : "", response->type ? "\r\n" : "",
                 response->headers ? response->headers : "", (int)response->exchanged.len,
                 response->exchanged.len ? response->exchanged.data : "", length, date,
                 keep_alive ? "keep-alive\r\nKeep-Alive: timeout=5" : "close");
    return (size_t)len < size ? (size_t)len : size;
}

static void answered(sio_conn *conn)
{
    sio_net *net = conn->net;
    conn->writing = false;
    if (!conn->keep_alive || net->closing) {
        sio_conn_finish(conn);
        return;
    }
    conn->state = SIO_CONN_IDLE;
    sio_net_deadline(net, &net->keep_alives, &conn->deadline);
    if (conn->request)
        sio_net_resume(net, &conn->resume);
}

static sio_str write_head(sio_conn *conn, const sio_response *response)
{
    char *out = conn->net->output;
    sio_response whole = *response;
    whole.exchanged = sio_exchange_lines(conn);
    uv_timeval64_t now;
    uv_gettimeofday(&now);
    return (sio_str){ out, sio_http_head(out, SIO_HTTP_HEAD_ROOM, &whole, conn->keep_alive,
                                         now.tv_sec) };
}

void sio_http_respond(sio_conn *conn, const sio_response *response)
{
    sio_net *net = conn->net;
    if (conn->state != SIO_CONN_SERVING)
        return;
    if (net->closing)
        conn->keep_alive = false;
    sio_str head = write_head(conn, response);
    sio_exchange_end(conn);
    sio_str body = conn->head_only ? SIO_STR("") : response->body;
    conn->writing = true;
    int err = sio_conn_write(conn, head, body, response->owner, answered);
    if (err == 0)
        answered(conn);
    if (err != 1)
        return;
    conn->unwritten = uv_stream_get_write_queue_size(sio_conn_stream(conn));
    sio_net_deadline(net, &net->requests, &conn->deadline);
}

/* ---- requests ---- */

static bool begin(sio_conn *conn)
{
    conn->request = sio_request_new();
    if (!conn->request) {
        sio_conn_close(conn);
        return false;
    }
    conn->state = SIO_CONN_REQUEST;
    sio_net_deadline(conn->net, &conn->net->requests, &conn->deadline);
    return true;
}

/* From here on the request is no longer the connection's: what comes meanwhile makes a new one. */
static sio_request *take(sio_conn *conn)
{
    sio_request *request = conn->request;
    conn->request = NULL;
    conn->state = SIO_CONN_SERVING;
    conn->keep_alive = request->keep_alive;
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

/* A body that nobody wants is not read: the request is served as it is, and the connection ends. */
static void admit(sio_conn *conn)
{
    sio_request *request = conn->request;
    if (!sio_request_has_body(request) || sio_request_is_upgrade(request))
        return;
    if (!sio_router_admit(conn, request)) {
        request->keep_alive = false;
        serve(conn);
    } else if (expects_continue(request) && request->parser.content_length <= request->limit) {
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
    if (!conn->request || conn->request->backlog.err)
        sio_conn_break(conn);
    else if (conn->request->backlog.len > SIO_LIMIT_PIPELINED)
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
        size_t used = sio_request_feed(conn->request, data, len);
        data += used;
        len -= used;
        uint8_t stage = conn->request->stage;
        if (stage == SIO_REQUEST_HEAD || stage == SIO_REQUEST_BODY)
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
