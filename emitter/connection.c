#include <errno.h>
#include <hiredis/hiredis.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <sio/sys/buf.h>
#include <sio/sys/limits.h>

#include "emitter.h"

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 0 when the socket is ready or has failed, which the next call on it will tell. */
static int await(const sio_emitter *emitter, short events, int64_t deadline)
{
    struct pollfd ready = { .fd = emitter->redis->fd, .events = events };

    for (;;) {
        int64_t left = deadline - now_ms();
        int count = left > 0 ? poll(&ready, 1, left < INT_MAX ? (int)left : INT_MAX) : 0;

        if (count > 0)
            return 0;
        if (count == 0)
            return SIO_ETIMEOUT;
        if (errno != EINTR)
            return SIO_ESYSTEM;
    }
}

static int fail_timeout(sio_emitter *emitter)
{
    return sio_emitter_fail(emitter, SIO_ETIMEOUT, "Redis did not answer within %u ms",
                            (unsigned)emitter->timeout_ms);
}

/* SIO_ECLOSED: the connection is dead and the command incomplete. Not through hiredis, which writes
 * without MSG_NOSIGNAL: a connection that has died would kill the process. */
static int write_all(sio_emitter *emitter, const char *data, size_t len, int64_t deadline)
{
    while (len > 0) {
        ssize_t sent = send(emitter->redis->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent >= 0) {
            data += sent;
            len -= (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (await(emitter, POLLOUT, deadline))
                return fail_timeout(emitter);
        } else if (errno != EINTR) {
            return sio_emitter_fail(emitter, SIO_ECLOSED, "lost the connection to Redis: %s",
                                    strerror(errno));
        }
    }
    return 0;
}

/* A command as Redis reads it; one that is cut short is never executed. */
static int write_command(sio_emitter *emitter, const sio_str *words, size_t count, int64_t deadline)
{
    sio_buf out = { 0 };

    sio_buf_printf(&out, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++) {
        sio_buf_printf(&out, "$%zu\r\n", words[i].len);
        sio_buf_append(&out, words[i].data, words[i].len);
        sio_buf_text(&out, "\r\n");
    }
    int err = out.err ? sio_emitter_fail(emitter, out.err, "%s", sio_err_message(out.err))
                      : write_all(emitter, out.data, out.len, deadline);
    sio_buf_free(&out);
    return err;
}

static int read_reply(sio_emitter *emitter, redisReply **out, int64_t deadline)
{
    redisContext *redis = emitter->redis;
    void *reply = NULL;

    for (;;) {
        if (redisGetReplyFromReader(redis, &reply) != REDIS_OK)
            return sio_emitter_fail(emitter, SIO_EREDIS, "this is not Redis: %s", redis->errstr);
        if (reply) {
            *out = reply;
            return 0;
        }
        if (redis->reader->len > SIO_LIMIT_REDIS_REPLY)
            return sio_emitter_fail(emitter, SIO_EREDIS, "the answer of Redis is too long");
        if (await(emitter, POLLIN, deadline))
            return fail_timeout(emitter);
        if (redisBufferRead(redis) != REDIS_OK)
            return sio_emitter_fail(emitter, SIO_ECONNECT, "lost the connection to Redis: %s",
                                    redis->errstr);
    }
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int refused(sio_emitter *emitter, const char *text)
{
    bool access = begins(text, "NOAUTH") || begins(text, "WRONGPASS") || begins(text, "NOPERM") ||
                  begins(text, "ERR AUTH") || begins(text, "ERR invalid password");

    return sio_emitter_fail(emitter, access ? SIO_EAUTH : SIO_EREDIS, "Redis refused: %s", text);
}

/* Returns the integer of the reply, 0 for one that is none. SIO_ECLOSED: never executed. A
 * connection that has failed half-way is closed: a late answer would be taken for that of the next
 * command. */
static int command(sio_emitter *emitter, const sio_str *words, size_t count)
{
    int64_t deadline = now_ms() + emitter->timeout_ms;
    redisReply *reply = NULL;
    int err = write_command(emitter, words, count, deadline);

    if (!err)
        err = read_reply(emitter, &reply, deadline);
    if (err) {
        sio_emitter_disconnect(emitter);
        return err;
    }
    if (reply->type == REDIS_REPLY_ERROR)
        err = refused(emitter, reply->str);
    else if (reply->type == REDIS_REPLY_INTEGER)
        err = reply->integer < INT_MAX ? (int)reply->integer : INT_MAX;
    freeReplyObject(reply);
    return err;
}

static int open_socket(sio_emitter *emitter)
{
    const sio_redis_url *url = &emitter->url;
    struct timeval timeout = { .tv_sec = (time_t)(emitter->timeout_ms / 1000),
                               .tv_usec = (suseconds_t)(emitter->timeout_ms % 1000) * 1000 };
    redisOptions options = { .connect_timeout = &timeout };

    if (url->path)
        REDIS_OPTIONS_SET_UNIX(&options, url->path);
    else
        REDIS_OPTIONS_SET_TCP(&options, url->host, url->port);
    errno = 0;
    emitter->redis = redisConnectWithOptions(&options);
    int cause = errno;
    if (!emitter->redis)
        return sio_emitter_fail(emitter, SIO_ENOMEM, "out of memory");
    if (!emitter->redis->err)
        return 0;
    int err = cause == ETIMEDOUT ? SIO_ETIMEOUT : SIO_ECONNECT;
    if (url->path)
        (void)sio_emitter_fail(emitter, err, "cannot connect to Redis at %s: %s", url->path,
                               emitter->redis->errstr);
    else
        (void)sio_emitter_fail(emitter, err, "cannot connect to Redis at %s port %d: %s", url->host,
                               url->port, emitter->redis->errstr);
    return err;
}

static int authenticate(sio_emitter *emitter)
{
    const sio_redis_url *url = &emitter->url;
    sio_str words[3] = { SIO_STR("AUTH") };
    size_t count = 1;

    if (url->user)
        words[count++] = sio_str_from(url->user);
    words[count++] = sio_str_from(url->password);
    int err = command(emitter, words, count);
    return err == SIO_EREDIS ? SIO_EAUTH : err;
}

static int select_database(sio_emitter *emitter)
{
    char number[16];

    (void)snprintf(number, sizeof number, "%d", emitter->url.db);
    return command(emitter, (sio_str[]){ SIO_STR("SELECT"), sio_str_from(number) }, 2);
}

/* Without a password PING tells whether one is needed, and whether Redis takes us at all. */
static int greet(sio_emitter *emitter)
{
    int err = emitter->url.password ? authenticate(emitter) : command(emitter, &SIO_STR("PING"), 1);

    return !err && emitter->url.db ? select_database(emitter) : err;
}

int sio_emitter_connect(sio_emitter *emitter)
{
    sio_emitter_disconnect(emitter);
    int err = open_socket(emitter);

    if (!err)
        err = greet(emitter);
    if (err)
        sio_emitter_disconnect(emitter);
    return err == SIO_ECLOSED ? SIO_ECONNECT : err;
}

bool sio_emitter_connected(const sio_emitter *emitter)
{
    char byte;

    /* between commands Redis has nothing to say: whatever can be read is the end */
    return emitter->redis && recv(emitter->redis->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

int sio_emitter_publish(sio_emitter *emitter, sio_str channel, sio_str message)
{
    const sio_str words[] = { SIO_STR("PUBLISH"), channel, message };
    int result = sio_emitter_connected(emitter) ? command(emitter, words, 3) : SIO_ECLOSED;

    if (result == SIO_ECLOSED) {
        int err = sio_emitter_connect(emitter);

        if (err)
            return err;
        result = command(emitter, words, 3);
    }
    return result == SIO_ECLOSED ? SIO_ECONNECT : result;
}

void sio_emitter_disconnect(sio_emitter *emitter)
{
    if (emitter->redis)
        redisFree(emitter->redis);
    emitter->redis = NULL;
}
