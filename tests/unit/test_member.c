/* Messages of the sharded and the streams adapter: the bytes of the official packages, both ways.
 */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/member.h>

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

#define NSP      .nsp = TEXT("/")
#define R1       .rooms = r1_r2, .rooms_count = 1
#define R1_R2    .rooms = r1_r2, .rooms_count = 2
#define EXCEPT_K .except = k, .except_count = 1
#define A        .targets = a_b, .targets_count = 1
#define A_B      .targets = a_b, .targets_count = 2
#define FLAGS    .flags = { .present = true }
#define TIMEOUT(ms)                                                                                \
    .flags = { .present = true, .has_timeout = true, .timeout_ms = (ms) }, .timeout_ms = (ms)
#define UID  .uid = TEXT("AAAAAAAAAAAAAAAA"), NSP
#define ID   .id = TEXT("RRRRRRRRRRRRRRRR")
#define NONE .asked = { NSP }

#define TAIL     ",\"uid\":\"AAAAAAAAAAAAAAAA\",\"nsp\":\"/\"}"
#define HEX_TAIL "a3756964b041414141414141414141414141414141a36e7370a12f"
#define HEX_ID   "a9726571756573744964b052525252525252525252525252525252"

/* Written by redis-adapter 8.3 with socket.io-adapter 2.5. */
static const struct row {
    const char *text; /* JSON, or in hexadecimal digits */
    const char *json; /* of the data or the value, binary as base64; NULL: none */
    const char *bytes;
    sio_member_message message;
} rows[] = {
    { "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"foo\",\"bar\"]},\"opts\":{"
      "\"rooms\":[],\"except\":[],\"flags\":{}}}" TAIL,
      "[\"foo\",\"bar\"]",
      NULL,
      { SIO_MEMBER_BROADCAST, UID, .asked = { SIO_CLUSTER_BROADCAST_ACK, NSP, FLAGS } } },
    { "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"foo\",1,{\"a\":null,\"b\":"
      "\"\xc3\xa9\"}]},\"opts\":{\"rooms\":[\"r1\"],\"except\":[\"k\"],\"flags\":{\"volatile\":"
      "true,\"compress\":false}}}" TAIL,
      "[\"foo\",1,{\"a\":null,\"b\":\"\xc3\xa9\"}]",
      NULL,
      { SIO_MEMBER_BROADCAST, UID,
        .asked = { SIO_CLUSTER_BROADCAST_ACK, NSP, R1, EXCEPT_K,
                   .flags = { .present = true, .is_volatile = true, .no_compress = true } } } },
    { "84a47479706503a46461746182a67061636b657482a47479706502a46461746192a3666f6fc403010203a46f7074"
      "73"
      "83a5726f6f6d7392a27231a27232a665786365707490a5666c61677380" HEX_TAIL,
      "[\"foo\",0]",
      "\1\2\3",
      { SIO_MEMBER_BROADCAST, UID, .asked = { SIO_CLUSTER_BROADCAST_ACK, NSP, R1_R2, FLAGS } } },
    { "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"foo\",\"bar\"]},\"requestId\":"
      "\"RRRRRRRRRRRRRRRR\",\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{\"timeout\":1000}}"
      "}" TAIL,
      "[\"foo\",\"bar\"]",
      NULL,
      { SIO_MEMBER_BROADCAST, UID, ID,
        .asked = { SIO_CLUSTER_BROADCAST_ACK, NSP, TIMEOUT(1000) } } },
    { "84a47479706503a46461746183a67061636b657482a47479706502a46461746192a3666f6fc40101" HEX_ID
      "a46f70747383a5726f6f6d7391a27231a665786365707490a5666c61677381a774696d656f7574ce0001117"
      "0" HEX_TAIL,
      "[\"foo\",0]",
      "\1",
      { SIO_MEMBER_BROADCAST, UID, ID,
        .asked = { SIO_CLUSTER_BROADCAST_ACK, NSP, R1, TIMEOUT(70000) } } },
    { "{\"type\":4,\"data\":{\"opts\":{\"rooms\":[\"r1\"],\"except\":[\"k\"],\"flags\":{}},"
      "\"rooms\":[\"a\",\"b\"]}" TAIL,
      NULL,
      NULL,
      { SIO_MEMBER_JOIN, UID,
        .asked = { SIO_CLUSTER_SOCKETS_JOIN, NSP, R1, EXCEPT_K, A_B, FLAGS } } },
    { "{\"type\":5,\"data\":{\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{}},\"rooms\":[\"a\"]"
      "}" TAIL,
      NULL,
      NULL,
      { SIO_MEMBER_LEAVE, UID, .asked = { SIO_CLUSTER_SOCKETS_LEAVE, NSP, A, FLAGS } } },
    { "{\"type\":6,\"data\":{\"opts\":{\"rooms\":[\"r1\"],\"except\":[],\"flags\":{}},\"close\":"
      "true}" TAIL,
      NULL,
      NULL,
      { SIO_MEMBER_DISCONNECT, UID,
        .asked = { SIO_CLUSTER_DISCONNECT_SOCKETS, NSP, R1, .close = true, FLAGS } } },
    { "{\"type\":6,\"data\":{\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{}},\"close\":"
      "false}" TAIL,
      NULL,
      NULL,
      { SIO_MEMBER_DISCONNECT, UID, .asked = { SIO_CLUSTER_DISCONNECT_SOCKETS, NSP, FLAGS } } },
    { "{\"type\":7,\"data\":{\"opts\":{\"rooms\":[\"r1\"],\"except\":[],\"flags\":{\"timeout\":100}"
      "},\"requestId\":\"RRRRRRRRRRRRRRRR\"}" TAIL,
      NULL,
      NULL,
      { SIO_MEMBER_FETCH, UID, ID,
        .asked = { SIO_CLUSTER_FETCH_SOCKETS, NSP, R1, TIMEOUT(100) } } },
    { "{\"type\":9,\"data\":{\"packet\":[\"hello\",1,{\"a\":2}]}" TAIL,
      "[\"hello\",1,{\"a\":2}]",
      NULL,
      { SIO_MEMBER_SERVER_SIDE_EMIT, UID, .asked = { SIO_CLUSTER_SERVER_SIDE_EMIT, NSP } } },
    { "84a47479706509a46461746181a67061636b657492a568656c6c6fc40101" HEX_TAIL,
      "[\"hello\",0]",
      "\1",
      { SIO_MEMBER_SERVER_SIDE_EMIT, UID, .asked = { SIO_CLUSTER_SERVER_SIDE_EMIT, NSP } } },
    { "{\"type\":9,\"data\":{\"requestId\":\"RRRRRRRRRRRRRRRR\",\"packet\":[\"hello\",1]}" TAIL,
      "[\"hello\",1]",
      NULL,
      { SIO_MEMBER_SERVER_SIDE_EMIT, UID, ID, .asked = { SIO_CLUSTER_SERVER_SIDE_EMIT, NSP } } },
    { "{\"type\":8,\"data\":{\"requestId\":\"RRRRRRRRRRRRRRRR\",\"sockets\":[]}" TAIL,
      "[]",
      NULL,
      { SIO_MEMBER_FETCHED, UID, ID, NONE } },
    { "{\"type\":10,\"data\":{\"requestId\":\"RRRRRRRRRRRRRRRR\",\"packet\":1}" TAIL,
      "1",
      NULL,
      { SIO_MEMBER_SERVER_SIDE_ANSWER, UID, ID, NONE } },
    { "{\"type\":10,\"data\":{\"requestId\":\"RRRRRRRRRRRRRRRR\"}" TAIL,
      NULL,
      NULL,
      { SIO_MEMBER_SERVER_SIDE_ANSWER, UID, ID, NONE } },
    { "84a4747970650aa46461746182" HEX_ID "a67061636b6574c40101" HEX_TAIL,
      "0",
      "\1",
      { SIO_MEMBER_SERVER_SIDE_ANSWER, UID, ID, NONE } },
    { "{\"type\":11,\"data\":{\"requestId\":\"RRRRRRRRRRRRRRRR\",\"clientCount\":7}" TAIL,
      NULL,
      NULL,
      { SIO_MEMBER_CLIENT_COUNT, UID, ID, NONE, .clients = 7 } },
    { "84a4747970650ca46461746182" HEX_ID "a67061636b6574c40101" HEX_TAIL,
      "0",
      "\1",
      { SIO_MEMBER_ACK, UID, ID, NONE } },
    { "{\"type\":12,\"data\":{\"requestId\":\"RRRRRRRRRRRRRRRR\",\"packet\":[\"a\",1]}" TAIL,
      "[\"a\",1]",
      NULL,
      { SIO_MEMBER_ACK, UID, ID, NONE } },
    { "{\"type\":1" TAIL, NULL, NULL, { SIO_MEMBER_INITIAL_HEARTBEAT, UID, NONE } },
    { "{\"type\":13" TAIL, NULL, NULL, { SIO_MEMBER_CLOSE, UID, NONE } },
};
#define ROWS (sizeof rows / sizeof *rows)

static sio_value *payload_of(sio_member_message *message)
{
    bool asks =
        message->type == SIO_MEMBER_BROADCAST || message->type == SIO_MEMBER_SERVER_SIDE_EMIT;
    return asks ? &message->asked.data : &message->value;
}

/* The value of a row: binary stands where its JSON has the last 0. */
static sio_value value_of(const struct row *row, sio_arena *arena, sio_value items[2])
{
    sio_value value = { .type = SIO_TYPE_UNDEFINED };
    if (row->json)
        assert_int_equal(sio_json_read(arena, &value, row->json, strlen(row->json)), 0);
    if (!row->bytes)
        return value;
    const sio_value bytes = sio_value_of_binary(row->bytes, strlen(row->bytes));
    if (value.type != SIO_TYPE_ARRAY)
        return bytes;
    items[0] = value.as.items[0];
    items[1] = bytes;
    return sio_value_of_array(items, 2);
}

static void written_as_the_packages_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        sio_str expected = json_or_hex(rows[i].text);
        sio_member_message message = rows[i].message;
        sio_arena arena = { 0 };
        sio_value items[2];
        message.asked.data.type = message.value.type = SIO_TYPE_UNDEFINED;
        *payload_of(&message) = value_of(&rows[i], &arena, items);
        sio_buf out = { 0 };
        sio_member_write(&out, &message);
        assert_int_equal(out.err, 0);
        if (out.len != expected.len || memcmp(out.data, expected.data, out.len) != 0)
            print_error("row %zu: %.*s\n", i, (int)out.len, out.data);
        assert_int_equal(out.len, expected.len);
        assert_memory_equal(out.data, expected.data, expected.len);
        sio_buf_free(&out);
        sio_arena_free(&arena);
        hex_free(expected);
    }
}

static void read_as_they_were_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const sio_member_message *expected = &rows[i].message;
        sio_str bytes = json_or_hex(rows[i].text);
        sio_arena arena = { 0 };
        sio_member_message got;
        sio_value items[2];
        assert_int_equal(sio_member_read(&got, &arena, bytes), 0);
        assert_int_equal(got.type, expected->type);
        assert_true(sio_str_equal(got.uid, expected->uid));
        assert_true(sio_str_equal(got.nsp, expected->nsp));
        assert_true(sio_str_equal(got.id, expected->id));
        assert_int_equal(got.clients, expected->clients);
        assert_asked(&got.asked, &expected->asked);
        const sio_value value = value_of(&rows[i], &arena, items);
        assert_int_equal(payload_of(&got)->type, value.type);
        assert_true(value.type == SIO_TYPE_UNDEFINED || sio_value_equal(payload_of(&got), &value));
        sio_arena_free(&arena);
        hex_free(bytes);
    }
}

static int try_reading(sio_str bytes, int data)
{
    (void)data;
    sio_member_message message;
    sio_arena arena = { 0 };
    int err = sio_member_read(&message, &arena, bytes);
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

#define OF_NSP "\"uid\":\"u\",\"nsp\":\"/\"}"

static void malformed_ones_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "c0",
        "80",
        "c1",
        "{}",
        "{\"type\":1,\"uid\":\"u\"}",
        "{\"type\":1,\"uid\":\"u\",\"nsp\":7}",
        "{\"type\":1,\"uid\":[],\"nsp\":\"/\"}",
        "{\"type\":0," OF_NSP,
        "{\"type\":14," OF_NSP,
        "{\"type\":3.5," OF_NSP,
        "{\"type\":\"3\"," OF_NSP,
        "{\"type\":3," OF_NSP,
        "{\"type\":3,\"data\":[]," OF_NSP,
        "{\"type\":3,\"data\":{\"opts\":{}}," OF_NSP,
        "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"e\"]}}," OF_NSP,
        "{\"type\":3,\"data\":{\"opts\":{},\"packet\":{\"type\":3,\"data\":[\"e\"]}}," OF_NSP,
        "{\"type\":3,\"data\":{\"opts\":{},\"packet\":{\"type\":2,\"data\":[]}}," OF_NSP,
        "{\"type\":3,\"data\":{\"opts\":{},\"packet\":{\"type\":2,\"data\":[\"connect\"]}}," OF_NSP,
        "{\"type\":3,\"data\":{\"opts\":{\"rooms\":\"r\"},\"packet\":{\"type\":2,\"data\":[\"e\"]}}"
        "," OF_NSP,
        "{\"type\":3,\"data\":{\"requestId\":7,\"opts\":{},\"packet\":{\"type\":2,\"data\":[\"e\"]}"
        "}," OF_NSP,
        /* questions that nobody can be answered */
        "{\"type\":3,\"data\":{\"requestId\":\"R\",\"opts\":{},\"packet\":{\"type\":2,\"data\":"
        "[\"e\"]}},\"nsp\":\"/\"}",
        "{\"type\":7,\"data\":{\"opts\":{}}," OF_NSP,
        "{\"type\":7,\"data\":{\"opts\":{},\"requestId\":\"R\"},\"nsp\":\"/\"}",
        "{\"type\":9,\"data\":{\"packet\":[\"e\"],\"requestId\":\"R\"},\"nsp\":\"/\"}",
        "{\"type\":4,\"data\":{\"opts\":{}}," OF_NSP,
        "{\"type\":4,\"data\":{\"rooms\":[\"a\"]}," OF_NSP,
        "{\"type\":4,\"data\":{\"opts\":{},\"rooms\":[{}]}," OF_NSP,
        "{\"type\":6," OF_NSP,
        "{\"type\":8,\"data\":{\"sockets\":[]}," OF_NSP,
        "{\"type\":8,\"data\":{\"requestId\":\"R\",\"sockets\":{}}," OF_NSP,
        "{\"type\":8,\"data\":{\"requestId\":\"R\"}," OF_NSP,
        "{\"type\":9,\"data\":{\"packet\":\"e\"}," OF_NSP,
        "{\"type\":10," OF_NSP,
        "{\"type\":11,\"data\":{\"requestId\":\"R\",\"clientCount\":-1}," OF_NSP,
        "{\"type\":11,\"data\":{\"requestId\":\"R\"}," OF_NSP,
        "{\"type\":12,\"data\":null," OF_NSP,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sio_str bytes = json_or_hex(texts[i]);
        int err = try_reading(bytes, 0);
        if (err != SIO_EPARSE)
            print_error("%s: %d\n", texts[i], err);
        assert_int_equal(err, SIO_EPARSE);
        hex_free(bytes);
    }
}

/* An emitter is no node and says so; names may be numbers, one room need not be in a list. */
static void read_as_node_reads_them(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"type\":4,\"data\":{\"opts\":{},\"rooms\":\"a\"},\"nsp\":\"/\"}",
        "{\"type\":4,\"data\":{\"opts\":{\"rooms\":[4712]},\"rooms\":[1]}," OF_NSP,
        "{\"type\":3,\"data\":{\"opts\":{},\"packet\":{\"type\":2,\"data\":[\"e\"],\"nsp\":\"/b\"}"
        "}," OF_NSP,
        "{\"type\":3,\"data\":{\"opts\":{},\"packet\":{\"type\":5,\"data\":[5]}}," OF_NSP,
        "{\"type\":6,\"data\":{\"opts\":{}}," OF_NSP,
        "{\"type\":9,\"data\":{\"packet\":[\"e\"]},\"uid\":null,\"nsp\":\"/\"}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(try_reading(sio_str_from(texts[i]), 0), 0);
}

static void ids_are_those_of_questions_and_answers(void **state)
{
    (void)state;
    char text[200];
    for (int type = SIO_MEMBER_INITIAL_HEARTBEAT; type <= SIO_MEMBER_CLOSE; type++) {
        const bool carries = type == SIO_MEMBER_BROADCAST || type == SIO_MEMBER_FETCH ||
                             type == SIO_MEMBER_FETCHED || type == SIO_MEMBER_SERVER_SIDE_EMIT ||
                             (type >= SIO_MEMBER_SERVER_SIDE_ANSWER && type <= SIO_MEMBER_ACK);
        sio_arena arena = { 0 };
        sio_member_message message;
        snprintf(text, sizeof(text),
                 "{\"type\":%d,\"data\":{\"requestId\":\"R\",\"opts\":{\"rooms\":[],\"except\":[]},"
                 "\"rooms\":[],\"packet\":%s,\"sockets\":[],\"clientCount\":1}" TAIL,
                 type, type == SIO_MEMBER_BROADCAST ? "{\"type\":2,\"data\":[\"a\"]}" : "[\"a\"]");
        assert_int_equal(sio_member_read(&message, &arena, sio_str_from(text)), 0);
        assert_int_equal(message.id.data != NULL, carries);
        sio_arena_free(&arena);
    }
}

static void names_as_long_as_ids_are_private(void **state)
{
    (void)state;
    assert_true(sio_member_is_private(SIO_STR("abcdefghijklmnopqrst")));
    assert_false(sio_member_is_private(SIO_STR("abcdefghijklmnopqrs")));
    assert_false(sio_member_is_private(SIO_STR("abcdefghijklmnopqrstu")));
    assert_false(sio_member_is_private(SIO_STR("")));
    assert_true(sio_member_is_private(SIO_STR("abcdefghijklmnopqrs\xc3\xa4")));
    assert_true(sio_member_is_private(SIO_STR("abcdefghijklmnopqr\xf0\x9f\x98\x80")));
}

static void types_of_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].message.asked.op || rows[i].message.type == SIO_MEMBER_FETCH)
            assert_int_equal(sio_member_type_of(rows[i].message.asked.op), rows[i].message.type);
    assert_int_equal(sio_member_type_of(SIO_CLUSTER_ALL_ROOMS), SIO_MEMBER_FETCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_as_the_packages_do),
        cmocka_unit_test(read_as_they_were_meant),
        cmocka_unit_test(damaged_ones_are_harmless),
        cmocka_unit_test(malformed_ones_are_refused),
        cmocka_unit_test(read_as_node_reads_them),
        cmocka_unit_test(ids_are_those_of_questions_and_answers),
        cmocka_unit_test(names_as_long_as_ids_are_private),
        cmocka_unit_test(types_of_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
