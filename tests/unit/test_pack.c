#include "check.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/value.h>

static void check_json(const sio_value *value, const char *want)
{
    char *text = NULL;
    assert_int_equal(sio_value_to_json(value, &text, NULL), 0);
    assert_string_equal(text, want);
    sio_free(text);
}

static void check_new(const char *want, const char *format, ...)
{
    va_list arguments;
    sio_value *value = NULL;
    va_start(arguments, format);
    assert_int_equal(sio_value_vnew(&value, format, arguments), 0);
    va_end(arguments);
    check_json(value, want);
    sio_value_free(value);
}

static int pack(sio_arena *arena, sio_value *out, const char *first, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int err = sio_value_pack(arena, out, first, format, arguments);
    va_end(arguments);
    return err;
}

static void makes_each_letter(void **state)
{
    (void)state;
    check_new("null", "n");
    check_new("true", "b", 5);
    check_new("-7", "i", -7);
    check_new("9007199254740991", "I", INT64_C(9007199254740991));
    check_new("1.5", "f", 1.5);
    check_new("\"text\"", "s", "text");
    check_new("null", "s", NULL);
    check_new("\"te\"", "s#", "text", (size_t)2);
    check_new("null", "s#", NULL, (size_t)2);
    check_new("{\"type\":\"Buffer\",\"data\":[1,2]}", "B", "\1\2", (size_t)2);
    check_new("{\"type\":\"Buffer\",\"data\":[]}", "B", NULL, (size_t)0);
    check_new("\"1970-01-01T00:00:00.005Z\"", "D", (int64_t)5);
    check_new("null", "v", NULL);
    check_new("[]", "[]");
    check_new("{}", " { } ");
}

static void nests(void **state)
{
    (void)state;
    check_new("[1,[2,[3]],{\"a\":[true,null],\"b\":{\"c\":\"d\"}}]", "[i,[i[i]]{s:[bn],s#:{ss}}]",
              1, 2, 3, "a", 1, "bcd", (size_t)1, "c", "d");
    check_new("[1,2,3,4,5,6,7,8,9,10]", "[iiiiiIIfff]", 1, 2, 3, 4, 5, (int64_t)6, (int64_t)7, 8.0,
              9.0, 10.0);
}

static void takes_values(void **state)
{
    (void)state;
    sio_value *value;
    assert_int_equal(sio_value_new(&value, "[is]", 1, "x"), 0);
    sio_value undefined = { .type = SIO_TYPE_UNDEFINED };
    check_new("[[1,\"x\"],1,\"x\",2]", "[v V i]", value, value, 2);
    check_new("[2]", "[VVVi]", NULL, sio_value_at(value, 0), &undefined, 2);
    check_new("[\"x\",9,{}]", "[V#,V#,V#,i,{}]", value, (size_t)1, value, (size_t)2, NULL,
              (size_t)0, 9);
    check_new("1", "V", &(sio_value){ .type = SIO_TYPE_ARRAY, .count = 1, .as = value->as });
    check_new("{\"b\":[1,\"x\"]}", "{s:v,s:v}", "a", &undefined, "b", value);
    sio_value_free(value);
}

static void refuses_wrong_formats(void **state)
{
    (void)state;
    static const char *const formats[] = {
        "",    " ",   "nn",   "[", "]",  "{", "}",   "[n",
        "[n}", "{n}", "{nn}", "#", "n#", "x", "[[]", "{[]n}",
    };
    sio_value *none = NULL;
    assert_int_equal(sio_value_new(&none, NULL), SIO_EFORMAT);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        sio_value *value = NULL;
        if (sio_value_new(&value, formats[i]) != SIO_EFORMAT || value)
            fail_msg("%s", formats[i]);
    }
    sio_value *value = NULL;
    assert_int_equal(sio_value_new(&value, "{s}", "a"), SIO_EFORMAT);
    assert_int_equal(sio_value_new(&value, "{sn", "a"), SIO_EFORMAT);
    assert_int_equal(sio_value_new(&value, "{sns}", "a", "b"), SIO_EFORMAT);
    assert_int_equal(sio_value_new(&value, "{sn}", NULL), SIO_EFORMAT);
    assert_int_equal(sio_value_new(&value, "{sV}", "a", NULL), SIO_EFORMAT);
    assert_int_equal(sio_value_new(&value, "B", NULL, (size_t)1), SIO_EFORMAT);
    assert_null(value);
}

static void refuses_what_is_not_utf8(void **state)
{
    (void)state;
    sio_value *value = NULL;
    assert_int_equal(sio_value_new(&value, "s", "\xff"), SIO_EUTF8);
    assert_int_equal(sio_value_new(&value, "s#", "\xe2\x82\xac", (size_t)2), SIO_EUTF8);
    assert_int_equal(sio_value_new(&value, "{sn}", "\xc0\x80"), SIO_EUTF8);
    sio_arena arena = { 0 };
    sio_value array;
    assert_int_equal(pack(&arena, &array, "\x80", ""), SIO_EUTF8);
    sio_arena_free(&arena);
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    sio_value *value = NULL;
    assert_int_equal(sio_value_new(&value, "s#", "", SIZE_MAX), SIO_ELIMIT);
    assert_int_equal(sio_value_new(&value, "B", "", (size_t)SIO_LIMIT_LENGTH), SIO_ELIMIT);
}

static void refuses_what_is_too_deep(void **state)
{
    (void)state;
    char format[2 * SIO_LIMIT_DEPTH + 3] = "";
    memset(format, '[', SIO_LIMIT_DEPTH);
    memset(format + SIO_LIMIT_DEPTH, ']', SIO_LIMIT_DEPTH);
    sio_value *deepest = NULL, *deeper = NULL;
    assert_int_equal(sio_value_new(&deepest, format), 0);
    assert_int_equal(sio_value_new(&deeper, "[v]", deepest), SIO_EDEPTH);
    assert_int_equal(sio_value_new(&deeper, "{sv}", "a", deepest), SIO_EDEPTH);
    assert_int_equal(sio_value_new(&deeper, "[[V]]", deepest), SIO_EDEPTH);
    assert_int_equal(sio_value_new(&deeper, "v", deepest), 0);
    sio_value_free(deeper);
    assert_int_equal(sio_value_new(&deeper, "[V]", deepest), 0);
    sio_arena arena = { 0 };
    sio_value array;
    assert_int_equal(pack(&arena, &array, NULL, "v", deepest), SIO_EDEPTH);
    assert_int_equal(pack(&arena, &array, NULL, "V", deepest), 0);
    memset(format, '[', SIO_LIMIT_DEPTH + 1);
    memset(format + SIO_LIMIT_DEPTH + 1, ']', SIO_LIMIT_DEPTH + 1);
    assert_int_equal(pack(&arena, &array, NULL, format), SIO_EDEPTH);
    sio_arena_free(&arena);
    sio_value_free(deepest);
    sio_value_free(deeper);
}

static void packs_arguments_without_copies(void **state)
{
    (void)state;
    sio_arena arena = { 0 };
    sio_value array;
    char text[] = "text", bytes[] = "bytes";
    assert_int_equal(
        pack(&arena, &array, "name", "s{s:B}s#", text, "k", bytes, (size_t)5, text, (size_t)2), 0);
    assert_int_equal(array.count, 4);
    assert_true(array.binary);
    assert_ptr_equal(array.as.items[1].as.text, text);
    assert_ptr_equal(sio_value_binary(sio_value_get(&array.as.items[2], "k"), NULL), bytes);
    assert_string_equal(sio_value_string(&array.as.items[3], NULL), "te");
    assert_int_equal(pack(&arena, &array, NULL, ""), 0);
    check_json(&array, "[]");
    assert_int_equal(pack(&arena, &array, "only", " "), 0);
    check_json(&array, "[\"only\"]");
    sio_arena_free(&arena);
}

/* More than fit into registers, so that the list of arguments is really shared. */
static void takes_many_arguments_in_order(void **state)
{
    (void)state;
    check_new("[[1,1.5],[2,2.5],[3,3.5],[4,4.5],[5,5.5],[6,6.5],[7,7.5],[8,8.5],[9,9.5]]",
              "[[if][if][if][if][if][if][if][if][if]]", 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6,
              6.5, 7, 7.5, 8, 8.5, 9, 9.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_each_letter),
        cmocka_unit_test(nests),
        cmocka_unit_test(takes_values),
        cmocka_unit_test(refuses_wrong_formats),
        cmocka_unit_test(refuses_what_is_not_utf8),
        cmocka_unit_test(refuses_what_is_too_long),
        cmocka_unit_test(refuses_what_is_too_deep),
        cmocka_unit_test(packs_arguments_without_copies),
        cmocka_unit_test(takes_many_arguments_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
