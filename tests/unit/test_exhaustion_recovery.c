/* Memory runs out while clients come back: to a journal in memory, and to a stream of Redis. */
#include "starved.h"

#include "redis_process.h"

/* What stands between `before` and the next quote; stays as it is if that does not come. */
static void take(struct peer *peer, const char *before, char *out, size_t size)
{
    if (!comes(peer, before))
        return;
    const char *end = memchr(peer->in, '"', peer->len);
    if (end && (size_t)(end - peer->in) < size)
        snprintf(out, size, "%.*s", (int)(end - peer->in), peer->in);
}

/* The server has seen that nobody is there. */
static void leaves(void)
{
    const uint64_t end = now_ms() + GUARD_MS;
    sio_server_stats stats;
    while (sio_server_stats_get(server, &stats), stats.clients > 0) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
}

static void live_and_return(void)
{
    char pid[32] = "abcdefghijklmnopqrst", offset[64] = "x", text[160];
    struct peer *first = peer_new();
    say_hello(first);
    take(first, "\"pid\":\"", pid, sizeof(pid));
    say_frame(first, SIO_WS_TEXT, "42[\"room\"]");
    say_frame(first, SIO_WS_TEXT, "42[\"message\",\"x\"]");
    take(first, "\"message-back\",\"x\",\"", offset, sizeof(offset));
    peer_free(first);
    leaves();
    faults.armed = true;
    (void)sio_namespace_emit(sio_server_of(server, "/"), NULL, "missed", "{s:[i]}", "n", 1);
    faults.armed = false;
    struct peer *again = peer_new();
    say_text(again, "GET " ENGINE "websocket" HTTP WEBSOCKET "\r\n");
    comes(again, "0{\"sid\":");
    snprintf(text, sizeof(text), "40{\"pid\":\"%s\",\"offset\":\"%s\"}", pid, offset);
    say_frame(again, SIO_WS_TEXT, text);
    const bool recovered = comes(again, "42[\"missed\",{\"n\":[1]}");
    comes(again, "40{\"sid\":");
    if (has_memory())
        assert_true(recovered);
    faults.last = 0;
    all_is_well();
    peer_free(again);
}

static void allocations_fail_while_clients_come_back(void **state)
{
    (void)state;
    starved.recovering = true;
    run_all(live_and_return, 1);
    starved.recovering = false;
}

/* The session and what is missed go through the stream and its reader. */
static void return_by_the_stream(void)
{
    for (const uint64_t end = now_ms() + patience_ms(); !app.is_linked && now_ms() < end;)
        turn(NULL);
    live_and_return();
}

static void allocations_fail_with_streams(void **state)
{
    redis_process redis;
    char url[64];
    (void)state;
    redis_process_start(&redis, NULL);
    snprintf(url, sizeof(url), "redis://127.0.0.1:%d", redis.port);
    starved.adapter = SIO_ADAPTER_STREAMS;
    starved.redis = url;
    starved.recovering = true;
    run_all(return_by_the_stream, 1);
    starved.recovering = false;
    starved.redis = NULL;
    redis_process_end(&redis);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_fail_while_clients_come_back),
        cmocka_unit_test(allocations_fail_with_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
