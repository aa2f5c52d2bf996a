/* Requests of the classic adapter: the bytes of the official packages, both ways. */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/classic.h>
#include <sio/sys/limits.h>

#include "asked.h"
#include "check.h"
#include "damage.h"

/* SIO_STR is no constant. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const sio_str r1_r2[] = { TEXT("r1"), TEXT("r2") };
static const sio_str a_b[] = { TEXT("a"), TEXT("b") };
static const sio_str k[] = { TEXT("k") };
static const sio_str sid[] = { TEXT("S1") };

#define R1       .rooms = r1_r2, .rooms_count = 1
#define R1_R2    .rooms = r1_r2, .rooms_count = 2
#define EXCEPT_K .except = k, .except_count = 1
#define A        .targets = a_b, .targets_count = 1
#define A_B      .targets = a_b, .targets_count = 2
#define S1       .rooms = sid, .rooms_count = 1
#define UID      TEXT("AAAAAA")
#define ID       TEXT("RRRRRR")

#define BROADCAST_HEAD "85a3756964a6414141414141a9726571756573744964a6525252525252a47479706507"

/* Written by redis-adapter 8.3, redis-emitter 5.1, redis-adapter 7.2 and socket.io-redis 6.1. */
static const struct row {
    const char *text; /* of a JSON request, or in hexadecimal digits */
    const char *json; /* of the data; NULL: none */
    sio_classic_request request;
} rows[] = {
    { "{\"uid\":\"AAAAAA\",\"requestId\":\"RRRRRR\",\"type\":1}",
      NULL,
      { SIO_CLASSIC_ALL_ROOMS, UID, ID, false, { .op = SIO_CLUSTER_ALL_ROOMS } } },
    { "{\"uid\":\"AAAAAA\",\"requestId\":\"RRRRRR\",\"type\":5,\"opts\":{\"rooms\":[],\"except\":"
      "[]}}",
      NULL,
      { SIO_CLASSIC_FETCH, UID, ID, false, { .op = SIO_CLUSTER_FETCH_SOCKETS } } },
    { "{\"uid\":\"AAAAAA\",\"requestId\":\"RRRRRR\",\"type\":5,\"opts\":{\"rooms\":[\"r1\"],"
      "\"except\":[\"k\"]}}",
      NULL,
      { SIO_CLASSIC_FETCH, UID, ID, false, { .op = SIO_CLUSTER_FETCH_SOCKETS, R1, EXCEPT_K } } },
    { "{\"uid\":\"AAAAAA\",\"type\":2,\"opts\":{\"rooms\":[],\"except\":[]},\"rooms\":[\"a\"]}",
      NULL,
      { SIO_CLASSIC_JOIN, UID, { 0 }, false, { .op = SIO_CLUSTER_SOCKETS_JOIN, A } } },
    { "{\"uid\":\"AAAAAA\",\"type\":2,\"opts\":{\"rooms\":[\"r1\",\"r2\"],\"except\":[\"k\"]},"
      "\"rooms\":[\"a\",\"b\"]}",
      NULL,
      { SIO_CLASSIC_JOIN,
        UID,
        { 0 },
        false,
        { .op = SIO_CLUSTER_SOCKETS_JOIN, R1_R2, EXCEPT_K, A_B } } },
    { "{\"uid\":\"AAAAAA\",\"type\":3,\"opts\":{\"rooms\":[\"r1\"],\"except\":[]},\"rooms\":[\"a\"]"
      "}",
      NULL,
      { SIO_CLASSIC_LEAVE, UID, { 0 }, false, { .op = SIO_CLUSTER_SOCKETS_LEAVE, R1, A } } },
    { "{\"uid\":\"AAAAAA\",\"type\":4,\"opts\":{\"rooms\":[\"r1\"],\"except\":[]},\"close\":false}",
      NULL,
      { SIO_CLASSIC_DISCONNECT, UID, { 0 }, false, { .op = SIO_CLUSTER_DISCONNECT_SOCKETS, R1 } } },
    { "{\"uid\":\"AAAAAA\",\"type\":4,\"opts\":{\"rooms\":[],\"except\":[]},\"close\":true}",
      NULL,
      { SIO_CLASSIC_DISCONNECT,
        UID,
        { 0 },
        false,
        { .op = SIO_CLUSTER_DISCONNECT_SOCKETS, .close = true } } },
    { "{\"uid\":\"AAAAAA\",\"type\":6,\"data\":[\"hello\",1,{\"a\":\"\xc3\xa9\\\"\",\"b\":[null,"
      "true,1.5]}]}",
      "[\"hello\",1,{\"a\":\"\xc3\xa9\\\"\",\"b\":[null,true,1.5]}]",
      { SIO_CLASSIC_SERVER_SIDE_EMIT, UID, { 0 }, false, { .op = SIO_CLUSTER_SERVER_SIDE_EMIT } } },
    { "{\"uid\":\"AAAAAA\",\"requestId\":\"RRRRRR\",\"type\":6,\"data\":[\"hello\",1]}",
      "[\"hello\",1]",
      { SIO_CLASSIC_SERVER_SIDE_EMIT, UID, ID, false, { .op = SIO_CLUSTER_SERVER_SIDE_EMIT } } },
    { BROADCAST_HEAD
      "a67061636b657483a47479706502a46461746192a3666f6fa3626172a36e7370a12fa46f70747383a5726f6f6d73"
      "90a665786365707490a5666c61677381a774696d656f7574cd03e8",
      "[\"foo\",\"bar\"]",
      { SIO_CLASSIC_BROADCAST,
        UID,
        ID,
        false,
        { .op = SIO_CLUSTER_BROADCAST_ACK,
          .nsp = TEXT("/"),
          .flags = { .present = true, .has_timeout = true, .timeout_ms = 1000 },
          .timeout_ms = 1000 } } },
    { BROADCAST_HEAD
      "a67061636b657483a47479706502a46461746191a3666f6fa36e7370a62f61646d696ea46f70747383a5726f6f6d"
      "7391a27231a665786365707491a16ba5666c61677382a8766f6c6174696c65c3a774696d656f7574ce00011170",
      "[\"foo\"]",
      { SIO_CLASSIC_BROADCAST,
        UID,
        ID,
        false,
        { .op = SIO_CLUSTER_BROADCAST_ACK,
          .nsp = TEXT("/admin"),
          R1,
          EXCEPT_K,
          .flags = { .present = true,
                     .is_volatile = true,
                     .has_timeout = true,
                     .timeout_ms = 70000 },
          .timeout_ms = 70000 } } },
    /* the emitter's, which wants no answer and is no node */
    { "{\"type\":2,\"opts\":{\"rooms\":[\"r1\"],\"except\":[\"k\"]},\"rooms\":[\"a\",\"b\"]}",
      NULL,
      { SIO_CLASSIC_JOIN,
        { 0 },
        { 0 },
        false,
        { .op = SIO_CLUSTER_SOCKETS_JOIN, R1, EXCEPT_K, A_B } } },
    { "{\"type\":4,\"opts\":{\"rooms\":[],\"except\":[]},\"close\":true}",
      NULL,
      { SIO_CLASSIC_DISCONNECT,
        { 0 },
        { 0 },
        false,
        { .op = SIO_CLUSTER_DISCONNECT_SOCKETS, .close = true } } },
    /* older forms */
    { "{\"requestId\":\"RRRRRR\",\"type\":0,\"rooms\":[\"r1\"]}",
      NULL,
      { SIO_CLASSIC_SOCKETS, { 0 }, ID, false, { .op = SIO_CLUSTER_FETCH_SOCKETS, R1 } } },
    { "{\"uid\":\"AAAAAA\",\"requestId\":\"RRRRRR\",\"type\":2,\"sid\":\"S1\",\"room\":\"a\"}",
      NULL,
      { SIO_CLASSIC_JOIN, UID, ID, true, { .op = SIO_CLUSTER_SOCKETS_JOIN, S1, A } } },
    { "{\"requestId\":\"RRRRRR\",\"type\":3,\"sid\":\"S1\",\"room\":\"a\"}",
      NULL,
      { SIO_CLASSIC_LEAVE, { 0 }, ID, true, { .op = SIO_CLUSTER_SOCKETS_LEAVE, S1, A } } },
    { "{\"uid\":\"AAAAAA\",\"requestId\":\"RRRRRR\",\"type\":4,\"sid\":\"S1\",\"close\":true}",
      NULL,
      { SIO_CLASSIC_DISCONNECT,
        UID,
        ID,
        true,
        { .op = SIO_CLUSTER_DISCONNECT_SOCKETS, S1, .close = true } } },
};
#define ROWS (sizeof rows / sizeof *rows)

static void written_as_the_packages_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        sio_str expected = json_or_hex(rows[i].text);
        sio_classic_request request = rows[i].request;
        sio_value *data = NULL;
        if (rows[i].json) {
            assert_int_equal(sio_value_from_json(&data, rows[i].json, strlen(rows[i].json)), 0);
            request.asked.data = *data;
        }
        sio_buf out = { 0 };
        sio_classic_request_write(&out, &request);
        assert_int_equal(out.err, 0);
        if (out.len != expected.len || memcmp(out.data, expected.data, out.len) != 0)
            print_error("row %zu: %.*s\n", i, (int)out.len, out.data);
        assert_int_equal(out.len, expected.len);
        assert_memory_equal(out.data, expected.data, expected.len);
        sio_buf_free(&out);
        sio_value_free(data);
        hex_free(expected);
    }
}

static void assert_json(const sio_value *value, const char *json)
{
    char *text;
    assert_int_equal(sio_value_to_json(value, &text, NULL), 0);
    assert_string_equal(text, json);
    sio_free(text);
}

static void read_as_they_were_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const sio_classic_request *expected = &rows[i].request;
        sio_str bytes = json_or_hex(rows[i].text);
        sio_arena arena = { 0 };
        sio_classic_request got;
        assert_int_equal(sio_classic_request_read(&got, &arena, bytes), 0);
        assert_int_equal(got.type, expected->type);
        assert_true(sio_str_equal(got.uid, expected->uid));
        assert_true(sio_str_equal(got.id, expected->id));
        assert_int_equal(got.single, expected->single);
        assert_asked(&got.asked, &expected->asked);
        if (rows[i].json)
            assert_json(&got.asked.data, rows[i].json);
        sio_arena_free(&arena);
        hex_free(bytes);
    }
}

static void types_of_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].request.type != SIO_CLASSIC_SOCKETS)
            assert_int_equal(sio_classic_type_of(rows[i].request.asked.op), rows[i].request.type);
}

static int try_reading(sio_str bytes, int data)
{
    (void)data;
    sio_classic_request request;
    sio_arena arena = { 0 };
    int err = sio_classic_request_read(&request, &arena, bytes);
    sio_arena_free(&arena);
    return err;
}

static void damaged_ones_are_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        sio_str whole = json_or_hex(rows[i].text);
        damage_is_harmless(whole, try_reading, 0);
        hex_free(whole);
    }
}

static int read_text(const char *text)
{
    sio_str bytes = json_or_hex(text);
    sio_classic_request request;
    sio_arena arena = { 0 };
    int err = sio_classic_request_read(&request, &arena, bytes);
    sio_arena_free(&arena);
    hex_free(bytes);
    return err;
}

static void malformed_ones_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "c0", /* nil, on which a Node.js node ends */
        "80",
        "c1",
        "81a474797065c0",
        "{}",
        "{\"type\":\"1\",\"requestId\":\"R\"}",
        "{\"type\":-1,\"requestId\":\"R\"}",
        "{\"type\":1.5,\"requestId\":\"R\"}",
        "{\"type\":8,\"requestId\":\"R\"}",
        "{\"type\":1e99,\"requestId\":\"R\"}",
        "{\"type\":1}",
        "{\"type\":1,\"requestId\":7}",
        "{\"type\":1,\"requestId\":\"R\",\"uid\":[]}",
        "{\"type\":1,\"requestId\":\"R\"} ,",
        "{\"type\":0,\"requestId\":\"R\",\"rooms\":\"r\"}",
        "{\"type\":0,\"requestId\":\"R\",\"rooms\":[{}]}",
        "{\"type\":2,\"opts\":7,\"rooms\":[]}",
        "{\"type\":2,\"opts\":{\"rooms\":7},\"rooms\":[]}",
        "{\"type\":2,\"opts\":{\"except\":{}},\"rooms\":[]}",
        "{\"type\":2,\"opts\":{}}",
        "{\"type\":2,\"opts\":{},\"rooms\":[null]}",
        "{\"type\":2,\"room\":\"a\"}",
        "{\"type\":2,\"sid\":\"s\"}",
        "{\"type\":4}",
        "{\"type\":5,\"requestId\":\"R\"}",
        "{\"type\":5,\"requestId\":\"R\",\"opts\":[]}",
        "{\"type\":6}",
        "{\"type\":6,\"data\":\"hello\"}",
        "{\"type\":6,\"data\":[]}",
        "{\"type\":6,\"data\":[{}]}",
        "{\"type\":6,\"data\":[\"disconnect\"]}",
        "{\"type\":7,\"opts\":{},\"packet\":{\"type\":2,\"data\":[\"e\"]}}",
        "{\"type\":7,\"requestId\":\"R\",\"packet\":{\"type\":2,\"data\":[\"e\"]}}",
        "{\"type\":7,\"requestId\":\"R\",\"opts\":{}}",
        "{\"type\":7,\"requestId\":\"R\",\"opts\":{},\"packet\":{\"type\":1,\"data\":[\"e\"]}}",
        "{\"type\":7,\"requestId\":\"R\",\"opts\":{},\"packet\":{\"data\":[\"e\"]}}",
        "{\"type\":7,\"requestId\":\"R\",\"opts\":{},\"packet\":{\"type\":2,\"data\":{}}}",
        "{\"type\":7,\"requestId\":\"R\",\"opts\":{},\"packet\":{\"type\":2,\"nsp\":1,\"data\":["
        "\"e\"]}}",
        "{\"type\":7,\"requestId\":\"R\",\"opts\":{\"flags\":1},\"packet\":{\"type\":2,\"data\":["
        "\"e\"]}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int err = read_text(texts[i]);
        if (err != SIO_EPARSE)
            print_error("%s: %d\n", texts[i], err);
        assert_int_equal(err, SIO_EPARSE);
    }
}

static void read_as_node_reads_them(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"type\":0,\"requestId\":\"R\"}",
        "{\"type\":2,\"opts\":{},\"rooms\":\"a\"}",
        "{\"type\":2,\"opts\":{\"rooms\":null},\"rooms\":[4712]}",
        "{\"type\":2,\"opts\":null,\"sid\":\"s\",\"room\":5}",
        "{\"type\":6,\"data\":[5]}",
        "{\"uid\":null,\"type\":4,\"opts\":{}}",
        "{\"type\":7,\"requestId\":\"R\",\"opts\":{},\"packet\":{\"type\":5,\"data\":[\"e\"]}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(read_text(texts[i]), 0);
}

/* {"type":6,"data":["e",[[[…]]]]} with so many brackets, in JSON. */
static int read_nested(size_t brackets)
{
    static const char head[] = "{\"type\":6,\"data\":[\"e\",";
    size_t len = sizeof head - 1 + 2 * brackets + 2;
    char *text = malloc(len), *at = text + sizeof head - 1;
    memcpy(text, head, sizeof head - 1);
    memset(at, '[', brackets);
    memset(at + brackets, ']', brackets + 1);
    text[len - 1] = '}';
    sio_classic_request request;
    sio_arena arena = { 0 };
    int err = sio_classic_request_read(&request, &arena, (sio_str){ text, len });
    sio_arena_free(&arena);
    free(text);
    return err;
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    assert_int_equal(read_nested(SIO_LIMIT_DEPTH), 0);
    assert_int_equal(read_nested(SIO_LIMIT_DEPTH + SIO_LIMIT_DEPTH_ENVELOPE), SIO_EDEPTH);
    assert_int_equal(read_nested(100000), SIO_EDEPTH);
}

static void ids_have_a_limit(void **state)
{
    (void)state;
    char text[SIO_LIMIT_NAME + 64], id[SIO_LIMIT_NAME + 2];
    for (size_t over = 0; over < 2; over++) {
        memset(id, 'i', SIO_LIMIT_NAME + over);
        id[SIO_LIMIT_NAME + over] = '\0';
        snprintf(text, sizeof text, "{\"type\":1,\"requestId\":\"%s\"}", id);
        assert_int_equal(read_text(text), over ? SIO_EPARSE : 0);
    }
}

static void channels(void **state)
{
    (void)state;
    sio_buf out = { 0 };
    sio_classic_request_channel(&out, SIO_STR("socket.io"), SIO_STR("/a"));
    sio_classic_response_channel(&out, SIO_STR("socket.io"), SIO_STR("/a"), (sio_str){ NULL, 0 });
    sio_classic_response_channel(&out, SIO_STR("socket.io"), SIO_STR("/a"), SIO_STR("AAAAAA"));
    assert_true(sio_str_equal((sio_str){ out.data, out.len },
                              SIO_STR("socket.io-request#/a#socket.io-response#/a#"
                                      "socket.io-response#/a#AAAAAA#")));
    sio_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_as_the_packages_do),
        cmocka_unit_test(read_as_they_were_meant),
        cmocka_unit_test(types_of_operations),
        cmocka_unit_test(damaged_ones_are_harmless),
        cmocka_unit_test(malformed_ones_are_refused),
        cmocka_unit_test(read_as_node_reads_them),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(ids_have_a_limit),
        cmocka_unit_test(channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
