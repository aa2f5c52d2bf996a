/* Header lines that are added to answers, the cookie's among them. */
#include "check.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "net/cookie.h"

static void expect_cookie(const sio_cookie_options *options, const char *line)
{
    sio_cookie cookie;
    sio_headers headers = { 0 };
    const char *why;
    assert_int_equal(sio_cookie_init(&cookie, options, &why), 0);
    assert_int_equal(sio_cookie_put(&cookie, "sid", &headers), 0);
    sio_buf_byte(&headers.lines, '\0');
    assert_string_equal(headers.lines.data, line);
    sio_buf_free(&headers.lines);
    sio_cookie_free(&cookie);
}

static void cookies_are_written_as_the_reference_does(void **state)
{
    (void)state;
    expect_cookie(&(sio_cookie_options){ 0 }, "");
    expect_cookie(&(sio_cookie_options){ .name = "io" },
                  "Set-Cookie: io=sid; Path=/; HttpOnly; SameSite=Lax\r\n");
    expect_cookie(&(sio_cookie_options){ .name = "io",
                                         .path = "/a",
                                         .domain = "a.org",
                                         .max_age_s = 86400,
                                         .same_site = SIO_SAME_SITE_NONE,
                                         .secure = true },
                  "Set-Cookie: io=sid; Max-Age=86400; Domain=a.org; Path=/a; HttpOnly; Secure; "
                  "SameSite=None\r\n");
    expect_cookie(&(sio_cookie_options){ .name = "io",
                                         .no_http_only = true,
                                         .same_site = SIO_SAME_SITE_STRICT },
                  "Set-Cookie: io=sid; Path=/; SameSite=Strict\r\n");
    expect_cookie(&(sio_cookie_options){ .name = "io", .same_site = SIO_SAME_SITE_OMITTED },
                  "Set-Cookie: io=sid; Path=/; HttpOnly\r\n");
}

static void cookies_that_make_no_sense(void **state)
{
    (void)state;
    char path[SIO_LIMIT_NAME + 1];
    snprintf(path, sizeof(path), "%0*d", SIO_LIMIT_NAME, 0);
    const struct {
        sio_cookie_options options;
        const char *why;
    } cases[] = {
        { { .path = "/" }, "cookie has no name" },
        { { .secure = true }, "cookie has no name" },
        { { .name = "" }, "cookie.name is no name of a cookie" },
        { { .name = "a=b" }, "cookie.name is no name of a cookie" },
        { { .name = "a", .path = "/;x" }, "cookie.path has a semicolon or a control character" },
        { { .name = "a", .domain = "x\n" },
          "cookie.domain has a semicolon or a control character" },
        { { .name = "a", .max_age_s = -1 }, "cookie.max_age_s is negative" },
        { { .name = "a", .same_site = (sio_same_site)4 },
          "cookie.same_site is no SIO_SAME_SITE_…" },
        { { .name = "a", .path = path }, "cookie is longer than 1024 bytes" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sio_cookie cookie;
        const char *why = NULL;
        assert_int_equal(sio_cookie_init(&cookie, &cases[i].options, &why), SIO_EINVAL);
        assert_string_equal(why, cases[i].why);
    }
}

static void no_header_smuggles_another(void **state)
{
    (void)state;
    sio_headers headers = { 0 };
    assert_int_equal(sio_headers_add(&headers, "X-A", "b\tc \xc3\xa4"), 0);
    static const char *const bad[][2] = {
        { "", "x" },     { "X A", "x" },  { "X:", "x" },   { "X\r\nY", "x" }, { "X", "a\r\nY: b" },
        { "X", "a\nb" }, { "X", "\x7f" }, { "X", "\x1b" }, { NULL, "x" },     { "X", NULL },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(sio_headers_add(&headers, bad[i][0], bad[i][1]), SIO_EINVAL);
    sio_buf_byte(&headers.lines, '\0');
    assert_string_equal(headers.lines.data, "X-A: b\tc \xc3\xa4\r\n");
    sio_buf_free(&headers.lines);
}

static void headers_end_at_their_limit(void **state)
{
    (void)state;
    sio_headers headers = { 0 };
    size_t count = 0;
    int err;
    while (!(err = sio_headers_add(&headers, "X", "12345678901234567890123456789")))
        count++;
    assert_int_equal(err, SIO_ELIMIT);
    assert_int_equal(count, SIO_LIMIT_ANSWER_HEADERS / 34);
    assert_in_range(headers.lines.len, 1, SIO_LIMIT_ANSWER_HEADERS);
    sio_buf_free(&headers.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cookies_are_written_as_the_reference_does),
        cmocka_unit_test(cookies_that_make_no_sense),
        cmocka_unit_test(no_header_smuggles_another),
        cmocka_unit_test(headers_end_at_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
