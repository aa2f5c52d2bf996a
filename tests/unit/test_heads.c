/* Heads of requests: the limits of the options, and what is expected in vain. */
#include "live.h"

static int begin(void **state)
{
    (void)state;
    return start_with(
        &(sio_server_options){ .limits = { .max_url = 60, .max_headers = 4, .max_head = 200 } });
}

static void is_answered(const char *status, const char *before, int zeros, const char *after)
{
    char request[1000], line[64];
    struct peer *peer = peer_new();
    snprintf(request, sizeof(request), "%s%0*d%s", before, zeros, 0, after);
    snprintf(line, sizeof(line), "HTTP/1.1 %s\r\n", status);
    send_text(peer, request);
    expect(peer, line);
    peer_free(peer);
}

static void each_limit_has_its_answer_and_counter(void **state)
{
    (void)state;
    is_answered("404 Not Found", "GET /", 59, " HTTP/1.1\r\nHost: x\r\n\r\n");
    is_answered("414 URI Too Long", "GET /", 60, " HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(stats_now().long_urls, 1);
    is_answered("404 Not Found", "GET / HTTP/1.1\r\nHost: x\r\nA: ", 9, "\r\nB: b\r\nC: c\r\n\r\n");
    is_answered("431 Request Header Fields Too Large", "GET / HTTP/1.1\r\nHost: x\r\nA: ", 9,
                "\r\nB: b\r\nC: c\r\nD: d\r\n\r\n");
    assert_int_equal(stats_now().many_headers, 1);
    is_answered("404 Not Found", "GET / HTTP/1.1\r\nHost: x\r\nA: ", 193, "\r\n\r\n");
    is_answered("431 Request Header Fields Too Large", "GET / HTTP/1.1\r\nHost: x\r\nA: ", 194,
                "\r\n\r\n");
    assert_int_equal(stats_now().long_heads, 1);
    assert_int_equal(stats_now().long_urls + stats_now().many_headers, 2);
}

static void the_options_have_limits_too(void **state)
{
    (void)state;
    const sio_limit_options bad[] = { { .max_url = 65536 },
                                      { .max_head = 65536 },
                                      { .max_headers = 101 } };
    for (int i = 0; i < 3; i++) {
        sio_server *other;
        assert_int_equal(sio_server_new(&other, &(sio_server_options){ .limits = bad[i] }),
                         SIO_EINVAL);
    }
    stop(NULL);
    assert_int_equal(
        start_with(&(sio_server_options){ .limits = { .max_url = 65535, .max_head = 65535 } }), 0);
    static char request[70000];
    struct peer *peer = peer_new();
    snprintf(request, sizeof(request), "GET /%060000d HTTP/1.1\r\nHost: x\r\n\r\n", 0);
    send_text(peer, request);
    expect(peer, "HTTP/1.1 404 Not Found\r\n");
    peer_free(peer);
}

static void what_is_expected_in_vain(void **state)
{
    (void)state;
    is_answered("417 Expectation Failed",
                "POST / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nContent-Length: ", 3, "\r\n\r\n");
    is_answered("417 Expectation Failed",
                "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continued\r\nA: ", 1, "\r\n\r\n");
    is_answered("404 Not Found", "GET / HTTP/1.0\r\nExpect: wonders\r\nA: ", 1, "\r\n\r\n");
    is_answered("404 Not Found", "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nA: ", 1,
                "\r\n\r\n");
}

#define HEAD(test) cmocka_unit_test_setup_teardown(test, begin, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HEAD(each_limit_has_its_answer_and_counter),
        HEAD(the_options_have_limits_too),
        HEAD(what_is_expected_in_vain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
