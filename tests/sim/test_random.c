/*
 * Random lives of a few clients, against a model: what was emitted to a client arrives in order,
 * none lost and none twice, whichever transport it has meanwhile; what it sends likewise; each
 * acknowledgement comes once. A schedule follows from its seed alone: SIO_SIM_SEED=n runs that one.
 */
#include "sim.h"

#include "core/socket.h"

#define PEERS     6
#define STEPS     150
#define SCHEDULES 2000
#define ROOMS     3
#define QUEUE     4096
#define ANSWER    1000000 /* added to the numbers of answers in `expected` */

typedef struct life {
    sim_peer *peer;     /* NULL: not there */
    sio_socket *socket; /* as the server sees it; NULL: not connected */
    bool joined;        /* as the client sees it */
    bool asked;         /* CONNECT has been sent and not answered */
    bool lossy;         /* its session was cut: what is queued need not arrive */
    bool gap;           /* what it sent may have been thrown away */
    unsigned rooms;     /* bits */
    int expected[QUEUE];
    int head, tail;
    int sent, got;
} life;

static const char *const room_names[ROOMS] = { "a", "b", "c" };
static sim world;
static sio_namespace *root;
static life lives[PEERS];
static uint64_t seed;
static int step, number, owed;
static sio_next *nexts[STEPS * 2];
static int next_count;
static sio_ack *acks[STEPS];
static int ack_numbers[STEPS];
static int ack_count;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("seed %llu, step %d\n", (unsigned long long)seed, step);                   \
            assert_true(condition);                                                                \
        }                                                                                          \
    } while (0)

static int chance(int below)
{
    return (int)sim_random(&world, (uint64_t)below);
}

/* ---- the server's side ---- */

static life *life_of(const sio_socket *socket)
{
    for (int i = 0; i < PEERS; i++)
        if (lives[i].peer && socket->client && sim_client(lives[i].peer) == socket->client)
            return &lives[i];
    return NULL;
}

static life *life_by_socket(const sio_socket *socket)
{
    for (int i = 0; i < PEERS; i++)
        if (lives[i].socket == socket)
            return &lives[i];
    return NULL;
}

static void expect(life *self, int what)
{
    CHECK(self->tail < QUEUE);
    self->expected[self->tail++] = what;
}

/* Emits the next number to some rooms, or all, and away from some. */
static void shout(sio_socket *from)
{
    const char *rooms[ROOMS + 1] = { NULL }, *except[ROOMS + 1] = { NULL };
    unsigned in = (unsigned)chance(8), out = chance(3) ? 0 : (unsigned)chance(8);
    int r = 0, e = 0;
    for (int i = 0; i < ROOMS; i++) {
        if (in & (1u << i))
            rooms[r++] = room_names[i];
        if (out & (1u << i))
            except[e++] = room_names[i];
    }
    number++;
    for (int i = 0; i < PEERS; i++) {
        life *self = &lives[i];
        if (self->socket && self->socket != from && (!in || (self->rooms & in)) &&
            !(self->rooms & out))
            expect(self, number);
    }
    const sio_target target = { .rooms = rooms, .except = except };
    const int err = from ? sio_socket_broadcast(from, &target, "m", "i", number)
                         : sio_namespace_emit(root, &target, "m", "i", number);
    CHECK(err == 0);
}

/* ---- those who only listen: what they hear changes nothing ---- */

static void listen_in(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                      void *data)
{
    (void)event;
    (void)args;
    (void)ack;
    (void)data;
    if (chance(30) == 0)
        sio_socket_off_any(socket, NULL);
}

static void listen_out(sio_socket *socket, const char *event, const sio_args *args, sio_ack *ack,
                       void *data)
{
    (void)args;
    (void)ack;
    (void)data;
    CHECK(sio_socket_connected(socket) && *event);
    if (chance(30) == 0)
        sio_socket_off_any_outgoing(socket, listen_out);
}

static void let_pass(sio_socket *socket, const char *event, const sio_args *args, sio_next *next,
                     void *data)
{
    (void)socket;
    (void)event;
    (void)args;
    (void)data;
    sio_next_pass(next);
}

static void follow_socket(sio_socket *socket)
{
    CHECK(sio_socket_on_any(socket, listen_in, NULL) == 0);
    CHECK(sio_socket_on_any_outgoing(socket, listen_out, NULL) == 0);
    CHECK(sio_socket_prepend_any_outgoing(socket, listen_out, NULL) == 0);
    CHECK(sio_socket_use(socket, let_pass, NULL) == 0);
}

static void on_engine_packet(sio_client *client, const sio_engine_packet *packet, void *data)
{
    (void)data;
    CHECK(packet->type >= SIO_ENGINE_OPEN && packet->type <= SIO_ENGINE_NOOP);
    if (chance(100) == 0)
        CHECK(sio_client_on(client, NULL, NULL) == 0);
}

static void on_flush(sio_client *client, size_t packets, void *data)
{
    (void)client;
    (void)data;
    CHECK(packets > 0);
}

static void on_client(sio_server *server, sio_client *client, void *data)
{
    static const sio_client_events events = { .packet = on_engine_packet,
                                              .packet_create = on_engine_packet,
                                              .flush = on_flush };
    (void)server;
    (void)data;
    if (chance(2))
        CHECK(sio_client_on(client, &events, NULL) == 0);
}

/* ---- handlers ---- */

static void on_connection(sio_socket *socket, void *data)
{
    (void)data;
    life *self = life_of(socket);
    CHECK(self && !self->socket);
    self->socket = socket;
    if (chance(3) == 0)
        follow_socket(socket);
    if (chance(3) == 0) {
        CHECK(sio_socket_emit(socket, "m", "i", ++number) == 0);
        expect(self, number);
    }
    if (chance(20) == 0)
        sio_socket_disconnect(socket, chance(2));
}

static void on_disconnect(sio_socket *socket, const char *reason, void *data)
{
    (void)data;
    life *self = life_by_socket(socket);
    CHECK(self);
    self->socket = NULL;
    self->rooms = 0;
    self->gap = true;
    if (!strstr(reason, "namespace disconnect"))
        self->lossy = true;
    if (chance(4) == 0)
        shout(socket);
    if (chance(20) == 0 && lives[0].socket)
        sio_socket_disconnect(lives[0].socket, chance(2));
}

static void on_middleware(sio_socket *socket, sio_next *next, void *data)
{
    (void)socket;
    (void)data;
    if (chance(3) > 0)
        sio_next_pass(next);
    else
        nexts[next_count++] = next;
}

static void on_up(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)ack;
    (void)data;
    life *self = life_by_socket(socket);
    const int count = (int)sio_args_int(args, 0);
    CHECK(self && (self->gap ? count > self->got : count == self->got + 1));
    self->got = count;
    self->gap = false;
    if (chance(5) == 0)
        shout(chance(2) ? socket : NULL);
    if (chance(40) == 0)
        sio_socket_disconnect(socket, chance(2));
}

static void answer(sio_ack *ack, sio_socket *socket, int count)
{
    life *self = life_by_socket(socket);
    const int err = sio_ack_send(ack, "i", count);
    CHECK(err == (self ? 0 : SIO_ECLOSED));
    if (self)
        expect(self, ANSWER + count);
}

static sio_socket *ack_sockets[STEPS];

static void on_ask(sio_socket *socket, const sio_args *args, sio_ack *ack, void *data)
{
    (void)data;
    const int count = (int)sio_args_int(args, 0);
    if (chance(2)) {
        answer(ack, socket, count);
        return;
    }
    acks[ack_count] = sio_ack_ref(ack);
    ack_sockets[ack_count] = sio_socket_ref(socket);
    ack_numbers[ack_count++] = count;
}

static void on_reply(sio_socket *socket, int error, const sio_args *args, void *data)
{
    bool *owes = data;
    (void)args;
    CHECK(*owes);
    CHECK(error != 0 || sio_socket_connected(socket));
    *owes = false;
    owed--;
    if (chance(10) == 0)
        shout(NULL);
}

static bool owings[STEPS];

static void ask_client(life *self)
{
    owings[step] = true;
    CHECK(sio_socket_emit_ack(self->socket, (uint32_t)chance(300), on_reply, &owings[step], "q",
                              NULL) == 0);
    owed++;
}

/* ---- the client's side ---- */

static void hear(life *self, const char *text)
{
    int what;
    unsigned long long id;
    char reply[64];
    if (strncmp(text, "40", 2) == 0) {
        self->joined = true;
        self->asked = false;
    } else if (strncmp(text, "44", 2) == 0) {
        self->asked = false;
    } else if (strcmp(text, "41") == 0) {
        self->joined = false;
    } else if (sscanf(text, "42[\"m\",%d]", &what) == 1 ||
               (sscanf(text, "43%*d[%d]", &what) == 1 && (what += ANSWER))) {
        CHECK(self->head < self->tail);
        CHECK(self->expected[self->head++] == what);
    } else if (sscanf(text, "42%llu[", &id) == 1) {
        snprintf(reply, sizeof(reply), "43%llu[]", id);
        if (chance(2) && self->joined && sim_client(self->peer) &&
            (!self->peer->websocket || self->peer->transport))
            (void)sim_write(self->peer, reply);
    } else if (strcmp(text, "2") == 0) {
        if (sim_client(self->peer) && (!self->peer->websocket || self->peer->transport))
            (void)sim_write(self->peer, "3");
    }
}

static void listen(life *self)
{
    const char *text;
    while ((text = sim_texts_next(&self->peer->inbox)))
        hear(self, text);
}

static void begin(life *self)
{
    const bool websocket = chance(2);
    *self = (life){ .peer = NULL };
    self->peer = sim_open(&world, websocket ? SIO_EIO_WEBSOCKET : SIO_EIO_POLLING);
}

static void say(life *self, const char *event, int count, bool wants_answer)
{
    char text[64];
    if (!self->joined)
        return;
    if (wants_answer)
        snprintf(text, sizeof(text), "42%d[\"%s\",%d]", count, event, count);
    else
        snprintf(text, sizeof(text), "42[\"%s\",%d]", event, count);
    (void)sim_write(self->peer, text);
}

static void join_or_leave(life *self)
{
    if (self->joined) {
        (void)sim_write(self->peer, "41");
        self->joined = false;
    } else if (!self->asked) {
        (void)sim_write(self->peer, "40");
        self->asked = true;
    }
}

static void move_on(life *self)
{
    sim_peer *peer = self->peer;
    if (peer->websocket) {
        if (peer->transport->stuck)
            sim_unstick(peer);
        else if (chance(3) == 0)
            sim_stick(peer);
    } else if (peer->probe) {
        sim_probe_send(peer, chance(2) ? "2probe" : "5");
    } else if (chance(3) == 0) {
        (void)sim_probe(peer);
    }
    if (sim_client(peer) && !peer->websocket && !peer->transport)
        (void)sim_poll(peer);
}

static void act_as_client(life *self)
{
    switch (chance(8)) {
    case 0:
        join_or_leave(self);
        break;
    case 1:
    case 2:
        if (self->joined)
            say(self, "up", ++self->sent, false);
        break;
    case 3:
        say(self, "ask", step, true);
        break;
    case 4:
        if (chance(10) == 0)
            sim_vanish(self->peer);
        break;
    default:
        move_on(self);
        break;
    }
}

static void change_room(life *self)
{
    const int room = chance(ROOMS);
    if (chance(3)) {
        CHECK(sio_socket_join(self->socket, room_names[room]) == 0);
        self->rooms |= 1u << room;
    } else {
        sio_socket_leave(self->socket, room_names[room]);
        self->rooms &= ~(1u << room);
    }
}

static void act_as_server(life *self)
{
    switch (chance(8)) {
    case 0:
        ask_client(self);
        break;
    case 1:
    case 2:
        change_room(self);
        break;
    case 3:
        if (chance(10) == 0)
            sio_socket_disconnect(self->socket, chance(2));
        break;
    default:
        CHECK(sio_socket_emit(self->socket, "m", "i", ++number) == 0);
        expect(self, number);
        break;
    }
}

static void answer_middleware(void)
{
    sio_next *next = nexts[--next_count];
    if (chance(4) == 0)
        sio_next_refuse(next, "no", NULL);
    else
        sio_next_pass(next);
}

static void answer_ask(void)
{
    ack_count--;
    answer(acks[ack_count], ack_sockets[ack_count], ack_numbers[ack_count]);
    sio_ack_unref(acks[ack_count]);
    sio_socket_unref(ack_sockets[ack_count]);
}

static void act(void)
{
    life *self = &lives[chance(PEERS)];
    if (!self->peer || !sim_client(self->peer)) {
        if (self->peer)
            listen(self);
        begin(self);
    } else {
        act_as_client(self);
    }
    if (self->socket)
        act_as_server(self);
    if (chance(3) == 0)
        shout(NULL);
    if (next_count && chance(3) == 0)
        answer_middleware();
    if (ack_count && chance(3) == 0)
        answer_ask();
    if (chance(2))
        sim_turn(&world);
    if (chance(3) == 0)
        sim_wait(&world, (uint64_t)chance(150));
    for (int i = 0; i < PEERS; i++)
        if (lives[i].peer && chance(2))
            listen(&lives[i]);
}

/* ---- a schedule ---- */

static void start(void)
{
    const sio_server_options options = {
        .ping_interval_ms = 1000,
        .ping_timeout_ms = 600,
        .upgrade_timeout_ms = 400,
        .connect_timeout_ms = 2000,
        .on_client = on_client,
        .max_buffered = seed % 3 ? 0 : 120,
    };
    sim_start(&world, seed, options);
    root = sio_server_of(world.server, "/");
    sio_namespace_on_connection(root, on_connection, NULL);
    sio_namespace_on_disconnect(root, on_disconnect, NULL);
    CHECK(sio_namespace_use(root, on_middleware, NULL) == 0);
    CHECK(sio_namespace_on(root, "up", on_up, NULL) == 0);
    CHECK(sio_namespace_on(root, "ask", on_ask, NULL) == 0);
    memset(lives, 0, sizeof(lives));
    memset(owings, 0, sizeof(owings));
    number = owed = next_count = ack_count = 0;
}

/* Everything that is on its way arrives. */
static void settle(life *self)
{
    sim_peer *peer = self->peer;
    if (peer->probe)
        sim_probe_send(peer, "5");
    if (peer->websocket && peer->transport && peer->transport->stuck)
        sim_unstick(peer);
    for (;;) {
        sim_turn(&world);
        listen(self);
        if (world.woken)
            continue;
        if (!sim_client(peer) || peer->websocket || peer->transport)
            break;
        CHECK(sim_poll(peer) == 0);
    }
    if (sim_client(peer) && !self->lossy)
        CHECK(self->head == self->tail);
    if (self->socket && !self->gap)
        CHECK(self->sent == self->got);
}

static void run(void)
{
    start();
    for (step = 0; step < STEPS; step++)
        act();
    for (int i = 0; i < PEERS; i++)
        if (lives[i].peer)
            settle(&lives[i]);
    while (ack_count)
        answer_ask();
    sim_stop(&world);
    CHECK(owed == 0);
    for (int i = 0; i < PEERS; i++)
        CHECK(!lives[i].socket);
}

static void random_schedules(void **state)
{
    (void)state;
    const char *only = getenv("SIO_SIM_SEED");
    const uint64_t first = only ? strtoull(only, NULL, 10) : 1;
    for (seed = first; seed < first + (only ? 1 : SCHEDULES); seed++)
        run();
}

static int print_seed(void **state)
{
    (void)state;
    print_message("last seed %llu\n", (unsigned long long)seed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(random_schedules, print_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
