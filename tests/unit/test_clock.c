/* Time that jumps: the wall clock is set, and the process stands still for a while. */
#include "live.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#define TIMEOUT_MS 1500
#define PATIENT_MS 4000 /* where more has to be done within it */
#define PEERS      8

/* ---- the clocks of this process, libraries included: the wall is `shift` seconds off ---- */

#define SEEN_BY_ALL __attribute__((visibility("default"))) /* also by the libraries */

static time_t shift;

/* The names that the system has for these parameters are reserved. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
SEEN_BY_ALL int clock_gettime(clockid_t clock, struct timespec *out)
{
    const int rc = (int)syscall(SYS_clock_gettime, clock, out);
    if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        out->tv_sec += shift;
    return rc;
}

SEEN_BY_ALL int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){ .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000 };
    return 0;
}

SEEN_BY_ALL time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static int begin_with(uint32_t timeout_ms)
{
    shift = 0;
    return start_with(&(sio_server_options){ .ping_interval_ms = 250,
                                             .ping_timeout_ms = timeout_ms,
                                             .limits = { .head_timeout_ms = timeout_ms } });
}

static int begin(void **state)
{
    (void)state;
    return begin_with(TIMEOUT_MS);
}

static int begin_patiently(void **state)
{
    (void)state;
    return begin_with(PATIENT_MS);
}

static void stand_still(uint32_t timeout_ms)
{
    usleep((timeout_ms + 500) * 1000);
}

/* Answers so many pings. */
static void live_on(struct peer *peer, int pings)
{
    while (pings-- > 0) {
        expect(peer, "2");
        send_frame(peer, SIO_WS_TEXT, "3");
    }
}

static void expect_date(const char *year)
{
    struct peer *peer = peer_new();
    char line[32];
    snprintf(line, sizeof(line), "%s ", year);
    send_text(peer, "GET /" HTTP "\r\n");
    expect(peer, "Date: ");
    expect(peer, line);
    peer_free(peer);
}

/* ---- the wall clock is set ---- */

static void move_wall(struct peer *peer, const char *year, time_t to)
{
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    shift = to - now.tv_sec;
    expect_date(year); /* it has moved for the server too */
    live_on(peer, 5);
    assert_string_equal(disconnected, "");
}

static void nobody_minds_the_wall_clock(void **state)
{
    (void)state;
    struct peer *peer = connect_websocket(0);
    live_on(peer, 2);
    move_wall(peer, "2036", 2100000000 - 86400 * 150);
    move_wall(peer, "2001", 1000000000);
    struct peer *slow = peer_new();
    send_text(slow, "GET / HT"); /* its time is over all the same */
    expect(slow, "HTTP/1.1 408 ");
    peer_free(slow);
    expect(peer, "2"); /* and who is silent is closed */
    expect_reason("ping timeout");
    peer_free(peer);
}

/* ---- the process is stopped, as by SIGSTOP ---- */

static void answers_that_have_come_count(void **state)
{
    (void)state;
    struct peer *peers[PEERS];
    char sid[21];
    for (int i = 0; i < PEERS; i++)
        peers[i] = connect_websocket(0);
    struct peer *polling = peer_new();
    connect_polling(polling, sid);
    send_poll(polling, sid);
    expect(polling, "\r\n\r\n2");
    for (int i = 0; i < PEERS; i++) {
        expect(peers[i], "2");
        send_frame(peers[i], SIO_WS_TEXT, "3");
    }
    send_post(polling, sid, "3");
    stand_still(PATIENT_MS);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < PEERS; i++)
            live_on(peers[i], 1);
    expect(polling, "\r\n\r\nok");
    assert_string_equal(disconnected, "");
    for (int i = 0; i < PEERS; i++)
        peer_free(peers[i]);
    peer_free(polling);
}

/* More requests than are served in one turn. */
static void all_that_has_come_is_read_before_it_is_judged(void **state)
{
    (void)state;
    struct peer *peers[PEERS];
    char sids[PEERS][21];
    for (int i = 0; i < PEERS; i++)
        connect_polling(peers[i] = peer_new(), sids[i]);
    for (int i = 0; i < PEERS; i++)
        send_poll(peers[i], sids[i]);
    for (int i = 0; i < PEERS; i++)
        expect(peers[i], "\r\n\r\n2");
    for (int i = 0; i < PEERS; i++)
        send_post(peers[i], sids[i], "3");
    stand_still(PATIENT_MS);
    for (int i = 0; i < PEERS; i++)
        expect(peers[i], "\r\n\r\nok");
    assert_string_equal(disconnected, "");
    for (int i = 0; i < PEERS; i++)
        peer_free(peers[i]);
}

static void requests_that_have_come_are_served(void **state)
{
    (void)state;
    struct peer *peer = peer_new();
    send_text(peer, "GET /no");
    for (int i = 0; i < 3; i++)
        turn(NULL);
    send_text(peer, "thing" HTTP "\r\n");
    stand_still(PATIENT_MS);
    expect(peer, "HTTP/1.1 404 Not Found\r\n");
    peer_free(peer);
}

static void who_was_silent_all_the_time_is_closed(void **state)
{
    (void)state;
    struct peer *peer = connect_websocket(0);
    expect(peer, "2");
    stand_still(TIMEOUT_MS);
    expect_reason("ping timeout");
    peer_free(peer);
}

#define CLOCK(test)   cmocka_unit_test_setup_teardown(test, begin, stop)
#define PATIENT(test) cmocka_unit_test_setup_teardown(test, begin_patiently, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PATIENT(nobody_minds_the_wall_clock),
        PATIENT(answers_that_have_come_count),
        PATIENT(all_that_has_come_is_read_before_it_is_judged),
        PATIENT(requests_that_have_come_are_served),
        CLOCK(who_was_silent_all_the_time_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
