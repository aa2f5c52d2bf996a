#include "sim.h"

static sim world;
static sio_namespace *root;
static sio_next *held[4];
static size_t held_count;

static void start(void)
{
    root = sim_begin(&world, 8, (sio_server_options){ 0 });
    held_count = 0;
}

static void pass(sio_socket *socket, sio_next *next, void *data)
{
    (void)data;
    assert_false(sio_socket_connected(socket));
    sim_note(&world, "pass");
    sio_next_pass(next);
}

static void hold(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket;
    (void)data;
    sim_note(&world, "hold");
    held[held_count++] = next;
}

static void check_token(sio_socket *socket, sio_next *next, void *data)
{
    (void)data;
    const char *token = sio_value_string(sio_value_get(sio_socket_auth(socket), "token"), NULL);
    if (token && strcmp(token, "secret") == 0)
        sio_next_pass(next);
    else
        sio_next_refuse(next, "not authorized", "{s:i}", "code", 401);
}

static void enter_room(sio_socket *socket, sio_next *next, void *data)
{
    (void)data;
    assert_int_equal(sio_socket_emit(socket, "early", NULL), SIO_ECLOSED);
    assert_int_equal(sio_socket_join(socket, "members"), 0);
    hold(socket, next, NULL);
}

static void use(sio_middleware_cb callback)
{
    assert_int_equal(sio_namespace_use(root, callback, NULL), 0);
}

static void expect_connected(sim_peer *peer)
{
    char text[64];
    snprintf(text, sizeof(text), "40{\"sid\":\"%s\"}", sio_socket_id(sim_last));
    sim_expect(&peer->inbox, text);
}

static void they_run_in_order(void **state)
{
    (void)state;
    start();
    use(pass);
    use(hold);
    use(pass);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40");
    sim_expect(&world.journal, "pass");
    sim_expect(&world.journal, "hold");
    sim_expect_nothing(&world.journal);
    sim_expect_nothing(&peer->inbox);
    sim_wait(&world, 500);
    sio_next_pass(held[0]);
    sim_turn(&world);
    sim_expect(&world.journal, "pass");
    sim_expect(&world.journal, "connect");
    expect_connected(peer);
    sim_stop(&world);
}

static void refusals_say_why(void **state)
{
    (void)state;
    start();
    use(check_token);
    use(hold);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40");
    sim_expect(&peer->inbox, "44{\"message\":\"not authorized\",\"data\":{\"code\":401}}");
    sim_expect_nothing(&world.journal);
    sim_send(peer, "40{\"token\":\"secret\"}"); /* and it may try again */
    sim_expect(&world.journal, "hold");
    sio_next_refuse(held[0], "full", NULL);
    sim_turn(&world);
    sim_expect(&peer->inbox, "44{\"message\":\"full\"}");
    sim_expect_nothing(&world.journal);
    assert_int_equal(world.server->stats.sockets, 0);
    assert_non_null(sim_client(peer));
    sim_stop(&world);
}

static void a_refusal_with_bad_data_still_refuses(void **state)
{
    (void)state;
    start();
    use(hold);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40");
    sio_next_refuse(held[0], "no", "y");
    sim_turn(&world);
    sim_expect(&peer->inbox, "44{\"message\":\"no\"}");
    sim_send(peer, "40");
    sio_next_refuse(held[1], "\xff", NULL);
    sim_turn(&world);
    sim_expect(&peer->inbox, "44{\"message\":\"\"}");
    sim_stop(&world);
}

static void answers_for_who_left_are_ignored(void **state)
{
    (void)state;
    start();
    use(hold);
    sim_peer *gone = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_peer *other = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(gone, "40");
    sim_send(other, "40");
    sim_vanish(gone);
    sio_next_pass(held[0]);
    sim_vanish(other);
    sio_next_refuse(held[1], "late", "{s:i}", "code", 1);
    sim_turn(&world);
    sim_expect(&world.journal, "hold");
    sim_expect(&world.journal, "hold");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void what_is_never_answered_is_freed_with_the_server(void **state)
{
    (void)state;
    start();
    use(enter_room);
    sim_peer *gone = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_peer *waiting = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(gone, "40");
    sim_send(waiting, "40");
    sim_vanish(gone);
    sim_stop(&world); /* the sanitizer would tell */
}

static void packets_before_the_answer_end_the_client(void **state)
{
    (void)state;
    const char *early[] = { "42[\"x\"]", "40", "41" };
    for (size_t i = 0; i < 3; i++) {
        start();
        use(hold);
        sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
        sim_send(peer, "40");
        sim_send(peer, early[i]);
        sim_expect(&peer->inbox, "<close>");
        assert_null(sim_client(peer));
        sio_next_pass(held[0]);
        sim_expect(&world.journal, "hold");
        sim_expect_nothing(&world.journal);
        sim_stop(&world);
    }
}

static void who_waits_gets_no_broadcast(void **state)
{
    (void)state;
    start();
    use(enter_room);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40");
    sio_namespace_emit(root, NULL, "all", NULL);
    sio_namespace_emit(root, &(sio_target){ .rooms = SIO_ROOMS("members") }, "members", NULL);
    assert_int_equal(sio_namespace_count(root), 0);
    sim_turn(&world);
    sim_expect_nothing(&peer->inbox);
    sio_next_pass(held[0]);
    assert_ptr_equal(sio_namespace_socket(root, sio_socket_id(sim_last)), sim_last);
    sio_namespace_emit(root, &(sio_target){ .rooms = SIO_ROOMS("members") }, "members", NULL);
    sim_turn(&world);
    expect_connected(peer);
    sim_expect(&peer->inbox, "42[\"members\"]");
    sim_stop(&world);
}

static void leave_at_once(sio_socket *socket, void *data)
{
    (void)data;
    sio_socket_disconnect(socket, true);
}

static void the_last_pass_may_end_it_all(void **state)
{
    (void)state;
    start();
    use(pass);
    use(pass);
    sio_namespace_on_connection(root, leave_at_once, NULL);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40");
    const char *answer = sim_texts_next(&peer->inbox);
    assert_memory_equal(answer, "40{\"sid\"", 8);
    sim_expect(&peer->inbox, "41");
    sim_expect(&peer->inbox, "<close>");
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_run_in_order),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(a_refusal_with_bad_data_still_refuses),
        cmocka_unit_test(answers_for_who_left_are_ignored),
        cmocka_unit_test(what_is_never_answered_is_freed_with_the_server),
        cmocka_unit_test(packets_before_the_answer_end_the_client),
        cmocka_unit_test(who_waits_gets_no_broadcast),
        cmocka_unit_test(the_last_pass_may_end_it_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
