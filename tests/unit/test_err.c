#include <stdio.h>

#include "check.h"

#include <sio/err.h>
#include <sio/version.h>

static void every_error_has_a_name_and_a_sentence(void **state)
{
    (void)state;
#define XX(name, number, text)                                                                     \
    assert_string_equal(sio_err_name(SIO_##name), "SIO_" #name);                                   \
    assert_string_equal(sio_err_message(SIO_##name), text);                                        \
    assert_true(SIO_##name < 0);
    SIO_ERR_MAP(XX)
#undef XX
}

static void other_numbers_are_no_errors(void **state)
{
    (void)state;
    assert_string_equal(sio_err_name(0), "SIO_OK");
    assert_string_equal(sio_err_message(0), "no error");
    assert_string_equal(sio_err_name(1), "SIO_EUNKNOWN");
    assert_string_equal(sio_err_message(-1000), "unknown error");
}

static void the_version_is_that_of_the_header(void **state)
{
    char text[32];
    (void)state;
    snprintf(text, sizeof text, "%d.%d.%d", SIO_VERSION_MAJOR, SIO_VERSION_MINOR,
             SIO_VERSION_PATCH);
    assert_string_equal(sio_version_string(), text);
    assert_string_equal(SIO_VERSION_STRING, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_a_name_and_a_sentence),
        cmocka_unit_test(other_numbers_are_no_errors),
        cmocka_unit_test(the_version_is_that_of_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
