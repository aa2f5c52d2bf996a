/* Where log lines go that nobody takes: the server serves on. */
#include "live.h"

#include <fcntl.h>
#include <stdlib.h>

static int kept; /* the test's own stderr */

static int begin(void **state)
{
    (void)state;
    sio_log_filter all;
    kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (sio_log_filter_parse(&all, "*:trace"))
        return -1;
    return start_with(&(sio_server_options){ .on_log_record = sio_log_stderr, .log = all });
}

static void give_back(void)
{
    dup2(kept, STDERR_FILENO);
}

static int end(void **state)
{
    give_back();
    close(kept);
    return stop(state);
}

/* Enough for some 10,000 bytes of lines. */
static void serve_many(void)
{
    struct peer *peer = connect_websocket(0);
    for (int i = 0; i < 100; i++) {
        send_frame(peer, SIO_WS_TEXT, "42[\"message\",1]");
        expect(peer, "42[\"message-back\",1]");
    }
    peer_free(peer);
}

/* The reading end of a pipe that is stderr now, and as full as can be. */
static int fill_pipe(void)
{
    static const char bytes[4096];
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(ends[1], bytes, sizeof(bytes)) > 0)
        ;
    while (write(ends[1], bytes, 1) > 0)
        ;
    assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0); /* who writes more waits for ever */
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    return ends[0];
}

static size_t read_all(int fd, char *out, size_t size)
{
    size_t len = 0;
    ssize_t count;
    while (len + 1 < size && (count = read(fd, out + len, size - 1 - len)) > 0)
        len += (size_t)count;
    out[len] = '\0';
    return len;
}

static void a_pipe_that_nobody_reads(void **state)
{
    (void)state;
    static char text[1 << 20];
    const int pipe = fill_pipe();
    serve_many();
    read_all(pipe, text, sizeof(text));
    serve_many();
    give_back();
    const size_t len = read_all(pipe, text, sizeof(text));
    close(pipe);
    assert_true(len > 0);
    const char *first = strstr(text, "warn server: ");
    assert_true(first && first < strchr(text, '\n')); /* what was lost is told before all else */
    assert_true(strtol(first + 13, NULL, 10) > 100);
    assert_non_null(strstr(text, " lines were lost\n"));
    assert_null(strstr(first + 13, "lines were lost\nwarn server"));
    assert_int_equal(text[len - 1], '\n');
}

static void a_pipe_that_is_closed(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    serve_many();
}

static void a_full_disk(void **state)
{
    (void)state;
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    dup2(full, STDERR_FILENO);
    close(full);
    serve_many();
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    static char text[10000], got[20000];
    int ends[2];
    memset(text, 'x', sizeof(text) - 1);
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    sio_log_stderr(server, &(sio_log_record){ .level = SIO_LOG_WARN, .text = text }, NULL);
    sio_log_stderr(server, &(sio_log_record){ .level = SIO_LOG_INFO, .text = "short" }, NULL);
    give_back();
    const size_t len = read_all(ends[0], got, sizeof(got));
    close(ends[0]);
    assert_true(len > 4000 && len < SIO_LOG_LINE_SIZE);
    const char *last = memmem(got, len, " info server: short\n", 20);
    assert_non_null(last);
}

#define LOGGED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOGGED(a_pipe_that_nobody_reads),
        LOGGED(a_pipe_that_is_closed),
        LOGGED(a_full_disk),

        LOGGED(long_lines_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
