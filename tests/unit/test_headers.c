#include "check.h"

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "net/headers.h"

static void expect_lines(sio_headers *headers, const char *lines)
{
    assert_int_equal(headers->lines.len, strlen(lines));
    if (*lines)
        assert_memory_equal(headers->lines.data, lines, strlen(lines));
}

static void a_line_takes_the_place_of_those_of_its_name(void **state)
{
    (void)state;
    sio_headers headers = { 0 };
    assert_int_equal(sio_headers_set(&headers, "A", "1"), 0);
    assert_int_equal(sio_headers_add(&headers, "AB", "2"), 0);
    assert_int_equal(sio_headers_add(&headers, "a", "A: 3"), 0);
    expect_lines(&headers, "A: 1\r\nAB: 2\r\na: A: 3\r\n");
    assert_int_equal(sio_headers_set(&headers, "a", "4"), 0);
    expect_lines(&headers, "AB: 2\r\na: 4\r\n");
    assert_int_equal(sio_headers_set(&headers, "ab", "5"), 0);
    expect_lines(&headers, "a: 4\r\nab: 5\r\n");
    assert_int_equal(sio_headers_set(&headers, "ab", "5\n"), SIO_EINVAL);
    assert_int_equal(sio_headers_set(&headers, NULL, "5"), SIO_EINVAL);
    expect_lines(&headers, "a: 4\r\nab: 5\r\n");
    sio_buf_free(&headers.lines);
}

static void a_line_is_found_by_its_whole_name(void **state)
{
    (void)state;
    sio_headers headers = { 0 };
    assert_false(sio_headers_has(&headers, "a"));
    assert_int_equal(sio_headers_add(&headers, "Cache", "Control: x"), 0);
    assert_int_equal(sio_headers_add(&headers, "X-Last", ""), 0);
    assert_true(sio_headers_has(&headers, "cache") && sio_headers_has(&headers, "x-last"));
    static const char *const none[] = { "",
                                        "c",
                                        "cach",
                                        "cache-control",
                                        "control",
                                        "last",
                                        "x-last: with a name that is longer than what is left" };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_false(sio_headers_has(&headers, none[i]));
    sio_buf_free(&headers.lines);
}

/* They would make another answer of it. */
static void framing_is_the_servers_business(void **state)
{
    (void)state;
    static const char *const names[] = {
        "Content-Length",
        "CONTENT-TYPE",
        "content-encoding",
        "Transfer-Encoding",
        "Trailer",
        "Connection",
        "Keep-Alive",
        "Upgrade",
        "Date",
        "Sec-WebSocket-Accept",
        "sec-websocket-extensions",
    };
    sio_headers headers = { 0 };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(sio_headers_add(&headers, names[i], "1"), SIO_EINVAL);
        assert_int_equal(sio_headers_set(&headers, names[i], "1"), SIO_EINVAL);
    }
    expect_lines(&headers, "");
    assert_int_equal(sio_headers_add(&headers, "Content-Language", "en"), 0);
    sio_buf_free(&headers.lines);
}

static void what_does_not_fit_changes_nothing(void **state)
{
    (void)state;
    static char text[SIO_LIMIT_ANSWER_HEADERS];
    sio_headers headers = { 0 };
    memset(text, 'x', sizeof(text) - 1);
    assert_int_equal(sio_headers_add(&headers, "A", "1"), 0);
    assert_int_equal(sio_headers_set(&headers, "A", text), SIO_ELIMIT);
    expect_lines(&headers, "A: 1\r\n");
    sio_buf_free(&headers.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_takes_the_place_of_those_of_its_name),
        cmocka_unit_test(a_line_is_found_by_its_whole_name),
        cmocka_unit_test(framing_is_the_servers_business),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
