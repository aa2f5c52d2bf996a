#include "net/response.h"

#include <stdio.h>
#include <time.h>

#include "net/door.h"
#include "net/exchange.h"

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
        { 429, "Too Many Requests" },
        { 417, "Expectation Failed" },
        { 431, "Request Header Fields Too Large" },
        { 503, "Service Unavailable" },
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].text;
    }
    return "Internal Server Error";
}

size_t sio_http_head(char *out, size_t size, const sio_response *response, unsigned keep_alive_s,
                     int64_t seconds)
{
    char date[32];
    write_date(date, seconds);
    char length[40] = "", alive[48] = "close";
    if (keep_alive_s)
        snprintf(alive, sizeof(alive), "keep-alive\r\nKeep-Alive: timeout=%u", keep_alive_s);
    if (response->status != 304)
        snprintf(length, sizeof(length), "Content-Length: %zu\r\n", response->body.len);
    const char *encoding = sio_encoding_name(response->encoding);
    int len = snprintf(
        out, size, "HTTP/1.1 %u %s\r\n%s%s%s%s%s%s%s%.*s%sDate: %s\r\nConnection: %s\r\n\r\n",
        response->status, reason(response->status), response->type ? "Content-Type: " : "",
        response->type ? response->type : "", response->type ? "\r\n" : "",
        encoding ? "Content-Encoding: " : "", encoding ? encoding : "", encoding ? "\r\n" : "",
        response->headers ? response->headers : "", (int)response->exchanged.len,
        response->exchanged.len ? response->exchanged.data : "", length, date, alive);
    return (size_t)len < size ? (size_t)len : size;
}

static void answered(sio_conn *conn)
{
    sio_net *net = conn->net;
    conn->writing = false;
    sio_door_answered(conn);
    if (!conn->keep_alive || net->closing) {
        sio_conn_finish(conn);
        return;
    }
    conn->state = SIO_CONN_IDLE;
    sio_net_deadline(net, &net->keep_alives, &conn->deadline);
    if (conn->request)
        sio_net_resume(conn);
}

/* The body as the request takes it, if it is worth that; the new one has a reference. */
static sio_blob *encode(sio_conn *conn, sio_response *response)
{
    sio_net *net = conn->net;
    const sio_encoding encoding = (sio_encoding)conn->encoding;
    const size_t len = response->body.len;
    if (!response->compress || encoding == SIO_ENCODING_NONE || len < net->compress_from ||
        len > SIO_LIMIT_HTTP_COMPRESS)
        return NULL;
    sio_blob *blob = sio_compressor_run(net->compressor, encoding, response->body);
    if (!blob)
        return NULL;
    response->body = (sio_str){ blob->data, blob->len };
    response->owner = blob;
    response->encoding = encoding;
    return blob;
}

/* What is promised is never more than what is kept. */
static unsigned keep_alive_s(const sio_conn *conn)
{
    const uint64_t whole = conn->net->keep_alives.interval_ms / 1000;
    if (!conn->keep_alive)
        return 0;
    return whole ? (unsigned)whole : 1;
}

static int write_response(sio_conn *conn, const sio_response *response)
{
    char *out = conn->net->output;
    uv_timeval64_t now;
    uv_gettimeofday(&now);
    const size_t len =
        sio_http_head(out, SIO_HTTP_HEAD_ROOM, response, keep_alive_s(conn), now.tv_sec);
    const sio_str body = conn->head_only ? SIO_STR("") : response->body;
    return sio_conn_write(conn, (sio_str){ out, len }, body, response->owner, answered);
}

void sio_http_respond(sio_conn *conn, const sio_response *response)
{
    sio_net *net = conn->net;
    if (conn->state != SIO_CONN_SERVING)
        return;
    if (net->closing)
        conn->keep_alive = false;
    sio_response whole = *response;
    sio_blob *encoded = encode(conn, &whole);
    whole.exchanged = sio_exchange_lines(conn);
    conn->writing = true;
    int err = write_response(conn, &whole);
    sio_exchange_end(conn);
    sio_blob_unref(encoded);
    if (err == 0)
        answered(conn);
    if (err != 1)
        return;
    conn->unwritten = sio_line_queued(conn);
    sio_net_deadline(net, &net->answers, &conn->deadline);
}
