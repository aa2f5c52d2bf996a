#include "redis/conn.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "redis/greeting.h"

/* Whoever waits for an answer may close the connection, or its owner, meanwhile. */
static void abandon(sio_redis_conn *conn)
{
    sio_redis_pending one;
    while (sio_redis_pendings_pop(&conn->pendings, &one))
        one.took(conn, &one, NULL);
}

void sio_redis_conn_close(sio_redis_conn *conn)
{
    sio_wire *wire = conn->wire;
    sio_lookup_free(conn->lookup);
    conn->lookup = NULL;
    conn->wire = NULL;
    conn->ready = false;
    conn->awaited = 0;
    if (wire)
        sio_wire_close(wire);
    abandon(conn);
}

void sio_redis_conn_free(sio_redis_conn *conn)
{
    sio_redis_pendings_free(&conn->pendings);
}

void sio_redis_conn_fail(sio_redis_conn *conn, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(conn->why, sizeof conn->why, format, arguments);
    va_end(arguments);
    sio_redis_conn_close(conn);
    conn->events->lost(conn, conn->why);
}

void sio_redis_conn_lose(sio_redis_conn *conn, const char *why)
{
    sio_redis_conn_fail(conn, "%s", why);
}

/* ---- asking ---- */

static int expect(sio_redis_conn *conn, const sio_redis_pending *pending)
{
    return conn->wire ? sio_redis_pendings_push(&conn->pendings, pending) : SIO_ECLOSED;
}

/* Half a command may have gone into a wire that is broken by that, and is lost in this turn. */
static int sent(sio_redis_conn *conn, int err)
{
    if (err)
        sio_redis_pendings_retract(&conn->pendings);
    return err;
}

int sio_redis_conn_send(sio_redis_conn *conn, const sio_str *words, size_t count,
                        const sio_redis_pending *pending)
{
    int err = expect(conn, pending);
    return err ? err : sent(conn, sio_wire_command(conn->wire, words, count));
}

int sio_redis_conn_send_bytes(sio_redis_conn *conn, sio_str bytes, const sio_redis_pending *pending)
{
    int err = expect(conn, pending);
    return err ? err : sent(conn, sio_wire_bytes(conn->wire, bytes));
}

static void on_asked(sio_redis_conn *conn, const sio_redis_pending *self, const redisReply *reply)
{
    conn->asked--;
    if (self->reply)
        self->reply(self->data, sio_redis_error_of(reply), reply);
}

int sio_redis_conn_ask(sio_redis_conn *conn, const sio_redis_command *command)
{
    const sio_redis_pending pending = { .took = on_asked,
                                        .reply = command->reply,
                                        .data = command->data };
    if (!conn->ready)
        return SIO_ECLOSED;
    if (conn->asked >= SIO_LIMIT_REDIS_COMMANDS)
        return SIO_ELIMIT;
    int err = sio_redis_conn_send(conn, command->words, command->count, &pending);
    if (!err)
        conn->asked++;
    return err;
}

/* ---- what comes ---- */

static void on_reply(void *data, const redisReply *reply)
{
    sio_redis_conn *conn = data;
    sio_redis_pending one;
    conn->alive = true;
    if (conn->ready && conn->user_ops && conn->user_ops->take(conn, reply))
        return;
    if (sio_redis_pendings_pop(&conn->pendings, &one))
        one.took(conn, &one, reply);
    else
        sio_redis_conn_fail(conn, "Redis says what it was not asked for: %s",
                            reply->str ? reply->str : "");
}

static void on_message(void *data, const sio_redis_message *message)
{
    sio_redis_conn *conn = data;
    conn->alive = true;
    if (conn->ready)
        conn->user_ops->message(conn, message);
    else
        sio_redis_conn_fail(conn, "Redis says what it was not asked for: a message");
}

static void on_turn(void *data)
{
    sio_redis_conn *conn = data;
    if (conn->ready && conn->user_ops)
        conn->user_ops->turn(conn);
}

static void on_connected(void *data)
{
    sio_redis_conn *conn = data;
    sio_lookup_free(conn->lookup);
    conn->lookup = NULL;
    sio_redis_greet(conn);
}

static void try_next(sio_redis_conn *conn);

/* Before it was ready for the first command, another address of the host may do better. */
static void on_lost(void *data, const char *why)
{
    sio_redis_conn *conn = data;
    conn->wire = NULL;
    const bool greets = conn->awaited > 0 && !conn->url->tls && !conn->url->path;
    if (conn->lookup) {
        snprintf(conn->why, sizeof conn->why, "%s", why);
        try_next(conn);
        return;
    }
    sio_redis_conn_fail(conn, "%s%s", why,
                        greets ? "; does this port speak TLS? rediss:// does" : "");
}

static void on_closed(void *data)
{
    sio_redis_conn *conn = data;
    if (--conn->handles == 0)
        conn->events->gone(conn);
}

/* ---- connecting ---- */

/* Of one that is only asked, and of one that hears. */
static const sio_wire_events wire_events[] = {
    { on_connected, on_turn, on_reply, NULL, on_lost, on_closed },
    { on_connected, on_turn, on_reply, on_message, on_lost, on_closed },
};

/* A peer that has vanished without a word: TCP asks when nothing is said, and does not wait for an
 * answer to what was written for longer than the pings do. */
static int set_options(const sio_redis_conn *conn, redisContext *redis)
{
    if (conn->url->path)
        return 0;
    const int yes = 1;
    const unsigned timeout = SIO_LIMIT_REDIS_PING_MS + SIO_LIMIT_REDIS_CONNECT_MS;
    if (setsockopt(redis->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) ||
        redisEnableKeepAlive(redis) != REDIS_OK ||
        redisSetTcpUserTimeout(redis, timeout) != REDIS_OK)
        return SIO_ESYSTEM;
    return 0;
}

/* NULL: without TLS. */
static const char *certified_name(const sio_redis_url *url)
{
    return !url->tls ? NULL : url->server_name ? url->server_name : url->host;
}

/* Gives a fresh context its place; false, and `why` says it, when it has failed already. */
static bool adopt(sio_redis_conn *conn, redisContext *redis)
{
    int err = redis ? 0 : SIO_ENOMEM;
    if (redis && !redis->err)
        err = set_options(conn, redis);
    if (redis && !redis->err && !err)
        err = sio_wire_open(&conn->wire, conn->loop, redis, conn->access, certified_name(conn->url),
                            &wire_events[conn->user_ops != NULL], conn);
    if (err || redis->err) {
        snprintf(conn->why, sizeof conn->why, "%s",
                 redis && redis->err ? redis->errstr : sio_err_message(err));
        if (redis)
            redisFree(redis);
        return false;
    }
    conn->handles++;
    return true;
}

static redisContext *begin(const sio_redis_conn *conn, const char *address)
{
    redisOptions options = { .options = REDIS_OPT_NONBLOCK };
    if (address)
        REDIS_OPTIONS_SET_TCP(&options, address, conn->url->port);
    else
        REDIS_OPTIONS_SET_UNIX(&options, conn->url->path);
    redisContext *redis = redisConnectWithOptions(&options);
    if (redis && redis->fd >= 0)
        (void)fcntl(redis->fd, F_SETFD, FD_CLOEXEC);
    return redis;
}

static void try_next(sio_redis_conn *conn)
{
    char address[SIO_LOOKUP_ADDRESS_SIZE];
    while (conn->lookup && sio_lookup_next(conn->lookup, address))
        if (adopt(conn, begin(conn, address)))
            return;
    sio_redis_conn_close(conn);
    conn->events->lost(conn, conn->why);
}

static void on_addresses(void *data, int status)
{
    sio_redis_conn *conn = data;
    if (status)
        sio_redis_conn_fail(conn, "%s", uv_strerror(status));
    else
        try_next(conn);
}

void sio_redis_conn_open(sio_redis_conn *conn)
{
    snprintf(conn->why, sizeof conn->why, "the host has no address");
    if (conn->url->path) {
        if (!adopt(conn, begin(conn, NULL)))
            conn->events->lost(conn, conn->why);
        return;
    }
    int err = sio_lookup_start(&conn->lookup, conn->loop, conn->url->host, on_addresses, conn);
    if (err)
        sio_redis_conn_fail(conn, "%s", sio_err_message(err));
}

/* ---- a sign of life ---- */

static void on_pong(sio_redis_conn *conn, const sio_redis_pending *self, const redisReply *reply)
{
    (void)conn;
    (void)self;
    (void)reply;
}

void sio_redis_conn_ping(sio_redis_conn *conn)
{
    conn->alive = conn->mute;
    if (!conn->mute)
        (void)sio_redis_conn_send(conn, &SIO_STR("PING"), 1,
                                  &(sio_redis_pending){ .took = on_pong });
}
