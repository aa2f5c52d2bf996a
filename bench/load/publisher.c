#include "load/publisher.h"

#include <hiredis/adapters/libuv.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include <sio/sys/cluster.h>
#include <sio/sys/mem.h>

#include "load/client.h"

static int fail(const bench_publisher *publisher, const char *what, const char *detail)
{
    char text[512];

    if (publisher->closing)
        return -1;
    (void)snprintf(text, sizeof text, "%s: %s", what, detail);
    publisher->on_failure(text, publisher->data);
    return -1;
}

static void on_connect(const redisAsyncContext *redis, int status)
{
    bench_publisher *publisher = redis->data;

    if (status == REDIS_OK)
        return;
    publisher->redis = NULL; /* hiredis frees it */
    fail(publisher, "could not connect to Redis", redis->errstr);
}

static void on_disconnect(const redisAsyncContext *redis, int status)
{
    bench_publisher *publisher = redis->data;

    (void)status;
    publisher->redis = NULL;
    fail(publisher, "lost Redis", redis->errstr);
}

/* NULL on a connection that ends, which is told elsewhere. */
static bool refused(const bench_publisher *publisher, const redisReply *reply)
{
    if (reply && reply->type == REDIS_REPLY_ERROR)
        fail(publisher, "Redis refused", reply->str);
    return !reply || reply->type == REDIS_REPLY_ERROR;
}

static void on_greeted(redisAsyncContext *redis, void *reply, void *data)
{
    (void)redis, (void)data;
    (void)refused(redis->data, reply);
}

static void on_pong(redisAsyncContext *redis, void *reply, void *data)
{
    bench_publisher *publisher = redis->data;

    (void)data;
    if (!refused(publisher, reply))
        publisher->on_ready(publisher->data);
}

static void on_published(redisAsyncContext *redis, void *data, void *unused)
{
    bench_publisher *publisher = redis->data;
    const redisReply *reply = data;

    (void)unused;
    if (!refused(publisher, reply) && reply->integer == 0)
        fail(publisher, "a broadcast reached no server",
             "does the server use this Redis, and the same key?");
}

static int greet(const bench_publisher *publisher)
{
    const sio_redis_url *url = &publisher->url;
    redisAsyncContext *redis = publisher->redis;
    int err = 0;

    if (url->password && url->user)
        err = redisAsyncCommand(redis, on_greeted, NULL, "AUTH %s %s", url->user, url->password);
    else if (url->password)
        err = redisAsyncCommand(redis, on_greeted, NULL, "AUTH %s", url->password);
    return err | redisAsyncCommand(redis, on_pong, NULL, "PING");
}

/* Runs of one letter, or what shrinks to about a third as JSON does. */
static void fill_text(char *text, uint32_t size, bool compressible)
{
    uint32_t at = 0;

    memset(text, 'x', size);
    for (unsigned id = 1; compressible && at < size; id++) {
        char record[80];
        const int len = snprintf(record, sizeof record, "id: %u, price: %u.%02u, name: item %x; ",
                                 id, id * 7919 % 1000, id * 104729 % 100, id * 2654435761u);
        const uint32_t left = size - at;

        memcpy(text + at, record, (uint32_t)len < left ? (uint32_t)len : left);
        at += (uint32_t)len;
    }
    memset(text, '0', BENCH_DIGITS);
    text[size] = '\0';
}

/* [uid, {type, data: ["b", "000000000000xxx…"], nsp}, {rooms, …}] */
static int write_message(bench_publisher *publisher)
{
    uint32_t size = publisher->options->payload;
    sio_str room = sio_str_from(publisher->options->room);
    char *text = sio_mem_alloc(size + 1);

    if (!text)
        return fail(publisher, "the publisher", "out of memory");
    fill_text(text, size, publisher->options->deflate);
    const sio_value items[] = { sio_value_of_string(SIO_STR(BENCH_EVENT)),
                                sio_value_of_string((sio_str){ text, size }) };
    const sio_cluster_message message = { .uid = SIO_STR(SIO_CLUSTER_EMITTER_UID),
                                          .nsp = SIO_STR("/"),
                                          .rooms = &room,
                                          .rooms_count = room.data ? 1 : 0,
                                          .flags.present = true,
                                          .data = sio_value_of_array(items, 2) };
    sio_cluster_message_write(&publisher->message, &message, SIO_CLUSTER_EMITTER);
    sio_cluster_channel(&publisher->channel, sio_str_from(publisher->options->key), SIO_STR("/"),
                        room);
    const sio_buf *bytes = &publisher->message;
    const char *digits = bytes->err ? NULL : memmem(bytes->data, bytes->len, text, size);
    sio_mem_free(text);
    if (!digits || publisher->channel.err)
        return fail(publisher, "the publisher", "out of memory");
    publisher->digits = (size_t)(digits - bytes->data);
    return 0;
}

static int open_connection(bench_publisher *publisher)
{
    const sio_redis_url *url = &publisher->url;
    redisAsyncContext *redis =
        url->path ? redisAsyncConnectUnix(url->path) : redisAsyncConnect(url->host, url->port);

    if (!redis)
        return fail(publisher, "the publisher", "out of memory");
    publisher->redis = redis;
    redis->data = publisher;
    if (redis->err)
        return fail(publisher, "could not connect to Redis", redis->errstr);
    if (redisLibuvAttach(redis, publisher->loop) != REDIS_OK ||
        redisAsyncSetConnectCallback(redis, on_connect) != REDIS_OK ||
        redisAsyncSetDisconnectCallback(redis, on_disconnect) != REDIS_OK ||
        greet(publisher) != REDIS_OK)
        return fail(publisher, "could not connect to Redis", "no more sockets or memory");
    return 0;
}

int bench_publisher_open(bench_publisher *publisher)
{
    char detail[256] = "";

    if (sio_redis_url_read(&publisher->url, publisher->options->redis, detail, sizeof detail))
        return fail(publisher, "--redis", detail);
    return write_message(publisher) ? -1 : open_connection(publisher);
}

void bench_publisher_publish(bench_publisher *publisher, uint64_t sequence)
{
    char *digits = publisher->message.data + publisher->digits;
    const char *words[] = { "PUBLISH", publisher->channel.data, publisher->message.data };
    const size_t sizes[] = { 7, publisher->channel.len, publisher->message.len };

    if (!publisher->redis)
        return;
    for (int i = BENCH_DIGITS; i-- > 0; sequence /= 10)
        digits[i] = (char)('0' + sequence % 10);
    if (redisAsyncCommandArgv(publisher->redis, on_published, NULL, 3, words, sizes) != REDIS_OK)
        fail(publisher, "could not publish", publisher->redis->errstr);
}

void bench_publisher_close(bench_publisher *publisher)
{
    redisAsyncContext *redis = publisher->redis;

    publisher->closing = true;
    publisher->redis = NULL;
    if (redis)
        redisAsyncFree(redis);
}

void bench_publisher_free(bench_publisher *publisher)
{
    sio_redis_url_free(&publisher->url);
    sio_buf_free(&publisher->channel);
    sio_buf_free(&publisher->message);
}
