/* Broadcast messages: the bytes of the official packages, both ways. */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/cluster.h>
#include <sio/sys/limits.h>

#include "asked.h"
#include "check.h"
#include "damage.h"
#include "malformed.h"

/* SIO_STR is no constant. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const sio_str r1_r2[] = { TEXT("r1"), TEXT("r2") };
static const sio_str k[] = { TEXT("k") };

/* Written by redis-emitter 5.1 and redis-adapter 8.3 with notepack.io 3.0. */
static const struct row {
    const char *hex;
    const char *json; /* of the data; NULL: has what JSON cannot say */
    sio_cluster_message message;
    sio_cluster_author author;
} rows[] = {
    { "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a5726f6f6d7390a566"
      "6c61677380a665786365707490",
      "[\"foo\",\"bar\"]",
      { .uid = TEXT("emitter"), .nsp = TEXT("/"), .flags.present = true },
      SIO_CLUSTER_EMITTER },
    { "93a7656d697474657283a47479706502a46461746192a17801a36e7370a12f83a5726f6f6d7391a27231a5666c61"
      "677380a665786365707490",
      "[\"x\",1]",
      { .uid = TEXT("emitter"),
        .nsp = TEXT("/"),
        .rooms = r1_r2,
        .rooms_count = 1,
        .flags.present = true },
      SIO_CLUSTER_EMITTER },
    { "93a7656d697474657283a47479706502a46461746195a178c0c3cb3ff8000000000000f9a36e7370a12f83a5726f"
      "6f6d7392a27231a27232a5666c61677380a665786365707491a16b",
      "[\"x\",null,true,1.5,-7]",
      { .uid = TEXT("emitter"),
        .nsp = TEXT("/"),
        .rooms = r1_r2,
        .rooms_count = 2,
        .except = k,
        .except_count = 1,
        .flags.present = true },
      SIO_CLUSTER_EMITTER },
    { "93a7656d697474657283a47479706502a46461746191a178a36e7370a12f83a5726f6f6d7390a5666c61677382a8"
      "766f6c6174696c65c3a8636f6d7072657373c2a665786365707490",
      "[\"x\"]",
      { .uid = TEXT("emitter"),
        .nsp = TEXT("/"),
        .flags = { .present = true, .is_volatile = true, .no_compress = true } },
      SIO_CLUSTER_EMITTER },
    { "93a641414141414183a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a5726f6f6d7390a66578"
      "6365707490a5666c61677380",
      "[\"foo\",\"bar\"]",
      { .uid = TEXT("AAAAAA"), .nsp = TEXT("/"), .flags.present = true },
      SIO_CLUSTER_ADAPTER },
    { "93a641414141414183a47479706502a46461746192a17801a36e7370a12f83a5726f6f6d7391a27231a665786365"
      "707491a16ba5666c61677380",
      "[\"x\",1]",
      { .uid = TEXT("AAAAAA"),
        .nsp = TEXT("/"),
        .rooms = r1_r2,
        .rooms_count = 1,
        .except = k,
        .except_count = 1,
        .flags.present = true },
      SIO_CLUSTER_ADAPTER },
    { "93a641414141414183a47479706502a46461746191a178a36e7370a12f83a5726f6f6d7390a665786365707490a5"
      "666c61677383a8766f6c6174696c65c3a8636f6d7072657373c2a774696d656f7574cd03e8",
      "[\"x\"]",
      { .uid = TEXT("AAAAAA"),
        .nsp = TEXT("/"),
        .flags = { .present = true,
                   .is_volatile = true,
                   .no_compress = true,
                   .has_timeout = true,
                   .timeout_ms = 1000 } },
      SIO_CLUSTER_ADAPTER },
    { "93a641414141414183a47479706502a46461746192a178d7ff7735940000000001a36e7370a62f61646d696e83a5"
      "726f6f6d7392a27231a27232a665786365707490a5666c61677380",
      NULL,
      { .uid = TEXT("AAAAAA"),
        .nsp = TEXT("/admin"),
        .rooms = r1_r2,
        .rooms_count = 2,
        .flags.present = true },
      SIO_CLUSTER_ADAPTER },
    { "93a641414141414183a47479706502a46461746191a178a36e7370a12f82a5726f6f6d7390a665786365707490",
      "[\"x\"]",
      { .uid = TEXT("AAAAAA"), .nsp = TEXT("/") },
      SIO_CLUSTER_ADAPTER },
    { "93a641414141414183a47479706502a46461746191a178a36e7370a12f83a5726f6f6d7390a665786365707490a5"
      "666c61677381a962726f616463617374c3",
      "[\"x\"]",
      { .uid = TEXT("AAAAAA"),
        .nsp = TEXT("/"),
        .flags = { .present = true, .is_broadcast = true } },
      SIO_CLUSTER_ADAPTER },
};
#define ROWS (sizeof rows / sizeof *rows)

/* The date and bytes that JSON cannot say. */
static sio_value *data_of(const struct row *row)
{
    sio_value *data;
    if (row->json)
        assert_int_equal(sio_value_from_json(&data, row->json, strlen(row->json)), 0);
    else
        assert_int_equal(sio_value_new(&data, "[sD]", "x", (int64_t)1500), 0);
    return data;
}

static void written_as_the_packages_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        sio_str expected = hex_bytes(rows[i].hex);
        sio_value *data = data_of(&rows[i]);
        sio_cluster_message message = rows[i].message;
        message.data = *data;
        sio_buf out = { 0 };
        sio_cluster_message_write(&out, &message, rows[i].author);
        assert_int_equal(out.err, 0);
        assert_int_equal(out.len, expected.len);
        assert_memory_equal(out.data, expected.data, expected.len);
        sio_buf_free(&out);
        sio_value_free(data);
        hex_free(expected);
    }
}

static void read_as_they_were_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const sio_cluster_message *expected = &rows[i].message;
        sio_str bytes = hex_bytes(rows[i].hex);
        sio_value *data = data_of(&rows[i]);
        sio_arena arena = { 0 };
        sio_cluster_message message;
        assert_int_equal(sio_cluster_message_read(&message, &arena, bytes.data, bytes.len), 0);
        assert_true(sio_str_equal(message.uid, expected->uid));
        assert_true(sio_str_equal(message.nsp, expected->nsp));
        assert_names(message.rooms, message.rooms_count, expected->rooms, expected->rooms_count);
        assert_names(message.except, message.except_count, expected->except,
                     expected->except_count);
        assert_int_equal(message.flags.present, expected->flags.present);
        assert_int_equal(message.flags.is_volatile, expected->flags.is_volatile);
        assert_int_equal(message.flags.is_broadcast, expected->flags.is_broadcast);
        assert_int_equal(message.flags.no_compress, expected->flags.no_compress);
        assert_int_equal(message.flags.has_timeout, expected->flags.has_timeout);
        assert_int_equal(message.flags.timeout_ms, expected->flags.timeout_ms);
        assert_int_equal(message.data.type, SIO_TYPE_UNDEFINED);
        assert_int_equal(sio_cluster_message_data(&message, &arena), 0);
        assert_true(sio_value_equal(&message.data, data));
        sio_arena_free(&arena);
        sio_value_free(data);
        hex_free(bytes);
    }
}

/* Reads all of it; what is said about it, and its data as JSON ("" on an error). */
static int read_whole(sio_str bytes, sio_cluster_message *message, sio_arena *arena)
{
    int err = sio_cluster_message_read(message, arena, bytes.data, bytes.len);
    return err ? err : sio_cluster_message_data(message, arena);
}

static void malformed_ones_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < MALFORMED_COUNT; i++) {
        sio_str bytes = hex_bytes(malformed[i].hex);
        sio_cluster_message message;
        sio_arena arena = { 0 };
        int err = read_whole(bytes, &message, &arena);
        if (err != SIO_EPARSE)
            print_error("%s: %d\n", malformed[i].what, err);
        assert_int_equal(err, SIO_EPARSE);
        sio_arena_free(&arena);
        hex_free(bytes);
    }
}

static int try_reading(sio_str bytes, int data)
{
    (void)data;
    sio_cluster_message message;
    sio_arena arena = { 0 };
    int err = read_whole(bytes, &message, &arena);
    sio_arena_free(&arena);
    return err;
}

static void damaged_ones_are_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        sio_str whole = hex_bytes(rows[i].hex);
        damage_is_harmless(whole, try_reading, 0);
        hex_free(whole);
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    static const char head[] = "\x93\xa1u\x83\xa4type\x02\xa4"
                               "data\x92\xa1x";
    static const char tail[] = "\xc0\xa3nsp\xa1/\x80";
    enum { DEEP = 100000 };
    size_t len = sizeof head - 1 + DEEP + sizeof tail - 1;
    char *bytes = malloc(len);
    memcpy(bytes, head, sizeof head - 1);
    memset(bytes + sizeof head - 1, '\x91', DEEP);
    memcpy(bytes + sizeof head - 1 + DEEP, tail, sizeof tail - 1);
    sio_cluster_message message;
    sio_arena arena = { 0 };
    assert_int_equal(read_whole((sio_str){ bytes, len }, &message, &arena), SIO_EDEPTH);
    sio_arena_free(&arena);
    free(bytes);
}

#define PACKET "83a47479706502a46461746191a178a36e7370a12f"

static void assert_reads(const char *hex, const char *json, const char *const *rooms)
{
    sio_str bytes = hex_bytes(hex);
    sio_cluster_message message;
    sio_arena arena = { 0 };
    char *text;
    size_t count = 0;
    assert_int_equal(read_whole(bytes, &message, &arena), 0);
    assert_int_equal(sio_value_to_json(&message.data, &text, NULL), 0);
    assert_string_equal(text, json);
    for (; rooms && rooms[count]; count++)
        assert_true(count < message.rooms_count &&
                    sio_str_equal(message.rooms[count], sio_str_from(rooms[count])));
    assert_int_equal(message.rooms_count, count);
    sio_free(text);
    sio_arena_free(&arena);
    hex_free(bytes);
}

#define ROOM_LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void read_as_node_reads_them(void **state)
{
    (void)state;
    /* options that are absent, nil, or notepack 2's undefined */
    assert_reads("93a175" PACKET "80", "[\"x\"]", NULL);
    assert_reads("93a175" PACKET "83a5726f6f6d73c0a6657863657074c0a5666c616773c0", "[\"x\"]", NULL);
    assert_reads("93a175" PACKET "82a5726f6f6d7391a172a5666c616773d40000", "[\"x\"]",
                 ROOM_LIST("r"));
    /* no namespace, a uid of another type, a fourth element, unknown keys */
    assert_reads("93a17582a47479706502a46461746191a17880", "[\"x\"]", NULL);
    assert_reads("93c0" PACKET "80", "[\"x\"]", NULL);
    assert_reads("9301" PACKET "80", "[\"x\"]", NULL);
    assert_reads("94a175" PACKET "8081a1619101", "[\"x\"]", NULL);
    assert_reads(
        "93a17585a47479706502a46461746191a178a36e7370a12fa2696401a5657874726181a1619082a477"
        "686174920181a16202a5726f6f6d7391a172",
        "[\"x\"]", ROOM_LIST("r"));
    /* numbers for names */
    assert_reads("93a175" PACKET "81a5726f6f6d7395cd1268ffcb3ff8000000000000a43437313200",
                 "[\"x\"]", ROOM_LIST("4712", "-1", "1.5", "4712", "0"));
    assert_reads("93a175" PACKET "81a5726f6f6d7394cb7ff8000000000000cb7ff0000000000000cbfff00000000"
                 "0000000",
                 "[\"x\"]", ROOM_LIST("NaN", "Infinity", "-Infinity", "0"));
    assert_reads("93a17583a47479706502a4646174619205a178a36e7370a12f80", "[\"5\",\"x\"]", NULL);
    /* the binary event of socket.io-emitter 3.1; a key that comes twice; keys in a longer form */
    assert_reads("93a17583a47479706505a46461746192a178c40101a36e7370a12f80",
                 "[\"x\",{\"type\":\"Buffer\",\"data\":[1]}]", NULL);
    assert_reads("93a17583a47479706509a47479706502a46461746191a17880", "[\"x\"]", NULL);
    assert_reads("93a175de0002d90474797065cc02da000464617461dc0001d9017880", "[\"x\"]", NULL);
}

static void names_may_be_long(void **state)
{
    (void)state;
    sio_buf out = { 0 };
    char *name = malloc(SIO_LIMIT_NAME * 2);
    memset(name, 'n', SIO_LIMIT_NAME * 2);
    const sio_str room = { name, SIO_LIMIT_NAME * 2 };
    const sio_value event = sio_value_of_string(SIO_STR("x"));
    const sio_cluster_message sent = { .uid = SIO_STR("u"),
                                       .nsp = SIO_STR("/"),
                                       .rooms = &room,
                                       .rooms_count = 1,
                                       .data = sio_value_of_array(&event, 1) };
    sio_cluster_message_write(&out, &sent, SIO_CLUSTER_ADAPTER);
    sio_cluster_message got;
    sio_arena arena = { 0 };
    assert_int_equal(sio_cluster_message_read(&got, &arena, out.data, out.len), 0);
    assert_names(got.rooms, got.rooms_count, &room, 1);
    sio_arena_free(&arena);
    sio_buf_free(&out);
    free(name);
}

/* Heads of arrays of 15, 16 and 65,536 names. */
static void many_rooms_make_longer_heads(void **state)
{
    (void)state;
    static const size_t counts[] = { 15, 16, 17, 65535, 65536 };
    sio_str *names = malloc(65536 * sizeof *names);
    for (size_t i = 0; i < 65536; i++)
        names[i] = SIO_STR("r");
    const sio_value event = sio_value_of_string(SIO_STR("x"));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        sio_buf out = { 0 };
        sio_arena arena = { 0 };
        sio_cluster_message got;
        const sio_cluster_message sent = { .uid = SIO_STR("u"),
                                           .nsp = SIO_STR("/"),
                                           .rooms = names,
                                           .rooms_count = counts[i],
                                           .data = sio_value_of_array(&event, 1) };
        sio_cluster_message_write(&out, &sent, SIO_CLUSTER_EMITTER);
        assert_int_equal(sio_cluster_message_read(&got, &arena, out.data, out.len), 0);
        assert_int_equal(got.rooms_count, counts[i]);
        sio_arena_free(&arena);
        sio_buf_free(&out);
    }
    free(names);
}

/* ---- JSON without a tree ---- */

static sio_cluster_message of_data(sio_str type, sio_str data)
{
    return (sio_cluster_message){ .packet_type = type, .packet_data = data };
}

static void assert_json(const char *hex, const char *expected)
{
    sio_str bytes = hex_bytes(hex);
    sio_arena arena = { 0 };
    sio_buf direct = { 0 }, written = { 0 };
    sio_cluster_message message = of_data(SIO_STR("\2"), bytes);
    assert_true(sio_cluster_message_json(&message, &direct));
    assert_int_equal(direct.len, strlen(expected));
    assert_memory_equal(direct.data, expected, direct.len);
    assert_int_equal(sio_cluster_message_data(&message, &arena), 0);
    assert_int_equal(sio_json_write(&written, &message.data, NULL), 0);
    assert_int_equal(written.len, direct.len);
    assert_memory_equal(written.data, expected, direct.len);
    sio_buf_free(&direct);
    sio_buf_free(&written);
    sio_arena_free(&arena);
    hex_free(bytes);
}

static void json_is_what_the_tree_would_be(void **state)
{
    (void)state;
    assert_json("91a178", "[\"x\"]");
    assert_json("97a178c0c3c2cb3ff800000000000007f9", "[\"x\",null,true,false,1.5,7,-7]");
    assert_json("95a178ccffcdffffceffffffffcf0020000000000000",
                "[\"x\",255,65535,4294967295,9007199254740992]");
    assert_json("95a178d080d18000d280000000d38000000000000000",
                "[\"x\",-128,-32768,-2147483648,-9223372036854776000]");
    assert_json("94a178cfffffffffffffffffca3fc00000cb8000000000000000",
                "[\"x\",18446744073709552000,1.5,0]");
    assert_json("94a178cb7ff8000000000000cbfff0000000000000ca7f800000", "[\"x\",null,null,null]");
    assert_json("94a178d90161da000162db0000000163", "[\"x\",\"a\",\"b\",\"c\"]");
    assert_json("dc0003a178dd0000000101de0001d9016b80", "[\"x\",[1],{\"k\":{}}]");
    assert_json("92a178df00000002a1619190a16201", "[\"x\",{\"a\":[[]],\"b\":1}]");
    assert_json("92d90178a5220a5cc3a9", "[\"x\",\"\\\"\\n\\\\\xc3\xa9\"]");
}

/* The tree decides what becomes of these. */
static void what_json_cannot_say_is_left_to_the_tree(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "92a178c40101",       /* binary, */
        "92a178d6ff00000000", /* a date, */
        "92a178d40000",       /* undefined, */
        "92a178810102",       /* a key that is a number, */
        "92a178a1ff",
        "9205a178", /* what must be repaired, a name that must become text */
        "91a7636f6e6e656374",
        "90", /* a name that is reserved, none, */
        "a178",
        "81a17801",
        "c0", /* no array, */
        "91a178c0",
        "92a178c1",
        "92a178",
        "92a178a261",
        "91a2",
        "dc",
        "" /* or no MessagePack */
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sio_str bytes = hex_bytes(texts[i]);
        sio_buf out = { 0 };
        const sio_cluster_message message = of_data(SIO_STR("\2"), bytes);
        assert_false(sio_cluster_message_json(&message, &out));
        sio_buf_free(&out);
        hex_free(bytes);
    }
    static const char *const types[] = { "\3", "\xcc", "\xcc\2", "\x81" };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        sio_buf out = { 0 };
        const sio_cluster_message message = of_data(sio_str_from(types[i]), SIO_STR("\x91\xa1x"));
        assert_false(sio_cluster_message_json(&message, &out));
        sio_buf_free(&out);
    }
    sio_buf out = { 0 };
    const sio_cluster_message nothing = { .nsp = SIO_STR("/") };
    assert_false(sio_cluster_message_json(&nothing, &out));
    sio_buf_free(&out);
}

/* As deep as a client may send, and no deeper than the stack allows. */
static void deep_json(void **state)
{
    (void)state;
    char data[1000] = "\x92\xa1x";
    for (size_t depth = 1; depth < 900; depth++) {
        memset(data + 3, 0x91, depth);
        data[3 + depth] = 1;
        sio_buf out = { 0 };
        const sio_cluster_message message = of_data(SIO_STR("\2"), (sio_str){ data, depth + 4 });
        assert_int_equal(sio_cluster_message_json(&message, &out), depth + 2 <= SIO_LIMIT_DEPTH);
        sio_buf_free(&out);
    }
}

static int read_damaged_json(sio_str bytes, int data)
{
    (void)data;
    sio_arena arena = { 0 };
    sio_buf direct = { 0 }, written = { 0 };
    sio_cluster_message message = of_data(SIO_STR("\2"), bytes);
    if (bytes.len > 0 && sio_cluster_message_json(&message, &direct)) {
        assert_int_equal(sio_cluster_message_data(&message, &arena), 0);
        assert_int_equal(sio_json_write(&written, &message.data, NULL), 0);
        assert_int_equal(direct.len, written.len);
        assert_memory_equal(direct.data, written.data, direct.len);
    }
    sio_buf_free(&direct);
    sio_buf_free(&written);
    sio_arena_free(&arena);
    return 0;
}

static void damaged_json_is_harmless(void **state)
{
    (void)state;
    sio_str bytes =
        hex_bytes("98a178cdffffd180cfcb3ff8000000000000d90161dc000192c0c382a1610aa162a0");
    reads_each_change(bytes, read_damaged_json, 0);
    reads_each_cut(bytes, read_damaged_json, 0, true);
    hex_free(bytes);
}

/* ---- whose it is ---- */

static void an_own_one_is_known_by_its_first_bytes(void **state)
{
    (void)state;
    const sio_str uid = SIO_STR("AAAAAA");
    const struct {
        const char *hex;
        bool own;
    } cases[] = {
        { "93a6414141414141", true },     { "93d906414141414141", true },
        { "dc0003a6414141414141", true }, { "94a6414141414141c0", true },
        { "93a6414141414142", false },    { "92a6414141414141", false },
        { "93c406414141414141", false },  { "93a7414141414141", false },
        { "93a64141414141", false },      { "93", false },
        { "a6414141414141", false },      { "", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sio_str bytes = hex_bytes(cases[i].hex);
        assert_int_equal(sio_cluster_message_is_of(uid, bytes.data, bytes.len), cases[i].own);
        hex_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_as_the_packages_do),
        cmocka_unit_test(read_as_they_were_meant),
        cmocka_unit_test(malformed_ones_are_refused),
        cmocka_unit_test(damaged_ones_are_harmless),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(read_as_node_reads_them),
        cmocka_unit_test(names_may_be_long),
        cmocka_unit_test(many_rooms_make_longer_heads),
        cmocka_unit_test(json_is_what_the_tree_would_be),
        cmocka_unit_test(what_json_cannot_say_is_left_to_the_tree),
        cmocka_unit_test(deep_json),
        cmocka_unit_test(damaged_json_is_harmless),
        cmocka_unit_test(an_own_one_is_known_by_its_first_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
