/* A drain: who is told to go, when, and what everybody sees of it. */
#include "sim.h"

#include <sio/sys/limits.h>

#include "core/departures.h"

#define MANY 400

static sim world;
static struct {
    unsigned steps;
    uint64_t times[MANY]; /* when each client was told to go, since the drain began */
    size_t count;
    uint64_t start;
    sio_drain_progress last;
    void (*then)(void);
} seen;

static void on_progress(sio_server *server, const sio_drain_progress *progress, void *data)
{
    assert_ptr_equal(server, world.server);
    assert_ptr_equal(data, &seen);
    assert_true(progress->let_go > seen.last.let_go || seen.last.let_go == 0);
    while (seen.count < progress->let_go)
        seen.times[seen.count++] = world.now - seen.start;
    seen.last = *progress;
    seen.steps++;
    if (seen.then)
        seen.then();
}

static void drain(sio_drain_options options)
{
    memset(&seen, 0, sizeof(seen));
    options.on_progress = on_progress;
    options.data = &seen;
    seen.start = world.now;
    assert_int_equal(sio_departures_begin(world.server, &options), 0);
}

static void start_with(size_t clients)
{
    sim_start(&world, 7, (sio_server_options){ .ping_interval_ms = 10000000 });
    for (size_t i = 0; i < clients; i++)
        (void)sim_join(&world, SIO_EIO_WEBSOCKET);
}

/* Where the clients stand on average, and how far one is off at most, in milliseconds. */
static uint64_t worst_deviation(uint64_t span)
{
    uint64_t worst = 0;
    for (size_t i = 0; i < seen.count; i++) {
        const uint64_t ideal = span * (i + 1) / seen.count, is = seen.times[i];
        const uint64_t off = is > ideal ? is - ideal : ideal - is;
        worst = off > worst ? off : worst;
    }
    return worst;
}

static void clients_leave_evenly_over_the_time(void **state)
{
    (void)state;
    start_with(MANY);
    drain((sio_drain_options){ .deadline_ms = 20000 });
    sim_wait(&world, 19999);
    assert_in_range(seen.count, MANY - 2, MANY);
    assert_false(sio_departures_over(world.server) && world.server->clients.count > 0);
    sim_wait(&world, 1);
    assert_int_equal(seen.count, MANY);
    assert_int_equal(world.server->stats.drained, MANY);
    assert_int_equal(seen.last.left, 0);
    assert_in_range(worst_deviation(20000), 0, 20000 / 20);
    assert_true(sio_departures_over(world.server));
    sim_stop(&world);
}

/* Equal intervals would be a pulse that every node's clients come back with. */
static void jitter_varies_the_intervals_as_far_as_it_says(void **state)
{
    (void)state;
    static const uint32_t percent[] = { 1, 50, 100 };
    for (size_t i = 0; i < 3; i++) {
        uint64_t least = UINT64_MAX, most = 0;
        start_with(MANY);
        drain((sio_drain_options){
            .deadline_ms = 1000 * MANY * 2, .per_second = 1, .jitter = percent[i] });
        sim_wait(&world, 1000 * MANY * 2);
        assert_int_equal(seen.count, MANY);
        for (size_t k = 1; k < MANY; k++) {
            const uint64_t interval = seen.times[k] - seen.times[k - 1];
            least = interval < least ? interval : least;
            most = interval > most ? interval : most;
        }
        const uint64_t reach = 10 * percent[i];
        assert_in_range(least, 1000 - reach - (reach < 1000), 1000 - reach * 9 / 10 + 1);
        assert_in_range(most, 1000 + reach * 9 / 10 - 1, 1000 + reach + 1);
        sim_stop(&world);
    }
}

static void a_pace_ends_it_early(void **state)
{
    (void)state;
    start_with(100);
    drain((sio_drain_options){ .deadline_ms = 60000, .per_second = 50 });
    sim_wait(&world, 3000);
    assert_int_equal(seen.count, 100);
    assert_in_range(seen.times[99], 1700, 2300);
    assert_in_range(worst_deviation(2000), 0, 200);
    assert_true(sio_departures_over(world.server));
    sim_stop(&world);
}

static void the_deadline_wins_over_the_pace(void **state)
{
    (void)state;
    start_with(100);
    drain((sio_drain_options){ .deadline_ms = 1000, .per_second = 10 });
    sim_wait(&world, 1000);
    assert_int_equal(seen.count, 100);
    assert_in_range(worst_deviation(1000), 0, 150);
    sim_stop(&world);
}

/* A turn that comes late is made up for; after the deadline nobody is left. */
static void a_late_turn_is_made_up_for(void **state)
{
    (void)state;
    start_with(100);
    drain((sio_drain_options){ .deadline_ms = 1000 });
    world.now += 500;
    sio_core_tick(world.server, world.now);
    assert_in_range(seen.count, 35, 65);
    assert_int_equal(seen.steps, 1);
    assert_int_equal(seen.last.left_ms, 500);
    world.now += 5000;
    sio_core_tick(world.server, world.now);
    assert_int_equal(seen.count, 100);
    assert_int_equal(seen.last.left_ms, 0);
    sim_stop(&world);
    assert_int_equal(seen.steps, 2);
}

static void what_was_emitted_before_still_arrives(void **state)
{
    (void)state;
    sim_start(&world, 7, (sio_server_options){ .ping_interval_ms = 10000000 });
    sim_peer *peers[2] = { sim_join(&world, SIO_EIO_WEBSOCKET), sim_join(&world, SIO_EIO_POLLING) };
    sio_namespace *root = sio_server_of(world.server, "/");
    sio_namespace_on_disconnect(root, sim_on_disconnect, &world);
    assert_int_equal(sio_namespace_emit(root, NULL, "last", NULL), 0);
    drain((sio_drain_options){ .deadline_ms = 100 });
    sim_wait(&world, 100);
    sim_expect(&world.journal, "disconnect: server shutting down");
    sim_expect(&world.journal, "disconnect: server shutting down");
    assert_int_equal(sim_poll(peers[1]), 0);
    assert_int_equal(sim_poll(peers[1]), 0);
    sim_expect(&peers[0]->inbox, "42[\"last\"]");
    sim_expect(&peers[0]->inbox, "<close>");
    sim_expect(&peers[1]->inbox, "42[\"last\"]");
    sim_expect(&peers[1]->inbox, "1");
    assert_int_equal(world.server->clients.count, 0);
    sim_stop(&world);
}

static void who_is_not_told_yet_is_served(void **state)
{
    (void)state;
    start_with(1);
    sim_peer *peer = world.peers;
    (void)sio_server_of(world.server, "/b");
    drain((sio_drain_options){ .deadline_ms = 1000, .jitter = 1 });
    sim_wait(&world, 900);
    sim_send(peer, "40/b,");
    assert_memory_equal(sim_texts_next(&peer->inbox), "40/b,{\"sid\":", 12);
    assert_int_equal(seen.count, 0);
    sim_wait(&world, 100);
    assert_int_equal(seen.count, 1);
    sim_stop(&world);
}

static void no_new_session_begins(void **state)
{
    (void)state;
    sio_client *client;
    start_with(1);
    drain((sio_drain_options){ .keep_listening = true });
    assert_int_equal(sio_client_new(&client, world.server, SIO_EIO_POLLING, SIO_EIO_4, NULL, NULL),
                     SIO_ECLOSED);
    assert_int_equal(world.server->stats.clients, 1);
    sim_stop(&world);
}

static void it_is_over_when_the_last_one_leaves_by_itself(void **state)
{
    (void)state;
    start_with(2);
    drain((sio_drain_options){ .deadline_ms = 1000000 });
    sim_vanish(world.peers);
    sim_turn(&world);
    assert_false(sio_departures_over(world.server));
    sim_vanish(world.peers->all);
    sim_turn(&world);
    assert_true(sio_departures_over(world.server));
    assert_int_equal(seen.steps, 0);
    sim_stop(&world);
}

static void without_clients_it_is_over_at_once(void **state)
{
    (void)state;
    start_with(0);
    assert_int_equal(sio_departures_begin(world.server, NULL), 0);
    assert_true(world.woken);
    assert_true(sio_departures_over(world.server));
    sim_stop(&world);
}

static void bad_options_change_nothing(void **state)
{
    (void)state;
    const sio_drain_options bad[] = { { .jitter = 101 },
                                      { .per_second = 1000001 },
                                      { .deadline_ms = 0x80000000u } };
    start_with(1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(sio_departures_begin(world.server, &bad[i]), SIO_EINVAL);
    sim_wait(&world, 20000);
    assert_int_equal(world.server->stats.drained, 0);
    sio_core_close(world.server);
    assert_int_equal(sio_departures_begin(world.server, NULL), SIO_ECLOSED);
    sim_stop(&world);
}

/* ---- handlers that do more ---- */

static void close_server(void)
{
    sio_core_close(world.server);
}

static void hurry(void)
{
    seen.then = NULL;
    assert_int_equal(
        sio_departures_begin(
            world.server,
            &(sio_drain_options){ .deadline_ms = 10, .on_progress = on_progress, .data = &seen }),
        0);
}

static void its_callback_may_close_or_hurry(void **state)
{
    (void)state;
    start_with(20);
    drain((sio_drain_options){ .deadline_ms = 20000 });
    seen.then = close_server;
    sim_wait(&world, 20000);
    assert_int_equal(seen.steps, 1);
    assert_int_equal(world.server->clients.count, 0);
    sim_stop(&world);

    start_with(20);
    drain((sio_drain_options){ .deadline_ms = 20000 });
    seen.then = hurry;
    sim_wait(&world, 2200);
    assert_int_equal(seen.count, 20);
    assert_int_equal(world.server->stats.drained, 20);
    sim_stop(&world);
}

static sio_socket *victims[50];

static void add_victim(sio_socket *socket, void *data)
{
    (void)data;
    size_t i = 0;
    while (victims[i])
        i++;
    victims[i] = socket;
}

/* Each that goes takes another with it. */
static void take_another(sio_socket *socket, const char *reason, void *data)
{
    sio_socket *other = NULL;
    (void)reason;
    (void)data;
    for (size_t i = 0; i < 50; i++) {
        if (victims[i] == socket)
            victims[i] = NULL;
        else if (victims[i])
            other = victims[i];
    }
    (void)sio_namespace_emit(sio_socket_namespace(socket), NULL, "went", NULL);
    if (other && sim_random(&world, 2))
        sio_socket_disconnect(other, true);
}

/* The walk goes on where clients fall out of it. */
static void handlers_may_end_others_meanwhile(void **state)
{
    (void)state;
    sim_start(&world, 7, (sio_server_options){ .ping_interval_ms = 10000000 });
    sio_namespace *root = sio_server_of(world.server, "/");
    sio_namespace_on_disconnect(root, take_another, NULL);
    sio_namespace_on_connection(root, add_victim, NULL);
    for (int i = 0; i < 50; i++)
        sim_join(&world, i % 2 ? SIO_EIO_WEBSOCKET : SIO_EIO_POLLING);
    drain((sio_drain_options){ .deadline_ms = 1000 });
    for (int i = 0; i < 20; i++) {
        sim_wait(&world, 50);
        if (i % 3 == 0 && sim_client(world.peers) && world.peers->transport)
            sim_vanish(world.peers);
    }
    sim_wait(&world, SIO_LIMIT_CLOSE_MS);
    assert_int_equal(world.server->clients.count, 0);
    assert_int_equal(world.server->leaving, 0);
    assert_true(sio_departures_over(world.server));
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_leave_evenly_over_the_time),
        cmocka_unit_test(jitter_varies_the_intervals_as_far_as_it_says),
        cmocka_unit_test(a_pace_ends_it_early),
        cmocka_unit_test(the_deadline_wins_over_the_pace),
        cmocka_unit_test(a_late_turn_is_made_up_for),
        cmocka_unit_test(what_was_emitted_before_still_arrives),
        cmocka_unit_test(who_is_not_told_yet_is_served),
        cmocka_unit_test(no_new_session_begins),
        cmocka_unit_test(it_is_over_when_the_last_one_leaves_by_itself),
        cmocka_unit_test(without_clients_it_is_over_at_once),
        cmocka_unit_test(bad_options_change_nothing),
        cmocka_unit_test(its_callback_may_close_or_hurry),
        cmocka_unit_test(handlers_may_end_others_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
