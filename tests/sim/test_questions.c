/* Questions and orders of a node that is alone. */
#include "sim.h"

#include <sio/sys/limits.h>

#include "core/socket.h"
#include "heard.h"

static sim world;
static sio_namespace *root;
static sim_peer *peers[3];
static sio_socket *sockets[3];
static heard last;

static void start(unsigned count)
{
    root = sim_begin(&world, 11, (sio_server_options){ 0 });
    for (unsigned i = 0; i < count; i++) {
        peers[i] = sim_join(&world, SIO_EIO_WEBSOCKET);
        sockets[i] = sim_last;
    }
    sim_texts_clear(&world.journal);
    heard_clear(&last);
}

static void stop(void)
{
    sim_stop(&world);
    heard_clear(&last);
}

static const char *id_of(unsigned i)
{
    return sio_socket_id(sockets[i]);
}

/* ---- counts and lists ---- */

static void a_lone_node_answers_itself(void **state)
{
    (void)state;
    start(0);
    assert_int_equal(sio_namespace_server_count(root, 0, heard_answers, &last), 0);
    assert_int_equal(last.times, 0); /* never from inside the call */
    sim_turn(&world);
    heard_expect(&last, 0, "[1]");
    assert_int_equal(last.nodes + last.missing, 0);
    assert_int_equal(sio_namespace_server_side_emit_ack(root, 0, heard_answers, &last, "e", "i", 1),
                     0);
    sim_turn(&world);
    heard_expect(&last, 0, "[]");
    assert_int_equal(sio_namespace_server_side_emit(root, "e", NULL), 0);
    assert_int_equal(sio_namespace_all_rooms(root, 0, heard_answers, &last), 0);
    sim_turn(&world);
    heard_expect(&last, 0, "[]");
    assert_true(world.armed == UINT64_MAX);
    stop();
}

static void rooms_are_sorted(void **state)
{
    (void)state;
    char expected[128];
    start(1);
    sio_socket_join(sockets[0], "~b");
    sio_socket_join(sockets[0], "~a");
    sio_socket_join(sockets[0], "~");
    assert_int_equal(sio_namespace_all_rooms(root, 0, heard_answers, &last), 0);
    sim_turn(&world);
    snprintf(expected, sizeof(expected), "[\"%s\",\"~\",\"~a\",\"~b\"]", id_of(0));
    heard_expect(&last, 0, expected);
    stop();
}

static void sockets_are_described(void **state)
{
    (void)state;
    start(2);
    sio_socket_join(sockets[0], "a");
    const sio_target target = { .rooms = SIO_ROOMS("a") };
    assert_int_equal(sio_namespace_fetch_sockets(root, &target, heard_answers, &last), 0);
    sim_turn(&world);
    assert_int_equal(last.error, 0);
    assert_int_equal(sio_value_count(last.values), 1);
    const sio_value *socket = sio_value_at(last.values, 0);
    assert_string_equal(sio_value_string(sio_value_get(socket, "id"), NULL), id_of(0));
    const sio_value *rooms = sio_value_get(socket, "rooms");
    assert_int_equal(sio_value_count(rooms), 2);
    assert_string_equal(sio_value_string(sio_value_at(rooms, 1), NULL), "a");
    const sio_value *handshake = sio_value_get(socket, "handshake");
    assert_string_equal(sio_value_string(sio_value_get(handshake, "address"), NULL), "127.0.0.1");
    assert_int_equal(sio_value_int(sio_value_get(handshake, "issued")), 1234);
    assert_int_equal(sio_value_type(sio_value_get(socket, "data")), SIO_TYPE_MAP);

    const sio_target others = { .from = sockets[0] };
    assert_int_equal(sio_namespace_fetch_sockets(root, &others, heard_answers, &last), 0);
    sim_turn(&world);
    assert_int_equal(sio_value_count(last.values), 1);
    assert_string_equal(sio_value_string(sio_value_get(sio_value_at(last.values, 0), "id"), NULL),
                        id_of(1));
    stop();
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    start(1);
    sio_namespace *other = sio_server_of(world.server, "/other");
    char *name = calloc(1, SIO_LIMIT_NAME + 2);
    memset(name, 'x', SIO_LIMIT_NAME + 1);
    const sio_target foreign = { .from = sockets[0] }, bad = { .rooms = SIO_ROOMS("\xff") };
    assert_int_equal(sio_namespace_fetch_sockets(other, &foreign, heard_answers, &last),
                     SIO_EINVAL);
    assert_int_equal(sio_namespace_emit(other, &foreign, "e", NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_emit_ack(other, &foreign, heard_answers, &last, "e", NULL),
                     SIO_EINVAL);
    assert_int_equal(sio_namespace_fetch_sockets(root, NULL, NULL, NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_fetch_sockets(root, &bad, heard_answers, &last), SIO_EUTF8);
    assert_int_equal(sio_namespace_emit_ack(root, NULL, NULL, NULL, "e", NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_emit_ack(root, NULL, heard_answers, &last, NULL, NULL),
                     SIO_EINVAL);
    assert_int_equal(sio_namespace_emit_ack(root, NULL, heard_answers, &last, "connect", NULL),
                     SIO_ERESERVED);
    assert_int_equal(sio_namespace_emit_ack(root, NULL, heard_answers, &last, "e", "y"),
                     SIO_EFORMAT);
    assert_int_equal(sio_namespace_emit_ack(
                         root, NULL, heard_answers, &last, "e", "BBBBBBBBBBB", "", (size_t)0, "",
                         (size_t)0, "", (size_t)0, "", (size_t)0, "", (size_t)0, "", (size_t)0, "",
                         (size_t)0, "", (size_t)0, "", (size_t)0, "", (size_t)0, "", (size_t)0),
                     SIO_ELIMIT);
    assert_int_equal(sio_namespace_server_side_emit(root, "connection", NULL), SIO_ERESERVED);
    assert_int_equal(sio_namespace_server_side_emit(root, NULL, NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_server_side_emit(root, "e", "s", "\xff"), SIO_EUTF8);
    assert_int_equal(sio_namespace_server_side_emit_ack(root, 0, heard_answers, &last, "e", "y"),
                     SIO_EFORMAT);
    assert_int_equal(sio_namespace_sockets_join(root, NULL, SIO_ROOMS(name)), SIO_ELIMIT);
    assert_int_equal(sio_namespace_sockets_join(root, NULL, SIO_ROOMS("\xff")), SIO_EUTF8);
    assert_int_equal(sio_namespace_disconnect_sockets(root, &bad, true), SIO_EUTF8);
    assert_int_equal(sio_namespace_each(root, NULL, NULL, NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_each_room(root, NULL, NULL), SIO_EINVAL);
    assert_int_equal(sio_namespace_on_server_side_emit(root, NULL, NULL, NULL), SIO_EINVAL);
    sim_wait(&world, 10000);
    assert_int_equal(last.times, 0);
    sim_expect_nothing(&peers[0]->inbox);
    assert_int_equal(world.server->question_count, 0);
    free(name);
    stop();
}

static void too_many_questions_are_refused(void **state)
{
    (void)state;
    start(1);
    for (int i = 0; i < SIO_LIMIT_QUESTIONS; i++)
        assert_int_equal(sio_namespace_server_count(root, 0, heard_answers, &last), 0);
    assert_int_equal(sio_namespace_server_count(root, 0, heard_answers, &last), SIO_ELIMIT);
    sim_turn(&world);
    assert_int_equal(last.times, SIO_LIMIT_QUESTIONS);
    assert_int_equal(sio_namespace_server_count(root, 0, heard_answers, &last), 0);
    stop();
}

/* ---- broadcasts with acknowledgements ---- */

static int ask(const sio_target *target)
{
    const int err = sio_namespace_emit_ack(root, target, heard_answers, &last, "q", "i", 7);
    sim_turn(&world);
    return err;
}

/* What all of them were sent as the nth question. */
static void expect_asked(unsigned count, unsigned number)
{
    char text[32];
    snprintf(text, sizeof(text), "42%u[\"q\",7]", number);
    for (unsigned i = 0; i < count; i++)
        sim_expect(&peers[i]->inbox, text);
}

static void answers_are_collected(void **state)
{
    (void)state;
    start(3);
    assert_int_equal(ask(&(sio_target){ .from = sockets[2] }), 0);
    expect_asked(2, 0);
    sim_expect_nothing(&peers[2]->inbox);
    sim_send(peers[1], "430[\"second\",2]");
    sim_send(peers[1], "430[\"again\"]");
    sim_send(peers[2], "430[\"was not asked\"]");
    sim_send(peers[0], "437[\"other id\"]");
    assert_int_equal(last.times, 0);
    sim_send(peers[0], "430[]");
    heard_expect(&last, 0, "[\"second\",null]");
    assert_int_equal(last.clients, 2);
    assert_int_equal(last.missing, 0);
    sim_send(peers[0], "430[\"late\"]");
    sim_wait(&world, 10000);
    assert_int_equal(last.times, 0);
    stop();
}

static void nobody_is_asked(void **state)
{
    (void)state;
    start(1);
    assert_int_equal(sio_namespace_emit_ack(root, &(sio_target){ .rooms = SIO_ROOMS("none") },
                                            heard_answers, &last, "q", NULL),
                     0);
    assert_int_equal(last.times, 0);
    sim_turn(&world);
    heard_expect(&last, 0, "[]");
    assert_int_equal(last.clients, 0);
    stop();
}

static void who_is_silent_is_waited_for(void **state)
{
    (void)state;
    start(3);
    assert_int_equal(ask(&(sio_target){ .timeout_ms = 700 }), 0);
    sim_send(peers[0], "430[1]");
    sim_vanish(peers[1]);
    sim_wait(&world, 699);
    assert_int_equal(last.times, 0);
    sim_wait(&world, 1);
    heard_expect(&last, SIO_ETIMEOUT, "[1]");
    assert_int_equal(last.clients, 3);
    sim_send(peers[2], "430[\"late\"]");
    assert_int_equal(last.times, 0);
    assert_int_equal(sockets[2]->reply_count, 0);

    assert_int_equal(ask(NULL), 0);
    sim_wait(&world, 4999);
    assert_int_equal(last.times, 0);
    sim_wait(&world, 1);
    heard_expect(&last, SIO_ETIMEOUT, "[]");
    stop();
}

static void an_acknowledgement_is_not_mistaken(void **state)
{
    (void)state;
    heard second = { 0 };
    start(2);
    assert_int_equal(ask(NULL), 0);
    assert_int_equal(sio_namespace_emit_ack(root, NULL, heard_answers, &second, "q", "i", 7), 0);
    sim_turn(&world);
    sim_send(peers[0], "431[\"b0\"]");
    sim_send(peers[1], "430[\"a1\"]");
    sim_send(peers[0], "430[\"a0\"]");
    sim_send(peers[1], "431[\"b1\"]");
    heard_expect(&last, 0, "[\"a1\",\"a0\"]");
    heard_expect(&second, 0, "[\"b0\",\"b1\"]");
    heard_clear(&second);
    stop();
}

static void one_who_never_answers_does_not_stop_the_rest(void **state)
{
    (void)state;
    start(2);
    const sio_target mute = { .rooms = SIO_ROOMS(id_of(0)) };
    for (int i = 0; i < SIO_LIMIT_PENDING_ACKS; i++)
        assert_int_equal(sio_socket_emit_ack(sockets[0], 0, heard_reply, &last, "x", NULL), 0);
    assert_int_equal(ask(NULL), 0);
    char text[32];
    snprintf(text, sizeof(text), "43%d[\"here\"]", SIO_LIMIT_PENDING_ACKS);
    sim_send(peers[0], text);
    sim_send(peers[1], text);
    sim_wait(&world, 5000);
    heard_expect(&last, SIO_ETIMEOUT, "[\"here\"]");
    assert_int_equal(last.clients, 2);
    assert_int_equal(sio_namespace_fetch_sockets(root, &mute, heard_answers, &last), 0);
    stop();
}

static void volatile_asks_whom_it_reaches(void **state)
{
    (void)state;
    start(2);
    sim_stick(peers[0]);
    sio_namespace_emit(root, NULL, "x", NULL);
    sim_turn(&world);
    sim_expect(&peers[1]->inbox, "42[\"x\"]");
    assert_int_equal(ask(&(sio_target){ .flags = SIO_VOLATILE }), 0);
    sim_expect(&peers[1]->inbox, "420[\"q\",7]");
    sim_send(peers[1], "430[1]");
    heard_expect(&last, 0, "[1]");
    assert_int_equal(last.clients, 1);
    stop();
}

static void too_long_answers_end_the_question(void **state)
{
    (void)state;
    start(1);
    const size_t len = 900000;
    char *text = malloc(len + 16);
    const int head = sprintf(text, "430[\"");
    memset(text + head, 'x', len);
    strcpy(text + head + len, "\"]");
    sim_peer *more[80];
    for (int i = 0; i < 80; i++)
        more[i] = sim_join(&world, SIO_EIO_WEBSOCKET);
    assert_int_equal(ask(NULL), 0);
    int answers = 0;
    while (last.times == 0 && answers < 80)
        sim_send(more[answers++], text);
    assert_int_equal(last.times, 1);
    assert_int_equal(last.error, SIO_ELIMIT);
    assert_int_equal(sio_value_count(last.values), answers - 1);
    assert_int_equal(answers - 1,
                     SIO_LIMIT_ANSWERS / (sizeof(sio_value) + sio_arena_size(len + 1)));
    assert_int_equal(world.server->answer_bytes, 0);
    free(text);
    stop();
}

/* ---- callbacks do what they like ---- */

static int rounds;

static void ask_again(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    assert_int_equal(answers->error, 0);
    rounds++;
    const int err = sio_namespace_server_count(nsp, 0, ask_again, data);
    assert_int_equal(err, rounds == 6 ? SIO_ECLOSED : 0);
    sio_namespace_emit(nsp, NULL, "round", "i", rounds);
}

static void asking_for_ever_does_not_hold_the_loop(void **state)
{
    (void)state;
    start(1);
    rounds = 0;
    assert_int_equal(sio_namespace_server_count(root, 0, ask_again, NULL), 0);
    for (int i = 1; i <= 5; i++) {
        assert_true(world.woken);
        world.woken = false;
        sio_core_flush(world.server);
        assert_int_equal(rounds, i);
    }
    sim_expect(&peers[0]->inbox, "42[\"round\",1]");
    /* the next round waits, and ends with the server */
    stop();
    assert_int_equal(rounds, 6);
}

static void close_server(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    heard_answers(nsp, answers, data);
    sio_core_close(sio_namespace_server(nsp));
    assert_int_equal(sio_namespace_server_count(nsp, 0, heard_answers, data), SIO_ECLOSED);
    assert_int_equal(sio_namespace_emit_ack(nsp, NULL, heard_answers, data, "e", NULL),
                     SIO_ECLOSED);
}

static void closing_ends_all_questions(void **state)
{
    (void)state;
    heard open = { 0 };
    start(2);
    assert_int_equal(sio_namespace_emit_ack(root, NULL, heard_answers, &open, "q", NULL), 0);
    sim_turn(&world);
    sim_send(peers[0], "430[1]");
    assert_int_equal(sio_namespace_server_count(root, 0, close_server, &last), 0);
    sim_turn(&world);
    heard_expect(&last, 0, "[1]");
    heard_expect(&open, SIO_ECLOSED, "[1]");
    assert_true(sio_core_idle(world.server));
    heard_clear(&open);
    stop();
}

static void disconnect_all(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    heard_answers(nsp, answers, data);
    sio_namespace_disconnect_sockets(nsp, NULL, true);
}

static void the_last_answer_may_end_its_sender(void **state)
{
    (void)state;
    start(2);
    assert_int_equal(sio_namespace_emit_ack(root, NULL, disconnect_all, &last, "q", NULL), 0);
    sim_write(peers[0], "430[1]");
    sim_write(peers[1], "430[2]");
    sim_turn(&world);
    heard_expect(&last, 0, "[1,2]");
    sim_expect(&world.journal, "disconnect: server namespace disconnect");
    sim_expect(&world.journal, "disconnect: server namespace disconnect");
    stop();
}

/* ---- orders ---- */

static void what_is_ordered_is_done_at_once(void **state)
{
    (void)state;
    start(3);
    const sio_target room = { .rooms = SIO_ROOMS("new") };
    assert_int_equal(sio_namespace_sockets_join(root, &(sio_target){ .from = sockets[2] },
                                                SIO_ROOMS("new", "more")),
                     0);
    sio_namespace_emit(root, &room, "e", NULL);
    assert_int_equal(sio_namespace_sockets_leave(root,
                                                 &(sio_target){ .rooms = SIO_ROOMS(id_of(0)) },
                                                 SIO_ROOMS("new", "never")),
                     0);
    sio_namespace_emit(root, &room, "f", NULL);
    assert_int_equal(sio_namespace_disconnect_sockets(root, &room, false), 0);
    sio_namespace_emit(root, NULL, "g", NULL);
    sim_turn(&world);
    sim_expect(&peers[0]->inbox, "42[\"e\"]");
    sim_expect(&peers[0]->inbox, "42[\"g\"]");
    sim_expect(&peers[1]->inbox, "42[\"e\"]");
    sim_expect(&peers[1]->inbox, "42[\"f\"]");
    sim_expect(&peers[1]->inbox, "41");
    sim_expect_nothing(&peers[1]->inbox);
    sim_expect(&peers[2]->inbox, "42[\"g\"]");
    assert_int_equal(sio_socket_room_count(sockets[0]), 2);
    sim_expect(&world.journal, "disconnect: server namespace disconnect");
    assert_int_equal(
        sio_namespace_disconnect_sockets(root, &(sio_target){ .except = SIO_ROOMS("more") }, true),
        0);
    sim_turn(&world);
    sim_expect(&peers[2]->inbox, "41");
    sim_expect(&peers[2]->inbox, "<close>");
    assert_int_equal(sio_namespace_count(root), 1);
    stop();
}

/* ---- views ---- */

static void end_the_others(sio_socket *socket, void *data)
{
    (*(int *)data)++;
    for (int i = 0; i < 3; i++)
        if (sockets[i] != socket)
            sio_socket_disconnect(sockets[i], true);
}

static void each_may_end_the_others(void **state)
{
    (void)state;
    int calls = 0;
    start(3);
    assert_int_equal(sio_namespace_each(root, NULL, end_the_others, &calls), 0);
    assert_int_equal(calls, 1);
    assert_int_equal(sio_namespace_count(root), 1);
    stop();
}

static void count_socket(sio_socket *socket, void *data)
{
    assert_true(sio_socket_connected(socket));
    (*(int *)data)++;
}

static void leave_room(const char *room, void *data)
{
    (*(int *)data)++;
    for (int i = 0; i < 3; i++)
        sio_socket_leave(sockets[i], room);
}

static void rooms_can_be_viewed(void **state)
{
    (void)state;
    int calls = 0;
    start(3);
    sio_socket_join(sockets[0], "a");
    sio_socket_join(sockets[1], "a");
    assert_int_equal(sio_namespace_room_size(root, "a"), 2);
    assert_int_equal(sio_namespace_room_size(root, id_of(0)), 1);
    assert_int_equal(sio_namespace_room_size(root, "b"), 0);
    assert_int_equal(sio_namespace_room_size(root, NULL), 0);
    const sio_target target = { .rooms = SIO_ROOMS("a"), .from = sockets[1] };
    assert_int_equal(sio_namespace_each(root, &target, count_socket, &calls), 0);
    assert_int_equal(calls, 1);
    calls = 0;
    assert_int_equal(sio_namespace_each_room(root, leave_room, &calls), 0);
    assert_int_equal(calls, 4);
    assert_int_equal(sio_namespace_room_size(root, "a"), 0);
    stop();
}

/* A middleware keeps it waiting: it is in a room, but not connected. */
static void hold(sio_socket *socket, sio_next *next, void *data)
{
    assert_int_equal(sio_socket_join(socket, "early"), 0);
    *(sio_next **)data = next;
}

static void who_is_not_connected_is_not_meant(void **state)
{
    (void)state;
    sio_next *next = NULL;
    int calls = 0;
    start(1);
    sio_namespace *held = sio_server_of(world.server, "/held");
    assert_int_equal(sio_namespace_use(held, hold, &next), 0);
    sim_send(peers[0], "40/held,");
    assert_int_equal(sio_namespace_room_size(held, "early"), 1);
    assert_int_equal(sio_namespace_each(held, NULL, count_socket, &calls), 0);
    assert_int_equal(sio_namespace_sockets_join(held, NULL, SIO_ROOMS("x")), 0);
    assert_int_equal(sio_namespace_disconnect_sockets(held, NULL, true), 0);
    assert_int_equal(sio_namespace_fetch_sockets(held, NULL, heard_answers, &last), 0);
    sim_turn(&world);
    heard_expect(&last, 0, "[]");
    assert_int_equal(sio_namespace_emit_ack(held, NULL, heard_answers, &last, "e", NULL), 0);
    sim_turn(&world);
    heard_expect(&last, 0, "[]");
    assert_int_equal(calls, 0);
    assert_int_equal(sio_namespace_room_size(held, "x"), 0);
    sio_next_pass(next);
    stop();
}

/* ---- what happens to rooms ---- */

static void on_created(sio_namespace *nsp, const char *room, void *data)
{
    (void)data;
    assert_ptr_equal(nsp, root);
    sim_note(&world, "+%s", room);
}

static void on_deleted(sio_namespace *nsp, const char *room, void *data)
{
    (void)nsp;
    (void)data;
    sim_note(&world, "-%s", room);
}

static void on_joined(sio_namespace *nsp, const char *room, const char *id, void *data)
{
    (void)nsp;
    sim_note(&world, "%.3s in %s", id, room);
    if (strcmp(room, "chain") == 0)
        sio_socket_join(data, "link");
}

static void on_left(sio_namespace *nsp, const char *room, const char *id, void *data)
{
    (void)data;
    sim_note(&world, "%.3s out of %s", id, room);
    if (strcmp(room, "last") == 0)
        assert_int_equal(sio_namespace_on_rooms(nsp, NULL, NULL), 0);
}

static void expect_journal(const char *format, ...) SIO_PRINTF(1, 2);
static void expect_journal(const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    sim_expect(&world.journal, text);
}

static void room_events_are_told(void **state)
{
    (void)state;
    start(2);
    const sio_room_events events = { on_created, on_deleted, on_joined, on_left };
    assert_int_equal(sio_namespace_on_rooms(root, &events, sockets[1]), 0);
    sio_socket_join(sockets[0], "a");
    sio_socket_join(sockets[0], "a");
    sio_socket_join(sockets[1], "a");
    sim_expect_nothing(&world.journal);
    sim_turn(&world);
    expect_journal("+a");
    expect_journal("%.3s in a", id_of(0));
    expect_journal("%.3s in a", id_of(1));
    sio_socket_join(sockets[0], "chain");
    sim_turn(&world);
    expect_journal("+chain");
    expect_journal("%.3s in chain", id_of(0));
    expect_journal("+link");
    expect_journal("%.3s in link", id_of(1));
    sio_socket_leave(sockets[0], "chain");
    sio_socket_leave(sockets[0], "a");
    sim_turn(&world);
    expect_journal("%.3s out of chain", id_of(0));
    expect_journal("-chain");
    expect_journal("%.3s out of a", id_of(0));
    char id[21];
    memcpy(id, id_of(0), sizeof(id));
    sim_vanish(peers[0]);
    expect_journal("disconnect: transport close");
    expect_journal("%.3s out of %s", id, id);
    expect_journal("-%s", id);
    sio_socket_join(sockets[1], "last");
    sio_socket_leave(sockets[1], "last");
    sio_socket_leave(sockets[1], "a");
    sim_turn(&world);
    expect_journal("+last");
    expect_journal("%.3s in last", id_of(1));
    expect_journal("%.3s out of last", id_of(1));
    expect_journal("-last");
    sim_expect_nothing(&world.journal);
    stop();
}

static void room_events_come_when_the_server_closes(void **state)
{
    (void)state;
    static size_t count;
    start(2);
    const sio_room_events events = { .deleted = on_deleted };
    assert_int_equal(sio_namespace_on_rooms(root, &events, NULL), 0);
    sio_core_close(world.server);
    sim_turn(&world);
    for (const char *text; (text = sim_texts_next(&world.journal));)
        count += text[0] == '-';
    assert_int_equal(count, 2);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_node_answers_itself),
        cmocka_unit_test(rooms_are_sorted),
        cmocka_unit_test(sockets_are_described),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(too_many_questions_are_refused),
        cmocka_unit_test(answers_are_collected),
        cmocka_unit_test(nobody_is_asked),
        cmocka_unit_test(who_is_silent_is_waited_for),
        cmocka_unit_test(an_acknowledgement_is_not_mistaken),
        cmocka_unit_test(one_who_never_answers_does_not_stop_the_rest),
        cmocka_unit_test(volatile_asks_whom_it_reaches),
        cmocka_unit_test(too_long_answers_end_the_question),
        cmocka_unit_test(asking_for_ever_does_not_hold_the_loop),
        cmocka_unit_test(closing_ends_all_questions),
        cmocka_unit_test(the_last_answer_may_end_its_sender),
        cmocka_unit_test(what_is_ordered_is_done_at_once),
        cmocka_unit_test(each_may_end_the_others),
        cmocka_unit_test(rooms_can_be_viewed),
        cmocka_unit_test(who_is_not_connected_is_not_meant),
        cmocka_unit_test(room_events_are_told),
        cmocka_unit_test(room_events_come_when_the_server_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
