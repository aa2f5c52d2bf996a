#include "check.h"

#include "core/handshake.h"

/* The texts are handed over in blocks of their exact size, so that reading beyond them shows. */
static sio_str exact(const char *text, size_t len, char **storage)
{
    *storage = malloc(len ? len : 1);
    assert_non_null(*storage);
    memcpy(*storage, text, len);
    return (sio_str){ *storage, len };
}

static sio_handshake *with_url(const char *url, size_t len)
{
    char *storage;
    const sio_handshake_info info = { .url = exact(url, len, &storage),
                                      .address = SIO_STR("::1"),
                                      .issued_ms = 77 };
    sio_handshake *handshake = sio_handshake_new(&info);
    assert_non_null(handshake);
    free(storage);
    return handshake;
}

static void expect_query(const char *url, const char *name, const char *value)
{
    sio_handshake *handshake = with_url(url, strlen(url));
    const char *found = sio_handshake_query_get(handshake, name);
    if (value)
        assert_string_equal(found, value);
    else
        assert_null(found);
    sio_handshake_free(handshake);
}

static void queries_are_decoded(void **state)
{
    (void)state;
    expect_query("/?a=1&b=2", "a", "1");
    expect_query("/?a=1&b=2", "b", "2");
    expect_query("/?a=1&b=2", "c", NULL);
    expect_query("/?a=1&a=2", "a", "2");
    expect_query("/?a", "a", "");
    expect_query("/?a=", "a", "");
    expect_query("/?=x", "", "x");
    expect_query("/?&&a=1&&", "a", "1");
    expect_query("/?a=b=c", "a", "b=c");
    expect_query("/?a=one+two%20three%2Bfour", "a", "one two three+four");
    expect_query("/?%61%3d=%e2%82%AC", "a=", "\xe2\x82\xac");
    expect_query("/?a=%&b=1", "a", "%");
    expect_query("/?a=%4&b=1", "a", "%4");
    expect_query("/?a=%zz", "a", "%zz");
    expect_query("/?a=x%00y&b=1", "a", "xy");
    expect_query("/?a=x%00y&b=1", "b", "1");
    expect_query("/?a=1#b=2&c=3", "c", NULL);
    expect_query("/?a=1?b=2", "a", "1?b=2");
    expect_query("/", "a", NULL);
    expect_query("", "a", NULL);
    expect_query("/?", "", NULL);
    expect_query("/?a=1", NULL, NULL);
}

static void every_short_query_fits(void **state)
{
    (void)state;
    static const char digits[] = "a=&%0+?";
    char url[8] = "?";
    for (unsigned number = 0; number < 7 * 7 * 7 * 7 * 7 * 7; number++) {
        unsigned rest = number;
        for (int i = 1; i < 7; i++, rest /= 7)
            url[i] = digits[rest % 7];
        sio_handshake *handshake = with_url(url, 7);
        (void)sio_handshake_query_get(handshake, "no such name");
        assert_string_equal(sio_handshake_url(handshake), url);
        sio_handshake_free(handshake);
    }
}

static void headers_are_lowered_and_joined(void **state)
{
    (void)state;
    const sio_handshake_header headers[] = {
        { SIO_STR("Host"), SIO_STR("example.org") }, { SIO_STR("X-Many"), SIO_STR("one") },
        { SIO_STR("Cookie"), SIO_STR("a=1") },       { SIO_STR("x-MANY"), SIO_STR("Two") },
        { SIO_STR("X-Empty"), SIO_STR("") },         { SIO_STR("cookie"), SIO_STR("b=2") },
        { SIO_STR("X-Nul"), { "a\0b", 3 } },         { SIO_STR("X-Many"), SIO_STR("") },
        { SIO_STR("Last"), SIO_STR("value of it") },
    };
    const sio_handshake_info info = { .url = SIO_STR("/x?host=query"),
                                      .headers = headers,
                                      .header_count = sizeof(headers) / sizeof(*headers),
                                      .address = SIO_STR("192.0.2.1"),
                                      .issued_ms = 99 };
    sio_handshake *handshake = sio_handshake_new(&info);
    assert_non_null(handshake);
    assert_string_equal(sio_handshake_header_get(handshake, "host"), "example.org");
    assert_string_equal(sio_handshake_header_get(handshake, "x-many"), "one, Two, ");
    assert_string_equal(sio_handshake_header_get(handshake, "cookie"), "a=1; b=2");
    assert_string_equal(sio_handshake_header_get(handshake, "x-empty"), "");
    assert_string_equal(sio_handshake_header_get(handshake, "x-nul"), "ab");
    assert_string_equal(sio_handshake_header_get(handshake, "last"), "value of it");
    assert_null(sio_handshake_header_get(handshake, "Host"));
    assert_null(sio_handshake_header_get(handshake, "example.org"));
    assert_null(sio_handshake_header_get(handshake, NULL));
    assert_string_equal(sio_handshake_query_get(handshake, "host"), "query");
    assert_string_equal(sio_handshake_url(handshake), "/x?host=query");
    assert_string_equal(sio_handshake_address(handshake), "192.0.2.1");
    assert_int_equal(sio_handshake_issued(handshake), 99);
    sio_handshake_free(handshake);
}

static void lives_as_long_as_anyone_wants_it(void **state)
{
    (void)state;
    sio_handshake *handshake = with_url("/", 1);
    assert_ptr_equal(sio_handshake_ref(handshake), handshake);
    sio_handshake_free(handshake);
    assert_string_equal(sio_handshake_url(handshake), "/");
    sio_handshake_free(handshake);
    sio_handshake_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_are_decoded),
        cmocka_unit_test(every_short_query_fits),
        cmocka_unit_test(headers_are_lowered_and_joined),
        cmocka_unit_test(lives_as_long_as_anyone_wants_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
