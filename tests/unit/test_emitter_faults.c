/* An emitter whose Redis misbehaves: what is told, what is tried again, and what must not be. */
#include "emitting.h"

static void a_deaf_redis_times_out(void **state)
{
    pid_t silent = FAKE_REDIS({ ACCEPT, "" });

    (void)state;
    assert_refused(fake_url, SIO_ETIMEOUT, "100 ms");
    end_fake(silent);
    pid_t slow = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PO" });
    assert_refused(fake_url, SIO_ETIMEOUT, "100 ms");
    end_fake(slow);
}

static void what_is_no_redis_is_told(void **state)
{
    pid_t web = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "HTTP/1.1 400\r\n" });

    (void)state;
    assert_refused(fake_url, SIO_EREDIS, "not Redis");
    end_fake(web);
    pid_t loud = FAKE_REDIS({ ACCEPT, "" }, { ANSWER, "$2000000000\r\n" }, { FLOOD, "" });
    assert_refused(fake_url, SIO_EREDIS, "too long");
    end_fake(loud);
    pid_t shy = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { HANG_UP, "" });
    assert_refused(fake_url, SIO_ECONNECT, "lost the connection");
    end_fake(shy);
}

/* The first connection dies in the very moment of the write: no signal, and a second try. */
static void what_was_not_written_is_repeated(void **state)
{
    pid_t fake = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { DEAFEN, "" },
                            { ANSWER, "+PONG\r\n" }, { ACCEPT, "" }, { EXPECT, "PING" },
                            { ANSWER, "+PONG\r\n" }, { EXPECT, "PUBLISH" }, { ANSWER, ":7\r\n" });
    sio_emitter *emitter = connect_to(fake_url);

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 7);
    sio_emitter_free(emitter);
    end_fake(fake);
}

/* It may have arrived: sending it again could double it. */
static void what_was_written_is_not_repeated(void **state)
{
    pid_t fake =
        FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PONG\r\n" },
                   { EXPECT, "PUBLISH" }, { HANG_UP, "" }, { ACCEPT, "" }, { EXPECT, "PING" },
                   { ANSWER, "+PONG\r\n" }, { EXPECT, "PUBLISH" }, { ANSWER, ":1\r\n" });
    sio_emitter *emitter = connect_to(fake_url);

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_ECONNECT);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 1);
    sio_emitter_free(emitter);
    end_fake(fake);
}

/* ---- again and again ---- */

static sio_emitter *patient(const char *url)
{
    sio_emitter *emitter;

    assert_int_equal(
        sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = url, .retry_ms = 10000 }), 0);
    return emitter;
}

static void a_redis_that_loads_is_waited_for(void **state)
{
    pid_t fake = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "-LOADING it\r\n" },
                            { ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PONG\r\n" },
                            { EXPECT, "PUBLISH" }, { ANSWER, "-LOADING again\r\n" },
                            { EXPECT, "PUBLISH" }, { ANSWER, ":3\r\n" });
    sio_emitter *emitter = patient(fake_url);

    (void)state;
    assert_string_equal(sio_emitter_error(emitter), "");
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 3);
    assert_string_equal(sio_emitter_error(emitter), "");
    sio_emitter_free(emitter);
    end_fake(fake);
}

/* Patience is no reason to double a message. */
static void what_may_be_there_is_not_sent_again(void **state)
{
    pid_t fake = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PONG\r\n" },
                            { EXPECT, "PUBLISH" }, { HANG_UP, "" });
    sio_emitter *emitter = patient(fake_url);

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_ECONNECT);
    assert_int_equal(sio_emitter_unsure(emitter), 1);
    sio_emitter_free(emitter);
    end_fake(fake);
}

static void patience_ends(void **state)
{
    sio_emitter *emitter;
    const sio_emitter_options options = { .redis = "redis://127.0.0.1:1", .retry_ms = 60 };

    (void)state;
    assert_int_equal(sio_emitter_new(&emitter, &options), SIO_ECONNECT);
    assert_int_equal(sio_emitter_unsure(emitter), 0);
    sio_emitter_free(emitter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deaf_redis_times_out),
        cmocka_unit_test(what_is_no_redis_is_told),
        cmocka_unit_test(what_was_not_written_is_repeated),
        cmocka_unit_test(what_was_written_is_not_repeated),
        cmocka_unit_test(a_redis_that_loads_is_waited_for),
        cmocka_unit_test(what_may_be_there_is_not_sent_again),
        cmocka_unit_test(patience_ends),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
