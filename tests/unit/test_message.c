/* Broadcast messages: the bytes of the official packages, both ways. */
#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/cluster.h>
#include <sio/sys/limits.h>

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

static void assert_names(const sio_str *a, size_t a_count, const sio_str *b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++)
        assert_true(sio_str_equal(a[i], b[i]));
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

static void refuses(sio_str bytes, int data)
{
    assert_int_equal(try_reading(bytes, data), SIO_EPARSE);
}

static void survives(sio_str bytes, int data)
{
    int err = try_reading(bytes, data);
    assert_true(err == 0 || err == SIO_EPARSE);
}

static void damaged_ones_are_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        sio_str whole = hex_bytes(rows[i].hex);
        each_cut(whole, refuses, 0);
        each_damage(whole, survives, 0);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
