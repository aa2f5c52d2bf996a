/* The sharded adapter without Redis: which channel gets what, what is subscribed to, what is asked
 * and served. */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "check.h"
#include "cluster/sharded.h"

#define ID20 "abcdefghijklmnopqrst" /* a room as long as a socket's id */

typedef struct bench {
    sio_sharded sharded;
    const char *rooms; /* "nsp:room nsp:room": those that somebody here is in */
    char random;
    int answer;            /* of the next publishes and subscriptions */
    char subscribed[1024]; /* "channel channel " */
    unsigned changes;      /* of subscriptions that reached the link */
    unsigned published;
    char channel[256];
    char payload[1024];
    unsigned delivered, served;
    char delivered_to[64];
    sio_cluster_op op;
    uint32_t timeout_ms;
    sio_answerer *answerer;
    sio_inquiry *counting;
    unsigned warned;
} bench;

static bool has_room(void *data, sio_str nsp, sio_str room)
{
    const bench *b = data;
    char name[256];
    snprintf(name, sizeof name, "%.*s:%.*s ", (int)nsp.len, nsp.data, (int)room.len, room.data);
    return strstr(b->rooms, name);
}

static void each_room(void *data, sio_str nsp, void (*each)(void *each_data, sio_str room),
                      void *each_data)
{
    const bench *b = data;
    for (const char *at = b->rooms; *at; at = strchr(at, ' ') + 1) {
        const char *colon = strchr(at, ':'), *end = strchr(at, ' ');
        if (sio_str_equal((sio_str){ at, (size_t)(colon - at) }, nsp))
            each(each_data, (sio_str){ colon + 1, (size_t)(end - colon - 1) });
    }
}

static void deliver(void *data, const sio_cluster_message *message)
{
    bench *b = data;
    b->delivered++;
    snprintf(b->delivered_to, sizeof b->delivered_to, "%.*s", (int)message->nsp.len,
             message->nsp.data);
}

static void serve(void *data, const sio_cluster_request *request, sio_answerer *answerer)
{
    bench *b = data;
    b->served++;
    b->op = request->op;
    b->timeout_ms = request->timeout_ms;
    b->answerer = answerer;
}

static void warn(void *data, const char *text)
{
    (void)text;
    ((bench *)data)->warned++;
}

static void give_random(void *data, void *out, size_t len)
{
    bench *b = data;
    memset(out, 0, len);
    *(char *)out = b->random++;
}

static int publish(void *data, sio_str channel, sio_str payload)
{
    bench *b = data;
    b->published++;
    snprintf(b->channel, sizeof b->channel, "%.*s", (int)channel.len, channel.data);
    snprintf(b->payload, sizeof b->payload, "%.*s", (int)payload.len, payload.data);
    return b->answer;
}

static int count(void *data, sio_str channel, sio_inquiry *inquiry)
{
    bench *b = data;
    (void)channel;
    b->counting = inquiry;
    return b->answer;
}

static char *find(bench *b, sio_str channel)
{
    char name[256];
    snprintf(name, sizeof name, "%.*s ", (int)channel.len, channel.data);
    for (char *at = b->subscribed; *at; at = strchr(at, ' ') + 1)
        if (strncmp(at, name, strlen(name)) == 0)
            return at;
    return NULL;
}

static int subscribe(void *data, sio_str channel)
{
    bench *b = data;
    size_t len = strlen(b->subscribed);
    if (find(b, channel))
        return SIO_EEXISTS;
    if (b->answer)
        return b->answer;
    b->changes++;
    snprintf(b->subscribed + len, sizeof b->subscribed - len, "%.*s ", (int)channel.len,
             channel.data);
    return 0;
}

static void unsubscribe(void *data, sio_str channel)
{
    bench *b = data;
    char *at = find(b, channel);
    if (!at)
        return;
    b->changes++;
    char *end = strchr(at, ' ') + 1;
    memmove(at, end, strlen(end) + 1);
}

static void begin(bench *b, sio_sharded_mode mode, const char *rooms)
{
    const sio_adapter_host host = { .data = b,
                                    .has_room = has_room,
                                    .rooms = each_room,
                                    .deliver = deliver,
                                    .serve = serve,
                                    .warn = warn,
                                    .random = give_random };
    const sio_sharded_link link = { b, publish, count, subscribe, unsubscribe, NULL };
    *b = (bench){ .rooms = rooms };
    assert_int_equal(
        sio_sharded_init(&b->sharded, &host, &link, &(sio_redis_options){ .mode = mode }), 0);
    sio_sharded_ready(&b->sharded, true, 0);
}

static void open_nsp(bench *b, const char *nsp)
{
    assert_int_equal(sio_sharded_open(&b->sharded, sio_str_from(nsp)), 0);
}

static bool hears(bench *b, const char *channel)
{
    return find(b, sio_str_from(channel)) != NULL;
}

static void room(bench *b, const char *nsp, const char *name, bool present)
{
    sio_sharded_room(&b->sharded, sio_str_from(nsp), sio_str_from(name), present, 0);
}

static void receive(bench *b, const char *channel, const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    memcpy(copy, text, strlen(text));
    sio_sharded_receive(&b->sharded, sio_str_from(channel), (sio_str){ copy, strlen(text) }, 0);
    free(copy);
}

static const char *channel_of(bench *b, const char *const *names)
{
    sio_str rooms[4];
    size_t count = 0;
    const sio_value event = sio_value_of_string(SIO_STR("x"));
    for (; names[count]; count++)
        rooms[count] = sio_str_from(names[count]);
    const sio_cluster_message message = { .nsp = SIO_STR("/"),
                                          .rooms = rooms,
                                          .rooms_count = count,
                                          .data = sio_value_of_array(&event, 1) };
    assert_int_equal(sio_sharded_broadcast(&b->sharded, &message), b->answer);
    return b->channel;
}

#define CHANNEL_OF(...) channel_of(&b, (const char *const[]){ __VA_ARGS__, NULL })

/* ---- out ---- */

static void the_mode_decides_the_channel(void **state)
{
    (void)state;
    static const struct {
        sio_sharded_mode mode;
        const char *room, *id;
    } rows[] = {
        { SIO_SHARDED_STATIC, "socket.io#/#", "socket.io#/#" },
        { SIO_SHARDED_DYNAMIC, "socket.io#/#r#", "socket.io#/#" },
        { SIO_SHARDED_DYNAMIC_PRIVATE, "socket.io#/#r#", "socket.io#/#" ID20 "#" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bench b;
        begin(&b, rows[i].mode, "");
        open_nsp(&b, "/");
        assert_string_equal(CHANNEL_OF(NULL), "socket.io#/#");
        assert_string_equal(CHANNEL_OF("r"), rows[i].room);
        assert_string_equal(CHANNEL_OF(ID20), rows[i].id);
        assert_string_equal(CHANNEL_OF("r", "s"), "socket.io#/#");
        sio_sharded_free(&b.sharded);
    }
}

static void what_cannot_be_sent_is_told(void **state)
{
    (void)state;
    bench b;
    begin(&b, SIO_SHARDED_DYNAMIC, "");
    open_nsp(&b, "/");
    b.answer = SIO_ELIMIT;
    CHANNEL_OF("r");
    const sio_cluster_request elsewhere = { .op = SIO_CLUSTER_FETCH_SOCKETS, .nsp = SIO_STR("/b") };
    assert_int_equal(sio_sharded_tell(&b.sharded, &elsewhere), SIO_ENOTFOUND);
    assert_int_equal(sio_sharded_open(&b.sharded, SIO_STR("/")), SIO_EEXISTS);
    assert_int_equal(sio_sharded_open(&b.sharded, SIO_STR("/b")), SIO_ELIMIT);
    sio_sharded_free(&b.sharded);
}

/* ---- subscriptions ---- */

static void rooms_are_subscribed_to(void **state)
{
    (void)state;
    bench b;
    begin(&b, SIO_SHARDED_DYNAMIC, "/:old /:" ID20 " ");
    open_nsp(&b, "/");
    assert_string_equal(b.subscribed,
                        "socket.io#/# socket.io#/#0100000000000000# socket.io#/#old# ");
    room(&b, "/", "r", true);
    assert_true(hears(&b, "socket.io#/#r#"));
    assert_int_equal(b.sharded.channels, 4);
    unsigned changes = b.changes;
    room(&b, "/", ID20, true);
    room(&b, "/none", "r", true);
    assert_int_equal(b.changes, changes);
    room(&b, "/", "r", false);
    assert_false(hears(&b, "socket.io#/#r#"));
    room(&b, "/", "r", true);
    assert_true(hears(&b, "socket.io#/#r#"));
    room(&b, "/", "r", false);
    sio_sharded_close(&b.sharded, SIO_STR("/"));
    assert_string_equal(b.subscribed, "");
    assert_int_equal(b.sharded.channels, 0);
    sio_sharded_free(&b.sharded);
}

/* "socket.io#/a#b#" is the channel of /a#b, and of the room b of /a. */
static void channels_that_two_share(void **state)
{
    (void)state;
    bench b;
    begin(&b, SIO_SHARDED_DYNAMIC, "/a:b ");
    open_nsp(&b, "/a");
    open_nsp(&b, "/a#b");
    room(&b, "/a", "b", false);
    assert_true(hears(&b, "socket.io#/a#b#"));
    sio_sharded_close(&b.sharded, SIO_STR("/a#b"));
    assert_true(hears(&b, "socket.io#/a#b#")); /* the room is still there */
    b.rooms = "";
    room(&b, "/a", "b", false);
    assert_false(hears(&b, "socket.io#/a#b#"));
    sio_sharded_free(&b.sharded);
}

static void what_is_missing_is_tried_again(void **state)
{
    (void)state;
    bench b;
    begin(&b, SIO_SHARDED_DYNAMIC, "/:r ");
    b.rooms = "";
    open_nsp(&b, "/");
    b.rooms = "/:r ";
    b.answer = SIO_ENOMEM;
    room(&b, "/", "r", true);
    assert_false(hears(&b, "socket.io#/#r#"));
    assert_int_equal(b.warned, 1);
    b.answer = 0;
    sio_sharded_receive(&b.sharded, SIO_STR("socket.io#/#"), SIO_STR("{}"), 500);
    assert_false(hears(&b, "socket.io#/#r#"));
    sio_sharded_receive(&b.sharded, SIO_STR("socket.io#/#"), SIO_STR("{}"), 1000);
    assert_true(hears(&b, "socket.io#/#r#"));
    sio_sharded_free(&b.sharded);
}

/* ---- in ---- */

#define BROADCAST(rooms, nsp)                                                                      \
    "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"e\"]},\"opts\":{\"rooms\":[" rooms   \
    "]}},\"uid\":\"u\",\"nsp\":\"" nsp "\"}"

static void broadcasts_are_delivered(void **state)
{
    (void)state;
    bench b;
    begin(&b, SIO_SHARDED_DYNAMIC, "/:r ");
    open_nsp(&b, "/");
    open_nsp(&b, "/b");
    receive(&b, "socket.io#/#", BROADCAST("", "/"));
    assert_int_equal(b.delivered, 1);
    receive(&b, "socket.io#/b#", BROADCAST("", "/b"));
    assert_int_equal(b.delivered, 2);
    assert_string_equal(b.delivered_to, "/b");
    receive(&b, "socket.io#/#r#", BROADCAST("\"r\"", "/"));
    receive(&b, "socket.io#/#", BROADCAST("\"s\",\"r\"", "/"));
    assert_int_equal(b.delivered, 4);
    receive(&b, "socket.io#/#s#", BROADCAST("\"s\"", "/"));
    receive(&b, "socket.io#/#", BROADCAST("", "/none"));
    receive(&b, "socket.io#/b#", BROADCAST("", "/")); /* on the channel of another */
    receive(&b, "socket.io#/#", "{\"type\":2,\"uid\":\"u\",\"nsp\":\"/\"}");
    assert_int_equal(b.sharded.stats.elsewhere, 4);
    receive(&b, "socket.io#/#", "{\"type\":3}");
    receive(&b, "socket.io#/#", "");
    assert_int_equal(b.sharded.stats.malformed, 2);
    assert_int_equal(b.warned, 1);
    assert_int_equal(b.delivered, 4);
    sio_sharded_free(&b.sharded);
}

static void own_messages_are_not_delivered(void **state)
{
    (void)state;
    bench b;
    begin(&b, SIO_SHARDED_STATIC, "");
    open_nsp(&b, "/");
    CHANNEL_OF(NULL);
    char sent[sizeof b.payload];
    snprintf(sent, sizeof sent, "%s", b.payload);
    receive(&b, "socket.io#/#", sent);
    assert_int_equal(b.delivered, 0);
    assert_int_equal(b.sharded.stats.own, 1);
    sio_sharded_free(&b.sharded);
}

/* ---- asking ---- */

typedef struct questioner {
    sio_asker base;
    unsigned nodes, clients, answers;
    int err;
    char last[64];
} questioner;

static void expect(sio_asker *asker, unsigned nodes)
{
    ((questioner *)asker)->nodes = nodes;
}

static void add_clients(sio_asker *asker, uint32_t clients)
{
    ((questioner *)asker)->clients += clients;
}

static void answer(sio_asker *asker, const sio_value *value)
{
    questioner *self = (questioner *)asker;
    char *json;
    self->answers++;
    assert_int_equal(sio_value_to_json(value, &json, NULL), 0);
    snprintf(self->last, sizeof self->last, "%s", json);
    sio_free(json);
}

static void give_up(sio_asker *asker, int err)
{
    ((questioner *)asker)->err = err;
}

static const sio_asker asker_functions = { expect, add_clients, answer, give_up };

/* Asks, and answers with that type and what follows the id. */
static questioner ask_and_answer(sio_cluster_op op, int type, const char *rest)
{
    bench b;
    questioner asker = { .base = asker_functions };
    char text[256], id[17] = "";
    const sio_value event = sio_value_of_string(SIO_STR("e"));
    const sio_cluster_request request = {
        .op = op, .nsp = SIO_STR("/"), .timeout_ms = 7, .data = sio_value_of_array(&event, 1)
    };
    begin(&b, SIO_SHARDED_DYNAMIC, "");
    open_nsp(&b, "/");
    assert_int_equal(sio_sharded_ask(&b.sharded, &request, &asker.base), 0);
    assert_string_equal(b.channel, "socket.io#/#");
    snprintf(id, sizeof id, "%s", strstr(b.payload, "\"requestId\":\"") + 13);
    sio_sharded_counted(&b.sharded, b.counting, 0, 3);
    snprintf(text, sizeof text,
             "{\"type\":%d,\"data\":{\"requestId\":\"%s\"%s},\"uid\":\"u\",\"nsp\":\"/\"}", type,
             id, rest);
    receive(&b, "socket.io#/#0100000000000000#", text);
    sio_sharded_free(&b.sharded);
    return asker;
}

static void answers_reach_who_asked(void **state)
{
    (void)state;
    questioner got = ask_and_answer(SIO_CLUSTER_FETCH_SOCKETS, 8, ",\"sockets\":[{\"id\":\"a\"}]");
    assert_int_equal(got.nodes, 2);
    assert_string_equal(got.last, "[{\"id\":\"a\"}]");
    got = ask_and_answer(
        SIO_CLUSTER_ALL_ROOMS, 8,
        ",\"sockets\":[{\"rooms\":[\"a\",\"b\"]},7,{\"rooms\":{}},{\"rooms\":[\"b\"]}]");
    assert_string_equal(got.last, "[\"a\",\"b\",\"b\"]");
    got = ask_and_answer(SIO_CLUSTER_SERVER_SIDE_EMIT, 10, ",\"packet\":5");
    assert_string_equal(got.last, "5");
    got = ask_and_answer(SIO_CLUSTER_BROADCAST_ACK, 11, ",\"clientCount\":4");
    assert_int_equal(got.clients, 4);
    got = ask_and_answer(SIO_CLUSTER_BROADCAST_ACK, 12, ",\"packet\":[1]");
    assert_string_equal(got.last, "[1]");
    got = ask_and_answer(SIO_CLUSTER_FETCH_SOCKETS, 10, ",\"packet\":5");
    assert_int_equal(got.answers, 0);
}

static void questions_end(void **state)
{
    (void)state;
    bench b;
    questioner asker = { .base = asker_functions }, other = { .base = asker_functions };
    const sio_cluster_request request = { .op = SIO_CLUSTER_SERVER_COUNT, .nsp = SIO_STR("/") };
    begin(&b, SIO_SHARDED_DYNAMIC, "");
    open_nsp(&b, "/");
    assert_int_equal(sio_sharded_ask(&b.sharded, &request, &asker.base), 0);
    assert_int_equal(b.published, 0);
    sio_sharded_forget(&b.sharded, &asker.base);
    sio_sharded_counted(&b.sharded, b.counting, 0, 3);
    assert_int_equal(asker.nodes, 0);
    assert_int_equal(sio_sharded_ask(&b.sharded, &request, &asker.base), 0);
    sio_sharded_counted(&b.sharded, b.counting, SIO_EREDIS, 0);
    assert_int_equal(asker.err, SIO_EREDIS);
    assert_int_equal(sio_sharded_ask(&b.sharded, &request, &other.base), 0);
    sio_sharded_ready(&b.sharded, false, 0);
    assert_int_equal(other.err, SIO_ECLOSED);
    sio_sharded_counted(&b.sharded, b.counting, SIO_ECLOSED, 0);
    assert_int_equal(sio_sharded_ask(&b.sharded, &request, &other.base), SIO_ECLOSED);
    sio_sharded_ready(&b.sharded, true, 0);
    other.err = 0;
    assert_int_equal(sio_sharded_ask(&b.sharded, &request, &other.base), 0);
    sio_sharded_close(&b.sharded, SIO_STR("/"));
    assert_int_equal(other.err, SIO_ECLOSED);
    sio_sharded_counted(&b.sharded, b.counting, SIO_ECLOSED, 0);
    sio_sharded_free(&b.sharded);
}

/* ---- serving ---- */

#define QUESTION(type, data)                                                                       \
    "{\"type\":" type ",\"data\":{" data ",\"requestId\":\"RR\"},\"uid\":\"asker\",\"nsp\":\"/\"}"

static void questions_are_served(void **state)
{
    (void)state;
    bench b;
    const sio_value seven = sio_value_of_int(7);
    begin(&b, SIO_SHARDED_DYNAMIC, "");
    open_nsp(&b, "/");
    receive(&b, "socket.io#/#",
            QUESTION("3",
                     "\"packet\":{\"type\":2,\"data\":[\"e\"]},\"opts\":{\"flags\":{\"timeout\":"
                     "9}}"));
    assert_int_equal(b.op, SIO_CLUSTER_BROADCAST_ACK);
    assert_int_equal(b.timeout_ms, 9);
    b.answerer->clients(b.answerer, 2);
    assert_string_equal(b.channel, "socket.io#/#asker#");
    assert_string_equal(b.payload, "{\"type\":11,\"data\":{\"requestId\":\"RR\",\"clientCount\":2},"
                                   "\"uid\":\"0100000000000000\",\"nsp\":\"/\"}");
    b.answerer->answer(b.answerer, &seven);
    assert_non_null(strstr(b.payload, "\"type\":12,\"data\":{\"requestId\":\"RR\",\"packet\":7}"));
    b.answerer->end(b.answerer);
    receive(&b, "socket.io#/#", QUESTION("7", "\"opts\":{}"));
    assert_int_equal(b.timeout_ms, 5000);
    sio_sharded_close(&b.sharded, SIO_STR("/"));
    const sio_value none = sio_value_of_array(NULL, 0);
    b.answerer->answer(b.answerer, &none);
    assert_non_null(strstr(b.payload, "\"type\":8,\"data\":{\"requestId\":\"RR\",\"sockets\":[]}"));
    b.answerer->end(b.answerer);
    open_nsp(&b, "/");
    receive(&b, "socket.io#/#", QUESTION("9", "\"packet\":[\"e\"]"));
    unsigned published = b.published;
    sio_sharded_stop(&b.sharded);
    b.answerer->answer(b.answerer, &seven);
    assert_int_equal(b.published, published);
    sio_sharded_free(&b.sharded);
    b.answerer->end(b.answerer);
}

static void orders_are_carried_out(void **state)
{
    (void)state;
    bench b;
    begin(&b, SIO_SHARDED_DYNAMIC, "");
    open_nsp(&b, "/");
    static const char *const texts[] = {
        "{\"type\":4,\"data\":{\"opts\":{},\"rooms\":[\"a\"]},\"uid\":\"u\",\"nsp\":\"/\"}",
        "{\"type\":6,\"data\":{\"opts\":{}},\"uid\":\"u\",\"nsp\":\"/\"}",
        "{\"type\":9,\"data\":{\"packet\":[\"e\"]},\"uid\":\"u\",\"nsp\":\"/\"}",
    };
    static const sio_cluster_op ops[] = { SIO_CLUSTER_SOCKETS_JOIN, SIO_CLUSTER_DISCONNECT_SOCKETS,
                                          SIO_CLUSTER_SERVER_SIDE_EMIT };
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        receive(&b, "socket.io#/#", texts[i]);
        assert_int_equal(b.op, ops[i]);
        assert_null(b.answerer);
    }
    assert_int_equal(b.served, 3);
    assert_int_equal(b.sharded.stats.requests, 3);
    sio_sharded_free(&b.sharded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mode_decides_the_channel),
        cmocka_unit_test(what_cannot_be_sent_is_told),
        cmocka_unit_test(rooms_are_subscribed_to),
        cmocka_unit_test(channels_that_two_share),
        cmocka_unit_test(what_is_missing_is_tried_again),
        cmocka_unit_test(broadcasts_are_delivered),
        cmocka_unit_test(own_messages_are_not_delivered),
        cmocka_unit_test(answers_reach_who_asked),
        cmocka_unit_test(questions_end),
        cmocka_unit_test(questions_are_served),
        cmocka_unit_test(orders_are_carried_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
