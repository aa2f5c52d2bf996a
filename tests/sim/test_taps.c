/* Handlers that come and go, catch-all listeners, middlewares of packets, and what a socket keeps.
 */
#include "sim.h"

#include <sio/sys/limits.h>

#include "core/describe.h"
#include "core/namespace.h"

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

static void on_event(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    sim_note_args(&world, data, args, ack);
}

static void note(const char *tag, const char *event, const sio_args *args, const sio_ack *ack)
{
    char what[64];
    snprintf(what, sizeof(what), "%s %s", tag, event);
    sim_note_args(&world, what, args, ack);
}

static void on_any(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                   void *data)
{
    (void)socket;
    note(data, event, args, ack);
}

static void on_other_any(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                         void *data)
{
    on_any(socket, event, args, ack, data);
}

/* ---- once and off ---- */

static void once_is_once(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_once(sim_last, "a", on_event, TAG("once")), 0);
    assert_int_equal(sio_socket_on(sim_last, "a", on_event, TAG("on")), 0);
    assert_int_equal(sio_socket_once(sim_last, "connect", on_event, NULL), SIO_ERESERVED);
    assert_int_equal(sio_socket_once(sim_last, "a", NULL, NULL), SIO_EINVAL);
    sim_send(peer, "42[\"a\",1]");
    sim_send(peer, "42[\"a\",2]");
    sim_expect(&world.journal, "once [1]");
    sim_expect(&world.journal, "on [1]");
    sim_expect(&world.journal, "on [2]");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void on_event_too(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    on_event(socket, args, ack, data);
}

static void handlers_are_taken_out(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_on(sim_last, "a", on_event, TAG("one")), 0);
    assert_int_equal(sio_socket_on(sim_last, "a", on_event_too, TAG("two")), 0);
    assert_int_equal(sio_socket_on(sim_last, "a", on_event, TAG("three")), 0);
    assert_int_equal(sio_socket_on(sim_last, "b", on_event, TAG("b")), 0);
    assert_int_equal(sio_namespace_on(root, "a", on_event, TAG("all")), 0);
    sio_socket_off(sim_last, "nothing", NULL);
    sio_socket_off(sim_last, "a", on_event);
    sim_send(peer, "42[\"a\"]");
    sim_expect(&world.journal, "all []");
    sim_expect(&world.journal, "two []");
    sio_socket_off(sim_last, NULL, on_event_too);
    sio_namespace_off(root, "a", NULL);
    sim_send(peer, "42[\"a\"]");
    sim_send(peer, "42[\"b\"]");
    sim_expect(&world.journal, "b []");
    sio_socket_off(sim_last, NULL, NULL);
    sim_send(peer, "42[\"b\"]");
    sim_expect_nothing(&world.journal);
    assert_int_equal(sio_socket_on(sim_last, "b", on_event, TAG("again")), 0);
    sim_send(peer, "42[\"b\"]");
    sim_expect(&world.journal, "again []");
    sim_stop(&world);
}

/* Takes out itself and the one behind it, and frees what both point to. */
static void clear_all(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    static char tag[] = "new";
    char *freed = data;
    (void)args;
    (void)ack;
    sim_note(&world, "clear");
    sio_socket_off(socket, NULL, NULL);
    free(freed);
    assert_int_equal(sio_socket_on(socket, "a", on_event, tag), 0);
}

static void handlers_may_take_out_handlers(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    char *data = strdup("gone");
    assert_int_equal(sio_socket_on(sim_last, "a", clear_all, data), 0);
    assert_int_equal(sio_socket_on(sim_last, "a", on_event, data), 0);
    sim_send(peer, "42[\"a\"]");
    sim_expect(&world.journal, "clear");
    sim_expect_nothing(&world.journal);
    sim_send(peer, "42[\"a\"]");
    sim_expect(&world.journal, "new []");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

/* ---- catch-all listeners ---- */

static void listeners_hear_every_event(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_on(sim_last, "a", on_event, TAG("handler")), 0);
    assert_int_equal(sio_socket_on_any(sim_last, on_any, TAG("own")), 0);
    assert_int_equal(sio_socket_prepend_any(sim_last, on_other_any, TAG("first")), 0);
    assert_int_equal(sio_namespace_on_any(root, on_any, TAG("all")), 0);
    assert_int_equal(sio_namespace_prepend_any(root, on_any, TAG("all first")), 0);
    assert_int_equal(sio_socket_on_any(sim_last, NULL, NULL), SIO_EINVAL);
    sim_send(peer, "427[\"a\",1]");
    sim_expect(&world.journal, "all first a [1] ack");
    sim_expect(&world.journal, "all a [1] ack");
    sim_expect(&world.journal, "first a [1] ack");
    sim_expect(&world.journal, "own a [1] ack");
    sim_expect(&world.journal, "handler [1] ack");
    sio_namespace_off_any(root, NULL);
    sio_socket_off_any(sim_last, on_other_any);
    sim_send(peer, "42[8]");
    sim_expect(&world.journal, "own 8 []");
    sio_socket_off_any(sim_last, NULL);
    sim_send(peer, "42[\"b\"]");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void leave_at_once(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                          void *data)
{
    (void)event;
    (void)args;
    (void)ack;
    sim_note(&world, "leave");
    sio_socket_off_any(socket, data ? NULL : leave_at_once);
    sio_socket_disconnect(socket, false);
}

static void listeners_are_listed(void **state)
{
    (void)state;
    sio_any_cb found[3] = { NULL };
    start();
    join();
    assert_int_equal(sio_socket_listeners_any(sim_last, found, 3), 0);
    assert_int_equal(sio_socket_listeners_any_outgoing(sim_last, NULL, 0), 0);
    assert_int_equal(sio_socket_on_any(sim_last, on_any, TAG("a")), 0);
    assert_int_equal(sio_socket_prepend_any(sim_last, on_other_any, TAG("b")), 0);
    assert_int_equal(sio_socket_on_any_outgoing(sim_last, on_any, TAG("c")), 0);
    assert_int_equal(sio_socket_listeners_any(sim_last, found, 1), 2);
    assert_true(found[0] == on_other_any && !found[1]);
    assert_int_equal(sio_socket_listeners_any(sim_last, found, 3), 2);
    assert_true(found[0] == on_other_any && found[1] == on_any && !found[2]);
    assert_int_equal(sio_socket_listeners_any_outgoing(sim_last, found, 3), 1);
    sio_socket_off_any(sim_last, on_other_any);
    assert_int_equal(sio_socket_listeners_any(sim_last, found, 3), 1);
    assert_true(found[0] == on_any);
    sim_stop(&world);
}

static void a_listener_may_end_the_socket(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_on(sim_last, "a", on_event, TAG("handler")), 0);
    assert_int_equal(sio_socket_on_any(sim_last, leave_at_once, NULL), 0);
    assert_int_equal(sio_socket_on_any(sim_last, on_any, TAG("after")), 0);
    sim_send(peer, "42[\"a\"]");
    sim_expect(&world.journal, "leave");
    sim_expect(&world.journal, "disconnect: server namespace disconnect");
    sim_expect(&world.journal, "after a []");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void listeners_hear_what_goes_out(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    sio_socket *first = sim_last;
    sim_peer *other = join();
    assert_int_equal(sio_socket_on_any_outgoing(first, on_any, TAG("own")), 0);
    assert_int_equal(sio_socket_prepend_any_outgoing(first, on_other_any, TAG("before")), 0);
    assert_int_equal(sio_socket_emit(first, "a", "iB", 1, "x", (size_t)1), 0);
    sim_expect(&world.journal, "before a [1,{\"type\":\"Buffer\",\"data\":[120]}]");
    sim_expect(&world.journal, "own a [1,{\"type\":\"Buffer\",\"data\":[120]}]");
    sio_socket_off_any_outgoing(first, on_other_any);
    assert_int_equal(sio_namespace_emit(root, NULL, "b", NULL), 0);
    sim_expect(&world.journal, "own b []");
    assert_int_equal(sio_socket_broadcast(first, NULL, "c", NULL), 0);
    assert_int_equal(sio_socket_emit(sim_last, "d", NULL), 0);
    sim_expect_nothing(&world.journal);
    sio_socket_off_any_outgoing(first, NULL);
    assert_int_equal(root->watched, 0);
    assert_int_equal(sio_namespace_on_any_outgoing(root, on_any, TAG("all")), 0);
    assert_int_equal(sio_namespace_prepend_any_outgoing(root, on_other_any, TAG("first")), 0);
    assert_int_equal(sio_namespace_emit(root, NULL, "e", NULL), 0);
    sim_expect(&world.journal, "first e []");
    sim_expect(&world.journal, "all e []");
    sim_expect(&world.journal, "first e []");
    sim_expect(&world.journal, "all e []");
    sio_namespace_off_any_outgoing(root, NULL);
    assert_int_equal(sio_namespace_emit(root, NULL, "f", NULL), 0);
    sim_expect_nothing(&world.journal);
    sim_turn(&world);
    sim_expect(&peer->inbox, "451-[\"a\",1,{\"_placeholder\":true,\"num\":0}]");
    sim_expect(&peer->inbox, "b:78");
    sim_expect(&peer->inbox, "42[\"b\"]");
    sim_expect(&peer->inbox, "42[\"e\"]");
    sim_expect(&peer->inbox, "42[\"f\"]");
    sim_expect(&other->inbox, "42[\"b\"]");
    sim_stop(&world);
}

static void note_error(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)socket;
    (void)args;
    sim_note(&world, "%s %s", (const char *)data, sio_err_name(error));
}

/* Whoever is told of a broadcast first ends the other. */
static void end_other(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                      void *data)
{
    sio_socket **sockets = data;
    (void)event;
    (void)args;
    (void)ack;
    sim_note(&world, "told");
    sio_socket_off_any_outgoing(socket, NULL);
    sio_socket_disconnect(socket == sockets[0] ? sockets[1] : sockets[0], false);
}

static void who_is_told_may_end_others(void **state)
{
    (void)state;
    sio_socket *sockets[2];
    sim_peer *peers[2];
    start();
    for (int i = 0; i < 2; i++) {
        peers[i] = join();
        sockets[i] = sim_last;
        assert_int_equal(sio_socket_on_any_outgoing(sockets[i], end_other, sockets), 0);
    }
    assert_int_equal(sio_namespace_emit(root, NULL, "a", NULL), 0);
    sim_expect(&world.journal, "told");
    sim_expect(&world.journal, "disconnect: server namespace disconnect");
    sim_expect_nothing(&world.journal);
    sim_turn(&world);
    sio_socket *left = sio_namespace_count(root) == 1
                           ? sio_namespace_socket(root, sio_socket_id(sockets[0]))
                           : NULL;
    sim_peer *stays = left ? peers[0] : peers[1], *leaves = left ? peers[1] : peers[0];
    sim_expect(&stays->inbox, "42[\"a\"]");
    sim_expect(&leaves->inbox, "41");
    sim_expect_nothing(&leaves->inbox);
    assert_int_equal(root->watched, 0);
    sim_stop(&world);
}

static void an_emit_may_end_its_socket(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_on_any_outgoing(sim_last, leave_at_once, NULL), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 10, note_error, TAG("ack"), "a", NULL),
                     SIO_ECLOSED);
    sim_expect(&world.journal, "leave");
    sim_expect(&world.journal, "disconnect: server namespace disconnect");
    sim_expect_nothing(&world.journal);
    sim_turn(&world);
    sim_expect(&peer->inbox, "41");
    sim_expect_nothing(&peer->inbox);
    sim_stop(&world);
}

static void count_told(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                       void *data)
{
    (void)socket;
    (void)ack;
    (void)data;
    sim_note(&world, "%s, %zu arguments", event, sio_args_count(args));
}

static void listeners_are_told_once_of_what_is_kept(void **state)
{
    (void)state;
    sim_start(&world, 3, (sio_server_options){ .connection_state_recovery = { .enable = true } });
    root = sio_server_of(world.server, "/");
    sio_namespace_on_connection(root, sim_on_connection, &world);
    sim_enter(&world, SIO_EIO_WEBSOCKET);
    assert_int_equal(sio_socket_on_any_outgoing(sim_last, count_told, NULL), 0);
    assert_int_equal(sio_socket_emit(sim_last, "a", "i", 1), 0);
    assert_int_equal(sio_namespace_emit(root, NULL, "b", "i", 1), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, note_error, TAG("ack"), "c", "i", 1), 0);
    sim_expect(&world.journal, "a, 2 arguments");
    sim_expect(&world.journal, "b, 2 arguments");
    sim_expect(&world.journal, "c, 1 arguments");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

/* ---- middlewares of packets ---- */

static struct {
    sio_next *next[40];
    int count;
} waiting;

static void pass(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                 void *data)
{
    (void)socket;
    note(data, event, args, NULL);
    sio_next_pass(next);
}

static void refuse(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                   void *data)
{
    (void)socket;
    (void)args;
    (void)data;
    if (strcmp(event, "bad") == 0)
        sio_next_refuse(next, "not this one", "{s:i}", "code", 7);
    else
        sio_next_pass(next);
}

static void wait(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                 void *data)
{
    (void)socket;
    note(data, event, args, NULL);
    waiting.next[waiting.count++] = next;
}

static void on_error(sio_socket *socket, const char *message, const sio_value *value, void *data)
{
    (void)socket;
    char *json;
    assert_int_equal(sio_value_to_json(value, &json, NULL), 0);
    sim_note(&world, "%s: %s %s", (const char *)data, message, json);
    sio_free(json);
}

static void middlewares_see_packets_first(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_use(sim_last, pass, TAG("own")), 0);
    assert_int_equal(sio_namespace_use_packet(root, pass, TAG("all")), 0);
    assert_int_equal(sio_namespace_use_packet(root, refuse, NULL), 0);
    assert_int_equal(sio_socket_use(sim_last, NULL, NULL), SIO_EINVAL);
    assert_int_equal(sio_socket_on(sim_last, "good", on_event, TAG("handler")), 0);
    assert_int_equal(sio_socket_on(sim_last, "bad", on_event, TAG("handler")), 0);
    assert_int_equal(sio_socket_on_any(sim_last, on_any, TAG("any")), 0);
    sim_send(peer, "421[\"good\",1]");
    sim_expect(&world.journal, "any good [1] ack");
    sim_expect(&world.journal, "all good [1]");
    sim_expect(&world.journal, "own good [1]");
    sim_expect(&world.journal, "handler [1] ack");
    sim_send(peer, "42[\"bad\"]");
    sim_expect(&world.journal, "any bad []");
    sim_expect(&world.journal, "all bad []");
    sim_expect_nothing(&world.journal);
    sio_namespace_on_error(root, on_error, TAG("all"));
    assert_int_equal(sio_socket_on_error(sim_last, on_error, TAG("own")), 0);
    sim_send(peer, "42[\"bad\"]");
    sim_expect(&world.journal, "any bad []");
    sim_expect(&world.journal, "all bad []");
    sim_expect(&world.journal, "all: not this one {\"code\":7}");
    sim_expect(&world.journal, "own: not this one {\"code\":7}");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void middlewares_answer_later(void **state)
{
    (void)state;
    start();
    waiting.count = 0;
    sim_peer *peer = join();
    assert_int_equal(sio_namespace_use_packet(root, wait, TAG("first")), 0);
    assert_int_equal(sio_namespace_use_packet(root, wait, TAG("second")), 0);
    assert_int_equal(sio_socket_on(sim_last, "a", on_event, TAG("handler")), 0);
    sio_namespace_on_error(root, on_error, TAG("error"));
    sim_send(peer, "421[\"a\",\"one\"]");
    sim_send(peer, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
    sim_send_binary(peer, "\1", 1);
    sim_send(peer, "42[\"a\",\"three\"]");
    sim_expect(&world.journal, "first a [\"one\"]");
    sim_expect(&world.journal, "first a [{\"type\":\"Buffer\",\"data\":[1]}]");
    sim_expect(&world.journal, "first a [\"three\"]");
    sim_expect_nothing(&world.journal);
    sio_next_pass(waiting.next[1]);
    sim_expect(&world.journal, "second a [{\"type\":\"Buffer\",\"data\":[1]}]");
    sio_next_pass(waiting.next[3]);
    sim_expect(&world.journal, "handler [{\"type\":\"Buffer\",\"data\":[1]}]");
    sio_next_refuse(waiting.next[2], "no", NULL);
    sim_expect(&world.journal, "error: no null");
    sio_next_pass(waiting.next[0]);
    sim_expect(&world.journal, "second a [\"one\"]");
    sio_next_pass(waiting.next[4]);
    sim_expect(&world.journal, "handler [\"one\"] ack");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void answers_for_who_has_left_are_ignored(void **state)
{
    (void)state;
    start();
    waiting.count = 0;
    sim_peer *peer = join();
    assert_int_equal(sio_namespace_use_packet(root, wait, TAG("wait")), 0);
    assert_int_equal(sio_namespace_on(root, "a", on_event, TAG("handler")), 0);
    sio_namespace_on_error(root, on_error, TAG("error"));
    for (int i = 0; i < 3; i++) {
        sim_send(peer, "421[\"a\"]");
        sim_expect(&world.journal, "wait a []");
    }
    sim_vanish(peer);
    sim_expect(&world.journal, "disconnect: transport close");
    sio_next_pass(waiting.next[0]);
    sio_next_refuse(waiting.next[1], "too late", NULL);
    sim_expect_nothing(&world.journal);
    sim_stop(&world); /* the third one is never answered */
}

/* Answers, and ends the socket, in one way or another. */
static void leave_and(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                      void *data)
{
    (void)args;
    (void)data;
    sio_socket_disconnect(socket, false);
    if (strcmp(event, "pass") == 0)
        sio_next_pass(next);
    else if (strcmp(event, "refuse") == 0)
        sio_next_refuse(next, "no", NULL);
    else
        waiting.next[waiting.count++] = next;
}

static void middlewares_may_end_the_socket(void **state)
{
    static const char *const events[] = { "42[\"pass\"]", "42[\"refuse\"]", "42[\"wait\"]" };
    (void)state;
    start();
    waiting.count = 0;
    assert_int_equal(sio_namespace_use_packet(root, leave_and, NULL), 0);
    assert_int_equal(sio_namespace_use_packet(root, pass, TAG("second")), 0);
    assert_int_equal(sio_namespace_on(root, "pass", on_event, TAG("handler")), 0);
    sio_namespace_on_error(root, on_error, TAG("error"));
    for (int i = 0; i < 3; i++) {
        sim_peer *peer = join();
        sim_send(peer, events[i]);
        sim_expect(&world.journal, "disconnect: server namespace disconnect");
        sim_expect_nothing(&world.journal);
    }
    sio_next_pass(waiting.next[0]);
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void close_server(sio_socket *socket, const char *event, const sio_args *args,
                         sio_next *next, void *data)
{
    (void)event;
    (void)args;
    (void)data;
    sio_core_close(sio_socket_server(socket));
    waiting.next[waiting.count++] = next;
}

static void middlewares_may_close_the_server(void **state)
{
    (void)state;
    start();
    waiting.count = 0;
    sim_peer *peer = join();
    assert_int_equal(sio_socket_use(sim_last, close_server, NULL), 0);
    sim_send(peer, "42[\"a\"]");
    sim_expect(&world.journal, "disconnect: server shutting down");
    sio_next_pass(waiting.next[0]);
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void hold(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                 void *data)
{
    (void)socket;
    (void)event;
    (void)args;
    (void)data;
    waiting.next[waiting.count++] = next;
}

static void what_middlewares_hold_is_limited(void **state)
{
    (void)state;
    start();
    waiting.count = 0;
    sim_peer *peer = join();
    static char packet[900000];
    memset(packet, 'x', sizeof(packet) - 1);
    memcpy(packet, "42[\"a\",\"", 8);
    memcpy(packet + sizeof(packet) - 3, "\"]", 2);
    assert_int_equal(sio_socket_use(sim_last, hold, NULL), 0);
    int sent = 0;
    for (; sim_client(peer); sent++)
        assert_int_equal(sim_send(peer, packet), 0);
    assert_in_range(sent, SIO_LIMIT_HELD / sizeof(packet), SIO_LIMIT_HELD / sizeof(packet) + 2);
    assert_int_equal(world.server->stats.overflows, 1);
    for (int i = 0; i < waiting.count; i++)
        sio_next_pass(waiting.next[i]);
    sim_stop(&world);
}

static void malformed_packets_are_errors(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    sio_namespace_on_error(root, on_error, TAG("error"));
    sim_send(peer, "42[");
    sim_expect(&world.journal, "error: malformed input null");
    sim_expect(&world.journal, "disconnect: forced close");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

/* ---- leaving ---- */

static void note_rooms(sio_socket *socket, const char *reason, void *data)
{
    sim_note(&world, "%s %s: %zu rooms", (const char *)data, reason, sio_socket_room_count(socket));
    assert_false(sio_socket_connected(socket));
    assert_int_equal(sio_socket_emit(socket, "a", NULL), SIO_ECLOSED);
    assert_int_equal(sio_socket_on_any(socket, on_any, NULL), SIO_ECLOSED);
    assert_int_equal(sio_socket_use(socket, pass, NULL), SIO_ECLOSED);
    sio_socket_disconnect(socket, true);
}

static void rooms_are_there_while_it_is_disconnecting(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_join_rooms(sim_last, SIO_ROOMS("a", "b", "c")), 0);
    sio_socket_leave_rooms(sim_last, SIO_ROOMS("c", "nowhere"));
    assert_int_equal(sio_socket_join_rooms(sim_last, SIO_ROOMS("\xff", "d")), SIO_EUTF8);
    assert_int_equal(sio_socket_join_rooms(sim_last, NULL), SIO_EINVAL);
    sio_namespace_on_disconnecting(root, note_rooms, TAG("all disconnecting"));
    assert_int_equal(sio_socket_on_disconnecting(sim_last, note_rooms, TAG("disconnecting")), 0);
    sio_namespace_on_disconnect(root, note_rooms, TAG("all"));
    sio_socket_on_disconnect(sim_last, note_rooms, TAG("own"));
    sim_send(peer, "41");
    sim_expect(&world.journal, "all disconnecting client namespace disconnect: 3 rooms");
    sim_expect(&world.journal, "disconnecting client namespace disconnect: 3 rooms");
    sim_expect(&world.journal, "all client namespace disconnect: 0 rooms");
    sim_expect(&world.journal, "own client namespace disconnect: 0 rooms");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

/* ---- context and data ---- */

static void destroy(void *context)
{
    sim_note(&world, "destroy %s", (const char *)context);
}

static void contexts_are_destroyed(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_set_context(sim_last, TAG("one"), destroy), 0);
    assert_int_equal(sio_socket_set_context(sim_last, TAG("two"), destroy), 0);
    sim_expect(&world.journal, "destroy one");
    assert_int_equal(sio_socket_set_context(sim_last, sio_socket_context(sim_last), destroy), 0);
    sim_expect_nothing(&world.journal);
    sio_socket *socket = sio_socket_ref(sim_last);
    sim_send(peer, "41");
    sim_expect(&world.journal, "disconnect: client namespace disconnect");
    sim_expect_nothing(&world.journal);
    assert_string_equal(sio_socket_context(socket), "two");
    sio_socket_unref(socket);
    sim_expect(&world.journal, "destroy two");
    sim_stop(&world);
}

static void data_is_described(void **state)
{
    (void)state;
    start();
    join();
    assert_null(sio_socket_data(sim_last));
    assert_int_equal(sio_socket_set_data(sim_last, "", NULL), 0);
    assert_int_equal(sio_socket_set_data(sim_last, "{s:s}", "name", "K"), 0);
    assert_int_equal(sio_socket_set_data(sim_last, "{s:s}", "name", "\xff"), SIO_EUTF8);
    assert_string_equal(sio_value_string(sio_value_get(sio_socket_data(sim_last), "name"), NULL),
                        "K");
    sio_arena arena = { 0 };
    sio_value map;
    assert_int_equal(sio_socket_describe(&arena, sim_last, &map), 0);
    assert_true(sio_value_equal(sio_value_get(&map, "data"), sio_socket_data(sim_last)));
    sio_arena_free(&arena);
    assert_int_equal(sio_socket_set_data(sim_last, NULL), 0);
    assert_null(sio_socket_data(sim_last));
    sim_stop(&world);
}

static void send_is_the_event_message(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    assert_int_equal(sio_socket_send_message(sim_last, "si", "x", 1), 0);
    sim_turn(&world);
    sim_expect(&peer->inbox, "42[\"message\",\"x\",1]");
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_is_once),
        cmocka_unit_test(handlers_are_taken_out),
        cmocka_unit_test(handlers_may_take_out_handlers),
        cmocka_unit_test(listeners_hear_every_event),
        cmocka_unit_test(listeners_are_listed),
        cmocka_unit_test(a_listener_may_end_the_socket),
        cmocka_unit_test(listeners_hear_what_goes_out),
        cmocka_unit_test(who_is_told_may_end_others),
        cmocka_unit_test(an_emit_may_end_its_socket),
        cmocka_unit_test(listeners_are_told_once_of_what_is_kept),
        cmocka_unit_test(middlewares_see_packets_first),
        cmocka_unit_test(middlewares_answer_later),
        cmocka_unit_test(answers_for_who_has_left_are_ignored),
        cmocka_unit_test(middlewares_may_end_the_socket),
        cmocka_unit_test(middlewares_may_close_the_server),
        cmocka_unit_test(what_middlewares_hold_is_limited),
        cmocka_unit_test(malformed_packets_are_errors),
        cmocka_unit_test(rooms_are_there_while_it_is_disconnecting),
        cmocka_unit_test(contexts_are_destroyed),
        cmocka_unit_test(data_is_described),
        cmocka_unit_test(send_is_the_event_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
