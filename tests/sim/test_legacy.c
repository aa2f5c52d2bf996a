/* Clients of Socket.IO 2. */
#include "sim.h"

#include <sio/err.h>

static sim world;

static void refuse_half(sio_socket *socket, sio_next *next, void *data)
{
    const char *why = sio_value_string(sio_value_get(sio_socket_auth(socket), "why"), NULL);
    (void)data;
    if (!why)
        sio_next_pass(next);
    else if (strcmp(why, "data") == 0)
        sio_next_refuse(next, "no", "{s:i}", "code", 401);
    else if (strcmp(why, "zero") == 0)
        sio_next_refuse(next, "no", "i", 0);
    else
        sio_next_refuse(next, why, NULL);
}

static void on_blob(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)ack, (void)data;
    sio_namespace_emit(sio_socket_namespace(socket), NULL, "blob", "B", "\1\2", (size_t)2);
}

static void on_id(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    assert_ptr_equal(sio_namespace_socket(sio_socket_namespace(socket), sio_socket_id(socket)),
                     socket);
    assert_int_equal(sio_socket_room_count(socket), 1);
    assert_string_equal(sio_socket_room_at(socket, 0), sio_socket_id(socket));
    sio_socket_leave(socket, sio_socket_id(socket));
    assert_int_equal(sio_socket_room_count(socket), 0);
    assert_int_equal(sio_socket_join(socket, sio_socket_id(socket)), 0);
    sio_ack_send(ack, "sv", sio_socket_id(socket), sio_socket_auth(socket));
}

static void start(void)
{
    sim_start(&world, 11,
              (sio_server_options){ .ping_interval_ms = 1000,
                                    .ping_timeout_ms = 300,
                                    .connect_timeout_ms = 60000,
                                    .max_buffered = 20000 });
    static const char *const names[] = { "/", "/chat" };
    for (size_t i = 0; i < 2; i++) {
        sio_namespace *nsp = sio_server_of(world.server, names[i]);
        sio_namespace_on_connection(nsp, sim_on_connection, &world);
        sio_namespace_on_disconnect(nsp, sim_on_disconnect, &world);
        assert_int_equal(sio_namespace_use(nsp, refuse_half, NULL), 0);
        assert_int_equal(sio_namespace_on(nsp, "blob", on_blob, NULL), 0);
        assert_int_equal(sio_namespace_on(nsp, "id", on_id, NULL), 0);
    }
}

/* Open, and in "/" without asking. */
static sim_peer *join(sio_eio_transport transport)
{
    sim_peer *peer = sim_open_as(&world, transport, SIO_EIO_3);
    sim_expect(&peer->inbox, "40");
    sim_expect(&world.journal, "connect");
    sim_expect_nothing(&peer->inbox);
    return peer;
}

static void its_pings_keep_it(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    for (int i = 0; i < 20; i++) {
        sim_wait(&world, 1299);
        sim_expect_nothing(&peer->inbox);
        sim_send(peer, "2");
        sim_expect(&peer->inbox, "3");
    }
    sim_send(peer, "2probe");
    sim_expect(&peer->inbox, "3");
    sim_wait(&world, 1000);
    sim_send(peer, "42[\"x\"]"); /* shows nothing */
    sim_wait(&world, 299);
    sim_expect_nothing(&world.journal);
    sim_wait(&world, 1);
    sim_expect(&world.journal, "disconnect: ping timeout");
    sim_expect(&peer->inbox, "<close>");
    sim_stop(&world);
}

static void a_pong_is_an_error(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    sim_send(peer, "3");
    sim_expect(&world.journal, "disconnect: transport error");
    sim_expect(&peer->inbox, "<close>");
    sim_stop(&world);
}

static void the_upgrade_keeps_its_deadline(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join(SIO_EIO_POLLING);
    assert_int_equal(sim_probe(peer), 0);
    sim_probe_send(peer, "2probe");
    sim_expect(&peer->inbox, "probe: 3probe");
    sim_wait(&world, 1000);
    sim_probe_send(peer, "5");
    sim_send(peer, "2");
    sim_expect(&peer->inbox, "3");
    sim_wait(&world, 1299);
    sim_expect_nothing(&world.journal);
    sim_wait(&world, 1);
    sim_expect(&world.journal, "disconnect: ping timeout");
    sim_stop(&world);
}

static void payloads_have_lengths(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join(SIO_EIO_POLLING);
    assert_int_equal(sim_send(peer, "1:27:40/chat1:2"), 0);
    assert_int_equal(sim_poll(peer), 0);
    sim_expect(&peer->inbox, "3");
    sim_expect(&peer->inbox, "40/chat,");
    sim_expect(&peer->inbox, "3");
    sim_expect(&world.journal, "/chat connect");
    assert_int_equal(sim_send(peer, "1:27"), SIO_EPARSE);
    sim_expect(&world.journal, "disconnect: parse error");
    sim_stop(&world);
}

static void bytes_begin_with_their_type(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join(SIO_EIO_WEBSOCKET), *modern = sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_peer *other = join(SIO_EIO_WEBSOCKET);
    sim_send(peer, "451-[\"blob\",{\"_placeholder\":true,\"num\":0}]");
    sim_send_binary(peer, "\4\7", 2);
    for (int i = 0; i < 2; i++) {
        sim_expect(&(i ? other : peer)->inbox, "451-[\"blob\",{\"_placeholder\":true,\"num\":0}]");
        sim_expect(&(i ? other : peer)->inbox, "b:040102");
    }
    sim_expect(&modern->inbox, "451-[\"blob\",{\"_placeholder\":true,\"num\":0}]");
    sim_expect(&modern->inbox, "b:0102");
    sim_send_binary(peer, "\7", 1);
    sim_stop(&world);
}

static void the_query_is_the_auth(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    char expected[256];
    sim_send(peer, "420[\"id\"]");
    snprintf(expected, sizeof(expected), "430[\"%s\",{}]", peer->sid);
    sim_expect(&peer->inbox, expected);
    sim_send(peer, "40/chat?a=1&b=%C3%BC+%2C&a=2&%FF,");
    sim_expect(&peer->inbox, "40/chat,");
    sim_send(peer, "42/chat,1[\"id\"]");
    snprintf(expected, sizeof(expected),
             "43/chat,1[\"/chat#%s\",{\"a\":\"2\",\"b\":\"\xc3\xbc ,\",\"\xef\xbf\xbd\":\"\"}]",
             peer->sid);
    sim_expect(&peer->inbox, expected);
    sim_send(peer, "41/chat,");
    sim_send(peer, "40/chat,{\"a\":1}");
    sim_expect(&peer->inbox, "40/chat,");
    sim_send(peer, "42/chat,2[\"id\"]");
    snprintf(expected, sizeof(expected), "43/chat,2[\"/chat#%s\",{}]", peer->sid);
    sim_expect(&peer->inbox, expected);
    sim_stop(&world);
}

static void refusals_are_bare(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join(SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/chat?why=data");
    sim_expect(&peer->inbox, "44/chat,{\"code\":401}");
    sim_send(peer, "40/chat?why=zero");
    sim_expect(&peer->inbox, "44/chat,\"no\"");
    sim_send(peer, "40/chat?why=bad%20token");
    sim_expect(&peer->inbox, "44/chat,\"bad token\"");
    sim_send(peer, "40/none?x");
    sim_expect(&peer->inbox, "44/none,{\"message\":\"Invalid namespace\"}");
    sim_send(peer, "40");
    sim_expect(&world.journal, "disconnect: forced close");
    sim_stop(&world);
}

/* As many parameters as are allowed, and one more. */
static void queries_have_a_limit(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        start();
        sim_peer *peer = join(SIO_EIO_WEBSOCKET);
        char text[16 + 2 * (SIO_LIMIT_QUERY + 1)] = "40/chat?";
        for (int i = 0; i < SIO_LIMIT_QUERY + more; i++)
            strcat(text, "a&");
        sim_send(peer, text);
        if (more)
            sim_expect(&world.journal, "disconnect: transport error");
        else
            sim_expect(&peer->inbox, "40/chat,");
        sim_stop(&world);
    }
}

/* A client that pings and does not read is dropped as any other. */
static void unread_pongs_count(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join(SIO_EIO_POLLING);
    int sent = 0;
    while (sim_client(peer) && sent < 20000) {
        sim_send(peer, "1:2");
        sent++;
    }
    const int fit = 20000 / (3 + (int)SIO_LIMIT_MESSAGE_COST);
    assert_in_range(sent, fit, fit + 2);
    sim_expect(&world.journal, "disconnect: buffer overflow");
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_pings_keep_it),
        cmocka_unit_test(a_pong_is_an_error),
        cmocka_unit_test(the_upgrade_keeps_its_deadline),
        cmocka_unit_test(payloads_have_lengths),
        cmocka_unit_test(bytes_begin_with_their_type),
        cmocka_unit_test(the_query_is_the_auth),
        cmocka_unit_test(refusals_are_bare),
        cmocka_unit_test(queries_have_a_limit),
        cmocka_unit_test(unread_pongs_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
