/*
 * Whole sessions: the core in virtual time, with clients that do what the input says and handlers
 * that do what its first line says. After every turn the counters must agree with what the handlers
 * saw, and what clients were sent must be packets; at the end nothing is left.
 *
 * The first line is what handlers do, a letter for each (act_in_handler); with `M` in front the
 * packets are those of socket.io-msgpack-parser. Then come the actions: a letter, for some followed
 * by a line (act).
 */
#include "fuzz.h"
#include "sim.h"

#include <sio/sys/text.h>

#include "core/namespace.h"
#include "core/socket.h"

#define PEERS   4
#define KEPT    64
#define ACTIONS 400

static sim world;
static fuzz_input choices, actions;
static sim_peer *peers[PEERS], *peer;
static uint64_t connected, owed;
static sio_ack *acks[KEPT];
static sio_next *nexts[KEPT];
static sio_socket *sockets[KEPT]; /* kept beyond their end, at times */
static size_t ack_count, next_count, socket_count;

static const char *const rooms[] = { "a", "b" };

/* ---- handlers ---- */

static void on_reply(sio_socket *socket, int error, const sio_args *args, void *data)
{
    (void)data;
    FUZZ_CHECK(owed > 0);
    FUZZ_CHECK(error || (sio_socket_connected(socket) && sio_args_array(args)));
    owed--;
}

static void ask(sio_socket *socket)
{
    if (sio_socket_emit_ack(socket, 300, on_reply, NULL, "q", "s", "?") == 0)
        owed++;
}

static void keep_ack(sio_ack *ack)
{
    if (ack && ack_count < KEPT)
        acks[ack_count++] = sio_ack_ref(ack);
}

static void keep_socket(sio_socket *socket)
{
    if (socket_count < KEPT)
        sockets[socket_count++] = sio_socket_ref(socket);
}

static void emit_as(uint8_t choice, sio_socket *socket, const sio_value *array)
{
    const sio_target target = { .rooms = SIO_ROOMS(rooms[0]) };
    if (choice == 'e')
        (void)sio_socket_emit(socket, "e", "V", array);
    else if (choice == 'E')
        (void)sio_socket_emit_flags(socket, SIO_VOLATILE, "e", "sB", "v", "\0\1", (size_t)2);
    else if (choice == 'q')
        ask(socket);
    else if (choice == 'b')
        (void)sio_socket_broadcast(socket, &target, "b", "V", array);
    else if (choice == 'n')
        (void)sio_namespace_emit(sio_socket_namespace(socket), NULL, "n", "V", array);
}

static void move_as(uint8_t choice, sio_socket *socket)
{
    if (choice == 'j')
        (void)sio_socket_join(socket, rooms[0]);
    else if (choice == 'J')
        (void)sio_socket_join(socket, rooms[1]);
    else if (choice == 'l')
        sio_socket_leave(socket, rooms[0]);
    else if (choice == 'o')
        sio_socket_leave(socket, sio_socket_id(socket));
    else if (choice == 'd' || choice == 'D')
        sio_socket_disconnect(socket, choice == 'D');
}

/* `ack` and `args` may be NULL. Each letter means something to one of these at the most. */
static void act_in_handler(sio_socket *socket, const sio_args *args, sio_ack *ack)
{
    const sio_value *array = args ? sio_args_array(args) : NULL;
    const uint8_t choice = fuzz_byte(&choices);
    emit_as(choice, socket, array);
    move_as(choice, socket);
    if (choice == 'a')
        (void)sio_ack_send(ack, "V", array);
    else if (choice == 'A')
        keep_ack(ack);
    else if (choice == 'k')
        keep_socket(socket);
    else if (choice == 'X')
        sio_core_close(world.server);
}

static void on_event(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    FUZZ_CHECK(sio_socket_connected(socket));
    act_in_handler(socket, args, ack);
    act_in_handler(socket, args, ack);
}

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    connected++;
    act_in_handler(socket, NULL, NULL);
    act_in_handler(socket, NULL, NULL);
}

static void on_disconnect(sio_socket *socket, const char *reason, void *data)
{
    (void)data;
    FUZZ_CHECK(*reason && connected > 0);
    connected--;
    act_in_handler(socket, NULL, NULL);
}

static void on_middleware(sio_socket *socket, sio_next *next, void *data)
{
    (void)data;
    const uint8_t choice = fuzz_byte(&choices);
    if (choice == 'J')
        (void)sio_socket_join(socket, rooms[0]);
    if (choice == 'r')
        sio_next_refuse(next, "no", "{s:i}", "code", 1);
    else if (choice == 'h' && next_count < KEPT)
        nexts[next_count++] = next;
    else
        sio_next_pass(next);
}

static void register_handlers(sio_namespace *nsp)
{
    FUZZ_CHECK(nsp);
    sio_namespace_on_connection(nsp, on_connection, NULL);
    sio_namespace_on_disconnect(nsp, on_disconnect, NULL);
    FUZZ_CHECK(sio_namespace_on(nsp, "e", on_event, NULL) == 0);
    FUZZ_CHECK(sio_namespace_on(nsp, "", on_event, NULL) == 0);
    if (strcmp(sio_namespace_name(nsp), "/m") == 0)
        FUZZ_CHECK(sio_namespace_use(nsp, on_middleware, NULL) == 0);
}

/* ---- what must be true ---- */

static void check_packet(const char *text)
{
    sio_decoder decoder = { 0 };
    sio_arena arena = { 0 };
    sio_packet packet;
    FUZZ_CHECK(*text >= SIO_EIO_OPEN && *text <= SIO_EIO_NOOP);
    if (*text == SIO_EIO_MESSAGE)
        FUZZ_CHECK(sio_decoder_text(&decoder, &arena, text + 1, strlen(text + 1), &packet) >= 0);
    sio_decoder_free(&decoder);
    sio_arena_free(&arena);
}

static void check_inbox(sim_peer *who)
{
    for (const char *text; (text = sim_texts_next(&who->inbox));)
        if (*text != '<' && strncmp(text, "b:", 2) != 0 && strncmp(text, "probe: ", 7) != 0)
            check_packet(text);
}

static uint64_t connected_sockets(void)
{
    uint64_t count = 0;
    size_t at = 0;
    for (sio_namespace *nsp; (nsp = sio_map_next(&world.server->namespaces, &at));)
        count += sio_namespace_count(nsp);
    return count;
}

static void check_world(void)
{
    const sio_server *server = world.server;
    size_t at = 0;
    uint64_t websockets = 0;
    for (const sio_client *client; (client = sio_map_next(&server->clients, &at));) {
        /* a burst of one turn may exceed it, then the next one ends the client */
        FUZZ_CHECK(sio_client_unsent(client) <= server->max_buffered || client->backlog > 0);
        FUZZ_CHECK(client->session.state == SIO_EIO_STATE_OPEN);
        websockets += client->session.transport == SIO_EIO_WEBSOCKET;
    }
    FUZZ_CHECK(server->depth == 0);
    FUZZ_CHECK(server->stats.clients == server->clients.count);
    FUZZ_CHECK(server->stats.clients_websocket == websockets);
    FUZZ_CHECK(server->stats.sockets == connected && connected_sockets() == connected);
    for (size_t i = 0; i < PEERS; i++)
        if (peers[i])
            check_inbox(peers[i]);
}

/* ---- actions ---- */

static sio_str line_of_actions(void)
{
    return fuzz_take_until(&actions, '\n');
}

static bool is_alive(void)
{
    return peer && sim_client(peer) && (!peer->websocket || peer->transport);
}

static void open_peers(sio_eio_transport transport, sio_eio_dialect dialect)
{
    for (size_t i = 0; i < PEERS; i++)
        if (!world.server->closing && !(peers[i] && sim_client(peers[i])))
            peers[i] = sim_open_as(&world, transport, dialect);
}

static void open_polling(void)
{
    open_peers(SIO_EIO_POLLING, SIO_EIO_4);
}

static void open_websocket(void)
{
    open_peers(SIO_EIO_WEBSOCKET, SIO_EIO_4);
}

static void open_polling3(void)
{
    open_peers(SIO_EIO_POLLING, SIO_EIO_3);
}

static void open_websocket3(void)
{
    open_peers(SIO_EIO_WEBSOCKET, SIO_EIO_3);
}

static void say(void)
{
    const sio_str line = line_of_actions();
    if (is_alive())
        (void)sim_write_bytes(peer, line);
}

static void say_binary(void)
{
    const sio_str line = line_of_actions();
    if (is_alive() && peer->websocket)
        sim_send_binary(peer, line.data, line.len);
}

static void say_on_probe(void)
{
    char *text = fuzz_string(line_of_actions());
    if (is_alive() && peer->probe)
        sim_probe_send(peer, text);
    free(text);
}

/* A POST where the client should know better. */
static void post_as(bool binary)
{
    const sio_str line = line_of_actions();
    char *copy = fuzz_copy(line);
    if (is_alive())
        (void)sio_client_payload(sim_client(peer), copy, line.len, binary);
    free(copy);
}

static void post(void)
{
    post_as(false);
}

static void post_binary(void)
{
    post_as(true);
}

static void get(void)
{
    if (is_alive())
        (void)sim_poll(peer);
}

static void probe(void)
{
    if (is_alive())
        (void)sim_probe(peer);
}

static void vanish(void)
{
    if (peer)
        sim_vanish(peer);
}

static void stick_or_unstick(void)
{
    if (!peer || !peer->websocket || !peer->transport)
        return;
    if (peer->transport->stuck)
        sim_unstick(peer);
    else
        sim_stick(peer);
}

static void wait_a_while(void)
{
    sim_wait(&world, 10u * fuzz_byte(&actions));
}

static void answer_kept(void)
{
    while (ack_count > 0) {
        (void)sio_ack_send(acks[--ack_count], "i", 1);
        sio_ack_unref(acks[ack_count]);
    }
    while (next_count > 0)
        sio_next_pass(nexts[--next_count]);
    while (socket_count > 0) {
        sio_socket *socket = sockets[--socket_count];
        act_in_handler(socket, NULL, NULL);
        sio_socket_unref(socket);
    }
}

/* As from another node. */
static void deliver(void)
{
    const sio_str line = line_of_actions();
    const sio_value items[] = { sio_value_of_string(SIO_STR("r")), sio_value_of_string(line) };
    const sio_str room = SIO_STR("a");
    const sio_cluster_message message = {
        .uid = SIO_STR("other6"),
        .nsp = SIO_STR("/"),
        .rooms = &room,
        .rooms_count = line.len % 2,
        .data = sio_value_of_array(items, 2),
    };
    const sio_adapter_host host = sio_core_adapter_host(world.server);
    if (sio_utf8_valid(line.data, line.len))
        host.deliver(host.data, &message);
}

static void emit_to_all(void)
{
    (void)sio_namespace_emit(sio_server_of(world.server, "/"), NULL, "n", NULL);
}

static void close_server(void)
{
    sio_core_close(world.server);
}

static void turn(void)
{
    sim_turn(&world);
    check_world();
}

static void act(uint8_t action)
{
    static void (*const by_letter[UINT8_MAX + 1])(void) = {
        ['P'] = open_polling,
        ['W'] = open_websocket,
        ['L'] = open_polling3,
        ['V'] = open_websocket3,
        ['t'] = say,
        ['b'] = say_binary,
        ['o'] = post,
        ['O'] = post_binary,
        ['g'] = get,
        ['p'] = probe,
        ['q'] = say_on_probe,
        ['v'] = vanish,
        ['s'] = stick_or_unstick,
        ['w'] = wait_a_while,
        ['a'] = answer_kept,
        ['r'] = deliver,
        ['n'] = emit_to_all,
        ['X'] = close_server,
        ['.'] = turn,
    };
    if (action >= '0' && action < '0' + PEERS)
        peer = peers[action - '0'];
    else if (by_letter[action])
        by_letter[action]();
}

/* The first byte chooses. */
static void start(char mode)
{
    sio_namespace *parent;
    const sio_server_options options = {
        .parser = mode == 'M' ? SIO_PARSER_MSGPACK : SIO_PARSER_DEFAULT,
        .connection_state_recovery = { .enable = mode == 'R' },
        .cleanup_empty_child_namespaces = true,
        .max_dynamic_namespaces = 3,
        .ping_interval_ms = 1000,
        .ping_timeout_ms = 600,
        .upgrade_timeout_ms = 400,
        .connect_timeout_ms = 2000,
        .max_payload = 1000,
        .max_buffered = 2000,
    };
    sim_start(&world, 1, options);
    register_handlers(sio_server_of(world.server, "/"));
    register_handlers(sio_server_of(world.server, "/m"));
    FUZZ_CHECK(!sio_server_of_pattern(world.server, &parent, "^/d[0-9]"));
    register_handlers(parent);
    memset(peers, 0, sizeof peers);
    peer = NULL;
    connected = owed = 0;
    ack_count = next_count = socket_count = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    actions = (fuzz_input){ data, size };
    const sio_str first = line_of_actions();
    choices = (fuzz_input){ (const uint8_t *)first.data, first.len };
    start(first.len > 0 ? first.data[0] : 0);
    for (int i = 0; i < ACTIONS && actions.left > 0; i++)
        act(fuzz_byte(&actions));
    choices.left = 0;
    sim_turn(&world);
    answer_kept();
    sim_turn(&world);
    check_world();
    sim_stop(&world);
    FUZZ_CHECK(connected == 0 && owed == 0);
    return 0;
}
