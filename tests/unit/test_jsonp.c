#include "check.h"

#include <stdio.h>

#include <sio/err.h>

#include "net/jsonp.h"

static sio_jsonp jsonp_of(const char *url)
{
    sio_jsonp jsonp;
    assert_int_equal(sio_jsonp_read(&jsonp, sio_str_from(url)), 0);
    return jsonp;
}

static void check_script(const char *url, const char *payload, const char *expected)
{
    sio_buf out = { 0 };
    const sio_jsonp jsonp = jsonp_of(url);
    sio_jsonp_write(&out, &jsonp, sio_str_from(payload));
    assert_int_equal(out.err, 0);
    sio_buf_byte(&out, '\0');
    assert_string_equal(out.data, expected);
    sio_buf_free(&out);
}

static void only_digits_of_the_parameter_count(void **state)
{
    (void)state;
    assert_false(jsonp_of("/?EIO=4").wanted);
    assert_true(jsonp_of("/?j=").wanted);
    check_script("/?j=0", "x", "___eio[0](\"x\");");
    check_script("/?j=12", "x", "___eio[12](\"x\");");
    check_script("/?j=007", "x", "___eio[007](\"x\");");
    check_script("/?j=", "x", "___eio[](\"x\");");
    check_script("/?j=%3Cscript%3E1]%3Balert(2)", "x", "___eio[12](\"x\");");
    check_script("/?j=9999999", "x", "___eio[9999999](\"x\");");
    sio_jsonp jsonp;
    assert_int_equal(sio_jsonp_read(&jsonp, SIO_STR("/?j=12345678")), SIO_ELIMIT);
    char url[128];
    snprintf(url, sizeof(url), "/?j=%064d", 0);
    assert_int_equal(sio_jsonp_read(&jsonp, sio_str_from(url)), SIO_ELIMIT);
}

static void scripts_are_javascript(void **state)
{
    (void)state;
    check_script("/?j=1", "", "___eio[1](\"\");");
    check_script("/?j=1", "4\"\\\n\x1e</script>", "___eio[1](\"4\\\"\\\\\\n\\u001e</script>\");");
    check_script("/?j=1", "a\xe2\x80\xa8\xe2\x80\xa9z", "___eio[1](\"a\\u2028\\u2029z\");");
    check_script("/?j=1", "\xe2\x80\xa7\xe2\x82\xac\xe2",
                 "___eio[1](\"\xe2\x80\xa7\xe2\x82\xac\xe2\");");
    check_script("/?j=1", "\xe2\x80\xa9", "___eio[1](\"\\u2029\");");
}

/* NULL: the form has no payload. */
static void check_form(const char *form, const char *expected)
{
    size_t len = strlen(form);
    char *copy = malloc(len ? len : 1); /* of exact size: an overread shows */
    assert_non_null(copy);
    memcpy(copy, form, len);
    assert_int_equal(sio_jsonp_unpack(copy, &len), expected != NULL);
    if (expected) {
        assert_int_equal(len, strlen(expected));
        assert_memory_equal(copy, expected, len);
    }
    free(copy);
}

static void forms_become_payloads(void **state)
{
    (void)state;
    check_form("d=4hello", "4hello");
    check_form("d=", "");
    check_form("a=b&d=2%3A4a&c", "2:4a");
    check_form("%64=4a+b", "4a b");
    check_form("d=a\\nb", "a\nb");
    check_form("d=a\\\\nb", "a\\nb");
    check_form("d=a\\\\\\nb", "a\\\\nb");
    check_form("d=%5Cn%5c%5cn", "\n\\n");
    check_form("d=\\", "\\");
    check_form("d=\\\\", "\\\\");
    check_form("d=\\t\\\"", "\\t\\\"");
    check_form("", NULL);
    check_form("dd=1", NULL);
    check_form("D=1", NULL);
    check_form("d=1&d=2", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_digits_of_the_parameter_count),
        cmocka_unit_test(scripts_are_javascript),
        cmocka_unit_test(forms_become_payloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
