#include "load/publisher.h"

#include <hiredis/adapters/libuv.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include <sio/sys/cluster.h>
#include <sio/sys/value.h>

#include "load/text.h"

/* Names of rooms elsewhere. */
#define NOISY_ROOMS 1000

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

static void on_noise(redisAsyncContext *redis, void *data, void *unused)
{
    (void)unused;
    (void)refused(redis->data, data);
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

/* [uid, {type, data: ["b", "000000000000xxx…"], nsp}, {rooms, …}] */
static int parcel_write(bench_parcel *parcel, const bench_options *options, sio_str room)
{
    sio_buf text = { 0 };

    bench_text_append(&text, options->payload, options->deflate);
    const sio_value items[] = { sio_value_of_string(SIO_STR("b")),
                                sio_value_of_string((sio_str){ text.data, text.len }) };
    const sio_cluster_message message = { .uid = SIO_STR(SIO_CLUSTER_EMITTER_UID),
                                          .nsp = SIO_STR("/"),
                                          .rooms = &room,
                                          .rooms_count = room.data ? 1 : 0,
                                          .flags.present = true,
                                          .data = sio_value_of_array(items, 2) };
    sio_buf_clear(&parcel->message);
    sio_buf_clear(&parcel->channel);
    if (!text.err)
        sio_cluster_message_write(&parcel->message, &message, SIO_CLUSTER_EMITTER);
    sio_cluster_channel(&parcel->channel, sio_str_from(options->key), SIO_STR("/"), room);
    const sio_buf *bytes = &parcel->message;
    const char *digits = bytes->err ? NULL : memmem(bytes->data, bytes->len, text.data, text.len);
    sio_buf_free(&text);
    if (!digits || parcel->channel.err)
        return -1;
    parcel->digits = (size_t)(digits - bytes->data);
    parcel->room_len = room.len;
    if (room.data) /* the last of its kind: the options come last */
        parcel->room = parcel->digits + options->payload;
    while (room.data && memcmp(bytes->data + parcel->room, room.data, room.len) != 0)
        parcel->room++;
    parcel->addressee = parcel->channel.len - room.len - 1;
    return 0;
}

/* -1 when memory is out. */
static int parcel_address(bench_parcel *parcel, const bench_options *options, sio_str room)
{
    if (!parcel->message.len || room.len != parcel->room_len)
        return parcel_write(parcel, options, room);
    if (room.len) {
        memcpy(parcel->message.data + parcel->room, room.data, room.len);
        memcpy(parcel->channel.data + parcel->addressee, room.data, room.len);
    }
    return 0;
}

static void parcel_free(bench_parcel *parcel)
{
    sio_buf_free(&parcel->channel);
    sio_buf_free(&parcel->message);
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
    return open_connection(publisher);
}

static void send_parcel(bench_publisher *publisher, const bench_parcel *parcel,
                        redisCallbackFn *answered)
{
    const char *words[] = { "PUBLISH", parcel->channel.data, parcel->message.data };
    const size_t sizes[] = { 7, parcel->channel.len, parcel->message.len };

    if (publisher->redis &&
        redisAsyncCommandArgv(publisher->redis, answered, NULL, 3, words, sizes) != REDIS_OK)
        fail(publisher, "could not publish", publisher->redis->errstr);
}

static void send_noise(bench_publisher *publisher)
{
    char name[24];

    (void)snprintf(name, sizeof name, "elsewhere %04u",
                   (unsigned)(publisher->noises++ % NOISY_ROOMS));
    if (parcel_address(&publisher->noise, publisher->options, sio_str_from(name)))
        fail(publisher, "the publisher", "out of memory");
    else
        send_parcel(publisher, &publisher->noise, on_noise);
}

void bench_publisher_publish(bench_publisher *publisher, sio_str room, uint64_t sequence)
{
    bench_parcel *parcel = &publisher->message;

    for (uint32_t i = 0; publisher->redis && i < publisher->options->noise; i++)
        send_noise(publisher);
    if (!publisher->redis)
        return;
    if (parcel_address(parcel, publisher->options, room)) {
        fail(publisher, "the publisher", "out of memory");
        return;
    }
    bench_text_number(parcel->message.data + parcel->digits, sequence);
    send_parcel(publisher, parcel, on_published);
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
    parcel_free(&publisher->message);
    parcel_free(&publisher->noise);
}
