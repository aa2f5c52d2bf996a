/* What one client may send, join and leave unread, by sio_limit_options. */
#include "sim.h"

#include <sio/sys/limits.h>

static sim world;
static sio_namespace *root;

static void start(size_t max_buffered, sio_limit_options limits)
{
    root = sim_begin(&world, 11,
                     (sio_server_options){ .max_buffered = max_buffered, .limits = limits });
}

static sim_peer *join(sio_eio_transport transport)
{
    return sim_enter(&world, transport);
}

/* ---- rates ---- */

static int send_until_closed(sim_peer *peer, const char *text)
{
    int sent = 0;
    while (sim_client(peer) && sent < 1000) {
        sim_send(peer, text);
        sent++;
    }
    return sent;
}

static void packets_come_so_fast(void **state)
{
    (void)state;
    const sio_eio_transport transports[] = { SIO_EIO_WEBSOCKET, SIO_EIO_POLLING };
    for (int i = 0; i < 2; i++) {
        start(0, (sio_limit_options){ .packets = { .per_second = 2, .burst = 10 } });
        sim_peer *peer = join(transports[i]);
        assert_int_equal(send_until_closed(peer, "42[\"a\"]"), 10);
        sim_expect(&world.journal, "disconnect: rate limit exceeded");
        assert_int_equal(world.server->stats.rate_exceeded, 1);
        sim_stop(&world);
    }
}

static void who_keeps_to_the_rate_stays(void **state)
{
    (void)state;
    start(0, (sio_limit_options){ .packets = { .per_second = 2, .burst = 2 } });
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    for (int i = 0; i < 20; i++) {
        sim_wait(&world, 500);
        sim_send(peer, "42[\"a\"]");
    }
    assert_non_null(sim_client(peer));
    sim_send(peer, "42[\"a\"]");
    sim_send(peer, "42[\"a\"]");
    assert_null(sim_client(peer));
    sim_stop(&world);
}

/* One POST with many packets is no way around it. */
static void a_payload_is_all_of_its_packets(void **state)
{
    (void)state;
    start(0, (sio_limit_options){ .packets = { .per_second = 1, .burst = 5 } });
    sim_peer *peer = join(SIO_EIO_POLLING);
    sim_send(peer, "3\x1e"
                   "3\x1e"
                   "3\x1e"
                   "3\x1e"
                   "3\x1e"
                   "3");
    assert_null(sim_client(peer));
    sim_expect(&world.journal, "disconnect: rate limit exceeded");
    assert_int_equal(world.server->stats.rate_exceeded, 1);
    sim_stop(&world);
}

static void bytes_come_so_fast(void **state)
{
    (void)state;
    char text[1024];
    memset(text, 'x', sizeof(text));
    memcpy(text, "42[\"a\",\"", 8);
    memcpy(text + sizeof(text) - 3, "\"]", 3);
    start(0, (sio_limit_options){ .bytes = { .per_second = 1000, .burst = 3000 } });
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    assert_int_equal(send_until_closed(peer, text), 4);
    sim_expect(&world.journal, "disconnect: rate limit exceeded");
    sim_stop(&world);
}

static void who_sends_nothing_costs_nothing(void **state)
{
    (void)state;
    start(0, (sio_limit_options){ 0 });
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    sim_send(peer, "42[\"a\"]");
    assert_null(sim_client(peer)->quota);
    sim_stop(&world);
    start(0, (sio_limit_options){ .bytes = { .per_second = 1000 } });
    peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    assert_null(sim_client(peer)->quota);
    sim_stop(&world);
}

/* ---- what waits ---- */

static void emit_numbers(int from, int to)
{
    for (int i = from; i < to; i++) {
        assert_int_equal(sio_namespace_emit(root, NULL, "n", "i", i), 0);
        sim_turn(&world);
    }
}

static void expect_numbers(sim_peer *peer, int from, int to)
{
    char text[32];
    for (int i = from; i < to; i++) {
        snprintf(text, sizeof(text), "42[\"n\",%d]", i);
        sim_expect(&peer->inbox, text);
    }
}

/* What the first ten, and not the eleventh, fit into: 12 bytes with their header, and their cost.
 */
#define TEN (10 * (12 + SIO_LIMIT_MESSAGE_COST) + 5)

static void the_newest_are_dropped(void **state)
{
    (void)state;
    start(TEN, (sio_limit_options){ .overflow = SIO_OVERFLOW_DROP_NEWEST });
    sim_peer *slow = join(SIO_EIO_WEBSOCKET), *good = join(SIO_EIO_WEBSOCKET);
    sim_stick(slow);
    emit_numbers(10, 30);
    sim_unstick(slow);
    expect_numbers(slow, 10, 20);
    sim_expect_nothing(&slow->inbox);
    expect_numbers(good, 10, 30);
    assert_int_equal(world.server->stats.dropped_messages, 10);
    emit_numbers(30, 32);
    expect_numbers(slow, 30, 32);
    assert_int_equal(world.server->stats.overflows, 0);
    sim_stop(&world);
}

static void the_oldest_are_dropped(void **state)
{
    (void)state;
    start(TEN, (sio_limit_options){ .overflow = SIO_OVERFLOW_DROP_OLDEST });
    sim_peer *slow = join(SIO_EIO_WEBSOCKET), *good = join(SIO_EIO_WEBSOCKET);
    sim_stick(slow);
    emit_numbers(10, 30);
    sim_unstick(slow);
    expect_numbers(slow, 20, 30);
    sim_expect_nothing(&slow->inbox);
    expect_numbers(good, 10, 30);
    assert_int_equal(world.server->stats.dropped_messages, 10);
    assert_int_equal(world.server->stats.overflows, 0);
    sim_stop(&world);
}

static void a_polling_client_loses_the_oldest_too(void **state)
{
    (void)state;
    start(TEN, (sio_limit_options){ .overflow = SIO_OVERFLOW_DROP_OLDEST });
    sim_peer *slow = join(SIO_EIO_POLLING);
    emit_numbers(10, 30);
    assert_int_equal(sim_poll(slow), 0);
    expect_numbers(slow, 20, 30);
    sim_expect_nothing(&slow->inbox);
    sim_stop(&world);
}

static void on_ask(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket;
    (void)args;
    (void)data;
    (void)sio_ack_send(ack, "s", "answer");
}

/* Clients wait for them. */
static void answers_are_never_dropped(void **state)
{
    (void)state;
    start(TEN, (sio_limit_options){ .overflow = SIO_OVERFLOW_DROP_OLDEST });
    assert_int_equal(sio_namespace_on(root, "ask", on_ask, NULL), 0);
    sim_peer *slow = join(SIO_EIO_WEBSOCKET);
    sim_stick(slow);
    sim_send(slow, "421[\"ask\"]");
    emit_numbers(10, 30);
    sim_send(slow, "422[\"ask\"]");
    sim_unstick(slow);
    sim_expect(&slow->inbox, "431[\"answer\"]");
    expect_numbers(slow, 22, 30);
    sim_expect(&slow->inbox, "432[\"answer\"]");
    sim_expect_nothing(&slow->inbox);
    sim_stop(&world);
}

static void who_asks_and_never_reads_is_closed(void **state)
{
    (void)state;
    const sio_overflow ways[] = { SIO_OVERFLOW_CLOSE, SIO_OVERFLOW_DROP_NEWEST,
                                  SIO_OVERFLOW_DROP_OLDEST };
    for (int i = 0; i < 3; i++) {
        start(20000, (sio_limit_options){ .overflow = ways[i] });
        assert_int_equal(sio_namespace_on(root, "ask", on_ask, NULL), 0);
        sim_peer *slow = join(SIO_EIO_WEBSOCKET);
        sim_stick(slow);
        assert_in_range(send_until_closed(slow, "421[\"ask\"]"), 100, 400);
        sim_expect(&world.journal, "disconnect: buffer overflow");
        assert_int_equal(world.server->stats.buffered_bytes, 0);
        sim_stop(&world);
    }
}

static void the_whole_server_has_a_budget(void **state)
{
    (void)state;
    enum { CLIENTS = 8, EACH = 100000 };
    static char text[10000];
    sim_peer *slow[CLIENTS];
    memset(text, 'x', sizeof(text) - 1);
    start(0, (sio_limit_options){ .max_buffered_total = (size_t)CLIENTS * EACH / 2 });
    for (int i = 0; i < CLIENTS; i++)
        slow[i] = join(SIO_EIO_WEBSOCKET);
    sim_peer *good = join(SIO_EIO_WEBSOCKET), *late = join(SIO_EIO_WEBSOCKET);
    for (int i = 0; i < CLIENTS; i++)
        sim_stick(slow[i]);
    for (int i = 0; i < 15; i++) {
        if (i == 10)
            sim_stick(late);
        assert_int_equal(sio_namespace_emit(root, NULL, "n", "s", text), 0);
        sim_turn(&world);
        assert_true(world.server->stats.buffered_bytes <= (size_t)CLIENTS * EACH);
    }
    assert_int_equal(world.server->stats.overflows, CLIENTS);
    assert_non_null(sim_client(good));
    assert_non_null(sim_client(late));
    sim_expect(&world.journal, "disconnect: buffer overflow");
    sim_unstick(late);
    sim_turn(&world);
    assert_int_equal(world.server->stats.buffered_bytes, 0);
    sim_stop(&world);
}

static void what_waits_is_counted(void **state)
{
    (void)state;
    start(0, (sio_limit_options){ 0 });
    sim_peer *one = join(SIO_EIO_WEBSOCKET), *two = join(SIO_EIO_POLLING);
    sim_stick(one);
    emit_numbers(10, 15);
    assert_int_equal(world.server->stats.buffered_bytes,
                     2 * 5 * (12 + (int)SIO_LIMIT_MESSAGE_COST));
    sim_poll(two);
    assert_int_equal(world.server->stats.buffered_bytes, 5 * (12 + (int)SIO_LIMIT_MESSAGE_COST));
    sim_vanish(one);
    sim_turn(&world);
    assert_int_equal(world.server->stats.buffered_bytes, 0);
    sim_stop(&world);
}

/* ---- what it is in ---- */

static void a_socket_is_in_so_many_rooms(void **state)
{
    (void)state;
    start(0, (sio_limit_options){ .max_rooms_per_socket = 3 });
    (void)join(SIO_EIO_WEBSOCKET);
    assert_int_equal(sio_socket_join(sim_last, "a"), 0);
    assert_int_equal(sio_socket_join(sim_last, "b"), 0);
    assert_int_equal(sio_socket_join(sim_last, "c"), SIO_ELIMIT);
    assert_int_equal(sio_socket_join(sim_last, "a"), 0);
    assert_int_equal(sio_namespace_sockets_join(root, NULL, SIO_ROOMS("d")), SIO_ELIMIT);
    assert_int_equal(sio_socket_room_count(sim_last), 3);
    sio_socket_leave(sim_last, "a");
    assert_int_equal(sio_socket_join(sim_last, "c"), 0);
    sim_stop(&world);
}

static void a_client_is_in_so_many_namespaces(void **state)
{
    (void)state;
    start(0, (sio_limit_options){ .max_namespaces_per_client = 2 });
    assert_non_null(sio_server_of(world.server, "/b"));
    assert_non_null(sio_server_of(world.server, "/c"));
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/b,");
    assert_non_null(sim_client(peer));
    sim_send(peer, "40/c,");
    assert_null(sim_client(peer));
    sim_stop(&world);
}

static void on_reply(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)socket;
    (void)error;
    (void)args;
    (void)data;
}

static void a_socket_owes_so_many_answers(void **state)
{
    (void)state;
    start(0, (sio_limit_options){ .max_pending_acks = 2 });
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    for (int i = 0; i < 2; i++)
        assert_int_equal(sio_socket_emit_ack(sim_last, 0, on_reply, NULL, "q", NULL), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, on_reply, NULL, "q", NULL), SIO_ELIMIT);
    sim_turn(&world);
    sim_send(peer, "430[]");
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, on_reply, NULL, "q", NULL), 0);
    sim_stop(&world);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    const sio_limit_options wrong[] = { { .packets.burst = 1 },
                                        { .bytes.burst = 1 },
                                        { .overflow = (sio_overflow)3 } };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        sio_server *server;
        const sio_server_options options = { .limits = wrong[i] };
        assert_int_equal(sio_server_new(&server, &options), SIO_EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_so_fast),
        cmocka_unit_test(who_keeps_to_the_rate_stays),
        cmocka_unit_test(a_payload_is_all_of_its_packets),
        cmocka_unit_test(bytes_come_so_fast),
        cmocka_unit_test(who_sends_nothing_costs_nothing),
        cmocka_unit_test(the_newest_are_dropped),
        cmocka_unit_test(the_oldest_are_dropped),
        cmocka_unit_test(a_polling_client_loses_the_oldest_too),
        cmocka_unit_test(answers_are_never_dropped),
        cmocka_unit_test(who_asks_and_never_reads_is_closed),
        cmocka_unit_test(the_whole_server_has_a_budget),
        cmocka_unit_test(what_waits_is_counted),
        cmocka_unit_test(a_socket_is_in_so_many_rooms),
        cmocka_unit_test(a_client_is_in_so_many_namespaces),
        cmocka_unit_test(a_socket_owes_so_many_answers),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
