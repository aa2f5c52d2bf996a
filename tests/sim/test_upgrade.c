#include "sim.h"

static sim world;
static sim_peer *peer;

static void start(sio_server_options options)
{
    sim_begin(&world, 6, options);
    peer = sim_enter(&world, SIO_EIO_POLLING);
}

static void say(int number)
{
    assert_int_equal(sio_socket_emit(sim_last, "n", "i", number), 0);
    sim_turn(&world);
}

static void expect_number(int number)
{
    char text[32];
    snprintf(text, sizeof(text), "42[\"n\",%d]", number);
    sim_expect(&peer->inbox, text);
}

static void nothing_is_lost_or_comes_twice(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    say(1);
    assert_int_equal(sim_poll(peer), 0);
    expect_number(1);
    assert_int_equal(sim_poll(peer), 0);
    assert_int_equal(sim_probe(peer), 0);
    say(2); /* by the poll that waits */
    expect_number(2);
    assert_int_equal(sim_poll(peer), 0);
    sim_probe_send(peer, "2probe");
    sim_expect(&peer->inbox, "probe: 3probe");
    sim_expect(&peer->inbox, "6"); /* so that the client can pause */
    assert_int_equal(sim_poll(peer), 0);
    sim_expect(&peer->inbox, "6"); /* it did not yet */
    say(3);
    say(4);
    sim_expect_nothing(&peer->inbox);
    sim_probe_send(peer, "5");
    expect_number(3);
    expect_number(4);
    say(5);
    expect_number(5);
    sim_expect_nothing(&peer->inbox);
    assert_string_equal(sio_socket_transport(sim_last), "websocket");
    assert_int_equal(world.server->stats.clients_websocket, 1);
    sim_wait(&world, 20000); /* the time for the upgrade has been cancelled */
    assert_non_null(sim_client(peer));
    assert_int_equal(sim_probe(peer), SIO_EEXISTS);
    sim_stop(&world);
}

static void a_poll_with_news_needs_no_noop(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    assert_int_equal(sim_probe(peer), 0);
    sim_probe_send(peer, "2probe");
    sim_expect(&peer->inbox, "probe: 3probe");
    say(1);
    assert_int_equal(sim_poll(peer), 0);
    expect_number(1);
    sim_expect_nothing(&peer->inbox);
    sim_stop(&world);
}

static void a_poll_that_still_waits_is_ended(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    assert_int_equal(sim_probe(peer), 0);
    assert_int_equal(sim_poll(peer), 0);
    assert_int_equal(sio_socket_emit(sim_last, "n", "i", 1), 0);
    sim_probe_send(peer, "5"); /* in the same turn as the emit, and without a probe */
    sim_expect(&peer->inbox, "6");
    expect_number(1);
    sim_expect_nothing(&peer->inbox);
    assert_non_null(sim_client(peer));
    assert_int_equal(sim_poll(peer), SIO_EINVAL);
    peer->websocket = false;
    assert_int_equal(sim_write(peer, "42[\"x\"]"), SIO_EINVAL);
    peer->websocket = true;
    sim_stop(&world);
}

static void only_the_probe_times_out(void **state)
{
    (void)state;
    start((sio_server_options){ .upgrade_timeout_ms = 500 });
    assert_int_equal(sim_probe(peer), 0);
    sim_probe_send(peer, "2probe");
    sim_expect(&peer->inbox, "probe: 3probe");
    assert_int_equal(sim_probe(peer), SIO_EEXISTS);
    sim_wait(&world, 499);
    assert_non_null(peer->probe);
    sim_wait(&world, 1);
    assert_null(peer->probe);
    sim_expect(&peer->inbox, "<abort>");
    assert_int_equal(sim_poll(peer), 0);
    sim_expect_nothing(&peer->inbox);
    say(1);
    expect_number(1);
    assert_int_equal(sim_probe(peer), 0); /* and it may try again */
    sim_stop(&world);
}

static void a_bad_probe_ends_alone(void **state)
{
    (void)state;
    const char *bad[] = { "x", "2other", "4hello", "" };
    start((sio_server_options){ 0 });
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(sim_probe(peer), 0);
        sim_probe_send(peer, bad[i]);
        sim_expect(&peer->inbox, "<abort>");
        assert_null(peer->probe);
    }
    assert_int_equal(sim_probe(peer), 0);
    sio_client_binary(sim_client(peer), &peer->probe->link, "x", 1);
    sim_expect(&peer->inbox, "<abort>");
    say(1);
    assert_int_equal(sim_poll(peer), 0);
    expect_number(1);
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void a_lost_probe_ends_alone(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    assert_int_equal(sim_probe(peer), 0);
    sim_link *probe = peer->probe;
    probe->open = false;
    peer->probe = NULL;
    sio_client_lost(sim_client(peer), &probe->link, SIO_EIO_TRANSPORT_ERROR);
    sim_turn(&world);
    assert_non_null(sim_client(peer));
    assert_int_equal(sim_probe(peer), 0);
    sim_stop(&world);
}

static void the_end_takes_the_probe_along(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    assert_int_equal(sim_poll(peer), 0);
    assert_int_equal(sim_probe(peer), 0);
    sim_link *poll = peer->transport;
    poll->open = false;
    peer->transport = NULL;
    sio_client_lost(sim_client(peer), &poll->link, SIO_EIO_TRANSPORT_ERROR);
    sim_turn(&world);
    sim_expect(&peer->inbox, "<abort>");
    sim_expect(&world.journal, "disconnect: transport error");
    assert_null(sim_client(peer));
    sim_stop(&world);
}

static void an_upgrade_can_end_in_the_farewell(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    assert_int_equal(sim_probe(peer), 0);
    sim_probe_send(peer, "2probe");
    sim_expect(&peer->inbox, "probe: 3probe");
    sio_socket_disconnect(sim_last, true);
    sim_turn(&world);
    sim_expect_nothing(&peer->inbox); /* the client polls no more */
    sim_probe_send(peer, "5");
    sim_expect(&peer->inbox, "41");
    sim_expect(&peer->inbox, "<close>");
    assert_null(sim_client(peer));
    sim_stop(&world);
}

static void upgrades_can_be_off(void **state)
{
    (void)state;
    start((sio_server_options){ .no_upgrades = true });
    assert_int_equal(sim_probe(peer), SIO_EINVAL);
    sim_stop(&world);
    start((sio_server_options){ .transports = SIO_TRANSPORT_POLLING });
    assert_int_equal(sim_probe(peer), SIO_EINVAL);
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_or_comes_twice),
        cmocka_unit_test(a_poll_with_news_needs_no_noop),
        cmocka_unit_test(a_poll_that_still_waits_is_ended),
        cmocka_unit_test(only_the_probe_times_out),
        cmocka_unit_test(a_bad_probe_ends_alone),
        cmocka_unit_test(a_lost_probe_ends_alone),
        cmocka_unit_test(the_end_takes_the_probe_along),
        cmocka_unit_test(an_upgrade_can_end_in_the_farewell),
        cmocka_unit_test(upgrades_can_be_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
