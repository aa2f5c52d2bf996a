/* Many messages at once. */
#include "emitting.h"

static void assert_tally(sio_emitter *emitter, int expected, sio_emitter_tally wanted)
{
    sio_emitter_tally tally;

    assert_int_equal(sio_emitter_flush(emitter, &tally), expected);
    assert_memory_equal(&tally, &wanted, sizeof tally);
}

static void a_batch_is_what_single_emits_are(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);
    sio_emitter_target news = { .rooms = SIO_EMITTER_ROOMS("news") };

    (void)state;
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", "s", "bar"), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "connect", NULL), SIO_ERESERVED);
    assert_int_equal(sio_emitter_queue(emitter, &news, "foo", NULL), 0);
    assert_tally(emitter, 0, (sio_emitter_tally){ .heard = 2 });
    assert_tally(emitter, 0, (sio_emitter_tally){ 0 });
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a57"
                     "26f6f6d7390a5666c61677380a665786365707490");
    assert_published(subscriber, "socket.io#/#news#",
                     "93a7656d697474657283a47479706502a46461746191a3666f6fa36e7370a12f83a5726f6f6d7"
                     "391a46e657773a5666c61677380a665786365707490");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void a_large_batch_is_written_in_parts(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    for (int i = 0; i < 50000; i++)
        assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", "i", i), 0);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "then", NULL), 0);
    assert_tally(emitter, 0, (sio_emitter_tally){ .unheard = 50000 });
    sio_emitter_free(emitter);
}

static void what_a_batch_has_refused_is_counted(void **state)
{
    (void)state;
    administer("ACL SETUSER one on >pw +ping +publish &socket.io#/#one#");
    sio_emitter *emitter = connect_to(url_of("one:pw@"));
    sio_emitter_target one = { .rooms = SIO_EMITTER_ROOMS("one") };
    assert_int_equal(sio_emitter_queue(emitter, &one, "foo", NULL), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", NULL), 0);
    assert_tally(emitter, SIO_EAUTH, (sio_emitter_tally){ .unheard = 1, .refused = 1 });
    assert_non_null(strstr(sio_emitter_error(emitter), "NOPERM"));
    sio_emitter_free(emitter);
    administer("ACL DELUSER one");
}

static void a_batch_outlives_its_connection(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", NULL), 0);
    administer("CLIENT KILL TYPE normal SKIPME yes");
    assert_tally(emitter, 0, (sio_emitter_tally){ .unheard = 1 });
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", NULL), 0);
    stop_redis();
    assert_tally(emitter, SIO_ECONNECT, (sio_emitter_tally){ .unsent = 1 });
    assert_int_equal(sio_emitter_unsure(emitter), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", NULL), 0);
    start_redis();
    assert_tally(emitter, 0, (sio_emitter_tally){ .unheard = 2 });
    sio_emitter_free(emitter);
}

static void a_batch_has_a_maximum(void **state)
{
    static char megabyte[1024 * 1024];
    sio_emitter *emitter = connect_to(redis_url);
    unsigned queued = 0;
    int err = 0;

    (void)state;
    stop_redis();
    for (int i = 0; i < 100 && err != SIO_ELIMIT; i++) {
        err = sio_emitter_queue(emitter, NULL, "e", "B", megabyte, sizeof megabyte);
        queued += err != SIO_ELIMIT;
    }
    assert_int_equal(err, SIO_ELIMIT);
    assert_tally(emitter, SIO_ECONNECT, (sio_emitter_tally){ .unsent = queued });
    start_redis();
    assert_int_equal(sio_emitter_queue(emitter, NULL, "e", NULL), 0);
    assert_tally(emitter, 0, (sio_emitter_tally){ .unheard = queued + 1 });
    sio_emitter_free(emitter);
}

/* Two are answered; the third may have arrived. */
static void what_is_in_doubt_is_told(void **state)
{
    pid_t fake =
        FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PONG\r\n" }, { EXPECT, "third" },
                   { ANSWER, ":1\r\n:0\r\n" }, { HANG_UP, "" }, { ACCEPT, "" }, { EXPECT, "PING" },
                   { ANSWER, "+PONG\r\n" }, { EXPECT, "fourth" }, { ANSWER, ":1\r\n" });
    sio_emitter *emitter = connect_to(fake_url);

    (void)state;
    assert_int_equal(sio_emitter_queue(emitter, NULL, "first", NULL), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "second", NULL), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "third", NULL), 0);
    assert_tally(emitter, SIO_ECONNECT,
                 (sio_emitter_tally){ .heard = 1, .unheard = 1, .unsure = 1 });
    assert_int_equal(sio_emitter_unsure(emitter), 1);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "fourth", NULL), 0);
    assert_tally(emitter, 0, (sio_emitter_tally){ .heard = 1 });
    assert_int_equal(sio_emitter_unsure(emitter), 0);
    sio_emitter_free(emitter);
    end_fake(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_what_single_emits_are),
        cmocka_unit_test(a_large_batch_is_written_in_parts),
        cmocka_unit_test(what_a_batch_has_refused_is_counted),
        cmocka_unit_test(a_batch_outlives_its_connection),
        cmocka_unit_test(a_batch_has_a_maximum),
        cmocka_unit_test(what_is_in_doubt_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
