/* What is counted, and under which name it is found. */
#include "sim.h"

#include <sio/metrics.h>
#include <sio/namespace.h>

static sim world;
static sio_namespace *root;

typedef struct wanted {
    const char *name;
    const char *label;
    double value;
    unsigned found;
} wanted;

static void look(const sio_metric *metric, void *data)
{
    wanted *self = data;
    const bool same_label =
        self->label ? metric->label_value && strcmp(metric->label_value, self->label) == 0
                    : !metric->label;
    if (strcmp(metric->name, self->name) != 0 || !same_label)
        return;
    self->value = metric->value;
    self->found++;
}

static double value_of(const char *name, const char *label)
{
    wanted one = { .name = name, .label = label };
    sio_server_metrics_each(world.server, look, &one);
    if (one.found != 1)
        fail_msg("%u of %s{%s}", one.found, name, label ? label : "");
    return one.value;
}

#define EXPECT(name, label, value) assert_true(value_of(name, label) == (value))

static void on_say(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    const sio_target others = { .except = SIO_ROOMS("nobody") };
    assert_int_equal(sio_socket_broadcast(socket, &others, "said", "V", sio_args_array(args)), 0);
    assert_int_equal(sio_socket_emit(socket, "heard", NULL), 0);
    (void)sio_ack_send(ack, NULL);
}

static void on_join(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack, (void)data;
    assert_int_equal(sio_socket_join(socket, sio_args_string(args, 0)), 0);
}

static void refuse(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket, (void)data;
    sio_next_refuse(next, "no", NULL);
}

static void start(sio_server_options options)
{
    sim_start(&world, 21, options);
    root = sio_server_of(world.server, "/");
    assert_int_equal(sio_namespace_on(root, "say", on_say, NULL), 0);
    assert_int_equal(sio_namespace_on(root, "join", on_join, NULL), 0);
    assert_int_equal(sio_namespace_use(sio_server_of(world.server, "/closed"), refuse, NULL), 0);
}

static void clients_are_counted_by_transport(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    (void)sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_peer *peer = sim_join(&world, SIO_EIO_POLLING);
    EXPECT("sio_clients", "polling", 1);
    EXPECT("sio_clients", "websocket", 1);
    EXPECT("sio_handshakes_total", "polling", 1);
    assert_int_equal(sim_probe(peer), 0);
    sim_probe_send(peer, "2probe");
    sim_probe_send(peer, "5");
    EXPECT("sio_clients", "polling", 0);
    EXPECT("sio_clients", "websocket", 2);
    EXPECT("sio_upgrades_total", NULL, 1);
    EXPECT("sio_handshakes_total", "polling", 1);
    EXPECT("sio_handshakes_total", "websocket", 1);
    EXPECT("sio_sockets", NULL, 2);
    sim_stop(&world);
}

static void events_are_counted_for_each_receiver(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    for (int i = 0; i < 3; i++)
        (void)sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "427[\"say\",1]");
    sim_send(peer, "42[\"nobody listens\"]");
    sim_send(peer, "4399[]");
    EXPECT("sio_events_received_total", NULL, 2);
    EXPECT("sio_acks_received_total", NULL, 1);
    EXPECT("sio_packets_received_total", NULL, 3 + 4); /* and each one's CONNECT */
    EXPECT("sio_broadcasts_total", NULL, 1);
    EXPECT("sio_deliveries_total", NULL, 3);
    EXPECT("sio_events_sent_total", NULL, 4);
    EXPECT("sio_packets_sent_total", NULL, 4 + 1 + 4); /* and the answer, and those to CONNECT */
    sim_stop(&world);
}

static void attachments_are_packets_and_no_events(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_write(peer, "451-[\"x\",{\"_placeholder\":true,\"num\":0}]");
    sim_send_binary(peer, "\1\2", 2);
    EXPECT("sio_events_received_total", NULL, 1);
    EXPECT("sio_packets_received_total", NULL, 3);
    sim_stop(&world);
}

static void rooms_and_namespaces_are_levels(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    EXPECT("sio_namespaces", NULL, 2);
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET),
             *other = sim_join(&world, SIO_EIO_WEBSOCKET);
    EXPECT("sio_rooms", NULL, 0);
    sim_send(peer, "42[\"join\",\"a\"]");
    sim_send(peer, "42[\"join\",\"b\"]");
    sim_send(other, "42[\"join\",\"a\"]");
    EXPECT("sio_rooms", NULL, 2);
    sim_vanish(peer);
    sim_turn(&world);
    EXPECT("sio_rooms", NULL, 1);
    sim_stop(&world);
}

static void who_leaves_is_counted_by_why(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    sim_vanish(sim_join(&world, SIO_EIO_WEBSOCKET));
    sim_send(sim_join(&world, SIO_EIO_WEBSOCKET), "41");
    sim_send(sim_join(&world, SIO_EIO_WEBSOCKET), "42[");
    (void)sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_wait(&world, 60000);
    EXPECT("sio_disconnects_total", "transport close", 1);
    EXPECT("sio_disconnects_total", "client namespace disconnect", 1);
    EXPECT("sio_disconnects_total", "parse error", 0);
    EXPECT("sio_disconnects_total", "forced close", 1); /* the reference's word for it */
    EXPECT("sio_disconnects_total", "ping timeout", 1);
    EXPECT("sio_disconnects_total", "other", 0);
    EXPECT("sio_sockets", NULL, 0);
    sim_stop(&world);
}

static void who_is_not_let_in_is_counted(void **state)
{
    (void)state;
    start((sio_server_options){ .connect_timeout_ms = 1000 });
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/closed,");
    sim_send(peer, "40/nowhere,");
    sim_send(peer, "40/nowhere else,");
    (void)sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_wait(&world, 2000);
    EXPECT("sio_joins_refused_total", "middleware", 1);
    EXPECT("sio_joins_refused_total", "unknown_namespace", 2);
    EXPECT("sio_joins_refused_total", "max_dynamic_namespaces", 0);
    EXPECT("sio_clients_never_joined_total", NULL, 1);
    EXPECT("sio_disconnects_total", "forced server close", 0); /* it was no socket yet */
    sim_stop(&world);
}

static void what_nobody_gets_is_counted(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_stick(peer);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sio_namespace_emit(root, NULL, "news", "i", i), 0);
    sim_turn(&world);
    assert_int_equal(sio_namespace_emit(root, &(sio_target){ .flags = SIO_VOLATILE }, "news", NULL),
                     0);
    sim_turn(&world);
    assert_true(value_of("sio_queue_bytes", NULL) > 0);
    EXPECT("sio_messages_dropped_total", "closed", 0);
    sim_vanish(peer);
    sim_turn(&world);
    EXPECT("sio_messages_dropped_total", "volatile", 1);
    EXPECT("sio_messages_dropped_total", "closed", 3);
    EXPECT("sio_messages_dropped_total", "overflow", 0);
    EXPECT("sio_queue_bytes", NULL, 0);
    sim_stop(&world);
}

static void each_reason_has_its_own(void **state)
{
    (void)state;
    start((sio_server_options){ 0 });
    for (unsigned i = 0; i < SIO_DISCONNECT_REASONS; i++)
        world.server->stats.disconnects[i] = i + 1;
    for (unsigned i = 0; i < SIO_DISCONNECT_REASONS; i++)
        EXPECT("sio_disconnects_total", sio_disconnect_reason(i), i + 1);
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_are_counted_by_transport),
        cmocka_unit_test(events_are_counted_for_each_receiver),
        cmocka_unit_test(attachments_are_packets_and_no_events),
        cmocka_unit_test(rooms_and_namespaces_are_levels),
        cmocka_unit_test(who_leaves_is_counted_by_why),
        cmocka_unit_test(who_is_not_let_in_is_counted),
        cmocka_unit_test(what_nobody_gets_is_counted),
        cmocka_unit_test(each_reason_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
