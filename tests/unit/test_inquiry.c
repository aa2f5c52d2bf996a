/* What the classic adapter asks of other nodes, and which answers it takes. */
#include <sio/err.h>

#include "adapter_bench.h"

typedef struct asker {
    sio_asker base;
    adapter_bench *bench;
    unsigned nodes, counted, clients, answers, failures;
    int err;
    char json[256];
    bool forgets; /* at the first that it is told */
} asker;

static void forget_if_so(asker *self)
{
    if (self->forgets)
        sio_classic_forget(&self->bench->classic, &self->base);
}

static void on_expect(sio_asker *base, unsigned nodes)
{
    asker *self = (asker *)base;
    self->counted++;
    self->nodes = nodes;
    forget_if_so(self);
}

static void on_clients(sio_asker *base, uint32_t count)
{
    asker *self = (asker *)base;
    self->clients += count;
    forget_if_so(self);
}

static void on_answer(sio_asker *base, const sio_value *value)
{
    asker *self = (asker *)base;
    char *json;
    self->answers++;
    assert_int_equal(sio_value_to_json(value, &json, NULL), 0);
    snprintf(self->json, sizeof self->json, "%s", json);
    sio_free(json);
    forget_if_so(self);
}

static void on_fail(sio_asker *base, int err)
{
    asker *self = (asker *)base;
    self->failures++;
    self->err = err;
}

static asker asker_of(adapter_bench *bench)
{
    return (asker){ .base = { on_expect, on_clients, on_answer, on_fail }, .bench = bench };
}

static int ask(adapter_bench *bench, sio_cluster_op op, asker *who)
{
    const sio_cluster_request request = { .op = op, .nsp = SIO_STR("/"), .timeout_ms = 1000 };
    return sio_classic_ask(&bench->classic, &request, &who->base);
}

/* The id of the request that was published last. */
static const char *id_of(const adapter_bench *bench)
{
    static char id[SIO_CLUSTER_UID_SIZE + 1];
    const char *at = strstr(bench->payload, "\"requestId\":\"");
    assert_non_null(at);
    memcpy(id, at + 13, SIO_CLUSTER_UID_SIZE);
    return id;
}

static void answer(adapter_bench *bench, const char *channel, const char *format, ...)
    SIO_PRINTF(3, 4);

static void answer(adapter_bench *bench, const char *channel, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    bench_receive(bench, channel, (sio_str){ text, (size_t)len });
}

static void end(adapter_bench *bench)
{
    sio_classic_free(&bench->classic);
}

static void asks_and_is_answered(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    asker who = asker_of(&bench);
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), 0);
    assert_string_equal(bench.channel, "socket.io-request#/#");
    const char *id = id_of(&bench);
    /* an answer may be there before Redis has counted */
    answer(&bench, "socket.io-response#/#", "{\"requestId\":\"%s\",\"rooms\":[\"r\"]}", id);
    assert_int_equal(who.counted, 0);
    assert_int_equal(who.answers, 1);
    assert_string_equal(who.json, "[\"r\"]");
    sio_classic_counted(&bench.classic, bench.counting, 0, 3);
    assert_int_equal(who.nodes, 2); /* this node is one of them */
    char own[64];
    const sio_space *space = sio_map_get(&bench.classic.namespaces, SIO_STR("/"));
    snprintf(own, sizeof own, "socket.io-response#/#%.*s#", SIO_CLUSTER_UID_SIZE, space->uid);
    answer(&bench, own, "{\"requestId\":\"%s\",\"rooms\":[]}", id);
    assert_int_equal(who.answers, 2);
    assert_int_equal(bench.classic.stats.answers, 2);
    sio_classic_forget(&bench.classic, &who.base);
    answer(&bench, own, "{\"requestId\":\"%s\",\"rooms\":[]}", id);
    assert_int_equal(who.answers, 2);
    end(&bench);
}

static void answers_of_other_questions_are_not_taken(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    asker who = asker_of(&bench);
    answer(&bench, "socket.io-response#/#", "%s", "\xc1"); /* nobody asks: it is not read */
    assert_int_equal(bench.classic.stats.elsewhere, 1);
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), 0);
    const char *id = id_of(&bench);
    answer(&bench, "socket.io-response#/#", "{\"requestId\":\"%s\",\"rooms\":[]}", "other!");
    answer(&bench, "socket.io-response#/a#", "{\"requestId\":\"%s\",\"rooms\":[]}", id);
    assert_int_equal(bench.classic.stats.elsewhere, 3);
    answer(&bench, "socket.io-response#/#", "{\"requestId\":\"%s\",\"sockets\":[]}", id);
    answer(&bench, "socket.io-response#/#", "{\"requestId\":\"%s\"", id);
    answer(&bench, "socket.io-response#/#", "%s", "\xc0"); /* nil, on which a Node.js node ends */
    assert_int_equal(bench.classic.stats.malformed, 3);
    assert_int_equal(bench.warned, 1);
    assert_int_equal(who.answers, 0);
    sio_classic_counted(&bench.classic, bench.counting, 0, 0);
    assert_int_equal(who.nodes, 0);
    end(&bench);
}

static void clients_answer_a_broadcast(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    asker who = asker_of(&bench);
    assert_int_equal(ask(&bench, SIO_CLUSTER_BROADCAST_ACK, &who), 0);
    /* MessagePack: {uid, requestId: "…" */
    const char *at = strstr(bench.payload, "requestId");
    char id[SIO_CLUSTER_UID_SIZE + 1] = "";
    memcpy(id, at + 10, SIO_CLUSTER_UID_SIZE);
    assert_non_null(strstr(bench.payload, "timeout\xcd\x03\xe8")); /* 1000 ms, as asked */
    answer(&bench, "socket.io-response#/#", "{\"type\":8,\"requestId\":\"%s\",\"clientCount\":2}",
           id);
    assert_int_equal(who.clients, 2);
    answer(&bench, "socket.io-response#/#", "\x83\xa4type\x09\xa9requestId\xa6%s\xa6packet\xa3yes",
           id);
    assert_int_equal(who.answers, 1);
    assert_string_equal(who.json, "\"yes\"");
    answer(&bench, "socket.io-response#/#", "\x82\xa4type\x09\xa9requestId\xa6%s", id);
    assert_int_equal(who.answers, 2);
    assert_string_equal(who.json, "null");
    sio_classic_counted(&bench.classic, bench.counting, 0, 2);
    end(&bench);
}

static void nodes_are_counted_without_being_asked(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    asker who = asker_of(&bench);
    assert_int_equal(ask(&bench, SIO_CLUSTER_SERVER_COUNT, &who), 0);
    assert_int_equal(bench.published, 0);
    sio_classic_counted(&bench.classic, bench.counting, 0, 5);
    assert_int_equal(who.nodes, 4);
    sio_classic_forget(&bench.classic, &who.base);
    end(&bench);
}

/* Whatever it is told, the asker may let go; Redis may count for one that has. */
static void forgets_at_any_time(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    asker who = asker_of(&bench);
    who.forgets = true;
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), 0);
    answer(&bench, "socket.io-response#/#", "{\"requestId\":\"%s\",\"rooms\":[]}", id_of(&bench));
    sio_classic_counted(&bench.classic, bench.counting, 0, 2);
    assert_int_equal(who.counted, 0);
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), 0);
    sio_classic_counted(&bench.classic, bench.counting, 0, 2);
    assert_int_equal(who.counted, 1);
    assert_int_equal(who.failures, 0);
    end(&bench);
}

static void fails_without_a_link(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    asker who = asker_of(&bench), other = asker_of(&bench);
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), 0);
    sio_inquiry *first = bench.counting;
    assert_int_equal(ask(&bench, SIO_CLUSTER_FETCH_SOCKETS, &other), 0);
    sio_classic_counted(&bench.classic, bench.counting, SIO_EREDIS, 0);
    assert_int_equal(other.err, SIO_EREDIS);
    sio_classic_ready(&bench.classic, false, 0);
    assert_int_equal(who.err, SIO_ECLOSED);
    sio_classic_counted(&bench.classic, first, SIO_ECLOSED, 0);
    assert_int_equal(who.failures, 1);
    assert_int_equal(other.failures, 1);
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), SIO_ECLOSED);
    end(&bench);
}

static void what_cannot_be_asked_is_refused(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    asker who = asker_of(&bench);
    bench.count_answer = SIO_ELIMIT;
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), SIO_ELIMIT);
    bench.count_answer = 0;
    bench.publish_answer = SIO_ENOMEM;
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), SIO_ENOMEM);
    sio_classic_counted(&bench.classic, bench.counting, 0, 2); /* it was on its way */
    const sio_cluster_request elsewhere = { .op = SIO_CLUSTER_ALL_ROOMS, .nsp = SIO_STR("/none") };
    assert_int_equal(sio_classic_ask(&bench.classic, &elsewhere, &who.base), SIO_ENOTFOUND);
    assert_int_equal(sio_classic_tell(&bench.classic, &elsewhere), SIO_ENOTFOUND);
    assert_int_equal(who.counted + who.failures, 0);
    end(&bench);
}

static void a_namespace_that_closes_answers_nobody(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    asker who = asker_of(&bench);
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), 0);
    sio_classic_close(&bench.classic, SIO_STR("/"));
    assert_int_equal(who.err, SIO_ECLOSED);
    sio_classic_counted(&bench.classic, bench.counting, 0, 2);
    end(&bench);
}

static void nobody_is_told_after_the_stop(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    asker who = asker_of(&bench);
    assert_int_equal(ask(&bench, SIO_CLUSTER_ALL_ROOMS, &who), 0);
    sio_classic_stop(&bench.classic);
    sio_classic_counted(&bench.classic, bench.counting, SIO_ECLOSED, 0);
    assert_int_equal(who.failures, 0);
    end(&bench);
}

static void tells_without_an_id(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    const sio_str room = SIO_STR("r"), target = SIO_STR("t");
    const sio_cluster_request request = { .op = SIO_CLUSTER_SOCKETS_JOIN,
                                          .nsp = SIO_STR("/a"),
                                          .rooms = &room,
                                          .rooms_count = 1,
                                          .targets = &target,
                                          .targets_count = 1 };
    assert_int_equal(sio_classic_tell(&bench.classic, &request), 0);
    assert_string_equal(bench.channel, "socket.io-request#/a#");
    assert_null(strstr(bench.payload, "requestId"));
    assert_non_null(strstr(bench.payload, "\"type\":2,\"opts\":{\"rooms\":[\"r\"],\"except\":[]},"
                                          "\"rooms\":[\"t\"]}"));
    /* it comes back, and has been done already */
    bench_receive(&bench, bench.channel, sio_str_from(bench.payload));
    assert_int_equal(bench.served, 0);
    assert_int_equal(bench.classic.stats.own, 1);
    end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_and_is_answered),
        cmocka_unit_test(answers_of_other_questions_are_not_taken),
        cmocka_unit_test(clients_answer_a_broadcast),
        cmocka_unit_test(nodes_are_counted_without_being_asked),
        cmocka_unit_test(forgets_at_any_time),
        cmocka_unit_test(fails_without_a_link),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(a_namespace_that_closes_answers_nobody),
        cmocka_unit_test(nobody_is_told_after_the_stop),
        cmocka_unit_test(tells_without_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
