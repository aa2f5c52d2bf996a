#include "sim.h"

#include "core/describe.h"
#include "core/handshake.h"

static sim world;
static sio_namespace *root;

static void start(void)
{
    sim_start(&world, 5, (sio_server_options){ 0 });
    root = sio_server_of(world.server, "/");
    sio_namespace_on_connection(root, sim_on_connection, &world);
}

/* A client whose first request was this one. */
static sio_client *connect_with(sio_handshake_info info, const char *packet)
{
    sio_client *client;
    char text[64];
    snprintf(text, sizeof(text), "%s", packet);
    assert_int_equal(sio_client_new(&client, world.server, SIO_EIO_POLLING, SIO_EIO_4,
                                    sio_handshake_new(&info), NULL),
                     0);
    assert_int_equal(sio_client_payload(client, text, strlen(text), false), 0);
    sim_turn(&world);
    return client;
}

static void expect_json(const sio_value *value, const char *expected)
{
    char *json;
    assert_int_equal(sio_value_to_json(value, &json, NULL), 0);
    assert_string_equal(json, expected);
    sio_free(json);
}

static void a_handshake_is_the_map_of_the_reference(void **state)
{
    (void)state;
    start();
    const sio_handshake_header headers[] = {
        { SIO_STR("Host"), SIO_STR("sim") },
        { SIO_STR("Origin"), SIO_STR("https://example.org") },
        { SIO_STR("x-raw"), SIO_STR("a\xff") },
    };
    connect_with(
        (sio_handshake_info){
            .url = SIO_STR("/socket.io/?EIO=4&a=1&b=%ff&a=2"),
            .headers = headers,
            .header_count = 3,
            .address = SIO_STR("10.0.0.1"),
            .issued_ms = 1795857000123,
            .secure = true,
        },
        "40{\"token\":7}");
    sio_value *handshake;
    assert_int_equal(sio_socket_handshake(sim_last, &handshake), 0);
    expect_json(handshake,
                "{\"headers\":{\"host\":\"sim\",\"origin\":\"https://example.org\","
                "\"x-raw\":\"a\xef\xbf\xbd\"},"
                "\"time\":\"Sat Nov 28 2026 09:10:00 GMT+0000 (Coordinated Universal Time)\","
                "\"address\":\"10.0.0.1\",\"xdomain\":true,\"secure\":true,"
                "\"issued\":1795857000123,\"url\":\"/socket.io/?EIO=4&a=1&b=%ff&a=2\","
                "\"query\":{\"EIO\":\"4\",\"a\":\"2\",\"b\":\"\xef\xbf\xbd\"},"
                "\"auth\":{\"token\":7}}");
    sio_value_free(handshake);
    assert_string_equal(sio_socket_query(sim_last, "a"), "2");
    assert_true(sio_socket_secure(sim_last));
    assert_true(sio_socket_xdomain(sim_last));
    sim_stop(&world);
}

static void what_is_missing_is_empty(void **state)
{
    (void)state;
    start();
    connect_with((sio_handshake_info){ .url = SIO_STR("/") }, "40");
    sio_value *handshake;
    assert_int_equal(sio_socket_handshake(sim_last, &handshake), 0);
    expect_json(handshake,
                "{\"headers\":{},\"time\":\"Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated "
                "Universal Time)\",\"address\":\"\",\"xdomain\":false,\"secure\":false,"
                "\"issued\":0,\"url\":\"/\",\"query\":{},\"auth\":{}}");
    sio_value_free(handshake);
    sim_stop(&world);
}

static void a_description_has_the_rooms(void **state)
{
    (void)state;
    start();
    connect_with((sio_handshake_info){ .url = SIO_STR("/") }, "40");
    assert_int_equal(sio_socket_join(sim_last, "room"), 0);
    sio_arena arena = { 0 };
    sio_value map, rooms;
    assert_int_equal(sio_socket_describe(&arena, sim_last, &map), 0);
    const sio_value names[] = { sio_value_of_string(sio_str_from(sio_socket_id(sim_last))),
                                sio_value_of_string(SIO_STR("room")) };
    rooms = sio_value_of_array(names, 2);
    assert_int_equal(sio_value_count(&map), 4);
    assert_true(sio_value_equal(sio_value_get(&map, "id"), &names[0]));
    assert_true(sio_value_equal(sio_value_get(&map, "rooms"), &rooms));
    assert_int_equal(sio_value_count(sio_value_get(&map, "handshake")), 9);
    expect_json(sio_value_get(&map, "data"), "{}");
    sio_arena_free(&arena);
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_is_the_map_of_the_reference),
        cmocka_unit_test(what_is_missing_is_empty),
        cmocka_unit_test(a_description_has_the_rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
