/* The query of an Engine.IO request. */
#include "check.h"

#include "net/query.h"

/* The parameter of a URL that ends where its memory does. */
static int param(const char *url, const char *name, char *out, size_t size)
{
    size_t len = strlen(url);
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, url, len);
    int result = sio_query_param((sio_str){ copy, len }, name, out, size);
    free(copy);
    return result;
}

static void reads_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        int len;
        const char *value;
    } cases[] = {
        { "/", -1, "" },
        { "/?", -1, "" },
        { "/?ab=1&xa=2", -1, "" },
        { "/a?a=1", 1, "1" },
        { "/?a", 0, "" },
        { "/?a=", 0, "" },
        { "/?a=1&a=2", 1, "2" },
        { "/?b=1&a=x=y&c", 3, "x=y" },
        { "/?a=%41%4a+%20", 4, "AJ  " },
        { "/?%61=1", 1, "1" },
        { "/?a=%", 1, "%" },
        { "/?a=%4", 2, "%4" },
        { "/?a=%zz", 3, "%zz" },
        { "/?&&a=1&&", 1, "1" },
        { "/?a=1#a=2", 1, "1" },
        { "/#?a=1", -1, "" },
        { "/?b?a=1", -1, "" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[16] = "";
        assert_int_equal(param(cases[i].url, "a", out, sizeof(out)), cases[i].len);
        assert_string_equal(out, cases[i].value);
    }
}

static void cuts_long_values_and_says_so(void **state)
{
    (void)state;
    char out[4];
    assert_int_equal(param("/?a=12345", "a", out, sizeof(out)), 5);
    assert_string_equal(out, "123");
    assert_int_equal(param("/?a=1234", "a", out, sizeof(out)), 4);
    assert_string_equal(out, "123");
    assert_int_equal(param("/?a=123", "a", out, sizeof(out)), 3);
    assert_string_equal(out, "123");
}

static void truncations_are_safe(void **state)
{
    (void)state;
    static const char url[] = "/socket.io/?EIO=4&transport=%70olling&sid=%41%42+#x";
    char text[sizeof(url)];
    for (size_t len = 0; len < sizeof(url); len++) {
        char out[21];
        memcpy(text, url, len);
        text[len] = '\0';
        assert_in_range(param(text, "sid", out, sizeof(out)) + 1, 0, 8);
    }
}

static sio_engine_query query_of(const char *url)
{
    sio_engine_query query;
    sio_query_read(&query, sio_str_from(url));
    return query;
}

static void reads_queries(void **state)
{
    (void)state;
    sio_engine_query query = query_of("/socket.io/?EIO=4&transport=polling&t=abc");
    assert_int_equal(query.transport, SIO_EIO_POLLING);
    assert_int_equal(query.dialect, SIO_EIO_4);
    assert_string_equal(query.sid, "");
    query = query_of("/socket.io/?EIO=3&transport=websocket&sid=abcdefghijklmnopqrst");
    assert_int_equal(query.transport, SIO_EIO_WEBSOCKET);
    assert_int_equal(query.dialect, SIO_EIO_3);
    assert_string_equal(query.sid, "abcdefghijklmnopqrst");
    query = query_of("/?transport=webtransport&EIO=44");
    assert_int_equal(query.transport, -1);
    assert_int_equal(query.dialect, SIO_EIO_3);
    assert_int_equal(query_of("/?EIO=4").transport, -1);
    assert_int_equal(query_of("/?EIO=4&b64=1").dialect, SIO_EIO_4);
    assert_int_equal(query_of("/?EIO=3&b64=1").dialect, SIO_EIO_3_BASE64);
    assert_int_equal(query_of("/?b64=true").dialect, SIO_EIO_3_BASE64);
    assert_int_equal(query_of("/?EIO=3&b64=").dialect, SIO_EIO_3);
    assert_int_equal(query_of("/?transport=polling%00").transport, -1);
}

static void ids_that_cannot_be_are_no_ids(void **state)
{
    (void)state;
    assert_string_equal(query_of("/?sid=abcdefghijklmnopqrstu").sid, "?");
    assert_string_equal(query_of("/?sid=abc%00def").sid, "?");
    assert_string_equal(query_of("/?sid=%00").sid, "?");
    assert_string_equal(query_of("/?sid=").sid, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_parameters),
        cmocka_unit_test(cuts_long_values_and_says_so),
        cmocka_unit_test(truncations_are_safe),
        cmocka_unit_test(reads_queries),
        cmocka_unit_test(ids_that_cannot_be_are_no_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
