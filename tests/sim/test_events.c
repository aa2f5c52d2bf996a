#include "sim.h"

#include <sio/sys/limits.h>

/* What a handler notes; lives as long as the test function runs. */
#define TAG(text) ((char[]){ text })

static sim world;
static sio_namespace *root;

static void start(void)
{
    root = sim_begin(&world, 3, (sio_server_options){ 0 });
}

static sim_peer *join(void)
{
    return sim_enter(&world, SIO_EIO_WEBSOCKET);
}

static void note_args(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    sim_note_args(&world, data, args, ack);
}

static void handlers_run_in_order(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_on(sim_last, "a", note_args, TAG("own")), 0);
    assert_int_equal(sio_namespace_on(root, "a", note_args, TAG("first")), 0);
    assert_int_equal(sio_namespace_on(root, "a", note_args, TAG("second")), 0);
    assert_int_equal(sio_namespace_on(root, "b", note_args, TAG("b")), 0);
    sim_send(peer, "42[\"a\",1,{\"x\":[true,null]}]");
    sim_expect(&world.journal, "first [1,{\"x\":[true,null]}]");
    sim_expect(&world.journal, "second [1,{\"x\":[true,null]}]");
    sim_expect(&world.journal, "own [1,{\"x\":[true,null]}]");
    sim_send(peer, "427[\"b\"]");
    sim_expect(&world.journal, "b [] ack");
    sim_send(peer, "42[\"nobody listens\"]");
    sim_expect_nothing(&world.journal);
    sim_expect_nothing(&peer->inbox);
    sim_stop(&world);
}

static void numeric_events_match_their_text(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_namespace_on(root, "7", note_args, TAG("seven")), 0);
    assert_int_equal(sio_namespace_on(root, "1.5", note_args, TAG("half")), 0);
    sim_send(peer, "42[7,\"x\"]");
    sim_expect(&world.journal, "seven [\"x\"]");
    sim_send(peer, "42[1.5]");
    sim_expect(&world.journal, "half []");
    sim_stop(&world);
}

static void reserved_names_are_refused(void **state)
{
    (void)state;
    const char *names[] = { "connect",       "connect_error", "disconnect",
                            "disconnecting", "newListener",   "removeListener" };
    start();
    join();
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_int_equal(sio_socket_emit(sim_last, names[i], NULL), SIO_ERESERVED);
        assert_int_equal(sio_namespace_emit(root, NULL, names[i], NULL), SIO_ERESERVED);
        assert_int_equal(sio_socket_broadcast(sim_last, NULL, names[i], NULL), SIO_ERESERVED);
        assert_int_equal(sio_socket_on(sim_last, names[i], note_args, NULL), SIO_ERESERVED);
        assert_int_equal(sio_namespace_on(root, names[i], note_args, NULL), SIO_ERESERVED);
    }
    sim_stop(&world);
}

static void emits_carry_all_kinds(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_emit(sim_last, "a", NULL), 0);
    assert_int_equal(sio_socket_emit(sim_last, "b", "is{s:b}", 1, "two", "x", true), 0);
    assert_int_equal(sio_socket_emit(sim_last, "c", "BB", "\x01\x02", (size_t)2, "", (size_t)0), 0);
    assert_int_equal(sio_socket_emit(sim_last, "d", "y"), SIO_EFORMAT);
    assert_int_equal(sio_socket_emit(sim_last, "d", "s", "\xff"), SIO_EUTF8);
    sim_turn(&world);
    sim_expect(&peer->inbox, "42[\"a\"]");
    sim_expect(&peer->inbox, "42[\"b\",1,\"two\",{\"x\":true}]");
    sim_expect(&peer->inbox, "452-[\"c\",{\"_placeholder\":true,\"num\":0},"
                             "{\"_placeholder\":true,\"num\":1}]");
    sim_expect(&peer->inbox, "b:0102");
    sim_expect(&peer->inbox, "b:");
    sim_expect_nothing(&peer->inbox);
    sim_stop(&world);
}

static void one_turn_is_one_write(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    const unsigned flushes = world.flushes, wakes = world.wakes;
    for (int i = 0; i < 100; i++)
        assert_int_equal(sio_socket_emit(sim_last, "n", "i", i), 0);
    sim_expect_nothing(&peer->inbox);
    sim_turn(&world);
    assert_int_equal(world.flushes, flushes + 1);
    assert_int_equal(world.wakes, wakes + 1);
    for (int i = 0; i < 100; i++) {
        char text[32];
        snprintf(text, sizeof(text), "42[\"n\",%d]", i);
        sim_expect(&peer->inbox, text);
    }
    sim_stop(&world);
}

static void binary_events_arrive_whole(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_namespace_on(root, "bin", note_args, TAG("bin")), 0);
    sim_send(peer, "452-[\"bin\",{\"_placeholder\":true,\"num\":1},"
                   "{\"_placeholder\":true,\"num\":0}]");
    sim_send_binary(peer, "\x07", 1);
    sim_expect_nothing(&world.journal);
    sim_send_binary(peer, "\x08\x09", 2);
    sim_expect(&world.journal,
               "bin [{\"type\":\"Buffer\",\"data\":[8,9]},{\"type\":\"Buffer\",\"data\":[7]}]");
    sim_send_binary(peer, "stray", 5);
    sim_expect(&world.journal, "disconnect: forced close");
    sim_stop(&world);
}

static void binary_comes_by_polling_too(void **state)
{
    (void)state;
    start();
    sim_peer *peer = sim_enter(&world, SIO_EIO_POLLING);
    assert_int_equal(sio_namespace_on(root, "bin", note_args, TAG("bin")), 0);
    sim_send(peer, "451-[\"bin\",{\"_placeholder\":true,\"num\":0}]\x1e"
                   "bAQID");
    sim_expect(&world.journal, "bin [{\"type\":\"Buffer\",\"data\":[1,2,3]}]");
    sim_stop(&world);
}

/* ---- acknowledgements that the client wants ---- */

static sio_ack *kept;

static void answer(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    (void)data;
    const int err = sio_ack_send(ack, "V", sio_args_array(args));
    sim_note(&world, "%s %s", sio_err_name(err), sio_err_name(sio_ack_send(ack, "i", 2)));
}

static void keep(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    (void)args;
    (void)data;
    kept = sio_ack_ref(ack);
}

static void answers_once(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_namespace_on(root, "ask", answer, NULL), 0);
    sim_send(peer, "420[\"ask\",1,\"x\"]");
    sim_expect(&peer->inbox, "430[1,\"x\"]");
    sim_expect(&world.journal, "SIO_OK SIO_EEXISTS");
    sim_send(peer, "42[\"ask\"]");
    sim_expect_nothing(&peer->inbox);
    sim_expect(&world.journal, "SIO_OK SIO_OK");
    sim_send(peer, "429007199254740991[\"ask\"]");
    sim_expect(&peer->inbox, "439007199254740991[]");
    sim_stop(&world);
}

static void answers_later(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_namespace_on(root, "ask", keep, NULL), 0);
    sim_send(peer, "4212[\"ask\"]");
    sim_expect_nothing(&peer->inbox);
    assert_int_equal(sio_ack_send(kept, "y"), SIO_EFORMAT);
    assert_int_equal(sio_ack_send(kept, "B", "\x01", (size_t)1), 0);
    sio_ack_unref(kept);
    sim_turn(&world);
    sim_expect(&peer->inbox, "461-12[{\"_placeholder\":true,\"num\":0}]");
    sim_expect(&peer->inbox, "b:01");
    sim_send(peer, "4213[\"ask\"]");
    sim_vanish(peer);
    assert_int_equal(sio_ack_send(kept, "i", 1), SIO_ECLOSED);
    sio_ack_unref(kept);
    sim_stop(&world);
}

/* ---- acknowledgements that we want ---- */

static void note_reply(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)socket;
    char *json;
    assert_int_equal(sio_value_to_json(sio_args_array(args), &json, NULL), 0);
    sim_note(&world, "%s %s %s", (const char *)data, error ? sio_err_name(error) : "ok", json);
    sio_free(json);
}

static void replies_arrive_or_time_out(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, note_reply, TAG("A"), "q", "i", 1), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 300, note_reply, TAG("B"), "q", NULL), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 100, note_reply, TAG("C"), "q", NULL), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 200, note_reply, TAG("D"), "q", NULL), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, note_reply, TAG("E"), "q", "y"), SIO_EFORMAT);
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, NULL, NULL, "q", NULL), SIO_EINVAL);
    sim_turn(&world);
    sim_expect(&peer->inbox, "420[\"q\",1]");
    sim_expect(&peer->inbox, "421[\"q\"]");
    sim_expect(&peer->inbox, "422[\"q\"]");
    sim_expect(&peer->inbox, "423[\"q\"]");
    sim_wait(&world, 99);
    sim_expect_nothing(&world.journal);
    sim_wait(&world, 1);
    sim_expect(&world.journal, "C SIO_ETIMEOUT []");
    sim_send(peer, "432[\"late\"]");
    sim_send(peer, "4377[\"unknown\"]");
    sim_send(peer, "433[\"in time\",2]");
    sim_expect(&world.journal, "D ok [\"in time\",2]");
    sim_send(peer, "433[\"again\"]");
    sim_expect_nothing(&world.journal);
    sim_wait(&world, 200);
    sim_expect(&world.journal, "B SIO_ETIMEOUT []");
    sim_wait(&world, 10000);
    sim_vanish(peer);
    sim_expect(&world.journal, "disconnect: transport close");
    sim_expect(&world.journal, "A SIO_ECLOSED []");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static int vemit(sio_socket *socket, unsigned flags, const char *event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int err = sio_socket_vemit(socket, flags, event, format, arguments);
    va_end(arguments);
    return err;
}

static void questions_have_flags(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(vemit(sim_last, 0, "v", "is", 1, "two"), 0);
    sim_turn(&world);
    sim_expect(&peer->inbox, "42[\"v\",1,\"two\"]");
    assert_int_equal(
        sio_socket_emit_ack_flags(sim_last, SIO_UNCOMPRESSED, 0, NULL, NULL, "q", NULL),
        SIO_EINVAL);
    assert_int_equal(
        sio_socket_emit_ack_flags(sim_last, SIO_VOLATILE, 100, note_reply, TAG("q"), "q", "i", 1),
        0);
    sim_turn(&world);
    sim_expect(&peer->inbox, "420[\"q\",1]");
    sim_send(peer, "430[2]");
    sim_expect(&world.journal, "q ok [2]");
    sim_stick(peer);
    assert_int_equal(sio_socket_emit(sim_last, "fills", NULL), 0);
    sim_turn(&world);
    assert_int_equal(
        sio_socket_emit_ack_flags(sim_last, SIO_VOLATILE, 100, note_reply, TAG("q"), "q", NULL), 0);
    sim_unstick(peer);
    sim_expect(&peer->inbox, "42[\"fills\"]");
    sim_expect_nothing(&peer->inbox);
    sim_wait(&world, 100);
    sim_expect(&world.journal, "q SIO_ETIMEOUT []");
    sim_stop(&world);
}

static void one_cannot_answer_for_another(void **state)
{
    (void)state;
    start();
    sim_peer *asked = join();
    sio_socket *socket = sim_last;
    sim_peer *other = join();
    assert_int_equal(sio_socket_emit_ack(socket, 0, note_reply, TAG("A"), "q", NULL), 0);
    sim_send(other, "430[\"mine\"]");
    sim_expect_nothing(&world.journal);
    sim_send(asked, "430[\"mine\"]");
    sim_expect(&world.journal, "A ok [\"mine\"]");
    sim_stop(&world);
}

static void ignore_reply(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)socket;
    (void)args;
    if (error == SIO_ECLOSED)
        ++*(int *)data;
}

static void what_is_never_answered_is_limited(void **state)
{
    (void)state;
    int closed = 0;
    start();
    sim_peer *peer = join();
    for (int i = 0; i < SIO_LIMIT_PENDING_ACKS; i++)
        assert_int_equal(sio_socket_emit_ack(sim_last, 0, ignore_reply, &closed, "q", NULL), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, ignore_reply, &closed, "q", NULL),
                     SIO_ELIMIT);
    sim_send(peer, "435[]");
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, ignore_reply, &closed, "q", NULL), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, ignore_reply, &closed, "q", NULL),
                     SIO_ELIMIT);
    sim_vanish(peer);
    assert_int_equal(closed, SIO_LIMIT_PENDING_ACKS);
    sim_stop(&world);
}

/* ---- handlers that change what runs them ---- */

static void add_another(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args;
    (void)ack;
    sim_note(&world, "adds");
    for (int i = 0; i < 50; i++)
        assert_int_equal(sio_socket_on(socket, "grow", note_args, data), 0);
    assert_int_equal(sio_namespace_on(root, "other", note_args, data), 0);
}

static void handlers_may_add_handlers(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_on(sim_last, "grow", add_another, TAG("added")), 0);
    sim_send(peer, "42[\"grow\"]");
    sim_expect(&world.journal, "adds");
    sim_expect_nothing(&world.journal);
    sim_send(peer, "42[\"other\"]");
    sim_expect(&world.journal, "added []");
    sim_stop(&world);
}

static void read_each_kind(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)ack, (void)data;
    size_t len;
    assert_int_equal(sio_args_count(args), 5);
    assert_string_equal(sio_args_string(args, 0), "text");
    assert_true(sio_args_double(args, 1) == 1.5 && sio_args_int(args, 1) == 1);
    assert_true(sio_args_bool(args, 2));
    assert_memory_equal(sio_args_binary(args, 3, &len), "\1\2", 2);
    assert_int_equal(len, 2);
    assert_int_equal(sio_value_type(sio_args_at(args, 4)), SIO_TYPE_NULL);
    assert_true(!sio_args_string(args, 1) && !sio_args_bool(args, 0) && !sio_args_at(args, 5));
    assert_true(!sio_args_binary(args, 0, &len) && sio_args_double(args, 0) == 0);
    sim_note(&world, "read");
}

static void arguments_read_as_what_they_are(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_namespace_on(root, "kinds", read_each_kind, NULL), 0);
    sim_send(peer, "451-[\"kinds\",\"text\",1.5,true,{\"_placeholder\":true,\"num\":0},null]");
    sim_send_binary(peer, "\1\2", 2);
    sim_expect(&world.journal, "read");
    sim_stop(&world);
}

static void note_own_end(sio_socket *socket, const char *reason, void *data)
{
    assert_true(sio_namespace_server(sio_socket_namespace(socket)) == world.server);
    sim_note(&world, "%s %s", (const char *)data, reason);
}

static void sockets_learn_of_their_own_end(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    sio_socket_on_disconnect(sim_last, note_own_end, TAG("replaced"));
    sio_socket_on_disconnect(sim_last, note_own_end, TAG("own"));
    sim_send(peer, "41");
    sim_expect(&world.journal, "disconnect: client namespace disconnect");
    sim_expect(&world.journal, "own client namespace disconnect");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static int emit_by_list(const char *event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int err = sio_namespace_vemit(root, NULL, event, format, arguments);
    va_end(arguments);
    return err;
}

static void emits_take_a_list_of_arguments(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(emit_by_list("n", "is", 1, "x"), 0);
    assert_int_equal(emit_by_list("connect", NULL), SIO_ERESERVED);
    sim_turn(&world);
    sim_expect(&peer->inbox, "42[\"n\",1,\"x\"]");
    sim_expect_nothing(&peer->inbox);
    sim_stop(&world);
}

static void emit_much(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack;
    (void)data;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(sio_socket_emit(socket, "n", "s", sio_args_string(args, 0)), 0);
    assert_string_equal(sio_args_string(args, 0), "text of the event");
}

static void arguments_live_while_the_handler_runs(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_namespace_on(root, "much", emit_much, NULL), 0);
    sim_send(peer, "42[\"much\",\"text of the event\"]");
    for (int i = 0; i < 1000; i++)
        sim_expect(&peer->inbox, "42[\"n\",\"text of the event\"]");
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handlers_run_in_order),
        cmocka_unit_test(numeric_events_match_their_text),
        cmocka_unit_test(reserved_names_are_refused),
        cmocka_unit_test(emits_carry_all_kinds),
        cmocka_unit_test(one_turn_is_one_write),
        cmocka_unit_test(binary_events_arrive_whole),
        cmocka_unit_test(binary_comes_by_polling_too),
        cmocka_unit_test(answers_once),
        cmocka_unit_test(answers_later),
        cmocka_unit_test(replies_arrive_or_time_out),
        cmocka_unit_test(questions_have_flags),
        cmocka_unit_test(one_cannot_answer_for_another),
        cmocka_unit_test(what_is_never_answered_is_limited),
        cmocka_unit_test(handlers_may_add_handlers),
        cmocka_unit_test(arguments_live_while_the_handler_runs),
        cmocka_unit_test(arguments_read_as_what_they_are),
        cmocka_unit_test(sockets_learn_of_their_own_end),
        cmocka_unit_test(emits_take_a_list_of_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
