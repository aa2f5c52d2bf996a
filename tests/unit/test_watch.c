/* The listener of metrics, health and readiness. */
#include "exposition.h"
#include "live.h"

#include <sio/metrics.h>

static int start_watched(void **state)
{
    (void)state;
    return start_with(&(sio_server_options){ 0 }) || sio_server_listen_metrics(server, NULL);
}

static int start_impatient(void **state)
{
    (void)state;
    return start_with(&(sio_server_options){ .limits = { .head_timeout_ms = 200 } }) ||
           sio_server_listen_metrics(server, NULL);
}

static struct peer *watcher(void)
{
    return peer_new_to(sio_server_metrics_port(server), 0);
}

/* The body of an answer to a request that ends its connection. */
static char *body_of(const char *request, const char *head)
{
    struct peer *peer = watcher();
    const uint64_t end = now_ms() + GUARD_MS;
    send_text(peer, request);
    expect(peer, head);
    expect(peer, "\r\n\r\n");
    while (!peer->ended) {
        assert_true(now_ms() < end);
        turn(peer);
        receive(peer);
    }
    char *body = peer->in;
    peer->in = NULL;
    peer_free(peer);
    return body;
}

static void expect_answer(const char *request, const char *head, const char *body)
{
    char *got = body_of(request, head);
    assert_string_equal(got, body);
    free(got);
}

#define GET(path) "GET " path HTTP "Connection: close\r\n\r\n"
#define OK        "HTTP/1.1 200 OK\r\n"
#define PLAIN     "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
#define OPEN      "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"

static double value_of(const char *name, const char *labels)
{
    char *body = body_of(GET("/metrics"), OK PLAIN);
    exposition *page = exposition_read(body, false);
    const double value = exposition_value(page, name, labels);
    free(body);
    free(page);
    return value;
}

static void both_forms_follow_their_rules(void **state)
{
    (void)state;
    char *plain = body_of(GET("/metrics"), OK PLAIN);
    char *open = body_of("GET /metrics?x=1" HTTP "Accept: application/openmetrics-text\r\n"
                         "Connection: close\r\n\r\n",
                         OK OPEN);
    exposition *one = exposition_read(plain, false), *other = exposition_read(open, true);
    assert_int_equal(one->count, other->count);
    assert_int_equal(one->family_count, other->family_count);
    assert_true(exposition_value(one, "sio_build_info", "version=\"" SIO_VERSION_STRING "\"") == 1);
    assert_true(exposition_value(one, "process_open_fds", "") > 2);
    assert_true(exposition_value(one, "process_resident_memory_bytes", "") > 1e6);
    const double began = exposition_value(one, "process_start_time_seconds", "");
    assert_true(began > 1.7e9 &&
                exposition_value(other, "process_start_time_seconds", "") == began);
    free(plain);
    free(open);
    free(one);
    free(other);
}

static void values_move(void **state)
{
    (void)state;
    struct peer *peer = connect_websocket(0);
    assert_true(value_of("sio_clients", "transport=\"websocket\"") == 1);
    assert_true(value_of("sio_handshakes_total", "transport=\"websocket\"") == 1);
    const double in = value_of("sio_received_bytes_total", "");
    assert_true(value_of("sio_received_bytes_total", "") == in); /* scrapes are none of them */
    send_frame(peer, SIO_WS_TEXT, "42[\"message\",1]");
    expect(peer, "42[\"message-back\",1]");
    assert_true(value_of("sio_events_received_total", "") == 1);
    assert_true(value_of("sio_events_sent_total", "") == 1);
    assert_true(value_of("sio_deliveries_total", "") == 0);
    assert_true(value_of("sio_received_bytes_total", "") == in + 6 + 15);
    assert_true(value_of("sio_connections", "") == 1);
    send_frame(peer, SIO_WS_TEXT, "41");
    expect_reason("client namespace disconnect");
    assert_true(value_of("sio_disconnects_total", "reason=\"client namespace disconnect\"") == 1);
    peer_free(peer);
}

/* What is read while the loop stands still is late. */
static void a_loop_that_stands_still_is_seen(void **state)
{
    (void)state;
    const uint64_t end = now_ms() + GUARD_MS;
    while (value_of("sio_loop_delay_seconds_count", "") == 0)
        assert_true(now_ms() < end);
    const double late = value_of("sio_loop_delay_seconds_count", "") -
                        value_of("sio_loop_delay_seconds_bucket", "le=\"0.25\"");
    poll(NULL, 0, 700);
    turn(NULL);
    assert_true(value_of("sio_loop_delay_seconds_count", "") -
                    value_of("sio_loop_delay_seconds_bucket", "le=\"0.25\"") >=
                late + 3);
}

static void health_and_readiness(void **state)
{
    (void)state;
    expect_answer(GET("/healthz"), OK, "ok\n");
    expect_answer(GET("/readyz"), OK, "ready\n");
    assert_null(sio_server_unready(server));
    struct peer *peer = watcher();
    send_text(peer, "HEAD /readyz" HTTP "\r\n");
    expect(peer, "Content-Length: 6\r\n");
    expect(peer, "\r\n\r\n");
    assert_int_equal(peer->len, 0);
    send_text(peer, "GET /healthz" HTTP "\r\n"); /* on the same connection */
    expect(peer, "\r\n\r\nok\n");
    peer_free(peer);
}

static void who_drains_is_not_ready(void **state)
{
    (void)state;
    struct peer *peer = connect_websocket(0);
    struct peer *kept = watcher();
    send_text(kept, "GET /readyz" HTTP "\r\n");
    expect(kept, "\r\n\r\nready\n");
    assert_int_equal(sio_server_drain(server, NULL), 0);
    expect_answer(GET("/readyz"), "HTTP/1.1 503 Service Unavailable\r\n", "not ready: draining\n");
    expect_answer(GET("/healthz"), OK, "ok\n");
    sio_server_close(server);
    assert_string_equal(sio_server_unready(server), "closing");
    run_to_the_end(); /* a watcher that stays does not hold it */
    peer_free(peer);
    peer_free(kept);
}

static void other_requests_are_refused(void **state)
{
    (void)state;
    const char *const known = "there are /metrics, /healthz and /readyz\n";
    const char *const missing = "HTTP/1.1 404 Not Found\r\n";
    expect_answer(GET("/"), missing, known);
    expect_answer(GET("/metrics/"), missing, known);
    expect_answer(GET("/socket.io/?EIO=4&transport=polling"), missing, known);
    expect_answer("GET /socket.io/?EIO=4&transport=websocket" HTTP WEBSOCKET "\r\n", missing,
                  known);
    /* nobody is upgraded, and the connection ends */
    free(body_of("GET /metrics" HTTP WEBSOCKET "\r\n", OK PLAIN));
}

static void other_methods_are_refused(void **state)
{
    (void)state;
    const char *const head = "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n";
    expect_answer("DELETE /metrics" HTTP "Connection: close\r\n\r\n", head, "");
    expect_answer("POST /metrics" HTTP "Content-Length: 900000000\r\n\r\nabc", head, "");
    expect_answer("POST /socket.io/?EIO=4&transport=polling&sid=1" HTTP "Content-Length: 3\r\n"
                  "\r\nabc",
                  "HTTP/1.1 404 Not Found\r\n", "there are /metrics, /healthz and /readyz\n");
}

static void junk_is_refused(void **state)
{
    (void)state;
    expect_answer("\x16\x03\x01 hello\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "");
}

static void slowness_ends(void **state)
{
    (void)state;
    struct peer *slow = watcher();
    send_text(slow, "GET /met");
    expect(slow, "HTTP/1.1 408 Request Timeout\r\n");
    peer_free(slow);
    struct peer *silent = watcher();
    expect_end(silent);
    peer_free(silent);
}

static void nothing_of_it_is_where_clients_are(void **state)
{
    (void)state;
    static const char *const paths[] = { "/metrics", "/healthz", "/readyz" };
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        char request[80];
        snprintf(request, sizeof(request), "GET %s" HTTP "Connection: close\r\n\r\n", paths[i]);
        ask(request, "404 Not Found", "");
    }
}

/* Each of them holds its place; the oldest has to give it up. */
static void a_flood_keeps_nobody_out(void **state)
{
    struct peer *crowd[3 * SIO_LIMIT_WATCHERS];
    (void)state;
    for (size_t i = 0; i < sizeof(crowd) / sizeof(*crowd); i++) {
        crowd[i] = watcher();
        send_text(crowd[i], "GET");
        turn(NULL);
    }
    expect_answer(GET("/healthz"), OK, "ok\n");
    expect_end(crowd[0]);
    assert_true(value_of("sio_connections", "") == 0);
    assert_true(value_of("sio_connections_refused_total", "cause=\"max_connections\"") == 0);
    for (size_t i = 0; i < sizeof(crowd) / sizeof(*crowd); i++)
        peer_free(crowd[i]);
}

static void one_that_does_not_read_holds_nobody(void **state)
{
    (void)state;
    struct peer *deaf = peer_new_to(sio_server_metrics_port(server), 2048);
    for (int i = 0; i < 40; i++)
        send_text(deaf, "GET /metrics" HTTP "\r\n");
    expect_answer(GET("/healthz"), OK, "ok\n");
    peer_free(deaf);
}

/* ---- the C API ---- */

static const char *trouble;

static const char *is_ready(sio_server *which, void *data)
{
    assert_ptr_equal(which, server);
    assert_string_equal(data, "mine");
    return trouble;
}

static void the_application_has_a_word(void **state)
{
    (void)state;
    assert_int_equal(start_with(&(sio_server_options){ .data = (char[]){ "mine" } }), 0);
    assert_int_equal(sio_server_listen_metrics(server, &(sio_metrics_options){ .ready = is_ready }),
                     0);
    trouble = "the database is away";
    expect_answer(GET("/readyz"), "HTTP/1.1 503 Service Unavailable\r\n",
                  "not ready: the database is away\n");
    trouble = NULL;
    expect_answer(GET("/readyz"), OK, "ready\n");
}

static void a_server_that_does_not_listen_is_not_ready(void **state)
{
    (void)state;
    closed = false;
    assert_int_equal(uv_loop_init(&loop), 0);
    const sio_server_options options = { .loop = &loop,
                                         .no_client_files = true,
                                         .on_closed = on_closed };
    assert_int_equal(sio_server_new(&server, &options), 0);
    assert_int_equal(sio_server_listen_metrics(server, NULL), 0);
    assert_int_equal(sio_server_port(server), 0);
    expect_answer(GET("/readyz"), "HTTP/1.1 503 Service Unavailable\r\n",
                  "not ready: not listening\n");
    assert_int_equal(sio_server_listen(server, "127.0.0.1", 0), 0);
    assert_int_not_equal(sio_server_port(server), sio_server_metrics_port(server));
    expect_answer(GET("/readyz"), OK, "ready\n");
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    const sio_metrics_options both = { .host = "::1", .path = "/tmp/x" };
    const sio_metrics_options mode = { .mode = 0600 };
    const sio_metrics_options nowhere = { .host = "nowhere" };
    assert_int_equal(start_with(&(sio_server_options){ 0 }), 0);
    assert_int_equal(sio_server_metrics_port(server), 0);
    assert_int_equal(sio_server_listen_metrics(server, &both), SIO_EINVAL);
    assert_int_equal(sio_server_listen_metrics(server, &mode), SIO_EINVAL);
    assert_int_equal(sio_server_listen_metrics(server, &nowhere), SIO_EADDRESS);
    assert_string_not_equal(sio_server_error(server), "");
    assert_int_equal(sio_server_listen_metrics(server, NULL), 0);
    assert_int_equal(sio_server_listen_metrics(server, NULL), SIO_EEXISTS);
    sio_server_close(server);
    assert_int_equal(sio_server_listen_metrics(server, NULL), SIO_ECLOSED);
    run_to_the_end();
}

static void a_unix_socket_will_do(void **state)
{
    char path[80];
    (void)state;
    snprintf(path, sizeof(path), "/tmp/sio-watch-%ld", (long)getpid());
    assert_int_equal(start_with(&(sio_server_options){ 0 }), 0);
    assert_int_equal(
        sio_server_listen_metrics(server, &(sio_metrics_options){ .path = path, .mode = 0600 }), 0);
    assert_int_equal(sio_server_metrics_port(server), 0);
    struct peer *peer = peer_new_at(path);
    send_text(peer, GET("/healthz"));
    expect(peer, "\r\n\r\nok\n");
    expect_end(peer);
    peer_free(peer);
    sio_server_close(server);
    run_to_the_end();
    assert_int_equal(access(path, F_OK), -1);
}

typedef struct walk {
    size_t count;
    const char *last;
    size_t names;
    double version;
} walk;

static void note(const sio_metric *metric, void *data)
{
    walk *self = data;
    self->count++;
    self->names += metric->name != self->last;
    self->last = metric->name;
    assert_int_equal(metric->histogram != NULL, metric->type == SIO_METRIC_HISTOGRAM);
    assert_int_equal(metric->label == NULL, metric->label_value == NULL);
    if (strcmp(metric->name, "sio_build_info") == 0)
        self->version = metric->value;
}

/* Without a listener, too; of histograms there are 18 lines for one metric. */
static void values_by_name(void **state)
{
    walk mine = { 0 };
    (void)state;
    assert_int_equal(start_watched(NULL), 0);
    sio_server_metrics_each(server, note, &mine);
    char *body = body_of(GET("/metrics"), OK PLAIN);
    exposition *page = exposition_read(body, false);
    assert_int_equal(page->count, mine.count - 1 + SIO_HISTOGRAM_BOUNDS + 3);
    assert_int_equal(page->family_count, mine.names);
    assert_true(mine.version == 1);
    free(body);
    free(page);
}

static void reasons_have_names(void **state)
{
    (void)state;
    assert_string_equal(sio_disconnect_reason(0), "transport close");
    assert_string_equal(sio_disconnect_reason(SIO_DISCONNECT_REASONS - 1), "other");
    assert_null(sio_disconnect_reason(SIO_DISCONNECT_REASONS));
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, start_watched, stop)
#define STOPPED(test) cmocka_unit_test_teardown(test, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(both_forms_follow_their_rules),
        WATCHED(values_move),
        WATCHED(a_loop_that_stands_still_is_seen),
        WATCHED(health_and_readiness),
        WATCHED(who_drains_is_not_ready),
        WATCHED(other_requests_are_refused),
        WATCHED(other_methods_are_refused),
        cmocka_unit_test_setup_teardown(slowness_ends, start_impatient, stop),
        WATCHED(junk_is_refused),
        WATCHED(nothing_of_it_is_where_clients_are),
        WATCHED(a_flood_keeps_nobody_out),
        WATCHED(one_that_does_not_read_holds_nobody),
        STOPPED(the_application_has_a_word),
        STOPPED(a_server_that_does_not_listen_is_not_ready),
        STOPPED(what_makes_no_sense_is_refused),
        STOPPED(a_unix_socket_will_do),
        STOPPED(values_by_name),
        cmocka_unit_test(reasons_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
