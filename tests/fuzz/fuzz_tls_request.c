/* What libwebsockets has read, written anew as HTTP/1.1: it is one request, whatever stood in it,
 * with the path, the parameters and no other lines than there were. Input: whether it asks for a
 * WebSocket, then a table of headers. */
#include "fuzz.h"

#include "lws_table.h"
#include "net/request.h"

#define BODY_LIMIT 100

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The bytes that are said up to a "?", which is left. */
static void check_path(sio_str url, const lws_table *table)
{
    size_t at = 0;
    for (size_t i = 0; i < table->path_len; i++) {
        FUZZ_CHECK(at < url.len && url.data[at] != '?' && url.data[at] != ' ');
        int c = (unsigned char)url.data[at++];
        if (c == '%') {
            FUZZ_CHECK(at + 2 <= url.len);
            c = hex(url.data[at]) * 16 + hex(url.data[at + 1]);
            at += 2;
        }
        FUZZ_CHECK(c == (unsigned char)table->path[i]);
    }
    FUZZ_CHECK(at == url.len || url.data[at] == '?');
}

static size_t count_of(const sio_request *request, const char *name)
{
    sio_handshake_header headers[SIO_LIMIT_HTTP_HEADERS];
    const size_t all = sio_request_headers(request, headers);
    size_t count = 0;
    for (size_t i = 0; i < all; i++)
        count += headers[i].name.len == strlen(name) &&
                 strncasecmp(headers[i].name.data, name, headers[i].name.len) == 0;
    return count;
}

/* Nothing that frames a message is a client's own. */
static void check_lines(const sio_request *request, const lws_table *table, bool upgrade,
                        bool chunked)
{
    sio_handshake_header headers[SIO_LIMIT_HTTP_HEADERS];
    FUZZ_CHECK(sio_request_headers(request, headers) <= table->count + 5);
    FUZZ_CHECK(count_of(request, "connection") == 1);
    FUZZ_CHECK(count_of(request, "upgrade") == upgrade);
    FUZZ_CHECK(count_of(request, "sec-websocket-key") == upgrade);
    FUZZ_CHECK(count_of(request, "host") <= 1);
    FUZZ_CHECK(count_of(request, "transfer-encoding") == chunked);
    FUZZ_CHECK(count_of(request, "content-length") <= (upgrade || chunked ? 0 : 1));
    FUZZ_CHECK(sio_request_is_upgrade(request) == upgrade);
}

/* All of it is the head of one request, and what follows is its body. */
static void check_request(const lws_table *table, const sio_buf *head, bool upgrade, bool chunked)
{
    sio_request *request = sio_request_new();
    char *copy = fuzz_copy((sio_str){ head->data, head->len });
    FUZZ_CHECK(request);
    const size_t used = sio_request_feed(request, copy, head->len);
    if (request->stage != SIO_REQUEST_BAD) {
        FUZZ_CHECK(request->stage == SIO_REQUEST_ADMIT && used == head->len);
        check_path(sio_request_url(request), table);
        check_lines(request, table, upgrade, chunked);
        request->limit = BODY_LIMIT;
        FUZZ_CHECK(sio_request_feed(request, copy + used, 0) == 0);
    }
    free(copy);
    sio_request_free(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    const bool upgrade = fuzz_byte(&input) & 1;
    lws_table table;
    sio_buf head = { 0 };
    bool chunked = false;
    lws_table_read(&table, &input);
    if (lws_table_write(&table, upgrade, &head, &chunked))
        check_request(&table, &head, upgrade, chunked);
    sio_buf_free(&head);
    lws_table_free(&table);
    return 0;
}
