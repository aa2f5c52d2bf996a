#include "starved_app.h"

#include "check.h"

struct starved_app app;

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
    app.replies++;
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

static void filter(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                   void *data)
{
    (void)socket;
    (void)args;
    (void)data;
    if (strcmp(event, "held") == 0 && !app.packet_held)
        app.packet_held = next;
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
    if (app.packet_held)
        sio_next_pass(app.packet_held);
    app.packet_held = NULL;
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
    unsigned before = app.replies;
    int err = sio_socket_emit_ack(socket, 1000, on_reply, NULL, "asked", NULL);
    assert_true(err == 0 || app.replies == before);
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
    app.held = next;
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

static void on_cluster_state(sio_server *which, sio_cluster_state state, const char *detail,
                             void *data)
{
    (void)which;
    (void)detail;
    (void)data;
    app.is_linked = state == SIO_CLUSTER_READY;
}

void starved_app_options(sio_server_options *options)
{
    options->on_cluster = on_cluster_state;
    options->allow_request = allow;
    options->send_threads = 1;
    options->on_headers = add_header;
    options->on_connection_error = note_refusal;
    options->on_client = on_client;
}

int starved_app_register(sio_server *server)
{
    sio_namespace *nsp = sio_server_of(server, "/");
    sio_namespace *no = nsp ? sio_server_of(server, "/no") : NULL;
    sio_namespace *later = no ? sio_server_of(server, "/later") : NULL;
    sio_namespace *parent;
    if (!later || sio_server_of_pattern(server, &parent, "^/a+$") ||
        sio_server_of_check(server, &parent, consider, NULL) ||
        sio_namespace_on(nsp, "message", on_echo, NULL) ||
        sio_namespace_on(nsp, "big", on_big, NULL) ||
        sio_namespace_on(nsp, "room", on_room, NULL) ||
        sio_namespace_on(nsp, "cluster", starved_app_cluster, NULL) ||
        sio_namespace_on(nsp, "listen", on_listen, NULL) || sio_namespace_use(no, refuse, NULL) ||
        sio_namespace_use(later, hold, NULL))
        return SIO_ENOMEM;
    return 0;
}
