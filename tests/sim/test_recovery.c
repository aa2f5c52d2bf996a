/* Clients that lose their connection and come back, in virtual time. */
#include "sim.h"

#include <sio/err.h>

#include "core/recovery.h"

static sim world;
static sio_namespace *root;
static sio_next *held;
static char pid[21], sid[21], offset[64];

static void on_connection(sio_socket *socket, void *data)
{
    sim_on_connection(socket, data);
    if (sio_socket_recovered(socket))
        sim_note(&world, "recovered");
}

static void start_with(sio_server_options options)
{
    options.connection_state_recovery.enable = true;
    sim_start(&world, 31, options);
    root = sio_server_of(world.server, "/");
    sio_namespace_on_connection(root, on_connection, &world);
    held = NULL;
}

static void start(void)
{
    start_with((sio_server_options){ 0 });
}

/* The text between the last two quotes. */
static void take_last(const char *text, char *out, size_t size)
{
    const char *end = strrchr(text, '"');
    const char *begin = end - 1;
    while (*begin != '"')
        begin--;
    assert_in_range(end - begin - 1, 1, size - 1);
    snprintf(out, size, "%.*s", (int)(end - begin - 1), begin + 1);
}

static void take_ids(sim_peer *peer)
{
    const char *text = sim_texts_next(&peer->inbox);
    assert_int_equal(sscanf(text, "40{\"sid\":\"%20[^\"]\",\"pid\":\"%20[^\"]\"}", sid, pid), 2);
}

/* A packet that has an offset behind. */
static void expect_event(sim_peer *peer, const char *begin)
{
    const char *text = sim_texts_next(&peer->inbox);
    assert_non_null(text);
    assert_memory_equal(text, begin, strlen(begin));
    take_last(text, offset, sizeof(offset));
}

static sim_peer *come(void)
{
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40");
    take_ids(peer);
    sim_expect(&world.journal, "connect");
    return peer;
}

static sim_peer *return_with(const char *by_pid, const char *by_offset)
{
    char text[160];
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    snprintf(text, sizeof(text), "40{\"pid\":\"%s\",\"offset\":\"%s\"}", by_pid, by_offset);
    sim_send(peer, text);
    return peer;
}

static void say(const sio_target *target, const char *what)
{
    assert_int_equal(sio_namespace_emit(root, target, "say", "s", what), 0);
    sim_turn(&world);
}

static void expect_recovered(sim_peer *peer)
{
    char text[96];
    snprintf(text, sizeof(text), "40{\"sid\":\"%s\",\"pid\":\"%s\"}", sid, pid);
    sim_expect(&peer->inbox, text);
    sim_expect_nothing(&peer->inbox);
    sim_expect(&world.journal, "connect");
    sim_expect(&world.journal, "recovered");
    assert_string_equal(sio_socket_id(sim_last), sid);
}

static void expect_anew(sim_peer *peer)
{
    char before[21];
    memcpy(before, sid, sizeof(before));
    take_ids(peer);
    assert_string_not_equal(before, sid);
    sim_expect(&world.journal, "connect");
    sim_expect_nothing(&world.journal);
    assert_int_equal(sio_socket_room_count(sim_last), 1);
}

/* ---- coming back ---- */

static void who_comes_back_is_the_same(void **state)
{
    (void)state;
    start();
    sim_peer *peer = come();
    assert_int_equal(sio_socket_join(sim_last, "r"), 0);
    assert_int_equal(sio_socket_set_data(sim_last, "{s:i}", "n", 7), 0);
    say(NULL, "before");
    expect_event(peer, "42[\"say\",\"before\",\"");
    sim_vanish(peer);
    say(&(sio_target){ .rooms = SIO_ROOMS("r") }, "one");
    say(&(sio_target){ .rooms = SIO_ROOMS("other") }, "not for it");
    say(&(sio_target){ .except = SIO_ROOMS("r") }, "nor this");
    say(&(sio_target){ .flags = SIO_VOLATILE }, "volatile");
    say(&(sio_target){ .rooms = SIO_ROOMS(sid) }, "two");
    peer = return_with(pid, offset);
    expect_event(peer, "42[\"say\",\"one\",\"");
    expect_event(peer, "42[\"say\",\"two\",\"");
    expect_recovered(peer);
    assert_int_equal(sio_socket_room_count(sim_last), 2);
    assert_int_equal(sio_value_int(sio_value_get(sio_socket_data(sim_last), "n")), 7);
    say(&(sio_target){ .rooms = SIO_ROOMS("r") }, "three");
    expect_event(peer, "42[\"say\",\"three\",\"");
    sim_stop(&world);
}

static void what_is_emitted_to_it_alone_is_kept_as_well(void **state)
{
    (void)state;
    start();
    sim_peer *peer = come();
    assert_int_equal(sio_socket_emit(sim_last, "a", NULL), 0);
    assert_int_equal(sio_socket_emit(sim_last, "lost", "i", 2), 0);
    assert_int_equal(sio_socket_emit_flags(sim_last, SIO_VOLATILE, "v", NULL), 0);
    sim_turn(&world);
    expect_event(peer, "42[\"a\",\"");
    sim_vanish(peer); /* the client has got no more */
    peer = return_with(pid, offset);
    expect_event(peer, "42[\"lost\",2,\"");
    expect_recovered(peer);
    sim_stop(&world);
}

static void on_ack(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)socket, (void)error, (void)args, (void)data;
}

static void packets_that_ask_for_an_answer_have_no_offset(void **state)
{
    (void)state;
    start();
    sim_peer *peer = come();
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, on_ack, NULL, "ask", NULL), 0);
    sim_turn(&world);
    sim_expect(&peer->inbox, "420[\"ask\"]");
    sim_stop(&world);
}

static void a_session_is_recovered_once(void **state)
{
    (void)state;
    start();
    sim_peer *peer = come();
    say(NULL, "x");
    expect_event(peer, "42[\"say\",\"x\",\"");
    sim_vanish(peer);
    peer = return_with(pid, offset);
    expect_recovered(peer);
    char first[21];
    memcpy(first, pid, sizeof(first));
    expect_anew(return_with(first, offset)); /* while the first one is here */
    sim_stop(&world);
}

static void who_is_still_here_is_not_recovered(void **state)
{
    (void)state;
    start();
    sim_peer *peer = come();
    say(NULL, "x");
    expect_event(peer, "42[\"say\",\"x\",\"");
    expect_anew(return_with(pid, offset));
    assert_non_null(sim_client(peer));
    sim_stop(&world);
}

static void time_is_limited(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        start_with(
            (sio_server_options){ .connection_state_recovery = { .max_disconnection_ms = 1000 },
                                  .ping_interval_ms = 100000 });
        sim_peer *peer = come();
        say(NULL, "x");
        expect_event(peer, "42[\"say\",\"x\",\"");
        sim_vanish(peer);
        sim_wait(&world, 1000 + (uint64_t)late);
        peer = return_with(pid, offset);
        if (late)
            expect_anew(peer);
        else
            expect_recovered(peer);
        sim_stop(&world);
    }
}

static void what_is_kept_goes_by_itself(void **state)
{
    (void)state;
    start_with((sio_server_options){ .connection_state_recovery = { .max_disconnection_ms = 1000 },
                                     .ping_interval_ms = 1000,
                                     .ping_timeout_ms = 1000 });
    sim_peer *peer = come();
    say(NULL, "x");
    sim_vanish(peer);
    sio_server_stats stats;
    sio_server_stats_get(world.server, &stats);
    assert_int_equal(stats.sessions_kept, 1);
    assert_int_equal(stats.packets_kept, 1);
    assert_true(stats.recovery_bytes > 0);
    sim_wait(&world, 2500);
    sio_server_stats_get(world.server, &stats);
    assert_int_equal(stats.sessions_kept, 0);
    assert_int_equal(stats.packets_kept, 1);
    sim_wait(&world, 2000);
    sio_server_stats_get(world.server, &stats);
    assert_int_equal(stats.packets_kept, 0);
    assert_int_equal(stats.recovery_bytes, 0);
    assert_int_equal(stats.recovery_dropped, 0);
    assert_int_equal(world.armed, UINT64_MAX);
    sim_stop(&world);
}

/* Its last event is older than what is kept, but it has missed nothing. */
static void who_got_nothing_for_long_is_recovered_all_the_same(void **state)
{
    (void)state;
    start_with((sio_server_options){ .connection_state_recovery = { .max_disconnection_ms = 1000 },
                                     .ping_interval_ms = 100000,
                                     .ping_timeout_ms = 1000 });
    sim_peer *peer = come();
    say(NULL, "x");
    expect_event(peer, "42[\"say\",\"x\",\"");
    sim_wait(&world, 99000);
    sim_wait(&world, 999);
    sim_send(peer, "42[\"busy\"]");
    sim_wait(&world, 1000);
    sim_send(peer, "3");
    assert_non_null(sim_client(peer));
    sim_wait(&world, 50000);
    sio_server_stats stats;
    sio_server_stats_get(world.server, &stats);
    assert_int_equal(stats.packets_kept, 0);
    sim_vanish(peer);
    peer = return_with(pid, offset);
    expect_recovered(peer);
    sim_stop(&world);
}

static void who_left_is_not_kept(void **state)
{
    (void)state;
    start();
    sim_peer *peer = come();
    sim_send(peer, "41");
    peer = come();
    sio_socket_disconnect(sim_last, false);
    sim_turn(&world);
    peer = come();
    sio_socket_disconnect(sim_last, true);
    sim_turn(&world);
    sio_server_stats stats;
    sio_server_stats_get(world.server, &stats);
    assert_int_equal(stats.sessions_kept, 0);
    sim_stop(&world);
}

static void bytes_are_limited(void **state)
{
    (void)state;
    start_with((sio_server_options){ .connection_state_recovery = { .max_bytes = 4000 } });
    sim_peer *peer = come();
    say(NULL, "x");
    expect_event(peer, "42[\"say\",\"x\",\"");
    sim_vanish(peer);
    for (int i = 0; i < 100; i++)
        say(NULL, "filling up what is kept, so that the oldest has to go");
    sio_server_stats stats;
    sio_server_stats_get(world.server, &stats);
    assert_true(stats.recovery_bytes <= 4000);
    assert_true(stats.recovery_dropped > 0);
    expect_anew(return_with(pid, offset));
    sim_stop(&world);
}

static void who_missed_too_much_begins_anew(void **state)
{
    (void)state;
    static char text[5000];
    memset(text, 'x', sizeof(text) - 1);
    start_with((sio_server_options){ .max_buffered = 20000 });
    sim_peer *peer = come();
    say(NULL, "x");
    expect_event(peer, "42[\"say\",\"x\",\"");
    sim_vanish(peer);
    for (int i = 0; i < 5; i++)
        say(NULL, text);
    expect_anew(return_with(pid, offset));
    sim_stop(&world);
}

static void nonsense_begins_anew(void **state)
{
    (void)state;
    const char *wrong[] = { "",
                            ".",
                            "aaaaaa.1",
                            "x",
                            "00000000000000000000000000000000000000000000",
                            "\\u0000",
                            "aaaaaa.zzzzzzzzzzzz" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        start();
        sim_peer *peer = come();
        say(NULL, "x");
        expect_event(peer, "42[\"say\",\"x\",\"");
        sim_vanish(peer);
        expect_anew(return_with(pid, wrong[i]));
        sim_stop(&world);
    }
    const char *ends[] = { "0", " ", "A", "1" }; /* of an offset that is written otherwise */
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        start();
        sim_peer *peer = come();
        say(NULL, "x");
        expect_event(peer, "42[\"say\",\"x\",\"");
        sim_vanish(peer);
        strcat(offset, ends[i]);
        expect_anew(return_with(pid, offset));
        sim_stop(&world);
    }
}

/* ---- middlewares ---- */

static void hold(sio_socket *socket, sio_next *next, void *data)
{
    (void)data;
    sim_note(&world, sio_socket_recovered(socket) ? "hold recovered" : "hold");
    held = next;
}

static sim_peer *come_through(void)
{
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    assert_int_equal(sio_namespace_use(root, hold, NULL), 0);
    sim_send(peer, "40");
    sim_expect(&world.journal, "hold");
    sio_next_pass(held);
    sim_turn(&world);
    take_ids(peer);
    sim_expect(&world.journal, "connect");
    say(NULL, "x");
    expect_event(peer, "42[\"say\",\"x\",\"");
    sim_vanish(peer);
    return peer;
}

static void middlewares_are_skipped(void **state)
{
    (void)state;
    start();
    come_through();
    expect_recovered(return_with(pid, offset));
    sim_stop(&world);
}

static void middlewares_run_if_wanted_and_nothing_is_missed_meanwhile(void **state)
{
    (void)state;
    start_with((sio_server_options){ .connection_state_recovery = { .run_middlewares = true } });
    come_through();
    say(NULL, "away");
    sim_peer *peer = return_with(pid, offset);
    sim_expect(&world.journal, "hold recovered");
    sim_expect_nothing(&peer->inbox);
    say(NULL, "waiting");
    sim_expect_nothing(&peer->inbox);
    sio_next_pass(held);
    sim_turn(&world);
    expect_event(peer, "42[\"say\",\"away\",\"");
    expect_event(peer, "42[\"say\",\"waiting\",\"");
    expect_recovered(peer);
    sim_stop(&world);
}

static void who_is_refused_gets_nothing_of_it(void **state)
{
    (void)state;
    start_with((sio_server_options){ .connection_state_recovery = { .run_middlewares = true } });
    come_through();
    say(NULL, "away");
    sim_peer *peer = return_with(pid, offset);
    sim_expect(&world.journal, "hold recovered");
    sio_next_refuse(held, "no", NULL);
    sim_turn(&world);
    sim_expect(&peer->inbox, "44{\"message\":\"no\"}");
    sim_expect_nothing(&peer->inbox);
    peer = return_with(pid, offset);
    sim_expect(&world.journal, "hold");
    sim_vanish(peer);
    sio_next_pass(held);
    sim_stop(&world);
}

/* ---- a store that answers later ---- */

static struct {
    sio_recovery base;
    sio_restorer *asked;
    unsigned forgotten;
} store;

static int store_persist(sio_recovery *recovery, const sio_session *session, uint64_t now)
{
    (void)recovery, (void)session, (void)now;
    return 0;
}

static void store_restore(sio_recovery *recovery, sio_str nsp, sio_str by_pid, sio_str by_offset,
                          uint64_t now, sio_restorer *restorer)
{
    (void)recovery, (void)nsp, (void)now;
    assert_int_equal(by_pid.len, 20);
    assert_true(sio_str_equal(by_offset, SIO_STR("1-2")));
    store.asked = restorer;
}

static void store_forget(sio_recovery *recovery, sio_restorer *restorer)
{
    (void)recovery;
    assert_ptr_equal(restorer, store.asked);
    store.asked = NULL;
    store.forgotten++;
}

static void store_stats(const sio_recovery *recovery, sio_recovery_stats *out)
{
    (void)recovery;
    *out = (sio_recovery_stats){ 0 };
}

static void store_debt(const sio_recovery *recovery, uint64_t *promised, uint64_t *kept)
{
    (void)recovery;
    *promised = *kept = 0;
}

static const sio_recovery_ops store_ops = { .persist = store_persist,
                                            .restore = store_restore,
                                            .forget = store_forget,
                                            .stats = store_stats,
                                            .debt = store_debt };

static void start_with_store(void)
{
    start();
    sio_recovery_end(world.server);
    store.base.ops = &store_ops;
    store.asked = NULL;
    store.forgotten = 0;
    world.server->recovery = &store.base;
}

static const char some_pid[] = "abcdefghijklmnopqrst", some_sid[] = "ABCDEFGHIJKLMNOPQRST";

static void an_answer_may_come_later(void **state)
{
    (void)state;
    start_with_store();
    sim_peer *peer = return_with(some_pid, "1-2");
    sim_expect_nothing(&peer->inbox);
    assert_non_null(store.asked);
    const sio_value items[] = { sio_value_of_string(SIO_STR("ev")),
                                sio_value_of_string(SIO_STR("1-3")) };
    const sio_value missed = sio_value_of_array(items, 2);
    const sio_str rooms[] = { SIO_STR("ABCDEFGHIJKLMNOPQRST"), SIO_STR("r") };
    const sio_session session = { .nsp = SIO_STR("/"),
                                  .sid = SIO_STR("ABCDEFGHIJKLMNOPQRST"),
                                  .pid = SIO_STR("abcdefghijklmnopqrst"),
                                  .rooms = rooms,
                                  .rooms_count = 2,
                                  .data = { .type = SIO_TYPE_UNDEFINED } };
    store.asked->answer(store.asked, &session, &missed, 1);
    sim_turn(&world);
    sim_expect(&peer->inbox, "42[\"ev\",\"1-3\"]");
    memcpy(pid, some_pid, sizeof(pid));
    memcpy(sid, some_sid, sizeof(sid));
    expect_recovered(peer);

    peer = return_with(some_pid, "1-2"); /* the id is in use here */
    store.asked->answer(store.asked, &session, &missed, 1);
    sim_turn(&world);
    expect_anew(peer);
    sim_stop(&world);
}

static void who_leaves_meanwhile_is_forgotten(void **state)
{
    (void)state;
    start_with_store();
    sim_vanish(return_with(some_pid, "1-2"));
    assert_int_equal(store.forgotten, 1);
    sim_peer *peer = return_with(some_pid, "1-2");
    sim_send(peer, "42[\"early\"]");
    sim_expect(&peer->inbox, "<close>");
    assert_int_equal(store.forgotten, 2);
    return_with(some_pid, "1-2");
    sim_stop(&world);
    assert_int_equal(store.forgotten, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_back_is_the_same),
        cmocka_unit_test(what_is_emitted_to_it_alone_is_kept_as_well),
        cmocka_unit_test(packets_that_ask_for_an_answer_have_no_offset),
        cmocka_unit_test(a_session_is_recovered_once),
        cmocka_unit_test(who_is_still_here_is_not_recovered),
        cmocka_unit_test(time_is_limited),
        cmocka_unit_test(what_is_kept_goes_by_itself),
        cmocka_unit_test(who_got_nothing_for_long_is_recovered_all_the_same),
        cmocka_unit_test(who_left_is_not_kept),
        cmocka_unit_test(bytes_are_limited),
        cmocka_unit_test(who_missed_too_much_begins_anew),
        cmocka_unit_test(nonsense_begins_anew),
        cmocka_unit_test(middlewares_are_skipped),
        cmocka_unit_test(middlewares_run_if_wanted_and_nothing_is_missed_meanwhile),
        cmocka_unit_test(who_is_refused_gets_nothing_of_it),
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(who_leaves_meanwhile_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
