/* The application forks: what a child inherits, and that it cannot harm its parent. */
#include "emitter.h"

#include "live.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "redis_process.h"

static redis_process redis;
static char url[64], folder[64], path[2][96];
static bool linked;

static void on_cluster(sio_server *which, sio_cluster_state now, const char *detail, void *data)
{
    (void)which, (void)detail, (void)data;
    linked = now == SIO_CLUSTER_READY;
}

static int begin(void **state)
{
    (void)state;
    redis_process_start(&redis, NULL);
    snprintf(url, sizeof(url), "redis://127.0.0.1:%d", redis.port);
    snprintf(folder, sizeof(folder), "/tmp/sio-test-fork-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path[0], sizeof(path[0]), "%s/io.sock", folder);
    snprintf(path[1], sizeof(path[1]), "%s/next.sock", folder);
    signal(SIGPIPE, SIG_DFL);
    linked = false;
    return 0;
}

static int end(void **state)
{
    const int rc = stop(state);
    redis_process_end(&redis);
    return rmdir(folder) ? -1 : rc;
}

static void start_all(void)
{
    const uint64_t end_ms = now_ms() + GUARD_MS;
    assert_int_equal(start_with(&(sio_server_options){ .redis = url, .on_cluster = on_cluster }),
                     0);
    assert_int_equal(sio_server_listen_unix(server, path[0], 0), 0);
    assert_int_equal(sio_server_handover(server, &(sio_handover_options){ .path = path[1] }), 0);
    while (!linked) {
        assert_true(now_ms() < end_ms);
        turn(NULL);
    }
}

/* What `command` of the shell writes, as a child of this process. */
static void run_shell(const char *command, char *out, size_t size)
{
    FILE *pipe = popen(command, "re");
    assert_non_null(pipe);
    const size_t len = fread(out, 1, size - 1, pipe);
    out[len] = '\0';
    assert_int_equal(pclose(pipe), 0);
}

static int exit_of(pid_t child)
{
    int status;
    while (waitpid(child, &status, WNOHANG) == 0)
        turn(NULL);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* ---- what is inherited ---- */

static void programs_inherit_no_descriptor(void **state)
{
    (void)state;
    static const char list[] = "ls /proc/self/fd";
    char before[512], after[512];
    sio_emitter *emitter;
    run_shell(list, before, sizeof(before));
    start_all();
    struct peer *peers[2] = { connect_websocket(0), peer_new_at(path[0]) };
    fcntl(peers[1]->fd, F_SETFD, FD_CLOEXEC);
    assert_int_equal(sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = url }), 0);
    run_shell(list, after, sizeof(after));
    assert_string_equal(after, before);
    sio_emitter_free(emitter);
    peer_free(peers[0]);
    peer_free(peers[1]);
}

static void programs_find_sigpipe_as_it_was(void **state)
{
    (void)state;
    char ignored[64];
    start_all();
    run_shell("sed -n 's/^SigIgn:.*\\(....\\)$/\\1/p' /proc/self/status", ignored, sizeof(ignored));
    assert_int_equal(strtoul(ignored, NULL, 16) & (1u << (SIGPIPE - 1)), 0);
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    close(pipes[0]);
    assert_int_equal(write(pipes[1], "x", 1), -1); /* and this process lives */
    assert_int_equal(errno, EPIPE);
    close(pipes[1]);
}

static unsigned signals;

static void on_signal(int number)
{
    (void)number;
    signals++;
}

static void a_choice_of_the_application_stays(void **state)
{
    (void)state;
    struct sigaction action;
    signal(SIGPIPE, on_signal);
    start_all();
    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_ptr_equal(action.sa_handler, on_signal);
    stop(NULL);
    signal(SIGPIPE, SIG_IGN);
    start_all();
    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_ptr_equal(action.sa_handler, SIG_IGN);
}

/* ---- a child that goes the parent's way to the end ---- */

static int go_on_as_the_parent(void)
{
    int wrong = 0;
    wrong += sio_server_run(server) != SIO_EINVAL;
    wrong += sio_server_listen(server, "127.0.0.1", 0) != SIO_ECLOSED;
    wrong += sio_server_listen_unix(server, path[0], 0) != SIO_ECLOSED;
    wrong += sio_server_drain(server, NULL) != SIO_ECLOSED;
    wrong += sio_server_handover(server, &(sio_handover_options){ .path = path[1] }) != SIO_ECLOSED;
    sio_server_close(server);
    sio_server_free(server);
    return wrong;
}

static void a_child_cannot_end_its_parent(void **state)
{
    (void)state;
    start_all();
    struct peer *peer = connect_websocket(0);
    const pid_t child = fork();
    if (child == 0)
        _exit(go_on_as_the_parent());
    assert_int_equal(exit_of(child), 0);
    send_frame(peer, SIO_WS_TEXT, "42[\"message\",1]");
    expect(peer, "42[\"message-back\",1]");
    struct peer *other = connect_websocket(0);
    struct stat status;
    assert_int_equal(lstat(path[0], &status), 0);
    assert_true(linked);
    peer_free(other);
    peer_free(peer);
}

static int serve_for_itself(void)
{
    sio_server *own;
    if (sio_server_new(&own, NULL) || sio_server_listen(own, "127.0.0.1", 0))
        return 1;
    sio_server_close(own);
    if (sio_server_run(own))
        return 2;
    sio_server_free(own);
    return 0;
}

static void a_child_may_have_a_server_of_its_own(void **state)
{
    (void)state;
    start_all();
    const pid_t child = fork();
    if (child == 0)
        _exit(serve_for_itself());
    assert_int_equal(exit_of(child), 0);
    peer_free(connect_websocket(0));
}

/* ---- emitters ---- */

static int port_of(const sio_emitter *emitter)
{
    struct sockaddr_in address = { 0 };
    socklen_t len = sizeof(address);
    if (!emitter->redis || getsockname(emitter->redis->fd, (struct sockaddr *)&address, &len))
        return 0;
    return ntohs(address.sin_port);
}

/* What the parent has queued is the parent's to send. */
static int emit_as_a_child(sio_emitter *emitter)
{
    const int before = port_of(emitter);
    sio_emitter_tally tally;
    if (sio_emitter_queue(emitter, NULL, "child", NULL) || sio_emitter_flush(emitter, &tally))
        return 1;
    if (tally.heard + tally.unheard != 1 || tally.unsure || tally.unsent)
        return 2;
    for (int i = 0; i < 100; i++)
        if (sio_emitter_emit(emitter, NULL, "child", "i", i) < 0)
            return 3;
    if (port_of(emitter) == before)
        return 4;
    sio_emitter_free(emitter);
    return 0;
}

static void an_emitter_works_on_both_sides(void **state)
{
    (void)state;
    sio_emitter *emitter;
    sio_emitter_tally tally;
    assert_int_equal(sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = url }), 0);
    const int before = port_of(emitter);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sio_emitter_queue(emitter, NULL, "parent", NULL), 0);
    const pid_t child = fork();
    if (child == 0)
        _exit(emit_as_a_child(emitter));
    assert_int_equal(sio_emitter_flush(emitter, &tally), 0);
    assert_int_equal(tally.heard + tally.unheard, 3);
    for (int i = 0; i < 100; i++)
        assert_true(sio_emitter_emit(emitter, NULL, "parent", "i", i) >= 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(sio_emitter_emit(emitter, NULL, "parent", NULL) >= 0);
    assert_int_equal(port_of(emitter), before); /* the same connection all the time */
    sio_emitter_free(emitter);
}

#define FORK(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FORK(programs_inherit_no_descriptor),       FORK(programs_find_sigpipe_as_it_was),
        FORK(a_choice_of_the_application_stays),    FORK(a_child_cannot_end_its_parent),
        FORK(a_child_may_have_a_server_of_its_own), FORK(an_emitter_works_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
