#include <sio/err.h>
#include <sio/sys/ws.h>

#include "check.h"

static int accept_copy(char out[SIO_WS_ACCEPT_SIZE], const char *key, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, key, len);
    int err = sio_ws_accept(out, (sio_str){ copy, len });
    free(copy);
    return err;
}

static void answers_as_section_1_3_says(void **state)
{
    (void)state;
    char accept[SIO_WS_ACCEPT_SIZE];
    assert_int_equal(accept_copy(accept, "dGhlIHNhbXBsZSBub25jZQ==", 24), 0);
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_int_equal(accept_copy(accept, "x3JJHMbDL1EzLkh9GBhXDw==", 24), 0);
    assert_string_equal(accept, "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
    assert_int_equal(accept_copy(accept, "++++++++++++++++/////w==", 24), 0);
}

static void refuses_keys_that_are_not_16_bytes_of_base64(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhlIHNhbXBsZSBub25jZQA=",
        "dGhlIHNhbXBs=SBub25jZQ==",
        "dGhlIHNhbXBsZSBub25j-_==",
        "dGhlIHNhbXBs ZSBub25jZ==",
        "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==",
    };
    char accept[SIO_WS_ACCEPT_SIZE] = "untouched";
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_int_equal(accept_copy(accept, keys[i], strlen(keys[i])), SIO_EINVAL);
    for (size_t len = 0; len < 24; len++)
        assert_int_equal(accept_copy(accept, "dGhlIHNhbXBsZSBub25jZQ==", len), SIO_EINVAL);
    assert_string_equal(accept, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_as_section_1_3_says),
        cmocka_unit_test(refuses_keys_that_are_not_16_bytes_of_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
