/* What other nodes ask of this one, and where the answers go. */
#include <sio/err.h>
#include <sio/sys/limits.h>

#include "adapter_bench.h"

#define REQUESTS  "socket.io-request#/#"
#define RESPONSES "socket.io-response#/#"

static void request(adapter_bench *bench, const char *text)
{
    bench_receive(bench, REQUESTS, sio_str_from(text));
}

static void answer(adapter_bench *bench, const char *json)
{
    sio_value *value;
    assert_int_equal(sio_value_from_json(&value, json, strlen(json)), 0);
    bench->answerer->answer(bench->answerer, value);
    sio_value_free(value);
}

static void end(adapter_bench *bench)
{
    sio_classic_free(&bench->classic);
}

static void questions_are_answered(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sio_cluster_op op;
        const char *said;
        const char *answer;
        const char *written;
    } rows[] = {
        { "{\"uid\":\"X\",\"requestId\":\"q\",\"type\":5,\"opts\":{\"rooms\":[\"r\"],\"except\":["
          "\"k\"]}}",
          SIO_CLUSTER_FETCH_SOCKETS, "/ in,r except,k to", "[{\"id\":\"s\"}]",
          "{\"requestId\":\"q\",\"sockets\":[{\"id\":\"s\"}]}" },
        { "{\"uid\":\"X\",\"requestId\":\"q\",\"type\":1}", SIO_CLUSTER_ALL_ROOMS, "/ in except to",
          "[\"r\"]", "{\"requestId\":\"q\",\"rooms\":[\"r\"]}" },
        { "{\"requestId\":\"q\",\"type\":0,\"rooms\":[\"r\"]}", SIO_CLUSTER_FETCH_SOCKETS,
          "/ in,r except to", "[{\"id\":\"s\",\"rooms\":[]},{\"id\":\"t\"}]",
          "{\"requestId\":\"q\",\"sockets\":[\"s\",\"t\"]}" },
        { "{\"uid\":\"X\",\"requestId\":\"q\",\"type\":6,\"data\":[\"e\",1]}",
          SIO_CLUSTER_SERVER_SIDE_EMIT, "/ in except to [\"e\",1]", "{\"x\":1}",
          "{\"type\":6,\"requestId\":\"q\",\"data\":{\"x\":1}}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        adapter_bench bench;
        bench_begin(&bench, &(sio_redis_options){ .request_timeout_ms = 777 });
        request(&bench, rows[i].text);
        assert_int_equal(bench.served, 1);
        assert_int_equal(bench.op, rows[i].op);
        assert_string_equal(bench.said, rows[i].said);
        assert_int_equal(bench.timeout_ms, 777);
        answer(&bench, rows[i].answer);
        assert_string_equal(bench.channel, RESPONSES);
        assert_string_equal(bench.payload, rows[i].written);
        bench.answerer->end(bench.answerer);
        assert_int_equal(bench.published, 1);
        assert_int_equal(bench.classic.duties.count, 0);
        end(&bench);
    }
}

#define BROADCAST                                                                                  \
    "{\"uid\":\"X\",\"requestId\":\"q\",\"type\":7,\"packet\":{\"type\":2,\"data\":[\"e\"],"       \
    "\"nsp\":\"%s\"},\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{\"volatile\":true,"           \
    "\"timeout\":1500}}}"

static void broadcasts_are_answered_by_clients(void **state)
{
    (void)state;
    adapter_bench bench;
    char text[256];
    bench_begin(&bench, &(sio_redis_options){ 0 });
    snprintf(text, sizeof text, BROADCAST, "/");
    request(&bench, text);
    assert_int_equal(bench.op, SIO_CLUSTER_BROADCAST_ACK);
    assert_string_equal(bench.said, "/ in except to volatile [\"e\"]");
    assert_int_equal(bench.timeout_ms, 1500);
    bench.answerer->clients(bench.answerer, 3);
    assert_string_equal(bench.payload, "{\"type\":8,\"requestId\":\"q\",\"clientCount\":3}");
    answer(&bench, "\"yes\"");
    assert_string_equal(bench.payload, "\x83\xa4type\x09\xa9requestId\xa1q\xa6packet\xa3yes");
    bench.answerer->end(bench.answerer);
    snprintf(text, sizeof text, BROADCAST, "/a"); /* on the channel of another namespace */
    request(&bench, text);
    assert_int_equal(bench.served, 1);
    assert_int_equal(bench.classic.stats.elsewhere, 1);
    end(&bench);
}

static void orders_are_not_answered(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    request(&bench, "{\"type\":2,\"requestId\":\"q\",\"opts\":{\"rooms\":[\"r\"]},\"rooms\":[\"t\""
                    "]}");
    assert_string_equal(bench.said, "/ in,r except to,t");
    request(&bench, "{\"type\":3,\"opts\":{\"except\":[\"r\"]},\"rooms\":[\"t\",\"u\"]}");
    assert_string_equal(bench.said, "/ in except,r to,t,u");
    request(&bench, "{\"type\":4,\"opts\":{},\"close\":true}");
    assert_string_equal(bench.said, "/ in except to close");
    request(&bench, "{\"type\":6,\"data\":[\"e\"]}");
    assert_int_equal(bench.op, SIO_CLUSTER_SERVER_SIDE_EMIT);
    assert_null(bench.answerer);
    assert_int_equal(bench.timeout_ms, 0);
    assert_int_equal(bench.served, 4);
    assert_int_equal(bench.published, 0);
    end(&bench);
}

/* The node that has the socket does it and says so; the others keep silent. */
static void older_forms_name_one_socket(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    request(&bench, "{\"requestId\":\"q\",\"type\":2,\"sid\":\"gone\",\"room\":\"t\"}");
    assert_int_equal(bench.served, 0);
    assert_int_equal(bench.classic.stats.elsewhere, 1);
    request(&bench, "{\"requestId\":\"q\",\"type\":2,\"sid\":\"here\",\"room\":\"t\"}");
    assert_string_equal(bench.said, "/ in,here except to,t");
    assert_null(bench.answerer);
    assert_string_equal(bench.channel, RESPONSES);
    assert_string_equal(bench.payload, "{\"requestId\":\"q\"}");
    request(&bench, "{\"requestId\":\"q\",\"type\":4,\"sid\":\"here\",\"close\":true}");
    assert_string_equal(bench.said, "/ in,here except to close");
    assert_int_equal(bench.published, 2);
    request(&bench, "{\"type\":4,\"sid\":\"here\"}");
    assert_int_equal(bench.published, 2);
    end(&bench);
}

static void answers_may_go_to_one_node(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ .specific_response_channel = true });
    request(&bench, "{\"uid\":\"X\",\"requestId\":\"q\",\"type\":1}");
    answer(&bench, "[]");
    bench.answerer->end(bench.answerer);
    assert_string_equal(bench.channel, "socket.io-response#/#X#");
    /* 6.1 does not say who it is */
    request(&bench, "{\"requestId\":\"q\",\"type\":1}");
    answer(&bench, "[]");
    bench.answerer->end(bench.answerer);
    assert_string_equal(bench.channel, RESPONSES);
    request(&bench,
            "{\"uid\":\"X\",\"requestId\":\"q\",\"type\":2,\"sid\":\"here\",\"room\":\"t\"}");
    assert_string_equal(bench.channel, "socket.io-response#/#X#");
    /* as the reference has it */
    request(&bench, "{\"uid\":\"X\",\"requestId\":\"q\",\"type\":6,\"data\":[\"e\"]}");
    answer(&bench, "1");
    bench.answerer->end(bench.answerer);
    assert_string_equal(bench.channel, RESPONSES);
    end(&bench);
}

static void answers_after_the_end_go_nowhere(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    request(&bench, "{\"requestId\":\"q\",\"type\":6,\"data\":[\"e\"]}");
    sio_answerer *late = bench.answerer;
    request(&bench, "{\"requestId\":\"q\",\"type\":1}");
    sio_classic_stop(&bench.classic);
    answer(&bench, "[]");
    bench.answerer->end(bench.answerer);
    end(&bench);
    bench.answerer = late;
    late->clients(late, 1);
    answer(&bench, "1");
    late->end(late);
    assert_int_equal(bench.published, 0);
}

static void unanswered_ones_have_a_limit(void **state)
{
    (void)state;
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    sio_answerer **all = malloc(SIO_LIMIT_ANSWERERS * sizeof *all);
    for (unsigned i = 0; i < SIO_LIMIT_ANSWERERS; i++) {
        request(&bench, "{\"requestId\":\"q\",\"type\":1}");
        all[i] = bench.answerer;
    }
    request(&bench, "{\"requestId\":\"q\",\"type\":1}");
    assert_int_equal(bench.served, SIO_LIMIT_ANSWERERS);
    assert_int_equal(bench.classic.stats.malformed, 1);
    for (unsigned i = 0; i < SIO_LIMIT_ANSWERERS; i++)
        all[i]->end(all[i]);
    request(&bench, "{\"requestId\":\"q\",\"type\":1}");
    assert_int_equal(bench.served, SIO_LIMIT_ANSWERERS + 1);
    bench.answerer->end(bench.answerer);
    free(all);
    end(&bench);
}

static void junk_is_dropped(void **state)
{
    (void)state;
    static const char *const junk[] = { "\xc0", "{", "", "{}", "{\"type\":9}", "null", "\xc1" };
    adapter_bench bench;
    bench_begin(&bench, &(sio_redis_options){ 0 });
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        request(&bench, junk[i]);
    assert_int_equal(bench.classic.stats.malformed, sizeof junk / sizeof *junk);
    assert_int_equal(bench.warned, 1);
    assert_int_equal(bench.served, 0);
    end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_answered),
        cmocka_unit_test(broadcasts_are_answered_by_clients),
        cmocka_unit_test(orders_are_not_answered),
        cmocka_unit_test(older_forms_name_one_socket),
        cmocka_unit_test(answers_may_go_to_one_node),
        cmocka_unit_test(answers_after_the_end_go_nowhere),
        cmocka_unit_test(unanswered_ones_have_a_limit),
        cmocka_unit_test(junk_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
