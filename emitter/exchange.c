#include <errno.h>
#include <hiredis/hiredis.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <sio/sys/buf.h>
#include <sio/sys/limits.h>

#include "emitter.h"
#include "quiet.h"

int64_t sio_emitter_now_ms(void)
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
        int64_t left = deadline - sio_emitter_now_ms();
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
    if (emitter->url.tls && sio_redis_tls_agrees(emitter->redis))
        return sio_emitter_fail(emitter, SIO_ETIMEOUT,
                                "no TLS handshake within %u ms; does this port speak TLS?",
                                (unsigned)emitter->patience_ms);
    return sio_emitter_fail(emitter, SIO_ETIMEOUT, "Redis did not answer within %u ms",
                            (unsigned)emitter->patience_ms);
}

/* SIO_ECLOSED: the connection is dead and the command incomplete. Not through hiredis, which writes
 * without MSG_NOSIGNAL: a connection that has died would kill the process. */
static int write_plain(sio_emitter *emitter, const char *data, size_t len, int64_t deadline,
                       size_t *done)
{
    for (*done = 0; len > 0;) {
        ssize_t sent = send(emitter->redis->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent >= 0) {
            data += sent;
            len -= (size_t)sent;
            *done += (size_t)sent;
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

/* Lost while it was written, or while TLS agreed on how. */
static int fail_lost(sio_emitter *emitter, int err)
{
    char space[sizeof emitter->error - 40];

    return sio_emitter_fail(emitter, err, "lost the connection to Redis: %s",
                            sio_redis_fault(emitter->redis, space, sizeof space));
}

static int write_tls(sio_emitter *emitter, const char *data, size_t len, int64_t deadline)
{
    redisContext *redis = emitter->redis;
    int done = 0;

    if (redisAppendFormattedCommand(redis, data, len) != REDIS_OK)
        return sio_emitter_fail(emitter, SIO_ENOMEM, "out of memory");
    for (;;) {
        sio_quiet quiet = sio_quiet_begin();

        sio_redis_tls_prepare(redis);
        int state = redisBufferWrite(redis, &done);
        sio_quiet_end(&quiet);
        if (state != REDIS_OK)
            return fail_lost(emitter, SIO_ECLOSED);
        if (done)
            return 0;
        if (await(emitter, sio_redis_tls_wants_read(redis) ? POLLIN : POLLOUT, deadline))
            return fail_timeout(emitter);
    }
}

int sio_emitter_write(sio_emitter *emitter, const char *data, size_t len, int64_t deadline,
                      size_t *done)
{
    if (!emitter->url.tls)
        return write_plain(emitter, data, len, deadline, done);
    *done = len;
    return write_tls(emitter, data, len, deadline);
}

static int read_some(redisContext *redis, bool tls)
{
    if (!tls)
        return redisBufferRead(redis);
    sio_quiet quiet = sio_quiet_begin();

    sio_redis_tls_prepare(redis);
    int state = redisBufferRead(redis);
    sio_quiet_end(&quiet);
    return state;
}

static void put_number(sio_buf *out, char mark, size_t number)
{
    char digits[24], *at = digits + sizeof digits;

    *--at = '\n';
    *--at = '\r';
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    *--at = mark;
    sio_buf_append(out, at, (size_t)(digits + sizeof digits - at));
}

void sio_emitter_encode(sio_buf *out, const sio_str *words, size_t count)
{
    put_number(out, '*', count);
    for (size_t i = 0; i < count; i++) {
        put_number(out, '$', words[i].len);
        sio_buf_append(out, words[i].data, words[i].len);
        sio_buf_append(out, "\r\n", 2);
    }
}

static int write_command(sio_emitter *emitter, const sio_str *words, size_t count, int64_t deadline)
{
    sio_buf out = { 0 };
    size_t done;

    sio_emitter_encode(&out, words, count);
    int err = out.err ? sio_emitter_fail(emitter, out.err, "%s", sio_err_message(out.err))
                      : sio_emitter_write(emitter, out.data, out.len, deadline, &done);
    sio_buf_free(&out);
    return err;
}

int sio_emitter_fill(sio_emitter *emitter, int64_t deadline)
{
    if (await(emitter, POLLIN, deadline))
        return fail_timeout(emitter);
    if (read_some(emitter->redis, emitter->url.tls) != REDIS_OK)
        return fail_lost(emitter, SIO_ECONNECT);
    return 0;
}

int sio_emitter_read(sio_emitter *emitter, redisReply **out, int64_t deadline)
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
        if (redis->reader->len > emitter->reply_max)
            return sio_emitter_fail(emitter, SIO_EREDIS, "the answer of Redis is too long");
        int err = sio_emitter_fill(emitter, deadline);
        if (err)
            return err;
    }
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* It is starting, or a replica that is about to be the master. */
static bool is_passing(const char *text)
{
    return begins(text, "LOADING") || begins(text, "MASTERDOWN") || begins(text, "READONLY") ||
           begins(text, "CLUSTERDOWN") || begins(text, "TRYAGAIN") || begins(text, "BUSY ") ||
           begins(text, "ERR max number of clients");
}

int sio_emitter_refused(sio_emitter *emitter, const char *text)
{
    bool access = begins(text, "NOAUTH") || begins(text, "WRONGPASS") || begins(text, "NOPERM") ||
                  begins(text, "ERR AUTH") || begins(text, "ERR invalid password");

    emitter->passing = is_passing(text);
    return sio_emitter_fail(emitter, access ? SIO_EAUTH : SIO_EREDIS, "Redis refused: %s", text);
}

int sio_emitter_exchange(sio_emitter *emitter, const sio_str *words, size_t count, redisReply **out)
{
    int64_t deadline = sio_emitter_now_ms() + emitter->patience_ms;
    redisReply *reply = NULL;
    int err = write_command(emitter, words, count, deadline);

    emitter->unsure = emitter->passing = false;
    if (!err) {
        err = sio_emitter_read(emitter, &reply, deadline);
        emitter->unsure = err != 0;
    }
    if (err) {
        sio_emitter_disconnect(emitter);
        return err;
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a read that succeeds has set it */
    if (reply->type == REDIS_REPLY_ERROR) {
        err = sio_emitter_refused(emitter, reply->str);
        freeReplyObject(reply);
        return err;
    }
    *out = reply;
    return 0;
}

int sio_emitter_command(sio_emitter *emitter, const sio_str *words, size_t count)
{
    redisReply *reply;
    int result = sio_emitter_exchange(emitter, words, count, &reply);

    if (result)
        return result;
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): an exchange that succeeds has set it */
    if (reply->type == REDIS_REPLY_INTEGER)
        result = reply->integer < INT_MAX ? (int)reply->integer : INT_MAX;
    freeReplyObject(reply);
    return result;
}
