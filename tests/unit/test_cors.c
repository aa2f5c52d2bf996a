/* What pages of other origins are told. */
#include "check.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "net/cors.h"

/* ---- origins and patterns ---- */

static bool matches(const char *entry, const char *origin)
{
    const size_t len = strlen(origin);
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, origin, len);
    const bool result = sio_cors_matches(entry, (sio_str){ copy, len });
    free(copy);
    return result;
}

static void patterns_stand_for_parts_of_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *entry;
        const char *origin;
        bool matches;
    } cases[] = {
        { "https://a.org", "https://a.org", true },
        { "https://a.org", "http://a.org", false },
        { "https://a.org", "https://a.org:443", false },
        { "https://a.org", "https://A.org", false },
        { "a.org", "https://a.org", false },
        { "null", "null", true },
        { "*.a.org", "https://www.a.org", true },
        { "*.a.org", "http://x.y.a.org", true },
        { "*.a.org", "https://a.org", false },
        { "*.a.org", "https://.a.org", false },
        { "*.a.org", "https://nota.org", false },
        { "*.a.org", "https://www.a.org:8080", false },
        { "*.a.org", "https://www.a.org.evil", false },
        { "*.a.org", "https://evil/www.a.org", false },
        { "*.a.org", "https://evil@www.a.org", false },
        { "*.a.org", "ftp://www.a.org", false },
        { "*.a.org", "www.a.org", false },
        { "*.a.org", "null", false },
        { "*.a.org", "", false },
        { "*a.org", "https://nota.org", true },
        { "https://*.a.org", "https://www.a.org", true },
        { "https://*.a.org", "http://www.a.org", false },
        { "http://localhost:*", "http://localhost:3000", true },
        { "http://localhost:*", "http://localhost", false },
        { "http://localhost:*", "http://localhost:", false },
        { "http://localhost:*", "http://localhost:3000/x", false },
        { "https://*", "https://anything.at-all", true },
        { "https://*", "https://with:80", false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (matches(cases[i].entry, cases[i].origin) != cases[i].matches)
            fail_msg("\"%s\" and \"%s\"", cases[i].entry, cases[i].origin);
    }
}

/* ---- answers ---- */

static sio_request *request_of(const char *method, const char *fields)
{
    char text[2048];
    sio_request *request = sio_request_new();
    assert_non_null(request);
    const int len = snprintf(text, sizeof(text), "%s / HTTP/1.1\r\n%s\r\n", method, fields);
    assert_in_range(len, 1, sizeof(text) - 1);
    sio_request_feed(request, text, (size_t)len);
    assert_int_equal(request->stage, SIO_REQUEST_ADMIT);
    return request;
}

static void expect_lines(const sio_cors_options *options, void *data, const char *method,
                         const char *fields, int result, const char *lines)
{
    sio_cors cors;
    const char *why;
    sio_headers headers = { 0 };
    assert_int_equal(sio_cors_init(&cors, options, data, &why), 0);
    sio_request *request = request_of(method, fields);
    assert_int_equal(sio_cors_put(&cors, request, &headers), result);
    sio_buf_byte(&headers.lines, '\0');
    assert_string_equal(headers.lines.data, lines);
    sio_buf_free(&headers.lines);
    sio_request_free(request);
    sio_cors_free(&cors);
}

static void nothing_is_said_without_the_option(void **state)
{
    (void)state;
    expect_lines(&(sio_cors_options){ 0 }, NULL, "OPTIONS", "Origin: http://a\r\n", 0, "");
}

static void any_origin(void **state)
{
    (void)state;
    const sio_cors_options options = { .origins = SIO_ORIGINS("*") };
    expect_lines(&options, NULL, "GET", "Origin: http://a\r\n", 0,
                 "Access-Control-Allow-Origin: *\r\n");
    expect_lines(&options, NULL, "GET", "", 0, "Access-Control-Allow-Origin: *\r\n");
    expect_lines(&options, NULL, "OPTIONS", "Access-Control-Request-Headers: x-a,x-b\r\n", 1,
                 "Access-Control-Allow-Origin: *\r\n"
                 "Vary: Access-Control-Request-Headers\r\n"
                 "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n"
                 "Access-Control-Allow-Headers: x-a,x-b\r\n");
}

static void listed_origins(void **state)
{
    (void)state;
    const sio_cors_options options = { .origins = SIO_ORIGINS("http://a", "*.b.org"),
                                       .credentials = true,
                                       .methods = "GET",
                                       .allowed_headers = "x-a",
                                       .exposed_headers = "x-b",
                                       .max_age_s = 60 };
    expect_lines(&options, NULL, "GET", "Origin: http://a\r\n", 0,
                 "Access-Control-Allow-Origin: http://a\r\n"
                 "Access-Control-Allow-Credentials: true\r\n"
                 "Access-Control-Expose-Headers: x-b\r\n"
                 "Vary: Origin\r\n");
    expect_lines(&options, NULL, "POST", "Origin: http://stranger\r\n", 0,
                 "Access-Control-Allow-Credentials: true\r\n"
                 "Access-Control-Expose-Headers: x-b\r\n"
                 "Vary: Origin\r\n");
    expect_lines(&options, NULL, "OPTIONS",
                 "Origin: https://c.b.org\r\nAccess-Control-Request-Headers: x-z\r\n", 1,
                 "Access-Control-Allow-Origin: https://c.b.org\r\n"
                 "Access-Control-Allow-Credentials: true\r\n"
                 "Access-Control-Expose-Headers: x-b\r\n"
                 "Vary: Origin\r\n"
                 "Access-Control-Allow-Methods: GET\r\n"
                 "Access-Control-Allow-Headers: x-a\r\n"
                 "Access-Control-Max-Age: 60\r\n");
}

static bool allows(const char *origin, void *data)
{
    const char **seen = data;
    *seen = origin ? "one" : "none";
    return origin && strcmp(origin, "http://a") == 0;
}

static void the_application_decides(void **state)
{
    (void)state;
    const char *seen = "";
    const sio_cors_options options = { .allows = allows };
    expect_lines(&options, &seen, "GET", "Origin: http://a\r\n", 0,
                 "Access-Control-Allow-Origin: http://a\r\nVary: Origin\r\n");
    assert_string_equal(seen, "one");
    expect_lines(&options, &seen, "OPTIONS", "Origin: http://b\r\n", 0, "");
    expect_lines(&options, &seen, "GET", "", 0, "");
    assert_string_equal(seen, "none");
}

static void what_is_too_long_is_not_repeated(void **state)
{
    (void)state;
    char fields[SIO_LIMIT_NAME + 200];
    const char *seen = "";
    snprintf(fields, sizeof(fields), "Origin: http://%0*d.b.org\r\n", SIO_LIMIT_ORIGIN, 0);
    expect_lines(&(sio_cors_options){ .origins = SIO_ORIGINS("*.b.org") }, NULL, "GET", fields, 0,
                 "Vary: Origin\r\n");
    expect_lines(&(sio_cors_options){ .allows = allows }, &seen, "GET", fields, 0, "");
    assert_string_equal(seen, "");
    snprintf(fields, sizeof(fields), "Access-Control-Request-Headers: %0*d\r\n", SIO_LIMIT_NAME + 1,
             0);
    expect_lines(&(sio_cors_options){ .origins = SIO_ORIGINS("*") }, NULL, "OPTIONS", fields, 1,
                 "Access-Control-Allow-Origin: *\r\n"
                 "Vary: Access-Control-Request-Headers\r\n"
                 "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n");
}

/* The longest of everything together is still within the limit of an answer. */
static void the_longest_answer_fits(void **state)
{
    (void)state;
    char list[SIO_LIMIT_NAME + 1], fields[SIO_LIMIT_ORIGIN + 20];
    snprintf(list, sizeof(list), "%0*d", SIO_LIMIT_NAME, 0);
    snprintf(fields, sizeof(fields), "Origin: %0*d\r\n", SIO_LIMIT_ORIGIN, 0);
    const sio_cors_options options = { .origins = SIO_ORIGINS("x", "y"),
                                       .credentials = true,
                                       .methods = list,
                                       .allowed_headers = list,
                                       .exposed_headers = list,
                                       .max_age_s = INT32_MIN };
    sio_cors cors;
    const char *why;
    sio_headers headers = { 0 };
    assert_int_equal(sio_cors_init(&cors, &options, NULL, &why), 0);
    sio_request *request = request_of("OPTIONS", fields);
    assert_int_equal(sio_cors_put(&cors, request, &headers), 1);
    assert_in_range(headers.lines.len + SIO_LIMIT_ORIGIN, 3 * SIO_LIMIT_NAME,
                    SIO_LIMIT_ANSWER_HEADERS - SIO_LIMIT_NAME);
    sio_buf_free(&headers.lines);
    sio_request_free(request);
    sio_cors_free(&cors);
}

static bool lets_in(const sio_cors_options *options, const char *fields)
{
    const char *seen;
    sio_cors cors;
    const char *why;
    assert_int_equal(sio_cors_init(&cors, options, &seen, &why), 0);
    sio_request *request = request_of("GET", fields);
    const bool in = sio_cors_lets_in(&cors, request);
    sio_request_free(request);
    sio_cors_free(&cors);
    return in;
}

static void pages_of_other_origins_are_not_let_in(void **state)
{
    (void)state;
    const struct {
        const char *fields;
        bool in;
    } cases[] = {
        { "", true },
        { "Origin: http://a\r\n", true },
        { "Origin: https://x.b.org\r\n", true },
        { "Origin: https://b.org\r\n", false },
        { "Origin: http://a.evil\r\n", false },
        { "Origin: null\r\n", false },
        { "Origin: \r\n", false },
        { "Host: here:80\r\nOrigin: http://HERE:80\r\n", true },
        { "Host: here:80\r\nOrigin: http://here\r\n", false },
        { "Host: here\r\nOrigin: https://here\r\n", true },
        { "Host: here\r\nOrigin: ftp://here\r\n", false },
        { "Host: here\r\nOrigin: https://here.evil\r\n", false },
    };
    const sio_cors_options checked = { .origins = SIO_ORIGINS("http://a", "*.b.org"),
                                       .check_origin = true };
    const sio_cors_options asked = { .allows = allows, .check_origin = true };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(lets_in(&checked, cases[i].fields), cases[i].in);
    char fields[SIO_LIMIT_ORIGIN + 40];
    snprintf(fields, sizeof(fields), "Origin: http://%0*d.b.org\r\n", SIO_LIMIT_ORIGIN, 0);
    assert_false(lets_in(&checked, fields));
    assert_true(lets_in(&asked, "Origin: http://a\r\n"));
    assert_false(lets_in(&asked, "Origin: http://b\r\n"));
    assert_true(lets_in(&(sio_cors_options){ .origins = SIO_ORIGINS("http://a") },
                        "Origin: http://evil\r\n"));
}

static void options_that_make_no_sense(void **state)
{
    (void)state;
    const struct {
        sio_cors_options options;
        const char *why;
    } cases[] = {
        { { .credentials = true }, "cors has neither origins nor allows" },
        { { .max_age_s = 1 }, "cors has neither origins nor allows" },
        { { .check_origin = true }, "cors has neither origins nor allows" },
        { { .origins = SIO_ORIGINS("*"), .check_origin = true },
          "cors.check_origin means nothing where every origin is allowed" },
        { { .origins = SIO_ORIGINS("a"), .allows = allows }, "cors has both origins and allows" },
        { { .origins = SIO_ORIGINS("a", "*") }, "cors.origins: \"*\" stands alone" },
        { { .origins = SIO_ORIGINS("*", "a") }, "cors.origins: \"*\" stands alone" },
        { { .origins = SIO_ORIGINS("*.*") }, "cors.origins: a pattern has one \"*\"" },
        { { .origins = SIO_ORIGINS("") }, "cors.origins: an origin is empty" },
        { { .origins = SIO_ORIGINS("*"), .methods = "GET\r\nX: y" },
          "cors: a list is longer than 1024 bytes or has a control character" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sio_cors cors;
        const char *why = NULL;
        assert_int_equal(sio_cors_init(&cors, &cases[i].options, NULL, &why), SIO_EINVAL);
        assert_string_equal(why, cases[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_stand_for_parts_of_hosts),
        cmocka_unit_test(nothing_is_said_without_the_option),
        cmocka_unit_test(any_origin),
        cmocka_unit_test(listed_origins),
        cmocka_unit_test(the_application_decides),
        cmocka_unit_test(what_is_too_long_is_not_repeated),
        cmocka_unit_test(the_longest_answer_fits),
        cmocka_unit_test(pages_of_other_origins_are_not_let_in),
        cmocka_unit_test(options_that_make_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
