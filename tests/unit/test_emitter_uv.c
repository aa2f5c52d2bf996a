/* The emitter of a libuv loop, with a Redis of its own. */
#include "await.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include <sio/emitter_uv.h>
#include <sio/sys/limits.h>

#include "redis_process.h"

static redis_process redis;
static sio_uv_emitter *emitter;
static redisContext *ear;
static int state;
static char refusal[128];
static bool closed;
static bool emits_when_ready;

static void on_state(sio_uv_emitter *which, sio_cluster_state now, const char *detail, void *data)
{
    (void)detail;
    assert_ptr_equal(data, &state);
    assert_false(closed);
    state = (int)now;
    if (now == SIO_CLUSTER_READY && emits_when_ready)
        assert_int_equal(sio_uv_emitter_emit(which, NULL, "ready", NULL), 0);
}

static void on_refused(sio_uv_emitter *which, const char *why, void *data)
{
    (void)which, (void)data;
    snprintf(refusal, sizeof refusal, "%s", why);
}

static void on_closed(void *data)
{
    assert_ptr_equal(data, &closed);
    closed = true;
}

static void open_emitter(const char *url, sio_emitter_adapter adapter)
{
    const sio_uv_emitter_options options = { .redis = url,
                                             .adapter = adapter,
                                             .on_state = on_state,
                                             .on_refused = on_refused,
                                             .data = &state };
    state = -1;
    closed = false;
    assert_int_equal(sio_uv_emitter_new(&emitter, &loop, &options), 0);
}

static const char *url_of(const char *credentials)
{
    static char url[96];
    snprintf(url, sizeof url, "redis://%s127.0.0.1:%d", credentials, redis.port);
    return url;
}

static void close_emitter(void)
{
    sio_uv_emitter_close(emitter, on_closed, &closed);
    assert_false(closed);
    AWAIT(closed);
}

static uint64_t waiting(void)
{
    sio_cluster_stats stats;
    sio_uv_emitter_stats(emitter, &stats);
    return stats.queued_bytes;
}

static int begin(void **unused)
{
    (void)unused;
    redis_process_start(&redis, NULL);
    await_open();
    ear = redisConnect("127.0.0.1", redis.port);
    assert_true(ear && !ear->err);
    freeReplyObject(redisCommand(ear, "PSUBSCRIBE *"));
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    redisFree(ear);
    redis_process_end(&redis);
    emits_when_ready = false;
    return await_close();
}

/* The next message, which has the text in it. */
static void hears(const char *channel, const char *part)
{
    void *answer;
    assert_int_equal(redisGetReply(ear, &answer), REDIS_OK);
    redisReply *reply = answer;
    assert_int_equal(reply->elements, 4);
    assert_string_equal(reply->element[2]->str, channel);
    assert_non_null(memmem(reply->element[3]->str, reply->element[3]->len, part, strlen(part)));
    freeReplyObject(reply);
}

static long number_of_clients(void)
{
    redisContext *admin = redisConnect("127.0.0.1", redis.port);
    redisReply *reply = redisCommand(admin, "CLIENT LIST");
    long count = 0;
    for (const char *at = reply->str; (at = strchr(at, '\n')); at++)
        count++;
    freeReplyObject(reply);
    redisFree(admin);
    return count - 1;
}

static void all_that_can_be_said(void **unused)
{
    const sio_emitter_target news = { .rooms = SIO_EMITTER_ROOMS("news") };
    (void)unused;
    open_emitter(url_of(""), SIO_EMITTER_CLASSIC);
    assert_int_equal(sio_uv_emitter_emit(emitter, &news, "early", "s", "bird"), 0);
    AWAIT(state == SIO_CLUSTER_READY && !waiting());
    hears("socket.io#/#news#", "early");
    assert_int_equal(number_of_clients(), 2); /* the ear, and one connection */
    assert_int_equal(sio_uv_emitter_emit(emitter, NULL, "disconnect", NULL), SIO_ERESERVED);
    assert_non_null(strstr(sio_uv_emitter_error(emitter), "disconnect"));
    assert_int_equal(sio_uv_emitter_emit(emitter, NULL, "e", "["), SIO_EFORMAT);
    assert_string_not_equal(sio_uv_emitter_error(emitter), "");
    assert_int_equal(sio_uv_emitter_sockets_join(emitter, &news, SIO_EMITTER_ROOMS("a")), 0);
    assert_int_equal(sio_uv_emitter_sockets_leave(emitter, &news, SIO_EMITTER_ROOMS("b")), 0);
    assert_int_equal(sio_uv_emitter_disconnect_sockets(emitter, NULL, 1), 0);
    assert_int_equal(sio_uv_emitter_server_side_emit(emitter, "adm", "hello", "i", 7), 0);
    assert_string_equal(sio_uv_emitter_error(emitter), "");
    close_emitter();
    hears("socket.io-request#/#", "\"rooms\":[\"a\"]");
    hears("socket.io-request#/#", "\"rooms\":[\"b\"]");
    hears("socket.io-request#/#", "\"close\":true");
    hears("socket.io-request#/adm#", "[\"hello\",7]");
}

/* Whatever comes first: the loop has not even run. */
static void closing_waits_for_what_is_there(void **unused)
{
    (void)unused;
    open_emitter(url_of(""), SIO_EMITTER_CLASSIC);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(sio_uv_emitter_emit(emitter, NULL, "e", "i", i), 0);
    sio_uv_emitter_close(emitter, on_closed, &closed);
    sio_uv_emitter_close(emitter, NULL, NULL);
    assert_int_equal(sio_uv_emitter_emit(emitter, NULL, "late", NULL), SIO_ECLOSED);
    AWAIT(closed);
    assert_int_equal(state, -1);
    for (int i = 0; i < 1000; i++)
        hears("socket.io#/#", "e");
    open_emitter(url_of(""), SIO_EMITTER_CLASSIC);
    close_emitter();
    sio_uv_emitter_close(NULL, NULL, NULL);
}

static void redis_may_be_away(void **unused)
{
    sio_cluster_stats stats;
    (void)unused;
    open_emitter(url_of(""), SIO_EMITTER_CLASSIC);
    AWAIT(state == SIO_CLUSTER_READY);
    redis_process_kill(&redis);
    AWAIT(state == SIO_CLUSTER_DISCONNECTED);
    assert_int_equal(sio_uv_emitter_emit(emitter, NULL, "later", NULL), 0);
    assert_true(waiting() > 0);
    emits_when_ready = true;
    redis_process_again(&redis);
    AWAIT(state == SIO_CLUSTER_READY && !waiting());
    sio_uv_emitter_stats(emitter, &stats);
    assert_int_equal(stats.published, 2);
    assert_int_equal(stats.published_lost, 0);
    assert_int_equal(stats.connects, 2);
    redis_process_kill(&redis);
    AWAIT(state == SIO_CLUSTER_DISCONNECTED);
    assert_int_equal(sio_uv_emitter_emit(emitter, NULL, "never", NULL), 0);
    close_emitter();
    redis_process_again(&redis);
}

static void what_waits_has_a_maximum(void **unused)
{
    static char megabyte[1024 * 1024];
    sio_cluster_stats stats;
    int err = 0, count = 0;
    (void)unused;
    redis_process_kill(&redis);
    open_emitter(url_of(""), SIO_EMITTER_CLASSIC);
    for (; !err && count < 100; count++)
        err = sio_uv_emitter_emit(emitter, NULL, "e", "B", megabyte, sizeof megabyte);
    assert_int_equal(err, SIO_ELIMIT);
    assert_non_null(strstr(sio_uv_emitter_error(emitter), "waits"));
    sio_uv_emitter_stats(emitter, &stats);
    assert_true(stats.queued_bytes <= SIO_LIMIT_REDIS_QUEUE);
    assert_int_equal(stats.published_lost, 1);
    AWAIT(state == SIO_CLUSTER_DISCONNECTED);
    close_emitter();
    redis_process_again(&redis);
}

static void refusals_are_told(void **unused)
{
    (void)unused;
    redisContext *admin = redisConnect("127.0.0.1", redis.port);
    freeReplyObject(redisCommand(admin, "ACL SETUSER mute on >pw +ping"));
    open_emitter(url_of("mute:pw@"), SIO_EMITTER_STREAMS);
    assert_int_equal(sio_uv_emitter_emit(emitter, NULL, "e", NULL), 0);
    AWAIT(*refusal);
    assert_non_null(strstr(refusal, "NOPERM"));
    close_emitter();
    open_emitter(url_of(""), SIO_EMITTER_STREAMS);
    assert_int_equal(sio_uv_emitter_emit(emitter, NULL, "e", NULL), 0);
    close_emitter();
    redisReply *reply = redisCommand(admin, "XLEN socket.io");
    assert_int_equal(reply->integer, 1);
    freeReplyObject(reply);
    redisFree(admin);
}

static void what_is_wrong_is_told(void **unused)
{
    char error[128] = "";
    sio_uv_emitter_options options = { .redis = "http://x",
                                       .error = error,
                                       .error_size = sizeof error };
    (void)unused;
    assert_int_equal(sio_uv_emitter_new(&emitter, &loop, &options), SIO_EURL);
    assert_string_not_equal(error, "");
    options.redis = "redis://me@127.0.0.1?password_file=/nowhere/at/all";
    assert_int_equal(sio_uv_emitter_new(&emitter, &loop, &options), SIO_EACCESS);
    assert_non_null(strstr(error, "/nowhere/at/all"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_that_can_be_said, begin, end),
        cmocka_unit_test_setup_teardown(closing_waits_for_what_is_there, begin, end),
        cmocka_unit_test_setup_teardown(redis_may_be_away, begin, end),
        cmocka_unit_test_setup_teardown(what_waits_has_a_maximum, begin, end),
        cmocka_unit_test_setup_teardown(refusals_are_told, begin, end),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
