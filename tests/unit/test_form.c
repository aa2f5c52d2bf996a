#include "check.h"

#include "core/form.h"

/* An exact-size copy: an overread shows. */
static char *copy_of(const char *text)
{
    const size_t len = strlen(text);
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    return copy;
}

static void check_fields(const char *form, const char *expected)
{
    char *copy = copy_of(form), log[256] = "";
    sio_str rest = { copy, strlen(form) }, name, value;
    while (sio_form_next(&rest, &name, &value)) {
        strncat(log, name.data, name.len);
        strcat(log, "=");
        strncat(log, value.len ? value.data : "", value.len);
        strcat(log, ";");
    }
    assert_false(sio_form_next(&rest, &name, &value));
    assert_string_equal(log, expected);
    free(copy);
}

static void takes_fields(void **state)
{
    (void)state;
    check_fields("", "");
    check_fields("&&", "");
    check_fields("a", "a=;");
    check_fields("a=", "a=;");
    check_fields("=b", "=b;");
    check_fields("=", "=;");
    check_fields("a=b=c&d", "a=b=c;d=;");
    check_fields("&a=1&&a=2&", "a=1;a=2;");
}

static void check_decoded(const char *text, const char *expected)
{
    char *copy = copy_of(text);
    const size_t len = sio_form_decode(copy, strlen(text), (sio_str){ copy, strlen(text) });
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(copy, expected, len);
    free(copy);
}

static void decodes(void **state)
{
    (void)state;
    check_decoded("", "");
    check_decoded("a+b%20c", "a b c");
    check_decoded("J%C3%BCrg%2c%2B", "J\xc3\xbcrg,+");
    check_decoded("%", "%");
    check_decoded("%4", "%4");
    check_decoded("%zz%4g%g4", "%zz%4g%g4");
    check_decoded("%%41", "%A");
    check_decoded("%ff%FE", "\xff\xfe");
    char byte = 'x';
    assert_int_equal(sio_form_decode(&byte, 1, SIO_STR("%00")), 1);
    assert_int_equal(byte, '\0');
    char two[2];
    assert_int_equal(sio_form_decode(two, sizeof(two), SIO_STR("a%62c")), 3);
    assert_memory_equal(two, "ab", 2);
}

static void finds_the_query(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "/?a=b", "a=b" }, { "/?a?b#c", "a?b" }, { "/#?a", "" },
        { "/", "" },        { "", "" },           { "?", "" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_true(
            sio_str_equal(sio_form_query(sio_str_from(cases[i][0])), sio_str_from(cases[i][1])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_fields),
        cmocka_unit_test(decodes),
        cmocka_unit_test(finds_the_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
