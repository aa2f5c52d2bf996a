/* Namespaces that are made as clients ask for them. */
#include "sim.h"

#include <sio/sys/limits.h>

static sim world;
static sio_namespace *parent;
static sio_next *held[4];
static size_t held_count;
static sio_socket *kept;

static void on_new(sio_server *server, sio_namespace *nsp, void *data)
{
    (void)data;
    assert_ptr_equal(sio_namespace_server(nsp), server);
    sim_note(&world, "new %s", sio_namespace_name(nsp));
}

static void start_with(sio_server_options options)
{
    held_count = 0;
    options.on_new_namespace = on_new;
    sim_start(&world, 21, options);
}

static void watch(sio_namespace *nsp)
{
    sio_namespace_on_connection(nsp, sim_on_connection, &world);
    sio_namespace_on_disconnect(nsp, sim_on_disconnect, &world);
}

static void start_pattern(sio_server_options options)
{
    start_with(options);
    assert_int_equal(sio_server_of_pattern(world.server, &parent, "^/dyn-[0-9]+$"), 0);
    watch(parent);
}

static void expect_joined(sim_peer *peer, const char *nsp)
{
    char text[128];
    snprintf(text, sizeof(text), "40%s,{\"sid\":\"%s\"}", nsp, sio_socket_id(sim_last));
    sim_expect(&peer->inbox, text);
}

static sim_peer *join(const char *nsp)
{
    char text[128];
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    snprintf(text, sizeof(text), "40%s,", nsp);
    sim_send(peer, text);
    expect_joined(peer, nsp);
    return peer;
}

static void expect_refused(sim_peer *peer, const char *nsp, const char *message)
{
    char text[128];
    snprintf(text, sizeof(text), "44%s,{\"message\":\"%s\"}", nsp, message);
    sim_expect(&peer->inbox, text);
}

/* ---- by pattern ---- */

static void a_name_that_matches_becomes_a_namespace(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ 0 });
    join("/dyn-7");
    sim_expect(&world.journal, "new /dyn-7");
    sim_expect(&world.journal, "/dyn-7 connect");
    join("/dyn-7");
    sim_expect(&world.journal, "/dyn-7 connect");
    assert_int_equal(sio_namespace_count(sio_server_of(world.server, "/dyn-7")), 2);
    assert_int_equal(sio_namespace_count(parent), 0);
    assert_int_equal(world.server->stats.dynamic_namespaces, 1);
    sim_stop(&world);
}

static void a_name_that_does_not_match_is_refused(void **state)
{
    (void)state;
    const char *names[] = { "/dyn-", "/dyn-7x", "/x/dyn-7", "/_0" };
    start_pattern((sio_server_options){ 0 });
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    for (size_t i = 0; i < 4; i++) {
        char text[64];
        snprintf(text, sizeof(text), "40%s,", names[i]);
        sim_send(peer, text);
        expect_refused(peer, names[i], "Invalid namespace");
    }
    sim_write_bytes(peer, SIO_STR("40/dyn-7\0x,"));
    sim_turn(&world);
    assert_non_null(sim_texts_next(&peer->inbox));
    sim_expect_nothing(&world.journal);
    assert_int_equal(world.server->namespaces.count, 1);
    sim_stop(&world);
}

static void of_by_name_makes_a_child_where_a_pattern_matches(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ 0 });
    sio_namespace *child = sio_server_of(world.server, "dyn-1");
    sim_expect(&world.journal, "new /dyn-1");
    assert_ptr_equal(sio_server_of(world.server, "/dyn-1"), child);
    assert_non_null(sio_server_of(world.server, "/plain"));
    sim_expect(&world.journal, "new /plain");
    join("/dyn-1");
    sim_expect(&world.journal, "/dyn-1 connect");
    sim_stop(&world);
}

static void patterns_that_are_none_are_refused(void **state)
{
    (void)state;
    start_with((sio_server_options){ 0 });
    sio_namespace *out = NULL;
    assert_int_equal(sio_server_of_pattern(world.server, &out, "^/(a"), SIO_EINVAL);
    assert_int_equal(sio_server_of_pattern(world.server, &out, NULL), SIO_EINVAL);
    assert_int_equal(sio_server_of_check(world.server, &out, NULL, NULL), SIO_EINVAL);
    assert_null(out);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/a,");
    expect_refused(peer, "/a", "Invalid namespace");
    sim_stop(&world);
}

/* ---- what children have from their parent ---- */

static void on_tell(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)args, (void)ack;
    sim_note(&world, "%s", (const char *)data);
}

static void note_pass(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket;
    sim_note(&world, "%s", (const char *)data);
    sio_next_pass(next);
}

static char first[] = "parent", second[] = "child";

static void handlers_of_the_parent_run_first(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ 0 });
    sio_namespace *child = sio_server_of(world.server, "/dyn-1");
    sim_expect(&world.journal, "new /dyn-1");
    watch(child);
    assert_int_equal(sio_namespace_on(child, "tell", on_tell, second), 0);
    assert_int_equal(sio_namespace_on(parent, "tell", on_tell, first), 0);
    assert_int_equal(sio_namespace_use(child, note_pass, second), 0);
    assert_int_equal(sio_namespace_use(parent, note_pass, first), 0);
    sim_peer *peer = join("/dyn-1");
    sim_expect(&world.journal, "parent");
    sim_expect(&world.journal, "child");
    sim_expect(&world.journal, "/dyn-1 connect");
    sim_expect(&world.journal, "/dyn-1 connect");
    sim_send(peer, "42/dyn-1,[\"tell\"]");
    sim_expect(&world.journal, "parent");
    sim_expect(&world.journal, "child");
    sim_send(peer, "41/dyn-1,");
    sim_expect(&world.journal, "/dyn-1 disconnect: client namespace disconnect");
    sim_expect(&world.journal, "/dyn-1 disconnect: client namespace disconnect");
    sim_stop(&world);
}

static void emits_of_the_parent_reach_all_children(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ 0 });
    sim_peer *one = join("/dyn-1"), *two = join("/dyn-2"), *root = sim_join(&world, 0);
    assert_int_equal(sio_namespace_emit(parent, NULL, "all", "i", 1), 0);
    assert_int_equal(
        sio_namespace_emit(parent, &(sio_target){ .rooms = SIO_ROOMS("nobody") }, "x", NULL), 0);
    sim_turn(&world);
    sim_expect(&one->inbox, "42/dyn-1,[\"all\",1]");
    sim_expect(&two->inbox, "42/dyn-2,[\"all\",1]");
    sim_expect_nothing(&one->inbox);
    sim_expect_nothing(&root->inbox);
    sim_stop(&world);
}

static void on_answers(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    (void)data;
    sim_note(&world, "%s answers: %d", sio_namespace_name(nsp), answers->error);
}

static void a_parent_answers_no_questions(void **state)
{
    (void)state;
    const char *const rooms[] = { "r", NULL };
    start_pattern((sio_server_options){ 0 });
    assert_int_equal(sio_namespace_fetch_sockets(parent, NULL, on_answers, NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_server_count(parent, 0, on_answers, NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_emit_ack(parent, NULL, on_answers, NULL, "x", NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_server_side_emit(parent, "x", NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_sockets_join(parent, NULL, rooms), SIO_EINVAL);
    assert_int_equal(sio_namespace_disconnect_sockets(parent, NULL, false), SIO_EINVAL);
    sim_turn(&world);
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void kick(sio_socket *socket, void *data)
{
    (void)data;
    sio_socket_disconnect(socket, false);
}

static void who_is_gone_already_is_not_announced_to_the_child(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ 0 });
    sio_namespace_on_connection(parent, kick, NULL);
    sio_namespace_on_connection(sio_server_of(world.server, "/dyn-1"), sim_on_connection, &world);
    sim_expect(&world.journal, "new /dyn-1");
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/dyn-1,");
    sim_expect(&world.journal, "/dyn-1 disconnect: server namespace disconnect");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

/* ---- by callback ---- */

static void check_token(sio_server *server, const char *name, const sio_value *auth, sio_next *next,
                        void *data)
{
    (void)server, (void)data;
    const char *token = sio_value_string(sio_value_get(auth, "token"), NULL);
    sim_note(&world, "asked %s", name);
    if (token && strcmp(token, "secret") == 0)
        sio_next_pass(next);
    else
        sio_next_refuse(next, "ignored", NULL);
}

static void hold(sio_server *server, const char *name, const sio_value *auth, sio_next *next,
                 void *data)
{
    (void)server, (void)name, (void)auth, (void)data;
    held[held_count++] = next;
}

static void start_held(sio_server_options options)
{
    start_with(options);
    assert_int_equal(sio_server_of_check(world.server, &parent, hold, NULL), 0);
    watch(parent);
}

static void parents_are_asked_in_order(void **state)
{
    (void)state;
    sio_namespace *third;
    start_with((sio_server_options){ 0 });
    assert_int_equal(sio_server_of_check(world.server, &parent, check_token, NULL), 0);
    assert_int_equal(sio_server_of_pattern(world.server, &third, "^/x"), 0);
    watch(third);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/a,{\"token\":\"secret\"}");
    sim_expect(&world.journal, "asked /a");
    sim_expect(&world.journal, "new /a");
    assert_non_null(sim_texts_next(&peer->inbox));
    sim_send(peer, "40/x,");
    sim_expect(&world.journal, "asked /x");
    sim_expect(&world.journal, "new /x");
    sim_expect(&world.journal, "/x connect");
    expect_joined(peer, "/x");
    sim_send(peer, "40/y,");
    sim_expect(&world.journal, "asked /y");
    expect_refused(peer, "/y", "Invalid namespace");
    sim_stop(&world);
}

static void an_answer_may_come_later(void **state)
{
    (void)state;
    start_held((sio_server_options){ 0 });
    sim_peer *one = sim_open(&world, SIO_EIO_WEBSOCKET), *two = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(one, "40/a,");
    sim_send(two, "40/a,");
    sim_expect_nothing(&one->inbox);
    sim_wait(&world, 500);
    sio_next_pass(held[1]);
    sim_turn(&world);
    sim_expect(&world.journal, "new /a");
    expect_joined(two, "/a");
    sio_next_pass(held[0]); /* made meanwhile */
    sim_turn(&world);
    expect_joined(one, "/a");
    assert_int_equal(world.server->stats.dynamic_namespaces, 1);
    sim_send(one, "40/b,");
    sio_next_refuse(held[2], NULL, NULL);
    sim_turn(&world);
    expect_refused(one, "/b", "Invalid namespace");
    sim_stop(&world);
}

static void answers_for_who_left_are_ignored(void **state)
{
    (void)state;
    start_held((sio_server_options){ 0 });
    sim_peer *one = sim_open(&world, SIO_EIO_WEBSOCKET), *two = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(one, "40/a,{\"a\":[1]}");
    sim_send(two, "40/b,");
    sim_vanish(one);
    sio_next_pass(held[0]);
    sim_vanish(two);
    sio_next_refuse(held[1], "late", "i", 1);
    sim_turn(&world);
    sim_expect_nothing(&world.journal);
    sim_send(sim_open(&world, SIO_EIO_WEBSOCKET), "40/never,"); /* the sanitizer would tell */
    sim_stop(&world);
}

static void who_asks_twice_or_talks_early_is_closed(void **state)
{
    (void)state;
    const char *early[] = { "40/a,", "42/a,[\"x\"]", "41/a," };
    for (size_t i = 0; i < 3; i++) {
        start_held((sio_server_options){ 0 });
        sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
        sim_send(peer, "40/a,");
        assert_non_null(sio_server_of(world.server, "/a"));
        sim_send(peer, early[i]);
        sim_expect(&peer->inbox, "<close>");
        assert_null(sim_client(peer));
        sio_next_pass(held[0]);
        sim_expect(&world.journal, "new /a");
        sim_expect_nothing(&world.journal);
        sim_stop(&world);
    }
}

static void who_waits_too_long_is_closed(void **state)
{
    (void)state;
    start_held((sio_server_options){ .connect_timeout_ms = 1000, .ping_interval_ms = 100000 });
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/a,");
    sim_wait(&world, 1000);
    sim_expect(&peer->inbox, "<close>");
    sio_next_pass(held[0]);
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

/* ---- limits ---- */

static void one_client_waits_for_so_many_names_only(void **state)
{
    (void)state;
    start_held((sio_server_options){ 0 });
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    for (unsigned i = 0; i < SIO_LIMIT_CLIENT_NAMESPACES; i++) {
        char text[32];
        snprintf(text, sizeof(text), "40/n%u,", i);
        held_count = 0;
        sim_send(peer, text);
        assert_int_equal(held_count, 1);
    }
    held_count = 0;
    sim_send(peer, "40/more,");
    assert_int_equal(held_count, 0);
    assert_null(sim_client(peer));
    sim_stop(&world);
}

static void there_are_so_many_namespaces_only(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ .max_dynamic_namespaces = 2 });
    sim_peer *peer = join("/dyn-1");
    join("/dyn-2");
    sim_send(peer, "40/dyn-3,");
    expect_refused(peer, "/dyn-3", "too many namespaces");
    sim_send(peer, "40/dyn-2,"); /* is there */
    expect_joined(peer, "/dyn-2");
    sio_server_stats stats;
    sio_server_stats_get(world.server, &stats);
    assert_int_equal(stats.dynamic_namespaces, 2);
    assert_int_equal(stats.namespaces_refused, 1);
    sim_stop(&world);
}

/* ---- their end ---- */

static void on_bye(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)ack, (void)data;
    kept = sio_socket_ref(socket);
    sio_socket_disconnect(socket, false);
    /* nothing is freed under a handler */
    assert_string_equal(sio_namespace_name(sio_socket_namespace(socket)), "/dyn-1");
}

static void empty_children_are_closed_if_wanted(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ .cleanup_empty_child_namespaces = true });
    assert_int_equal(sio_namespace_on(parent, "bye", on_bye, NULL), 0);
    sim_peer *one = join("/dyn-1"), *two = join("/dyn-1");
    assert_int_equal(world.server->namespaces.count, 2);
    sim_send(one, "41/dyn-1,");
    assert_int_equal(world.server->namespaces.count, 2);
    sim_send(two, "42/dyn-1,[\"bye\"]");
    assert_int_equal(world.server->namespaces.count, 1);
    assert_int_equal(world.server->stats.dynamic_namespaces, 0);
    assert_int_equal(sio_socket_broadcast(kept, NULL, "x", NULL), SIO_ECLOSED);
    assert_int_equal(sio_namespace_emit(parent, NULL, "x", NULL), 0);
    sim_send(two, "40/dyn-1,");
    assert_int_equal(world.server->namespaces.count, 2);
    sio_socket_unref(kept);
    sim_stop(&world);
}

static void on_room_deleted(sio_namespace *nsp, const char *room, void *data)
{
    (void)data;
    sim_note(&world, "%s deletes %s", sio_namespace_name(nsp), room);
}

static void what_is_due_is_still_told_of_a_closed_child(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ .cleanup_empty_child_namespaces = true });
    sim_peer *peer = join("/dyn-1");
    sio_namespace *child = sio_server_of(world.server, "/dyn-1");
    assert_int_equal(
        sio_namespace_on_rooms(child, &(sio_room_events){ .deleted = on_room_deleted }, NULL), 0);
    assert_int_equal(sio_socket_join(sim_last, "den"), 0);
    assert_int_equal(sio_namespace_emit_ack(child, NULL, on_answers, NULL, "x", NULL), 0);
    sim_texts_clear(&world.journal);
    sio_socket_disconnect(sim_last, false);
    sim_turn(&world);
    assert_int_equal(world.server->namespaces.count, 1);
    sim_turn(&world);
    sim_wait(&world, 6000);
    char text[64];
    size_t told = 0, answered = 0;
    const char *line;
    while ((line = sim_texts_next(&world.journal))) {
        told += strcmp(line, "/dyn-1 deletes den") == 0;
        snprintf(text, sizeof(text), "/dyn-1 answers: %d", SIO_ETIMEOUT);
        answered += strcmp(line, text) == 0 || strcmp(line, "/dyn-1 answers: 0") == 0;
    }
    assert_int_equal(told, 1);
    assert_int_equal(answered, 1);
    sim_vanish(peer);
    sim_stop(&world);
}

static void a_kept_socket_outlives_namespace_and_server(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ .cleanup_empty_child_namespaces = true });
    assert_int_equal(sio_namespace_on(parent, "bye", on_bye, NULL), 0);
    sim_send(join("/dyn-1"), "42/dyn-1,[\"bye\"]");
    sim_stop(&world);
    sio_socket_unref(kept);
}

static void empty_children_stay_by_default(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ 0 });
    sim_vanish(join("/dyn-1"));
    sim_turn(&world);
    assert_int_equal(world.server->namespaces.count, 2);
    sim_stop(&world);
}

static void refuse_all(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket, (void)data;
    sio_next_refuse(next, "no", NULL);
}

static void hold_socket(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket, (void)data;
    held[held_count++] = next;
}

static void a_child_that_nobody_came_into_is_closed(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ .cleanup_empty_child_namespaces = true });
    assert_int_equal(sio_namespace_use(parent, refuse_all, NULL), 0);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/dyn-1,");
    expect_refused(peer, "/dyn-1", "no");
    assert_int_equal(world.server->namespaces.count, 1);
    sim_stop(&world);
}

static void whom_a_middleware_has_keeps_the_child(void **state)
{
    (void)state;
    start_pattern((sio_server_options){ .cleanup_empty_child_namespaces = true });
    assert_int_equal(sio_namespace_use(parent, hold_socket, NULL), 0);
    sim_peer *one = sim_open(&world, SIO_EIO_WEBSOCKET), *two = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(one, "40/dyn-1,");
    sim_send(two, "40/dyn-1,");
    sim_vanish(one);
    sim_turn(&world);
    assert_int_equal(world.server->namespaces.count, 2);
    sio_next_pass(held[1]);
    sim_turn(&world);
    expect_joined(two, "/dyn-1");
    sim_vanish(two);
    assert_int_equal(world.server->namespaces.count, 1);
    sio_next_pass(held[0]);
    sim_stop(&world);
}

static void close_all(sio_server *server, sio_namespace *nsp, void *data)
{
    (void)nsp, (void)data;
    size_t at = 0;
    sio_client *client = sio_map_next(&server->clients, &at);
    sio_client_shut(client, "forced close");
}

static void the_news_may_end_the_client(void **state)
{
    (void)state;
    sim_start(&world, 21,
              (sio_server_options){ .cleanup_empty_child_namespaces = true,
                                    .on_new_namespace = close_all });
    assert_int_equal(sio_server_of_pattern(world.server, &parent, "."), 0);
    watch(parent);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/a,");
    sim_expect(&peer->inbox, "<close>");
    sim_expect_nothing(&world.journal);
    assert_int_equal(world.server->namespaces.count, 1);
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_matches_becomes_a_namespace),
        cmocka_unit_test(a_name_that_does_not_match_is_refused),
        cmocka_unit_test(of_by_name_makes_a_child_where_a_pattern_matches),
        cmocka_unit_test(patterns_that_are_none_are_refused),
        cmocka_unit_test(handlers_of_the_parent_run_first),
        cmocka_unit_test(emits_of_the_parent_reach_all_children),
        cmocka_unit_test(a_parent_answers_no_questions),
        cmocka_unit_test(what_is_due_is_still_told_of_a_closed_child),
        cmocka_unit_test(who_is_gone_already_is_not_announced_to_the_child),
        cmocka_unit_test(parents_are_asked_in_order),
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(answers_for_who_left_are_ignored),
        cmocka_unit_test(who_asks_twice_or_talks_early_is_closed),
        cmocka_unit_test(who_waits_too_long_is_closed),
        cmocka_unit_test(one_client_waits_for_so_many_names_only),
        cmocka_unit_test(there_are_so_many_namespaces_only),
        cmocka_unit_test(empty_children_are_closed_if_wanted),
        cmocka_unit_test(a_kept_socket_outlives_namespace_and_server),
        cmocka_unit_test(empty_children_stay_by_default),
        cmocka_unit_test(a_child_that_nobody_came_into_is_closed),
        cmocka_unit_test(whom_a_middleware_has_keeps_the_child),
        cmocka_unit_test(the_news_may_end_the_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
