#include "sim.h"

#include <sio/sys/cluster.h>

#define PEERS 5

static sim world;
static sio_namespace *root;
static sim_peer *peers[PEERS];
static sio_socket *sockets[PEERS];

static void start(void)
{
    sim_start(&world, 4, (sio_server_options){ 0 });
    root = sio_server_of(world.server, "/");
    sio_namespace_on_connection(root, sim_on_connection, &world);
    for (int i = 0; i < PEERS; i++) {
        peers[i] = sim_join(&world, SIO_EIO_WEBSOCKET);
        sockets[i] = sim_last;
    }
}

/* Bit i of `who`: peer i has got the text, and nothing else. */
static void expect_for(unsigned who, const char *text)
{
    sim_turn(&world);
    for (unsigned i = 0; i < PEERS; i++) {
        if (who & (1u << i))
            sim_expect(&peers[i]->inbox, text);
        sim_expect_nothing(&peers[i]->inbox);
    }
}

static void join(int i, const char *room)
{
    assert_int_equal(sio_socket_join(sockets[i], room), 0);
}

static void reaches_whom_it_names(void **state)
{
    (void)state;
    start();
    join(0, "a");
    join(1, "a");
    join(1, "b");
    join(2, "b");
    join(3, "c");

    assert_int_equal(sio_namespace_emit(root, NULL, "e", "i", 1), 0);
    expect_for(0x1f, "42[\"e\",1]");
    sio_namespace_emit(root, &(sio_target){ .rooms = SIO_ROOMS("a") }, "e", "i", 2);
    expect_for(0x03, "42[\"e\",2]");
    sio_namespace_emit(root, &(sio_target){ .rooms = SIO_ROOMS("a", "b") }, "e", "i", 3);
    expect_for(0x07, "42[\"e\",3]");
    sio_namespace_emit(root, &(sio_target){ .except = SIO_ROOMS("b", "nobody") }, "e", "i", 4);
    expect_for(0x19, "42[\"e\",4]");
    sio_namespace_emit(
        root, &(sio_target){ .rooms = SIO_ROOMS("a", "b"), .except = SIO_ROOMS("a") }, "e", "i", 5);
    expect_for(0x04, "42[\"e\",5]");
    sio_namespace_emit(root, &(sio_target){ .rooms = SIO_ROOMS(sio_socket_id(sockets[4])) }, "e",
                       "i", 6);
    expect_for(0x10, "42[\"e\",6]");
    sio_socket_broadcast(sockets[0], NULL, "e", "i", 7);
    expect_for(0x1e, "42[\"e\",7]");
    sio_socket_broadcast(sockets[1], &(sio_target){ .rooms = SIO_ROOMS("a", "b") }, "e", "i", 8);
    expect_for(0x05, "42[\"e\",8]");
    const char *const none[] = { NULL };
    sio_namespace_emit(root, &(sio_target){ .rooms = none }, "e", "i", 9);
    expect_for(0x1f, "42[\"e\",9]");
    sio_socket_leave(sockets[1], "a");
    sio_namespace_emit(root, &(sio_target){ .rooms = SIO_ROOMS("a") }, "e", "i", 10);
    expect_for(0x01, "42[\"e\",10]");
    sim_vanish(peers[0]);
    sio_namespace_emit(root, &(sio_target){ .rooms = SIO_ROOMS("a") }, "e", "i", 11);
    expect_for(0, NULL);
    sim_stop(&world);
}

static void rooms_can_be_asked_for(void **state)
{
    (void)state;
    start();
    join(0, "a");
    assert_int_equal(sio_socket_room_count(sockets[0]), 2);
    assert_string_equal(sio_socket_room_at(sockets[0], 0), sio_socket_id(sockets[0]));
    assert_string_equal(sio_socket_room_at(sockets[0], 1), "a");
    assert_null(sio_socket_room_at(sockets[0], 2));
    assert_ptr_equal(sio_namespace_socket(root, sio_socket_id(sockets[2])), sockets[2]);
    assert_null(sio_namespace_socket(root, "nobody"));
    assert_int_equal(sio_namespace_count(root), PEERS);
    sim_stop(&world);
}

static void nothing_is_encoded_for_nobody(void **state)
{
    (void)state;
    start();
    const uint64_t before = world.server->stats.broadcasts;
    const unsigned wakes = world.wakes;
    sio_namespace_emit(root, &(sio_target){ .rooms = SIO_ROOMS("nobody") }, "e", NULL);
    assert_int_equal(world.server->stats.broadcasts, before);
    assert_int_equal(world.wakes, wakes);
    sio_namespace_emit(root, NULL, "e", NULL);
    assert_int_equal(world.server->stats.broadcasts, before + 1);
    sim_stop(&world);
}

static void one_frame_is_shared(void **state)
{
    (void)state;
    start();
    sio_namespace_emit(root, NULL, "e", "s", "text");
    const sio_frame *frame = sio_outbox_at(&sim_client(peers[0])->outbox, 0);
    assert_int_equal(frame->refs, PEERS);
    for (int i = 1; i < PEERS; i++)
        assert_ptr_equal(sio_outbox_at(&sim_client(peers[i])->outbox, 0), frame);
    expect_for(0x1f, "42[\"e\",\"text\"]");
    sim_stop(&world);
}

static void volatile_waits_for_nobody(void **state)
{
    (void)state;
    start();
    sim_peer *polling = sim_join(&world, SIO_EIO_POLLING);
    sim_stick(peers[1]);
    sio_namespace_emit(root, NULL, "stuck", NULL);
    expect_for(0x1d, "42[\"stuck\"]");
    sio_namespace_emit(root, &(sio_target){ .flags = SIO_VOLATILE }, "e", NULL);
    sio_socket_emit_flags(sockets[1], SIO_VOLATILE, "f", NULL);
    expect_for(0x1d, "42[\"e\"]");
    assert_int_equal(world.server->stats.volatile_lost, 3);
    sim_unstick(peers[1]);
    expect_for(0x02, "42[\"stuck\"]");
    sio_socket_emit_flags(sockets[1], SIO_VOLATILE, "f", NULL);
    expect_for(0x02, "42[\"f\"]");
    assert_int_equal(sim_poll(polling), 0);
    sim_expect(&polling->inbox, "42[\"stuck\"]");
    sim_expect_nothing(&polling->inbox);
    assert_int_equal(sim_poll(polling), 0);
    sio_namespace_emit(root, &(sio_target){ .flags = SIO_VOLATILE }, "g", NULL);
    sim_turn(&world);
    sim_expect(&polling->inbox, "42[\"g\"]");
    sim_stop(&world);
}

static void an_emit_that_fails_reaches_nobody(void **state)
{
    (void)state;
    start();
    assert_int_equal(sio_namespace_emit(root, NULL, "e", "y"), SIO_EFORMAT);
    assert_int_equal(sio_namespace_emit(root, NULL, "e", "s", "\xff"), SIO_EUTF8);
    assert_int_equal(sio_namespace_emit(root, NULL, NULL, NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_emit(root, NULL, "e", "BBBBBBBBBBB", "", (size_t)0, "",
                                        (size_t)0, "", (size_t)0, "", (size_t)0, "", (size_t)0, "",
                                        (size_t)0, "", (size_t)0, "", (size_t)0, "", (size_t)0, "",
                                        (size_t)0, "", (size_t)0),
                     SIO_ELIMIT);
    const sio_target bad = { .rooms = SIO_ROOMS("\xff") }, worse = { .except = bad.rooms };
    assert_int_equal(sio_namespace_emit(root, &bad, "e", NULL), SIO_EUTF8);
    assert_int_equal(sio_namespace_emit(root, &worse, "e", NULL), SIO_EUTF8);
    assert_int_equal(sio_socket_join(sockets[0], "\xff"), SIO_EUTF8);
    expect_for(0, NULL);
    sim_stop(&world);
}

/* ---- the cluster ---- */

static sim_texts published;

static int opened(sio_adapter *adapter, sio_str nsp)
{
    (void)adapter;
    char text[64];
    const int len = snprintf(text, sizeof(text), "open %.*s", (int)nsp.len, nsp.data);
    sim_texts_add(&published, text, (size_t)len);
    return 0;
}

static int publish(sio_adapter *adapter, const sio_cluster_message *message)
{
    (void)adapter;
    char text[512];
    size_t len =
        (size_t)snprintf(text, sizeof(text), "%.*s", (int)message->nsp.len, message->nsp.data);
    for (size_t i = 0; i < message->rooms_count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, " +%s", message->rooms[i].data);
    for (size_t i = 0; i < message->except_count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, " -%.4s", message->except[i].data);
    char *json;
    assert_true(message->flags.present);
    assert_int_equal(sio_value_to_json(&message->data, &json, NULL), 0);
    len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s",
                            message->flags.is_volatile ? " volatile" : "",
                            message->flags.no_compress ? " plain" : "", json);
    sio_free(json);
    sim_texts_add(&published, text, len);
    return 0;
}

static void count(const sio_adapter *adapter, sio_cluster_stats *out)
{
    (void)adapter;
    out->published = 42;
}

static const sio_adapter_ops adapter_ops = { .open = opened, .broadcast = publish, .stats = count };

static void broadcasts_are_published(void **state)
{
    (void)state;
    sio_adapter adapter = { .ops = &adapter_ops };
    char text[64];
    start();
    assert_int_equal(sio_core_set_adapter(world.server, &adapter), 0);
    sim_expect(&published, "open /");
    sio_server_of(world.server, "/late");
    sim_expect(&published, "open /late");

    sio_namespace_emit(root, NULL, "e", "i", 1);
    sim_expect(&published, "/ [\"e\",1]");
    sio_namespace_emit(root,
                       &(sio_target){ .rooms = SIO_ROOMS("a", "b"),
                                      .except = SIO_ROOMS("c"),
                                      .flags = SIO_VOLATILE | SIO_UNCOMPRESSED },
                       "e", NULL);
    sim_expect(&published, "/ +a +b -c volatile plain [\"e\"]");
    sio_namespace_emit(root, &(sio_target){ .flags = SIO_LOCAL }, "e", NULL);
    sim_expect_nothing(&published);
    sio_socket_broadcast(sockets[0], &(sio_target){ .except = SIO_ROOMS("x") }, "e", NULL);
    snprintf(text, sizeof(text), "/ -%.4s -x [\"e\"]", sio_socket_id(sockets[0]));
    sim_expect(&published, text);

    sio_server_stats stats;
    sio_server_stats_get(world.server, &stats);
    assert_int_equal(stats.cluster.published, 42);
    assert_int_equal(stats.clients, PEERS);
    assert_int_equal(stats.clients_websocket, PEERS);
    sim_texts_clear(&published);
    sim_stop(&world);
}

static void the_cluster_delivers(void **state)
{
    (void)state;
    start();
    join(0, "a");
    join(1, "a");
    const sio_adapter_host host = sio_core_adapter_host(world.server);
    assert_true(host.has_room(host.data, SIO_STR("/"), SIO_STR("a")));
    assert_true(host.has_room(host.data, SIO_STR("/"), sio_str_from(sio_socket_id(sockets[3]))));
    assert_false(host.has_room(host.data, SIO_STR("/"), SIO_STR("b")));
    assert_false(host.has_room(host.data, SIO_STR("/b"), SIO_STR("a")));

    const sio_value items[] = { sio_value_of_string(SIO_STR("e")), sio_value_of_int(1) };
    sio_cluster_message message = { .nsp = SIO_STR("/"), .data = sio_value_of_array(items, 2) };
    host.deliver(host.data, &message);
    expect_for(0x1f, "42[\"e\",1]");
    const sio_str room = SIO_STR("a"), except = sio_str_from(sio_socket_id(sockets[1]));
    message.rooms = &room;
    message.rooms_count = 1;
    message.except = &except;
    message.except_count = 1;
    host.deliver(host.data, &message);
    expect_for(0x01, "42[\"e\",1]");
    message.nsp = SIO_STR("/unknown");
    host.deliver(host.data, &message);
    expect_for(0, NULL);
    sim_stop(&world);
}

static void hear_outgoing(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                          void *data)
{
    (void)socket, (void)ack;
    sim_note(data, "outgoing %s %d", event, (int)sio_args_int(args, 0));
}

/* Who listens to what goes out needs values, and so does whoever reads the log. */
static void the_cluster_delivers_json_where_that_is_enough(void **state)
{
    (void)state;
    start();
    const sio_adapter_host host = sio_core_adapter_host(world.server);
    join(2, "a");
    assert_true(host.takes_json(host.data, SIO_STR("/")));
    assert_false(host.takes_json(host.data, SIO_STR("/unknown")));
    const sio_str room = SIO_STR("a");
    sio_cluster_message message = {
        .nsp = SIO_STR("/"), .rooms = &room, .rooms_count = 1, .json = SIO_STR("[\"e\",{\"a\":1}]")
    };
    host.deliver(host.data, &message);
    expect_for(0x04, "42[\"e\",{\"a\":1}]");
    message.flags.is_volatile = message.flags.no_compress = true;
    host.deliver(host.data, &message);
    expect_for(0x04, "42[\"e\",{\"a\":1}]");
    assert_int_equal(sio_namespace_on_any_outgoing(root, hear_outgoing, &world), 0);
    assert_false(host.takes_json(host.data, SIO_STR("/")));
    sio_namespace_off_any_outgoing(root, hear_outgoing);
    assert_true(host.takes_json(host.data, SIO_STR("/")));
    sim_stop(&world);

    sim_start(&world, 5, (sio_server_options){ .parser = SIO_PARSER_MSGPACK });
    const sio_adapter_host other = sio_core_adapter_host(world.server);
    (void)sio_server_of(world.server, "/");
    assert_false(other.takes_json(other.data, SIO_STR("/")));
    sim_stop(&world);
}

static void note_state(sio_server *server, sio_cluster_state state, const char *detail, void *data)
{
    assert_ptr_equal(server, world.server);
    sim_note(data, "state %s %s", sio_cluster_state_text(state), detail);
}

static void note_log(sio_server *server, sio_log_level level, sio_log_category category,
                     const char *text, void *data)
{
    (void)server;
    sim_note(data, "log %s %s %s", sio_log_level_name(level), sio_log_category_name(category),
             text);
}

static void the_application_hears_of_the_link(void **state)
{
    (void)state;
    sim_start(&world, 5,
              (sio_server_options){ .on_cluster = note_state, .on_log = note_log, .data = &world });
    const sio_adapter_host host = sio_core_adapter_host(world.server);
    host.state(host.data, SIO_CLUSTER_READY, "redis://x");
    sim_expect(&world.journal, "log info adapter cluster ready: redis://x");
    sim_expect(&world.journal, "state ready redis://x");
    host.warn(host.data, "two\nlines");
    sim_expect(&world.journal, "log warn adapter two lines");
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_whom_it_names),
        cmocka_unit_test(rooms_can_be_asked_for),
        cmocka_unit_test(nothing_is_encoded_for_nobody),
        cmocka_unit_test(one_frame_is_shared),
        cmocka_unit_test(volatile_waits_for_nobody),
        cmocka_unit_test(an_emit_that_fails_reaches_nobody),
        cmocka_unit_test(broadcasts_are_published),
        cmocka_unit_test(the_cluster_delivers),
        cmocka_unit_test(the_cluster_delivers_json_where_that_is_enough),
        cmocka_unit_test(the_application_hears_of_the_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
