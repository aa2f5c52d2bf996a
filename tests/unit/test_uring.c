/* The ring of io_uring on pairs of sockets. Where the kernel has none, or does not let us, there is
 * nothing to be tested. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sio/err.h>

#include "net/uring.h"

static sio_uring ring;

static int open_ring(void **state)
{
    (void)state;
    if (sio_uring_open(&ring))
        print_message("no io_uring here: %s\n", strerror(errno));
    return 0;
}

static int close_ring(void **state)
{
    (void)state;
    sio_uring_close(&ring);
    assert_int_equal(ring.fd, 0);
    return 0;
}

#define NEEDS_RING()                                                                               \
    if (ring.fd == 0)                                                                              \
    skip()

static void make_pair(int pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

static void expect_text(int fd, const char *text)
{
    char bytes[64] = "";
    const ssize_t len = recv(fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);
    assert_int_equal(len, strlen(text));
    assert_string_equal(bytes, text);
}

#define PAIRS 8 /* one takes a few hundred sends */

/* Many more than it has places, so that it goes around several times. */
static void sends_in_order(void **state)
{
    (void)state;
    NEEDS_RING();
    int results[SIO_LIMIT_VOLLEY], pairs[PAIRS][2];
    char texts[SIO_LIMIT_VOLLEY][12];
    for (unsigned i = 0; i < PAIRS; i++)
        make_pair(pairs[i]);
    for (unsigned round = 0; round < 7; round++) {
        const unsigned count = SIO_LIMIT_VOLLEY - round * 3;
        for (unsigned i = 0; i < count; i++) {
            snprintf(texts[i], sizeof(texts[i]), "%03u;", i);
            sio_uring_send(&ring, pairs[i % PAIRS][0], texts[i], 4);
        }
        assert_int_equal(sio_uring_submit(&ring, results), 0);
        for (unsigned i = 0; i < count; i++) {
            char bytes[12] = "";
            assert_int_equal(results[i], 4);
            assert_int_equal(recv(pairs[i % PAIRS][1], bytes, 4, MSG_DONTWAIT), 4);
            assert_string_equal(bytes, texts[i]);
        }
    }
    for (unsigned i = 0; i < PAIRS; i++)
        close_pair(pairs[i]);
}

/* Nobody waits, no signal is raised, and the others get theirs. */
static void tells_what_became_of_each(void **state)
{
    (void)state;
    NEEDS_RING();
    static char large[4 * 1024 * 1024];
    int results[5], stuck[2], gone[2], good[2];
    make_pair(stuck);
    make_pair(gone);
    make_pair(good);
    close(gone[1]);
    sio_uring_send(&ring, stuck[0], large, sizeof(large));
    sio_uring_send(&ring, stuck[0], large, sizeof(large));
    sio_uring_send(&ring, gone[0], "a", 1);
    sio_uring_send(&ring, -1, "a", 1);
    sio_uring_send(&ring, good[0], "good", 4);
    assert_int_equal(sio_uring_submit(&ring, results), 0);
    assert_true(results[0] > 0 && results[0] < (int)sizeof(large));
    assert_int_equal(results[1], -EAGAIN);
    assert_int_equal(results[2], -EPIPE);
    assert_int_equal(results[3], -EBADF);
    assert_int_equal(results[4], 4);
    expect_text(good[1], "good");
    close(gone[0]);
    close_pair(stuck);
    close_pair(good);
}

static void one_that_fails_says_what_was_not_tried(void **state)
{
    (void)state;
    NEEDS_RING();
    int results[2], pair[2];
    make_pair(pair);
    const int fd = ring.fd;
    close(fd); /* stands for a kernel that has changed its mind */
    sio_uring_send(&ring, pair[0], "a", 1);
    sio_uring_send(&ring, pair[0], "b", 1);
    assert_int_equal(sio_uring_submit(&ring, results), SIO_ESYSTEM);
    assert_int_equal(results[0], -ECANCELED);
    assert_int_equal(results[1], -ECANCELED);
    assert_int_equal(recv(pair[1], results, sizeof(results), MSG_DONTWAIT), -1);
    close_pair(pair);
    ring.fd = dup(STDERR_FILENO); /* what the teardown closes */
}

static void opens_without_a_standard_input(void **state)
{
    (void)state;
    const int kept = dup(STDIN_FILENO);
    close(STDIN_FILENO);
    const int err = sio_uring_open(&ring);
    const bool taken = fcntl(STDIN_FILENO, F_GETFD) >= 0;
    if (kept > 0)
        assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
    close(kept);
    assert_false(taken);
    assert_true(err ? ring.fd == 0 : ring.fd > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(opens_without_a_standard_input, close_ring),
        cmocka_unit_test_setup_teardown(sends_in_order, open_ring, close_ring),
        cmocka_unit_test_setup_teardown(tells_what_became_of_each, open_ring, close_ring),
        cmocka_unit_test_setup_teardown(one_that_fails_says_what_was_not_tried, open_ring,
                                        close_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
