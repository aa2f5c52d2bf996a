#include "check.h"

#include "hex.h"
#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/value.h>

/* Both ways, as notepack.io 3.0 has it (beyond 2^64, as it should): what the bytes are as JSON, and
 * the bytes again. */
static const struct {
    const char *hex;
    const char *json;
} both_ways[] = {
    { "c0", "null" },
    { "c2", "false" },
    { "c3", "true" },
    { "00", "0" },
    { "7f", "127" },
    { "cc80", "128" },
    { "ccff", "255" },
    { "cd0100", "256" },
    { "cdffff", "65535" },
    { "ce00010000", "65536" },
    { "ceffffffff", "4294967295" },
    { "cf0000000100000000", "4294967296" },
    { "cf0020000000000000", "9007199254740992" },
    { "cf8000000000000000", "9223372036854776000" },
    { "cfffffffffffffffff", "18446744073709552000" },
    { "ff", "-1" },
    { "e0", "-32" },
    { "d0df", "-33" },
    { "d080", "-128" },
    { "d1ff7f", "-129" },
    { "d18000", "-32768" },
    { "d2ffff7fff", "-32769" },
    { "d280000000", "-2147483648" },
    { "d3ffffffff7fffffff", "-2147483649" },
    { "d38000000000000000", "-9223372036854776000" },
    { "cb3ff8000000000000", "1.5" },
    { "cb7ff8000000000000", "null" },
    { "cb7ff0000000000000", "null" },
    { "cb43f0000000000000", "18446744073709552000" },
    { "cbc3e0000000000001", "-9223372036854778000" },
    { "a0", "\"\"" },
    { "a3616263", "\"abc\"" },
    { "a2c3a9", "\"\xc3\xa9\"" },
    { "a100", "\"\\u0000\"" },
    { "c400", "{\"type\":\"Buffer\",\"data\":[]}" },
    { "c403010203", "{\"type\":\"Buffer\",\"data\":[1,2,3]}" },
    { "d6ff00000000", "\"1970-01-01T00:00:00.000Z\"" },
    { "d6ffffffffff", "\"2106-02-07T06:28:15.000Z\"" },
    { "d7ff7735940000000001", "\"1970-01-01T00:00:01.500Z\"" },
    { "d7ff0000000100000000", "\"2106-02-07T06:28:16.000Z\"" },
    { "c70cff00000000ffffffffffffffff", "\"1969-12-31T23:59:59.000Z\"" },
    { "c70cff1dcd6500ffffffffffffffff", "\"1969-12-31T23:59:59.500Z\"" },
    { "90", "[]" },
    { "93010203", "[1,2,3]" },
    { "80", "{}" },
    { "82a16101a1629190", "{\"a\":1,\"b\":[[]]}" },
};

/* Read only: other writers' forms, old notepack's, and what is mended. */
static const struct {
    const char *hex;
    const char *json;
} read_only[] = {
    { "ca3fc00000", "1.5" },
    { "cb4000000000000000", "2" },
    { "cb8000000000000000", "0" },
    { "cc01", "1" },
    { "d00a", "10" },
    { "d10001", "1" },
    { "d2fffffffe", "-2" },
    { "d30000000000000003", "3" },
    { "d90161", "\"a\"" },
    { "da000161", "\"a\"" },
    { "db0000000161", "\"a\"" },
    { "c5000101", "{\"type\":\"Buffer\",\"data\":[1]}" },
    { "c60000000101", "{\"type\":\"Buffer\",\"data\":[1]}" },
    { "dc000101", "[1]" },
    { "dd0000000101", "[1]" },
    { "de0001a16101", "{\"a\":1}" },
    { "df00000001a16101", "{\"a\":1}" },
    { "d70000000000000005dc", "\"1970-01-01T00:00:01.500Z\"" },
    { "d700fffffffffffffc18", "\"1969-12-31T23:59:59.000Z\"" },
    { "d7007fffffffffffffff", "null" },
    { "d40000", "null" },
    { "91d40000", "[null]" },
    { "81a161d40000", "{}" },
    { "c70000", "{\"type\":\"Buffer\",\"data\":[]}" },
    { "c7010007", "{\"type\":\"Buffer\",\"data\":[7]}" },
    { "c708000102030405060708", "{\"type\":\"Buffer\",\"data\":[1,2,3,4,5,6,7,8]}" },
    { "c80001000a", "{\"type\":\"Buffer\",\"data\":[10]}" },
    { "c900000001000a", "{\"type\":\"Buffer\",\"data\":[10]}" },
    { "d5000102", "[0,{\"type\":\"Buffer\",\"data\":[1,2]}]" },
    { "d40501", "[5,{\"type\":\"Buffer\",\"data\":[1]}]" },
    { "d6fe01020304", "[-2,{\"type\":\"Buffer\",\"data\":[1,2,3,4]}]" },
    { "d80500000000000000000000000000000000",
      "[5,{\"type\":\"Buffer\",\"data\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}]" },
    { "c70005", "[5,{\"type\":\"Buffer\",\"data\":[]}]" },
    { "c70cff000000007fffffffffffffff", "null" },
    { "a461ff62c3", "\"a\xef\xbf\xbd"
                    "b\xef\xbf\xbd\"" },
    { "81a1ff01", "{\"\xef\xbf\xbd\":1}" },
    { "8501c0c3a178c002cb3ff800000000000003d4000004",
      "{\"1\":null,\"true\":\"x\",\"null\":2,\"1.5\":3,\"undefined\":4}" },
};

static int read_value(sio_arena *arena, sio_value *out, const char *hex, size_t *used)
{
    sio_str bytes = hex_bytes(hex);
    int err = sio_msgpack_read(arena, out, bytes.data, bytes.len, used);
    size_t skipped = 0;
    int skip = sio_msgpack_skip(bytes.data, bytes.len, &skipped);
    if (!err) {
        assert_int_equal(skip, 0);
        if (used)
            assert_int_equal(skipped, *used);
    }
    hex_free(bytes);
    return err;
}

static void check_json(const sio_value *value, const char *want)
{
    sio_buf out = { 0 };
    assert_int_equal(sio_json_write(&out, value, NULL), 0);
    sio_buf_byte(&out, '\0');
    assert_string_equal(out.data, want);
    sio_buf_free(&out);
}

static void check_bytes(const sio_value *value, const char *hex)
{
    sio_str want = hex_bytes(hex);
    sio_buf out = { 0 };
    sio_msgpack_write(&out, value);
    assert_int_equal(out.err, 0);
    assert_int_equal(out.len, want.len);
    assert_memory_equal(out.data, want.data, want.len);
    sio_buf_free(&out);
    hex_free(want);
}

static void both_ways_as_notepack_3(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    for (size_t i = 0; i < sizeof both_ways / sizeof *both_ways; i++) {
        sio_value value;
        size_t used;
        assert_int_equal(read_value(&arena, &value, both_ways[i].hex, &used), 0);
        assert_int_equal(used, strlen(both_ways[i].hex) / 2);
        check_json(&value, both_ways[i].json);
        check_bytes(&value, both_ways[i].hex);
        sio_arena_reset(&arena);
    }
    sio_arena_free(&arena);
}

static void reads_what_others_write(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++) {
        sio_value value;
        size_t used;
        assert_int_equal(read_value(&arena, &value, read_only[i].hex, &used), 0);
        assert_int_equal(used, strlen(read_only[i].hex) / 2);
        check_json(&value, read_only[i].json);
        sio_arena_reset(&arena);
    }
    sio_arena_free(&arena);
}

static void leaves_the_rest(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    sio_value value;
    size_t used;
    assert_int_equal(read_value(&arena, &value, "92a16101c0", &used), 0);
    assert_int_equal(used, 4);
    assert_int_equal(read_value(&arena, &value, "01c1", &used), 0);
    assert_int_equal(used, 1);
    assert_int_equal(read_value(&arena, &value, "01c1", NULL), 0);
    sio_arena_free(&arena);
}

static void check_truncations(const char *hex)
{
    sio_arena arena = { 0 };
    for (size_t len = 0; len < strlen(hex); len += 2) {
        char cut[512];
        sio_value value;
        size_t used;
        assert_true(len < sizeof cut);
        memcpy(cut, hex, len);
        cut[len] = '\0';
        sio_str bytes = hex_bytes(cut);
        assert_int_equal(sio_msgpack_read(&arena, &value, bytes.data, bytes.len, &used),
                         SIO_EPARSE);
        assert_int_equal(sio_msgpack_skip(bytes.data, bytes.len, &used), SIO_EPARSE);
        hex_free(bytes);
        sio_arena_reset(&arena);
    }
    sio_arena_free(&arena);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof both_ways / sizeof *both_ways; i++)
        check_truncations(both_ways[i].hex);
    for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++)
        check_truncations(read_only[i].hex);
}

/* Few bytes that claim much. Nothing may be allocated for them. */
static void refuses_false_claims(void **state)
{
    (void)state;
    static const char *const claims[] = {
        "c1",
        "dbffffffff",
        "c6ffffffff",
        "c9ffffffff",
        "c9ffffffff00",
        "c9fffffffe00",
        "ddffffffff",
        "dfffffffff",
        "dc0003c0c0",
        "de0002c0c0c0",
        "8f",
        "9f",
        "92ddffffffffdfffffffff",
        "93ddfffffff0c0",
        "91c1",
        "82c1",
        "ddfffffffec0c0c0c0",
        "dd7fffffff",
        "df80000000",
    };
    sio_arena arena = { 0 };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        sio_value value;
        size_t used;
        sio_str bytes = hex_bytes(claims[i]);
        assert_int_equal(sio_msgpack_read(&arena, &value, bytes.data, bytes.len, &used),
                         SIO_EPARSE);
        assert_int_equal(sio_msgpack_skip(bytes.data, bytes.len, &used), SIO_EPARSE);
        hex_free(bytes);
    }
    sio_arena_free(&arena);
}

/* Nested arrays that each claim no more than there is, but all together do: the third is refused,
 * long before the depth would end it. */
static void counts_once_for_all_containers(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    sio_value value;
    char bytes[3 * 200];
    for (size_t i = 0; i < sizeof bytes; i += 3)
        memcpy(bytes + i, "\xdc\1\0", 3);
    assert_int_equal(sio_msgpack_read(&arena, &value, bytes, sizeof bytes, NULL), SIO_EPARSE);
    sio_arena_free(&arena);
}

static void keys_without_text_are_refused(void **state)
{
    (void)state;
    static const char *const maps[] = { "819001", "818001", "81c40001", "81d6ff0000000001" };
    sio_arena arena = { 0 };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        sio_value value;
        assert_int_equal(read_value(&arena, &value, maps[i], NULL), SIO_EPARSE);
    }
    sio_arena_free(&arena);
}

static void check_depth(char *bytes, size_t depth, int want)
{
    sio_arena arena = { 0 };
    sio_value value;
    size_t used;
    memset(bytes, 0x91, depth - 1);
    bytes[depth - 1] = (char)0x90;
    assert_int_equal(sio_msgpack_read(&arena, &value, bytes, depth, NULL), want);
    if (!want)
        assert_int_equal(value.depth, depth);
    assert_int_equal(sio_msgpack_skip(bytes, depth, &used), 0);
    assert_int_equal(used, depth);
    sio_arena_free(&arena);
}

static void refuses_what_is_too_deep(void **state)
{
    (void)state;
    static char bytes[100000];
    check_depth(bytes, SIO_LIMIT_DEPTH + SIO_LIMIT_DEPTH_ENVELOPE, 0);
    check_depth(bytes, SIO_LIMIT_DEPTH + SIO_LIMIT_DEPTH_ENVELOPE + 1, SIO_EDEPTH);
    check_depth(bytes, sizeof bytes, SIO_EDEPTH);
}

/* An unknown extension becomes an array: what could be read must be so deep only as can be written
 * and read again. */
static void counts_the_depth_of_extensions(void **state)
{
    (void)state;
    const size_t deepest = SIO_LIMIT_DEPTH + SIO_LIMIT_DEPTH_ENVELOPE;
    char bytes[SIO_LIMIT_DEPTH + SIO_LIMIT_DEPTH_ENVELOPE + 3];
    sio_arena arena = { 0 };
    sio_value value;
    memset(bytes, 0x91, deepest);
    memcpy(bytes + deepest, "\xd4\x05\x01", 3);
    assert_int_equal(sio_msgpack_read(&arena, &value, bytes, sizeof bytes, NULL), SIO_EDEPTH);
    assert_int_equal(sio_msgpack_read(&arena, &value, bytes + 1, sizeof bytes - 1, NULL), 0);
    assert_int_equal(value.depth, deepest);
    sio_arena_free(&arena);
}

/* Whatever one byte is turned into: reader and skipper agree, and what was read can be written. */
static void check_changed(char *bytes, size_t len)
{
    sio_arena arena = { 0 };
    sio_value value;
    sio_buf out = { 0 };
    size_t used = 0, skipped = 0;
    int err = sio_msgpack_read(&arena, &value, bytes, len, &used);
    int skip = sio_msgpack_skip(bytes, len, &skipped);
    assert_true(err == 0 || err == SIO_EPARSE);
    assert_true(skip == 0 || skip == SIO_EPARSE);
    if (!err) {
        assert_int_equal(skip, 0);
        assert_int_equal(used, skipped);
        assert_int_equal(sio_json_write(&out, &value, NULL), 0);
        sio_msgpack_write(&out, &value);
    }
    sio_buf_free(&out);
    sio_arena_free(&arena);
}

static void survives_every_changed_byte(void **state)
{
    (void)state;
    static const char *const trees[] = {
        "93a175"
        "83a47479706502a46461746193a178c403010203d7ff7735940000000001a36e7370a12f"
        "82a5726f6f6d7391a172a666616c7365c2cb3ff8000000000000",
        "dc0003db0000000161c70cff1dcd6500ffffffffffffffffdf00000001a161d40501",
        "c8000c0100000000000000000000000000",
        "d80500000000000000000000000000000000",
    };
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        sio_str bytes = hex_bytes(trees[i]);
        char *data = (char *)bytes.data;
        for (size_t at = 0; at < bytes.len; at++) {
            char kept = data[at];
            for (int byte = 0; byte < 256; byte++) {
                data[at] = (char)byte;
                check_changed(data, bytes.len);
            }
            data[at] = kept;
        }
        hex_free(bytes);
    }
}

static void check_header(const sio_value *value, const char *hex, size_t body)
{
    sio_str want = hex_bytes(hex);
    sio_buf out = { 0 };
    sio_arena arena = { 0 };
    sio_value back;
    size_t used;
    sio_msgpack_write(&out, value);
    assert_int_equal(out.len, want.len + body);
    assert_memory_equal(out.data, want.data, want.len);
    assert_int_equal(sio_msgpack_read(&arena, &back, out.data, out.len, &used), 0);
    assert_int_equal(used, out.len);
    assert_true(sio_value_equal(&back, value));
    hex_free(want);
    sio_buf_free(&out);
    sio_arena_free(&arena);
}

static void lengths_have_the_shortest_form(void **state)
{
    (void)state;
    static char bytes[65536];
    static sio_value items[65536];
    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        items[i] = sio_value_null();
    const struct {
        size_t len;
        const char *text, *binary, *array;
    } cases[] = {
        { 15, "af", "c40f", "9f" },
        { 16, "b0", "c410", "dc0010" },
        { 31, "bf", "c41f", "dc001f" },
        { 32, "d920", "c420", "dc0020" },
        { 255, "d9ff", "c4ff", "dc00ff" },
        { 256, "da0100", "c50100", "dc0100" },
        { 65535, "daffff", "c5ffff", "dcffff" },
        { 65536, "db00010000", "c600010000", "dd00010000" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sio_value text = sio_value_of_string((sio_str){ bytes, cases[i].len });
        sio_value binary = sio_value_of_binary(bytes, cases[i].len);
        sio_value array = sio_value_of_array(items, cases[i].len);
        check_header(&text, cases[i].text, cases[i].len);
        check_header(&binary, cases[i].binary, cases[i].len);
        check_header(&array, cases[i].array, cases[i].len);
    }
}

static void maps_leave_out_undefined(void **state)
{
    (void)state;
    sio_value entries[32];
    for (size_t i = 0; i < 16; i++) {
        entries[2 * i] = sio_value_of_string(SIO_STR("a"));
        entries[2 * i + 1] = i == 3 ? (sio_value){ .type = SIO_TYPE_UNDEFINED } : sio_value_null();
    }
    sio_value map = sio_value_of_map(entries, 16), one = sio_value_of_map(entries + 6, 1);
    sio_buf out = { 0 };
    sio_msgpack_write(&out, &map);
    assert_int_equal((uint8_t)out.data[0], 0x8f);
    assert_int_equal(out.len, 1 + 15 * 3);
    sio_buf_free(&out);
    check_bytes(&one, "80");
    check_bytes(&(sio_value){ .type = SIO_TYPE_UNDEFINED }, "c0");
    check_bytes(NULL, "c0");
}

static void integral_doubles_go_as_integers(void **state)
{
    (void)state;
    check_bytes(&(sio_value){ .type = SIO_TYPE_DOUBLE, .as.number = -0.0 }, "00");
    check_bytes(&(sio_value){ .type = SIO_TYPE_DOUBLE, .as.number = 128 }, "cc80");
    check_bytes(&(sio_value){ .type = SIO_TYPE_DOUBLE, .as.number = -0x1p63 },
                "d38000000000000000");
    check_bytes(&(sio_value){ .type = SIO_TYPE_DOUBLE, .as.number = 0x1p63 }, "cf8000000000000000");
    check_bytes(&(sio_value){ .type = SIO_TYPE_DOUBLE, .as.number = 0x1p64 }, "cb43f0000000000000");
    check_bytes(&(sio_value){ .type = SIO_TYPE_DATE, .as.integer = INT64_MIN },
                "c70cff0b71b000ffdf3b645a1cac08");
}

static void binary_and_depth_are_known(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    sio_value value;
    assert_int_equal(read_value(&arena, &value, "81a16191c40101", NULL), 0);
    assert_true(value.binary);
    assert_int_equal(value.depth, 2);
    assert_int_equal(read_value(&arena, &value, "81a16191d40501", NULL), 0);
    assert_true(value.binary);
    assert_int_equal(value.depth, 3);
    assert_int_equal(read_value(&arena, &value, "81a1619101", NULL), 0);
    assert_false(value.binary);
    sio_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_as_notepack_3),
        cmocka_unit_test(reads_what_others_write),
        cmocka_unit_test(leaves_the_rest),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_false_claims),
        cmocka_unit_test(counts_once_for_all_containers),
        cmocka_unit_test(keys_without_text_are_refused),
        cmocka_unit_test(refuses_what_is_too_deep),
        cmocka_unit_test(counts_the_depth_of_extensions),
        cmocka_unit_test(survives_every_changed_byte),
        cmocka_unit_test(lengths_have_the_shortest_form),
        cmocka_unit_test(maps_leave_out_undefined),
        cmocka_unit_test(integral_doubles_go_as_integers),
        cmocka_unit_test(binary_and_depth_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
