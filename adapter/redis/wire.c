#include "redis/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "redis/inlet.h"

#define WHY_SIZE 192

struct sio_wire {
    uv_poll_t poll;
    redisContext *redis; /* NULL: closed */
    sio_inlet inlet;
    const sio_wire_events *events;
    void *data;
    const sio_redis_access *access;
    const char *name; /* that the certificate is for; NULL: no TLS */
    int watched;      /* of UV_READABLE and UV_WRITABLE */
    bool connected;
    bool unsent;  /* something waits to be written, or for the turn */
    bool stalled; /* TLS writes on only after it has read: in its handshake */
};

static void on_poll(uv_poll_t *poll, int status, int events);

/* A poll that cannot be started shows as a link that does not answer: whoever waits for it has a
 * deadline. */
static void watch(sio_wire *wire)
{
    int wanted = wire->connected ? UV_READABLE : 0;
    if (wire->unsent && !wire->stalled)
        wanted |= UV_WRITABLE;
    if (wanted == wire->watched)
        return;
    wire->watched = wanted;
    uv_poll_start(&wire->poll, wanted | (wanted & UV_READABLE ? UV_DISCONNECT : 0), on_poll);
}

static void on_close(uv_handle_t *handle)
{
    sio_wire *wire = handle->data;
    const sio_wire_events *events = wire->events;
    void *data = wire->data;
    sio_inlet_free(&wire->inlet);
    sio_mem_free(wire);
    events->closed(data);
}

void sio_wire_close(sio_wire *wire)
{
    redisContext *redis = wire->redis;
    if (!redis)
        return;
    wire->redis = NULL;
    uv_close((uv_handle_t *)&wire->poll, on_close);
    redisFree(redis);
}

static void fail(sio_wire *wire, const char *why)
{
    char text[WHY_SIZE];
    snprintf(text, sizeof text, "%s", why);
    sio_wire_close(wire);
    wire->events->lost(wire->data, text);
}

static void fail_redis(sio_wire *wire)
{
    char space[WHY_SIZE];
    fail(wire, sio_redis_fault(wire->redis, space, sizeof space));
}

static bool secure(sio_wire *wire)
{
    int err = wire->name ? sio_redis_access_secure(wire->access, wire->redis, wire->name) : 0;
    if (err == SIO_ECONNECT)
        fail_redis(wire);
    else if (err)
        fail(wire, sio_err_message(err));
    return !err;
}

static void finish_connect(sio_wire *wire)
{
    int err = 0;
    socklen_t len = sizeof err;
    if (getsockopt(wire->redis->fd, SOL_SOCKET, SO_ERROR, &err, &len))
        err = errno;
    if (err) {
        fail(wire, strerror(err));
        return;
    }
    wire->connected = true;
    if (secure(wire))
        wire->events->connected(wire->data);
}

/* All that is complete. */
static void hand_over(sio_wire *wire)
{
    while (wire->redis) {
        sio_redis_message message;
        redisReply *reply;
        switch (sio_inlet_next(&wire->inlet, wire->redis->reader, &message, &reply)) {
        case SIO_INLET_NOTHING:
            return;
        case SIO_INLET_MESSAGE:
            wire->events->message(wire->data, &message);
            break;
        case SIO_INLET_REPLY:
            wire->events->reply(wire->data, reply);
            freeReplyObject(reply);
            break;
        case SIO_INLET_BROKEN:
            fail(wire, wire->redis->reader->errstr);
            return;
        }
    }
}

/* How many bytes have come; negative: the wire is lost. `size` is how many it asked for. */
static long long read_some(sio_wire *wire, size_t *size)
{
    redisContext *redis = wire->redis;
    char *at = sio_inlet_room(&wire->inlet, size);
    if (!at) {
        fail(wire, sio_err_message(SIO_ENOMEM));
        return SIO_ENOMEM;
    }
    sio_redis_tls_prepare(redis);
    long long got = redis->err ? SIO_ECLOSED : redis->funcs->read(redis, at, *size);
    if (got < 0)
        fail_redis(wire);
    else
        sio_inlet_came(&wire->inlet, (size_t)got);
    return got;
}

/* As long as there may be more than what came at once: of TLS a record at most comes at once. */
static void read_on(sio_wire *wire)
{
    size_t all = 0, size;
    long long got;
    wire->stalled = false;
    do {
        got = read_some(wire, &size);
        if (got <= 0)
            return;
        all += (size_t)got;
        hand_over(wire);
    } while (wire->redis && all < SIO_LIMIT_REDIS_READ && (wire->name || (size_t)got == size));
}

static void write_on(sio_wire *wire)
{
    int done = 0;
    wire->events->turn(wire->data);
    if (!wire->redis)
        return;
    sio_redis_tls_prepare(wire->redis);
    if (redisBufferWrite(wire->redis, &done) != REDIS_OK) {
        fail_redis(wire);
        return;
    }
    wire->unsent = !done;
    wire->stalled = !done && sio_redis_tls_wants_read(wire->redis);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    sio_wire *wire = poll->data;
    /* libuv stops polling on an error and does not say which: reading or writing finds it. */
    int ready = status < 0 ? UV_READABLE | UV_WRITABLE : events;
    if (status < 0)
        wire->watched = 0;
    if (!wire->connected)
        finish_connect(wire);
    /* with TLS either may need the other */
    if (wire->redis && (wire->name || (ready & (UV_READABLE | UV_DISCONNECT))))
        read_on(wire);
    if (wire->redis && (ready & UV_WRITABLE))
        write_on(wire);
    if (wire->redis)
        watch(wire);
}

int sio_wire_open(sio_wire **out, uv_loop_t *loop, redisContext *redis,
                  const sio_redis_access *access, const char *name, const sio_wire_events *events,
                  void *data)
{
    sio_wire *wire = sio_mem_zalloc(sizeof *wire);
    if (!wire)
        return SIO_ENOMEM;
    if (uv_poll_init_socket(loop, &wire->poll, redis->fd)) {
        sio_mem_free(wire);
        return SIO_ESYSTEM;
    }
    wire->poll.data = wire;
    wire->redis = redis;
    wire->access = access;
    wire->name = name;
    wire->events = events;
    wire->data = data;
    wire->inlet.messages = events->message != NULL;
    wire->unsent = true;
    watch(wire);
    *out = wire;
    return 0;
}

void sio_wire_wake(sio_wire *wire)
{
    if (wire->unsent || !wire->redis)
        return;
    wire->unsent = true;
    watch(wire);
}

int sio_wire_bytes(sio_wire *wire, sio_str bytes)
{
    sio_wire_wake(wire);
    return redisAppendFormattedCommand(wire->redis, bytes.data, bytes.len) == REDIS_OK ? 0
                                                                                       : SIO_ENOMEM;
}

static int add_number(sio_wire *wire, const char *mark, size_t number)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%s%zu\r\n", mark, number);
    return sio_wire_bytes(wire, (sio_str){ text, (size_t)len });
}

int sio_wire_command(sio_wire *wire, const sio_str *words, size_t count)
{
    int err = add_number(wire, "*", count);
    for (size_t i = 0; i < count && !err; i++) {
        err = add_number(wire, i ? "\r\n$" : "$", words[i].len);
        if (!err)
            err = sio_wire_bytes(wire, words[i]);
    }
    return err ? err : sio_wire_bytes(wire, SIO_STR("\r\n"));
}
