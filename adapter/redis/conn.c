#include "redis/conn.h"

#include <stdio.h>
#include <string.h>

#include <sio/err.h>
#include <sio/extern.h>

#include "redis/attach.h"

/* Forgets the context, which hiredis frees itself, or has been told to. */
static void detach(sio_redis_conn *conn)
{
    if (conn->context)
        conn->context->data = NULL;
    conn->context = NULL;
    conn->ready = false;
    conn->awaited = 0;
}

void sio_redis_conn_close(sio_redis_conn *conn)
{
    redisAsyncContext *context = conn->context;
    sio_lookup_free(conn->lookup);
    conn->lookup = NULL;
    detach(conn);
    if (context)
        redisAsyncFree(context);
}

static void lose(sio_redis_conn *conn, const char *format, ...) SIO_PRINTF(2, 3);

static void lose(sio_redis_conn *conn, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(conn->why, sizeof conn->why, format, arguments);
    va_end(arguments);
    sio_redis_conn_close(conn);
    conn->events->lost(conn, conn->why);
}

sio_redis_conn *sio_redis_conn_of(const redisAsyncContext *context, const redisReply *reply)
{
    sio_redis_conn *conn = context->data;
    if (!conn || !reply)
        return NULL;
    conn->alive = true;
    return conn;
}

static bool is_error(const redisReply *reply, const char *code)
{
    return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, code, strlen(code)) == 0;
}

/* One more answer of the handshake has come, and is well. */
static void advance(sio_redis_conn *conn)
{
    if (--conn->awaited > 0)
        return;
    conn->ready = true;
    conn->events->ready(conn);
}

static void on_auth(redisAsyncContext *context, void *answer, void *data)
{
    const redisReply *reply = answer;
    sio_redis_conn *conn = sio_redis_conn_of(context, reply);
    (void)data;
    if (!conn)
        return;
    if (reply->type == REDIS_REPLY_ERROR)
        lose(conn, "Redis refuses the login: %s", reply->str);
    else
        advance(conn);
}

static void on_select(redisAsyncContext *context, void *answer, void *data)
{
    const redisReply *reply = answer;
    sio_redis_conn *conn = sio_redis_conn_of(context, reply);
    (void)data;
    if (!conn)
        return;
    if (is_error(reply, "NOAUTH"))
        lose(conn, "Redis asks for a login: %s", reply->str);
    else if (reply->type == REDIS_REPLY_ERROR)
        lose(conn, "Redis refuses the database: %s", reply->str);
    else
        advance(conn);
}

static void on_first_pong(redisAsyncContext *context, void *answer, void *data)
{
    const redisReply *reply = answer;
    sio_redis_conn *conn = sio_redis_conn_of(context, reply);
    (void)data;
    if (!conn)
        return;
    conn->mute = is_error(reply, "NOPERM");
    if (is_error(reply, "NOAUTH"))
        lose(conn, "Redis asks for a login: %s", reply->str);
    else if (reply->type == REDIS_REPLY_ERROR && !conn->mute)
        lose(conn, "Redis is not ready: %s", reply->str);
    else
        advance(conn);
}

/* A command of the handshake; false when memory is out. */
static bool ask(sio_redis_conn *conn, redisCallbackFn *callback, int count, const char **words)
{
    conn->awaited++;
    return redisAsyncCommandArgv(conn->context, callback, NULL, count, words, NULL) == REDIS_OK;
}

static bool ask_auth(sio_redis_conn *conn)
{
    const char *words[] = { "AUTH", conn->url->user, conn->url->password };
    if (!conn->url->password)
        return true;
    if (conn->url->user)
        return ask(conn, on_auth, 3, words);
    words[1] = conn->url->password;
    return ask(conn, on_auth, 2, words);
}

static bool ask_select(sio_redis_conn *conn)
{
    char db[16];
    const char *words[] = { "SELECT", db };
    if (conn->url->db == 0)
        return true;
    snprintf(db, sizeof db, "%d", conn->url->db);
    return ask(conn, on_select, 2, words);
}

static bool ask_ping(sio_redis_conn *conn)
{
    const char *words[] = { "PING" };
    return ask(conn, on_first_pong, 1, words);
}

static void greet(sio_redis_conn *conn)
{
    sio_lookup_free(conn->lookup);
    conn->lookup = NULL;
    if (!conn->url->path && redisEnableKeepAlive(&conn->context->c) != REDIS_OK)
        lose(conn, "keep-alive: %s", conn->context->c.errstr);
    else if (!ask_auth(conn) || !ask_select(conn) || !ask_ping(conn))
        lose(conn, "%s", sio_err_message(SIO_ENOMEM));
}

static void try_next(sio_redis_conn *conn);

static void on_connect(const redisAsyncContext *context, int status)
{
    sio_redis_conn *conn = context->data;
    if (!conn)
        return;
    if (status == REDIS_OK) {
        greet(conn);
        return;
    }
    snprintf(conn->why, sizeof conn->why, "%s", context->c.errstr);
    detach(conn);
    try_next(conn);
}

static void on_disconnect(const redisAsyncContext *context, int status)
{
    sio_redis_conn *conn = context->data;
    if (!conn)
        return;
    snprintf(conn->why, sizeof conn->why, "%s",
             status == REDIS_OK ? "the connection was closed" : context->c.errstr);
    detach(conn);
    conn->events->lost(conn, conn->why);
}

static void on_detached(void *data)
{
    sio_redis_conn *conn = data;
    if (--conn->handles == 0)
        conn->events->gone(conn);
}

/* Gives a fresh context its place; false, and `why` says it, when it has failed already. */
static bool adopt(sio_redis_conn *conn, redisAsyncContext *context)
{
    int err = context ? 0 : SIO_ENOMEM;
    if (context && !context->err)
        err = sio_attach(context, conn->loop, on_detached, conn);
    if (err || context->err) {
        snprintf(conn->why, sizeof conn->why, "%s", err ? sio_err_message(err) : context->errstr);
        if (context)
            redisAsyncFree(context);
        return false;
    }
    conn->handles++;
    conn->context = context;
    context->data = conn;
    redisAsyncSetConnectCallback(context, on_connect);
    redisAsyncSetDisconnectCallback(context, on_disconnect);
    return true;
}

static void try_next(sio_redis_conn *conn)
{
    char address[SIO_LOOKUP_ADDRESS_SIZE];
    while (conn->lookup && sio_lookup_next(conn->lookup, address))
        if (adopt(conn, redisAsyncConnect(address, conn->url->port)))
            return;
    sio_redis_conn_close(conn);
    conn->events->lost(conn, conn->why);
}

static void on_addresses(void *data, int status)
{
    sio_redis_conn *conn = data;
    if (status)
        lose(conn, "%s", uv_strerror(status));
    else
        try_next(conn);
}

void sio_redis_conn_open(sio_redis_conn *conn)
{
    snprintf(conn->why, sizeof conn->why, "the host has no address");
    if (conn->url->path) {
        if (!adopt(conn, redisAsyncConnectUnix(conn->url->path)))
            conn->events->lost(conn, conn->why);
        return;
    }
    int err = sio_lookup_start(&conn->lookup, conn->loop, conn->url->host, on_addresses, conn);
    if (err)
        lose(conn, "%s", sio_err_message(err));
}

static void on_pong(redisAsyncContext *context, void *answer, void *data)
{
    (void)data;
    sio_redis_conn_of(context, answer);
}

void sio_redis_conn_ping(sio_redis_conn *conn)
{
    const char *words[] = { "PING" };
    conn->alive = conn->mute;
    if (!conn->mute)
        redisAsyncCommandArgv(conn->context, on_pong, NULL, 1, words, NULL);
}
