/* Memory runs out under requests of no session, for clients that do not read, and for other
 * threads. */
#include "starved_lives.h"

#include <sio/metrics.h>
#include <sio/post.h>

static void note_post(sio_server *which, void *data)
{
    (void)which;
    ++*(unsigned *)data;
}

/* What is taken is run, even without memory. */
static void post(void)
{
    unsigned run = 0, taken = 0;
    faults.armed = true;
    for (int i = 0; i < 3; i++) {
        taken += sio_server_post(server, note_post, &run) == 0;
        const int err = sio_server_post_emit(server, NULL, &(sio_target){ .rooms = SIO_ROOMS("a") },
                                             "posted", "{s:s}", "text", "x");
        assert_true(err == 0 || err == SIO_ENOMEM);
    }
    faults.armed = false;
    const uint64_t end = now_ms() + GUARD_MS;
    while (run < taken) {
        assert_true(now_ms() < end);
        turn(NULL);
    }
}

static void posts(void)
{
    post();
    faults.last = 0;
    all_is_well();
}

static void passing(void)
{
    struct peer *peer = peer_new();
    passing_life(peer);
    faults.last = 0;
    all_is_well();
    peer_free(peer);
}

/* Those who watch get all of it, 503, or the end of their connection. */
static void watched(void)
{
    static const char *const paths[] = { "/metrics", "/readyz" };
    faults.armed = true;
    const int err = sio_server_listen_metrics(server, NULL);
    faults.armed = false;
    assert_true(!err || faults.count >= faults.first);
    for (size_t i = 0; !err && i < 2; i++) {
        char request[80];
        struct peer *peer = peer_new_to(sio_server_metrics_port(server), 0);
        snprintf(request, sizeof(request), "GET %s" HTTP "Accept-Encoding: gzip\r\n\r\n", paths[i]);
        say_text(peer, request);
        comes(peer, "\r\n\r\n");
        peer_free(peer);
    }
    faults.last = 0;
    all_is_well();
}

static void slow(void)
{
    struct peer *peer = peer_new_to(sio_server_port(server), 4096);
    slow_life(peer);
    faults.last = 0;
    all_is_well();
    peer_free(peer);
}

static void allocations_fail_in_posts(void **state)
{
    (void)state;
    run_all(posts, 1);
}

static void allocations_fail_under_requests(void **state)
{
    (void)state;
    run_all(passing, 1);
}

static void allocations_fail_for_metrics(void **state)
{
    (void)state;
    run_all(watched, 1);
}

static void allocations_fail_for_a_slow_client(void **state)
{
    (void)state;
    run_all(slow, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_fail_in_posts),
        cmocka_unit_test(allocations_fail_under_requests),
        cmocka_unit_test(allocations_fail_for_metrics),
        cmocka_unit_test(allocations_fail_for_a_slow_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
