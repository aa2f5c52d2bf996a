/* Subscriptions and commands of a link to a Redis of its own. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "link.h"
#include "own_redis.h"

static void begin_link(void)
{
    start(tcp_url());
}

static void link_up(void)
{
    begin_link();
    AWAIT(node.state == SIO_CLUSTER_READY);
}

static void link_up_to_read(void)
{
    begin_link();
    sio_redis_link_use_reader(node.link);
    AWAIT(node.state == SIO_CLUSTER_READY);
}

static void subscribe(sio_redis_kind kind, const char *name)
{
    assert_int_equal(sio_redis_link_subscribe(node.link, kind, sio_str_from(name)), 0);
}

static void unsubscribe(sio_redis_kind kind, const char *name)
{
    sio_redis_link_unsubscribe(node.link, kind, sio_str_from(name));
}

static bool is_subscribed(sio_redis_kind kind, const char *name)
{
    return sio_redis_link_is_subscribed(node.link, kind, sio_str_from(name));
}

/* ---- another client ---- */

static redisContext *client;

static long long say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    redisReply *reply = redisvCommand(client, format, arguments);
    va_end(arguments);
    assert_non_null(reply);
    assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
    long long integer = reply->integer;
    freeReplyObject(reply);
    return integer;
}

/* How often a command has been executed since CONFIG RESETSTAT. */
static unsigned calls_of(const char *verb)
{
    char what[64];
    redisReply *reply = redisCommand(client, "INFO commandstats");
    assert_non_null(reply);
    snprintf(what, sizeof what, "cmdstat_%s:calls=", verb);
    const char *found = strstr(reply->str, what);
    unsigned calls = found ? (unsigned)atoi(found + strlen(what)) : 0;
    freeReplyObject(reply);
    return calls;
}

/* ---- answers ---- */

static struct {
    unsigned count;
    int err;
    long long integer;
    int type;
    char text[128];
    bool stop;
} answer;

static void on_answer(void *data, int err, const redisReply *reply)
{
    assert_ptr_equal(data, &answer);
    answer.count++;
    answer.err = err;
    answer.type = reply ? reply->type : 0;
    answer.integer = reply ? reply->integer : 0;
    snprintf(answer.text, sizeof answer.text, "%s", reply && reply->str ? reply->str : "");
    if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2)
        answer.integer = reply->element[1]->integer;
    if (answer.stop && !node.stopping)
        stop();
}

typedef int (*way)(sio_redis_link *link, const sio_redis_command *command);

static int give(way send, const char *text)
{
    char copy[256];
    sio_str words[16];
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        words[count++] = sio_str_from(word);
    return send(node.link, &(sio_redis_command){ words, count, on_answer, &answer });
}

/* ---- tests ---- */

static void each_kind_gets_its_messages(void **state)
{
    (void)state;
    link_up();
    subscribe(SIO_REDIS_CHANNEL, "a");
    subscribe(SIO_REDIS_PATTERN, "b*");
    subscribe(SIO_REDIS_SHARD, "c");
    assert_int_equal(sio_redis_link_subscribe(node.link, SIO_REDIS_SHARD, SIO_STR("c")),
                     SIO_EEXISTS);
    assert_false(is_subscribed(SIO_REDIS_CHANNEL, "a"));
    AWAIT(node.confirmed == 3);
    assert_int_equal(say("PUBLISH a one"), 1);
    AWAIT(node.messages == 1);
    assert_string_equal(node.message, "c a a one");
    assert_int_equal(say("PUBLISH bc two"), 1);
    AWAIT(node.messages == 2);
    assert_string_equal(node.message, "p b* bc two");
    assert_int_equal(say("SPUBLISH c three"), 1);
    AWAIT(node.messages == 3);
    assert_string_equal(node.message, "s c c three");
    unsubscribe(SIO_REDIS_CHANNEL, "a");
    unsubscribe(SIO_REDIS_PATTERN, "b*");
    unsubscribe(SIO_REDIS_SHARD, "c");
    unsubscribe(SIO_REDIS_SHARD, "never");
    assert_false(is_subscribed(SIO_REDIS_CHANNEL, "a"));
    while (say("PUBLISH a x") + say("PUBLISH bc x") + say("SPUBLISH c x") > 0)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(node.state, SIO_CLUSTER_READY);
}

/* What is asked for before the link stands is confirmed before it is ready. */
static void ready_means_subscribed(void **state)
{
    (void)state;
    begin_link();
    char name[32];
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "room%d", i);
        subscribe(i % 3, name);
    }
    unsubscribe(SIO_REDIS_CHANNEL, "room0");
    AWAIT(node.state == SIO_CLUSTER_READY);
    assert_int_equal(node.confirmed, 2999);
    assert_int_equal(say("PUBLISH room0 x"), 0);
    assert_int_equal(say("PUBLISH room2997 x"), 1);
    assert_int_equal(say("SPUBLISH room2999 x"), 1);
}

static void a_turn_is_few_commands(void **state)
{
    (void)state;
    char name[32];
    link_up();
    say("CONFIG RESETSTAT");
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "room%d", i);
        subscribe(SIO_REDIS_CHANNEL, name);
        if (i % 2)
            unsubscribe(SIO_REDIS_CHANNEL, name);
    }
    AWAIT(node.confirmed == 5000);
    assert_int_equal(calls_of("subscribe"),
                     (5000 + SIO_LIMIT_REDIS_SUBSCRIBE - 1) / SIO_LIMIT_REDIS_SUBSCRIBE);
    assert_int_equal(calls_of("unsubscribe"), 0);
    /* away and back in one turn: nothing is sent, and it stays confirmed */
    say("CONFIG RESETSTAT");
    for (int i = 0; i < 10000; i += 2) {
        snprintf(name, sizeof name, "room%d", i);
        unsubscribe(SIO_REDIS_CHANNEL, name);
        assert_false(is_subscribed(SIO_REDIS_CHANNEL, name));
        subscribe(SIO_REDIS_CHANNEL, name);
        assert_true(is_subscribed(SIO_REDIS_CHANNEL, name));
    }
    subscribe(SIO_REDIS_CHANNEL, "last");
    AWAIT(node.confirmed == 5001);
    assert_int_equal(calls_of("subscribe"), 1);
    assert_int_equal(calls_of("unsubscribe"), 0);
}

/* Channels whose names fill the window several times over. */
static void more_than_redis_may_owe_us(void **state)
{
    (void)state;
    static char name[2000];
    memset(name, 'x', sizeof name - 1);
    link_up();
    for (int i = 0; i < 5000; i++) {
        snprintf(name, 8, "%07d", i);
        name[7] = 'x';
        subscribe(SIO_REDIS_CHANNEL, name);
    }
    AWAIT(node.confirmed == 5000);
    assert_int_equal(node.state, SIO_CLUSTER_READY);
}

/* Leaving and joining at random, with confirmations under way: in the end exactly what is wanted is
 * subscribed to, and what was reported as confirmed was. */
static void leaving_and_joining_loses_nothing(void **state)
{
    (void)state;
    enum { NAMES = 20, STEPS = 20000 };
    bool wanted[NAMES] = { false };
    unsigned seed = (unsigned)uv_hrtime();
    print_message("seed %u\n", seed);
    srandom(seed);
    link_up();
    for (int step = 0; step < STEPS; step++) {
        char name[16];
        long which = random() % NAMES;
        snprintf(name, sizeof name, "n%ld", which);
        if (wanted[which])
            unsubscribe(which % 3, name);
        else
            subscribe(which % 3, name);
        wanted[which] = !wanted[which];
        if (random() % 4 == 0)
            uv_run(&loop, UV_RUN_NOWAIT);
        if (random() % 50 == 0 && is_subscribed(SIO_REDIS_CHANNEL, "n3"))
            assert_int_equal(say("PUBLISH n3 x"), 1);
    }
    for (int which = 0; which < NAMES; which++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", which);
        if (wanted[which])
            AWAIT(is_subscribed(which % 3, name));
    }
    subscribe(SIO_REDIS_CHANNEL, "after all");
    AWAIT(is_subscribed(SIO_REDIS_CHANNEL, "after all"));
    for (int which = 0; which < NAMES; which++) {
        const char *verb = which % 3 == SIO_REDIS_SHARD ? "SPUBLISH" : "PUBLISH";
        assert_int_equal(say("%s n%d x", verb, which), wanted[which]);
    }
}

static void all_come_back_with_the_link(void **state)
{
    (void)state;
    link_up();
    subscribe(SIO_REDIS_CHANNEL, "a");
    subscribe(SIO_REDIS_SHARD, "s");
    subscribe(SIO_REDIS_CHANNEL, "left");
    AWAIT(node.confirmed == 3);
    say("CLIENT KILL TYPE pubsub");
    unsubscribe(SIO_REDIS_CHANNEL, "left");
    AWAIT(node.lost == 1);
    assert_false(is_subscribed(SIO_REDIS_CHANNEL, "a"));
    subscribe(SIO_REDIS_CHANNEL, "b");
    AWAIT(node.state == SIO_CLUSTER_READY);
    assert_int_equal(node.confirmed, 6);
    assert_int_equal(say("PUBLISH a x") + say("PUBLISH b x") + say("SPUBLISH s x"), 3);
    assert_int_equal(say("PUBLISH left x"), 0);
    AWAIT(node.messages == 3);
}

static void questions_are_answered(void **state)
{
    (void)state;
    begin_link();
    assert_int_equal(give(sio_redis_link_ask, "PUBSUB NUMSUB a"), SIO_ECLOSED);
    AWAIT(node.state == SIO_CLUSTER_READY);
    subscribe(SIO_REDIS_CHANNEL, "a");
    AWAIT(node.confirmed == 1);
    assert_int_equal(give(sio_redis_link_ask, "PUBSUB NUMSUB a"), 0);
    assert_int_equal(answer.count, 0);
    AWAIT(answer.count == 1);
    assert_int_equal(answer.err, 0);
    assert_int_equal(answer.integer, 1);
    assert_int_equal(give(sio_redis_link_ask, "NONSENSE"), 0);
    AWAIT(answer.count == 2);
    assert_int_equal(answer.err, SIO_EREDIS);
    assert_non_null(strstr(answer.text, "unknown command"));
    unsigned asked = 0;
    int err = 0;
    while (!(err = give(sio_redis_link_ask, "GET k")))
        asked++;
    assert_int_equal(err, SIO_ELIMIT);
    assert_int_equal(asked, SIO_LIMIT_REDIS_COMMANDS);
    AWAIT(answer.count == 2 + asked);
    assert_int_equal(answer.type, REDIS_REPLY_NIL);
    assert_int_equal(node.state, SIO_CLUSTER_READY);
}

static void questions_end_with_the_link(void **state)
{
    (void)state;
    link_up();
    kill(redis.pid, SIGSTOP);
    assert_int_equal(give(sio_redis_link_ask, "GET k"), 0);
    assert_int_equal(give(sio_redis_link_ask, "GET k"), 0);
    assert_int_equal(give(sio_redis_link_send, "XADD s * f v"), 0);
    redis_process_kill(&redis);
    AWAIT(node.lost == 1);
    assert_int_equal(answer.count, 3);
    assert_int_equal(answer.err, SIO_ECLOSED);
    assert_int_equal(give(sio_redis_link_ask, "GET k"), SIO_ECLOSED);
}

static void what_is_sent_waits_for_the_link(void **state)
{
    (void)state;
    begin_link();
    assert_int_equal(give(sio_redis_link_send, "XADD stream 7-1 field value"), 0);
    AWAIT(answer.count == 1);
    assert_int_equal(answer.err, 0);
    assert_string_equal(answer.text, "7-1");
    assert_int_equal(give(sio_redis_link_send, "XADD stream 7-1 field value"), 0);
    AWAIT(answer.count == 2);
    assert_int_equal(answer.err, SIO_EREDIS);
    sio_cluster_stats stats = { 0 };
    sio_redis_link_stats(node.link, &stats);
    assert_int_equal(stats.published, 2);
    assert_int_equal(stats.published_lost, 1);
}

static void reading_may_block(void **state)
{
    (void)state;
    link_up_to_read();
    /* from the first entry on: it may come before Redis has read this */
    assert_int_equal(give(sio_redis_link_read, "XREAD BLOCK 4000 STREAMS news 0-0"), 0);
    assert_int_equal(give(sio_redis_link_ask, "GET k"), 0);
    AWAIT(answer.count == 1);
    say("XADD news * message subscribe");
    AWAIT(answer.count == 2);
    assert_int_equal(answer.type, REDIS_REPLY_ARRAY);
}

static void stopping_tells_who_waits(void **state)
{
    (void)state;
    link_up_to_read();
    kill(redis.pid, SIGSTOP);
    assert_int_equal(give(sio_redis_link_ask, "GET k"), 0);
    assert_int_equal(give(sio_redis_link_read, "GET k"), 0);
    assert_int_equal(give(sio_redis_link_send, "XADD s 8-1 f v"), 0);
    stop();
    assert_int_equal(answer.count, 3);
    assert_int_equal(answer.err, SIO_ECLOSED);
    assert_int_equal(give(sio_redis_link_send, "GET k"), SIO_ECLOSED);
    assert_int_equal(give(sio_redis_link_ask, "GET k"), SIO_ECLOSED);
    kill(redis.pid, SIGCONT);
    AWAIT(node.stopped);
    assert_int_equal(answer.count, 3);
    assert_int_equal(say("XLEN s"), 1);
}

static void stopping_from_within_answers(void **state)
{
    (void)state;
    link_up();
    answer.stop = true;
    assert_int_equal(give(sio_redis_link_ask, "GET k"), 0);
    assert_int_equal(give(sio_redis_link_ask, "GET k"), 0);
    AWAIT(node.stopped);
    assert_int_equal(answer.count, 2);
    link_up();
    assert_int_equal(give(sio_redis_link_ask, "GET k"), 0);
    kill(redis.pid, SIGSTOP);
    assert_int_equal(give(sio_redis_link_ask, "GET k"), 0);
    redis_process_kill(&redis);
    AWAIT(node.stopped);
    redis_process_again(&redis);
    begin_link();
    node.stop_on_confirmation = true;
    subscribe(SIO_REDIS_CHANNEL, "a");
    subscribe(SIO_REDIS_CHANNEL, "b");
    AWAIT(node.stopped);
    assert_int_equal(node.confirmed, 1);
}

/* ---- a Redis that says what it is told to, and nothing of its own ---- */

static struct {
    int listener;
    int fds[2]; /* in the order of connecting */
    char heard[2][4096];
    int publisher, subscriber; /* which is which */
} fake;

static void hear(int which)
{
    char *heard = fake.heard[which];
    size_t len = strlen(heard);
    ssize_t got = recv(fake.fds[which], heard + len, sizeof fake.heard[0] - 1 - len, MSG_DONTWAIT);
    heard[len + (got > 0 ? (size_t)got : 0)] = '\0';
}

static bool has_heard(int which, const char *words)
{
    hear(which);
    return strstr(fake.heard[which], words);
}

/* Its sockets are not in the loop, which therefore must not sleep. */
#define AWAIT_AWAKE(condition)                                                                     \
    do {                                                                                           \
        const uint64_t deadline = uv_hrtime() + (uint64_t)10000000000;                             \
        while (!(condition) && uv_hrtime() < deadline)                                             \
            uv_run(&loop, UV_RUN_NOWAIT);                                                          \
        assert_true(condition);                                                                    \
    } while (0)

static void tell(int which, const char *words)
{
    fake.heard[which][0] = '\0';
    assert_int_equal(send(fake.fds[which], words, strlen(words), MSG_NOSIGNAL), strlen(words));
}

static bool accepted(int which)
{
    if (fake.fds[which] < 0)
        fake.fds[which] = accept4(fake.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return fake.fds[which] >= 0;
}

static void fake_connect(void)
{
    memset(fake.heard, 0, sizeof fake.heard);
    fake.fds[0] = fake.fds[1] = -1;
    for (int which = 0; which < 2; which++) {
        AWAIT_AWAKE(accepted(which));
        AWAIT_AWAKE(has_heard(which, "PING"));
        tell(which, "+PONG\r\n");
    }
    AWAIT(node.state == SIO_CLUSTER_READY);
}

/* A link to it, and who of the two subscribes: it has asked for the channel "x". */
static void fake_begin(void)
{
    char url[64];
    int port;
    fake.listener = redis_process_hold_port(&port);
    assert_int_equal(listen(fake.listener, 8), 0);
    assert_int_equal(fcntl(fake.listener, F_SETFL, O_NONBLOCK), 0);
    snprintf(url, sizeof url, "redis://127.0.0.1:%d", port);
    start(url);
    fake_connect();
    subscribe(SIO_REDIS_CHANNEL, "x");
    AWAIT_AWAKE(has_heard(0, "\r\nSUBSCRIBE") || has_heard(1, "\r\nSUBSCRIBE"));
    fake.subscriber = has_heard(1, "\r\nSUBSCRIBE");
    fake.publisher = !fake.subscriber;
    fake.heard[fake.subscriber][0] = '\0';
}

static void fake_end(void)
{
    stop();
    AWAIT(node.stopped);
    close(fake.fds[0]);
    close(fake.fds[1]);
    close(fake.listener);
}

#define JOINED "*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n"
#define LEFT   "*3\r\n$11\r\nunsubscribe\r\n$1\r\nx\r\n:0\r\n"

/* The answer to an earlier SUBSCRIBE, that has been taken back since, confirms nothing. */
static void a_confirmation_belongs_to_its_command(void **state)
{
    (void)state;
    fake_begin();
    unsubscribe(SIO_REDIS_CHANNEL, "x");
    AWAIT_AWAKE(has_heard(fake.subscriber, "UNSUBSCRIBE"));
    subscribe(SIO_REDIS_CHANNEL, "x");
    AWAIT_AWAKE(has_heard(fake.subscriber, "\r\nSUBSCRIBE"));
    tell(fake.subscriber, JOINED "*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$1\r\n1\r\n");
    AWAIT(node.messages == 1);
    assert_false(is_subscribed(SIO_REDIS_CHANNEL, "x"));
    tell(fake.subscriber, LEFT "*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$1\r\n2\r\n");
    AWAIT(node.messages == 2);
    assert_int_equal(node.confirmed, 0);
    tell(fake.subscriber, JOINED);
    AWAIT(node.confirmed == 1);
    assert_true(is_subscribed(SIO_REDIS_CHANNEL, "x"));
    fake_end();
}

/* A refusal is of its own command, and of no other. */
static void what_is_refused_is_named(void **state)
{
    (void)state;
    fake_begin();
    tell(fake.subscriber, JOINED);
    AWAIT(node.confirmed == 1);
    subscribe(SIO_REDIS_SHARD, "one");
    subscribe(SIO_REDIS_SHARD, "two");
    AWAIT_AWAKE(has_heard(fake.subscriber, "two"));
    tell(fake.subscriber, "*3\r\n$10\r\nssubscribe\r\n$3\r\none\r\n:1\r\n"
                          "-MOVED 1234 10.0.0.1:6379\r\n");
    AWAIT(node.lost == 1);
    assert_int_equal(node.confirmed, 2);
    assert_non_null(strstr(node.detail, "no subscription to two: MOVED 1234"));
    fake_end();
}

/* As a cluster does with the channels of a slot that moves. */
static void what_redis_takes_back_is_noticed(void **state)
{
    (void)state;
    fake_begin();
    tell(fake.subscriber, JOINED);
    AWAIT(node.confirmed == 1);
    subscribe(SIO_REDIS_SHARD, "s");
    AWAIT_AWAKE(has_heard(fake.subscriber, "SSUBSCRIBE"));
    tell(fake.subscriber, "*3\r\n$10\r\nssubscribe\r\n$1\r\ns\r\n:1\r\n"
                          "*3\r\n$12\r\nsunsubscribe\r\n$5\r\nother\r\n:1\r\n");
    AWAIT(node.confirmed == 2);
    assert_int_equal(node.lost, 0);
    tell(fake.subscriber, "*3\r\n$12\r\nsunsubscribe\r\n$1\r\ns\r\n:0\r\n");
    AWAIT(node.lost == 1);
    assert_non_null(strstr(node.detail, "s: Redis has ended the subscription"));
    fake_end();
}

static void what_redis_never_says(void **state)
{
    (void)state;
    static const struct {
        const char *said, *why; /* NULL: it is passed over */
    } cases[] = {
        { "HTTP/1.1 400 Bad Request\r\n\r\n", "Protocol error" },
        { "+OK\r\n+OK\r\n", "not asked for" },
        { "-ERR max number of clients reached\r\n-x\r\n", "max number of clients" },
        { "*0\r\n*-1\r\n$-1\r\n", "not asked for" },
        { "*3\r\n:1\r\n:2\r\n:3\r\n:1\r\n", "not asked for" },
        { "*3\r\n$0\r\n\r\n$1\r\nx\r\n:1\r\n+\r\n", "not asked for" },
        { "*3\r\n$7\r\nmessage\r\n:1\r\n:2\r\n", NULL },
        { "*4\r\n$7\r\nmessage\r\n$1\r\nx\r\n$1\r\nx\r\n$1\r\nx\r\n", NULL },
        { "*3\r\n$8\r\npmessage\r\n$1\r\nx\r\n$1\r\nx\r\n", NULL },
        { "*3\r\n$9\r\nsubscribe\r\n*0\r\n:1\r\n", NULL },
        { "*3\r\n$10\r\npsubscribe\r\n$1\r\nx\r\n:1\r\n", NULL },
        { "*3\r\n$11\r\nunsubscribe\r\n$1\r\nx\r\n:1\r\n", NULL },
        { "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake_begin();
        if (cases[i].why) {
            tell(fake.subscriber, JOINED);
            AWAIT(node.confirmed == 1);
        }
        tell(fake.subscriber, cases[i].said);
        if (cases[i].why) {
            AWAIT(node.lost == 1);
            if (!strstr(node.detail, cases[i].why))
                fail_msg("\"%s\" is not in \"%s\"", cases[i].why, node.detail);
        } else {
            tell(fake.subscriber, JOINED);
            AWAIT(node.confirmed == 1);
            assert_int_equal(node.messages, 0);
        }
        fake_end();
    }
}

/* ---- around the tests ---- */

static int begin(void **state)
{
    (void)state;
    memset(&answer, 0, sizeof answer);
    if (redis.pid == 0)
        redis_process_again(&redis);
    client = redisConnectUnix(redis.socket);
    return client && !client->err ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    redisFree(client);
    if (redis.pid)
        kill(redis.pid, SIGCONT);
    if (node.link && !node.stopping)
        stop();
    if (node.link)
        AWAIT(node.stopped);
    return 0;
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIVE(each_kind_gets_its_messages),
        LIVE(ready_means_subscribed),
        LIVE(a_turn_is_few_commands),
        LIVE(more_than_redis_may_owe_us),
        LIVE(leaving_and_joining_loses_nothing),
        LIVE(all_come_back_with_the_link),
        LIVE(questions_are_answered),
        LIVE(questions_end_with_the_link),
        LIVE(what_is_sent_waits_for_the_link),
        LIVE(reading_may_block),
        LIVE(stopping_tells_who_waits),
        LIVE(stopping_from_within_answers),
        LIVE(a_confirmation_belongs_to_its_command),
        LIVE(what_is_refused_is_named),
        LIVE(what_redis_takes_back_is_noticed),
        LIVE(what_redis_never_says),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
