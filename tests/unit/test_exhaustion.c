/* Memory that runs out: a whole scenario again and again, in each run another allocation fails.
 * Nothing may crash, leak or hang, and afterwards everything works. */
#include "core/server.h"

#include "live.h"

#include <hiredis/hiredis.h>

#include <sio/post.h>

#include "redis/link.h"
#include "redis_process.h"

/* ---- the allocations of the library that are made in a turn of the loop ---- */

static struct {
    bool armed;
    unsigned count;       /* since the run began */
    unsigned first, last; /* these fail */
} faults;

static bool fails(void)
{
    if (!faults.armed)
        return false;
    faults.count++;
    return faults.count >= faults.first && faults.count <= faults.last;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
int __real_uv_run(uv_loop_t *which, uv_run_mode mode);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
int __wrap_uv_run(uv_loop_t *which, uv_run_mode mode);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

int __wrap_uv_run(uv_loop_t *which, uv_run_mode mode)
{
    faults.armed = true;
    const int rc = __real_uv_run(which, mode);
    faults.armed = false;
    return rc;
}

/* ---- the server ---- */

static redis_process redis;
static char socket_path[64];
static sio_next *held;
static unsigned replies;

static void on_big(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    static char text[400000];
    (void)args;
    (void)ack;
    (void)data;
    memset(text, 'x', sizeof(text) - 1);
    for (int i = 0; i < 20; i++)
        (void)sio_socket_emit(socket, "big", "s", text);
}

static void on_echo(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    (void)sio_socket_emit(socket, "message-back", "V", sio_args_array(args));
    (void)sio_ack_send(ack, "V", sio_args_array(args));
}

static void on_reply(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)socket;
    (void)error;
    (void)args;
    (void)data;
    replies++;
}

/* What listens and filters, taken out and added again. */
static void on_any(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                   void *data)
{
    (void)socket;
    (void)args;
    (void)ack;
    (void)data;
    assert_non_null(event);
}

static sio_next *packet_held;

static void filter(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                   void *data)
{
    (void)socket;
    (void)args;
    (void)data;
    if (strcmp(event, "held") == 0 && !packet_held)
        packet_held = next;
    else if (strcmp(event, "refused") == 0)
        sio_next_refuse(next, "no", "{s:s}", "why", "because");
    else
        sio_next_pass(next);
}

static void on_release(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    (void)args;
    (void)data;
    if (packet_held)
        sio_next_pass(packet_held);
    packet_held = NULL;
    (void)sio_ack_send(ack, NULL);
}

static void on_listen(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    sio_value *handshake;
    char *context = strdup("context");
    (void)args;
    (void)data;
    int err = sio_socket_on_any(socket, on_any, NULL);
    err |= sio_socket_prepend_any(socket, on_any, NULL);
    err |= sio_socket_on_any_outgoing(socket, on_any, NULL);
    err |= sio_socket_use(socket, filter, NULL);
    err |= sio_socket_once(socket, "held", on_big, NULL);
    sio_socket_off(socket, "held", NULL);
    err |= sio_socket_on(socket, "release", on_release, NULL);
    err |= sio_socket_set_data(socket, "{s:s}", "name", "one");
    if (sio_socket_set_context(socket, context, free))
        free(context);
    err |= sio_socket_join_rooms(socket, SIO_ROOMS("a", "b"));
    if (sio_socket_handshake(socket, &handshake) == 0)
        sio_value_free(handshake);
    (void)sio_ack_send(ack, "i", err);
}

static void on_room(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    static const char bytes[300] = { 1 };
    sio_namespace *nsp = sio_socket_namespace(socket);
    (void)args;
    (void)ack;
    (void)data;
    (void)sio_socket_join(socket, "room");
    (void)sio_socket_join(socket, "other");
    if (sio_socket_on(socket, "own", on_big, NULL))
        (void)sio_socket_emit(socket, "deaf", NULL);
    (void)sio_namespace_emit(nsp, &(sio_target){ .rooms = SIO_ROOMS("room", "other") }, "said",
                             "sB", "to the room", bytes, sizeof(bytes));
    (void)sio_socket_broadcast(socket, NULL, "heard", "{s:i}", "n", 1);
    unsigned before = replies;
    int err = sio_socket_emit_ack(socket, 1000, on_reply, NULL, "asked", NULL);
    assert_true(err == 0 || replies == before);
}

/* ---- questions and orders ---- */

static unsigned questions, told, requested, ended;

static void on_answers(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    (void)nsp;
    (void)data;
    assert_non_null(answers->values);
    told++;
}

static void count(int err)
{
    questions += !err;
}

static void on_clients(sio_answerer *answerer, uint32_t clients)
{
    (void)answerer;
    (void)clients;
}

static void on_answer(sio_answerer *answerer, const sio_value *value)
{
    (void)answerer;
    (void)value;
}

static void on_end(sio_answerer *answerer)
{
    (void)answerer;
    ended++;
}

/* Another node asks. */
static void serve_request(sio_cluster_op op)
{
    static sio_answerer answerer = { on_clients, on_answer, on_end };
    static const sio_str rooms[] = { { "elsewhere", 9 } };
    const sio_value event = sio_value_of_string(SIO_STR("other"));
    const sio_cluster_request request = { .op = op,
                                          .nsp = SIO_STR("/"),
                                          .targets = rooms,
                                          .targets_count = 1,
                                          .data = sio_value_of_array(&event, 1),
                                          .timeout_ms = 1000 };
    const sio_adapter_host host = sio_core_adapter_host(server);
    requested++;
    host.serve(host.data, &request, &answerer);
}

static void on_server_side(sio_namespace *nsp, const char *event, const sio_args *args,
                           sio_server_side_ack *ack, void *data)
{
    (void)nsp;
    (void)event;
    (void)args;
    (void)data;
    (void)sio_server_side_ack_send(ack, "s", "answer");
}

static void on_room_event(sio_namespace *nsp, const char *room, void *data)
{
    (void)nsp;
    (void)data;
    assert_non_null(room);
}

static void note_socket(sio_socket *socket, void *data)
{
    (void)data;
    assert_true(sio_socket_connected(socket));
}

static void note_room(const char *room, void *data)
{
    (void)data;
    assert_non_null(room);
}

static void on_cluster(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    static const sio_room_events events = { .created = on_room_event, .deleted = on_room_event };
    static const sio_cluster_op ops[] = { SIO_CLUSTER_FETCH_SOCKETS,    SIO_CLUSTER_ALL_ROOMS,
                                          SIO_CLUSTER_SOCKETS_JOIN,     SIO_CLUSTER_SOCKETS_LEAVE,
                                          SIO_CLUSTER_SERVER_SIDE_EMIT, SIO_CLUSTER_BROADCAST_ACK };
    sio_namespace *nsp = sio_socket_namespace(socket);
    const sio_target room = { .rooms = SIO_ROOMS("far"), .except = SIO_ROOMS("away") };
    (void)args;
    (void)ack;
    (void)data;
    (void)sio_namespace_on_rooms(nsp, &events, NULL);
    if (sio_namespace_on_server_side_emit(nsp, "other", on_server_side, NULL))
        (void)sio_socket_emit(socket, "deaf", NULL);
    (void)sio_namespace_sockets_join(nsp, NULL, SIO_ROOMS("far", "near"));
    (void)sio_namespace_each(nsp, &room, note_socket, NULL);
    (void)sio_namespace_each_room(nsp, note_room, NULL);
    (void)sio_namespace_server_side_emit(nsp, "one", "i", 1);
    count(sio_namespace_fetch_sockets(nsp, &room, on_answers, NULL));
    count(sio_namespace_all_rooms(nsp, 0, on_answers, NULL));
    count(sio_namespace_server_count(nsp, 0, on_answers, NULL));
    count(sio_namespace_server_side_emit_ack(nsp, 0, on_answers, NULL, "one", "s", "x"));
    count(sio_namespace_emit_ack(nsp, NULL, on_answers, NULL, "quest", "s", "x"));
    for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
        serve_request(ops[i]);
    (void)sio_namespace_sockets_leave(nsp, &room, SIO_ROOMS("far"));
}

static void refuse(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket;
    (void)data;
    sio_next_refuse(next, "no", "{s:s}", "why", "because");
}

static void hold(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket;
    (void)data;
    held = next;
}

static void consider(sio_server *which, const char *name, const sio_value *auth, sio_next *next,
                     void *data)
{
    (void)which;
    (void)auth;
    (void)data;
    if (strcmp(name, "/nowhere") == 0)
        sio_next_refuse(next, NULL, NULL);
    else
        sio_next_pass(next);
}

static void allow(sio_server *which, const sio_http_request *request, sio_admission *admission,
                  void *data)
{
    (void)which;
    (void)data;
    if (sio_http_request_query(request, "stranger"))
        sio_admission_refuse(admission, "who are you?");
    else
        sio_admission_allow(admission);
}

static void add_header(sio_server *which, const sio_http_request *request, sio_headers *headers,
                       void *data)
{
    (void)which;
    (void)request;
    (void)data;
    const int added = sio_headers_add(headers, "X-Node", "one");
    const int set = sio_headers_set(headers, "Vary", "Cookie");
    assert_true((added == 0 || added == SIO_ENOMEM) && (set == 0 || set == SIO_ENOMEM));
}

static void note_refusal(sio_server *which, const sio_connection_error *error, void *data)
{
    (void)which;
    (void)data;
    assert_non_null(error->message);
}

static void on_create(sio_client *client, const sio_engine_packet *packet, void *data)
{
    (void)data;
    assert_non_null(packet->data);
    assert_non_null(sio_client_id(client));
}

static void on_client(sio_server *which, sio_client *client, void *data)
{
    static const sio_client_events events = { .packet = on_create, .packet_create = on_create };
    (void)which;
    (void)data;
    if (sio_client_on(client, &events, NULL) == 0)
        (void)sio_client_send(client, "raw", 3, true);
}

static sio_redis_subscribe subscribe; /* where there is a Redis */

static sio_adapter_kind adapter_kind;
static bool recovering, is_linked;

static void on_cluster_state(sio_server *which, sio_cluster_state state, const char *detail,
                             void *data)
{
    (void)which;
    (void)detail;
    (void)data;
    is_linked = state == SIO_CLUSTER_READY;
}

static bool guarded; /* by limits that count, behind proxies */
static uint16_t proxied_port;
static const char *const proxies[] = { "127.0.0.0/8", NULL };
static const sio_limit_options limits = {
    .max_connections_per_address = 100,
    .new_connections = { .per_second = 1000 },
    .packets = { .per_second = 1000 },
    .overflow = SIO_OVERFLOW_DROP_OLDEST,
};

static int listen_proxied(void)
{
    const sio_listen_options options = { .host = "127.0.0.1", .proxy_protocol = true };
    const int err = guarded ? sio_server_listen_with(server, &options) : 0;
    proxied_port = sio_server_port(server);
    return err;
}

static int serve(const char *url)
{
    const sio_server_options options = {
        .loop = &loop,
        .on_closed = on_closed,
        .no_client_files = true,
        .redis = url,
        .redis_subscribe = url ? subscribe : SIO_SUBSCRIBE_PATTERN,
        .adapter = adapter_kind,
        .on_cluster = on_cluster_state,
        .cors = { .origins = SIO_ORIGINS("http://*.example.org"), .allowed_headers = "a,b" },
        .cookie = { .name = "io" },
        .initial_packet = "hello",
        .allow_request = allow,
        .on_headers = add_header,
        .on_connection_error = note_refusal,
        .on_client = on_client,
        .cleanup_empty_child_namespaces = true,
        .connection_state_recovery = { .enable = recovering },
        .trusted_proxies = guarded ? proxies : NULL,
        .limits = guarded ? limits : (sio_limit_options){ 0 },
    };
    closed = false;
    is_linked = false;
    held = NULL;
    packet_held = NULL;
    server = NULL;
    faults.armed = true;
    int err = sio_server_new(&server, &options);
    sio_namespace *nsp = err ? NULL : sio_server_of(server, "/");
    sio_namespace *no = nsp ? sio_server_of(server, "/no") : NULL;
    sio_namespace *later = no ? sio_server_of(server, "/later") : NULL;
    sio_namespace *parent;
    if (!err &&
        (!later || sio_server_of_pattern(server, &parent, "^/a+$") ||
         sio_server_of_check(server, &parent, consider, NULL) ||
         sio_namespace_on(nsp, "message", on_echo, NULL) ||
         sio_namespace_on(nsp, "big", on_big, NULL) ||
         sio_namespace_on(nsp, "room", on_room, NULL) ||
         sio_namespace_on(nsp, "cluster", on_cluster, NULL) ||
         sio_namespace_on(nsp, "listen", on_listen, NULL) || sio_namespace_use(no, refuse, NULL) ||
         sio_namespace_use(later, hold, NULL) || sio_server_serve(server, "/test.c", SERVED_FILE)))
        err = SIO_ENOMEM;
    if (!err)
        err = listen_proxied();
    if (!err)
        err = sio_server_listen(server, "127.0.0.1", 0);
    if (!err)
        err = sio_server_listen_unix(server, socket_path, 0600);
    faults.armed = false;
    return err;
}

/* ---- peers that take what comes ---- */

/* Turns the loop until that has come, the connection has ended, or all is quiet. */
static bool comes(struct peer *peer, const char *text)
{
    for (int quiet = 0; quiet < 10; quiet++) {
        const size_t before = peer->len;
        receive(peer);
        char *found = memmem(peer->in, peer->len, text, strlen(text));
        if (found) {
            peer->len -= (size_t)(found + strlen(text) - peer->in);
            memmove(peer->in, found + strlen(text), peer->len + 1);
            return true;
        }
        if (peer->ended)
            return false;
        if (peer->len != before)
            quiet = 0;
        uv_run(&loop, UV_RUN_NOWAIT);
        struct pollfd fds[2] = { { .fd = uv_backend_fd(&loop), .events = POLLIN },
                                 { .fd = peer->fd, .events = POLLIN } };
        poll(fds, 2, quiet > 4 ? 1 : 0);
    }
    return false;
}

static void say(struct peer *peer, const void *data, size_t len)
{
    if (!peer->ended)
        (void)!send(peer->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void say_text(struct peer *peer, const char *text)
{
    say(peer, text, strlen(text));
}

static void say_frame(struct peer *peer, sio_ws_opcode opcode, const char *text)
{
    char frame[512];
    say(peer, frame, frame_of(frame, opcode, text, strlen(text)));
}

static void say_poll(struct peer *peer, const char *sid)
{
    char request[256];
    snprintf(request, sizeof(request), "GET " ENGINE "polling&sid=%s HTTP/1.1\r\n\r\n", sid);
    say_text(peer, request);
}

static void say_post(struct peer *peer, const char *sid, const char *body)
{
    char request[512];
    snprintf(request, sizeof(request),
             "POST " ENGINE "polling&sid=%s HTTP/1.1\r\nContent-Length: %zu\r\n\r\n%s", sid,
             strlen(body), body);
    say_text(peer, request);
}

static void websocket_life(struct peer *peer)
{
    char cut[512];
    const size_t len = frame_of(cut, SIO_WS_TEXT, "42[\"message\",\"in two parts\"]", 28);
    say_text(peer, "GET " ENGINE "websocket HTTP/1.1\r\nCookie: a\r\n" WEBSOCKET "\r\n");
    comes(peer, "0{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "40{\"token\":\"x\"}");
    comes(peer, "40{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "421[\"message\",1.5,{\"a\":[true,null]}]");
    comes(peer, "431");
    say(peer, cut, 9);
    comes(peer, "nothing");
    say(peer, cut + 9, len - 9);
    comes(peer, "in two parts");
    say_frame(peer, SIO_WS_TEXT,
              "452-7[\"message\",{\"_placeholder\":true,\"num\":0},"
              "{\"_placeholder\":true,\"num\":1}]");
    say_frame(peer, SIO_WS_BINARY, "bytes");
    say_frame(peer, SIO_WS_BINARY, "more bytes");
    comes(peer, "more bytes");
    say_frame(peer, SIO_WS_PING, "ping");
    comes(peer, "ping");
    say_frame(peer, SIO_WS_TEXT, "40/no,");
    comes(peer, "44/no,");
    say_frame(peer, SIO_WS_TEXT, "40/nowhere,");
    comes(peer, "44/nowhere,");
    say_frame(peer, SIO_WS_TEXT, "40/dynamic,{\"token\":\"a\"}");
    comes(peer, "40/dynamic,");
    say_frame(peer, SIO_WS_TEXT, "40/a,");
    comes(peer, "40/a,");
    say_frame(peer, SIO_WS_TEXT, "41/dynamic,");
    say_frame(peer, SIO_WS_TEXT, "40/later,");
    comes(peer, "nothing");
    if (held) {
        faults.armed = true;
        sio_next_pass(held);
        faults.armed = false;
    }
    held = NULL;
    comes(peer, "40/later,");
    say_frame(peer, SIO_WS_TEXT, "42[\"room\"]");
    comes(peer, "asked");
    say_frame(peer, SIO_WS_TEXT, "430[1]");
    say_frame(peer, SIO_WS_TEXT, "42[\"cluster\"]");
    if (comes(peer, "[\"quest\"") && comes(peer, "[\"other\""))
        say_frame(peer, SIO_WS_TEXT, "431[1]");
    say_frame(peer, SIO_WS_TEXT, "432[2]");
    comes(peer, "nothing");
}

static void polling_life(struct peer *peer, struct peer *probe)
{
    char sid[21] = "none", request[512];
    say_text(peer, "GET " ENGINE "polling HTTP/1.1\r\nOrigin: http://a.example.org\r\n\r\n");
    if (comes(peer, "0{\"sid\":\"") && peer->len > 20)
        snprintf(sid, sizeof(sid), "%.20s", peer->in);
    say_post(peer, sid, "40");
    comes(peer, "\r\n\r\nok");
    say_poll(peer, sid);
    comes(peer, "40{");
    say_post(peer, sid,
             "42[\"room\"]\x1e"
             "451-[\"message\",{\"_placeholder\":true,\"num\":0}]\x1e"
             "bAAEC");
    say_poll(peer, sid);
    comes(peer, "asked");
    say_poll(peer, sid);
    snprintf(request, sizeof(request), "GET " ENGINE "websocket&sid=%s HTTP/1.1\r\n%s\r\n", sid,
             WEBSOCKET);
    say_text(probe, request);
    comes(probe, "\r\n\r\n");
    say_frame(probe, SIO_WS_TEXT, "2probe");
    comes(probe, "3probe");
    comes(peer, "\r\n\r\n6");
    say_frame(probe, SIO_WS_TEXT, "5");
    say_frame(probe, SIO_WS_TEXT, "42[\"message\",\"over\"]");
    comes(probe, "over");
}

/* It is as it should be: memory is back. */
static void all_is_well(void)
{
    struct peer *peer = connect_websocket(0);
    send_frame(peer, SIO_WS_TEXT, "42[\"message\",\"well\"]");
    expect(peer, "well");
    peer_free(peer);
}

static void note_post(sio_server *which, void *data)
{
    (void)which;
    ++*(unsigned *)data;
}

/* What is taken is run, even without memory. */
static void post(void)
{
    unsigned run = 0, taken = 0;
    faults.armed = true;
    for (int i = 0; i < 3; i++) {
        taken += sio_server_post(server, note_post, &run) == 0;
        const int err = sio_server_post_emit(server, NULL, &(sio_target){ .rooms = SIO_ROOMS("a") },
                                             "posted", "{s:s}", "text", "x");
        assert_true(err == 0 || err == SIO_ENOMEM);
    }
    faults.armed = false;
    const uint64_t end = now_ms() + GUARD_MS;
    while (run < taken) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
}

static void live(void)
{
    post();
    struct peer *first = peer_new(), *second = peer_new(), *probe = peer_new();
    struct peer *file = peer_new(), *slow = peer_new_to(sio_server_port(server), 4096);
    websocket_life(first);
    assert_true(faults.last > 0 || (questions == 5 && requested == 6));
    polling_life(second, probe);
    say_text(file, "GET /test.c HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\n\r\n");
    comes(file, "404");
    say_text(file, "OPTIONS " ENGINE "polling HTTP/1.1\r\nOrigin: http://a.example.org\r\n\r\n");
    comes(file, "204");
    say_text(file, "GET " ENGINE "polling&stranger=1 HTTP/1.1\r\n\r\n");
    comes(file, "who are you?");
    say_text(slow, "GET " ENGINE "websocket HTTP/1.1\r\n" WEBSOCKET "\r\n");
    comes(slow, "0{\"sid\":");
    say_frame(slow, SIO_WS_TEXT, "40");
    comes(slow, "40{\"sid\":");
    say_frame(slow, SIO_WS_TEXT, "42[\"big\"]");
    for (int i = 0; i < 3; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    faults.last = 0;
    all_is_well();
    peer_free(first);
    peer_free(second);
    peer_free(probe);
    peer_free(file);
    peer_free(slow);
}

/* One run; the number of allocations that it asked for. */
static unsigned run(void (*body)(void), const char *url, unsigned first, unsigned count)
{
    faults.first = first;
    faults.last = first + count - 1;
    faults.count = 0;
    questions = told = requested = ended = 0;
    assert_int_equal(uv_loop_init(&loop), 0);
    const int err = serve(url);
    if (!err)
        body();
    else
        assert_true(count > 0);
    const unsigned asked = faults.count;
    faults.last = 0;
    if (server) {
        sio_server_close(server);
        run_to_the_end();
    } else {
        assert_int_equal(__real_uv_run(&loop, UV_RUN_DEFAULT), 0);
        assert_int_equal(uv_loop_close(&loop), 0);
    }
    assert_int_equal(told, questions); /* each once */
    assert_int_equal(ended, requested);
    return asked;
}

static void run_all(void (*body)(void), const char *url, unsigned count)
{
    const unsigned total = run(body, url, 1, 0);
    assert_true(total > 0);
    for (unsigned n = 1; n <= total; n += count)
        run(body, url, n, count);
}

static void live_with_listeners(void)
{
    struct peer *peer = peer_new();
    say_text(peer, "GET " ENGINE "websocket HTTP/1.1\r\n" WEBSOCKET "\r\n");
    comes(peer, "0{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "40");
    comes(peer, "40{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "422[\"listen\"]");
    comes(peer, "432");
    say_frame(peer, SIO_WS_TEXT, "42[\"held\",{\"n\":[1]}]");
    say_frame(peer, SIO_WS_TEXT, "42[\"refused\"]");
    say_frame(peer, SIO_WS_TEXT, "423[\"release\"]");
    comes(peer, "433");
    say_frame(peer, SIO_WS_TEXT, "42[\"room\"]");
    comes(peer, "asked");
    faults.last = 0;
    all_is_well();
    peer_free(peer);
}

static void allocations_fail_under_listeners(void **state)
{
    (void)state;
    run_all(live_with_listeners, NULL, 1);
}

static void one_allocation_fails(void **state)
{
    (void)state;
    run_all(live, NULL, 1);
}

static void some_allocations_fail(void **state)
{
    (void)state;
    run_all(live, NULL, 8);
}

/* ---- the end of a server in service ---- */

static void ends(struct peer *peer, const char *farewell)
{
    comes(peer, farewell);
    peer_free(peer);
}

static void drained(void)
{
    char sid[21] = "none";
    struct peer *websocket = peer_new_at(socket_path), *polling = peer_new();
    say_text(websocket, "GET " ENGINE "websocket HTTP/1.1\r\n" WEBSOCKET "\r\n");
    comes(websocket, "0{\"sid\":");
    say_frame(websocket, SIO_WS_TEXT, "40");
    comes(websocket, "40{\"sid\":");
    say_text(polling, "GET " ENGINE "polling HTTP/1.1\r\n\r\n");
    if (comes(polling, "0{\"sid\":\"") && polling->len > 20)
        snprintf(sid, sizeof(sid), "%.20s", polling->in);
    say_poll(polling, sid);
    faults.armed = true;
    const int err = sio_server_drain(server, &(sio_drain_options){ .deadline_ms = 5 });
    faults.armed = false;
    assert_int_equal(err, 0);
    ends(websocket, "\x88");
    ends(polling, "\r\n\r\n1");
    for (const uint64_t end = now_ms() + GUARD_MS; !closed; turn(NULL))
        assert_true(now_ms() < end);
}

static void allocations_fail_in_a_drain(void **state)
{
    (void)state;
    run_all(drained, NULL, 1);
}

/* ---- with connection state recovery ---- */

/* What stands between `before` and the next quote; stays as it is if that does not come. */
static void take(struct peer *peer, const char *before, char *out, size_t size)
{
    if (!comes(peer, before))
        return;
    const char *end = memchr(peer->in, '"', peer->len);
    if (end && (size_t)(end - peer->in) < size)
        snprintf(out, size, "%.*s", (int)(end - peer->in), peer->in);
}

static void live_and_return(void)
{
    char pid[32] = "abcdefghijklmnopqrst", offset[64] = "x", text[160];
    struct peer *first = peer_new();
    say_text(first, "GET " ENGINE "websocket HTTP/1.1\r\n" WEBSOCKET "\r\n");
    comes(first, "0{\"sid\":");
    say_frame(first, SIO_WS_TEXT, "40");
    take(first, "\"pid\":\"", pid, sizeof(pid));
    say_frame(first, SIO_WS_TEXT, "42[\"room\"]");
    say_frame(first, SIO_WS_TEXT, "42[\"message\",\"x\"]");
    take(first, "\"message-back\",\"x\",\"", offset, sizeof(offset));
    peer_free(first);
    for (int i = 0; i < 5; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    faults.armed = true;
    (void)sio_namespace_emit(sio_server_of(server, "/"), NULL, "missed", "{s:[i]}", "n", 1);
    faults.armed = false;
    struct peer *again = peer_new();
    say_text(again, "GET " ENGINE "websocket HTTP/1.1\r\n" WEBSOCKET "\r\n");
    comes(again, "0{\"sid\":");
    snprintf(text, sizeof(text), "40{\"pid\":\"%s\",\"offset\":\"%s\"}", pid, offset);
    say_frame(again, SIO_WS_TEXT, text);
    const bool recovered = comes(again, "42[\"missed\",{\"n\":[1]}");
    comes(again, "40{\"sid\":");
    if (faults.first > faults.last)
        assert_true(recovered);
    faults.last = 0;
    all_is_well();
    peer_free(again);
}

/* Two clients of two proxies, one of each kind. */
static void live_behind_proxies(void)
{
    struct peer *first = peer_new_to(proxied_port, 0), *second = peer_new();
    say_text(first, "PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n");
    websocket_life(first);
    say_text(second,
             "GET " ENGINE "websocket HTTP/1.1\r\nX-Forwarded-For: 192.0.2.3\r\n" WEBSOCKET "\r\n");
    comes(second, "0{\"sid\":");
    faults.last = 0;
    all_is_well();
    peer_free(first);
    peer_free(second);
}

static void allocations_fail_behind_proxies(void **state)
{
    (void)state;
    guarded = true;
    run_all(live_behind_proxies, NULL, 1);
    guarded = false;
}

static void allocations_fail_while_clients_come_back(void **state)
{
    (void)state;
    recovering = true;
    run_all(live_and_return, NULL, 1);
    recovering = false;
}

/* ---- with Redis ---- */

static bool linked(void)
{
    sio_server_stats stats;
    sio_server_stats_get(server, &stats);
    return stats.cluster.connects > 0;
}

static void publish(const char *channel, const char *bytes, size_t len)
{
    redisContext *client = redisConnectUnix(redis.socket);
    assert_true(client && !client->err);
    freeReplyObject(redisCommand(client, "PUBLISH %s %b", channel, bytes, len));
    redisFree(client);
}

/* ["uid", {type: 2, data: ["news", 1], nsp: "/"}, {}] */
static const char news[] = "\x93\xa3uid\x83\xa4type\x02\xa4"
                           "data\x92\xa4news\x01\xa3nsp\xa1/\x80";

/* {uid: "x", requestId: "q", type: 7, packet: {type: 2, data: ["news"], nsp: "/"}, opts: {}} */
#define BROADCAST_REQUEST                                                                          \
    "\x85\xa3uid\xa1x\xa9requestId\xa1q\xa4type\x07\xa6packet\x83\xa4type\x02\xa4"                 \
    "data\x91\xa4news\xa3nsp\xa1/\xa4opts\x80"

/* What another node asks, whose answer nobody awaits. */
static const char *const requests[] = {
    "{\"uid\":\"x\",\"requestId\":\"q\",\"type\":1}",
    "{\"uid\":\"x\",\"requestId\":\"q\",\"type\":0,\"rooms\":[]}",
    "{\"uid\":\"x\",\"type\":2,\"opts\":{\"rooms\":[],\"except\":[]},\"rooms\":[\"other\"]}",
    (BROADCAST_REQUEST),
};

static void live_with_redis(void)
{
    struct peer *peer = peer_new();
    say_text(peer, "GET " ENGINE "websocket HTTP/1.1\r\n" WEBSOCKET "\r\n");
    comes(peer, "0{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "40");
    comes(peer, "40{\"sid\":");
    say_frame(peer, SIO_WS_TEXT, "42[\"room\"]");
    for (const uint64_t end = now_ms() + 100; !linked() && now_ms() < end;)
        turn(NULL);
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        publish("socket.io-request#/#", requests[i], strlen(requests[i]));
    publish("socket.io#/#", news, sizeof(news) - 1);
    comes(peer, "news");
    say_frame(peer, SIO_WS_TEXT, "42[\"room\"]");
    comes(peer, "asked");
    comes(peer, "nothing");
    faults.last = 0;
    for (const uint64_t end = now_ms() + GUARD_MS; !linked();) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    all_is_well();
    peer_free(peer);
}

static void allocations_fail_with_redis(void **state)
{
    char url[64];
    (void)state;
    redis_process_start(&redis, NULL);
    snprintf(url, sizeof(url), "redis://127.0.0.1:%d", redis.port);
    run_all(live_with_redis, url, 1);
    subscribe = SIO_SUBSCRIBE_ROOMS;
    run_all(live_with_redis, url, 1);
    subscribe = SIO_SUBSCRIBE_PATTERN;
    redis_process_end(&redis);
}

/* The session and what is missed go through the stream and its reader. */
static void return_by_the_stream(void)
{
    for (const uint64_t end = now_ms() + 100; !is_linked && now_ms() < end;)
        turn(NULL);
    live_and_return();
}

static void allocations_fail_with_streams(void **state)
{
    char url[64];
    (void)state;
    redis_process_start(&redis, NULL);
    snprintf(url, sizeof(url), "redis://127.0.0.1:%d", redis.port);
    adapter_kind = SIO_ADAPTER_STREAMS;
    recovering = true;
    run_all(return_by_the_stream, url, 1);
    recovering = false;
    adapter_kind = SIO_ADAPTER_CLASSIC;
    redis_process_end(&redis);
}

/* ---- a link alone: channels, commands, and what waits for it ---- */

static struct {
    sio_redis_link *link;
    unsigned ready;
    unsigned confirmed;
    unsigned asked, answered;
    bool stopped;
} linked_up;

static void on_link_state(void *data, sio_cluster_state state, const char *detail)
{
    (void)data;
    assert_non_null(detail);
    linked_up.ready += state == SIO_CLUSTER_READY;
}

static void on_link_message(void *data, sio_redis_kind kind, sio_str name, sio_str channel,
                            sio_str payload)
{
    (void)data;
    (void)kind;
    (void)name;
    (void)channel;
    (void)payload;
}

static void on_link_subscribed(void *data, sio_redis_kind kind, sio_str name)
{
    (void)data;
    (void)kind;
    (void)name;
    linked_up.confirmed++;
}

static void on_link_refused(void *data, const char *why)
{
    (void)data;
    (void)why;
}

static void on_link_random(void *data, void *out, size_t len)
{
    (void)data;
    memset(out, 1, len);
}

static void on_link_stopped(void *data)
{
    (void)data;
    linked_up.stopped = true;
}

static void on_link_answer(void *data, int err, const redisReply *reply)
{
    (void)data;
    assert_true(err == SIO_ECLOSED || reply);
    linked_up.answered++;
}

static void ask_link(int (*way)(sio_redis_link *link, const sio_redis_command *command))
{
    const sio_str words[] = { SIO_STR("ECHO"), SIO_STR("x") };
    faults.armed = true;
    if (way(linked_up.link, &(sio_redis_command){ words, 2, on_link_answer, NULL }) == 0)
        linked_up.asked++;
    faults.armed = false;
}

static void use_link(void)
{
    char name[32];
    faults.armed = true;
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "n%d", i);
        (void)sio_redis_link_subscribe(linked_up.link, (sio_redis_kind)(i % SIO_REDIS_KINDS),
                                       sio_str_from(name));
    }
    faults.armed = false;
    ask_link(sio_redis_link_send);
    for (const uint64_t end = now_ms() + GUARD_MS; linked_up.ready == 0;) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    for (int i = 0; i < 40; i++)
        ask_link(i % 2 ? sio_redis_link_ask : sio_redis_link_read);
    sio_redis_link_unsubscribe(linked_up.link, SIO_REDIS_CHANNEL, SIO_STR("n0"));
    for (int i = 0; i < 5; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
}

/* What it has promised comes, now that there is memory. */
static void link_is_well(void)
{
    for (const uint64_t end = now_ms() + GUARD_MS; linked_up.answered < linked_up.asked;) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    const unsigned before = linked_up.confirmed;
    assert_int_equal(sio_redis_link_subscribe(linked_up.link, SIO_REDIS_CHANNEL, SIO_STR("last")),
                     0);
    for (const uint64_t end = now_ms() + GUARD_MS;
         linked_up.confirmed == before ||
         !sio_redis_link_is_subscribed(linked_up.link, SIO_REDIS_CHANNEL, SIO_STR("last"));) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    assert_int_equal(linked_up.answered, linked_up.asked);
}

static unsigned run_link(const char *text, unsigned which)
{
    const sio_redis_link_events events = { .state = on_link_state,
                                           .message = on_link_message,
                                           .subscribed = on_link_subscribed,
                                           .refused = on_link_refused,
                                           .random = on_link_random };
    sio_redis_url url;
    memset(&linked_up, 0, sizeof linked_up);
    faults.count = 0;
    faults.first = faults.last = which;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(sio_redis_url_read(&url, text, NULL, 0), 0);
    faults.armed = true;
    int err = sio_redis_link_new(&linked_up.link, &loop, &url, &events);
    faults.armed = false;
    sio_redis_url_free(&url);
    if (!err)
        use_link();
    unsigned asked = faults.count;
    faults.last = 0;
    if (!err) {
        link_is_well();
        sio_redis_link_stop(linked_up.link, on_link_stopped, NULL);
        __real_uv_run(&loop, UV_RUN_DEFAULT);
        assert_true(linked_up.stopped);
    }
    assert_int_equal(uv_loop_close(&loop), 0);
    return asked;
}

static void a_link_runs_out_of_memory(void **state)
{
    char url[64];
    (void)state;
    redis_process_start(&redis, NULL);
    snprintf(url, sizeof(url), "redis://127.0.0.1:%d", redis.port);
    for (unsigned which = 1; run_link(url, which) >= which; which++)
        ;
    redis_process_end(&redis);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_allocation_fails),
        cmocka_unit_test(allocations_fail_under_listeners),
        cmocka_unit_test(some_allocations_fail),
        cmocka_unit_test(allocations_fail_in_a_drain),
        cmocka_unit_test(allocations_fail_behind_proxies),
        cmocka_unit_test(allocations_fail_while_clients_come_back),
        cmocka_unit_test(allocations_fail_with_redis),
        cmocka_unit_test(allocations_fail_with_streams),
        cmocka_unit_test(a_link_runs_out_of_memory),
    };
    snprintf(socket_path, sizeof(socket_path), "/tmp/sio-test-exhaustion-%d.sock", getpid());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
