/* What an answer owes to its request's head and body: CORS, the encoding, JSONP. No request adds
 * lines of its own to an answer, or ends the script that it is. Input: a request. */
#include "fuzz.h"

#include <sio/err.h>
#include <sio/sys/text.h>

#include "net/cors.h"
#include "net/encoding.h"
#include "net/jsonp.h"

#define BODY_LIMIT 2000

/* Lines end with CRLF, and there is no other control character. */
static void check_lines(const sio_headers *headers)
{
    const char *at = headers->lines.data;
    size_t left = headers->lines.len;
    while (left > 0) {
        const char *end = memmem(at, left, "\r\n", 2);
        FUZZ_CHECK(end && end > at);
        const sio_str line = { at, (size_t)(end - at) };
        const char *colon = memchr(line.data, ':', line.len);
        FUZZ_CHECK(colon && sio_headers_is_token((sio_str){ at, (size_t)(colon - at) }));
        FUZZ_CHECK(sio_headers_is_value((sio_str){ colon + 1, (size_t)(end - colon) - 1 }));
        left -= line.len + 2;
        at = end + 2;
    }
}

static void check_cors(const sio_request *request, const char *const *origins)
{
    const sio_cors_options options = { .origins = origins,
                                       .credentials = true,
                                       .exposed_headers = "X-A" };
    const char *why;
    sio_cors cors;
    sio_headers headers = { 0 };
    FUZZ_CHECK(sio_cors_init(&cors, &options, NULL, &why) == 0);
    const int result = sio_cors_put(&cors, request, &headers);
    FUZZ_CHECK(result == 0 || result == 1 || result == SIO_EINVAL || result == SIO_ELIMIT);
    FUZZ_CHECK(result != 1 || sio_request_is(request, HTTP_OPTIONS));
    check_lines(&headers);
    sio_buf_free(&headers.lines);
    sio_cors_free(&cors);
}

/* The script is one call with one string, which says the payload. */
static void check_script(const sio_jsonp *jsonp, sio_str payload)
{
    char head[32];
    sio_buf script = { 0 };
    sio_arena arena = { 0 };
    sio_value text;
    sio_jsonp_write(&script, jsonp, payload);
    const size_t len = (size_t)snprintf(head, sizeof head, "___eio[%s](", jsonp->index);
    FUZZ_CHECK(!script.err && script.len > len + 2 && memcmp(script.data, head, len) == 0);
    FUZZ_CHECK(memcmp(script.data + script.len - 2, ");", 2) == 0);
    FUZZ_CHECK(!memmem(script.data, script.len, "\xe2\x80\xa8", 3));
    FUZZ_CHECK(sio_json_read(&arena, &text, script.data + len, script.len - len - 2) == 0);
    FUZZ_CHECK(sio_str_equal(payload, (sio_str){ text.as.text, text.count }));
    sio_arena_free(&arena);
    sio_buf_free(&script);
}

static void check_jsonp(const sio_request *request)
{
    sio_jsonp jsonp;
    size_t len = request->body.len;
    char *form = fuzz_copy((sio_str){ request->body.data, len });
    const bool unpacked = sio_jsonp_unpack(form, &len);
    FUZZ_CHECK(len <= request->body.len);
    if (sio_jsonp_read(&jsonp, sio_request_url(request)) == 0 && unpacked &&
        sio_utf8_valid(form, len))
        check_script(&jsonp, (sio_str){ form, len });
    free(form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const any[] = { "*", NULL };
    static const char *const some[] = { "http://a", "*.b.c", "https://*.d", NULL };
    sio_request *request = sio_request_new();
    size_t used = 0;
    FUZZ_CHECK(request);
    do {
        request->limit = BODY_LIMIT;
        used += sio_request_feed(request, (const char *)data + used, size - used);
    } while (request->stage == SIO_REQUEST_ADMIT);
    if (request->stage == SIO_REQUEST_COMPLETE) {
        check_cors(request, any);
        check_cors(request, some);
        (void)sio_encoding_choose(sio_request_header(request, "accept-encoding"));
        check_jsonp(request);
    }
    sio_request_free(request);
    return 0;
}
