/* What an emitter asks: of nobody, of those who do not answer, and without the right to. */
#include "emitting.h"

/* Something that is counted as a node, and does not answer. */
static redisContext *pretend(const char *verb, const char *channel)
{
    redisContext *subscriber = redisConnectUnix(redis.socket);

    assert_true(subscriber && !subscriber->err);
    freeReplyObject(redisCommand(subscriber, "%s %s", verb, channel));
    return subscriber;
}

static void nobody_is_asked(void **state)
{
    (void)state;
    for (int adapter = SIO_EMITTER_CLASSIC; adapter <= SIO_EMITTER_STREAMS; adapter++) {
        sio_emitter *emitter;
        sio_emitter_answers *answers;

        assert_int_equal(
            sio_emitter_new(&emitter,
                            &(sio_emitter_options){ .redis = redis_url,
                                                    .adapter = (sio_emitter_adapter)adapter }),
            0);
        assert_int_equal(sio_emitter_server_count(emitter, NULL), 0);
        assert_int_equal(sio_emitter_emit_ack(emitter, NULL, 0, &answers, "foo", "s", "bar"), 0);
        assert_int_equal(answers->nodes, 0);
        assert_int_equal(sio_value_count(answers->values), 0);
        sio_emitter_answers_free(answers);
        assert_int_equal(sio_emitter_emit_ack(emitter, NULL, 0, &answers, "connect", NULL),
                         SIO_ERESERVED);
        assert_null(answers);
        assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 0);
        sio_emitter_free(emitter);
    }
    sio_emitter_answers_free(NULL);
}

static void who_does_not_answer_is_missing(void **state)
{
    static const struct {
        sio_emitter_adapter adapter;
        const char *verb, *channel;
    } kinds[] = { { SIO_EMITTER_CLASSIC, "SUBSCRIBE", "socket.io-request#/#" },
                  { SIO_EMITTER_SHARDED, "SSUBSCRIBE", "socket.io#/#" },
                  { SIO_EMITTER_STREAMS, "SUBSCRIBE", "socket.io#/#" } };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        redisContext *node = pretend(kinds[i].verb, kinds[i].channel);
        sio_emitter *emitter;
        sio_emitter_answers *answers;
        const sio_emitter_options options = { .redis = redis_url, .adapter = kinds[i].adapter };

        assert_int_equal(sio_emitter_new(&emitter, &options), 0);
        assert_int_equal(sio_emitter_server_count(emitter, NULL), 1);
        assert_int_equal(sio_emitter_fetch_sockets(emitter, NULL, 500, &answers), SIO_ETIMEOUT);
        assert_int_equal(answers->nodes, 1);
        assert_int_equal(answers->missing_nodes, 1);
        assert_non_null(strstr(sio_emitter_error(emitter), "1 of 1 servers"));
        sio_emitter_answers_free(answers);
        assert_int_equal(sio_emitter_sockets_join(emitter, NULL, SIO_EMITTER_ROOMS("a")), 1);
        sio_emitter_free(emitter);
        redisFree(node);
    }
}

/* Nothing is asked of those whom it could not hear. */
static void the_right_to_hear_is_needed(void **state)
{
    redisContext *node = subscribe();
    sio_emitter_answers *answers;

    (void)state;
    administer("ACL SETUSER deaf on >pw +ping +hello +publish +pubsub &*");
    sio_emitter *emitter = connect_to(url_of("deaf:pw@"));
    assert_int_equal(sio_emitter_server_side_emit_ack(emitter, NULL, 5000, &answers, "e", NULL),
                     SIO_EAUTH);
    assert_null(answers);
    assert_int_equal(sio_emitter_server_side_emit(emitter, NULL, "after", NULL), 1);
    void *heard;
    assert_int_equal(redisGetReply(node, &heard), REDIS_OK);
    assert_non_null(strstr(((redisReply *)heard)->element[3]->str, "after"));
    freeReplyObject(heard);
    sio_emitter_free(emitter);
    administer("ACL DELUSER deaf");
    redisFree(node);
}

/* It was not asked: nothing is in doubt. */
static void the_right_to_ask_is_needed(void **state)
{
    sio_emitter_answers *answers;

    (void)state;
    administer("ACL SETUSER mute on >pw +ping +hello +subscribe +pubsub &*");
    sio_emitter *emitter = connect_to(url_of("mute:pw@"));
    assert_int_equal(sio_emitter_emit_ack(emitter, NULL, 5000, &answers, "e", NULL), SIO_EAUTH);
    assert_null(answers);
    assert_int_equal(sio_emitter_unsure(emitter), 0);
    sio_emitter_free(emitter);
    administer("ACL DELUSER mute");
}

/* The rules that docs/redis.md has for emitters: what stands first, and what questions need. */
static void the_least_rights(void **state)
{
    static const char *const rules[][2] = {
        { "&socket.io#/#* &socket.io-request#/# +ping +publish",
          "&socket.io-response#/#* +hello +subscribe +pubsub|numsub" },
        { "&socket.io#/#* +ping +spublish", "+hello +ssubscribe +pubsub|shardnumsub" },
        { "~socket.io +ping +xadd", "&socket.io#/#* +pubsub|numsub +publish +hello +subscribe" },
    };
    sio_emitter_answers *answers;
    char command[256];

    (void)state;
    for (int adapter = SIO_EMITTER_CLASSIC; adapter <= SIO_EMITTER_STREAMS; adapter++) {
        const int heard = adapter == SIO_EMITTER_STREAMS; /* it is in the stream, that is all */
        sio_emitter *emitter;
        char url[160];

        (void)snprintf(command, sizeof command,
                       "ACL SETUSER least on >pw resetkeys resetchannels %s", rules[adapter][0]);
        administer(command);
        (void)snprintf(url, sizeof url, "%s", url_of("least:pw@"));
        const sio_emitter_options options = { .redis = url,
                                              .adapter = (sio_emitter_adapter)adapter };
        assert_int_equal(sio_emitter_new(&emitter, &options), 0);
        assert_int_equal(sio_emitter_emit(emitter, NULL, "e", NULL), heard);
        assert_int_equal(sio_emitter_sockets_join(emitter, NULL, SIO_EMITTER_ROOMS("a")), heard);
        assert_int_equal(sio_emitter_server_side_emit(emitter, NULL, "e", NULL), heard);
        assert_int_equal(sio_emitter_count(emitter, NULL, 5000, &answers), SIO_EAUTH);
        (void)snprintf(command, sizeof command, "ACL SETUSER least %s", rules[adapter][1]);
        administer(command);
        assert_int_equal(sio_emitter_count(emitter, NULL, 5000, &answers), 0);
        sio_emitter_answers_free(answers);
        assert_int_equal(sio_emitter_emit(emitter, NULL, "e", NULL), 0);
        sio_emitter_free(emitter);
        administer("ACL DELUSER least");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_asked),
        cmocka_unit_test(who_does_not_answer_is_missing),
        cmocka_unit_test(the_right_to_hear_is_needed),
        cmocka_unit_test(the_right_to_ask_is_needed),
        cmocka_unit_test(the_least_rights),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
