#include "check.h"

#include <math.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/value.h>

/* In a copy of exact size, so that the sanitizer sees what reads too far. */
static int read(sio_arena *arena, sio_value *out, const char *text, size_t len)
{
    char *copy = malloc(len + !len);
    memcpy(copy, text, len);
    int err = sio_json_read(arena, out, copy, len);
    free(copy);
    return err;
}

static void check_text(const sio_value *value, const char *want)
{
    sio_buf out = { 0 };
    assert_int_equal(sio_json_write(&out, value, NULL), 0);
    sio_buf_byte(&out, '\0');
    assert_string_equal(out.data, want);
    sio_buf_free(&out);
}

/* All of these were compared with JSON.stringify(JSON.parse(text)) of Node.js 20. */
static const struct {
    const char *text;
    const char *written; /* NULL: the same */
} relayed[] = {
    { "null", NULL },
    { " [ true , false ] ", "[true,false]" },
    { "{\"a\":1,\"b\":[],\"\":{}}", NULL },
    { "0", NULL },
    { "-0", "0" },
    { "-0.0", "0" },
    { "1.0", "1" },
    { "1E+2", "100" },
    { "0.1", NULL },
    { "-1.5", NULL },
    { "123.456", NULL },
    { "1e20", "100000000000000000000" },
    { "1e21", "1e+21" },
    { "1.5e300", "1.5e+300" },
    { "0.000001", NULL },
    { "1e-7", NULL },
    { "0.00000123", "0.00000123" },
    { "-1.25e-7", NULL },
    { "5e-324", NULL },
    { "1.7976931348623157e308", "1.7976931348623157e+308" },
    { "0.30000000000000004", NULL },
    { "4.35", NULL },
    { "9007199254740992", NULL },
    { "9007199254740993", "9007199254740992" },
    { "-9007199254740995", "-9007199254740996" },
    { "9223372036854775807", "9223372036854776000" },
    { "-9223372036854775808", "-9223372036854776000" },
    { "-9223372036854775809", "-9223372036854776000" },
    { "18446744073709551615", "18446744073709552000" },
    { "18446744073709551616", "18446744073709552000" },
    { "123456789012345680000", NULL },
    { "123456789012345678901234567890", "1.2345678901234568e+29" },
    { "1e999", "null" },
    { "-1.5e999", "null" },
    { "\"\\u0000\\u001f\\b\\f\\n\\r\\t\\u000b\"", "\"\\u0000\\u001f\\b\\f\\n\\r\\t\\u000b\"" },
    { "\"\\/\\\\\\\"\\u007f\"", "\"/\\\\\\\"\x7f\"" },
    { "\"\\ud83d\\ude00\\u2028\\u00e9\"", "\"\xf0\x9f\x98\x80\xe2\x80\xa8\xc3\xa9\"" },
    { "\"eight by\\\"tes and more of them\\n\"", NULL },
    { "{\"a\\u0000b\":{\"c\":\"\\u0001\"}}", NULL },
};

static void relays_as_node_does(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    for (size_t i = 0; i < sizeof relayed / sizeof *relayed; i++) {
        sio_value value;
        const char *text = relayed[i].text;
        assert_int_equal(read(&arena, &value, text, strlen(text)), 0);
        check_text(&value, relayed[i].written ? relayed[i].written : text);
        sio_arena_reset(&arena);
    }
    sio_arena_free(&arena);
}

static void relays_integers_of_any_length(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    for (size_t len = 1; len < 400; len++) {
        char text[400];
        sio_value value;
        memset(text, '9', len);
        assert_int_equal(read(&arena, &value, text, len), 0);
        text[len] = '\0';
        assert_true(sio_value_double(&value) == strtod(text, NULL));
        assert_int_equal(isinf(sio_value_double(&value)) != 0, len > 308);
    }
    sio_arena_free(&arena);
}

static void types_are_those_of_the_numbers(void **state)
{
    (void)state;
    const struct {
        const char *text;
        sio_type type;
    } cases[] = {
        { "1", SIO_TYPE_INT },
        { "1.0", SIO_TYPE_INT },
        { "1e3", SIO_TYPE_INT },
        { "9223372036854775807", SIO_TYPE_INT },
        { "9223372036854775808", SIO_TYPE_UINT },
        { "18446744073709551616", SIO_TYPE_DOUBLE },
        { "-9223372036854775809", SIO_TYPE_INT }, /* rounds to -2^63 */
        { "0.5", SIO_TYPE_DOUBLE },
    };
    sio_arena arena = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sio_value value;
        assert_int_equal(read(&arena, &value, cases[i].text, strlen(cases[i].text)), 0);
        assert_int_equal(value.type, cases[i].type);
    }
    sio_arena_free(&arena);
}

static void refuses_what_is_no_json(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "nul",
        "[",
        "]",
        "[1,]",
        "{\"a\"}",
        "{a:1}",
        "{\"a\":}",
        "[1 2]",
        "1 2",
        "01",
        "+1",
        ".5",
        "1.",
        "NaN",
        "Infinity",
        "'a'",
        "\"a",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u1\"",
        "//a\n1",
        "\xef\xbb\xbf[]",
        "\"\xff\"",
        "\"\xc0\x80\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\xed\xa0\x80\"",
    };
    sio_arena arena = { 0 };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sio_value value = sio_value_of_int(42);
        if (read(&arena, &value, texts[i], strlen(texts[i])) != SIO_EPARSE ||
            sio_value_int(&value) != 42)
            fail_msg("%s", texts[i]);
    }
    assert_int_equal(sio_json_read(&arena, &(sio_value){ 0 }, "1", SIO_LIMIT_LENGTH), SIO_ELIMIT);
    sio_arena_free(&arena);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    static const char text[] = "{\"a\\n\":[1.5e3,\"\\u00e9\xc3\xa9\",true,null,{\"b\":-12}]}";
    sio_arena arena = { 0 };
    sio_value value;
    for (size_t len = 0; len < sizeof text - 1; len++)
        assert_int_equal(read(&arena, &value, text, len), SIO_EPARSE);
    assert_int_equal(read(&arena, &value, text, sizeof text - 1), 0);
    sio_arena_free(&arena);
}

/* Whatever one byte is turned into, the result is refused or can be written. */
static void survives_every_changed_byte(void **state)
{
    (void)state;
    char text[] = "{\"a\\n\":[1.5e3,\"\\u00e9\xc3\xa9\",{\"b\":-12}]}";
    sio_arena arena = { 0 };
    for (size_t at = 0; at < sizeof text - 1; at++) {
        char kept = text[at];
        for (int byte = 0; byte < 256; byte++) {
            sio_value value;
            sio_buf out = { 0 };
            text[at] = (char)byte;
            int err = read(&arena, &value, text, sizeof text - 1);
            assert_true(err == 0 || err == SIO_EPARSE);
            if (!err)
                assert_int_equal(sio_json_write(&out, &value, NULL), 0);
            sio_buf_free(&out);
            sio_arena_reset(&arena);
        }
        text[at] = kept;
    }
    sio_arena_free(&arena);
}

static void refuses_what_is_too_deep(void **state)
{
    (void)state;
    static char text[200001];
    sio_arena arena = { 0 };
    sio_value value;
    memset(text, '[', SIO_LIMIT_DEPTH);
    memset(text + SIO_LIMIT_DEPTH, ']', SIO_LIMIT_DEPTH);
    assert_int_equal(read(&arena, &value, text, (size_t)2 * SIO_LIMIT_DEPTH), 0);
    assert_int_equal(value.depth, SIO_LIMIT_DEPTH);
    check_text(&value, text);
    memset(text, '[', 100000);
    memset(text + 100000, ']', 100000);
    assert_int_equal(read(&arena, &value, text, 200000), SIO_EDEPTH);
    assert_int_equal(read(&arena, &value, text + 100000 - SIO_LIMIT_DEPTH - 1,
                          (size_t)2 * (SIO_LIMIT_DEPTH + 1)),
                     SIO_EDEPTH);
    sio_arena_free(&arena);
}

static void writes_dates_as_iso_strings(void **state)
{
    (void)state;
    const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        { 0, "\"1970-01-01T00:00:00.000Z\"" },
        { -1, "\"1969-12-31T23:59:59.999Z\"" },
        { 951782400000, "\"2000-02-29T00:00:00.000Z\"" },
        { 1709210096789, "\"2024-02-29T12:34:56.789Z\"" },
        { 4107542399999, "\"2100-02-28T23:59:59.999Z\"" },
        { 253402300799999, "\"9999-12-31T23:59:59.999Z\"" },
        { 253402300800000, "\"+010000-01-01T00:00:00.000Z\"" },
        { -62167219200000, "\"0000-01-01T00:00:00.000Z\"" },
        { -62167219200001, "\"-000001-12-31T23:59:59.999Z\"" },
        { 8640000000000000, "\"+275760-09-13T00:00:00.000Z\"" },
        { -8640000000000000, "\"-271821-04-20T00:00:00.000Z\"" },
        { 8640000000000001, "null" },
        { INT64_MIN, "null" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_text(&(sio_value){ .type = SIO_TYPE_DATE, .as.integer = cases[i].ms }, cases[i].text);
}

static void writes_what_json_has_not(void **state)
{
    (void)state;
    const sio_value undefined = { .type = SIO_TYPE_UNDEFINED };
    const sio_value items[] = { undefined, sio_value_of_double(NAN),
                                sio_value_of_double(-INFINITY) };
    const sio_value entries[] = { sio_value_of_string(SIO_STR("a")), undefined,
                                  sio_value_of_string(SIO_STR("b")), sio_value_of_int(1),
                                  sio_value_of_string(SIO_STR("c")), undefined };
    const sio_value array = sio_value_of_array(items, 3), map = sio_value_of_map(entries, 3);
    const sio_value none = sio_value_of_map(entries, 1);
    check_text(&undefined, "null");
    check_text(NULL, "null");
    check_text(&array, "[null,null,null]");
    check_text(&map, "{\"b\":1}");
    check_text(&none, "{}");
}

static void binary_goes_to_attachments(void **state)
{
    (void)state;
    sio_value items[SIO_LIMIT_ATTACHMENTS + 1];
    for (size_t i = 0; i < SIO_LIMIT_ATTACHMENTS + 1; i++)
        items[i] = sio_value_of_binary("abc", 3);
    sio_value two = sio_value_of_array(items, 2), most = sio_value_of_array(items, 10);
    sio_value more = sio_value_of_array(items, 11);
    sio_attachments attachments = { .count = 0 };
    sio_buf out = { 0 };
    assert_int_equal(sio_json_write(&out, &two, &attachments), 0);
    sio_buf_byte(&out, '\0');
    assert_string_equal(out.data,
                        "[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
    assert_int_equal(attachments.count, 2);
    assert_ptr_equal(attachments.items[1], &items[1]);
    attachments.count = 0;
    assert_int_equal(sio_json_write(&out, &most, &attachments), 0);
    attachments.count = 0;
    assert_int_equal(sio_json_write(&out, &more, &attachments), SIO_ELIMIT);
    sio_buf_free(&out);
    check_text(&two, "[{\"type\":\"Buffer\",\"data\":[97,98,99]},"
                     "{\"type\":\"Buffer\",\"data\":[97,98,99]}]");
}

static void the_error_of_the_buffer_is_told(void **state)
{
    (void)state;
    sio_buf out = { .err = SIO_ENOMEM };
    sio_value one = sio_value_of_int(1);
    assert_int_equal(sio_json_write(&out, &one, NULL), SIO_ENOMEM);
}

/* Each special character at each place of a word, and next to another. */
static void escapes_at_every_place(void **state)
{
    (void)state;
    sio_buf out = { 0 };
    sio_arena arena = { 0 };
    for (size_t at = 0; at < 40; at++)
        for (int byte = 1; byte < 128; byte++) {
            char text[41];
            sio_value back;
            memset(text, 'x', 40);
            text[at] = (char)byte;
            text[(at + 9) % 40] = (char)byte;
            sio_buf_clear(&out);
            sio_json_write_string(&out, text, 40);
            bool special = byte < 0x20 || byte == '"' || byte == '\\';
            assert_int_equal(out.len > 42, special);
            assert_int_equal(read(&arena, &back, out.data, out.len), 0);
            assert_int_equal(back.count, 40);
            assert_memory_equal(back.as.text, text, 40);
            sio_arena_reset(&arena);
        }
    sio_buf_free(&out);
    sio_arena_free(&arena);
}

static void numbers_have_javascript_text(void **state)
{
    (void)state;
    const struct {
        double number;
        const char *text;
    } cases[] = {
        { NAN, "NaN" },
        { INFINITY, "Infinity" },
        { -INFINITY, "-Infinity" },
        { -0.0, "0" },
        { 1e-7, "1e-7" },
        { -123456.789, "-123456.789" },
        { 1e21, "1e+21" },
        { -1.5e-300, "-1.5e-300" },
        { -2.2250738585072014e-308, "-2.2250738585072014e-308" },
        { -0.0000012345678901234567, "-0.0000012345678901234567" },
        { 999999999999999900000.0, "999999999999999900000" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[SIO_NUMBER_SIZE + 1];
        text[sio_number_text(text, cases[i].number)] = '\0';
        assert_string_equal(text, cases[i].text);
    }
}

static void owned_values_go_both_ways(void **state)
{
    (void)state;
    sio_value *value = NULL;
    char *text;
    size_t length;
    assert_int_equal(sio_value_from_json(&value, "{\"a\":[1,\"x\"]}", 13), 0);
    assert_int_equal(sio_value_to_json(value, &text, &length), 0);
    assert_string_equal(text, "{\"a\":[1,\"x\"]}");
    assert_int_equal(length, 13);
    sio_free(text);
    sio_value_free(value);
    value = NULL;
    assert_int_equal(sio_value_from_json(&value, "{", 1), SIO_EPARSE);
    assert_null(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relays_as_node_does),
        cmocka_unit_test(relays_integers_of_any_length),
        cmocka_unit_test(types_are_those_of_the_numbers),
        cmocka_unit_test(refuses_what_is_no_json),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(survives_every_changed_byte),
        cmocka_unit_test(refuses_what_is_too_deep),
        cmocka_unit_test(writes_dates_as_iso_strings),
        cmocka_unit_test(writes_what_json_has_not),
        cmocka_unit_test(binary_goes_to_attachments),
        cmocka_unit_test(the_error_of_the_buffer_is_told),
        cmocka_unit_test(escapes_at_every_place),
        cmocka_unit_test(numbers_have_javascript_text),
        cmocka_unit_test(owned_values_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
