/* Questions and orders of the application that runs out of memory. */
#include "starved_app.h"

#include "core/server.h"

#include "check.h"

static void on_answers(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    (void)nsp;
    (void)data;
    assert_non_null(answers->values);
    app.told++;
}

static void count(int err)
{
    app.questions += !err;
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
    app.ended++;
}

/* Another node asks. */
static void serve_request(sio_server *server, sio_cluster_op op)
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
    app.requested++;
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

void starved_app_cluster(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
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
        serve_request(sio_socket_server(socket), ops[i]);
    (void)sio_namespace_sockets_leave(nsp, &room, SIO_ROOMS("far"));
}
