/* A server whose packets are MessagePack. */
#include "sim.h"

#include "hex.h"

static sim world;

#define CONNECT  "82a47479706500a36e7370a12f"
#define EVENT_A7 "84a47479706502a46461746192a161c401ffa2696407a36e7370a12f" /* ["a", ff], id 7 */
#define ACK_7    "84a2696407a47479706503a46461746192a3796573c401ffa36e7370a12f"

static void answer(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)socket, (void)data;
    assert_int_equal(sio_ack_send(ack, "sv", "yes", sio_args_at(args, 0)), 0);
}

static void start(void)
{
    sio_namespace *root =
        sim_begin(&world, 5, (sio_server_options){ .parser = SIO_PARSER_MSGPACK });
    assert_int_equal(sio_namespace_on(root, "a", answer, NULL), 0);
}

static void send_hex(sim_peer *peer, const char *hex)
{
    const sio_str bytes = hex_bytes(hex);
    sim_send_binary(peer, bytes.data, bytes.len);
    hex_free(bytes);
}

static void expect_start(sim_peer *peer, const char *text)
{
    const char *got = sim_texts_next(&peer->inbox);
    assert_non_null(got);
    assert_memory_equal(got, text, strlen(text));
}

static sim_peer *join(void)
{
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    send_hex(peer, CONNECT);
    expect_start(peer, "b:83a47479706500a46461746181a3736964b4");
    sim_expect(&world.journal, "connect");
    return peer;
}

static void packets_go_both_ways(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    send_hex(peer, EVENT_A7);
    sim_expect(&peer->inbox, "b:" ACK_7);
    sim_stop(&world);
}

static void all_of_a_broadcast_share_one_frame(void **state)
{
    (void)state;
    start();
    sim_peer *first = join(), *second = join();
    sio_namespace *root = sio_server_of(world.server, "/");
    assert_int_equal(sio_namespace_emit(root, NULL, "b", ""), 0);
    const sio_frame *frame = sio_outbox_at(&sim_client(first)->outbox, 0);
    assert_true(frame->binary);
    assert_ptr_equal(frame, sio_outbox_at(&sim_client(second)->outbox, 0));
    sim_turn(&world);
    sim_expect(&first->inbox, "b:83a47479706502a46461746191a162a36e7370a12f");
    sim_expect(&second->inbox, "b:83a47479706502a46461746191a162a36e7370a12f");
    sim_stop(&world);
}

static void unknown_namespaces_are_refused(void **state)
{
    (void)state;
    start();
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    send_hex(peer, "82a47479706500a36e7370a22f78");
    sim_expect(&peer->inbox, "b:83a47479706504a46461746181a76d657373616765b1"
                             "496e76616c6964206e616d657370616365a36e7370a22f78");
    sim_stop(&world);
}

static void packets_of_the_other_parser_end_it(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join();
    sim_send(peer, "42[\"a\"]");
    sim_expect(&peer->inbox, "<close>");
    sim_expect(&world.journal, "disconnect: forced close");
    sim_stop(&world);
}

static void an_unknown_parser_is_refused(void **state)
{
    (void)state;
    char error[80] = "";
    sio_server *server;
    const sio_server_options options = { .parser = (sio_parser)2,
                                         .error = error,
                                         .error_size = sizeof error };
    assert_int_equal(sio_server_new(&server, &options), SIO_EINVAL);
    assert_string_equal(error, "parser is no SIO_PARSER_…");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_go_both_ways),
        cmocka_unit_test(all_of_a_broadcast_share_one_frame),
        cmocka_unit_test(unknown_namespaces_are_refused),
        cmocka_unit_test(packets_of_the_other_parser_end_it),
        cmocka_unit_test(an_unknown_parser_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
