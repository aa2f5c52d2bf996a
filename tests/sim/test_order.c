/* What a client is sent keeps the order of the calls while an adapter owes this node its own
 * broadcasts. */
#include "sim.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

#define MOST 16

/* An adapter that delivers what it is given when the test says so. */
static struct {
    sio_adapter base;
    sio_recovery recovery;
    sio_adapter_host host;
    uint64_t promised, kept;
    sio_buf owed[MOST];
    bool away; /* the link: nothing is owed */
    uint64_t due;
    unsigned ticks;
} adapter;

static sim world;
static sio_namespace *root;

static int on_open(sio_adapter *self, sio_str nsp)
{
    (void)self, (void)nsp;
    return 0;
}

static int on_broadcast(sio_adapter *self, const sio_cluster_message *message)
{
    (void)self;
    if (adapter.away)
        return 0;
    sio_cluster_message_write(&adapter.owed[adapter.promised++ % MOST], message,
                              SIO_CLUSTER_ADAPTER);
    return SIO_ADAPTER_DELIVERS;
}

static void deliver(const char *offset)
{
    sio_arena arena = { 0 };
    sio_cluster_message message;
    sio_buf *bytes = &adapter.owed[adapter.kept++ % MOST];
    assert_int_equal(sio_cluster_message_read(&message, &arena, bytes->data, bytes->len), 0);
    assert_int_equal(sio_cluster_message_data(&message, &arena), 0);
    message.offset = sio_str_from(offset);
    adapter.host.deliver(adapter.host.data, &message);
    sio_arena_free(&arena);
    sio_buf_free(bytes);
}

static void give(const char *offset)
{
    deliver(offset);
    sim_turn(&world);
}

static void on_debt(const sio_recovery *recovery, uint64_t *promised, uint64_t *kept)
{
    (void)recovery;
    *promised = adapter.promised;
    *kept = adapter.kept;
}

static void on_settle(sio_recovery *recovery)
{
    (void)recovery;
    while (adapter.kept < adapter.promised)
        deliver(NULL);
}

static uint64_t on_due(const sio_recovery *recovery)
{
    (void)recovery;
    return adapter.kept < adapter.promised ? adapter.due : UINT64_MAX;
}

static void on_tick(sio_recovery *recovery, uint64_t now)
{
    (void)now;
    adapter.ticks++;
    on_settle(recovery);
}

static int on_persist(sio_recovery *recovery, const sio_session *session, uint64_t now)
{
    (void)recovery, (void)session, (void)now;
    return 0;
}

static void on_forget(sio_recovery *recovery, sio_restorer *restorer)
{
    (void)recovery, (void)restorer;
}

static void on_stats(const sio_recovery *recovery, sio_recovery_stats *out)
{
    (void)recovery;
    *out = (sio_recovery_stats){ 0 };
}

static sim_peer *start(void)
{
    static const sio_adapter_ops ops = { .open = on_open, .broadcast = on_broadcast };
    static const sio_recovery_ops recovery = { .persist = on_persist,
                                               .forget = on_forget,
                                               .debt = on_debt,
                                               .settle = on_settle,
                                               .due = on_due,
                                               .tick = on_tick,
                                               .stats = on_stats };
    sim_start(&world, 77, (sio_server_options){ .connection_state_recovery.enable = true });
    memset(&adapter, 0, sizeof adapter);
    adapter.base.ops = &ops;
    adapter.recovery.ops = &recovery;
    adapter.base.recovery = &adapter.recovery;
    adapter.due = UINT64_MAX;
    adapter.host = sio_core_adapter_host(world.server);
    assert_int_equal(sio_core_set_adapter(world.server, &adapter.base), 0);
    root = sio_server_of(world.server, "/");
    sio_namespace_on_connection(root, sim_on_connection, &world);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40");
    assert_non_null(sim_texts_next(&peer->inbox));
    return peer;
}

static void stop(void)
{
    sio_core_close(world.server);
    assert_int_equal(adapter.kept, adapter.promised);
    sio_core_lose_adapter(world.server);
    sim_stop(&world);
}

static void on_reply(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)socket, (void)error, (void)args, (void)data;
}

/* One of each kind: with an offset, volatile, with an answer, local. */
static void say_all(int number)
{
    const sio_target local = { .flags = SIO_LOCAL };
    assert_int_equal(sio_socket_emit(sim_last, "own", "i", number), 0);
    assert_int_equal(sio_socket_emit_flags(sim_last, SIO_VOLATILE, "volatile", "i", number), 0);
    assert_int_equal(sio_socket_emit_ack(sim_last, 0, on_reply, NULL, "ask", "i", number), 0);
    assert_int_equal(sio_namespace_emit(root, &local, "local", "i", number), 0);
    assert_int_equal(sio_namespace_emit(root, NULL, "all", "i", number), 0);
    sim_turn(&world);
}

static void all_waits_for_its_turn(void **state)
{
    (void)state;
    sim_peer *peer = start();
    say_all(1);
    assert_int_equal(adapter.promised, 2);
    sim_expect_nothing(&peer->inbox);
    give("1-1");
    sim_expect(&peer->inbox, "42[\"own\",1,\"1-1\"]");
    sim_expect(&peer->inbox, "42[\"volatile\",1]");
    sim_expect(&peer->inbox, "420[\"ask\",1]");
    sim_expect(&peer->inbox, "42[\"local\",1]");
    sim_expect_nothing(&peer->inbox);
    say_all(2);
    give("1-2");
    sim_expect(&peer->inbox, "42[\"all\",1,\"1-2\"]");
    sim_expect_nothing(&peer->inbox);
    give("1-3");
    sim_expect(&peer->inbox, "42[\"own\",2,\"1-3\"]");
    sim_expect(&peer->inbox, "42[\"volatile\",2]");
    sim_expect(&peer->inbox, "421[\"ask\",2]");
    sim_expect(&peer->inbox, "42[\"local\",2]");
    give("1-4");
    sim_expect(&peer->inbox, "42[\"all\",2,\"1-4\"]");
    /* nothing is owed: all goes at once */
    assert_int_equal(sio_socket_emit_flags(sim_last, SIO_VOLATILE, "volatile", "i", 3), 0);
    sim_turn(&world);
    sim_expect(&peer->inbox, "42[\"volatile\",3]");
    stop();
}

static void on_ask(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    assert_int_equal(sio_socket_emit(socket, "first", NULL), 0);
    sio_ack_send(ack, "s", "then");
}

static void answers_wait_as_well(void **state)
{
    (void)state;
    sim_peer *peer = start();
    assert_int_equal(sio_namespace_on(root, "ask", on_ask, NULL), 0);
    sim_send(peer, "427[\"ask\"]");
    sim_expect_nothing(&peer->inbox);
    give("1-1");
    sim_expect(&peer->inbox, "42[\"first\",\"1-1\"]");
    sim_expect(&peer->inbox, "437[\"then\"]");
    stop();
}

static void what_others_send_does_not_wait(void **state)
{
    (void)state;
    sim_peer *peer = start();
    const sio_value event[] = { sio_value_of_string(SIO_STR("remote")) };
    const sio_cluster_message message = { .nsp = SIO_STR("/"),
                                          .data = sio_value_of_array(event, 1),
                                          .offset = SIO_STR("1-1") };
    assert_int_equal(sio_namespace_emit(root, NULL, "own", NULL), 0);
    adapter.host.deliver(adapter.host.data, &message);
    sim_turn(&world);
    sim_expect(&peer->inbox, "42[\"remote\",\"1-1\"]");
    give("1-2");
    sim_expect(&peer->inbox, "42[\"own\",\"1-2\"]");
    stop();
}

/* What say_all(1) has said, without offsets. */
static void expect_all(sim_peer *peer)
{
    sim_expect(&peer->inbox, "42[\"own\",1]");
    sim_expect(&peer->inbox, "42[\"volatile\",1]");
    sim_expect(&peer->inbox, "420[\"ask\",1]");
    sim_expect(&peer->inbox, "42[\"local\",1]");
    sim_expect(&peer->inbox, "42[\"all\",1]");
}

static void without_a_link_nothing_waits(void **state)
{
    (void)state;
    sim_peer *peer = start();
    adapter.away = true;
    say_all(1);
    expect_all(peer);
    stop();
}

static void nobody_waits_for_long(void **state)
{
    (void)state;
    sim_peer *peer = start();
    adapter.due = world.now + 1000;
    say_all(1);
    sim_wait(&world, 999);
    sim_expect_nothing(&peer->inbox);
    sim_wait(&world, 1);
    assert_int_equal(adapter.ticks, 1);
    expect_all(peer);
    stop();
}

static void who_is_disconnected_gets_all_before(void **state)
{
    (void)state;
    for (int close = 0; close < 2; close++) {
        sim_peer *peer = start();
        say_all(1);
        sio_socket_disconnect(sim_last, close);
        sim_turn(&world);
        expect_all(peer);
        stop();
    }
}

static void who_is_gone_gets_nothing(void **state)
{
    (void)state;
    sim_peer *peer = start();
    say_all(1);
    sim_vanish(peer);
    sim_peer *other = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(other, "40");
    assert_non_null(sim_texts_next(&other->inbox));
    give("1-1");
    give("1-2");
    sim_expect(&other->inbox, "42[\"all\",1,\"1-2\"]");
    sim_expect_nothing(&other->inbox);
    assert_null(world.server->turns);
    stop();
}

static void what_waits_is_limited(void **state)
{
    (void)state;
    static char text[SIO_LIMIT_ORDER / 4];
    sim_peer *peer = start();
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(sio_socket_emit(sim_last, "own", NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sio_socket_emit_flags(sim_last, SIO_VOLATILE, "v", "s", text), 0);
    assert_int_equal(adapter.kept, 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            sio_namespace_emit(root, &(sio_target){ .flags = SIO_LOCAL }, "v", "s", text), 0);
    assert_int_equal(adapter.kept, 1);
    assert_null(world.server->turns);
    sim_turn(&world);
    sim_expect(&peer->inbox, "42[\"own\"]");
    stop();
}

static unsigned told;
static size_t told_arguments;

static void on_outgoing(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                        void *data)
{
    (void)socket, (void)event, (void)ack, (void)data;
    told++;
    told_arguments = sio_args_count(args);
}

static void listeners_are_told_once(void **state)
{
    (void)state;
    sim_peer *peer = start();
    assert_int_equal(sio_namespace_on_any_outgoing(root, on_outgoing, NULL), 0);
    told = 0;
    assert_int_equal(sio_socket_emit(sim_last, "own", "i", 1), 0);
    assert_int_equal(sio_namespace_emit(root, NULL, "all", "i", 1), 0);
    assert_int_equal(told, 0);
    give("1-1");
    assert_int_equal(told, 1);
    assert_int_equal(told_arguments, 2); /* with the offset */
    give("1-2");
    assert_int_equal(told, 2);
    sim_expect(&peer->inbox, "42[\"own\",1,\"1-1\"]");
    sim_expect(&peer->inbox, "42[\"all\",1,\"1-2\"]");
    adapter.away = true;
    assert_int_equal(sio_socket_emit(sim_last, "own", "i", 1), 0);
    assert_int_equal(told, 3);
    assert_int_equal(told_arguments, 1);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_waits_for_its_turn),
        cmocka_unit_test(answers_wait_as_well),
        cmocka_unit_test(what_others_send_does_not_wait),
        cmocka_unit_test(without_a_link_nothing_waits),
        cmocka_unit_test(nobody_waits_for_long),
        cmocka_unit_test(who_is_disconnected_gets_all_before),
        cmocka_unit_test(who_is_gone_gets_nothing),
        cmocka_unit_test(what_waits_is_limited),
        cmocka_unit_test(listeners_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
