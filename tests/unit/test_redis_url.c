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

static void clusters_have_several_hosts(void **state)
{
    (void)state;
    sio_redis_url url;
    char detail[128];
    assert_int_equal(sio_redis_url_read(&url, "rediss+cluster://me:p@a,[::1]:7000,b:1/", NULL, 0),
                     0);
    assert_true(url.cluster && url.tls);
    assert_null(url.host);
    assert_string_equal(url.user, "me");
    assert_int_equal(url.sentinels_count, 3);
    assert_string_equal(url.sentinels[0].host, "a");
    assert_int_equal(url.sentinels[0].port, 6379);
    assert_string_equal(url.sentinels[1].host, "::1");
    assert_int_equal(url.sentinels[1].port, 7000);
    assert_int_equal(url.sentinels[2].port, 1);
    sio_redis_url_free(&url);
    static const char *const bad[] = { "redis+cluster://", "redis+cluster://a,,b",
                                       "redis+cluster://a/1", "redis+cluster://a?sentinel_user=u" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sio_redis_url_read(&url, bad[i], detail, sizeof detail), SIO_EURL);
}

static void parameters_are_read(void **state)
{
    (void)state;
    sio_redis_url url;
    assert_int_equal(sio_redis_url_read(&url,
                                        "rediss://me@h/2?ca=/c%20a&cert=/c&key=/k&server_name=n&"
                                        "password_file=/p%3d",
                                        NULL, 0),
                     0);
    assert_true(url.tls);
    assert_string_equal(url.host, "h");
    assert_string_equal(url.user, "me");
    assert_null(url.password);
    assert_string_equal(url.password_file, "/p=");
    assert_int_equal(url.db, 2);
    assert_string_equal(url.ca, "/c a");
    assert_string_equal(url.cert, "/c");
    assert_string_equal(url.key, "/k");
    assert_string_equal(url.server_name, "n");
    sio_redis_url_free(&url);
    assert_int_equal(sio_redis_url_read(&url, "unix:/s?db=3&user=me&password_file=/p", NULL, 0), 0);
    assert_false(url.tls);
    assert_string_equal(url.path, "/s");
    assert_string_equal(url.user, "me");
    assert_int_equal(url.db, 3);
    sio_redis_url_free(&url);
}

static void sentinels_are_listed(void **state)
{
    (void)state;
    sio_redis_url url;
    assert_int_equal(sio_redis_url_read(&url,
                                        "redis+sentinel://me:p%2c@a,[::1]:7,c:8/my%20master/4"
                                        "?sentinel_user=s&sentinel_password_file=/s",
                                        NULL, 0),
                     0);
    assert_null(url.host);
    assert_false(url.tls);
    assert_string_equal(url.user, "me");
    assert_string_equal(url.password, "p,");
    assert_string_equal(url.master, "my master");
    assert_int_equal(url.db, 4);
    assert_int_equal(url.sentinels_count, 3);
    assert_string_equal(url.sentinels[0].host, "a");
    assert_int_equal(url.sentinels[0].port, 26379);
    assert_string_equal(url.sentinels[1].host, "::1");
    assert_int_equal(url.sentinels[1].port, 7);
    assert_string_equal(url.sentinels[2].host, "c");
    assert_string_equal(url.sentinel_user, "s");
    assert_string_equal(url.sentinel_password_file, "/s");
    sio_redis_url_free(&url);
    assert_int_equal(sio_redis_url_read(&url, "rediss+sentinel://a/m?ca=/ca", NULL, 0), 0);
    assert_true(url.tls);
    assert_int_equal(url.sentinels_count, 1);
    sio_redis_url_free(&url);
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
    "redis://h?",
    "redis://h?x",
    "redis://h?ca=/ca",
    "redis://h?user=me",
    "redis://h?password_file=",
    "redis://h?password_file=%zz",
    "redis://h?password_file=/p&password_file=/p",
    "redis://h?password_file=/p&",
    "redis://:hunter2@h?password_file=/p",
    "redis://@h",
    "redis://@h?password_file=/p",
    "rediss://",
    "rediss://h?key=/k",
    "rediss://h?verify=no",
    "rediss://h?sentinel_user=x",
    "redis+sentinel://h",
    "redis+sentinel://h/",
    "redis+sentinel:///m",
    "redis+sentinel://h,/m",
    "redis+sentinel://,h/m",
    "redis+sentinel://h:0/m",
    "redis+sentinel://h/m/x",
    "redis+sentinel://h/m/1/2",
    "redis+sentinel://h/m?sentinel_user=x",
    "redis+sentinel://h/%/1",
    "redis+sentinel://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17/m",
    "unix:/s?user=me",
    "unix:/s?ca=/ca",
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
    "unix::",
    "unix:?db=1",
    "unix:/s?db=",
    "unix:/s?db=x",
    "unix:/s?x=1",
    "redis://:hunter2?hunter=3@h",
    "redis://:hunter2?hunter=3&x=4@h",
    "redis://me?hunter2=3@h",
    "unix:/s?hunter2=1",
};

static void bad_ones_are_refused_with_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sio_redis_url url = { .port = 42 };
        char detail[256] = "";
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

static void unknown_parameters_are_named_with_those_there_are(void **state)
{
    (void)state;
    static const char *const expected[][2] = {
        { "redis://h?ca=/ca",
          "Redis URL: no parameter \"ca\" here, only password_file; write %3F for a "
          "question mark in a password" },
        { "unix:/s?x=1",
          "Redis URL: no parameter \"x\" here, only db, password_file, user; write %3F "
          "for a question mark in a password" },
        { "redis://x?a=b@h", "Redis URL: no parameter \"...\" here, only password_file; write "
                             "%3F for a question mark in a password" },
        { "rediss+sentinel://h/m?abcdefghijklmnopqrstuvwxyz_abc=1",
          "Redis URL: no parameter \"abcdefghijklmnopqrstuvwxyz_abc\" here, only password_file, "
          "ca, "
          "cert, key, server_name, sentinel_user, sentinel_password_file; write %3F for a question "
          "mark in a password" },
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        sio_redis_url url;
        char detail[256];
        assert_int_equal(sio_redis_url_read(&url, expected[i][0], detail, sizeof detail), SIO_EURL);
        assert_string_equal(detail, expected[i][1]);
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
        cmocka_unit_test(clusters_have_several_hosts),
        cmocka_unit_test(parameters_are_read),
        cmocka_unit_test(sentinels_are_listed),
        cmocka_unit_test(bad_ones_are_refused_with_a_sentence),
        cmocka_unit_test(unknown_parameters_are_named_with_those_there_are),
        cmocka_unit_test(paths_fit_into_a_socket_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
