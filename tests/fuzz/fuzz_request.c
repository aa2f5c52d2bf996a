/* HTTP requests: the parser gives the same however its input is cut; then all that looks at a head
 * without a socket does so: headers, query, handshake. Input: how to cut, then the bytes. */
#include "fuzz.h"

#include <sio/sys/ws.h>

#include "core/handshake.h"
#include "net/accept.h"
#include "net/query.h"
#include "net/request.h"

#define BODY_LIMIT 100

/* Feeds until the request is complete, bad or out of input. Returns the bytes that were used. */
static size_t feed(sio_request *request, sio_str input, uint32_t seed)
{
    size_t used = 0;
    while (used < input.len && request->stage < SIO_REQUEST_COMPLETE) {
        const size_t len = fuzz_piece(&seed, input.len - used);
        char *piece = fuzz_copy((sio_str){ input.data + used, len });
        size_t taken = 0;
        do {
            request->limit = BODY_LIMIT;
            taken += sio_request_feed(request, piece + taken, len - taken);
            FUZZ_CHECK(taken <= len);
        } while (request->stage == SIO_REQUEST_ADMIT);
        free(piece);
        used += taken;
        FUZZ_CHECK(taken == len || request->stage >= SIO_REQUEST_COMPLETE);
    }
    return used;
}

static void check_same(const sio_request *a, const sio_request *b)
{
    sio_handshake_header of_a[SIO_LIMIT_HTTP_HEADERS], of_b[SIO_LIMIT_HTTP_HEADERS];
    FUZZ_CHECK(a->stage == b->stage);
    if (a->stage == SIO_REQUEST_BAD) /* a longer piece may show another fault first */
        return;
    FUZZ_CHECK(sio_str_equal(sio_request_url(a), sio_request_url(b)));
    FUZZ_CHECK(sio_str_equal((sio_str){ a->body.data, a->body.len },
                             (sio_str){ b->body.data, b->body.len }));
    FUZZ_CHECK(a->keep_alive == b->keep_alive && a->parser.method == b->parser.method);
    const size_t count = sio_request_headers(a, of_a);
    FUZZ_CHECK(count == sio_request_headers(b, of_b));
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(sio_str_equal(of_a[i].name, of_b[i].name) &&
                   sio_str_equal(of_a[i].value, of_b[i].value));
}

static void look_at_url(sio_str url)
{
    static const char *const names[] = { "transport", "EIO", "sid", "a b", "" };
    char *copy = fuzz_copy(url), out[8], longest[1024];
    const sio_str exact = { copy, url.len };
    sio_engine_query query;
    sio_query_read(&query, exact);
    FUZZ_CHECK(strlen(query.sid) < sizeof(query.sid));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const int len = sio_query_param(exact, names[i], out, sizeof(out));
        FUZZ_CHECK(len >= -1 && len <= (int)url.len);
        FUZZ_CHECK(len == sio_query_param(exact, names[i], longest, sizeof(longest)));
        FUZZ_CHECK(len < 0 || (size_t)len >= sizeof(out) ||
                   memcmp(out, longest, (size_t)len + 1) == 0);
    }
    free(copy);
}

static void look_at_head(const sio_request *request)
{
    sio_handshake_header headers[SIO_LIMIT_HTTP_HEADERS];
    char accept[SIO_WS_ACCEPT_SIZE];
    const sio_str key = sio_request_header(request, "sec-websocket-key");
    (void)sio_accept_open_metrics(sio_request_header(request, "accept"));
    if (key.data && sio_ws_accept(accept, key) == 0)
        FUZZ_CHECK(strlen(accept) == SIO_WS_ACCEPT_SIZE - 1);
    sio_handshake *handshake = sio_handshake_new(&(sio_handshake_info){
        .url = sio_request_url(request),
        .headers = headers,
        .header_count = sio_request_headers(request, headers),
        .address = SIO_STR("::1"),
    });
    FUZZ_CHECK(handshake);
    FUZZ_CHECK(strlen(sio_handshake_url(handshake)) == sio_request_url(request).len);
    FUZZ_CHECK(!key.data == !sio_handshake_header_get(handshake, "sec-websocket-key"));
    (void)sio_handshake_query_get(handshake, "transport");
    sio_handshake_free(handshake);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    const uint32_t seed = fuzz_byte(&input);
    const sio_str bytes = fuzz_take(&input, input.left);
    sio_request *whole = sio_request_new(), *cut = sio_request_new();
    FUZZ_CHECK(whole && cut);
    const size_t used = feed(whole, bytes, 0), used_cut = feed(cut, bytes, seed);
    check_same(whole, cut);
    FUZZ_CHECK(whole->stage == SIO_REQUEST_BAD || used == used_cut);
    if (whole->stage != SIO_REQUEST_BAD && whole->stage != SIO_REQUEST_HEAD) {
        look_at_url(sio_request_url(whole));
        look_at_head(whole);
    }
    sio_request_free(whole);
    sio_request_free(cut);
    return 0;
}
