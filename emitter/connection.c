#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <sio/sys/limits.h>

#include "emitter.h"
#include "fork.h"
#include "quiet.h"

static int fail_to_connect(sio_emitter *emitter, const sio_redis_url *target, int err,
                           const char *why)
{
    if (target->path)
        return sio_emitter_fail(emitter, err, "cannot connect to Redis at %s: %s", target->path,
                                why);
    return sio_emitter_fail(emitter, err, "cannot connect to Redis at %s port %d: %s", target->host,
                            target->port, why);
}

static int open_socket(sio_emitter *emitter, const sio_redis_url *target)
{
    struct timeval timeout = { .tv_sec = (time_t)(emitter->patience_ms / 1000),
                               .tv_usec = (suseconds_t)(emitter->patience_ms % 1000) * 1000 };
    redisOptions options = { .connect_timeout = &timeout };

    if (target->path)
        REDIS_OPTIONS_SET_UNIX(&options, target->path);
    else
        REDIS_OPTIONS_SET_TCP(&options, target->host, target->port);
    errno = 0;
    emitter->redis = redisConnectWithOptions(&options);
    int cause = errno;
    if (!emitter->redis)
        return sio_emitter_fail(emitter, SIO_ENOMEM, "out of memory");
    if (emitter->redis->fd >= 0)
        (void)fcntl(emitter->redis->fd, F_SETFD, FD_CLOEXEC);
    if (!emitter->redis->err)
        return 0;
    return fail_to_connect(emitter, target, cause == ETIMEDOUT ? SIO_ETIMEOUT : SIO_ECONNECT,
                           emitter->redis->errstr);
}

/* From here on it does not block: each command waits with its deadline, the handshake too. */
static int secure(sio_emitter *emitter, const sio_redis_url *target)
{
    redisContext *redis = emitter->redis;
    const char *name = target->server_name ? target->server_name : target->host;
    char space[192];

    if (!target->tls)
        return 0;
    if (fcntl(redis->fd, F_SETFL, O_NONBLOCK) < 0)
        return fail_to_connect(emitter, target, SIO_ESYSTEM, strerror(errno));
    redis->flags &= ~REDIS_BLOCK;
    sio_quiet quiet = sio_quiet_begin();
    int err = sio_redis_access_secure(&emitter->access, redis, name);
    sio_quiet_end(&quiet);
    if (err == SIO_ENOMEM)
        return sio_emitter_fail(emitter, SIO_ENOMEM, "out of memory");
    return !err
               ? 0
               : fail_to_connect(emitter, target, err, sio_redis_fault(redis, space, sizeof space));
}

static int authenticate(sio_emitter *emitter, const char *user, const char *password)
{
    sio_str words[3] = { SIO_STR("AUTH") };
    size_t count = 1;

    if (user)
        words[count++] = sio_str_from(user);
    words[count++] = sio_str_from(password);
    int err = sio_emitter_command(emitter, words, count);
    return err == SIO_EREDIS ? SIO_EAUTH : err;
}

static int select_database(sio_emitter *emitter, int db)
{
    char number[16];

    (void)snprintf(number, sizeof number, "%d", db);
    return sio_emitter_command(emitter, (sio_str[]){ SIO_STR("SELECT"), sio_str_from(number) }, 2);
}

/* Without a password PING tells whether one is needed, and whether Redis takes us at all. */
static int greet(sio_emitter *emitter, const sio_redis_url *target, const char *password)
{
    int err = password ? authenticate(emitter, target->user, password)
                       : sio_emitter_command(emitter, &SIO_STR("PING"), 1);

    return !err && target->db ? select_database(emitter, target->db) : err;
}

/* Connected and logged in, or not connected. */
static int join(sio_emitter *emitter, const sio_redis_url *target, const char *password)
{
    int err = open_socket(emitter, target);

    if (!err)
        err = secure(emitter, target);
    if (!err)
        err = greet(emitter, target, password);
    if (err)
        sio_emitter_disconnect(emitter);
    return err == SIO_ECLOSED ? SIO_ECONNECT : err;
}

/* ---- by way of the sentinels ---- */

/* [host, port]; `host` has room for the longest name. */
static int read_place(sio_emitter *emitter, const redisReply *reply, char host[256], int *port)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        reply->element[0]->type != REDIS_REPLY_STRING || reply->element[0]->len > 255 ||
        reply->element[1]->type != REDIS_REPLY_STRING)
        return sio_emitter_fail(emitter, SIO_ECONNECT, "the sentinels do not know the master %s",
                                emitter->url.master);
    long number = strtol(reply->element[1]->str, NULL, 10);
    if (reply->element[0]->len == 0 || number < 1 || number > 65535)
        return sio_emitter_fail(emitter, SIO_ECONNECT,
                                "the sentinels name no host and port of the master %s",
                                emitter->url.master);
    memcpy(host, reply->element[0]->str, reply->element[0]->len + 1);
    *port = (int)number;
    return 0;
}

static int ask_sentinel(sio_emitter *emitter, const sio_redis_place *place, char host[256],
                        int *port)
{
    const sio_str words[] = { SIO_STR("SENTINEL"), SIO_STR("get-master-addr-by-name"),
                              sio_str_from(emitter->url.master) };
    sio_redis_url target = emitter->url;
    redisReply *reply;

    target.host = place->host;
    target.port = place->port;
    target.user = emitter->url.sentinel_user;
    target.db = 0;
    int err = join(emitter, &target, emitter->access.sentinel_password);
    if (!err)
        err = sio_emitter_exchange(emitter, words, 3, &reply);
    if (err == SIO_EREDIS && strstr(emitter->error, "unknown command"))
        return sio_emitter_fail(emitter, err,
                                "%s port %d: this is no sentinel (they listen on port 26379 unless "
                                "configured)",
                                target.host, target.port);
    if (err)
        return err;
    err = read_place(emitter, reply, host, port);
    freeReplyObject(reply);
    sio_emitter_disconnect(emitter);
    return err;
}

/* One that does not answer must not cost all the time there is. */
static int find_master(sio_emitter *emitter, char host[256], int *port)
{
    const sio_redis_url *url = &emitter->url;
    int err = 0;

    if (emitter->patience_ms > SIO_LIMIT_REDIS_SENTINEL_MS)
        emitter->patience_ms = SIO_LIMIT_REDIS_SENTINEL_MS;
    for (unsigned i = 0; i < url->sentinels_count; i++) {
        err = ask_sentinel(emitter, &url->sentinels[i], host, port);
        sio_emitter_disconnect(emitter);
        if (!err)
            break;
    }
    emitter->patience_ms = emitter->timeout_ms;
    return err;
}

/* A fail-over may have happened before the sentinels know. */
static int check_role(sio_emitter *emitter)
{
    redisReply *reply;
    int err = sio_emitter_exchange(emitter, &SIO_STR("ROLE"), 1, &reply);

    if (err)
        return err;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0 ||
        reply->element[0]->type != REDIS_REPLY_STRING ||
        strcmp(reply->element[0]->str, "master") != 0)
        err = sio_emitter_fail(emitter, SIO_ECONNECT,
                               "the sentinels name a Redis that is not the master");
    freeReplyObject(reply);
    return err;
}

static int join_master(sio_emitter *emitter)
{
    sio_redis_url target = emitter->url;
    char host[256];
    int err = find_master(emitter, host, &target.port);

    if (err)
        return err;
    target.host = host;
    err = join(emitter, &target, emitter->access.password);
    if (!err)
        err = check_role(emitter);
    if (err)
        sio_emitter_disconnect(emitter);
    return err == SIO_ECLOSED ? SIO_ECONNECT : err;
}

int sio_emitter_connect(sio_emitter *emitter)
{
    char detail[192] = "";

    sio_emitter_disconnect(emitter);
    sio_redis_access_free(&emitter->access);
    emitter->patience_ms = emitter->timeout_ms;
    int err = sio_redis_access_load(&emitter->access, &emitter->url, detail, sizeof detail);
    if (err)
        return sio_emitter_fail(emitter, err, "%s", *detail ? detail : sio_err_message(err));
    return emitter->url.master ? join_master(emitter)
                               : join(emitter, &emitter->url, emitter->access.password);
}

bool sio_emitter_connected(const sio_emitter *emitter)
{
    char byte;

    /* between commands Redis has nothing to say: whatever can be read is the end */
    return emitter->redis && recv(emitter->redis->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* Closing it says nothing to Redis: the parent goes on. */
void sio_emitter_own(sio_emitter *emitter)
{
    const unsigned forks = sio_fork_count();

    if (emitter->forks == forks)
        return;
    emitter->forks = forks;
    sio_emitter_disconnect(emitter);
    sio_buf_free(&emitter->batch.out);
    emitter->batch = (sio_batch){ .waiting = 0 };
}

void sio_emitter_disconnect(sio_emitter *emitter)
{
    if (emitter->redis)
        redisFree(emitter->redis);
    emitter->redis = NULL;
}
