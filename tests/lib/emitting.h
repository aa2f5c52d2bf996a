/* Emitters, a Redis of their own that they emit to, and one that a script plays (fake_redis.h). */
#ifndef SIO_TESTS_EMITTING_H
#define SIO_TESTS_EMITTING_H

#include <stdio.h>

#include <hiredis/hiredis.h>

#include <sio/emitter.h>

#include "fake_redis.h"
#include "redis_process.h"

static redis_process redis;
static redisContext *admin;
static char redis_url[80], fake_url[80];

static inline void meet_redis(void)
{
    admin = redisConnectUnix(redis.socket);
    assert_true(admin && !admin->err);
}

static inline void stop_redis(void)
{
    redisFree(admin);
    redis_process_kill(&redis);
}

static inline void start_redis(void)
{
    redis_process_again(&redis);
    meet_redis();
}

static inline int set_up(void **state)
{
    (void)state;
    redis_process_start(&redis, NULL);
    meet_redis();
    (void)snprintf(redis_url, sizeof redis_url, "unix:%s", redis.socket);
    (void)snprintf(fake_path, sizeof fake_path, "%s/fake", redis.folder);
    (void)snprintf(fake_url, sizeof fake_url, "unix:%s", fake_path);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    stop_redis();
    unlink(fake_path);
    redis_process_end(&redis);
    return 0;
}

static inline void administer(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    redisReply *reply = redisvCommand(admin, format, arguments);
    va_end(arguments);
    assert_non_null(reply);
    assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
    freeReplyObject(reply);
}

static inline const char *url_of(const char *credentials)
{
    static char url[160];

    (void)snprintf(url, sizeof url, "redis://%s127.0.0.1:%d", credentials, redis.port);
    return url;
}

static inline redisContext *subscribe(void)
{
    redisContext *subscriber = redisConnectUnix(redis.socket);

    assert_true(subscriber && !subscriber->err);
    freeReplyObject(redisCommand(subscriber, "PSUBSCRIBE *"));
    return subscriber;
}

static inline sio_emitter *connect_to(const char *url)
{
    sio_emitter *emitter;
    int err = sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = url });

    assert_int_equal(err, 0);
    assert_string_equal(sio_emitter_error(emitter), "");
    return emitter;
}

static inline void assert_refused(const char *url, int expected, const char *part)
{
    sio_emitter *emitter;
    const uint32_t timeout_ms = expected == SIO_ETIMEOUT ? 100 : 10000;
    const sio_emitter_options options = { .redis = url, .timeout_ms = timeout_ms };
    int err = sio_emitter_new(&emitter, &options);

    assert_int_equal(err, expected);
    assert_non_null(strstr(sio_emitter_error(emitter), part));
    sio_emitter_free(emitter);
}

/* A message has come, on that channel and with these bytes. */
static inline void assert_published(redisContext *subscriber, const char *channel, const char *hex)
{
    void *answer;
    char text[1024] = "";

    assert_int_equal(redisGetReply(subscriber, &answer), REDIS_OK);
    redisReply *reply = answer;
    assert_int_equal(reply->elements, 4);
    assert_string_equal(reply->element[2]->str, channel);
    assert_true(reply->element[3]->len * 2 < sizeof text);
    for (size_t i = 0; i < reply->element[3]->len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", (unsigned char)reply->element[3]->str[i]);
    assert_string_equal(text, hex);
    freeReplyObject(reply);
}

#endif
