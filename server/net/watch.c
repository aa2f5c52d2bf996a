#include "net/watch.h"

#include <stdio.h>

#include <sio/err.h>

#include "core/exposition.h"
#include "net/accept.h"
#include "net/http.h"
#include "net/listen.h"

/* ---- connections ---- */

void sio_watch_enter(sio_conn *conn)
{
    sio_watch *watch = &conn->net->watch;
    sio_list *node = watch->conns.next;
    conn->watching = true;
    while (watch->count >= SIO_LIMIT_WATCHERS && node != &watch->conns) {
        sio_conn *oldest = SIO_CONTAINER(node, sio_conn, node);
        node = node->next;
        sio_conn_close(oldest);
    }
    sio_list_push(&watch->conns, &conn->node);
    watch->count++;
}

void sio_watch_leave(sio_conn *conn)
{
    if (conn->watching)
        conn->net->watch.count--;
}

void sio_watch_hand_over(sio_net *net)
{
    if (net->watch.reuse_port)
        sio_listen_close_all(net, true);
}

bool sio_watch_end(sio_net *net)
{
    sio_list *conns = &net->watch.conns;
    sio_listen_close_all(net, true);
    for (sio_list *node = conns->next; node != conns; node = node->next)
        sio_conn_close(SIO_CONTAINER(node, sio_conn, node));
    return sio_list_empty(conns);
}

/* ---- readiness ---- */

static const char *redis_trouble(sio_watch *watch, const sio_server *server)
{
    if (watch->ready_without_redis || !server->adapter ||
        server->cluster_state == SIO_CLUSTER_READY)
        return NULL;
    snprintf(watch->why, sizeof(watch->why), "redis: %s",
             sio_cluster_state_text(server->cluster_state));
    return watch->why;
}

const char *sio_server_unready(sio_server *server)
{
    sio_net *net = server->net;
    if (net->closing)
        return "closing";
    if (server->departures.running)
        return "draining";
    if (!sio_listen_is_open(net, false) && !net->carriages) /* which may listen elsewhere */
        return "not listening";
    const char *why = redis_trouble(&net->watch, server);
    if (why || !net->watch.ready)
        return why;
    sio_core_enter(server);
    why = net->watch.ready(server, server->data);
    sio_core_leave(server);
    return why;
}

/* ---- answers ---- */

#define HEADERS "Cache-Control: no-store\r\n"

static void answer_text(sio_conn *conn, unsigned status, const char *text, const char *more)
{
    char body[256];
    const int len = snprintf(body, sizeof(body), "%s%s\n", text, more);
    const size_t most = sizeof(body) - 1;
    sio_http_respond(conn, &(sio_response){
                               .status = status,
                               .type = "text/plain; charset=utf-8",
                               .headers = HEADERS,
                               .body = { body, (size_t)len < most ? (size_t)len : most },
                           });
}

static void answer_metrics(sio_conn *conn, const sio_request *request)
{
    sio_buf page = { 0 };
    const bool open = sio_accept_open_metrics(sio_request_header(request, "accept"));
    sio_exposition_write(&page, conn->net->server, open);
    if (page.err) {
        answer_text(conn, 503, "out of memory", "");
    } else {
        sio_http_respond(
            conn, &(sio_response){
                      .status = 200,
                      .type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                   : "text/plain; version=0.0.4; charset=utf-8",
                      .headers = HEADERS "Vary: Accept, Accept-Encoding\r\n",
                      .body = { page.data, page.len },
                      .compress = true,
                  });
    }
    sio_buf_free(&page);
}

static void answer_ready(sio_conn *conn, const sio_request *request)
{
    (void)request;
    const char *why = sio_server_unready(conn->net->server);
    if (why)
        answer_text(conn, 503, "not ready: ", why);
    else
        answer_text(conn, 200, "ready", "");
}

/* Who answers, turns. */
static void answer_health(sio_conn *conn, const sio_request *request)
{
    (void)request;
    answer_text(conn, 200, "ok", "");
}

static const struct {
    const char *path;
    void (*answer)(sio_conn *conn, const sio_request *request);
} routes[] = {
    { "/metrics", answer_metrics },
    { "/healthz", answer_health },
    { "/readyz", answer_ready },
};

static sio_str path_of(const sio_request *request)
{
    const sio_str url = sio_request_url(request);
    const char *query = url.len ? memchr(url.data, '?', url.len) : NULL;
    return (sio_str){ url.data, query ? (size_t)(query - url.data) : url.len };
}

static void answer(sio_conn *conn, const sio_request *request)
{
    const sio_str path = path_of(request);
    size_t i = 0;
    while (i < sizeof(routes) / sizeof(*routes) &&
           !sio_str_equal(path, sio_str_from(routes[i].path)))
        i++;
    if (i == sizeof(routes) / sizeof(*routes))
        answer_text(conn, 404, "there are /metrics, /healthz and /readyz", "");
    else if (!sio_request_is(request, HTTP_GET) && !sio_request_is(request, HTTP_HEAD))
        sio_http_respond(conn, &(sio_response){ .status = 405, .headers = "Allow: GET, HEAD\r\n" });
    else
        routes[i].answer(conn, request);
}

void sio_watch_serve(sio_conn *conn, sio_request *request)
{
    if (request->parser.upgrade)
        conn->keep_alive = false;
    answer(conn, request);
    sio_request_free(request);
}

/* ---- for the application ---- */

static int refuse(sio_server *server, int err, const char *why)
{
    return sio_core_fail(server, err, SIO_LOG_NET, "cannot listen for metrics: %s", why);
}

static int check(sio_server *server, const sio_metrics_options *options)
{
    const sio_net *net = server->net;
    if (server->closing || net->closing)
        return refuse(server, SIO_ECLOSED, "the server is closing");
    if (sio_listen_is_open(net, true))
        return refuse(server, SIO_EEXISTS, "there is a listener already");
    if (options->path && (options->host || options->port || options->reuse_port))
        return refuse(server, SIO_EINVAL, "a path has no host, port or reuse_port");
    if (options->mode && !options->path)
        return refuse(server, SIO_EINVAL, "a mode without a path");
    return 0;
}

static int open_listener(sio_net *net, const sio_metrics_options *options, const char **why)
{
    const sio_listen_options where = {
        .host = options->path || options->host ? options->host : "127.0.0.1",
        .port = options->port,
        .path = options->path,
        .mode = options->mode,
        .reuse_port = options->reuse_port,
    };
    return sio_listen_watching(net, &where, why);
}

int sio_server_listen_metrics(sio_server *server, const sio_metrics_options *options)
{
    static const sio_metrics_options defaults;
    sio_net *net = server->net;
    const char *why = NULL;
    if (!options)
        options = &defaults;
    int err = check(server, options);
    if (err)
        return err;
    err = open_listener(net, options, &why);
    if (err)
        return refuse(server, err, why ? why : sio_err_message(err));
    net->watch.reuse_port = options->reuse_port;
    net->watch.ready_without_redis = options->ready_without_redis;
    net->watch.ready = options->ready;
    if (options->path)
        SIO_CORE_LOG(server, SIO_LOG_INFO, SIO_LOG_NET, "metrics at unix:%s", options->path);
    else
        SIO_CORE_LOG(server, SIO_LOG_INFO, SIO_LOG_NET, "metrics at %s port %u",
                     options->host ? options->host : "127.0.0.1", (unsigned)net->watch.port);
    sio_server_measure(server);
    return 0;
}

uint16_t sio_server_metrics_port(const sio_server *server)
{
    const sio_net *net = server->net;
    return net->watch.port;
}
