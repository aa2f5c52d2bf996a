/* Threads that help to send, on pairs of sockets: by io_uring where there is one, and without. */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sio/err.h>
#include <sio/sys/limits.h>

#include "net/crew.h"

#define PAIRS 200u

static sio_crew *crew;
static sio_uring ring;
static int pairs[PAIRS][2];
static char texts[PAIRS][24];
static sio_send sends[PAIRS];
static int results[PAIRS];

static void begin(unsigned threads, bool by_ring)
{
    assert_int_equal(sio_crew_new(&crew, threads, by_ring), 0);
    if (by_ring && sio_uring_open(&ring))
        print_message("no io_uring here: %s\n", strerror(errno));
    for (unsigned i = 0; i < PAIRS; i++)
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]), 0);
}

static void end(void)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        close(pairs[i][0]);
        close(pairs[i][1]);
    }
    sio_uring_close(&ring);
    sio_crew_free(crew);
}

/* Each pair gets its number and the round's. */
static void write_all(unsigned count, unsigned round)
{
    for (unsigned i = 0; i < count; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%03u,%02u;", i, round);
        sends[i] = (sio_send){ .fd = pairs[i][0], .bytes = { texts[i], 7 } };
        results[i] = 0;
    }
}

static void expect_text(unsigned i)
{
    char bytes[16] = "";
    assert_int_equal(recv(pairs[i][1], bytes, sizeof(bytes), MSG_DONTWAIT), 7);
    assert_memory_equal(bytes, texts[i], 7);
}

static void expect_nothing(unsigned i)
{
    char byte;
    assert_int_equal(recv(pairs[i][1], &byte, 1, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
}

static void send_all(unsigned threads, bool by_ring)
{
    begin(threads, by_ring);
    for (unsigned round = 0; round < 40; round++) {
        const unsigned count = PAIRS - round * 5;
        write_all(count, round);
        assert_int_equal(sio_crew_send(crew, &ring, sends, count, results), 0);
        for (unsigned i = 0; i < count; i++) {
            assert_int_equal(results[i], 7);
            expect_text(i);
        }
        for (unsigned i = 0; i < PAIRS; i++)
            expect_nothing(i);
    }
    end();
}

static void each_gets_its_bytes_once(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= SIO_LIMIT_SEND_THREADS; threads += 3) {
        send_all(threads, true);
        send_all(threads, false);
    }
}

static void tell_of_each(bool by_ring)
{
    static char large[4 * 1024 * 1024];
    begin(2, by_ring);
    write_all(PAIRS, 0);
    for (unsigned i = 0; i < PAIRS; i += 4) {
        sends[i].bytes = (sio_str){ large, sizeof(large) };
        close(pairs[i + 1][1]);
        sends[i + 2].fd = -1;
    }
    assert_int_equal(sio_crew_send(crew, &ring, sends, PAIRS, results), 0);
    for (unsigned i = 0; i < PAIRS; i += 4) {
        assert_true(results[i] > 0 && results[i] < (int)sizeof(large));
        assert_int_equal(results[i + 1], -EPIPE);
        assert_int_equal(results[i + 2], -EBADF);
        assert_int_equal(results[i + 3], 7);
        expect_text(i + 3);
        pairs[i + 1][1] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    }
    assert_int_equal(sio_crew_send(crew, &ring, sends, 1, results), 0);
    assert_int_equal(results[0], -EAGAIN);
    end();
}

/* Nobody waits for one that is stuck, and no signal is raised. */
static void what_became_of_each_is_told(void **state)
{
    (void)state;
    tell_of_each(true);
    tell_of_each(false);
}

/* What the caller's ring has not tried is told; what the others took has been sent. */
static void a_ring_that_fails_is_told(void **state)
{
    (void)state;
    begin(2, false);
    sio_uring_close(&ring);
    if (sio_uring_open(&ring)) {
        end();
        skip();
    }
    const int fd = ring.fd;
    ring.fd = pairs[0][0]; /* no ring */
    write_all(PAIRS, 0);
    assert_int_equal(sio_crew_send(crew, &ring, sends, PAIRS, results), SIO_ESYSTEM);
    assert_int_equal(results[0], -ECANCELED); /* the caller has the first part */
    for (unsigned i = 0; i < PAIRS; i++)
        if (results[i] != -ECANCELED)
            expect_text(i);
        else
            expect_nothing(i);
    ring.fd = fd;
    end();
}

static void threads_that_never_sent_end(void **state)
{
    (void)state;
    sio_crew_free(NULL);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(sio_crew_new(&crew, SIO_LIMIT_SEND_THREADS, i % 2), 0);
        sio_crew_free(crew);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_gets_its_bytes_once),
        cmocka_unit_test(what_became_of_each_is_told),
        cmocka_unit_test(a_ring_that_fails_is_told),
        cmocka_unit_test(threads_that_never_sent_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
