/* How a link gets to Redis: TLS, passwords in files, users with few rights, sentinels. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <sio/emitter.h>
#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/redis_access.h>

#include "certificates.h"
#include "link.h"
#include "redis_process.h"

static redis_process redis;
static redisContext *client;

/* The server's own socket, which needs no login and speaks no TLS. */
static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    redisReply *reply = redisvCommand(client, format, arguments);
    va_end(arguments);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR)
        fail_msg("%s: %s", format, reply->str);
    freeReplyObject(reply);
}

static void call(const redis_process *server)
{
    client = redisConnectUnix(server->socket);
    assert_true(client && !client->err);
}

static void begin_redis(const char *const *extra)
{
    redis_process_start_with(&redis, extra);
    call(&redis);
}

SIO_PRINTF(1, 2)
static const char *text(const char *format, ...)
{
    static char out[1024];
    va_list arguments;
    va_start(arguments, format);
    assert_in_range(vsnprintf(out, sizeof out, format, arguments), 1, sizeof out - 1);
    va_end(arguments);
    return out;
}

static void subscribe(const char *name)
{
    assert_int_equal(sio_redis_link_subscribe(node.link, SIO_REDIS_CHANNEL, sio_str_from(name)), 0);
}

static void publish(const char *channel, sio_str payload)
{
    assert_int_equal(sio_redis_link_publish(node.link, sio_str_from(channel), payload), 0);
}

static void end_link(void)
{
    if (node.link && !node.stopping)
        stop();
    if (node.link)
        AWAIT(node.stopped);
}

/* It comes up, and a message goes to Redis and back. */
static void works(const char *url)
{
    start(url);
    subscribe("a");
    AWAIT(node.state == SIO_CLUSTER_READY);
    publish("a", SIO_STR("hello"));
    AWAIT(node.messages == 1);
    assert_string_equal(node.message, "c a a hello");
}

/* It says why it does not come up; not each time, for what is closed early may be only that. */
static void fails(const char *url, const char *why)
{
    start(url);
    AWAIT(node.lost >= 2);
    AWAIT(node.lost >= 6 || strstr(node.why, why));
    if (!strstr(node.why, why))
        fail_msg("\"%s\" is not in \"%s\"", why, node.why);
    end_link();
}

/* ---- TLS ---- */

static const char *file_of(const char *name, const char *kind)
{
    static char names[2][32];
    char *out = names[strcmp(kind, "key") == 0];
    snprintf(out, sizeof names[0], "%s.%s", name, kind);
    return out;
}

static void start_tls_as(const char *name, const char *clients)
{
    static const char *extra[16];
    const char *words[] = { "--tls-cert-file",
                            certificate(file_of(name, "pem")),
                            "--tls-key-file",
                            certificate(file_of(name, "key")),
                            "--tls-ca-cert-file",
                            certificate("ca.pem"),
                            "--tls-auth-clients",
                            clients,
                            "--port",
                            "0",
                            NULL };
    static char paths[3][64];
    memcpy(extra, words, sizeof words);
    for (int i = 0; i < 3; i++) {
        snprintf(paths[i], sizeof paths[i], "%s", words[2 * i + 1]);
        extra[2 * i + 1] = paths[i];
    }
    begin_redis(extra);
}

static void start_tls(const char *clients)
{
    start_tls_as("server", clients);
}

static void tls_tells_that_a_certificate_is_old(void **state)
{
    (void)state;
    start_tls_as("expired", "no");
    fails(text("rediss://127.0.0.1:%d?ca=%s", redis.port, certificate("ca.pem")),
          "certificate has expired: it has to be renewed, or the clock here is wrong");
}

#define NO_SENTINEL "this is no sentinel (they listen on port 26379 unless configured)"

/* A Redis in a sentinel's place. */
static void a_redis_is_no_sentinel(void **state)
{
    (void)state;
    begin_redis(NULL);
    fails(text("redis+sentinel://127.0.0.1:%d/m", redis.port), NO_SENTINEL);
}

static void a_redis_is_no_sentinel_by_tls(void **state)
{
    (void)state;
    start_tls("no");
    fails(text("rediss+sentinel://127.0.0.1:%d/m?ca=%s", redis.port, certificate("ca.pem")),
          NO_SENTINEL);
    fails(text("rediss+sentinel://127.0.0.1:%d/m?ca=%s", redis.port, certificate("other.pem")),
          ": ?ca=FILE says who may have signed it");
    fails(text("redis+sentinel://127.0.0.1:%d/m", redis.port), "; does this port speak TLS?");
}

static void tls_checks_the_server(void **state)
{
    (void)state;
    start_tls("no");
    works(text("rediss://127.0.0.1:%d?ca=%s", redis.port, certificate("ca.pem")));
    end_link();
    works(text("rediss://localhost:%d?ca=%s&server_name=redis.test", redis.port,
               certificate("ca.pem")));
    end_link();
    fails(text("rediss://localhost:%d?ca=%s", redis.port, certificate("ca.pem")),
          "certificate is not accepted: hostname mismatch: ?server_name= says");
    fails(text("rediss://127.0.0.1:%d?ca=%s&server_name=127.0.0.2", redis.port,
               certificate("ca.pem")),
          "certificate is not accepted: IP address mismatch");
    fails(text("rediss://127.0.0.1:%d?ca=%s", redis.port, certificate("other.pem")),
          ": ?ca=FILE says who may have signed it");
    fails(text("rediss://127.0.0.1:%d", redis.port), ": ?ca=FILE says who may have signed it");
    fails(text("redis://127.0.0.1:%d", redis.port), "; does this port speak TLS? rediss:// does");
}

static void tls_shows_who_we_are(void **state)
{
    (void)state;
    start_tls("yes");
    works(text("rediss://127.0.0.1:%d?ca=%s&cert=%s", redis.port, certificate("ca.pem"),
               certificate("client.pem")));
    end_link();
    works(text("rediss://127.0.0.1:%d?ca=%s&cert=%s&key=%s", redis.port, certificate("ca.pem"),
               certificate("client.pem"), certificate("client.key")));
    end_link();
    fails(text("rediss://127.0.0.1:%d?ca=%s", redis.port, certificate("ca.pem")),
          "certificate required: ?cert=FILE shows who we are");
}

/* More than a record, more than a window, and more than the sockets take at once. */
static void tls_carries_much(void **state)
{
    (void)state;
    enum { LARGE = 1000000, COUNT = 60 };
    char *large = malloc(LARGE);
    memset(large, 'x', LARGE);
    start_tls("no");
    start(text("rediss://127.0.0.1:%d?ca=%s", redis.port, certificate("ca.pem")));
    subscribe("a");
    AWAIT(node.state == SIO_CLUSTER_READY);
    for (int i = 0; i < COUNT; i++)
        publish("a", (sio_str){ large, LARGE });
    for (int i = 0; i < 1000; i++)
        publish("a", SIO_STR("small"));
    AWAIT(node.messages == COUNT + 1000);
    assert_int_equal(node.lost, 0);
    say("CLIENT KILL TYPE pubsub");
    AWAIT(node.lost == 1);
    AWAIT(node.state == SIO_CLUSTER_READY);
    free(large);
}

/* A peer that speaks no TLS, and one that says nothing. */
static void tls_with_a_peer_that_has_none(void **state)
{
    (void)state;
    begin_redis(NULL);
    start(text("rediss://127.0.0.1:%d?ca=%s", redis.port, certificate("ca.pem")));
    AWAIT(node.lost == 1);
    assert_non_null(strstr(node.why, "timed out; does this port speak TLS?"));
}

static void files_are_checked_first(void **state)
{
    (void)state;
    static const char *const bad[][3] = {
        { "rediss", "ca", "none.pem" },         { "rediss", "ca", "ca.key" },
        { "rediss", "cert", "none.pem" },       { "rediss", "cert", "server.key" },
        { "rediss", "cert", "server.pem" },     { "redis", "password_file", "none" },
        { "redis", "password_file", "ca.pem" }, { "redis", "password_file", "empty" },
        { "redis", "password_file", "" },
    };
    assert_int_equal(close(creat(certificate("empty"), 0600)), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char detail[256] = "", url_text[256];
        const char *path = certificate(bad[i][2]);
        sio_redis_url url;
        snprintf(url_text, sizeof url_text, "%s://h?%s=%s", bad[i][0], bad[i][1], path);
        assert_int_equal(sio_redis_url_read(&url, url_text, NULL, 0), 0);
        assert_int_equal(sio_redis_access_check(&url, detail, sizeof detail), SIO_EACCESS);
        if (!strstr(detail, path))
            fail_msg("\"%s\" is not in \"%s\"", path, detail);
        if (strstr(path, "none") && !strstr(detail, "No such file or directory"))
            fail_msg("no reason in \"%s\"", detail);
        assert_int_equal(sio_redis_access_check(&url, NULL, 0), SIO_EACCESS);
        sio_redis_url_free(&url);
    }
}

/* ---- passwords and rights ---- */

static void write_password(const char *path, const char *password)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(password, file);
    assert_int_equal(fclose(file), 0);
}

/* It is read at each attempt, so that it may change while the program runs. */
static void a_password_in_a_file(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "%s", certificate("password"));
    begin_redis(NULL);
    say("ACL SETUSER me on >sesame ~* &* +@all");
    write_password(path, "wrong");
    start(text("redis://me@127.0.0.1:%d?password_file=%s", redis.port, path));
    AWAIT(node.lost == 1);
    assert_non_null(strstr(node.why, "WRONGPASS"));
    write_password(path, "sesame\r\n");
    AWAIT(node.state == SIO_CLUSTER_READY);
    unlink(path);
    say("CLIENT KILL USER me");
    AWAIT(node.lost >= 2 && strstr(node.why, "No such file"));
    write_password(path, "sesame");
    AWAIT(node.state == SIO_CLUSTER_READY);
    end_link();
    works(text("unix:%s?user=me&password_file=%s", redis.socket, path));
}

/* The rules of docs/redis.md, as they stand there. */
static void give_rights(const char *first)
{
    char line[512];
    FILE *file = fopen(SIO_DOCS "/redis.md", "r");
    assert_non_null(file);
    bool found = false;
    while (!found && fgets(line, sizeof line, file))
        found = strncmp(line, first, strlen(first)) == 0;
    fclose(file);
    assert_true(found);
    line[strcspn(line, "\n")] = '\0';
    const char *words[64];
    int count = 0;
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    redisReply *reply = redisCommandArgv(client, count, words, NULL);
    assert_non_null(reply);
    assert_int_equal(reply->type, REDIS_REPLY_STATUS);
    freeReplyObject(reply);
}

static unsigned answers;
static int last_error;

static void on_answer(void *data, int err, const redisReply *reply)
{
    (void)data;
    (void)reply;
    answers++;
    last_error = err;
}

static void a_user_with_the_least_rights(void **state)
{
    (void)state;
    const sio_str numsub[] = { SIO_STR("PUBSUB"), SIO_STR("NUMSUB"), SIO_STR("a") };
    begin_redis(NULL);
    give_rights("ACL SETUSER sio on ");
    start(text("redis://sio:SECRET@127.0.0.1:%d", redis.port));
    subscribe("socket.io-request#/#");
    subscribe("socket.io-response#/#");
    subscribe("socket.io#/#room#");
    assert_int_equal(
        sio_redis_link_subscribe(node.link, SIO_REDIS_PATTERN, SIO_STR("socket.io#/#*")), 0);
    AWAIT(node.state == SIO_CLUSTER_READY);
    publish("socket.io#/#room#", SIO_STR("x"));
    publish("socket.io-request#/#", SIO_STR("x"));
    publish("socket.io-response#/#uid#", SIO_STR("x"));
    AWAIT(node.messages == 3);
    assert_int_equal(
        sio_redis_link_ask(node.link, &(sio_redis_command){ numsub, 3, on_answer, NULL }), 0);
    AWAIT(answers == 1);
    assert_int_equal(last_error, 0);
    /* it may no more than that */
    assert_int_equal(
        sio_redis_link_ask(node.link, &(sio_redis_command){ &SIO_STR("INFO"), 1, on_answer, NULL }),
        0);
    AWAIT(answers == 2);
    assert_int_equal(last_error, SIO_EREDIS);
    subscribe("elsewhere");
    AWAIT(node.lost == 1);
    assert_non_null(strstr(node.why, "NOPERM"));
    assert_non_null(strstr(node.why, "elsewhere"));
}

/* ---- sentinels ---- */

static redis_process replica, sentinel;

static void start_three(const char *password)
{
    char port[16];
    begin_redis(NULL);
    snprintf(port, sizeof port, "%d", redis.port);
    const char *const follow[] = { "--replicaof", "127.0.0.1", port, NULL };
    redis_process_start_with(&replica, follow);
    redis_process_start_sentinel(&sentinel, redis.port, password);
}

static void end_three(void)
{
    redis_process_end(&sentinel);
    redis_process_end(&replica);
}

/* Waits until the sentinel could fail over. */
static void await_replica(void)
{
    redisContext *peer = redisConnect("127.0.0.1", sentinel.port);
    assert_true(peer && !peer->err);
    for (bool found = false; !found;) {
        redisReply *reply = redisCommand(peer, "SENTINEL replicas m");
        assert_non_null(reply);
        found = reply->elements == 1;
        freeReplyObject(reply);
    }
    redisFree(peer);
}

static void the_master_is_found_and_followed(void **state)
{
    (void)state;
    int dead, hold = redis_process_hold_port(&dead);
    start_three(NULL);
    await_replica();
    start(text("redis+sentinel://127.0.0.1:%d,127.0.0.1:%d/m", dead, sentinel.port));
    subscribe("a");
    AWAIT(node.state == SIO_CLUSTER_READY);
    assert_non_null(strstr(node.detail, text("port %d", redis.port)));
    redis_process_kill(&redis);
    AWAIT(node.lost && node.state == SIO_CLUSTER_READY);
    assert_non_null(strstr(node.detail, text("port %d", replica.port)));
    publish("a", SIO_STR("after"));
    AWAIT(node.messages == 1);
    end_link();
    redis_process_again(&redis);
    end_three();
    close(hold);
}

/* A replica that is taken for the master by sentinels that do not know better. */
static void a_replica_is_no_master(void **state)
{
    (void)state;
    start_three(NULL);
    start(text("redis+sentinel://127.0.0.1:%d/m", sentinel.port));
    AWAIT(node.state == SIO_CLUSTER_READY);
    say("REPLICAOF 127.0.0.1 %d", replica.port);
    say("CLIENT KILL TYPE normal");
    AWAIT(node.lost && strstr(node.why, "not the master"));
    end_link();
    end_three();
}

static void sentinels_say_why(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "%s", certificate("sentinel"));
    start_three("hush");
    fails(text("redis+sentinel://127.0.0.1:%d/m", sentinel.port), "NOAUTH");
    write_password(path, "hush\n");
    fails(
        text("redis+sentinel://127.0.0.1:%d/other?sentinel_password_file=%s", sentinel.port, path),
        "does not know this master");
    works(text("redis+sentinel://127.0.0.1:%d/m?sentinel_password_file=%s", sentinel.port, path));
    end_link();
    kill(sentinel.pid, SIGSTOP);
    start(text("redis+sentinel://127.0.0.1:%d/m", sentinel.port));
    AWAIT(node.lost == 1);
    assert_non_null(strstr(node.why, "does not answer"));
    end_link();
    start(text("redis+sentinel://127.0.0.1:%d/m", sentinel.port));
    AWAIT(node.state == SIO_CLUSTER_CONNECTING);
    end_link();
    end_three();
}

/* ---- the emitter, which takes the same ---- */

static int emit(const char *url, sio_emitter **out)
{
    int err = sio_emitter_new(out, &(sio_emitter_options){ .redis = url, .timeout_ms = 20000 });
    return err ? err : sio_emitter_emit(*out, NULL, "x", NULL);
}

static void emits(const char *url, int hearers)
{
    sio_emitter *emitter;
    int result = emit(url, &emitter);
    if (result < 0)
        fail_msg("%s", sio_emitter_error(emitter));
    assert_int_equal(result, hearers);
    sio_emitter_free(emitter);
}

static void emits_not(const char *url, int expected, const char *why)
{
    sio_emitter *emitter;
    assert_int_equal(emit(url, &emitter), expected);
    if (!strstr(sio_emitter_error(emitter), why))
        fail_msg("\"%s\" is not in \"%s\"", why, sio_emitter_error(emitter));
    sio_emitter_free(emitter);
}

/* It dies of no signal, whatever the connection does. */
static void the_emitter_speaks_tls(void **state)
{
    (void)state;
    sio_emitter *emitter;
    signal(SIGPIPE, SIG_DFL);
    start_tls("yes");
    /* the reset of the connection may be noticed before the alert that says why */
    emits_not(text("rediss://127.0.0.1:%d?ca=%s", redis.port, certificate("ca.pem")), SIO_ECONNECT,
              "");
    emits_not(text("rediss://127.0.0.1:%d?ca=%s", redis.port, certificate("other.pem")),
              SIO_ECONNECT, "certificate is not accepted");
    emits_not(text("rediss://127.0.0.1:%d?ca=%s", redis.port, certificate("none.pem")), SIO_EACCESS,
              "none.pem");
    const char *url = text("rediss://127.0.0.1:%d?ca=%s&cert=%s", redis.port, certificate("ca.pem"),
                           certificate("client.pem"));
    start(url);
    assert_int_equal(sio_redis_link_subscribe(node.link, SIO_REDIS_PATTERN, SIO_STR("*")), 0);
    AWAIT(node.state == SIO_CLUSTER_READY);
    emits(url, 1);
    assert_int_equal(emit(url, &emitter), 1);
    char *large = malloc(5000001);
    memset(large, 'x', 5000000);
    large[5000000] = '\0';
    unsigned before = node.messages;
    AWAIT(node.messages == before + 2);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "x", "s", large), 1);
    AWAIT(node.messages == before + 3);
    say("CLIENT KILL TYPE normal SKIPME yes");
    assert_in_range(sio_emitter_emit(emitter, NULL, "x", "s", large), 0, 1);
    free(large);
    redis_process_kill(&redis);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "x", NULL), SIO_ECONNECT);
    sio_emitter_free(emitter);
    signal(SIGPIPE, SIG_IGN);
}

static void the_emitter_finds_the_master(void **state)
{
    (void)state;
    int dead, hold = redis_process_hold_port(&dead);
    char path[64];
    snprintf(path, sizeof path, "%s", certificate("sentinel"));
    write_password(path, "hush\n");
    start_three("hush");
    emits(text("redis+sentinel://127.0.0.1:%d,127.0.0.1:%d/m?sentinel_password_file=%s", dead,
               sentinel.port, path),
          0);
    emits_not(text("redis+sentinel://127.0.0.1:%d/m", sentinel.port), SIO_EAUTH, "NOAUTH");
    emits_not(
        text("redis+sentinel://127.0.0.1:%d/other?sentinel_password_file=%s", sentinel.port, path),
        SIO_ECONNECT, "do not know the master other");
    emits_not(text("redis+sentinel://127.0.0.1:%d/m", dead), SIO_ECONNECT, "refused");
    say("REPLICAOF 127.0.0.1 %d", replica.port);
    emits_not(
        text("redis+sentinel://127.0.0.1:%d/m?sentinel_password_file=%s", sentinel.port, path),
        SIO_ECONNECT, "not the master");
    end_three();
    close(hold);
}

/* ---- around the tests ---- */

static int end(void **state)
{
    (void)state;
    end_link();
    if (client)
        redisFree(client);
    client = NULL;
    if (*redis.folder)
        redis_process_end(&redis);
    redis = (redis_process){ 0 };
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    await_open();
    certificates_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    certificates_remove();
    return await_close();
}

#define LIVE(test) cmocka_unit_test_teardown(test, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE(tls_checks_the_server),
        LIVE(tls_tells_that_a_certificate_is_old),
        LIVE(a_redis_is_no_sentinel),
        LIVE(a_redis_is_no_sentinel_by_tls),
        LIVE(tls_shows_who_we_are),
        LIVE(tls_carries_much),
        LIVE(tls_with_a_peer_that_has_none),
        LIVE(files_are_checked_first),
        LIVE(a_password_in_a_file),
        LIVE(a_user_with_the_least_rights),
        LIVE(the_master_is_found_and_followed),
        LIVE(a_replica_is_no_master),
        LIVE(sentinels_say_why),
        LIVE(the_emitter_speaks_tls),
        LIVE(the_emitter_finds_the_master),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
