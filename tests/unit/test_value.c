#include "check.h"

#include <math.h>

#include <sio/err.h>
#include <sio/sys/value.h>

static sio_value *from_json(const char *text)
{
    sio_value *value = NULL;
    assert_int_equal(sio_value_from_json(&value, text, strlen(text)), 0);
    return value;
}

static void nothing_reads_like_undefined(void **state)
{
    (void)state;
    size_t length = 7;
    assert_int_equal(sio_value_type(NULL), SIO_TYPE_UNDEFINED);
    assert_false(sio_value_bool(NULL));
    assert_int_equal(sio_value_int(NULL), 0);
    assert_true(sio_value_double(NULL) == 0);
    assert_null(sio_value_string(NULL, &length));
    assert_int_equal(length, 0);
    assert_null(sio_value_binary(NULL, NULL));
    assert_int_equal(sio_value_count(NULL), 0);
    assert_null(sio_value_at(NULL, 0));
    assert_null(sio_value_key(NULL, 0));
    assert_null(sio_value_get(sio_value_at(sio_value_get(NULL, "a"), 3), "b"));
    sio_value_free(NULL);
}

static void reads_trees(void **state)
{
    (void)state;
    sio_value *value = from_json("{\"list\":[true,-5,\"t\\u0000t\"],\"n\":1,\"n\":2.5}");
    const sio_value *list = sio_value_get(value, "list");
    size_t length;
    assert_int_equal(sio_value_type(list), SIO_TYPE_ARRAY);
    assert_int_equal(sio_value_count(list), 3);
    assert_true(sio_value_bool(sio_value_at(list, 0)));
    assert_int_equal(sio_value_int(sio_value_at(list, 1)), -5);
    assert_memory_equal(sio_value_string(sio_value_at(list, 2), &length), "t\0t", 4);
    assert_int_equal(length, 3);
    assert_null(sio_value_at(list, 3));
    assert_null(sio_value_key(list, 0));
    assert_null(sio_value_get(list, "0"));
    assert_string_equal(sio_value_string(sio_value_key(value, 1), NULL), "n");
    assert_null(sio_value_key(value, 3));
    assert_int_equal(sio_value_int(sio_value_at(value, 1)), 1);
    assert_true(sio_value_double(sio_value_get(value, "n")) == 2.5);
    assert_null(sio_value_get(value, "lis"));
    sio_value_free(value);
}

static void other_types_read_as_nothing(void **state)
{
    (void)state;
    sio_value text = sio_value_of_string(SIO_STR("1")), number = sio_value_of_int(1);
    assert_false(sio_value_bool(&number));
    assert_int_equal(sio_value_int(&text), 0);
    assert_null(sio_value_string(&number, NULL));
    assert_null(sio_value_binary(&text, NULL));
    assert_int_equal(sio_value_count(&text), 0);
    assert_null(sio_value_at(&text, 0));
}

static void integers_are_cut_and_clamped(void **state)
{
    (void)state;
    const struct {
        double number;
        int64_t integer;
    } cases[] = {
        { 1.9, 1 },
        { -1.9, -1 },
        { 1e300, INT64_MAX },
        { -1e300, INT64_MIN },
        { INFINITY, INT64_MAX },
        { -INFINITY, INT64_MIN },
        { NAN, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sio_value value = { .type = SIO_TYPE_DOUBLE, .as.number = cases[i].number };
        assert_true(sio_value_int(&value) == cases[i].integer);
    }
    sio_value large = { .type = SIO_TYPE_UINT, .as.uinteger = UINT64_MAX };
    sio_value date = { .type = SIO_TYPE_DATE, .as.integer = 1500 };
    assert_true(sio_value_int(&large) == INT64_MAX);
    assert_true(sio_value_double(&large) == 0x1p64);
    assert_int_equal(sio_value_int(&date), 1500);
    assert_true(sio_value_double(&date) == 1500);
}

static void doubles_are_integers_where_they_can(void **state)
{
    (void)state;
    assert_int_equal(sio_value_of_double(3).type, SIO_TYPE_INT);
    assert_int_equal(sio_value_of_double(-0x1p63).as.integer, INT64_MIN);
    assert_int_equal(sio_value_of_double(0x1p63).type, SIO_TYPE_UINT);
    assert_int_equal(sio_value_of_double(0x1p64).type, SIO_TYPE_DOUBLE);
    assert_int_equal(sio_value_of_double(0.5).type, SIO_TYPE_DOUBLE);
    assert_int_equal(sio_value_of_double(NAN).type, SIO_TYPE_DOUBLE);
    assert_int_equal(sio_value_of_double(-INFINITY).type, SIO_TYPE_DOUBLE);
}

static void containers_know_what_is_in_them(void **state)
{
    (void)state;
    sio_value inner[] = { sio_value_of_string(SIO_STR("k")), sio_value_of_binary("abc", 3) };
    sio_value outer[] = { sio_value_of_int(1), sio_value_of_map(inner, 1) };
    sio_value array = sio_value_of_array(outer, 2), flat = sio_value_of_array(outer, 1);
    sio_value empty = sio_value_of_array(NULL, 0);
    assert_true(array.binary);
    assert_int_equal(array.depth, 2);
    assert_false(flat.binary);
    assert_int_equal(flat.depth, 1);
    assert_int_equal(empty.depth, 1);
    assert_non_null(
        sio_value_binary(&(sio_value){ .type = SIO_TYPE_BINARY, .as.bytes = "" }, NULL));
    sio_value bytes = sio_value_of_binary(NULL, 0), text = sio_value_of_string(sio_str_from(NULL));
    assert_non_null(sio_value_binary(&bytes, NULL));
    assert_string_equal(sio_value_string(&text, NULL), "");
}

static void copies_stand_alone(void **state)
{
    (void)state;
    char text[] = "text", bytes[] = { 1, 2, 3 };
    sio_value *value, *copy;
    assert_int_equal(
        sio_value_new(&value, "{s:[s,B,D,n,b]}", "k", text, bytes, sizeof bytes, (int64_t)-1, 1),
        0);
    assert_int_equal(sio_value_copy(&copy, value), 0);
    assert_true(sio_value_equal(copy, value));
    sio_value_free(value);
    const sio_value *list = sio_value_get(copy, "k");
    assert_string_equal(sio_value_string(sio_value_at(list, 0), NULL), "text");
    assert_memory_equal(sio_value_binary(sio_value_at(list, 1), NULL), bytes, 3);
    assert_true(copy->binary);
    sio_value_free(copy);
    assert_int_equal(sio_value_copy(&copy, NULL), 0);
    assert_int_equal(sio_value_type(copy), SIO_TYPE_UNDEFINED);
    sio_value_free(copy);
}

static void equality(void **state)
{
    (void)state;
    const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        { "[1,2]", "[1,2]", true },
        { "[1,2]", "[2,1]", false },
        { "[1]", "[1,1]", false },
        { "1", "1.0", true },
        { "9007199254740993", "9007199254740992.0", false },
        { "18446744073709551615", "18446744073709551616", false },
        { "9223372036854775808", "9223372036854775808.0", true },
        { "-1", "18446744073709551615", false },
        { "-1", "1", false },
        { "1.5", "1.5", true },
        { "1.5", "1", false },
        { "1e300", "1", false },
        { "null", "null", true },
        { "null", "false", false },
        { "true", "false", false },
        { "\"1\"", "1", false },
        { "\"a\"", "\"a\\u0000\"", false },
        { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true },
        { "{\"a\":1,\"b\":2}", "{\"a\":1}", false },
        { "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
        { "{\"a\":1,\"a\":2}", "{\"a\":2}", true },
        { "{\"a\":1,\"a\":2}", "{\"a\":1}", false },
        { "{\"a\\u0000b\":1}", "{\"a\\u0000c\":1}", false },
        { "{}", "[]", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sio_value *a = from_json(cases[i].a), *b = from_json(cases[i].b);
        if (sio_value_equal(a, b) != cases[i].equal || sio_value_equal(b, a) != cases[i].equal)
            fail_msg("%s, %s", cases[i].a, cases[i].b);
        sio_value_free(a);
        sio_value_free(b);
    }
}

/* A key that comes twice at every level: compared twice at each, this would take for ever. */
static void doubled_keys_are_compared_once(void **state)
{
    (void)state;
    sio_buf text = { 0 };
    for (int i = 0; i < 100; i++)
        sio_buf_text(&text, "{\"a\":0,\"a\":");
    sio_buf_text(&text, "1");
    for (int i = 0; i < 100; i++)
        sio_buf_text(&text, "}");
    sio_buf_byte(&text, '\0');
    assert_int_equal(text.err, 0);
    sio_value *a = from_json(text.data), *b = from_json(text.data);
    assert_true(sio_value_equal(a, b));
    sio_value_free(a);
    sio_value_free(b);
    sio_buf_free(&text);
}

static void undefined_is_like_missing(void **state)
{
    (void)state;
    sio_value entries[] = { sio_value_of_string(SIO_STR("a")), { .type = SIO_TYPE_UNDEFINED } };
    sio_value with = sio_value_of_map(entries, 1), without = sio_value_of_map(NULL, 0);
    sio_value null = sio_value_null(), nan = sio_value_of_double(NAN);
    assert_true(sio_value_equal(&with, &without));
    assert_true(sio_value_equal(&without, &with));
    assert_true(sio_value_equal(NULL, &entries[1]));
    assert_false(sio_value_equal(NULL, &null));
    assert_false(sio_value_equal(&nan, &nan));
}

/* What is counted is what is taken: the rest of the chunk is for the last byte only. */
static void the_size_of_a_copy_is_known(void **state)
{
    (void)state;
    sio_value *value =
        from_json("{\"list\":[true,-5,\"text\",[],{}],\"long\":\"0123456789abcdef\"}");
    const size_t size = sio_value_clone_size(value);
    sio_arena arena = { 0 };
    sio_value copy;
    assert_int_equal(sio_arena_reserve(&arena, size + 16), 0);
    const sio_arena reserved = arena;
    assert_int_equal(sio_value_clone(&arena, &copy, value), 0);
    assert_true(sio_value_equal(value, &copy));
    const char *last = sio_arena_alloc(&arena, 16);
    assert_ptr_equal(last, (const char *)copy.as.items + size);
    assert_ptr_equal(arena.chunk, reserved.chunk);
    assert_int_equal(sio_value_clone_size(NULL), 0);
    sio_arena_free(&arena);
    sio_value_free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_reads_like_undefined),
        cmocka_unit_test(reads_trees),
        cmocka_unit_test(other_types_read_as_nothing),
        cmocka_unit_test(integers_are_cut_and_clamped),
        cmocka_unit_test(doubles_are_integers_where_they_can),
        cmocka_unit_test(containers_know_what_is_in_them),
        cmocka_unit_test(copies_stand_alone),
        cmocka_unit_test(the_size_of_a_copy_is_known),
        cmocka_unit_test(equality),
        cmocka_unit_test(doubled_keys_are_compared_once),
        cmocka_unit_test(undefined_is_like_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
