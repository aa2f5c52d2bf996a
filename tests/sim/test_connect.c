#include "sim.h"

#include <sio/sys/limits.h>

static sim world;

static void start(void)
{
    sim_start(&world, 1, (sio_server_options){ 0 });
    const char *names[] = { "/", "/b" };
    for (size_t i = 0; i < 2; i++) {
        sio_namespace *nsp = sio_server_of(world.server, names[i]);
        sio_namespace_on_connection(nsp, sim_on_connection, &world);
        sio_namespace_on_disconnect(nsp, sim_on_disconnect, &world);
    }
}

static void expect_connect(sim_peer *peer, const char *nsp)
{
    char text[64];
    snprintf(text, sizeof(text), "40%s{\"sid\":\"%s\"}", nsp, sio_socket_id(sim_last));
    sim_expect(&peer->inbox, text);
}

static void connects_by_both_transports(void **state)
{
    (void)state;
    start();
    for (int transport = 0; transport < 2; transport++) {
        sim_peer *peer = sim_open(&world, (sio_eio_transport)transport);
        assert_int_equal(sim_send(peer, "40"), 0);
        if (transport == SIO_EIO_POLLING)
            assert_int_equal(sim_poll(peer), 0);
        expect_connect(peer, "");
        sim_expect(&world.journal, "connect");
        assert_true(sio_socket_connected(sim_last));
        assert_string_equal(sio_socket_transport(sim_last),
                            transport == SIO_EIO_POLLING ? "polling" : "websocket");
    }
    assert_int_equal(sio_namespace_count(sio_server_of(world.server, "/")), 2);
    sim_stop(&world);
}

static void knows_its_handshake(void **state)
{
    (void)state;
    start();
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40{\"token\":\"abc\"}");
    sio_socket *socket = sio_socket_ref(sim_last);
    sim_vanish(peer);
    const sio_value *token = sio_value_get(sio_socket_auth(socket), "token");
    assert_string_equal(sio_value_string(token, NULL), "abc");
    assert_string_equal(sio_socket_header(socket, "x-name"), "one, two");
    assert_string_equal(sio_socket_query(socket, "name"), "J\xc3\xbcrg K");
    assert_string_equal(sio_socket_address(socket), "127.0.0.1");
    assert_string_equal(sio_socket_url(socket), "/socket.io/?EIO=4&name=J%C3%BCrg+K");
    assert_int_equal(sio_socket_issued(socket), 1234);
    assert_false(sio_socket_connected(socket));
    assert_string_equal(sio_socket_transport(socket), "");
    assert_int_equal(sio_socket_emit(socket, "late", NULL), SIO_ECLOSED);
    assert_int_equal(sio_socket_join(socket, "late"), SIO_ECLOSED);
    sio_socket_unref(socket);
    sim_stop(&world);
}

static void refuses_unknown_namespaces(void **state)
{
    (void)state;
    start();
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/no,");
    sim_expect(&peer->inbox, "44/no,{\"message\":\"Invalid namespace\"}");
    sim_send(peer, "40/b?x=1,");
    sim_expect(&peer->inbox, "44/b?x=1,{\"message\":\"Invalid namespace\"}");
    sim_send(peer, "40/b,");
    expect_connect(peer, "/b,");
    sim_expect(&world.journal, "/b connect");
    sim_stop(&world);
}

static void expect_end(sim_peer *peer, const char *first, const char *second)
{
    sim_expect(&world.journal, first);
    sim_expect(&world.journal, second);
    sim_expect_nothing(&world.journal);
    sim_expect(&peer->inbox, "<close>");
    sim_expect_nothing(&peer->inbox);
    assert_null(sim_client(peer));
}

static sim_peer *join_both(void)
{
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40/b,");
    expect_connect(peer, "/b,");
    sim_expect(&world.journal, "connect");
    sim_expect(&world.journal, "/b connect");
    return peer;
}

static void what_makes_no_sense_ends_the_client(void **state)
{
    (void)state;
    const char *forced[] = { "40", "42/c,[\"x\"]", "44{\"message\":\"x\"}", "42[", "49",
                             "4",  "42{}",         "42[\"connect\"]" };
    for (size_t i = 0; i < sizeof(forced) / sizeof(*forced); i++) {
        start();
        sim_peer *peer = join_both();
        sim_send(peer, forced[i]);
        expect_end(peer, "disconnect: forced close", "/b disconnect: forced close");
        sim_stop(&world);
    }
    const char *others[][3] = {
        { "x", "disconnect: parse error", "/b disconnect: parse error" },
        { "", "disconnect: parse error", "/b disconnect: parse error" },
        { "42", "disconnect: parse error", "/b disconnect: parse error" },
        { "2", "disconnect: transport error", "/b disconnect: transport error" },
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        start();
        sim_peer *peer = join_both();
        sim_send(peer, others[i][0]);
        expect_end(peer, others[i][1], others[i][2]);
        sim_stop(&world);
    }
}

static void a_polling_client_learns_of_its_end(void **state)
{
    (void)state;
    const char *cases[][4] = {
        { "42[", "disconnect: forced close", "1", "waits" },
        { "40", "disconnect: forced close", "1", "waits" },
        { "40", "disconnect: forced server close", "1", "" },
        { "x", "disconnect: parse error", "1", "waits" },
        { "1", "disconnect: transport close", "6", "waits" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        start();
        sim_peer *peer = sim_join(&world, SIO_EIO_POLLING);
        sim_expect(&world.journal, "connect");
        if (*cases[i][3])
            assert_int_equal(sim_poll(peer), 0);
        assert_int_equal(sim_send(peer, cases[i][0]), *cases[i][0] == 'x' ? SIO_EPARSE : 0);
        sim_expect(&world.journal, cases[i][1]);
        if (!*cases[i][3])
            assert_int_equal(sim_poll(peer), 0);
        sim_expect(&peer->inbox, cases[i][2]);
        sim_expect_nothing(&peer->inbox);
        assert_int_equal(sim_poll(peer), SIO_ENOTFOUND);
        sim_stop(&world);
    }
}

static void one_that_never_polls_again_is_dropped(void **state)
{
    (void)state;
    start();
    sim_peer *peer = sim_join(&world, SIO_EIO_POLLING);
    sim_send(peer, "40");
    assert_non_null(sim_client(peer));
    sim_wait(&world, SIO_LIMIT_CLOSE_MS - 1);
    assert_non_null(sim_client(peer));
    sim_wait(&world, 1);
    assert_null(sim_client(peer));
    sim_stop(&world);
}

static void a_second_poll_ends_the_session(void **state)
{
    (void)state;
    start();
    sim_peer *peer = sim_enter(&world, SIO_EIO_POLLING);
    assert_int_equal(sim_poll(peer), 0);
    assert_int_equal(sim_poll(peer), SIO_EEXISTS);
    sim_expect(&world.journal, "disconnect: transport error");
    sim_expect(&peer->inbox, "1");
    sim_stop(&world);
}

static void leaves_and_comes_back_in_one_write(void **state)
{
    (void)state;
    start();
    sim_peer *peer = sim_enter(&world, SIO_EIO_POLLING);
    assert_int_equal(sim_send(peer, "41\x1e"
                                    "42[\"late\"]\x1e"
                                    "40"),
                     0);
    sim_expect(&world.journal, "disconnect: client namespace disconnect");
    sim_expect(&world.journal, "connect");
    sim_expect_nothing(&world.journal);
    assert_int_equal(sim_poll(peer), 0);
    expect_connect(peer, "");
    assert_int_equal(world.server->stats.sockets, 1);
    sim_stop(&world);
}

static void what_comes_turns_after_leaving_ends_the_client(void **state)
{
    (void)state;
    start();
    sim_peer *peer = join_both();
    sim_send(peer, "41");
    sim_expect(&world.journal, "disconnect: client namespace disconnect");
    sim_send(peer, "42[\"x\"]");
    sim_expect(&world.journal, "/b disconnect: forced close");
    sim_expect(&peer->inbox, "<close>");
    sim_stop(&world);
}

static void namespaces_of_one_client_are_limited(void **state)
{
    (void)state;
    char text[32];
    start();
    for (int i = 0; i <= SIO_LIMIT_CLIENT_NAMESPACES; i++) {
        snprintf(text, sizeof(text), "/n%d", i);
        assert_non_null(sio_server_of(world.server, text));
    }
    sim_peer *other = sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    for (int i = 0; i < SIO_LIMIT_CLIENT_NAMESPACES; i++) {
        snprintf(text, sizeof(text), "40/n%d,", i);
        sim_send(peer, text);
    }
    assert_non_null(sim_client(peer));
    assert_int_equal(world.server->stats.sockets, SIO_LIMIT_CLIENT_NAMESPACES + 1);
    snprintf(text, sizeof(text), "40/n%d,", SIO_LIMIT_CLIENT_NAMESPACES);
    sim_send(peer, text);
    assert_null(sim_client(peer));
    assert_int_equal(world.server->stats.overflows, 1);
    assert_int_equal(world.server->stats.sockets, 1);
    assert_non_null(sim_client(other));
    sim_stop(&world);
}

static void a_payload_of_connects_and_disconnects_is_limited(void **state)
{
    (void)state;
    char text[6 * 2000 + 1];
    start();
    for (size_t i = 0; i < 2000; i++)
        memcpy(text + i * 6,
               "40\x1e"
               "41\x1e",
               6);
    text[6 * 2000 - 1] = '\0';
    sim_peer *peer = sim_open(&world, SIO_EIO_POLLING);
    sim_send(peer, text);
    assert_null(sim_client(peer));
    sim_stop(&world);
}

static void a_connect_packet_is_no_storage(void **state)
{
    (void)state;
    start();
    char *text = malloc(SIO_LIMIT_CONNECT + 100);
    assert_non_null(text);
    for (int over = 0; over < 2; over++) {
        const int fill = (int)SIO_LIMIT_CONNECT - 9 + over;
        sprintf(text, "40{\"x\":\"%0*d\"}", fill, 0);
        assert_int_equal(strlen(text) - 1, SIO_LIMIT_CONNECT + (unsigned)over);
        sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
        sim_send(peer, text);
        assert_int_equal(sim_client(peer) == NULL, over);
    }
    free(text);
    sim_stop(&world);
}

/* What stands behind a question mark is the query of revision 3 and part of the name in 4, where it
 * has the name's limit. */
static void names_are_limited_with_what_looks_like_a_query(void **state)
{
    (void)state;
    start();
    char text[SIO_LIMIT_NAME + 20];
    for (int over = 0; over < 2; over++) {
        sprintf(text, "40/b?%0*d,", SIO_LIMIT_NAME - 3 + over, 0);
        sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
        sim_send(peer, text);
        assert_int_equal(sim_client(peer) == NULL, over);
    }
    sim_peer *old = sim_open_as(&world, SIO_EIO_WEBSOCKET, SIO_EIO_3);
    sim_send(old, text);
    sim_expect(&world.journal, "connect");
    sim_expect(&world.journal, "/b connect");
    assert_non_null(sim_client(old));
    sim_stop(&world);
}

static void who_joins_nothing_is_closed(void **state)
{
    (void)state;
    sim_start(&world, 2, (sio_server_options){ .connect_timeout_ms = 300 });
    sim_peer *idle = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_peer *busy = sim_join(&world, SIO_EIO_WEBSOCKET);
    sim_wait(&world, 299);
    assert_non_null(sim_client(idle));
    sim_wait(&world, 1);
    assert_null(sim_client(idle));
    sim_expect(&idle->inbox, "<close>");
    sim_wait(&world, 1000);
    assert_non_null(sim_client(busy));
    sim_stop(&world);
}

static void options_are_checked(void **state)
{
    (void)state;
    char error[100] = "";
    const sio_server_options bad[] = {
        { .transports = 4 },
        { .ping_interval_ms = 0x80000000u },
        { .ping_timeout_ms = 0x80000000u },
        { .upgrade_timeout_ms = 0x80000000u },
        { .connect_timeout_ms = 0x80000000u },
        { .max_payload = 0x7fffffffu },
        { .per_message_deflate = { .threshold = 1 } },
        { .per_message_deflate = { .enable = true, .level = 10 } },
        { .per_message_deflate = { .enable = true, .level = -1 } },
        { .per_message_deflate = { .enable = true, .mem_level = 10 } },
        { .per_message_deflate = { .enable = true, .mem_level = -1 } },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        sio_server_options options = bad[i];
        sio_server *server = NULL;
        options.error = error;
        options.error_size = sizeof(error);
        error[0] = '\0';
        assert_int_equal(sio_core_new(&server, &options, NULL, NULL, 0), SIO_EINVAL);
        assert_null(server);
        assert_true(strlen(error) > 10);
    }
}

static void names_of_namespaces_get_their_slash(void **state)
{
    (void)state;
    char name[SIO_LIMIT_NAME + 2];
    start();
    assert_string_equal(sio_namespace_name(sio_server_of(world.server, "chat")), "/chat");
    assert_ptr_equal(sio_server_of(world.server, "chat"), sio_server_of(world.server, "/chat"));
    assert_ptr_equal(sio_server_of(world.server, ""), sio_server_of(world.server, "/"));
    assert_ptr_equal(sio_server_of(world.server, NULL), sio_server_of(world.server, "/"));
    memset(name, 'x', sizeof(name));
    name[SIO_LIMIT_NAME] = '\0';
    assert_null(sio_server_of(world.server, name));
    name[0] = '/';
    assert_non_null(sio_server_of(world.server, name));
    name[SIO_LIMIT_NAME] = 'x';
    name[SIO_LIMIT_NAME + 1] = '\0';
    assert_null(sio_server_of(world.server, name));
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_by_both_transports),
        cmocka_unit_test(knows_its_handshake),
        cmocka_unit_test(refuses_unknown_namespaces),
        cmocka_unit_test(what_makes_no_sense_ends_the_client),
        cmocka_unit_test(a_polling_client_learns_of_its_end),
        cmocka_unit_test(one_that_never_polls_again_is_dropped),
        cmocka_unit_test(a_second_poll_ends_the_session),
        cmocka_unit_test(leaves_and_comes_back_in_one_write),
        cmocka_unit_test(what_comes_turns_after_leaving_ends_the_client),
        cmocka_unit_test(namespaces_of_one_client_are_limited),
        cmocka_unit_test(a_payload_of_connects_and_disconnects_is_limited),
        cmocka_unit_test(a_connect_packet_is_no_storage),
        cmocka_unit_test(names_are_limited_with_what_looks_like_a_query),
        cmocka_unit_test(who_joins_nothing_is_closed),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(names_of_namespaces_get_their_slash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
