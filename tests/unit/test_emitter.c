#include "check.h"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sio/emitter.h>
#include <sio/sys/limits.h>

#include "free_port.h"

/* ---- a private Redis, and a place for sockets ---- */

static char folder[] = "/tmp/sio-emitter-XXXXXX";
static char redis_path[64], redis_url[80], fake_path[64], fake_url[80];
static char redis_port[8];
static int port_claim;
static pid_t redis_pid;
static int redis_log;
static redisContext *admin;

static void find_port(void)
{
    (void)snprintf(redis_port, sizeof redis_port, "%d", free_port(&port_claim));
}

/* The pipe stays open, for Redis goes on writing. */
static void await_ready(int out)
{
    char text[8192] = "";
    size_t len = 0;

    while (!strcasestr(text, "ready to accept connections")) {
        ssize_t count = read(out, text + len, sizeof text - 1 - len);

        assert_true(count > 0);
        len += (size_t)count;
        text[len] = '\0';
    }
}

static void start_redis(void)
{
    int out[2];

    assert_int_equal(pipe(out), 0);
    redis_pid = fork();
    assert_true(redis_pid >= 0);
    if (redis_pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        execlp("redis-server", "redis-server", "--port", redis_port, "--bind", "127.0.0.1",
               "--unixsocket", redis_path, "--save", "", "--appendonly", "no", "--dir", folder,
               (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    redis_log = out[0];
    await_ready(redis_log);
    admin = redisConnectUnix(redis_path);
    assert_true(admin && !admin->err);
}

static void stop_redis(void)
{
    redisFree(admin);
    kill(redis_pid, SIGTERM);
    waitpid(redis_pid, NULL, 0);
    close(redis_log);
}

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(redis_path, sizeof redis_path, "%s/redis", folder);
    (void)snprintf(redis_url, sizeof redis_url, "unix:%s", redis_path);
    (void)snprintf(fake_path, sizeof fake_path, "%s/fake", folder);
    (void)snprintf(fake_url, sizeof fake_url, "unix:%s", fake_path);
    find_port();
    start_redis();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stop_redis();
    close(port_claim);
    unlink(redis_path);
    unlink(fake_path);
    return rmdir(folder);
}

static void administer(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    redisReply *reply = redisvCommand(admin, format, arguments);
    va_end(arguments);
    assert_non_null(reply);
    assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
    freeReplyObject(reply);
}

static redisContext *subscribe(void)
{
    redisContext *subscriber = redisConnectUnix(redis_path);

    assert_true(subscriber && !subscriber->err);
    freeReplyObject(redisCommand(subscriber, "PSUBSCRIBE *"));
    return subscriber;
}

static sio_emitter *connect_to(const char *url)
{
    sio_emitter *emitter;
    int err = sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = url });

    assert_int_equal(err, 0);
    assert_string_equal(sio_emitter_error(emitter), "");
    return emitter;
}

static void assert_refused(const char *url, int expected, const char *part)
{
    sio_emitter *emitter;
    const uint32_t timeout_ms = expected == SIO_ETIMEOUT ? 100 : 10000;
    const sio_emitter_options options = { .redis = url, .timeout_ms = timeout_ms };
    int err = sio_emitter_new(&emitter, &options);

    assert_int_equal(err, expected);
    assert_non_null(strstr(sio_emitter_error(emitter), part));
    sio_emitter_free(emitter);
}

/* ---- what goes out ---- */

static void assert_published(redisContext *subscriber, const char *channel, const char *hex)
{
    void *answer;
    char text[1024] = "";

    assert_int_equal(redisGetReply(subscriber, &answer), REDIS_OK);
    redisReply *reply = answer;
    assert_int_equal(reply->elements, 4);
    assert_string_equal(reply->element[2]->str, channel);
    assert_true(reply->element[3]->len * 2 < sizeof text);
    for (size_t i = 0; i < reply->element[3]->len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", (unsigned char)reply->element[3]->str[i]);
    assert_string_equal(text, hex);
    freeReplyObject(reply);
}

/* Channels and bytes that @socket.io/redis-emitter 5.1.0 publishes for the same calls. */
static void bytes_are_those_of_the_reference(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);
    sio_emitter_target target = { .rooms = SIO_EMITTER_ROOMS("news") };

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", "s", "bar"), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a57"
                     "26f6f6d7390a5666c61677380a665786365707490");
    assert_int_equal(sio_emitter_emit(emitter, &target, "headline", "{s:s}[iifbn]", "title", "café",
                                      1, -1, 1.5, 1),
                     1);
    assert_published(subscriber, "socket.io#/#news#",
                     "93a7656d697474657283a47479706502a46461746193a8686561646c696e6581a57469746c65a"
                     "5636166c3a99501ffcb3ff8000000000000c3c0a36e7370a12f83a5726f6f6d7391a46e657773"
                     "a5666c61677380a665786365707490");
    assert_int_equal(sio_emitter_emit(emitter, NULL, "bin", "Bs", "\1\2\3", (size_t)3, "after"), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746193a362696ec403010203a56166746572a36"
                     "e7370a12f83a5726f6f6d7390a5666c61677380a665786365707490");
    assert_int_equal(sio_emitter_emit(emitter, NULL, "when", "D", (int64_t)1500), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746192a47768656ed7ff7735940000000001a36"
                     "e7370a12f83a5726f6f6d7390a5666c61677380a665786365707490");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void targets_are_those_of_the_reference(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    sio_emitter_target admins = { .nsp = "admin",
                                  .rooms = SIO_EMITTER_ROOMS("a", "b"),
                                  .except = SIO_EMITTER_ROOMS("c") };
    assert_int_equal(sio_emitter_emit(emitter, &admins, "x", NULL), 1);
    assert_published(subscriber, "socket.io#/admin#",
                     "93a7656d697474657283a47479706502a46461746191a178a36e7370a62f61646d696e83a5726"
                     "f6f6d7392a161a162a5666c61677380a665786365707491a163");

    sio_emitter_target twice = { .rooms = SIO_EMITTER_ROOMS("a", "a"),
                                 .flags = SIO_EMITTER_VOLATILE | SIO_EMITTER_UNCOMPRESSED };
    assert_int_equal(sio_emitter_emit(emitter, &twice, "dup", NULL), 1);
    assert_published(
        subscriber, "socket.io#/#a#",
        "93a7656d697474657283a47479706502a46461746191a3647570a36e7370a12f83a5726f6f6d7"
        "391a161a5666c61677382a8766f6c6174696c65c3a8636f6d7072657373c2a665786365707490");

    sio_emitter_target loose = { .flags = SIO_EMITTER_VOLATILE };
    assert_int_equal(sio_emitter_emit(emitter, &loose, "v", NULL), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746191a176a36e7370a12f83a5726f6f6d7390a"
                     "5666c61677381a8766f6c6174696c65c3a665786365707490");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void the_key_names_the_channel(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter;
    sio_emitter_target target = { .nsp = "/n", .except = SIO_EMITTER_ROOMS("z") };

    (void)state;
    assert_int_equal(
        sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = redis_url, .key = "app" }), 0);
    assert_int_equal(sio_emitter_emit(emitter, &target, "foo", "s", "bar"), 1);
    assert_published(subscriber, "app#/n#",
                     "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a22f6e83a"
                     "5726f6f6d7390a5666c61677380a665786365707491a17a");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void nobody_listens(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 0);
    assert_string_equal(sio_emitter_error(emitter), "");
    sio_emitter_free(emitter);
}

/* ---- what does not ---- */

static void assert_not_sent(sio_emitter *emitter, const sio_emitter_target *target,
                            const char *event, const char *text, int expected)
{
    assert_int_equal(sio_emitter_emit(emitter, target, event, "s", text), expected);
    assert_string_not_equal(sio_emitter_error(emitter), "");
}

static void what_is_wrong_is_refused(void **state)
{
    static const char *const reserved[] = { "connect",       "connect_error", "disconnect",
                                            "disconnecting", "newListener",   "removeListener" };
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);
    sio_emitter_target bad_room = { .rooms = SIO_EMITTER_ROOMS("ok", "\xff") };
    sio_emitter_target bad_except = { .except = SIO_EMITTER_ROOMS("\xed\xa0\x80") };

    (void)state;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        assert_not_sent(emitter, NULL, reserved[i], "", SIO_ERESERVED);
    assert_not_sent(emitter, NULL, "\xc0\x80", "", SIO_EUTF8);
    assert_not_sent(emitter, NULL, "e", "\xff", SIO_EUTF8);
    assert_not_sent(emitter, &bad_room, "e", "", SIO_EUTF8);
    assert_not_sent(emitter, &bad_except, "e", "", SIO_EUTF8);
    assert_not_sent(emitter, &(sio_emitter_target){ .nsp = "\xff" }, "e", "", SIO_EUTF8);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "e", "["), SIO_EFORMAT);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "e", "[BBBBBBBBBB]{s:B}", NULL, (size_t)0,
                                      NULL, (size_t)0, NULL, (size_t)0, NULL, (size_t)0, NULL,
                                      (size_t)0, NULL, (size_t)0, NULL, (size_t)0, NULL, (size_t)0,
                                      NULL, (size_t)0, NULL, (size_t)0, "k", NULL, (size_t)0),
                     SIO_ELIMIT);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", "s", "bar"), 1);
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a57"
                     "26f6f6d7390a5666c61677380a665786365707490");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void a_message_has_a_maximum(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);
    void *bytes = calloc(1, SIO_LIMIT_PUBLISH);

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "e", "B", bytes, (size_t)SIO_LIMIT_PUBLISH),
                     SIO_ELIMIT);
    assert_int_equal(
        sio_emitter_emit(emitter, NULL, "e", "B", bytes, (size_t)SIO_LIMIT_PUBLISH - 128), 0);
    free(bytes);
    sio_emitter_free(emitter);
}

/* ---- connections ---- */

static void a_dead_connection_is_made_anew(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    for (int i = 0; i < 3; i++) {
        administer("CLIENT KILL TYPE normal SKIPME yes");
        assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 1);
    }
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void redis_may_go_and_come_back(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    stop_redis();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_ECONNECT);
        assert_non_null(strstr(sio_emitter_error(emitter), redis_path));
    }
    start_redis();
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 0);
    assert_string_equal(sio_emitter_error(emitter), "");
    sio_emitter_free(emitter);
}

static const char *url_of(const char *credentials)
{
    static char url[160];

    (void)snprintf(url, sizeof url, "redis://%s127.0.0.1:%s", credentials, redis_port);
    return url;
}

static void passwords_are_needed_and_checked(void **state)
{
    (void)state;
    administer("ACL SETUSER bob on >pw +publish +ping &*");
    administer("CONFIG SET requirepass se@cret");
    assert_refused(url_of(""), SIO_EAUTH, "NOAUTH");
    assert_refused(url_of(":guess@"), SIO_EAUTH, "WRONGPASS");
    assert_refused(url_of("bob:guess@"), SIO_EAUTH, "WRONGPASS");
    sio_emitter_free(connect_to(url_of(":se%40cret@")));
    sio_emitter_free(connect_to(url_of("bob:pw@")));
    administer("CONFIG SET requirepass %s", "");
    assert_refused(url_of(":needless@"), SIO_EAUTH, "AUTH");
    administer("ACL DELUSER bob");
}

static void the_right_to_publish_is_needed(void **state)
{
    sio_emitter *emitter;

    (void)state;
    administer("ACL SETUSER mute on >pw +ping");
    emitter = connect_to(url_of("mute:pw@"));
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_EAUTH);
    assert_non_null(strstr(sio_emitter_error(emitter), "NOPERM"));
    sio_emitter_free(emitter);
    administer("ACL DELUSER mute");
}

static void the_database_must_exist(void **state)
{
    char url[96];

    (void)state;
    (void)snprintf(url, sizeof url, "%s?db=3", redis_url);
    sio_emitter_free(connect_to(url));
    (void)snprintf(url, sizeof url, "%s?db=1000", redis_url);
    assert_refused(url, SIO_EREDIS, "out of range");
}

static void nobody_at_the_port(void **state)
{
    (void)state;
    assert_refused("redis://127.0.0.1:1", SIO_ECONNECT, "127.0.0.1 port 1: ");
}

static void urls_are_checked(void **state)
{
    sio_emitter *emitter;

    (void)state;
    assert_refused("http://localhost", SIO_EURL, "");
    assert_refused("redis://localhost:99999", SIO_EURL, "");
    assert_int_equal(sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = "nonsense" }),
                     SIO_EURL);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_EURL);
    sio_emitter_free(emitter);
    sio_emitter_free(NULL);
}

/* ---- a Redis that misbehaves: a script played by a child ---- */

typedef struct step {
    enum { ACCEPT, EXPECT, ANSWER, FLOOD, DEAFEN, HANG_UP } what;
    const char *text;
} step;

static void expect(int fd, const char *text)
{
    char heard[1024] = "";
    size_t len = 0;

    while (!memmem(heard, len, text, strlen(text))) { /* messages may hold a NUL */
        ssize_t count = read(fd, heard + len, sizeof heard - 1 - len);

        if (count <= 0)
            _exit(1);
        len += (size_t)count;
        heard[len] = '\0';
    }
}

static void flood(int fd)
{
    static char zeros[65536];

    while (send(fd, zeros, sizeof zeros, MSG_NOSIGNAL) > 0)
        ;
}

static void play(int listener, const step *steps, size_t count)
{
    int fd = -1;

    for (size_t i = 0; i < count; i++)
        switch (steps[i].what) {
        case ACCEPT:
            fd = accept(listener, NULL, NULL);
            break;
        case EXPECT:
            expect(fd, steps[i].text);
            break;
        case ANSWER:
            if (write(fd, steps[i].text, strlen(steps[i].text)) < 0)
                _exit(1);
            break;
        case FLOOD:
            flood(fd);
            break;
        case DEAFEN:
            shutdown(fd, SHUT_RD);
            break;
        case HANG_UP:
            close(fd);
            break;
        }
    pause();
}

static pid_t fake_redis(const step *steps, size_t count)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    unlink(fake_path);
    memcpy(address.sun_path, fake_path, sizeof fake_path);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 5), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        play(listener, steps, count);
    close(listener);
    return pid;
}
#define FAKE_REDIS(...)                                                                            \
    fake_redis((step[]){ __VA_ARGS__ }, sizeof((step[]){ __VA_ARGS__ }) / sizeof(step))

static void end_fake(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void a_deaf_redis_times_out(void **state)
{
    pid_t silent = FAKE_REDIS({ ACCEPT, "" });

    (void)state;
    assert_refused(fake_url, SIO_ETIMEOUT, "100 ms");
    end_fake(silent);
    pid_t slow = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PO" });
    assert_refused(fake_url, SIO_ETIMEOUT, "100 ms");
    end_fake(slow);
}

static void what_is_no_redis_is_told(void **state)
{
    pid_t web = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "HTTP/1.1 400\r\n" });

    (void)state;
    assert_refused(fake_url, SIO_EREDIS, "not Redis");
    end_fake(web);
    pid_t loud = FAKE_REDIS({ ACCEPT, "" }, { ANSWER, "$2000000000\r\n" }, { FLOOD, "" });
    assert_refused(fake_url, SIO_EREDIS, "too long");
    end_fake(loud);
    pid_t shy = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { HANG_UP, "" });
    assert_refused(fake_url, SIO_ECONNECT, "lost the connection");
    end_fake(shy);
}

/* The first connection dies in the very moment of the write: no signal, and a second try. */
static void what_was_not_written_is_repeated(void **state)
{
    pid_t fake = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { DEAFEN, "" },
                            { ANSWER, "+PONG\r\n" }, { ACCEPT, "" }, { EXPECT, "PING" },
                            { ANSWER, "+PONG\r\n" }, { EXPECT, "PUBLISH" }, { ANSWER, ":7\r\n" });
    sio_emitter *emitter = connect_to(fake_url);

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 7);
    sio_emitter_free(emitter);
    end_fake(fake);
}

/* It may have arrived: sending it again could double it. */
static void what_was_written_is_not_repeated(void **state)
{
    pid_t fake =
        FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PONG\r\n" },
                   { EXPECT, "PUBLISH" }, { HANG_UP, "" }, { ACCEPT, "" }, { EXPECT, "PING" },
                   { ANSWER, "+PONG\r\n" }, { EXPECT, "PUBLISH" }, { ANSWER, ":1\r\n" });
    sio_emitter *emitter = connect_to(fake_url);

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_ECONNECT);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 1);
    sio_emitter_free(emitter);
    end_fake(fake);
}

/* ---- batches ---- */

static void assert_tally(sio_emitter *emitter, int expected, sio_emitter_tally wanted)
{
    sio_emitter_tally tally;

    assert_int_equal(sio_emitter_flush(emitter, &tally), expected);
    assert_memory_equal(&tally, &wanted, sizeof tally);
}

static void a_batch_is_what_single_emits_are(void **state)
{
    redisContext *subscriber = subscribe();
    sio_emitter *emitter = connect_to(redis_url);
    sio_emitter_target news = { .rooms = SIO_EMITTER_ROOMS("news") };

    (void)state;
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", "s", "bar"), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "connect", NULL), SIO_ERESERVED);
    assert_int_equal(sio_emitter_queue(emitter, &news, "foo", NULL), 0);
    assert_tally(emitter, 0, (sio_emitter_tally){ .heard = 2 });
    assert_tally(emitter, 0, (sio_emitter_tally){ 0 });
    assert_published(subscriber, "socket.io#/#",
                     "93a7656d697474657283a47479706502a46461746192a3666f6fa3626172a36e7370a12f83a57"
                     "26f6f6d7390a5666c61677380a665786365707490");
    assert_published(subscriber, "socket.io#/#news#",
                     "93a7656d697474657283a47479706502a46461746191a3666f6fa36e7370a12f83a5726f6f6d7"
                     "391a46e657773a5666c61677380a665786365707490");
    sio_emitter_free(emitter);
    redisFree(subscriber);
}

static void a_large_batch_is_written_in_parts(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    for (int i = 0; i < 50000; i++)
        assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", "i", i), 0);
    assert_int_equal(sio_emitter_emit(emitter, NULL, "then", NULL), 0);
    assert_tally(emitter, 0, (sio_emitter_tally){ .unheard = 50000 });
    sio_emitter_free(emitter);
}

static void what_a_batch_has_refused_is_counted(void **state)
{
    (void)state;
    administer("ACL SETUSER one on >pw +ping +publish &socket.io#/#one#");
    sio_emitter *emitter = connect_to(url_of("one:pw@"));
    sio_emitter_target one = { .rooms = SIO_EMITTER_ROOMS("one") };
    assert_int_equal(sio_emitter_queue(emitter, &one, "foo", NULL), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", NULL), 0);
    assert_tally(emitter, SIO_EAUTH, (sio_emitter_tally){ .unheard = 1, .refused = 1 });
    assert_non_null(strstr(sio_emitter_error(emitter), "NOPERM"));
    sio_emitter_free(emitter);
    administer("ACL DELUSER one");
}

static void a_batch_outlives_its_connection(void **state)
{
    sio_emitter *emitter = connect_to(redis_url);

    (void)state;
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", NULL), 0);
    administer("CLIENT KILL TYPE normal SKIPME yes");
    assert_tally(emitter, 0, (sio_emitter_tally){ .unheard = 1 });
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", NULL), 0);
    stop_redis();
    assert_tally(emitter, SIO_ECONNECT, (sio_emitter_tally){ .unsent = 1 });
    assert_int_equal(sio_emitter_unsure(emitter), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "foo", NULL), 0);
    start_redis();
    assert_tally(emitter, 0, (sio_emitter_tally){ .unheard = 2 });
    sio_emitter_free(emitter);
}

static void a_batch_has_a_maximum(void **state)
{
    static char megabyte[1024 * 1024];
    sio_emitter *emitter = connect_to(redis_url);
    unsigned queued = 0;
    int err = 0;

    (void)state;
    stop_redis();
    for (int i = 0; i < 100 && err != SIO_ELIMIT; i++) {
        err = sio_emitter_queue(emitter, NULL, "e", "B", megabyte, sizeof megabyte);
        queued += err != SIO_ELIMIT;
    }
    assert_int_equal(err, SIO_ELIMIT);
    assert_tally(emitter, SIO_ECONNECT, (sio_emitter_tally){ .unsent = queued });
    start_redis();
    assert_int_equal(sio_emitter_queue(emitter, NULL, "e", NULL), 0);
    assert_tally(emitter, 0, (sio_emitter_tally){ .unheard = queued + 1 });
    sio_emitter_free(emitter);
}

/* Two are answered; the third may have arrived. */
static void what_is_in_doubt_is_told(void **state)
{
    pid_t fake =
        FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PONG\r\n" }, { EXPECT, "third" },
                   { ANSWER, ":1\r\n:0\r\n" }, { HANG_UP, "" }, { ACCEPT, "" }, { EXPECT, "PING" },
                   { ANSWER, "+PONG\r\n" }, { EXPECT, "fourth" }, { ANSWER, ":1\r\n" });
    sio_emitter *emitter = connect_to(fake_url);

    (void)state;
    assert_int_equal(sio_emitter_queue(emitter, NULL, "first", NULL), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "second", NULL), 0);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "third", NULL), 0);
    assert_tally(emitter, SIO_ECONNECT,
                 (sio_emitter_tally){ .heard = 1, .unheard = 1, .unsure = 1 });
    assert_int_equal(sio_emitter_unsure(emitter), 1);
    assert_int_equal(sio_emitter_queue(emitter, NULL, "fourth", NULL), 0);
    assert_tally(emitter, 0, (sio_emitter_tally){ .heard = 1 });
    assert_int_equal(sio_emitter_unsure(emitter), 0);
    sio_emitter_free(emitter);
    end_fake(fake);
}

/* ---- again and again ---- */

static sio_emitter *patient(const char *url)
{
    sio_emitter *emitter;

    assert_int_equal(
        sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = url, .retry_ms = 10000 }), 0);
    return emitter;
}

static void a_redis_that_loads_is_waited_for(void **state)
{
    pid_t fake = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "-LOADING it\r\n" },
                            { ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PONG\r\n" },
                            { EXPECT, "PUBLISH" }, { ANSWER, "-LOADING again\r\n" },
                            { EXPECT, "PUBLISH" }, { ANSWER, ":3\r\n" });
    sio_emitter *emitter = patient(fake_url);

    (void)state;
    assert_string_equal(sio_emitter_error(emitter), "");
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 3);
    assert_string_equal(sio_emitter_error(emitter), "");
    sio_emitter_free(emitter);
    end_fake(fake);
}

/* Patience is no reason to double a message. */
static void what_may_be_there_is_not_sent_again(void **state)
{
    pid_t fake = FAKE_REDIS({ ACCEPT, "" }, { EXPECT, "PING" }, { ANSWER, "+PONG\r\n" },
                            { EXPECT, "PUBLISH" }, { HANG_UP, "" });
    sio_emitter *emitter = patient(fake_url);

    (void)state;
    assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), SIO_ECONNECT);
    assert_int_equal(sio_emitter_unsure(emitter), 1);
    sio_emitter_free(emitter);
    end_fake(fake);
}

static void patience_ends(void **state)
{
    sio_emitter *emitter;
    const sio_emitter_options options = { .redis = "redis://127.0.0.1:1", .retry_ms = 60 };

    (void)state;
    assert_int_equal(sio_emitter_new(&emitter, &options), SIO_ECONNECT);
    assert_int_equal(sio_emitter_unsure(emitter), 0);
    sio_emitter_free(emitter);
}

/* ---- questions ---- */

/* Something that is counted as a node, and does not answer. */
static redisContext *pretend(const char *verb, const char *channel)
{
    redisContext *subscriber = redisConnectUnix(redis_path);

    assert_true(subscriber && !subscriber->err);
    freeReplyObject(redisCommand(subscriber, "%s %s", verb, channel));
    return subscriber;
}

static void nobody_is_asked(void **state)
{
    (void)state;
    for (int adapter = SIO_EMITTER_CLASSIC; adapter <= SIO_EMITTER_STREAMS; adapter++) {
        sio_emitter *emitter;
        sio_emitter_answers *answers;

        assert_int_equal(
            sio_emitter_new(&emitter,
                            &(sio_emitter_options){ .redis = redis_url,
                                                    .adapter = (sio_emitter_adapter)adapter }),
            0);
        assert_int_equal(sio_emitter_server_count(emitter, NULL), 0);
        assert_int_equal(sio_emitter_emit_ack(emitter, NULL, 0, &answers, "foo", "s", "bar"), 0);
        assert_int_equal(answers->nodes, 0);
        assert_int_equal(sio_value_count(answers->values), 0);
        sio_emitter_answers_free(answers);
        assert_int_equal(sio_emitter_emit_ack(emitter, NULL, 0, &answers, "connect", NULL),
                         SIO_ERESERVED);
        assert_null(answers);
        assert_int_equal(sio_emitter_emit(emitter, NULL, "foo", NULL), 0);
        sio_emitter_free(emitter);
    }
    sio_emitter_answers_free(NULL);
}

static void who_does_not_answer_is_missing(void **state)
{
    static const struct {
        sio_emitter_adapter adapter;
        const char *verb, *channel;
    } kinds[] = { { SIO_EMITTER_CLASSIC, "SUBSCRIBE", "socket.io-request#/#" },
                  { SIO_EMITTER_SHARDED, "SSUBSCRIBE", "socket.io#/#" },
                  { SIO_EMITTER_STREAMS, "SUBSCRIBE", "socket.io#/#" } };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        redisContext *node = pretend(kinds[i].verb, kinds[i].channel);
        sio_emitter *emitter;
        sio_emitter_answers *answers;
        const sio_emitter_options options = { .redis = redis_url, .adapter = kinds[i].adapter };

        assert_int_equal(sio_emitter_new(&emitter, &options), 0);
        assert_int_equal(sio_emitter_server_count(emitter, NULL), 1);
        assert_int_equal(sio_emitter_fetch_sockets(emitter, NULL, 500, &answers), SIO_ETIMEOUT);
        assert_int_equal(answers->nodes, 1);
        assert_int_equal(answers->missing_nodes, 1);
        assert_non_null(strstr(sio_emitter_error(emitter), "1 of 1 servers"));
        sio_emitter_answers_free(answers);
        assert_int_equal(sio_emitter_sockets_join(emitter, NULL, SIO_EMITTER_ROOMS("a")), 1);
        sio_emitter_free(emitter);
        redisFree(node);
    }
}

/* Nothing is asked of those whom it could not hear. */
static void the_right_to_hear_is_needed(void **state)
{
    redisContext *node = subscribe();
    sio_emitter_answers *answers;

    (void)state;
    administer("ACL SETUSER deaf on >pw +ping +hello +publish +pubsub &*");
    sio_emitter *emitter = connect_to(url_of("deaf:pw@"));
    assert_int_equal(sio_emitter_server_side_emit_ack(emitter, NULL, 5000, &answers, "e", NULL),
                     SIO_EAUTH);
    assert_null(answers);
    assert_int_equal(sio_emitter_server_side_emit(emitter, NULL, "after", NULL), 1);
    void *heard;
    assert_int_equal(redisGetReply(node, &heard), REDIS_OK);
    assert_non_null(strstr(((redisReply *)heard)->element[3]->str, "after"));
    freeReplyObject(heard);
    sio_emitter_free(emitter);
    administer("ACL DELUSER deaf");
    redisFree(node);
}

/* It was not asked: nothing is in doubt. */
static void the_right_to_ask_is_needed(void **state)
{
    sio_emitter_answers *answers;

    (void)state;
    administer("ACL SETUSER mute on >pw +ping +hello +subscribe +pubsub &*");
    sio_emitter *emitter = connect_to(url_of("mute:pw@"));
    assert_int_equal(sio_emitter_emit_ack(emitter, NULL, 5000, &answers, "e", NULL), SIO_EAUTH);
    assert_null(answers);
    assert_int_equal(sio_emitter_unsure(emitter), 0);
    sio_emitter_free(emitter);
    administer("ACL DELUSER mute");
}

/* The rules that docs/redis.md has for emitters: what stands first, and what questions need. */
static void the_least_rights(void **state)
{
    static const char *const rules[][2] = {
        { "&socket.io#/#* &socket.io-request#/# +ping +publish",
          "&socket.io-response#/#* +hello +subscribe +pubsub|numsub" },
        { "&socket.io#/#* +ping +spublish", "+hello +ssubscribe +pubsub|shardnumsub" },
        { "~socket.io +ping +xadd", "&socket.io#/#* +pubsub|numsub +publish +hello +subscribe" },
    };
    sio_emitter_answers *answers;
    char command[256];

    (void)state;
    for (int adapter = SIO_EMITTER_CLASSIC; adapter <= SIO_EMITTER_STREAMS; adapter++) {
        const int heard = adapter == SIO_EMITTER_STREAMS; /* it is in the stream, that is all */
        sio_emitter *emitter;
        char url[160];

        (void)snprintf(command, sizeof command,
                       "ACL SETUSER least on >pw resetkeys resetchannels %s", rules[adapter][0]);
        administer(command);
        (void)snprintf(url, sizeof url, "%s", url_of("least:pw@"));
        const sio_emitter_options options = { .redis = url,
                                              .adapter = (sio_emitter_adapter)adapter };
        assert_int_equal(sio_emitter_new(&emitter, &options), 0);
        assert_int_equal(sio_emitter_emit(emitter, NULL, "e", NULL), heard);
        assert_int_equal(sio_emitter_sockets_join(emitter, NULL, SIO_EMITTER_ROOMS("a")), heard);
        assert_int_equal(sio_emitter_server_side_emit(emitter, NULL, "e", NULL), heard);
        assert_int_equal(sio_emitter_count(emitter, NULL, 5000, &answers), SIO_EAUTH);
        (void)snprintf(command, sizeof command, "ACL SETUSER least %s", rules[adapter][1]);
        administer(command);
        assert_int_equal(sio_emitter_count(emitter, NULL, 5000, &answers), 0);
        sio_emitter_answers_free(answers);
        assert_int_equal(sio_emitter_emit(emitter, NULL, "e", NULL), 0);
        sio_emitter_free(emitter);
        administer("ACL DELUSER least");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_those_of_the_reference),
        cmocka_unit_test(targets_are_those_of_the_reference),
        cmocka_unit_test(the_key_names_the_channel),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(a_message_has_a_maximum),
        cmocka_unit_test(a_dead_connection_is_made_anew),
        cmocka_unit_test(redis_may_go_and_come_back),
        cmocka_unit_test(passwords_are_needed_and_checked),
        cmocka_unit_test(the_right_to_publish_is_needed),
        cmocka_unit_test(the_database_must_exist),
        cmocka_unit_test(nobody_at_the_port),
        cmocka_unit_test(urls_are_checked),
        cmocka_unit_test(a_deaf_redis_times_out),
        cmocka_unit_test(what_is_no_redis_is_told),
        cmocka_unit_test(what_was_not_written_is_repeated),
        cmocka_unit_test(what_was_written_is_not_repeated),
        cmocka_unit_test(a_batch_is_what_single_emits_are),
        cmocka_unit_test(a_large_batch_is_written_in_parts),
        cmocka_unit_test(what_a_batch_has_refused_is_counted),
        cmocka_unit_test(a_batch_outlives_its_connection),
        cmocka_unit_test(a_batch_has_a_maximum),
        cmocka_unit_test(what_is_in_doubt_is_told),
        cmocka_unit_test(a_redis_that_loads_is_waited_for),
        cmocka_unit_test(what_may_be_there_is_not_sent_again),
        cmocka_unit_test(patience_ends),
        cmocka_unit_test(nobody_is_asked),
        cmocka_unit_test(who_does_not_answer_is_missing),
        cmocka_unit_test(the_right_to_hear_is_needed),
        cmocka_unit_test(the_right_to_ask_is_needed),
        cmocka_unit_test(the_least_rights),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
