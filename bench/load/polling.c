#include "load/polling.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load/session.h"
#include "load/swarm.h"

#define HEADERS_MAX 16384
#define SEPARATOR   '\x1e'

static void request(bench_client *client, const char *method, sio_str body)
{
    const bench_url *url = bench_swarm_url(client->swarm, client);
    sio_buf *out = &client->swarm->frame;

    sio_buf_clear(out);
    sio_buf_printf(out, "%s %s%sEIO=4&transport=polling%s%s HTTP/1.1\r\nHost: %s:%s\r\n", method,
                   url->path, strchr(url->path, '?') ? "&" : "?", client->sid[0] ? "&sid=" : "",
                   client->sid, url->host, url->port);
    if (body.data)
        sio_buf_printf(out, "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: %zu\r\n",
                       body.len);
    sio_buf_text(out, "\r\n");
    sio_buf_append(out, body.data, body.len);
    client->posting = body.data != NULL;
    if (out->err)
        bench_client_fail(client, "a client is out of memory", "for a request");
    else
        bench_client_write(client, out->data, out->len);
}

void bench_polling_open(bench_client *client)
{
    client->state = BENCH_CLIENT_OPENING;
    request(client, "GET", (sio_str){ 0 });
}

void bench_polling_say(bench_client *client, const char *text, size_t len)
{
    if (client->post.len)
        sio_buf_byte(&client->post, SEPARATOR);
    sio_buf_append(&client->post, text, len);
}

static void go_on(bench_client *client)
{
    if (client->post.len)
        request(client, "POST", (sio_str){ client->post.data, client->post.len });
    else
        request(client, "GET", (sio_str){ 0 });
    sio_buf_free(&client->post);
}

static void on_payload(bench_client *client, const char *data, size_t len)
{
    const uint64_t now = client->swarm->arrived;

    while (len && client->state != BENCH_CLIENT_CLOSED) {
        const char *end = memchr(data, SEPARATOR, len);
        size_t size = end ? (size_t)(end - data) : len;

        bench_session_packet(client, data, size, now);
        size += end != NULL;
        data += size;
        len -= size;
    }
}

/* -1: there is none. */
static long content_length(const char *headers, const char *end)
{
    static const char name[] = "\r\nContent-Length:";

    for (const char *at = headers; at + sizeof name < end; at++)
        if (*at == '\r' && strncasecmp(at, name, sizeof name - 1) == 0)
            return strtol(at + sizeof name - 1, NULL, 10);
    return -1;
}

/* 0 while it is incomplete. */
static size_t take_response(bench_client *client, const char *data, size_t len)
{
    const char *end = memmem(data, len, "\r\n\r\n", 4);

    if (!end) {
        if (len > HEADERS_MAX)
            bench_client_fail(client, "the server answered", "with headers without an end");
        return 0;
    }
    if (len < 12 || memcmp(data, "HTTP/1.1 200", 12) != 0) {
        bench_client_fail(client, "the server refused a request",
                          data[0] == 'H' ? "no 200" : "no HTTP");
        return 0;
    }
    long size = content_length(data, end + 2);
    if (size < 0) {
        bench_client_fail(client, "the server answered", "without a Content-Length");
        return 0;
    }
    end += 4;
    if ((size_t)size > len - (size_t)(end - data))
        return 0;
    if (!client->posting)
        on_payload(client, end, (size_t)size);
    return (size_t)(end - data) + (size_t)size;
}

size_t bench_polling_take(bench_client *client, const char *data, size_t len)
{
    size_t used = take_response(client, data, len);

    if (used && client->state != BENCH_CLIENT_CLOSED)
        go_on(client);
    return used;
}
