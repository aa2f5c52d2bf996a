#include <sio/err.h>
#include <sio/sys/eio.h>

#include "check.h"
#include "payload_text.h"

/* Writes what the payload says as text: `type:data;` for each packet, `b` before a type of bytes,
 * `!` for the error. */
static void check_payload(const char *text, size_t len, const char *expected)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    sio_eio_payload payload = { .data = copy, .len = len };
    sio_eio_packet packet;
    sio_buf log = { 0 };
    int rc;
    while ((rc = sio_eio_payload_next(&payload, &packet)) == 1)
        payload_text_add(&log, &packet);
    payload_text_end(&log, rc);
    assert_int_equal(sio_eio_payload_next(&payload, &packet), 0);
    assert_string_equal(log.data, expected);
    sio_buf_free(&log);
    free(copy);
}

static void check(const char *text, const char *expected)
{
    check_payload(text, strlen(text), expected);
}

static void walks_the_packets(void **state)
{
    (void)state;
    check("4hello", "4:hello;");
    check("4a\x1e"
          "2\x1e"
          "4\x1e"
          "bYWJj\x1e"
          "6",
          "4:a;2:;4:;b4:abc;6:;");
    check("bYQ==\x1e"
          "4x",
          "b4:a;4:x;");
    check("4\xe2\x82\xac\x1e"
          "4\xf0\x9f\x98\x80",
          "4:\xe2\x82\xac;4:\xf0\x9f\x98\x80;");
}

static void stops_at_the_first_malformed_packet(void **state)
{
    (void)state;
    check("", "!");
    check("\x1e", "!");
    check("4a\x1e", "4:a;!");
    check("4a\x1e\x1e"
          "4b",
          "4:a;!");
    check("\x1e"
          "4a",
          "!");
    check("4a\x1e"
          "9\x1e"
          "4b",
          "4:a;!");
    check("abc\x1e"
          "4b",
          "!");
}

static void every_truncation_is_safe(void **state)
{
    (void)state;
    static const char payload[] = "4ab\x1e"
                                  "bYWJj\x1e"
                                  "2";
    static const char *const expected[] = {
        "!",           "4:;",          "4:a;",          "4:ab;",
        "4:ab;!",      "4:ab;b4:;",    "4:ab;b4:;",     "4:ab;b4:a;",
        "4:ab;b4:ab;", "4:ab;b4:abc;", "4:ab;b4:abc;!", "4:ab;b4:abc;2:;",
    };
    for (size_t len = 0; len < sizeof payload; len++)
        check_payload(payload, len, expected[len]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_the_packets),
        cmocka_unit_test(stops_at_the_first_malformed_packet),
        cmocka_unit_test(every_truncation_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
