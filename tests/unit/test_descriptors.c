/* Descriptors run out: connections wait until there are some again, and the loop sleeps meanwhile.
 */
#include "live.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define LIMIT 128 /* an eighth of it is not for clients */
#define PEERS 64  /* each has a descriptor at both ends */

static struct rlimit before;
static unsigned warnings;

static void on_log(sio_server *which, sio_log_level level, sio_log_category category,
                   const char *text, void *data)
{
    (void)which, (void)data;
    warnings += level == SIO_LOG_WARN && category == SIO_LOG_NET &&
                strstr(text, "cannot accept connections") != NULL;
}

static int begin(void **state)
{
    (void)state;
    warnings = 0;
    if (getrlimit(RLIMIT_NOFILE, &before) ||
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){ LIMIT, before.rlim_max }))
        return -1;
    return start_with(&(sio_server_options){ .on_log = on_log });
}

static int end(void **state)
{
    const int rc = stop(state);
    return setrlimit(RLIMIT_NOFILE, &before) ? -1 : rc;
}

/* Peers until the server takes no more; their number. The test's own ends count too, so it closes
 * none. */
static size_t fill(struct peer **peers)
{
    size_t count = 0;
    while (stats_now().accept_pauses == 0) {
        assert_true(count < PEERS);
        peers[count++] = peer_new();
        const uint64_t end_ms = now_ms() + GUARD_MS;
        while (stats_now().connections < count && stats_now().accept_pauses == 0) {
            assert_true(now_ms() < end_ms);
            turn(NULL);
        }
    }
    return count;
}

static unsigned wake_ups;

static void on_wake_up(uv_check_t *check)
{
    (void)check;
    wake_ups++;
}

static void on_time(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

/* How often the loop wakes up in half a second. */
static unsigned count_wake_ups(void)
{
    uv_check_t check;
    uv_timer_t timer;
    uv_check_init(&loop, &check);
    uv_check_start(&check, on_wake_up);
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, on_time, 500, 0);
    wake_ups = 0;
    uv_run(&loop, UV_RUN_DEFAULT);
    const unsigned found = wake_ups;
    uv_close((uv_handle_t *)&check, NULL);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    return found;
}

static size_t free_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < LIMIT; fd++)
        count += fcntl(fd, F_GETFD) < 0;
    return count;
}

static void those_who_come_wait(void **state)
{
    (void)state;
    struct peer *peers[PEERS + 2];
    const size_t count = fill(peers);
    const uint64_t served = stats_now().connections;
    assert_true(free_descriptors() >= LIMIT / 8 - 5);
    send_text(peers[0], "GET /" HTTP "\r\n"); /* those who are in are served */
    expect(peers[0], "HTTP/1.1 404 Not Found\r\n");
    struct peer *waiting = peer_new();
    send_text(waiting, "GET /" HTTP "\r\n");
    assert_true(count_wake_ups() < 50);
    assert_int_equal(stats_now().connections, served);
    assert_int_equal(warnings, 1);
    receive(waiting);
    assert_false(waiting->ended);

    for (size_t i = 0; i < 4; i++)
        peer_free(peers[i]);
    expect(waiting, "HTTP/1.1 404 Not Found\r\n");
    await_connections(count - 4 + 1);
    peer_free(waiting);
    for (size_t i = 4; i < count; i++)
        peer_free(peers[i]);
    await_connections(0);
    peers[0] = peer_new();
    await_connections(1);
    peer_free(peers[0]);
}

/* While others wait, each who goes lets one in, and not more. */
static void one_comes_for_one_who_goes(void **state)
{
    (void)state;
    struct peer *peers[PEERS], *waiting[4];
    const size_t count = fill(peers);
    const uint64_t served = stats_now().connections;
    for (size_t i = 0; i < 4; i++) {
        waiting[i] = peer_new();
        send_text(waiting[i], "GET /" HTTP "\r\n");
    }
    for (size_t i = 0; i < 3; i++) {
        shutdown(peers[i]->fd, SHUT_WR); /* ours stays, so that it is one descriptor */
        expect_end(peers[i]);
        await_connections(served);
    }
    for (size_t i = 0; i < count; i++)
        peer_free(peers[i]);
    for (size_t i = 0; i < 4; i++) {
        expect(waiting[i], "HTTP/1.1 404 Not Found\r\n");
        peer_free(waiting[i]);
    }
}

/* Somebody else in the process has taken all of them. */
static void none_at_all(void **state)
{
    (void)state;
    int taken[LIMIT];
    size_t count = 0;
    struct peer *peers[2] = { peer_new() };
    await_connections(1);
    peers[1] = peer_new(); /* it is in the queue of the kernel */
    while ((taken[count] = dup(0)) >= 0)
        count++;
    assert_true(count_wake_ups() < 50);
    send_text(peers[0], "GET /" HTTP "\r\n");
    expect(peers[0], "HTTP/1.1 404 Not Found\r\n");
    while (count > 0)
        close(taken[--count]);
    struct peer *late = peer_new();
    send_text(late, "GET /" HTTP "\r\n");
    expect(late, "HTTP/1.1 404 Not Found\r\n");
    peer_free(late);
    peer_free(peers[0]);
    peer_free(peers[1]);
}

static void a_file_is_what_it_was(void **state)
{
    (void)state;
    char file[] = "/tmp/sio-test-file-XXXXXX";
    int taken[LIMIT];
    size_t count = 0;
    const int fd = mkstemp(file);
    assert_int_equal(write(fd, "one", 3), 3);
    assert_int_equal(sio_server_serve(server, "/file", file), 0);
    struct peer *peer = peer_new();
    send_text(peer, "GET /file" HTTP "\r\n");
    expect(peer, "\r\n\r\none");
    assert_int_equal(write(fd, "more", 4), 4);
    close(fd);
    while ((taken[count] = dup(0)) >= 0)
        count++;
    send_text(peer, "GET /file" HTTP "\r\n");
    expect(peer, "\r\n\r\none");
    while (count > 0)
        close(taken[--count]);
    send_text(peer, "GET /file" HTTP "\r\n");
    expect(peer, "\r\n\r\nonemore");
    peer_free(peer);
    unlink(file);
}

#define SCARCE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCARCE(those_who_come_wait),
        SCARCE(one_comes_for_one_who_goes),
        SCARCE(none_at_all),
        SCARCE(a_file_is_what_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
