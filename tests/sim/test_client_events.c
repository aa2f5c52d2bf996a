/* The connection under the sockets: what the application is told of it, and does with it. */
#include "sim.h"

#include <sio/client.h>

static sim world;
static sio_namespace *root;
static sio_client *last;
static const sio_client_events *wanted;
static const char *closes_at; /* the client is closed in this event */

static void event(sio_client *client, const char *name)
{
    if (closes_at && strcmp(closes_at, name) == 0)
        sio_client_close(client);
}

static void note_packet(const char *what, const sio_engine_packet *packet)
{
    sim_note(&world, "%s %c%s%.*s", what, (char)packet->type, packet->binary ? "b" : "",
             packet->binary ? 0 : (int)packet->length, packet->data);
}

static void on_packet(sio_client *client, const sio_engine_packet *packet, void *data)
{
    assert_ptr_equal(data, &world);
    note_packet("packet", packet);
    event(client, "packet");
}

static bool on_data(sio_client *client, const sio_engine_packet *packet, void *data)
{
    (void)data;
    event(client, "data");
    if (packet->length == 0 || packet->data[0] != '!')
        return false;
    note_packet("data", packet);
    assert_int_equal(sio_client_send(client, packet->data, packet->length, packet->binary), 0);
    return true;
}

static void on_packet_create(sio_client *client, const sio_engine_packet *packet, void *data)
{
    (void)data;
    note_packet("create", packet);
    event(client, "packet_create");
}

static void on_flush(sio_client *client, size_t packets, void *data)
{
    (void)data;
    sim_note(&world, "flush %zu", packets);
    event(client, "flush");
}

static void on_drain(sio_client *client, void *data)
{
    (void)data;
    sim_note(&world, "drain");
    event(client, "drain");
}

static void on_upgrading(sio_client *client, void *data)
{
    (void)data;
    sim_note(&world, "upgrading");
    event(client, "upgrading");
}

static void on_upgrade(sio_client *client, void *data)
{
    (void)data;
    sim_note(&world, "upgrade to %s", sio_client_transport(client));
    event(client, "upgrade");
}

static void on_heartbeat(sio_client *client, void *data)
{
    (void)data;
    sim_note(&world, "heartbeat");
    event(client, "heartbeat");
}

static void on_close(sio_client *client, const char *reason, const char *description, void *data)
{
    (void)data;
    sim_note(&world, "close: %s%s%s", reason, description ? ", " : "",
             description ? description : "");
    assert_string_equal(sio_client_state(client), "closed");
    assert_int_equal(sio_client_on(client, NULL, NULL), SIO_ECLOSED);
    assert_int_equal(sio_client_send(client, "x", 1, false), SIO_ECLOSED);
    sio_client_close(client);
}

static const sio_client_events all = {
    .packet = on_packet,
    .data = on_data,
    .packet_create = on_packet_create,
    .flush = on_flush,
    .drain = on_drain,
    .upgrading = on_upgrading,
    .upgrade = on_upgrade,
    .heartbeat = on_heartbeat,
    .close = on_close,
};

static void on_client(sio_server *server, sio_client *client, void *data)
{
    assert_ptr_equal(data, &world);
    assert_true(sio_client_server(client) == server);
    assert_string_equal(sio_client_state(client), "open");
    last = client;
    sim_note(&world, "client");
    if (wanted)
        assert_int_equal(sio_client_on(client, wanted, &world), 0);
    event(client, "client");
}

static void start(const sio_client_events *events)
{
    wanted = events;
    closes_at = NULL;
    root = sim_begin(&world, 3, (sio_server_options){ .on_client = on_client, .data = &world });
}

/* The journal up to now is of no interest. */
static void forget_journal(void)
{
    while (sim_texts_next(&world.journal))
        continue;
}

static void a_client_knows_itself(void **state)
{
    (void)state;
    start(NULL);
    sim_peer *peer = sim_join(&world, SIO_EIO_POLLING);
    sim_expect(&world.journal, "client");
    sim_expect(&world.journal, "connect");
    assert_ptr_equal(sio_socket_client(sim_last), last);
    assert_string_equal(sio_client_id(last), peer->sid);
    assert_string_equal(sio_client_transport(last), "polling");
    assert_int_equal(sio_client_protocol(last), 4);
    assert_int_equal(sio_client_buffered(last), 0);
    assert_string_equal(sio_client_address(last), "127.0.0.1");
    assert_string_equal(sio_client_header(last, "x-name"), "one, two");
    assert_string_equal(sio_client_query(last, "EIO"), "4");
    assert_non_null(sio_client_url(last));
    assert_int_equal(sio_client_send(last, "abc", 3, false), 0);
    assert_true(sio_client_buffered(last) > 3);
    assert_int_equal(sio_client_on(last, NULL, NULL), 0);
    sio_socket *socket = sio_socket_ref(sim_last);
    sim_vanish(peer);
    sio_client_close(last);
    assert_string_equal(sio_client_state(last), "closing");
    assert_int_equal(sim_poll(peer), 0);
    assert_int_equal(sim_poll(peer), 0);
    assert_null(sim_client(peer));
    assert_null(sio_socket_client(socket));
    sio_socket_unref(socket);
    sim_stop(&world);
}

static void events_of_a_life(void **state)
{
    (void)state;
    start(&all);
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    char created[64];
    snprintf(created, sizeof(created), "create 40{\"sid\":\"%s\"}", sio_socket_id(sim_last));
    sim_expect(&world.journal, "client");
    sim_expect(&world.journal, "flush 1");
    sim_expect(&world.journal, "drain");
    sim_expect(&world.journal, "packet 40");
    sim_expect(&world.journal, created);
    sim_expect(&world.journal, "connect");
    sim_expect(&world.journal, "flush 1");
    sim_expect(&world.journal, "drain");
    assert_int_equal(sio_socket_emit(sim_last, "a", "B", "x", (size_t)1), 0);
    sim_expect(&world.journal, "create 451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
    sim_expect(&world.journal, "create 4b");
    sim_turn(&world);
    sim_expect(&world.journal, "flush 1");
    sim_expect(&world.journal, "drain");
    sim_wait(&world, 25000);
    sim_expect(&world.journal, "create 2");
    sim_expect(&world.journal, "flush 1");
    sim_expect(&world.journal, "drain");
    sim_send(peer, "3");
    sim_expect(&world.journal, "packet 3");
    sim_expect(&world.journal, "heartbeat");
    sim_expect_nothing(&world.journal);
    sim_vanish(peer);
    sim_expect(&world.journal, "disconnect: transport close");
    sim_expect(&world.journal, "close: transport close");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void messages_may_be_served_raw(void **state)
{
    (void)state;
    start(&all);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    forget_journal();
    sim_send(peer, "4!raw");
    sim_expect(&world.journal, "packet 4!raw");
    sim_expect(&world.journal, "data 4!raw");
    sim_expect(&world.journal, "create 4!raw");
    sim_expect(&world.journal, "flush 1");
    sim_expect(&world.journal, "drain");
    sim_expect(&peer->inbox, "4!raw");
    sim_send_binary(peer, "!\0", 2);
    sim_expect(&peer->inbox, "b:2100");
    assert_int_equal(sio_client_send(last, "\xff", 1, false), SIO_EUTF8);
    assert_int_equal(sio_client_send(last, "\xff", 1, true), 0);
    assert_int_equal(sio_client_send(last, NULL, 0, false), 0);
    sim_turn(&world);
    sim_expect(&peer->inbox, "b:ff");
    sim_expect(&peer->inbox, "4");
    sim_send(peer, "4no packet");
    sim_expect(&peer->inbox, "<close>");
    sim_stop(&world);
}

static void broadcasts_are_told_of_when_all_have_them(void **state)
{
    (void)state;
    start(&all);
    sim_peer *peers[2];
    for (int i = 0; i < 2; i++)
        peers[i] = sim_join(&world, SIO_EIO_WEBSOCKET);
    forget_journal();
    assert_int_equal(sio_namespace_emit(root, NULL, "a", "B", "x", (size_t)1), 0);
    for (int i = 0; i < 2; i++) {
        sim_expect(&world.journal, "create 451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
        sim_expect(&world.journal, "create 4b");
    }
    sim_expect_nothing(&world.journal);
    assert_true(sio_list_empty(&world.server->created));
    closes_at = "packet_create";
    assert_int_equal(sio_namespace_emit(root, NULL, "b", NULL), 0);
    for (int i = 0; i < 2; i++) {
        sim_expect(&world.journal, "create 42[\"b\"]");
        sim_expect(&world.journal, "disconnect: forced close");
    }
    sim_turn(&world);
    for (int i = 0; i < 2; i++) {
        sim_expect(&peers[i]->inbox, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
        sim_expect(&peers[i]->inbox, "b:78");
        sim_expect(&peers[i]->inbox, "42[\"b\"]");
        sim_expect(&peers[i]->inbox, "<close>");
    }
    sim_stop(&world);
}

static void upgrades_are_told(void **state)
{
    (void)state;
    start(&all);
    sim_peer *peer = sim_open(&world, SIO_EIO_POLLING);
    assert_int_equal(sim_probe(peer), 0);
    forget_journal();
    sim_probe_send(peer, "2probe");
    sim_expect(&world.journal, "upgrading");
    sim_probe_send(peer, "5");
    sim_expect(&world.journal, "upgrade to websocket");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void revision_3_beats_by_pings(void **state)
{
    (void)state;
    start(&all);
    sim_peer *peer = sim_open_as(&world, SIO_EIO_WEBSOCKET, SIO_EIO_3);
    assert_int_equal(sio_client_protocol(last), 3);
    sim_expect(&world.journal, "client");
    sim_expect(&world.journal, "create 40");
    forget_journal();
    assert_int_equal(sio_namespace_emit(root, NULL, "a", "B", "x", (size_t)1), 0);
    sim_expect(&world.journal, "create 451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
    sim_expect(&world.journal, "create 4b");
    sim_turn(&world);
    forget_journal();
    sim_send(peer, "2");
    sim_expect(&world.journal, "packet 2");
    sim_expect(&world.journal, "create 3");
    sim_expect(&world.journal, "heartbeat");
    sim_stop(&world);
}

static void overflows_are_described(void **state)
{
    (void)state;
    start(&all);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    forget_journal();
    sio_client_fail(sim_client(peer), "enough");
    sim_turn(&world);
    sim_expect(&world.journal, "close: transport error, enough");
    sim_stop(&world);
}

/* A life with an upgrade, a heartbeat, events both ways; it may end anywhere. */
static void live(void)
{
    sim_peer *peer = sim_open(&world, SIO_EIO_POLLING);
    (void)sim_send(peer, "40");
    (void)sim_poll(peer);
    if (sim_client(peer) && sim_probe(peer) == 0)
        sim_probe_send(peer, "2probe");
    if (sim_client(peer) && peer->probe)
        sim_probe_send(peer, "5");
    if (sim_client(peer) && peer->transport) {
        (void)sim_send(peer, "42[\"x\"]");
        (void)sio_namespace_emit(root, NULL, "a", NULL);
        sim_turn(&world);
    }
    if (sim_client(peer) && peer->transport && peer->websocket)
        (void)sim_send(peer, "4!raw");
    sim_wait(&world, 25000);
    if (sim_client(peer) && peer->transport)
        (void)sim_send(peer, "3");
    sim_wait(&world, 60000);
}

static void it_may_be_closed_in_every_event(void **state)
{
    static const char *const events[] = { "packet", "data",      "packet_create", "flush",
                                          "drain",  "upgrading", "upgrade",       "heartbeat" };
    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
        start(&all);
        closes_at = events[i];
        live();
        assert_int_equal(world.server->stats.clients, 0);
        closes_at = NULL;
        sim_stop(&world);
    }
}

static void it_may_be_closed_at_once(void **state)
{
    (void)state;
    start(&all);
    closes_at = "client";
    for (int dialect = 0; dialect < 2; dialect++) {
        sim_peer *peer = sim_open_as(&world, SIO_EIO_WEBSOCKET, (sio_eio_dialect)dialect);
        sim_expect(&peer->inbox, "<close>");
        sim_expect(&world.journal, "client");
        sim_expect(&world.journal, "flush 1");
        sim_expect(&world.journal, "close: forced close");
        sim_expect_nothing(&world.journal);
    }
    sim_stop(&world);
}

static void discard_before_it_goes(sio_client *client, size_t packets, void *data)
{
    (void)packets;
    (void)data;
    sio_client_discard(client);
}

static void what_is_about_to_be_sent_may_be_discarded(void **state)
{
    (void)state;
    static const sio_client_events some = { .flush = discard_before_it_goes };
    start(NULL);
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    assert_int_equal(sio_client_on(last, &some, NULL), 0);
    assert_int_equal(sio_client_send(last, "never", 5, false), 0);
    sim_turn(&world);
    sim_expect(&peer->inbox, "<close>");
    sim_expect_nothing(&peer->inbox);
    sim_stop(&world);
}

static void what_is_queued_may_be_discarded(void **state)
{
    (void)state;
    start(NULL);
    sim_peer *peer = sim_join(&world, SIO_EIO_POLLING);
    assert_int_equal(sio_client_send(last, "never", 5, false), 0);
    sio_client_discard(last);
    assert_string_equal(sio_client_state(last), "closing");
    sim_turn(&world);
    assert_int_equal(sio_client_buffered(last), 0);
    assert_int_equal(sim_poll(peer), 0);
    sim_expect(&peer->inbox, "1");
    sim_expect_nothing(&peer->inbox);
    assert_null(sim_client(peer));

    peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    assert_int_equal(sio_client_send(last, "never", 5, false), 0);
    sio_client_close(last);
    sio_client_discard(last);
    sim_turn(&world);
    sim_expect(&peer->inbox, "<close>");
    assert_null(sim_client(peer));
    sim_stop(&world);
}

/* ---- what handlers may do to the handlers ---- */

static void take_away(sio_client *client, const sio_engine_packet *packet, void *data)
{
    (void)packet;
    (void)data;
    sim_note(&world, "taken away");
    assert_int_equal(sio_client_on(client, NULL, NULL), 0);
}

static void events_may_be_taken_away(void **state)
{
    static const sio_client_events some = { .packet = take_away,
                                            .data = on_data,
                                            .heartbeat = on_heartbeat };
    (void)state;
    start(&some);
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_expect(&world.journal, "client");
    sim_expect(&world.journal, "taken away");
    sim_expect(&world.journal, "connect");
    sim_send(peer, "4!raw");
    sim_expect(&world.journal, "disconnect: forced close");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_knows_itself),
        cmocka_unit_test(events_of_a_life),
        cmocka_unit_test(messages_may_be_served_raw),
        cmocka_unit_test(broadcasts_are_told_of_when_all_have_them),
        cmocka_unit_test(upgrades_are_told),
        cmocka_unit_test(revision_3_beats_by_pings),
        cmocka_unit_test(overflows_are_described),
        cmocka_unit_test(it_may_be_closed_in_every_event),
        cmocka_unit_test(it_may_be_closed_at_once),
        cmocka_unit_test(events_may_be_taken_away),
        cmocka_unit_test(what_is_queued_may_be_discarded),
        cmocka_unit_test(what_is_about_to_be_sent_may_be_discarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
