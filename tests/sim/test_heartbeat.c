#include "sim.h"

static sim world;

static sim_peer *start(sio_eio_transport transport)
{
    sim_begin(&world, 7, (sio_server_options){ .ping_interval_ms = 1000, .ping_timeout_ms = 300 });
    return sim_enter(&world, transport);
}

static void pings_after_each_pong(void **state)
{
    (void)state;
    sim_peer *peer = start(SIO_EIO_WEBSOCKET);
    for (int i = 0; i < 20; i++) {
        sim_wait(&world, 999);
        sim_expect_nothing(&peer->inbox);
        sim_wait(&world, 1);
        sim_expect(&peer->inbox, "2");
        sim_wait(&world, 299);
        sim_send(peer, "3");
    }
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void silence_ends_the_session(void **state)
{
    (void)state;
    sim_peer *peer = start(SIO_EIO_WEBSOCKET);
    sim_peer *lively = sim_enter(&world, SIO_EIO_WEBSOCKET);
    sim_wait(&world, 1000);
    sim_expect(&peer->inbox, "2");
    sim_send(lively, "3");
    sim_wait(&world, 299);
    sim_expect_nothing(&world.journal);
    sim_wait(&world, 1);
    sim_expect(&world.journal, "disconnect: ping timeout");
    sim_expect_nothing(&world.journal);
    sim_expect(&peer->inbox, "<close>");
    assert_non_null(sim_client(lively));
    sim_stop(&world);
}

static void other_packets_give_time_once(void **state)
{
    (void)state;
    sim_peer *peer = start(SIO_EIO_WEBSOCKET);
    sim_wait(&world, 1200);
    sim_send(peer, "42[\"x\"]");
    sim_wait(&world, 250);
    sim_send(peer, "42[\"x\"]");
    sim_expect_nothing(&world.journal);
    sim_wait(&world, 50);
    sim_expect(&world.journal, "disconnect: ping timeout");
    sim_stop(&world);
}

static void a_poll_that_waits_is_told(void **state)
{
    (void)state;
    sim_peer *peer = start(SIO_EIO_POLLING);
    assert_int_equal(sim_poll(peer), 0);
    sim_wait(&world, 1000);
    sim_expect(&peer->inbox, "2");
    assert_int_equal(sim_poll(peer), 0);
    sim_wait(&world, 300);
    sim_expect(&peer->inbox, "1");
    sim_expect(&world.journal, "disconnect: ping timeout");
    sim_stop(&world);
}

static void one_that_polls_no_more_is_noticed(void **state)
{
    (void)state;
    sim_peer *peer = start(SIO_EIO_POLLING);
    sim_wait(&world, 1300);
    sim_expect(&world.journal, "disconnect: ping timeout");
    assert_null(sim_client(peer));
    assert_int_equal(sim_poll(peer), SIO_ENOTFOUND);
    sim_stop(&world);
}

static void the_heartbeat_goes_on_over_an_upgrade(void **state)
{
    (void)state;
    sim_peer *peer = start(SIO_EIO_POLLING);
    assert_int_equal(sim_probe(peer), 0);
    sim_wait(&world, 1000);
    sim_probe_send(peer, "5");
    sim_expect(&peer->inbox, "2");
    sim_send(peer, "3");
    sim_wait(&world, 1000);
    sim_expect(&peer->inbox, "2");
    sim_wait(&world, 300);
    sim_expect(&world.journal, "disconnect: ping timeout");
    sim_stop(&world);
}

static void a_stuck_one_is_cut_off(void **state)
{
    (void)state;
    sim_peer *peer = start(SIO_EIO_WEBSOCKET);
    sim_stick(peer);
    sim_wait(&world, 1300);
    sim_expect(&world.journal, "disconnect: ping timeout");
    sim_expect(&peer->inbox, "<abort>");
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pings_after_each_pong),
        cmocka_unit_test(silence_ends_the_session),
        cmocka_unit_test(other_packets_give_time_once),
        cmocka_unit_test(a_poll_that_waits_is_told),
        cmocka_unit_test(one_that_polls_no_more_is_noticed),
        cmocka_unit_test(the_heartbeat_goes_on_over_an_upgrade),
        cmocka_unit_test(a_stuck_one_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
