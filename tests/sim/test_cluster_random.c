/*
 * Random clusters: nodes whose clients come, answer, stay silent and go, which ask and order each
 * other over a wire that delays, loses and doubles messages, lose their links and close. Each
 * question ends once and in time, and says nothing that is not so; where the wire is good, what it
 * says is whole. Once over an adapter that hides nothing, once over each Redis adapter. A
 * schedule follows from its seed alone: SIO_SIM_SEED=n runs that one.
 */
#include "cluster.h"

#include "core/socket.h"

#define PEERS     3 /* of each node */
#define STEPS     60
#define SCHEDULES 2000
#define QUESTIONS (STEPS + 20)

typedef struct life {
    sim_peer *peer; /* NULL: not there */
} life;

/* What is known of a question before its end. */
typedef struct question {
    sio_cluster_op op;
    unsigned node;
    uint64_t due;
    bool exact; /* nothing goes wrong and nothing changes until it ends */
    bool done;
    size_t count; /* of values, if it is exact */
} question;

typedef enum carrier { FAKE, CLASSIC, SHARDED } carrier;

static cluster world;
static uint64_t seed;
static int step;
static sio_namespace *roots[SIM_NODES];
static life lives[SIM_NODES][PEERS];
static question questions[QUESTIONS];
static unsigned question_count, ended;
static bool good;   /* the wire */
static bool closes; /* callbacks may close their server */
static sio_server_side_ack *kept[QUESTIONS * SIM_NODES];
static unsigned kept_count;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("SIO_SIM_SEED=%llu, step %d\n", (unsigned long long)seed, step);           \
            assert_true(condition);                                                                \
        }                                                                                          \
    } while (0)

static unsigned chance(unsigned below)
{
    return (unsigned)sim_wire_random(&world.wire, below);
}

static sim *node_at(unsigned index)
{
    return world.wire.nodes[index];
}

static unsigned any_node(void)
{
    unsigned index;
    do
        index = chance(world.wire.count);
    while (!node_at(index));
    return index;
}

static void turn_all(void)
{
    for (unsigned i = 0; i < world.wire.count; i++)
        if (node_at(i))
            sim_turn(node_at(i));
}

/* ---- what is asked ---- */

static void check_values(const question *self, const sio_answers *answers)
{
    const size_t count = sio_value_count(answers->values);
    for (size_t i = 0; i < count; i++) {
        const sio_value *value = sio_value_at(answers->values, i);
        if (self->op == SIO_CLUSTER_FETCH_SOCKETS)
            CHECK(sio_value_string(sio_value_get(value, "id"), NULL));
        else if (self->op == SIO_CLUSTER_ALL_ROOMS)
            CHECK(i == 0 || strcmp(sio_value_string(sio_value_at(answers->values, i - 1), NULL),
                                   sio_value_string(value, NULL)) < 0);
        else if (self->op == SIO_CLUSTER_BROADCAST_ACK)
            CHECK(sio_value_string(value, NULL)[0] == 'a');
        else if (self->op == SIO_CLUSTER_SERVER_COUNT)
            CHECK(sio_value_int(value) >= 1 && sio_value_int(value) <= world.wire.count);
    }
    if (!self->exact)
        return;
    CHECK(answers->error == 0);
    CHECK(answers->missing_nodes == 0);
    if (self->op == SIO_CLUSTER_SERVER_COUNT)
        CHECK(sio_value_int(sio_value_at(answers->values, 0)) == (int64_t)self->count);
    else
        CHECK(count == self->count);
}

static void on_answers(sio_namespace *nsp, const sio_answers *answers, void *data)
{
    question *self = data;
    CHECK(!self->done);
    self->done = true;
    ended++;
    CHECK(nsp == roots[self->node]);
    CHECK(answers->missing_nodes <= answers->nodes);
    CHECK(node_at(self->node) ? world.wire.now <= self->due : answers->error == SIO_ECLOSED);
    CHECK(answers->error == 0 || answers->error == SIO_ETIMEOUT || answers->error == SIO_ECLOSED);
    if (answers->error == SIO_ETIMEOUT)
        CHECK(world.wire.now == self->due);
    check_values(self, answers);
    if (chance(8) == 0)
        sio_namespace_emit(nsp, NULL, "told", NULL);
    if (chance(20) == 0)
        sio_namespace_disconnect_sockets(nsp, NULL, chance(2));
    if (closes && chance(30) == 0)
        sio_core_close(sio_namespace_server(nsp));
}

static unsigned clients_now(void)
{
    unsigned count = 0;
    for (unsigned n = 0; n < world.wire.count; n++)
        if (node_at(n))
            count += (unsigned)sio_namespace_count(roots[n]);
    return count;
}

static unsigned nodes_now(void)
{
    unsigned count = 0;
    for (unsigned n = 0; n < world.wire.count; n++)
        count += node_at(n) != NULL;
    return count;
}

static int put(question *self, uint32_t timeout_ms)
{
    sio_namespace *nsp = roots[self->node];
    const sio_target target = { .timeout_ms = timeout_ms,
                                .flags = chance(6) ? 0 : SIO_LOCAL,
                                .rooms = chance(3) ? NULL : SIO_ROOMS("a") };
    self->exact = self->exact && target.flags == 0 && !target.rooms;
    switch (self->op) {
    case SIO_CLUSTER_FETCH_SOCKETS:
        self->count = clients_now();
        return sio_namespace_fetch_sockets(nsp, &target, on_answers, self);
    case SIO_CLUSTER_ALL_ROOMS:
        self->exact = false;
        return sio_namespace_all_rooms(nsp, timeout_ms, on_answers, self);
    case SIO_CLUSTER_SERVER_COUNT:
        self->count = nodes_now();
        return sio_namespace_server_count(nsp, timeout_ms, on_answers, self);
    case SIO_CLUSTER_BROADCAST_ACK:
        self->exact = false;
        return sio_namespace_emit_ack(nsp, &target, on_answers, self, "q", NULL);
    default:
        self->exact = false;
        return sio_namespace_server_side_emit_ack(nsp, timeout_ms, on_answers, self, "s", NULL);
    }
}

/* With `settle` nothing else happens before it is over. */
static void ask(bool settle)
{
    static const sio_cluster_op ops[] = { SIO_CLUSTER_FETCH_SOCKETS, SIO_CLUSTER_ALL_ROOMS,
                                          SIO_CLUSTER_SERVER_COUNT, SIO_CLUSTER_BROADCAST_ACK,
                                          SIO_CLUSTER_SERVER_SIDE_EMIT };
    const uint32_t timeout_ms = chance(3) ? 1 + chance(2000) : 0;
    question *self = &questions[question_count];
    CHECK(question_count < QUESTIONS);
    *self = (question){ .op = ops[chance(5)], .node = any_node() };
    self->exact = settle && good && (timeout_ms == 0 || timeout_ms > 500);
    self->due = world.wire.now + (timeout_ms ? timeout_ms : 5000);
    if (settle) {
        sim_wire_wait(&world.wire, 1000);
        self->due += 1000;
    }
    self->exact = self->exact && ended == question_count;
    const unsigned before = ended;
    const int err = put(self, timeout_ms);
    CHECK(ended == before); /* never from inside the call */
    if (err) {
        CHECK(err == SIO_ECLOSED);
        return;
    }
    question_count++;
    turn_all();
    if (settle)
        sim_wire_wait(&world.wire, 1000);
}

/* ---- what answers ---- */

static void on_server_side(sio_namespace *nsp, const char *event, const sio_args *args,
                           sio_server_side_ack *ack, void *data)
{
    (void)event;
    (void)args;
    (void)data;
    const unsigned what = chance(4);
    if (what == 0 && kept_count < QUESTIONS * SIM_NODES)
        kept[kept_count++] = sio_server_side_ack_ref(ack);
    else if (what == 1)
        CHECK(!ack || sio_server_side_ack_send(ack, "s", "now") == 0);
    else if (what == 2 && closes && chance(20) == 0)
        sio_core_close(sio_namespace_server(nsp));
}

static void answer_later(void)
{
    if (kept_count == 0)
        return;
    sio_server_side_ack *ack = kept[--kept_count];
    const int err = sio_server_side_ack_send(ack, "s", "later");
    CHECK(err == 0 || err == SIO_ECLOSED);
    CHECK(!ack || sio_server_side_ack_send(ack, NULL) != 0);
    sio_server_side_ack_unref(ack);
}

/* The client answers some of the questions that have come. */
static void read_inbox(life *self)
{
    char reply[64];
    unsigned id;
    for (const char *text; (text = sim_texts_next(&self->peer->inbox));) {
        if (sscanf(text, "42%u[\"q\"", &id) != 1 || chance(4) == 0)
            continue;
        snprintf(reply, sizeof(reply), "43%u[\"a%u\"]", id, id);
        for (unsigned times = chance(8) ? 1 : 2; times > 0 && sim_client(self->peer); times--)
            sim_send(self->peer, reply);
    }
}

/* ---- steps ---- */

static void come_or_go(void)
{
    const unsigned n = any_node();
    life *self = &lives[n][chance(PEERS)];
    if (self->peer && !sim_client(self->peer))
        self->peer = NULL;
    if (self->peer) {
        if (chance(3) == 0)
            sim_vanish(self->peer);
        else
            read_inbox(self);
    } else if (!node_at(n)->server->closing) {
        self->peer = sim_join(node_at(n), SIO_EIO_WEBSOCKET);
        if (chance(2))
            CHECK(sio_socket_join(sim_last, "a") == 0);
    }
}

static void order(void)
{
    const unsigned n = any_node();
    const sio_target target = { .rooms = chance(2) ? SIO_ROOMS("a") : NULL,
                                .except = chance(2) ? SIO_ROOMS("b") : NULL };
    const char *const *rooms = chance(2) ? SIO_ROOMS("b") : SIO_ROOMS("a", "c");
    int err;
    switch (chance(8)) {
    case 0:
        err = sio_namespace_disconnect_sockets(roots[n], &target, chance(2));
        break;
    case 1:
    case 2:
        err = sio_namespace_sockets_leave(roots[n], &target, rooms);
        break;
    case 3:
        err = sio_namespace_server_side_emit(roots[n], "s", "i", 1);
        break;
    default:
        err = sio_namespace_sockets_join(roots[n], &target, rooms);
    }
    CHECK(err == 0 || (err == SIO_ECLOSED && world.adapters[n].unlinked));
    turn_all();
}

static void trouble(void)
{
    const unsigned n = any_node();
    switch (good ? 9 : chance(6)) {
    case 0:
        world.wire.cut[n] = !world.wire.cut[n];
        break;
    case 1:
        cluster_unlink(&world, n);
        break;
    case 2:
        cluster_link(&world, n);
        break;
    case 3:
        world.adapters[n].silent = !world.adapters[n].silent;
        break;
    default:
        break;
    }
    if (nodes_now() > 1 && chance(12) == 0)
        cluster_end_node(&world, n);
    turn_all();
}

static void act(void)
{
    switch (chance(12)) {
    case 0:
        trouble();
        break;
    case 1:
    case 2:
        order();
        break;
    case 3:
        ask(true);
        break;
    case 4:
    case 5:
    case 6:
        ask(false);
        break;
    case 7:
        answer_later();
        break;
    default:
        come_or_go();
    }
    sim_wire_wait(&world.wire, chance(200));
}

/* ---- schedules ---- */

static void begin(carrier by)
{
    static const sio_redis_subscribe ways[] = { SIO_SUBSCRIBE_PATTERN, SIO_SUBSCRIBE_ROOMS,
                                                SIO_SUBSCRIBE_AUTO };
    static const sio_sharded_mode modes[] = { SIO_SHARDED_DYNAMIC, SIO_SHARDED_STATIC,
                                              SIO_SHARDED_DYNAMIC_PRIVATE };
    const unsigned count = 1 + (unsigned)(seed % SIM_NODES);
    if (by == CLASSIC)
        cluster_start_classic(&world, seed, count, ways[seed % 3]);
    else if (by == SHARDED)
        cluster_start_sharded(&world, seed, count, modes[seed % 3]);
    else
        cluster_start(&world, seed, count);
    memset(lives, 0, sizeof(lives));
    question_count = ended = kept_count = 0;
    good = chance(2);
    closes = !good && chance(2);
    world.wire.delay_ms = chance(2) ? chance(100) : 0;
    if (!good && by == FAKE) {
        world.wire.loss = chance(2) ? chance(300) : 0;
        world.wire.twice = chance(2) ? chance(300) : 0;
        world.wire.disorder = chance(2);
    }
    for (unsigned i = 0; i < world.wire.count; i++) {
        roots[i] = sio_server_of(world.nodes[i].server, "/");
        sio_namespace_on_connection(roots[i], sim_on_connection, &world.nodes[i]);
        CHECK(sio_namespace_on_server_side_emit(roots[i], NULL, on_server_side, NULL) == 0);
    }
    sim_wire_wait(&world.wire, 1000);
}

static void run(uint64_t number, carrier by)
{
    seed = number;
    begin(by);
    for (step = 0; step < STEPS; step++)
        act();
    sim_wire_wait(&world.wire, chance(2) ? 10000 : 0);
    cluster_stop(&world);
    while (kept_count > 0)
        answer_later();
    CHECK(ended == question_count);
}

static void run_all(carrier by)
{
    const char *only = getenv("SIO_SIM_SEED");
    const uint64_t first = only ? strtoull(only, NULL, 10) : 1;
    for (uint64_t i = first; i < first + (only ? 1 : SCHEDULES); i++)
        run(i, by);
    print_message("last seed %llu\n", (unsigned long long)seed);
}

static void random_schedules(void **state)
{
    (void)state;
    run_all(FAKE);
}

static void random_schedules_of_the_classic_adapter(void **state)
{
    (void)state;
    run_all(CLASSIC);
}

static void random_schedules_of_the_sharded_adapter(void **state)
{
    (void)state;
    run_all(SHARDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_schedules),
        cmocka_unit_test(random_schedules_of_the_classic_adapter),
        cmocka_unit_test(random_schedules_of_the_sharded_adapter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
