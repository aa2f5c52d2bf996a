#include "net/door.h"

#include "net/http.h"
#include "net/query.h"
#include "net/source.h"

#define TEXT_OF(number)  #number
#define RETRY_AFTER(s)   "Retry-After: " TEXT_OF(s) "\r\n"
#define RETRY_AFTER_LINE RETRY_AFTER(SIO_LIMIT_RETRY_AFTER_S)

static const struct {
    unsigned status;
    const char *line; /* of the answer to what is no request yet */
    const char *why;
} refusals[] = {
    [SIO_VERDICT_TOO_MANY] = { 429, "429 Too Many Requests",
                               "max_connections_per_address are there" },
    [SIO_VERDICT_TOO_FAST] = { 429, "429 Too Many Requests",
                               "its address opens more than new_connections" },
    [SIO_VERDICT_NO_MEMORY] = { 503, "503 Service Unavailable", "out of memory" },
};

static void count(sio_server *server, sio_verdict verdict)
{
    if (verdict == SIO_VERDICT_TOO_MANY)
        server->stats.refused_per_address++;
    else if (verdict == SIO_VERDICT_TOO_FAST)
        server->stats.refused_for_rate++;
    else
        server->stats.refused_connections++;
}

static void log_refusal(const sio_conn *conn, const sio_request *request, const char *why)
{
    char from[SIO_SOURCE_TEXT];
    SIO_CORE_LOG_OF(conn->net->server, SIO_LOG_DEBUG, SIO_LOG_NET,
                    SIO_LOG_ABOUT(.address = sio_source_text(conn, request, from, NULL)),
                    "refused a connection from \"%s\": %s", from, why);
}

/* Nothing of a request is there, and none is waited for: who floods gets few bytes and little time.
 */
static void turn_away(sio_conn *conn, const char *line, const char *why)
{
    sio_net *net = conn->net;
    char text[160];
    log_refusal(conn, NULL, why);
    if (net->turned_away >= SIO_LIMIT_TURNED_AWAY) {
        sio_conn_close(conn);
        return;
    }
    conn->turned_away = true;
    net->turned_away++;
    const int len = snprintf(
        text, sizeof(text),
        "HTTP/1.1 %s\r\n" RETRY_AFTER_LINE "Content-Length: 0\r\nConnection: close\r\n\r\n", line);
    sio_conn_write(conn, (sio_str){ text, (size_t)len }, SIO_STR(""), NULL, NULL);
    sio_conn_finish(conn);
}

/* ---- connections ---- */

void sio_door_accept(sio_conn *conn)
{
    sio_server *server = conn->net->server;
    const uint32_t most = server->limits.max_connections;
    if (conn->state == SIO_CONN_CLOSED)
        return;
    if (most > 0 && server->stats.connections >= most) {
        server->stats.refused_connections++;
        turn_away(conn, "503 Service Unavailable", "max_connections are there");
        return;
    }
    conn->counted = true;
    server->stats.connections++;
    const bool shared = conn->carried && conn->line.shared;
    if (!shared && (!conn->source || !conn->source->header))
        sio_door_place(conn);
}

/* Proxies speak for many, and what is local has no address. */
static bool is_counted(const sio_net *net, const sio_origin *origin)
{
    return !origin->local && !sio_trust_has(&net->trust, origin);
}

static sio_verdict enter(sio_conn *conn, const sio_request *request, bool fresh)
{
    sio_net *net = conn->net;
    sio_origin origin;
    if (!sio_source_of(conn, request, &origin) || !is_counted(net, &origin))
        return SIO_VERDICT_ADMIT;
    sio_source *source = sio_source_get(conn);
    if (!source)
        return SIO_VERDICT_NO_MEMORY;
    source->per_request = request != NULL;
    source->fresh = !request;
    return sio_visitors_enter(&net->visitors, &origin.address, fresh, net->server->now,
                              &source->visitor);
}

void sio_door_place(sio_conn *conn)
{
    if (!sio_visitors_on(&conn->net->visitors) || conn->state == SIO_CONN_CLOSED)
        return;
    const sio_verdict verdict = enter(conn, NULL, true);
    if (verdict == SIO_VERDICT_ADMIT)
        return;
    count(conn->net->server, verdict);
    sio_door_leave(conn);
    turn_away(conn, refusals[verdict].line, refusals[verdict].why);
}

/* ---- requests ---- */

static bool opens_session(const sio_request *request)
{
    sio_engine_query query;
    sio_query_read(&query, sio_request_url(request));
    return sio_request_is(request, HTTP_GET) && !query.sid[0];
}

/* The first session of a connection has been paid for with it. */
static sio_verdict judge(sio_conn *conn, const sio_request *request)
{
    sio_source *source = conn->source;
    const bool fresh = opens_session(request);
    if (!source || !source->visitor)
        return enter(conn, request, fresh);
    if (!fresh)
        return SIO_VERDICT_ADMIT;
    if (!source->fresh)
        return sio_visitors_charge(&conn->net->visitors, source->visitor, conn->net->server->now);
    source->fresh = false;
    return SIO_VERDICT_ADMIT;
}

bool sio_door_pass(sio_conn *conn, const sio_request *request)
{
    if (!sio_visitors_on(&conn->net->visitors))
        return true;
    const sio_verdict verdict = judge(conn, request);
    if (verdict == SIO_VERDICT_ADMIT)
        return true;
    count(conn->net->server, verdict);
    log_refusal(conn, request, refusals[verdict].why);
    conn->keep_alive = false;
    sio_http_respond(
        conn, &(sio_response){ .status = refusals[verdict].status, .headers = RETRY_AFTER_LINE });
    return false;
}

static void leave(sio_conn *conn)
{
    sio_source *source = conn->source;
    if (!source || !source->visitor)
        return;
    sio_visitors_leave(&conn->net->visitors, source->visitor, uv_now(conn->net->loop));
    source->visitor = NULL;
}

void sio_door_answered(sio_conn *conn)
{
    if (conn->source && conn->source->per_request)
        leave(conn);
}

void sio_door_leave(sio_conn *conn)
{
    sio_net *net = conn->net;
    leave(conn);
    if (conn->counted && net->server)
        net->server->stats.connections--;
    net->turned_away -= conn->turned_away;
    conn->counted = conn->turned_away = false;
}
