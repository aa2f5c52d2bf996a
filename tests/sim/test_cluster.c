/* Questions, orders and events of several nodes. */
#include "cluster.h"

#include "core/socket.h"
#include "heard.h"

#define NODES 3

static cluster world;
static sio_namespace *roots[NODES];
static sim_peer *peers[NODES];
static sio_socket *sockets[NODES];
static heard last;

/* One client on each node, in the rooms "all" and "n0" … "n2". */
static void start(void)
{
    char room[8];
    cluster_start(&world, 21, NODES);
    for (unsigned i = 0; i < NODES; i++) {
        sim *node = &world.nodes[i];
        roots[i] = sio_server_of(node->server, "/");
        sio_namespace_on_connection(roots[i], sim_on_connection, node);
        peers[i] = sim_join(node, SIO_EIO_WEBSOCKET);
        sockets[i] = sim_last;
        snprintf(room, sizeof(room), "n%u", i);
        assert_int_equal(sio_socket_join(sockets[i], "all"), 0);
        assert_int_equal(sio_socket_join(sockets[i], room), 0);
    }
    heard_clear(&last);
}

static void stop(void)
{
    cluster_stop(&world);
    heard_clear(&last);
}

static void pass(uint64_t ms)
{
    for (unsigned i = 0; i < NODES; i++)
        if (world.wire.nodes[i])
            sim_turn(world.wire.nodes[i]);
    sim_wire_wait(&world.wire, ms);
}

/* ---- questions ---- */

static void nodes_are_counted(void **state)
{
    (void)state;
    start();
    assert_int_equal(sio_namespace_server_count(roots[0], 0, heard_answers, &last), 0);
    pass(0);
    assert_int_equal(last.times, 0);
    pass(1);
    heard_expect(&last, 0, "[3]");
    assert_int_equal(last.nodes, 2);
    cluster_end_node(&world, 2);
    assert_int_equal(sio_namespace_server_count(roots[0], 0, heard_answers, &last), 0);
    pass(10);
    heard_expect(&last, 0, "[2]");
    stop();
}

static void lists_are_united(void **state)
{
    (void)state;
    start();
    for (unsigned i = 0; i < NODES; i++)
        sio_socket_leave(sockets[i], sio_socket_id(sockets[i]));
    assert_int_equal(sio_namespace_all_rooms(roots[1], 0, heard_answers, &last), 0);
    pass(10);
    heard_expect(&last, 0, "[\"all\",\"n0\",\"n1\",\"n2\"]");
    assert_int_equal(last.nodes, 2);
    assert_int_equal(last.missing, 0);

    const sio_target target = { .rooms = SIO_ROOMS("n0", "n2"), .except = SIO_ROOMS("n1") };
    assert_int_equal(sio_namespace_fetch_sockets(roots[1], &target, heard_answers, &last), 0);
    pass(10);
    assert_int_equal(last.times, 1);
    assert_int_equal(last.error, 0);
    assert_int_equal(sio_value_count(last.values), 2);
    for (unsigned i = 0; i < 2; i++) {
        const sio_value *id = sio_value_get(sio_value_at(last.values, i), "id");
        assert_string_equal(sio_value_string(id, NULL), sio_socket_id(sockets[2 * i]));
    }
    last.times = 0;

    const sio_target local = { .flags = SIO_LOCAL };
    assert_int_equal(sio_namespace_fetch_sockets(roots[1], &local, heard_answers, &last), 0);
    pass(0);
    assert_int_equal(last.times, 1);
    assert_int_equal(sio_value_count(last.values), 1);
    assert_int_equal(last.nodes, 0);
    last.times = 0;

    const sio_target others = { .from = sockets[1] };
    assert_int_equal(sio_namespace_fetch_sockets(roots[1], &others, heard_answers, &last), 0);
    pass(10);
    assert_int_equal(sio_value_count(last.values), 2);
    stop();
}

static void clients_of_all_nodes_acknowledge(void **state)
{
    (void)state;
    start();
    assert_int_equal(sio_namespace_emit_ack(roots[0], NULL, heard_answers, &last, "q", "i", 1), 0);
    pass(10);
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(last.times, 0);
        sim_expect(&peers[i]->inbox, "420[\"q\",1]");
        sim_send(peers[i], i == 1 ? "430[]" : i ? "430[\"two\",3]" : "430[\"zero\"]");
        sim_send(peers[i], "430[\"again\"]");
        pass(10);
    }
    heard_expect(&last, 0, "[\"zero\",null,\"two\"]");
    assert_int_equal(last.clients, 3);
    assert_int_equal(last.nodes, 2);
    assert_int_equal(last.missing, 0);
    assert_int_equal(world.adapters[1].answering, 0);

    const sio_target local = { .flags = SIO_LOCAL };
    assert_int_equal(sio_namespace_emit_ack(roots[0], &local, heard_answers, &last, "q", NULL), 0);
    pass(10);
    sim_send(peers[0], "431[5]");
    heard_expect(&last, 0, "[5]");
    sim_expect_nothing(&peers[1]->inbox);

    const sio_target nobody = { .rooms = SIO_ROOMS("nobody") };
    assert_int_equal(sio_namespace_emit_ack(roots[0], &nobody, heard_answers, &last, "q", NULL), 0);
    pass(10);
    heard_expect(&last, 0, "[]");
    assert_int_equal(last.nodes, 2);
    stop();
}

/* ---- what goes wrong ---- */

static void a_silent_node_is_missing(void **state)
{
    (void)state;
    start();
    world.adapters[2].silent = true;
    const sio_target patience = { .timeout_ms = 300 };
    heard rooms = { 0 }, sockets_heard = { 0 };
    assert_int_equal(sio_namespace_all_rooms(roots[0], 200, heard_answers, &rooms), 0);
    assert_int_equal(
        sio_namespace_fetch_sockets(roots[0], &patience, heard_answers, &sockets_heard), 0);
    assert_int_equal(sio_namespace_emit_ack(roots[0], &patience, heard_answers, &last, "q", NULL),
                     0);
    pass(10);
    for (unsigned i = 0; i < NODES; i++)
        sim_send(peers[i], "430[1]");
    pass(180);
    assert_int_equal(rooms.times + sockets_heard.times + last.times, 0);
    pass(10);
    assert_int_equal(rooms.times, 1);
    assert_int_equal(rooms.error, SIO_ETIMEOUT);
    assert_int_equal(rooms.missing, 1);
    assert_int_equal(sio_value_count(rooms.values), 5);
    pass(100);
    assert_int_equal(sockets_heard.times, 1);
    assert_int_equal(sockets_heard.error, SIO_ETIMEOUT);
    assert_int_equal(sio_value_count(sockets_heard.values), 2);
    heard_expect(&last, SIO_ETIMEOUT, "[1,1]");
    assert_int_equal(last.clients, 2);
    assert_int_equal(last.missing, 1);
    heard_clear(&rooms);
    heard_clear(&sockets_heard);
    stop();
}

static void a_late_answer_is_too_late(void **state)
{
    (void)state;
    start();
    world.wire.delay_ms = 400;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(sio_namespace_all_rooms(roots[0], 100, heard_answers, &last), 0);
        pass(101);
        assert_int_equal(last.times, 1);
        assert_true(last.error == SIO_ETIMEOUT || last.error == 0);
        last.times = 0;
    }
    pass(1000);
    assert_int_equal(last.times, 0);
    assert_null(world.adapters[0].asked);
    stop();
}

static void what_comes_twice_ends_once(void **state)
{
    (void)state;
    start();
    world.wire.twice = 1000;
    assert_int_equal(sio_namespace_all_rooms(roots[0], 0, heard_answers, &last), 0);
    pass(5000);
    assert_int_equal(last.times, 1);
    last.times = 0;
    assert_int_equal(sio_namespace_emit_ack(roots[0], NULL, heard_answers, &last, "q", NULL), 0);
    pass(10);
    for (unsigned i = 0; i < NODES; i++) {
        sim_send(peers[i], "430[1]");
        sim_send(peers[i], "431[1]");
    }
    pass(5000);
    assert_int_equal(last.times, 1);
    stop();
}

static void without_a_link_there_is_this_node(void **state)
{
    (void)state;
    start();
    fake_adapter_unlink(&world.adapters[0]);
    assert_int_equal(sio_namespace_fetch_sockets(roots[0], NULL, heard_answers, &last), 0);
    assert_int_equal(last.times, 0);
    pass(0);
    assert_int_equal(last.times, 1);
    assert_int_equal(last.error, SIO_ECLOSED);
    assert_int_equal(sio_value_count(last.values), 1);
    last.times = 0;
    assert_int_equal(sio_namespace_server_count(roots[0], 0, heard_answers, &last), 0);
    pass(0);
    heard_expect(&last, SIO_ECLOSED, "[]");
    assert_int_equal(sio_namespace_emit_ack(roots[0], NULL, heard_answers, &last, "q", NULL), 0);
    pass(10);
    assert_int_equal(last.times, 0);
    sim_send(peers[0], "430[\"here\"]");
    heard_expect(&last, SIO_ECLOSED, "[\"here\"]");
    assert_int_equal(sio_namespace_sockets_join(roots[0], NULL, SIO_ROOMS("x")), SIO_ECLOSED);
    assert_int_equal(sio_namespace_room_size(roots[0], "x"), 1);
    assert_int_equal(sio_namespace_server_side_emit(roots[0], "e", NULL), SIO_ECLOSED);
    stop();
}

static void a_lost_link_ends_what_was_asked(void **state)
{
    (void)state;
    heard acks = { 0 };
    start();
    world.adapters[1].silent = true;
    assert_int_equal(sio_namespace_all_rooms(roots[0], 0, heard_answers, &last), 0);
    assert_int_equal(sio_namespace_emit_ack(roots[0], NULL, heard_answers, &acks, "q", NULL), 0);
    pass(100);
    fake_adapter_unlink(&world.adapters[0]);
    pass(0);
    assert_int_equal(last.times, 1);
    assert_int_equal(last.error, SIO_ECLOSED);
    assert_int_equal(last.missing, 1);
    assert_int_equal(acks.times, 0);
    pass(5000);
    heard_expect(&acks, SIO_ECLOSED, "[]");
    heard_clear(&acks);
    stop();
}

static void a_node_that_closes_is_done(void **state)
{
    (void)state;
    heard acks = { 0 };
    start();
    assert_int_equal(sio_namespace_emit_ack(roots[0], NULL, heard_answers, &acks, "q", NULL), 0);
    assert_int_equal(sio_namespace_emit_ack(roots[1], NULL, heard_answers, &last, "q", NULL), 0);
    pass(10);
    assert_int_equal(world.adapters[0].answering, 1);
    sim_send(peers[1], "430[\"from 1\"]");
    cluster_end_node(&world, 1);
    heard_expect(&last, SIO_ECLOSED, "[\"from 1\"]");
    pass(1);
    assert_int_equal(acks.times, 0);
    pass(5000);
    assert_int_equal(acks.times, 1);
    assert_int_equal(acks.error, SIO_ETIMEOUT);
    assert_int_equal(acks.clients, 3);
    assert_int_equal(world.adapters[0].answering, 0); /* its time is over too */
    heard_clear(&acks);
    stop();
}

/* ---- orders ---- */

static void orders_reach_all_nodes(void **state)
{
    (void)state;
    start();
    const sio_target two = { .rooms = SIO_ROOMS("n0", "n1") };
    assert_int_equal(sio_namespace_sockets_join(roots[0], &two, SIO_ROOMS("x", "y")), 0);
    sio_namespace_emit(roots[0], &(sio_target){ .rooms = SIO_ROOMS("x") }, "e", NULL);
    pass(10);
    sim_expect(&peers[0]->inbox, "42[\"e\"]");
    sim_expect(&peers[1]->inbox, "42[\"e\"]");
    sim_expect_nothing(&peers[2]->inbox);
    assert_int_equal(sio_namespace_room_size(roots[1], "y"), 1);

    assert_int_equal(sio_namespace_sockets_leave(
                         roots[2], &(sio_target){ .except = SIO_ROOMS("n0") }, SIO_ROOMS("x")),
                     0);
    const sio_target local = { .flags = SIO_LOCAL };
    assert_int_equal(sio_namespace_sockets_join(roots[2], &local, SIO_ROOMS("z")), 0);
    pass(10);
    assert_int_equal(sio_namespace_room_size(roots[0], "x"), 1);
    assert_int_equal(sio_namespace_room_size(roots[1], "x"), 0);
    assert_int_equal(sio_namespace_room_size(roots[1], "z"), 0);
    assert_int_equal(sio_namespace_room_size(roots[2], "z"), 1);

    const sio_target others = { .from = sockets[2] };
    assert_int_equal(sio_namespace_disconnect_sockets(roots[2], &others, true), 0);
    pass(10);
    sim_expect(&peers[0]->inbox, "41");
    sim_expect(&peers[0]->inbox, "<close>");
    assert_int_equal(sio_namespace_count(roots[1]), 0);
    assert_int_equal(sio_namespace_count(roots[2]), 1);
    stop();
}

/* ---- events between servers ---- */

static sio_server_side_ack *kept;

static void on_event(sio_namespace *nsp, const char *event, const sio_args *args,
                     sio_server_side_ack *ack, void *data)
{
    char *json;
    assert_int_equal(sio_value_to_json(sio_args_array(args), &json, NULL), 0);
    sim_note(data, "%s %s%s", event, json, ack ? " ?" : "");
    sio_free(json);
    if (strcmp(event, "later") == 0)
        kept = sio_server_side_ack_ref(ack);
    else if (strcmp(event, "close") == 0)
        sio_core_close(sio_namespace_server(nsp));
    else if (strcmp(event, "ask") == 0)
        assert_int_equal(sio_server_side_ack_send(ack, "si", "yes", 2), 0);
    else if (strcmp(event, "empty") == 0)
        assert_int_equal(sio_server_side_ack_send(ack, NULL), 0);
}

static void on_any_event(sio_namespace *nsp, const char *event, const sio_args *args,
                         sio_server_side_ack *ack, void *data)
{
    (void)nsp;
    (void)args;
    sim_note(data, "any %s", event);
    if (strcmp(event, "ask") == 0)
        assert_int_equal(sio_server_side_ack_send(ack, "i", 3), SIO_EEXISTS);
}

static void listen(void)
{
    static const char *const events[] = { "plain", "ask", "later", "never", "close", "empty" };
    for (unsigned i = 0; i < NODES; i++) {
        for (size_t e = 0; e < sizeof(events) / sizeof(*events); e++)
            assert_int_equal(
                sio_namespace_on_server_side_emit(roots[i], events[e], on_event, &world.nodes[i]),
                0);
        assert_int_equal(
            sio_namespace_on_server_side_emit(roots[i], NULL, on_any_event, &world.nodes[i]), 0);
    }
}

static int ask_servers(const char *event)
{
    return sio_namespace_server_side_emit_ack(roots[0], 0, heard_answers, &last, event, NULL);
}

static void servers_hear_each_other(void **state)
{
    (void)state;
    start();
    listen();
    assert_int_equal(sio_namespace_server_side_emit(roots[0], "plain", "i[s]", 1, "x"), 0);
    assert_int_equal(sio_namespace_server_side_emit(roots[0], "unknown", NULL), 0);
    pass(10);
    sim_expect(&world.nodes[0].journal, "connect");
    sim_expect_nothing(&world.nodes[0].journal);
    for (unsigned i = 1; i < NODES; i++) {
        sim *node = &world.nodes[i];
        sim_expect(&node->journal, "connect");
        sim_expect(&node->journal, "plain [1,[\"x\"]]");
        sim_expect(&node->journal, "any plain");
        sim_expect(&node->journal, "any unknown");
        sim_expect_nothing(&node->journal);
    }
    assert_int_equal(ask_servers("ask"), 0);
    pass(10);
    heard_expect(&last, 0, "[\"yes\",\"yes\"]");
    sim_expect(&world.nodes[1].journal, "ask [] ?");
    sim_expect(&world.nodes[1].journal, "any ask");
    assert_int_equal(ask_servers("empty"), 0);
    pass(10);
    heard_expect(&last, 0, "[null,null]");
    stop();
}

static void servers_answer_later_or_never(void **state)
{
    (void)state;
    start();
    listen();
    world.wire.cut[2] = true;
    assert_int_equal(ask_servers("later"), 0);
    pass(1000);
    assert_int_equal(last.times, 0);
    assert_int_equal(sio_server_side_ack_send(kept, "y"), SIO_EFORMAT);
    assert_int_equal(sio_server_side_ack_send(kept, "s", "now"), 0);
    assert_int_equal(sio_server_side_ack_send(kept, "s", "again"), SIO_EEXISTS);
    sio_server_side_ack_unref(kept);
    pass(10);
    heard_expect(&last, 0, "[\"now\"]");

    assert_int_equal(ask_servers("never"), 0);
    pass(10);
    assert_int_equal(world.adapters[1].answering, 0); /* nobody can answer any more */
    assert_int_equal(last.times, 0);
    pass(5000);
    heard_expect(&last, SIO_ETIMEOUT, "[]");
    assert_int_equal(last.missing, 1);

    assert_int_equal(ask_servers("later"), 0);
    pass(10);
    assert_int_equal(world.adapters[1].answering, 1);
    pass(5010);
    heard_expect(&last, SIO_ETIMEOUT, "[]");
    assert_int_equal(world.adapters[1].answering, 0);
    assert_int_equal(sio_server_side_ack_send(kept, NULL), SIO_ECLOSED);
    sio_server_side_ack_unref(kept);

    assert_int_equal(ask_servers("later"), 0);
    pass(10);
    cluster_end_node(&world, 1);
    assert_int_equal(sio_server_side_ack_send(kept, NULL), SIO_ECLOSED);
    sio_server_side_ack_unref(kept);
    assert_int_equal(sio_server_side_ack_send(NULL, NULL), 0);
    sio_server_side_ack_unref(sio_server_side_ack_ref(NULL));
    pass(6000);
    assert_int_equal(last.error, SIO_ETIMEOUT);
    stop();
}

static void a_listener_may_close_the_server(void **state)
{
    (void)state;
    start();
    listen();
    assert_int_equal(ask_servers("close"), 0);
    pass(5000);
    heard_expect(&last, SIO_ETIMEOUT, "[]");
    assert_int_equal(sio_namespace_count(roots[1]), 0);
    assert_int_equal(ask_servers("ask"), 0); /* closing nodes serve nobody */
    pass(5000);
    heard_expect(&last, SIO_ETIMEOUT, "[]");
    stop();
}

/* ---- what the adapter sees ---- */

static void unknown_requests_end(void **state)
{
    (void)state;
    start();
    for (int op = 0; op <= SIO_CLUSTER_BROADCAST_ACK; op++) {
        const sio_adapter_ops *ops = world.adapters[0].base.ops;
        sio_cluster_request request = { .op = (sio_cluster_op)op, .nsp = SIO_STR("/unknown") };
        assert_int_equal(ops->tell(&world.adapters[0].base, &request), 0);
        pass(10);
        request.nsp = SIO_STR("/");
        request.data = sio_value_of_int(5); /* no array, no event */
        if (op != SIO_CLUSTER_DISCONNECT_SOCKETS && op != SIO_CLUSTER_BROADCAST_ACK)
            assert_int_equal(ops->tell(&world.adapters[0].base, &request), 0);
        pass(10);
        assert_int_equal(world.adapters[1].answering, 0);
    }
    for (unsigned i = 0; i < NODES; i++)
        sim_expect_nothing(&peers[i]->inbox);
    stop();
}

static void note_room(void *data, sio_str room)
{
    sim_texts_add(data, room.data, room.len);
}

static void the_adapter_hears_of_rooms(void **state)
{
    (void)state;
    char first[32], second[32];
    cluster_start(&world, 5, 1);
    sio_namespace *root = sio_server_of(world.nodes[0].server, "/");
    sio_namespace_on_connection(root, sim_on_connection, &world.nodes[0]);
    sim_texts *rooms = &world.adapters[0].rooms;
    for (int i = 0; i < 2; i++) {
        peers[i] = sim_join(&world.nodes[0], SIO_EIO_WEBSOCKET);
        sockets[i] = sim_last;
        sio_socket_join(sockets[i], "a");
    }
    snprintf(first, sizeof(first), "+%s", sio_socket_id(sockets[0]));
    snprintf(second, sizeof(second), "+%s", sio_socket_id(sockets[1]));
    sim_expect(rooms, first);
    sim_expect(rooms, "+a");
    sim_expect(rooms, second);
    sim_expect_nothing(rooms);

    sim_texts walked = { 0 };
    const sio_adapter_host *host = &world.adapters[0].host;
    host->rooms(host->data, SIO_STR("/unknown"), note_room, &walked);
    sim_expect_nothing(&walked);
    host->rooms(host->data, SIO_STR("/"), note_room, &walked);
    assert_int_equal(walked.count, 3);
    sim_texts_clear(&walked);

    sio_socket_leave(sockets[0], "a");
    sim_expect_nothing(rooms);
    sio_socket_disconnect(sockets[1], true);
    second[0] = '-';
    sim_expect(rooms, second);
    sim_expect(rooms, "-a");
    sim_expect_nothing(rooms);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_are_counted),
        cmocka_unit_test(lists_are_united),
        cmocka_unit_test(clients_of_all_nodes_acknowledge),
        cmocka_unit_test(a_silent_node_is_missing),
        cmocka_unit_test(a_late_answer_is_too_late),
        cmocka_unit_test(what_comes_twice_ends_once),
        cmocka_unit_test(without_a_link_there_is_this_node),
        cmocka_unit_test(a_lost_link_ends_what_was_asked),
        cmocka_unit_test(a_node_that_closes_is_done),
        cmocka_unit_test(orders_reach_all_nodes),
        cmocka_unit_test(servers_hear_each_other),
        cmocka_unit_test(servers_answer_later_or_never),
        cmocka_unit_test(a_listener_may_close_the_server),
        cmocka_unit_test(unknown_requests_end),
        cmocka_unit_test(the_adapter_hears_of_rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
