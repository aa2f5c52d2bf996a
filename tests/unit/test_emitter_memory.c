/* Memory runs out in an emitter, at each of its allocations in turn: whatever it says, it says it
 * in its return value, leaks nothing, and works again when there is memory. */
#include "check.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sio/emitter.h>
#include <sio/memory.h>

#include "redis_process.h"

/* ---- an allocator that fails once ---- */

static unsigned long allocations, failing; /* 0: none fails */
static long kept;                          /* not given back */

static bool fails(void)
{
    return failing > 0 && ++allocations == failing;
}

static void *alloc(size_t size, void *data)
{
    (void)data;
    void *memory = fails() ? NULL : malloc(size);
    kept += memory != NULL;
    return memory;
}

static void *resize(void *memory, size_t size, void *data)
{
    (void)data;
    void *moved = fails() ? NULL : realloc(memory, size);
    kept += moved && !memory;
    return moved;
}

static void give_back(void *memory, void *data)
{
    (void)data;
    kept--;
    free(memory);
}

/* ---- a Redis, and one node that answers ---- */

static redis_process redis;
static pid_t node;

/* The 16 digits that stand behind the key, whatever the encoding. */
static bool find_id(const redisReply *message, char id[17])
{
    const char *key = memmem(message->str, message->len, "requestId", 9);
    if (!key)
        return false;
    const char *at = key + 9;
    while (at < message->str + message->len && !strchr("0123456789abcdef", *at))
        at++;
    snprintf(id, 17, "%.16s", at);
    return true;
}

static void say(redisContext *out, const char *begin, const char *id, const char *end)
{
    freeReplyObject(redisCommand(out, "PUBLISH socket.io-response#/# %s\"requestId\":\"%s\",%s",
                                 begin, id, end));
}

static void answer(redisContext *out, const redisReply *message)
{
    char id[17];
    if (!find_id(message, id))
        return;
    if (message->str[0] == '{') {
        say(out, "{", id, "\"sockets\":[{\"id\":\"a\",\"rooms\":[\"a\"]},{\"id\":\"b\"}]}");
        return;
    }
    say(out, "{\"type\":8,", id, "\"clientCount\":1}");
    say(out, "{\"type\":9,", id, "\"packet\":[\"yes\"]}");
}

static void be_a_node(int ready)
{
    redisContext *in = redisConnectUnix(redis.socket), *out = redisConnectUnix(redis.socket);
    freeReplyObject(redisCommand(in, "SUBSCRIBE socket.io-request#/#"));
    if (write(ready, "", 1) != 1)
        _exit(1);
    for (void *reply; redisGetReply(in, &reply) == REDIS_OK; freeReplyObject(reply))
        answer(out, ((redisReply *)reply)->element[2]);
    _exit(0);
}

static int setup(void **state)
{
    int ready[2];
    char byte;
    (void)state;
    redis_process_start(&redis, NULL);
    assert_int_equal(pipe(ready), 0);
    node = fork();
    assert_true(node >= 0);
    if (node == 0)
        be_a_node(ready[1]);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kill(node, SIGKILL);
    waitpid(node, NULL, 0);
    redis_process_end(&redis);
    return 0;
}

/* ---- a life ---- */

static const sio_emitter_target target = { .nsp = "adm", .rooms = SIO_EMITTER_ROOMS("r") };

static void note(int result, unsigned *wrong)
{
    if (result < 0)
        assert_int_equal(result, SIO_ENOMEM);
    *wrong += result < 0;
}

static void queue(sio_emitter *emitter, unsigned *wrong)
{
    sio_emitter_tally tally;
    unsigned queued = 0;
    for (int i = 0; i < 40; i++) {
        int err = sio_emitter_queue(emitter, &target, "e", "s{s:[i]}", "text", "key", i);
        note(err, wrong);
        queued += !err;
    }
    note(sio_emitter_flush(emitter, &tally), wrong);
    assert_int_equal(tally.unheard, queued);
    assert_int_equal(tally.unsure + tally.unsent + tally.refused + tally.heard, 0);
}

static void ask(sio_emitter *emitter, unsigned *wrong)
{
    sio_emitter_answers *answers;
    int err = sio_emitter_fetch_sockets(emitter, NULL, 5000, &answers);
    note(err, wrong);
    if (!err)
        assert_int_equal(sio_value_count(answers->values), 2);
    sio_emitter_answers_free(answers);
    err = sio_emitter_emit_ack(emitter, NULL, 5000, &answers, "e", "B", "\1", (size_t)1);
    note(err, wrong);
    if (!err)
        assert_int_equal(sio_value_count(answers->values), 1);
    sio_emitter_answers_free(answers);
    err = sio_emitter_count(emitter, NULL, 5000, &answers);
    note(err, wrong);
    if (!err)
        assert_int_equal(answers->clients, 2);
    sio_emitter_answers_free(answers);
}

/* Returns how many calls had no memory. */
static unsigned live(sio_emitter_adapter adapter)
{
    char url[96];
    sio_emitter *emitter;
    unsigned wrong = 0;
    snprintf(url, sizeof url, "unix:%s", redis.socket);
    const sio_emitter_options options = { .redis = url, .adapter = adapter };
    int err = sio_emitter_new(&emitter, &options);
    note(err, &wrong);
    if (!err) {
        note(sio_emitter_emit(emitter, &target, "e", "s{s:[B]}", "a", "b", "\1", (size_t)1),
             &wrong);
        note(sio_emitter_sockets_join(emitter, &target, SIO_EMITTER_ROOMS("a", "b")), &wrong);
        note(sio_emitter_server_side_emit(emitter, NULL, "e", "i", 5), &wrong);
        if (adapter != SIO_EMITTER_STREAMS)
            queue(emitter, &wrong);
        if (adapter == SIO_EMITTER_CLASSIC)
            ask(emitter, &wrong);
        failing = 0;
        assert_true(sio_emitter_emit(emitter, NULL, "e", NULL) >= 0);
    }
    sio_emitter_free(emitter);
    return wrong;
}

static void memory_runs_out(void **state)
{
    unsigned long rounds = 0;
    (void)state;
    for (int adapter = SIO_EMITTER_CLASSIC; adapter <= SIO_EMITTER_STREAMS; adapter++)
        for (unsigned long nth = 1;; nth++, rounds++) {
            allocations = 0;
            failing = nth;
            unsigned wrong = live((sio_emitter_adapter)adapter);
            const bool reached = allocations >= nth;
            failing = 0;
            assert_int_equal(kept, 0);
            if (!reached) {
                assert_int_equal(wrong, 0);
                break;
            }
            assert_true(wrong > 0);
        }
    assert_true(rounds > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(memory_runs_out) };
    const sio_allocator allocator = { .alloc = alloc, .realloc = resize, .free = give_back };
    if (sio_memory_use(&allocator))
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
