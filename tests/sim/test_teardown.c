#include "sim.h"

#include <sio/sys/limits.h>

static sim world;
static sio_namespace *root;

static void start(sio_server_options options)
{
    root = sim_begin(&world, 9, options);
}

static sim_peer *join(sio_eio_transport transport)
{
    return sim_enter(&world, transport);
}

static void one_namespace_or_all(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    sio_namespace *other = sio_server_of(world.server, "/b");
    sio_namespace_on_connection(other, sim_on_connection, &world);
    sio_namespace_on_disconnect(other, sim_on_disconnect, &world);
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    sio_socket *first = sim_last;
    sim_send(peer, "40/b,");
    sim_expect(&world.journal, "/b connect");
    (void)sim_texts_next(&peer->inbox);

    sio_socket_emit(first, "last", NULL);
    sio_socket_disconnect(first, false);
    sio_socket_disconnect(first, true); /* too late */
    sim_turn(&world);
    sim_expect(&peer->inbox, "42[\"last\"]");
    sim_expect(&peer->inbox, "41");
    sim_expect_nothing(&peer->inbox);
    sim_expect(&world.journal, "disconnect: server namespace disconnect");
    assert_non_null(sim_client(peer));

    sio_socket *second = sim_last;
    sim_send(peer, "40");
    sim_expect(&world.journal, "connect");
    (void)sim_texts_next(&peer->inbox);
    sio_socket_disconnect(second, true);
    sim_turn(&world);
    sim_expect(&world.journal, "/b disconnect: server namespace disconnect");
    sim_expect(&world.journal, "disconnect: server namespace disconnect");
    sim_expect(&peer->inbox, "41/b,");
    sim_expect(&peer->inbox, "41");
    sim_expect(&peer->inbox, "<close>");
    sim_stop(&world);
}

static void the_last_bytes_wait_for_a_poll(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    sim_peer *peer = join(SIO_EIO_POLLING);
    sio_socket_emit(sim_last, "last", NULL);
    sio_socket_disconnect(sim_last, true);
    sim_wait(&world, SIO_LIMIT_CLOSE_MS - 1);
    assert_int_equal(sim_send(peer, "42[\"ignored\"]"), 0);
    assert_int_equal(sim_poll(peer), 0);
    sim_expect(&peer->inbox, "42[\"last\"]");
    sim_expect(&peer->inbox, "41");
    sim_expect_nothing(&peer->inbox);
    assert_int_equal(sim_poll(peer), 0);
    sim_expect(&peer->inbox, "1");
    assert_null(sim_client(peer));
    sim_stop(&world);
}

static void the_last_bytes_wait_for_room(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    sim_peer *patient = join(SIO_EIO_WEBSOCKET);
    sio_socket *socket = sim_last;
    sim_peer *stuck = join(SIO_EIO_WEBSOCKET);
    sim_stick(patient);
    sim_stick(stuck);
    sio_socket_disconnect(socket, true);
    sio_socket_disconnect(sim_last, true);
    sim_turn(&world);
    sim_expect_nothing(&patient->inbox);
    sim_wait(&world, SIO_LIMIT_CLOSE_MS - 1);
    sim_unstick(patient);
    sim_expect(&patient->inbox, "41");
    sim_expect(&patient->inbox, "<close>");
    sim_wait(&world, 1);
    sim_expect(&stuck->inbox, "<abort>");
    assert_int_equal(world.server->stats.clients, 0);
    sim_stop(&world);
}

static void who_does_not_read_is_dropped(void **state)
{
    (void)state;
    start((sio_server_options){ .max_buffered = 1000 });
    sim_peer *slow = join(SIO_EIO_WEBSOCKET);
    sim_peer *good = join(SIO_EIO_WEBSOCKET);
    sim_peer *polling = join(SIO_EIO_POLLING);
    sim_stick(slow);
    for (int i = 0; i < 100; i++) {
        sio_namespace_emit(root, NULL, "n", "s", "of about 40 bytes each, frame included");
        sim_turn(&world);
    }
    sim_expect(&world.journal, "disconnect: buffer overflow");
    sim_expect(&world.journal, "disconnect: buffer overflow");
    sim_expect_nothing(&world.journal);
    sim_expect(&slow->inbox, "<abort>");
    assert_null(sim_client(polling));
    for (int i = 0; i < 100; i++)
        sim_expect(&good->inbox, "42[\"n\",\"of about 40 bytes each, frame included\"]");
    assert_int_equal(world.server->stats.overflows, 2);
    sim_stop(&world);
}

static void a_burst_in_one_turn_is_no_overflow(void **state)
{
    (void)state;
    start((sio_server_options){ .max_buffered = 100 });
    sim_peer *peers[] = { join(SIO_EIO_WEBSOCKET), join(SIO_EIO_POLLING) };
    for (int i = 0; i < 20; i++)
        assert_int_equal(sio_namespace_emit(root, NULL, "n", "s", "twenty bytes and more"), 0);
    sim_turn(&world);
    assert_int_equal(sim_poll(peers[1]), 0);
    for (int i = 0; i < 40; i++)
        sim_expect(&peers[i / 20]->inbox, "42[\"n\",\"twenty bytes and more\"]");
    assert_int_equal(world.server->stats.overflows, 0);

    sio_namespace_emit(root, NULL, "n", "s",
                       "the polling client is behind now, by more than it "
                       "may be: it is not polling and this is much too long");
    sim_turn(&world);
    sio_namespace_emit(root, NULL, "n", NULL);
    sim_turn(&world);
    assert_int_equal(world.server->stats.overflows, 1);
    assert_null(sim_client(peers[1]));
    sim_stop(&world);
}

static void what_the_link_holds_counts_too(void **state)
{
    (void)state;
    start((sio_server_options){ .max_buffered = 1000 });
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    sim_stick(peer);
    peer->transport->link.pending = 985;
    assert_int_equal(sio_socket_emit(sim_last, "n", NULL), 0);
    sim_turn(&world);
    assert_non_null(sim_client(peer));
    assert_int_equal(sio_socket_emit(sim_last, "n", NULL), 0);
    sim_turn(&world);
    assert_null(sim_client(peer));
    sim_stop(&world);
}

/* Keeping a message of 16 bytes takes many more. */
static void many_small_messages_are_much(void **state)
{
    (void)state;
    start((sio_server_options){ .max_buffered = 100000 });
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    sim_stick(peer);
    unsigned taken = 0;
    for (; sim_client(peer); taken++) {
        (void)sio_socket_emit(sim_last, "n", NULL);
        sim_turn(&world);
    }
    assert_in_range(taken, 1000, 100000 / SIO_LIMIT_MESSAGE_COST);
    sim_stop(&world);
}

/* ---- handlers that end things ---- */

static sio_socket *victim;

static void end_self(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    assert_non_null(ack);
    sio_socket_disconnect(socket, sio_args_bool(args, 0));
    assert_false(sio_socket_connected(socket));
    assert_int_equal(sio_ack_send(ack, NULL), SIO_ECLOSED);
    assert_int_equal(sio_socket_emit(socket, "x", NULL), SIO_ECLOSED);
    assert_string_equal(sio_args_string(args, 1), "still here");
}

static void end_other(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    (void)ack;
    (void)data;
    sio_socket_disconnect(victim, sio_args_bool(args, 0));
}

static void handlers_may_end_sockets(void **state)
{
    (void)state;
    for (int close = 0; close < 2; close++) {
        char text[64];
        start((sio_server_options){ 0 });
        assert_int_equal(sio_namespace_on(root, "self", end_self, NULL), 0);
        assert_int_equal(sio_namespace_on(root, "other", end_other, NULL), 0);
        sim_peer *other = join(SIO_EIO_WEBSOCKET);
        victim = sim_last;
        sim_peer *peer = join(SIO_EIO_WEBSOCKET);
        snprintf(text, sizeof(text), "42[\"other\",%s]", close ? "true" : "false");
        sim_send(peer, text);
        sim_expect(&world.journal, "disconnect: server namespace disconnect");
        sim_expect(&other->inbox, "41");
        snprintf(text, sizeof(text), "421[\"self\",%s,\"still here\"]", close ? "true" : "false");
        sim_send(peer, text);
        sim_expect(&world.journal, "disconnect: server namespace disconnect");
        sim_expect(&peer->inbox, "41");
        assert_int_equal(sim_client(peer) == NULL, close);
        sim_stop(&world);
    }
}

static void rest_of_a_payload_is_ignored(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    assert_int_equal(sio_namespace_on(root, "self", end_self, NULL), 0);
    sim_peer *peer = join(SIO_EIO_POLLING);
    sim_send(peer, "421[\"self\",false,\"still here\"]\x1e"
                   "421[\"self\",false,\"still here\"]\x1e"
                   "42[\"x\"]");
    sim_expect(&world.journal, "disconnect: server namespace disconnect");
    sim_expect_nothing(&world.journal);
    assert_int_equal(sim_poll(peer), 0);
    sim_expect(&peer->inbox, "41");
    sim_expect_nothing(&peer->inbox);
    sim_stop(&world);
}

/* Everyone takes the next one along, and says so to all. */
static void pull_others(sio_socket *socket, const char *reason, void *data)
{
    (void)data;
    sim_note(&world, "disconnect: %s", reason);
    assert_int_equal(sio_socket_room_count(socket), 2);
    sio_socket_broadcast(socket, &(sio_target){ .rooms = SIO_ROOMS("room") }, "gone", NULL);
    sio_socket *next = sio_socket_context(socket);
    if (next)
        sio_socket_disconnect(next, true);
}

static void ends_may_spread(void **state)
{
    (void)state;
    sim_peer *peers[10];
    sio_socket *before = NULL;
    start((sio_server_options){ 0 });
    sio_namespace_on_disconnect(root, NULL, NULL);
    sio_namespace_on_disconnecting(root, pull_others, NULL);
    for (int i = 0; i < 10; i++) {
        peers[i] = join(SIO_EIO_WEBSOCKET);
        assert_int_equal(sio_socket_join(sim_last, "room"), 0);
        assert_int_equal(sio_socket_set_context(sim_last, before, NULL), 0);
        before = sim_last;
    }
    sim_vanish(peers[9]);
    sim_expect(&world.journal, "disconnect: transport close");
    for (int i = 0; i < 9; i++)
        sim_expect(&world.journal, "disconnect: server namespace disconnect");
    sim_expect_nothing(&world.journal);
    for (int i = 8; i >= 0; i--) {
        for (int gone = 9; gone > i; gone--)
            sim_expect(&peers[i]->inbox, "42[\"gone\"]");
        sim_expect(&peers[i]->inbox, "41");
        sim_expect(&peers[i]->inbox, "<close>");
    }
    assert_int_equal(world.server->stats.clients, 0);
    sim_stop(&world);
}

static void close_server(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)data;
    sio_core_close(sio_socket_server(socket));
    assert_true(sio_socket_connected(socket)); /* until the handlers have returned */
    assert_int_equal(sio_ack_send(ack, "i", 1), 0);
}

static void note_closed(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)socket;
    (void)args;
    sim_note(data, "%s", sio_err_name(error));
}

static void hold(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket;
    *(sio_next **)data = next;
}

static void a_handler_may_close_the_server(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    assert_int_equal(sio_namespace_on(root, "close", close_server, NULL), 0);
    sio_next *next = NULL;
    assert_int_equal(sio_namespace_use(sio_server_of(world.server, "/slow"), hold, &next), 0);
    sim_peer *polling = join(SIO_EIO_POLLING);
    sim_peer *stuck = join(SIO_EIO_WEBSOCKET);
    sim_stick(stuck);
    assert_int_equal(sio_socket_emit(sim_last, "unread", NULL), 0);
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    assert_int_equal(sio_socket_emit_ack(sim_last, 100, note_closed, &world, "q", NULL), 0);
    sim_turn(&world);
    sim_expect(&peer->inbox, "420[\"q\"]");
    sim_peer *pending = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(pending, "40/slow,");
    assert_non_null(next);
    assert_int_equal(sim_probe(polling), 0);

    sim_send(peer, "429[\"close\"]");
    for (int i = 0; i < 3; i++) {
        const char *line = sim_texts_next(&world.journal);
        if (strcmp(line, "SIO_ECLOSED") == 0)
            line = sim_texts_next(&world.journal);
        assert_string_equal(line, "disconnect: server shutting down");
    }
    sim_expect(&peer->inbox, "439[1]");
    sim_expect(&peer->inbox, "<close>");
    sim_expect(&pending->inbox, "<close>");
    sio_handshake *handshake = sio_handshake_new(&(sio_handshake_info){ .url = SIO_STR("/") });
    sio_client *client;
    assert_int_equal(
        sio_client_new(&client, world.server, SIO_EIO_WEBSOCKET, SIO_EIO_4, handshake, NULL),
        SIO_ECLOSED);
    sim_wait(&world, SIO_LIMIT_CLOSE_MS);
    assert_int_equal(world.server->stats.clients, 0);
    sim_expect(&stuck->inbox, "<abort>");
    sim_expect(&polling->inbox, "<abort>"); /* its probe */
    sio_next_pass(next);
    sim_stop(&world);
}

static struct {
    sio_socket *socket;
    sio_ack *ack;
} kept;

static void keep(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)data;
    kept.socket = sio_socket_ref(socket);
    kept.ack = sio_ack_ref(ack);
    assert_int_equal(sio_socket_set_context(socket, &kept, NULL), 0);
}

static void a_kept_socket_outlives_the_server(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    assert_int_equal(sio_namespace_on(root, "keep", keep, NULL), 0);
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    assert_int_equal(sio_socket_join(sim_last, "room"), 0);
    sim_send(peer, "421[\"keep\"]");
    sim_stop(&world);

    sio_socket *socket = kept.socket;
    assert_false(sio_socket_connected(socket));
    assert_int_equal(strlen(sio_socket_id(socket)), 20);
    assert_ptr_equal(sio_socket_context(socket), &kept);
    assert_string_equal(sio_socket_transport(socket), "");
    assert_int_equal(sio_socket_room_count(socket), 0);
    assert_null(sio_socket_room_at(socket, 0));
    assert_non_null(sio_socket_url(socket));
    assert_int_equal(sio_ack_send(kept.ack, NULL), SIO_ECLOSED);
    assert_int_equal(sio_socket_emit(socket, "e", NULL), SIO_ECLOSED);
    assert_int_equal(sio_socket_emit_ack(socket, 1, note_closed, NULL, "e", NULL), SIO_ECLOSED);
    assert_int_equal(sio_socket_on(socket, "e", keep, NULL), SIO_ECLOSED);
    assert_int_equal(sio_socket_join(socket, "room"), SIO_ECLOSED);
    sio_socket_leave(socket, "room");
    sio_socket_on_disconnect(socket, NULL, NULL);
    sio_socket_disconnect(socket, true);
    sio_ack_unref(kept.ack);
    sio_socket_unref(socket);
}

static void servers_do_not_know_each_other(void **state)
{
    (void)state;
    sim worlds[2];
    sim_peer *peers[2];
    for (int i = 0; i < 2; i++) {
        sim_start(&worlds[i], 10, (sio_server_options){ 0 });
        sio_namespace_on_disconnect(sio_server_of(worlds[i].server, "/"), sim_on_disconnect,
                                    &worlds[i]);
        peers[i] = sim_join(&worlds[i], SIO_EIO_WEBSOCKET);
    }
    sio_namespace_emit(sio_server_of(worlds[0].server, "/"), NULL, "e", NULL);
    sim_turn(&worlds[0]);
    sim_turn(&worlds[1]);
    sim_expect(&peers[0]->inbox, "42[\"e\"]");
    sim_expect_nothing(&peers[1]->inbox);
    sim_stop(&worlds[0]);
    sio_namespace_emit(sio_server_of(worlds[1].server, "/"), NULL, "e", NULL);
    sim_turn(&worlds[1]);
    sim_expect(&peers[1]->inbox, "42[\"e\"]");
    sim_expect_nothing(&worlds[1].journal);
    sim_stop(&worlds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_namespace_or_all),
        cmocka_unit_test(the_last_bytes_wait_for_a_poll),
        cmocka_unit_test(the_last_bytes_wait_for_room),
        cmocka_unit_test(who_does_not_read_is_dropped),
        cmocka_unit_test(a_burst_in_one_turn_is_no_overflow),
        cmocka_unit_test(what_the_link_holds_counts_too),
        cmocka_unit_test(many_small_messages_are_much),
        cmocka_unit_test(handlers_may_end_sockets),
        cmocka_unit_test(rest_of_a_payload_is_ignored),
        cmocka_unit_test(ends_may_spread),
        cmocka_unit_test(a_handler_may_close_the_server),
        cmocka_unit_test(a_kept_socket_outlives_the_server),
        cmocka_unit_test(servers_do_not_know_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
