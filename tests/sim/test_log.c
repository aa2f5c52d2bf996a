/* What a server says of itself: silent where nobody listens, and without what is secret. */
#include "sim.h"

#include <sio/namespace.h>
#include <sio/sys/text.h>

static sim world;

static void note_log(sio_server *server, sio_log_level level, sio_log_category category,
                     const char *text, void *data)
{
    (void)server;
    sim_note(data, "%s %s: %s", sio_log_level_name(level), sio_log_category_name(category), text);
}

static void start(const char *filter)
{
    sio_server_options options = { .on_log = note_log, .data = &world };
    assert_int_equal(sio_log_filter_parse(&options.log, filter), 0);
    sim_start(&world, 11, options);
}

static void expect(const sim_peer *peer, const char *kind, const char *what)
{
    char line[200];
    snprintf(line, sizeof(line), "%sclient %.6s%s", kind, peer->sid, what);
    sim_expect(&world.journal, line);
}

static void expect_joined(const sim_peer *peer, const char *nsp)
{
    char line[200];
    const char *id = sio_socket_id(sim_last);
    snprintf(line, sizeof(line), "debug socket: client %.6s joined %s as %s", peer->sid, nsp, id);
    sim_expect(&world.journal, line);
}

static void sessions_are_told_of(void **state)
{
    (void)state;
    start("engine");
    sim_peer *peer = sim_join(&world, SIO_EIO_POLLING);
    expect(peer, "debug engine: ", " opened by polling, revision 4, from \"127.0.0.1\"");
    sim_probe(peer);
    expect(peer, "debug engine: ", " probes a websocket");
    sim_probe_send(peer, "2probe");
    sim_probe_send(peer, "5");
    expect(peer, "debug engine: ", " upgraded to websocket");
    sim_vanish(peer);
    sim_turn(&world);
    expect(peer, "debug engine: ", " has ended: transport close");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void refuse(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket, (void)data;
    sio_next_refuse(next, "a secret", NULL);
}

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    sim_last = socket;
}

static void namespaces_are_told_of(void **state)
{
    (void)state;
    start("socket");
    sio_namespace_on_connection(sio_server_of(world.server, "/"), on_connection, NULL);
    assert_int_equal(sio_namespace_use(sio_server_of(world.server, "/no"), refuse, NULL), 0);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40{\"token\":\"secret\"}");
    expect_joined(peer, "/");
    sim_send(peer, "40/no,{\"token\":\"secret\"}");
    expect(peer, "debug socket: ", " was refused by /no: a middleware said so");
    sim_send(peer, "40/a\nb,");
    expect(peer, "debug socket: ", " was refused by /a b: Invalid namespace");
    sim_send(peer, "41");
    expect(peer, "debug socket: ", " left /: client namespace disconnect");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void on_ask(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)args, (void)data;
    assert_int_equal(sio_ack_send(ack, "s", "secret"), 0);
    assert_int_equal(sio_socket_emit(socket, "told", "s", "secret"), 0);
    assert_int_equal(sio_namespace_emit(sio_socket_namespace(socket), NULL, "news", "s", "secret"),
                     0);
}

static void packets_are_traced_but_not_what_is_in_them(void **state)
{
    (void)state;
    start("socket:trace");
    sio_namespace *nsp = sio_server_of(world.server, "/");
    sio_namespace_on_connection(nsp, on_connection, NULL);
    assert_int_equal(sio_namespace_on(nsp, "ask", on_ask, NULL), 0);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    sim_send(peer, "40{\"token\":\"secret\"}");
    expect(peer, "trace socket: ", " sent connect of /");
    expect(peer, "trace socket: ", " gets connect of /");
    expect_joined(peer, "/");
    sim_send(peer, "427[\"ask\",\"secret\"]");
    expect(peer, "trace socket: ", " sent event \"ask\" of / with id 7");
    expect(peer, "trace socket: ", " gets ack of / with id 7");
    expect(peer, "trace socket: ", " gets event \"told\" of /");
    sim_expect(&world.journal, "trace socket: 1 clients get event \"news\" of /");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

static void a_running_server_can_be_made_to_talk(void **state)
{
    sio_log_filter filter;
    (void)state;
    start("*:error");
    sim_vanish(sim_join(&world, SIO_EIO_WEBSOCKET));
    sim_turn(&world);
    sim_expect_nothing(&world.journal);
    assert_int_equal(sio_log_filter_parse(&filter, "*:off,engine:debug"), 0);
    sio_server_log_filter(world.server, &filter);
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    expect(peer, "debug engine: ", " opened by websocket, revision 4, from \"127.0.0.1\"");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

/* A filter alone makes nobody listen. */
static void nobody_need_listen(void **state)
{
    sio_log_filter filter;
    (void)state;
    assert_int_equal(sio_log_filter_parse(&filter, "*:trace"), 0);
    sim_start(&world, 12, (sio_server_options){ .log = filter });
    sim_vanish(sim_join(&world, SIO_EIO_WEBSOCKET));
    sio_server_log_filter(world.server, &filter);
    sim_vanish(sim_join(&world, SIO_EIO_WEBSOCKET));
    sim_stop(&world);
}

/* An event's name that is cut off ends with a whole letter. */
static void long_names_are_cut(void **state)
{
    static char message[600] = "42[\"";
    (void)state;
    start("socket:trace");
    sim_peer *peer = sim_join(&world, SIO_EIO_WEBSOCKET);
    while (sim_texts_next(&world.journal))
        continue;
    for (size_t i = 0; i < 150; i++)
        strcat(message, "\xe2\x82\xac");
    strcat(message, "\"]");
    sim_send(peer, message);
    const char *line = sim_texts_next(&world.journal);
    assert_non_null(line);
    assert_true(sio_utf8_valid(line, strlen(line)));
    assert_true(strlen(line) < 200);
    sim_stop(&world);
}

/* As "category: name=value …". */
static void note_record(sio_server *server, const sio_log_record *record, void *data)
{
    char fields[400] = "";
    (void)server;
    for (size_t i = 0; i < record->field_count; i++)
        snprintf(fields + strlen(fields), sizeof(fields) - strlen(fields), " %s=%s",
                 record->fields[i].name, record->fields[i].value);
    sim_note(data, "%s:%s", sio_log_category_name(record->category), fields);
    assert_int_equal(record->format, SIO_LOG_JSON);
}

static void expect_fields(const sim_peer *peer, const char *category, const char *more)
{
    char line[300];
    snprintf(line, sizeof(line), "%s: client=%.6s transport=websocket address=127.0.0.1%s",
             category, peer->sid, more);
    sim_expect(&world.journal, line);
}

static void records_say_whom_they_are_about(void **state)
{
    char more[200];
    (void)state;
    sio_server_options options = { .on_log_record = note_record,
                                   .log_format = SIO_LOG_JSON,
                                   .data = &world };
    assert_int_equal(sio_log_filter_parse(&options.log, "socket:trace,engine"), 0);
    sim_start(&world, 12, options);
    sio_namespace_on_connection(sio_server_of(world.server, "/"), on_connection, NULL);
    sim_peer *peer = sim_open(&world, SIO_EIO_WEBSOCKET);
    expect_fields(peer, "engine", "");
    sim_send(peer, "40");
    expect_fields(peer, "socket", " namespace=/");
    expect_fields(peer, "socket", " namespace=/");
    snprintf(more, sizeof(more), " namespace=/ socket=%s", sio_socket_id(sim_last));
    expect_fields(peer, "socket", more);
    sim_send(peer, "42[\"a\\n\\\"b\"]");
    expect_fields(peer, "socket", " namespace=/ event=a\n\"b");
    sim_send(peer, "40/nowhere?token=hush,");
    expect_fields(peer, "socket", " namespace=/nowhere");
    expect_fields(peer, "socket", " namespace=/nowhere");
    sim_expect_nothing(&world.journal);
    sim_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_are_told_of),
        cmocka_unit_test(namespaces_are_told_of),
        cmocka_unit_test(packets_are_traced_but_not_what_is_in_them),
        cmocka_unit_test(a_running_server_can_be_made_to_talk),
        cmocka_unit_test(nobody_need_listen),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(records_say_whom_they_are_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
