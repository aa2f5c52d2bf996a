#include "redis/greeting.h"

#include <stdio.h>
#include <string.h>

#include <sio/err.h>

static bool is_error(const redisReply *reply, const char *code)
{
    return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, code, strlen(code)) == 0;
}

/* One more answer has come, and is well. */
static void advance(sio_redis_conn *conn)
{
    if (--conn->awaited > 0)
        return;
    conn->ready = true;
    conn->events->ready(conn);
}

static void on_auth(sio_redis_conn *conn, const sio_redis_pending *self, const redisReply *reply)
{
    (void)self;
    if (!reply)
        return;
    if (reply->type == REDIS_REPLY_ERROR)
        sio_redis_conn_fail(conn, "Redis refuses the login: %s", reply->str);
    else
        advance(conn);
}

static void on_select(sio_redis_conn *conn, const sio_redis_pending *self, const redisReply *reply)
{
    (void)self;
    if (!reply)
        return;
    if (is_error(reply, "NOAUTH"))
        sio_redis_conn_fail(conn, "Redis asks for a login: %s", reply->str);
    else if (reply->type == REDIS_REPLY_ERROR)
        sio_redis_conn_fail(conn, "Redis refuses the database: %s", reply->str);
    else
        advance(conn);
}

static void on_first_pong(sio_redis_conn *conn, const sio_redis_pending *self,
                          const redisReply *reply)
{
    (void)self;
    if (!reply)
        return;
    conn->mute = is_error(reply, "NOPERM");
    if (is_error(reply, "NOAUTH"))
        sio_redis_conn_fail(conn, "Redis asks for a login: %s", reply->str);
    else if (reply->type == REDIS_REPLY_ERROR && !conn->mute)
        sio_redis_conn_fail(conn, "Redis is not ready: %s", reply->str);
    else
        advance(conn);
}

/* ["master", …]; a fail-over may have happened before the sentinels know. */
static void on_role(sio_redis_conn *conn, const sio_redis_pending *self, const redisReply *reply)
{
    (void)self;
    if (!reply)
        return;
    const redisReply *role =
        reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 ? reply->element[0] : reply;
    if (reply->type == REDIS_REPLY_ERROR)
        sio_redis_conn_fail(conn, "Redis does not tell its role: %s", reply->str);
    else if (role->type != REDIS_REPLY_STRING || strcmp(role->str, "master") != 0)
        sio_redis_conn_fail(conn, "it is not the master");
    else
        advance(conn);
}

static int ask(sio_redis_conn *conn, sio_redis_took took, size_t count, const sio_str *words)
{
    conn->awaited++;
    return sio_redis_conn_send(conn, words, count, &(sio_redis_pending){ .took = took });
}

static int ask_auth(sio_redis_conn *conn)
{
    const sio_redis_url *url = conn->url;
    sio_str words[3] = { SIO_STR("AUTH") };
    size_t count = 1;
    if (!conn->password)
        return 0;
    if (url->user)
        words[count++] = sio_str_from(url->user);
    words[count++] = sio_str_from(conn->password);
    return ask(conn, on_auth, count, words);
}

static int ask_select(sio_redis_conn *conn)
{
    char db[16];
    if (conn->url->db == 0)
        return 0;
    snprintf(db, sizeof db, "%d", conn->url->db);
    return ask(conn, on_select, 2, (sio_str[]){ SIO_STR("SELECT"), sio_str_from(db) });
}

static int ask_role(sio_redis_conn *conn)
{
    return conn->must_be_master ? ask(conn, on_role, 1, &SIO_STR("ROLE")) : 0;
}

void sio_redis_greet(sio_redis_conn *conn)
{
    if (ask_auth(conn) || ask_select(conn) || ask_role(conn) ||
        ask(conn, on_first_pong, 1, &SIO_STR("PING")))
        sio_redis_conn_lose(conn, sio_err_message(SIO_ENOMEM));
}
