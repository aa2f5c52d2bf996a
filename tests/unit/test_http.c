/* One HTTP request at a time, out of bytes that are cut anywhere, and the head of an answer. */
#include "check.h"

#include <stdio.h>

#include "net/http.h"
#include "net/request.h"

#define BODY_LIMIT 100

/* Feeds `len` bytes in an exact-size copy, so that a read beyond them is seen. Returns what was
 * used. */
static size_t feed(sio_request *request, const char *data, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    if (len)
        memcpy(copy, data, len);
    size_t total = 0;
    for (;;) {
        total += sio_request_feed(request, copy + total, len - total);
        if (request->stage != SIO_REQUEST_ADMIT)
            break;
        request->limit = BODY_LIMIT;
    }
    free(copy);
    return total;
}

static bool is(sio_str text, const char *expected)
{
    return sio_str_equal(text, sio_str_from(expected));
}

static const char post[] = "POST /socket.io/?EIO=4&sid=x HTTP/1.1\r\n"
                           "Host: a\r\n"
                           "Content-Type:  text/plain \r\n"
                           "X-Empty:\r\n"
                           "Transfer-Encoding: chunked\r\n"
                           "\r\n"
                           "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nX-Trailer: t\r\n\r\n";
static const char next[] = "GET /next HTTP/1.1\r\n\r\n";

static void check_post(const sio_request *request)
{
    assert_int_equal(request->stage, SIO_REQUEST_COMPLETE);
    assert_true(sio_request_is(request, HTTP_POST));
    assert_true(request->keep_alive);
    assert_false(sio_request_is_upgrade(request));
    assert_true(is(sio_request_url(request), "/socket.io/?EIO=4&sid=x"));
    assert_true(is(sio_request_header(request, "content-type"), "text/plain"));
    assert_true(is(sio_request_header(request, "host"), "a"));
    assert_non_null(sio_request_header(request, "x-empty").data);
    assert_true(is(sio_request_header(request, "x-empty"), ""));
    assert_null(sio_request_header(request, "x-trailer").data);
    assert_null(sio_request_header(request, "x").data);
    assert_true(is((sio_str){ request->body.data, request->body.len }, "hello!"));
}

static void reads_at_every_split(void **state)
{
    (void)state;
    const size_t len = sizeof(post) - 1;
    for (size_t cut = 0; cut <= len; cut++) {
        sio_request *request = sio_request_new();
        assert_non_null(request);
        assert_int_equal(feed(request, post, cut), cut);
        if (cut < len)
            assert_int_equal(feed(request, post + cut, len - cut), len - cut);
        check_post(request);
        sio_request_free(request);
    }
}

static void reads_byte_by_byte(void **state)
{
    (void)state;
    sio_request *request = sio_request_new();
    for (size_t i = 0; i < sizeof(post) - 1; i++) {
        assert_int_not_equal(request->stage, SIO_REQUEST_COMPLETE);
        assert_int_equal(feed(request, post + i, 1), 1);
    }
    check_post(request);
    sio_request_free(request);
}

static void leaves_what_follows(void **state)
{
    (void)state;
    char both[sizeof(post) + sizeof(next)];
    snprintf(both, sizeof(both), "%s%s", post, next);
    sio_request *request = sio_request_new();
    assert_int_equal(feed(request, both, strlen(both)), sizeof(post) - 1);
    check_post(request);
    sio_request_free(request);
    request = sio_request_new();
    assert_int_equal(feed(request, next, sizeof(next) - 1), sizeof(next) - 1);
    assert_int_equal(request->stage, SIO_REQUEST_COMPLETE);
    assert_true(is(sio_request_url(request), "/next"));
    sio_request_free(request);
}

static void leaves_what_follows_an_upgrade(void **state)
{
    (void)state;
    static const char upgrade[] = "GET /a HTTP/1.1\r\nConnection: Upgrade\r\n"
                                  "Upgrade: websocket\r\n\r\n\x81\x82zzzz\x01\x02";
    const size_t head = sizeof(upgrade) - 1 - 8;
    for (size_t cut = 0; cut <= head; cut++) {
        sio_request *request = sio_request_new();
        assert_int_equal(feed(request, upgrade, cut), cut);
        if (cut < head)
            assert_int_equal(feed(request, upgrade + cut, sizeof(upgrade) - 1 - cut), head - cut);
        assert_int_equal(request->stage, SIO_REQUEST_COMPLETE);
        assert_true(sio_request_is_upgrade(request));
        sio_request_free(request);
    }
}

static unsigned status_of(const char *text, size_t len)
{
    sio_request *request = sio_request_new();
    feed(request, text, len);
    unsigned status = request->stage == SIO_REQUEST_BAD ? request->status : 0;
    sio_request_free(request);
    return status;
}

static void refuses_what_is_no_request(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x16\x03\x01\x02",
        "GET\r\n\r\n",
        "GET / HTTP/7.0\r\n\r\n",
        "GET / HTTP/1.1\r\nA b: c\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nA: b\x01\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(status_of(bad[i], strlen(bad[i])), 400);
}

static void a_bad_request_stays_bad(void **state)
{
    (void)state;
    sio_request *request = sio_request_new();
    feed(request, "nonsense\r\n", 10);
    assert_int_equal(request->stage, SIO_REQUEST_BAD);
    assert_int_equal(feed(request, next, sizeof(next) - 1), 0);
    assert_int_equal(request->stage, SIO_REQUEST_BAD);
    sio_request_free(request);
}

static unsigned status_of_buf(sio_buf *buf)
{
    assert_int_equal(buf->err, 0);
    unsigned status = status_of(buf->data, buf->len);
    sio_buf_free(buf);
    return status;
}

static void limits_the_head(void **state)
{
    (void)state;
    sio_buf url = { 0 }, header = { 0 }, many = { 0 }, most = { 0 };
    sio_buf_printf(&url, "GET /%0*d HTTP/1.1\r\n\r\n", (int)SIO_LIMIT_HTTP_HEAD, 0);
    assert_int_equal(status_of_buf(&url), 414);
    sio_buf_printf(&header, "GET / HTTP/1.1\r\nA: %0*d\r\n\r\n", (int)SIO_LIMIT_HTTP_HEAD, 0);
    assert_int_equal(status_of_buf(&header), 431);
    sio_buf_text(&many, "GET / HTTP/1.1\r\n");
    sio_buf_text(&most, "GET / HTTP/1.1\r\n");
    for (int i = 0; i <= SIO_LIMIT_HTTP_HEADERS; i++) {
        sio_buf_text(&many, "A: b\r\n");
        sio_buf_text(&most, i < SIO_LIMIT_HTTP_HEADERS ? "A: b\r\n" : "\r\n");
    }
    assert_int_equal(status_of_buf(&many), 431);
    assert_int_equal(status_of_buf(&most), 0);
}

static void limits_the_body(void **state)
{
    (void)state;
    sio_buf announced = { 0 }, chunked = { 0 }, fits = { 0 };
    sio_buf_printf(&announced, "POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n", BODY_LIMIT + 1);
    assert_int_equal(status_of_buf(&announced), 413);
    sio_buf_printf(&chunked, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%0*d",
                   BODY_LIMIT + 1, BODY_LIMIT + 1, 0);
    assert_int_equal(status_of_buf(&chunked), 413);
    sio_buf_printf(&fits, "POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%0*d", BODY_LIMIT,
                   BODY_LIMIT, 0);
    assert_int_equal(status_of_buf(&fits), 0);
}

static void knows_whether_the_connection_goes_on(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool keep_alive;
    } cases[] = {
        { "GET / HTTP/1.1\r\n\r\n", true },
        { "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false },
        { "GET / HTTP/1.0\r\n\r\n", false },
        { "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sio_request *request = sio_request_new();
        feed(request, cases[i].text, strlen(cases[i].text));
        assert_int_equal(request->stage, SIO_REQUEST_COMPLETE);
        assert_int_equal(request->keep_alive, cases[i].keep_alive);
        sio_request_free(request);
    }
}

static void writes_heads(void **state)
{
    (void)state;
    char out[512];
    const sio_response ok = {
        .status = 200, .type = "text/html", .headers = "A: b\r\n", .body = SIO_STR("ok")
    };
    size_t len = sio_http_head(out, sizeof(out), &ok, 5, 784111777);
    out[len] = '\0';
    assert_string_equal(out, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nA: b\r\n"
                             "Content-Length: 2\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                             "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n");
    len = sio_http_head(out, sizeof(out), &(sio_response){ .status = 304 }, 0, 0);
    out[len] = '\0';
    assert_string_equal(out, "HTTP/1.1 304 Not Modified\r\n"
                             "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nConnection: close\r\n\r\n");
    assert_int_equal(sio_http_head(out, 10, &ok, 5, 0), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_at_every_split),
        cmocka_unit_test(reads_byte_by_byte),
        cmocka_unit_test(leaves_what_follows),
        cmocka_unit_test(leaves_what_follows_an_upgrade),
        cmocka_unit_test(refuses_what_is_no_request),
        cmocka_unit_test(a_bad_request_stays_bad),
        cmocka_unit_test(limits_the_head),
        cmocka_unit_test(limits_the_body),
        cmocka_unit_test(knows_whether_the_connection_goes_on),
        cmocka_unit_test(writes_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
