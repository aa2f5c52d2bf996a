#include <sio/sys/limits.h>

#include "emitting.h"

/* Channels and bytes that @socket.io/redis-emitter 5.1.0 publishes for the same calls. */
static void bytes_are_those_of_the_reference(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);
    sio_emitter_target target = { .rooms = SIO_EMITTER_ROOMS("news") };

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", "s", "bar"), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a57"
                     "26f6f6d7390a5666c61677380a665786365707490");
    assert_int_equal(sio_emitter_emit(emitter, &target, "headline", "{s:s}[iifbn]", "title", "café",
                                      1, -1, 1.5, 1),
                     1);
    assert_published(subscriber, "socket.io#/#news#",
                     "93a7656d697474657283a47479706502a46461746193a8686561646c696e6581a57469746c65a"
                     "5636166c3a99501ffcb3ff8000000000000c3c0a36e7370a12f83a5726f6f6d7391a46e657773"
                     "a5666c61677380a665786365707490");
    assert_int_equal(sio_emitter_emit(emitter, NULL, "bin", "Bs", "\1\2\3", (size_t)3, "after"), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746193a362696ec403010203a56166746572a36"
                     "e7370a12f83a5726f6f6d7390a5666c61677380a665786365707490");
    assert_int_equal(sio_emitter_emit(emitter, NULL, "when", "D", (int64_t)1500), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746192a47768656ed7ff7735940000000001a36"
                     "e7370a12f83a5726f6f6d7390a5666c61677380a665786365707490");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void targets_are_those_of_the_reference(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    sio_emitter_target admins = { .nsp = "admin",
                                  .rooms = SIO_EMITTER_ROOMS("a", "b"),
                                  .except = SIO_EMITTER_ROOMS("c") };
    assert_int_equal(sio_emitter_emit(emitter, &admins, "x", NULL), 1);
    assert_published(subscriber, "socket.io#/admin#",
                     "93a7656d697474657283a47479706502a46461746191a178a36e7370a62f61646d696e83a5726"
                     "f6f6d7392a161a162a5666c61677380a665786365707491a163");

    sio_emitter_target twice = { .rooms = SIO_EMITTER_ROOMS("a", "a"),
                                 .flags = SIO_EMITTER_VOLATILE | SIO_EMITTER_UNCOMPRESSED };
    assert_int_equal(sio_emitter_emit(emitter, &twice, "dup", NULL), 1);
    assert_published(
        subscriber, "socket.io#/#a#",
        "93a7656d697474657283a47479706502a46461746191a3647570a36e7370a12f83a5726f6f6d7"
        "391a161a5666c61677382a8766f6c6174696c65c3a8636f6d7072657373c2a665786365707490");

    sio_emitter_target loose = { .flags = SIO_EMITTER_VOLATILE };
    assert_int_equal(sio_emitter_emit(emitter, &loose, "v", NULL), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746191a176a36e7370a12f83a5726f6f6d7390a"
                     "5666c61677381a8766f6c6174696c65c3a665786365707490");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void the_key_names_the_channel(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter;
    sio_emitter_target target = { .nsp = "/n", .except = SIO_EMITTER_ROOMS("z") };

    (void)state;
    assert_int_equal(
        sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = redis_url, .key = "app" }), 0);
    assert_int_equal(sio_emitter_emit(emitter, &target, "foo", "s", "bar"), 1);
    assert_published(subscriber, "app#/n#",
                     "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a22f6e83a"
                     "5726f6f6d7390a5666c61677380a665786365707491a17a");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void nobody_listens(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 0);
    assert_string_equal(sio_emitter_error(emitter), "");
    sio_emitter_free(emitter);
}

/* ---- what does not ---- */

static void assert_not_sent(sio_emitter *emitter, const sio_emitter_target *target,
                            const char *event, const char *text, int expected)
{
    assert_int_equal(sio_emitter_emit(emitter, target, event, "s", text), expected);
    assert_string_not_equal(sio_emitter_error(emitter), "");
}

static void what_is_wrong_is_refused(void **state)
{
    static const char *const reserved[] = { "connect",       "connect_error", "disconnect",
                                            "disconnecting", "newListener",   "removeListener" };
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);
    sio_emitter_target bad_room = { .rooms = SIO_EMITTER_ROOMS("ok", "\xff") };
    sio_emitter_target bad_except = { .except = SIO_EMITTER_ROOMS("\xed\xa0\x80") };

    (void)state;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        assert_not_sent(emitter, NULL, reserved[i], "", SIO_ERESERVED);
    assert_not_sent(emitter, NULL, "\xc0\x80", "", SIO_EUTF8);
    assert_not_sent(emitter, NULL, "e", "\xff", SIO_EUTF8);
    assert_not_sent(emitter, &bad_room, "e", "", SIO_EUTF8);
    assert_not_sent(emitter, &bad_except, "e", "", SIO_EUTF8);
    assert_not_sent(emitter, &(sio_emitter_target){ .nsp = "\xff" }, "e", "", SIO_EUTF8);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "e", "["), SIO_EFORMAT);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "e", "[BBBBBBBBBB]{s:B}", NULL, (size_t)0,
                                      NULL, (size_t)0, NULL, (size_t)0, NULL, (size_t)0, NULL,
                                      (size_t)0, NULL, (size_t)0, NULL, (size_t)0, NULL, (size_t)0,
                                      NULL, (size_t)0, NULL, (size_t)0, "k", NULL, (size_t)0),
                     SIO_ELIMIT);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", "s", "bar"), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a57"
                     "26f6f6d7390a5666c61677380a665786365707490");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void a_message_has_a_maximum(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);
    void *bytes = calloc(1, SIO_LIMIT_PUBLISH);

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "e", "B", bytes, (size_t)SIO_LIMIT_PUBLISH),
                     SIO_ELIMIT);
    assert_int_equal(
        sio_emitter_emit(emitter, NULL, "e", "B", bytes, (size_t)SIO_LIMIT_PUBLISH - 128), 0);
    free(bytes);
    sio_emitter_free(emitter);
}

/* ---- connections ---- */

static void a_dead_connection_is_made_anew(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    for (int i = 0; i < 3; i++) {
        administer("CLIENT KILL TYPE normal SKIPME yes");
        assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 1);
    }
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void redis_may_go_and_come_back(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    stop_redis();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_ECONNECT);
        assert_non_null(strstr(sio_emitter_error(emitter), redis.socket));
    }
    start_redis();
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 0);
    assert_string_equal(sio_emitter_error(emitter), "");
    sio_emitter_free(emitter);
}

static void passwords_are_needed_and_checked(void **state)
{
    (void)state;
    administer("ACL SETUSER bob on >pw +publish +ping &*");
    administer("CONFIG SET requirepass se@cret");
    assert_refused(url_of(""), SIO_EAUTH, "NOAUTH");
    assert_refused(url_of(":guess@"), SIO_EAUTH, "WRONGPASS");
    assert_refused(url_of("bob:guess@"), SIO_EAUTH, "WRONGPASS");
    sio_emitter_free(connect_to(url_of(":se%40cret@")));
    sio_emitter_free(connect_to(url_of("bob:pw@")));
    administer("CONFIG SET requirepass %s", "");
    assert_refused(url_of(":needless@"), SIO_EAUTH, "AUTH");
    administer("ACL DELUSER bob");
}

static void the_right_to_publish_is_needed(void **state)
{
    sio_emitter *emitter;

    (void)state;
    administer("ACL SETUSER mute on >pw +ping");
    emitter = connect_to(url_of("mute:pw@"));
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_EAUTH);
    assert_non_null(strstr(sio_emitter_error(emitter), "NOPERM"));
    sio_emitter_free(emitter);
    administer("ACL DELUSER mute");
}

static void the_database_must_exist(void **state)
{
    char url[96];

    (void)state;
    (void)snprintf(url, sizeof url, "%s?db=3", redis_url);
    sio_emitter_free(connect_to(url));
    (void)snprintf(url, sizeof url, "%s?db=1000", redis_url);
    assert_refused(url, SIO_EREDIS, "out of range");
}

static void nobody_at_the_port(void **state)
{
    (void)state;
    assert_refused("redis://127.0.0.1:1", SIO_ECONNECT, "127.0.0.1 port 1: ");
}

static void urls_are_checked(void **state)
{
    sio_emitter *emitter;

    (void)state;
    assert_refused("http://localhost", SIO_EURL, "");
    assert_refused("redis://localhost:99999", SIO_EURL, "");
    assert_int_equal(sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = "nonsense" }),
                     SIO_EURL);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_EURL);
    sio_emitter_free(emitter);
    const sio_emitter_options cluster = { .redis = "redis+cluster://192.0.2.1:6379" };
    assert_int_equal(sio_emitter_new(&emitter, &cluster), SIO_EURL);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_EURL);
    sio_emitter_free(emitter);
    sio_emitter_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_reference),
        cmocka_unit_test(targets_are_those_of_the_reference),
        cmocka_unit_test(the_key_names_the_channel),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(a_message_has_a_maximum),
        cmocka_unit_test(a_dead_connection_is_made_anew),
        cmocka_unit_test(redis_may_go_and_come_back),
        cmocka_unit_test(passwords_are_needed_and_checked),
        cmocka_unit_test(the_right_to_publish_is_needed),
        cmocka_unit_test(the_database_must_exist),
        cmocka_unit_test(nobody_at_the_port),
        cmocka_unit_test(urls_are_checked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
