/* A link alone whose memory runs out: channels, commands, and what waits for it. */
#include "live.h"

#include <hiredis/hiredis.h>

#include "faults.h"
#include "redis/link.h"
#include "redis_process.h"

static redis_process redis;

static struct {
    sio_redis_link *link;
    unsigned ready;
    unsigned confirmed;
    unsigned asked, answered;
    bool stopped;
} linked_up;

static void on_link_state(void *data, sio_cluster_state state, const char *detail)
{
    (void)data;
    assert_non_null(detail);
    linked_up.ready += state == SIO_CLUSTER_READY;
}

static void on_link_message(void *data, const sio_redis_message *message)
{
    (void)data;
    (void)message;
}

static void on_link_subscribed(void *data, sio_redis_kind kind, sio_str name)
{
    (void)data;
    (void)kind;
    (void)name;
    linked_up.confirmed++;
}

static void on_link_refused(void *data, const char *why)
{
    (void)data;
    (void)why;
}

static void on_link_random(void *data, void *out, size_t len)
{
    (void)data;
    memset(out, 1, len);
}

static void on_link_stopped(void *data)
{
    (void)data;
    linked_up.stopped = true;
}

static void on_link_answer(void *data, int err, const redisReply *reply)
{
    (void)data;
    assert_true(err == SIO_ECLOSED || reply);
    linked_up.answered++;
}

static void ask_link(int (*way)(sio_redis_link *link, const sio_redis_command *command))
{
    const sio_str words[] = { SIO_STR("ECHO"), SIO_STR("x") };
    faults.armed = true;
    if (way(linked_up.link, &(sio_redis_command){ words, 2, on_link_answer, NULL }) == 0)
        linked_up.asked++;
    faults.armed = false;
}

static void use_link(void)
{
    char name[32];
    faults.armed = true;
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "n%d", i);
        (void)sio_redis_link_subscribe(linked_up.link, (sio_redis_kind)(i % SIO_REDIS_KINDS),
                                       sio_str_from(name));
    }
    faults.armed = false;
    ask_link(sio_redis_link_send);
    for (const uint64_t end = now_ms() + GUARD_MS; linked_up.ready == 0;) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    for (int i = 0; i < 40; i++)
        ask_link(i % 2 ? sio_redis_link_ask : sio_redis_link_read);
    sio_redis_link_unsubscribe(linked_up.link, SIO_REDIS_CHANNEL, SIO_STR("n0"));
    for (int i = 0; i < 5; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
}

/* What it has promised comes, now that there is memory. */
static void link_is_well(void)
{
    for (const uint64_t end = now_ms() + GUARD_MS; linked_up.answered < linked_up.asked;) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    const unsigned before = linked_up.confirmed;
    assert_int_equal(sio_redis_link_subscribe(linked_up.link, SIO_REDIS_CHANNEL, SIO_STR("last")),
                     0);
    for (const uint64_t end = now_ms() + GUARD_MS;
         linked_up.confirmed == before ||
         !sio_redis_link_is_subscribed(linked_up.link, SIO_REDIS_CHANNEL, SIO_STR("last"));) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
    assert_int_equal(linked_up.answered, linked_up.asked);
}

static unsigned run_link(const char *text, unsigned which)
{
    const sio_redis_link_events events = { .state = on_link_state,
                                           .message = on_link_message,
                                           .subscribed = on_link_subscribed,
                                           .refused = on_link_refused,
                                           .random = on_link_random };
    sio_redis_url url;
    memset(&linked_up, 0, sizeof linked_up);
    faults.count = 0;
    faults.first = faults.last = which;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(sio_redis_url_read(&url, text, NULL, 0), 0);
    faults.armed = true;
    int err = sio_redis_link_new(&linked_up.link, &loop, &url, &events);
    faults.armed = false;
    sio_redis_url_free(&url);
    if (!err)
        use_link();
    unsigned asked = faults.count;
    faults.last = 0;
    if (!err) {
        link_is_well();
        sio_redis_link_stop(linked_up.link, on_link_stopped, NULL);
        __real_uv_run(&loop, UV_RUN_DEFAULT);
        assert_true(linked_up.stopped);
    }
    assert_int_equal(uv_loop_close(&loop), 0);
    return asked;
}

static void a_link_runs_out_of_memory(void **state)
{
    char url[64];
    (void)state;
    redis_process_start(&redis, NULL);
    snprintf(url, sizeof(url), "redis://127.0.0.1:%d", redis.port);
    for (unsigned which = 1; run_link(url, which) >= which; which++)
        ;
    redis_process_end(&redis);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_link_runs_out_of_memory) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
