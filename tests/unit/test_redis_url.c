/* URLs of Redis servers. */
#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/redis_url.h>

#include "check.h"

static const struct good {
    const char *url;
    struct {
        const char *host, *path, *user, *password;
        int port, db;
    } expected;
} good[] = {
    { "redis://127.0.0.1:6380/3", { .host = "127.0.0.1", .port = 6380, .db = 3 } },
    { "redis://localhost", { .host = "localhost", .port = 6379 } },
    { "REDIS://localhost/", { .host = "localhost", .port = 6379 } },
    { "redis://[::1]:7000", { .host = "::1", .port = 7000 } },
    { "redis://[fe80::1]/2", { .host = "fe80::1", .port = 6379, .db = 2 } },
    { "redis://:secret@h", { .host = "h", .port = 6379, .password = "secret" } },
    { "redis://me:a%40b%2Fc%3a@h:1",
      { .host = "h", .port = 1, .user = "me", .password = "a@b/c:" } },
    { "redis://me:a@b@h", { .host = "h", .port = 6379, .user = "me", .password = "a@b" } },
    { "redis://m%3Ae:x:y@h:65535",
      { .host = "h", .port = 65535, .user = "m:e", .password = "x:y" } },
    { "redis://me:p@[::1]:7000/15",
      { .host = "::1", .port = 7000, .user = "me", .password = "p", .db = 15 } },
    { "redis://h/2147483647", { .host = "h", .port = 6379, .db = 2147483647 } },
    { "unix:/run/redis.sock", { .path = "/run/redis.sock", .port = 6379 } },
    { "unix:///run/redis.sock?db=4", { .path = "/run/redis.sock", .port = 6379, .db = 4 } },
    { "unix:redis.sock", { .path = "redis.sock", .port = 6379 } },
};

static void assert_text(const char *text, const char *expected)
{
    if (expected)
        assert_string_equal(text, expected);
    else
        assert_null(text);
}

static void good_ones_are_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        sio_redis_url url;
        assert_int_equal(sio_redis_url_read(&url, good[i].url, NULL, 0), 0);
        assert_text(url.host, good[i].expected.host);
        assert_text(url.path, good[i].expected.path);
        assert_text(url.user, good[i].expected.user);
        assert_text(url.password, good[i].expected.password);
        assert_int_equal(url.port, good[i].expected.port);
        assert_int_equal(url.db, good[i].expected.db);
        sio_redis_url_free(&url);
        assert_null(url.storage);
    }
}

static const char *const bad[] = {
    "",
    "redis",
    "redis:",
    "redis:/h",
    "redis://",
    "redis:///1",
    "redis://:6379",
    "http://h",
    "h:6379",
    "rediss://h",
    "redis://h:",
    "redis://h:0",
    "redis://h:65536",
    "redis://h:99999999999999999999",
    "redis://h:1x",
    "redis://h:-1",
    "redis://h/x",
    "redis://h/-1",
    "redis://h/1/2",
    "redis://h/2147483648",
    "redis://h?db=1",
    "redis://h/1#x",
    "redis://::1",
    "redis://[::1",
    "redis://[::1]x",
    "redis://[]",
    "redis://[h]",
    "redis://[]:1",
    "redis://[h]:1",
    "redis://hunter2@h",
    "redis://me:@h",
    "redis://:hunter2%@h",
    "redis://:hunter2%4@h",
    "redis://:hunter2%zz@h",
    "redis://:hunter2%00@h",
    "redis://:hunter2@",
    "redis://:hunter2@h:x",
    "redis://:hunter2/x@h",
    "redis://:hunter2?@h",
    "redis://:hunter2 @h",
    "redis://h\r\nQUIT",
    "unix:",
    "unix://",
    "unix:?db=1",
    "unix:/s?db=",
    "unix:/s?db=x",
    "unix:/s?x=1",
};

static void bad_ones_are_refused_with_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sio_redis_url url = { .port = 42 };
        char detail[128] = "";
        int err = sio_redis_url_read(&url, bad[i], detail, sizeof detail);
        if (err != SIO_EURL)
            print_error("\"%s\": %d\n", bad[i], err);
        assert_int_equal(err, SIO_EURL);
        assert_int_equal(url.port, 42);
        assert_true(strlen(detail) > 20 && strlen(detail) < sizeof detail - 1);
        assert_null(strstr(detail, "hunter"));
        assert_int_equal(sio_redis_url_read(&url, bad[i], NULL, 0), SIO_EURL);
    }
}

static void paths_fit_into_a_socket_address(void **state)
{
    (void)state;
    char text[5 + SIO_LIMIT_UNIX_PATH + 2] = "unix:";
    sio_redis_url url;
    memset(text + 5, 'p', SIO_LIMIT_UNIX_PATH);
    assert_int_equal(sio_redis_url_read(&url, text, NULL, 0), 0);
    assert_int_equal(strlen(url.path), SIO_LIMIT_UNIX_PATH);
    sio_redis_url_free(&url);
    text[5 + SIO_LIMIT_UNIX_PATH] = 'p';
    assert_int_equal(sio_redis_url_read(&url, text, NULL, 0), SIO_EURL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones_are_taken_apart),
        cmocka_unit_test(bad_ones_are_refused_with_a_sentence),
        cmocka_unit_test(paths_fit_into_a_socket_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
