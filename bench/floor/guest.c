#include "floor/guest.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUTSIDE UINT32_MAX

static const sio_ws_rules rules = { .max_payload = 1000000, .from_client = true };

bench_guest *guest_new(int fd)
{
    bench_guest *one = calloc(1, sizeof *one);

    if (one)
        *one = (bench_guest){ .fd = fd, .index = OUTSIDE };
    return one;
}

/* ---- writing ---- */

static void write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t sent = write(fd, data, len);

        if (sent < 0 && errno != EAGAIN)
            return; /* reading tells that it is gone */
        if (sent < 0) {
            struct pollfd room = { .fd = fd, .events = POLLOUT };
            (void)poll(&room, 1, -1);
            continue;
        }
        data += sent;
        len -= (size_t)sent;
    }
}

void guests_write(const bench_guests *all, const char *data, size_t len)
{
    for (uint32_t i = 0; i < all->count; i++)
        write_all(all->items[i]->fd, data, len);
}

static void append_frame(sio_buf *out, size_t len)
{
    uint8_t header[SIO_WS_HEADER_MAX];

    sio_buf_append(out, header, sio_ws_header_write(header, SIO_WS_TEXT, len, NULL));
}

void guest_frame(sio_buf *out, sio_str text)
{
    append_frame(out, text.len + sizeof "42[\"b\",\"\"]" - 1);
    sio_buf_text(out, "42[\"b\",\"");
    sio_buf_append(out, text.data, text.len);
    sio_buf_text(out, "\"]");
}

static void say(const bench_guest *one, const char *text)
{
    sio_buf out = { 0 };

    append_frame(&out, strlen(text));
    sio_buf_text(&out, text);
    write_all(one->fd, out.data, out.len);
    sio_buf_free(&out);
}

/* ---- reading ---- */

static void leave(bench_guests *all, bench_guest *one)
{
    if (one->index != OUTSIDE) {
        all->items[one->index] = all->items[--all->count];
        all->items[one->index]->index = one->index;
    }
    (void)close(one->fd);
    sio_ws_reader_free(&one->reader);
    sio_buf_free(&one->request);
    free(one);
}

static int grow(bench_guests *all)
{
    uint32_t cap = all->cap ? all->cap * 2 : 1024;
    bench_guest **items = realloc(all->items, cap * sizeof *items);

    if (!items)
        return -1;
    all->items = items;
    all->cap = cap;
    return 0;
}

static int enter(bench_guests *all, bench_guest *one)
{
    if (all->count == all->cap && grow(all))
        return -1;
    say(one, "40{\"sid\":\"AAAAAAAAAAAAAAAAAAAA\"}");
    one->index = all->count;
    all->items[all->count++] = one;
    return 0;
}

static int hear(bench_guests *all, bench_guest *one, char *data, size_t len)
{
    sio_ws_message message;
    int code, got;

    while ((got = sio_ws_reader_next(&one->reader, &data, &len, &rules, &message, &code)) == 1) {
        if (message.opcode == SIO_WS_CLOSE)
            return -1;
        if (message.len >= 2 && memcmp(message.data, "40", 2) == 0 && one->index == OUTSIDE &&
            enter(all, one))
            return -1;
    }
    return got;
}

/* The key of the request: -1 when it is no request for a WebSocket. */
static int upgrade(bench_guest *one)
{
    static const char name[] = "\r\nsec-websocket-key:";
    char accept[SIO_WS_ACCEPT_SIZE];
    sio_buf out = { 0 };

    sio_buf_byte(&one->request, '\0');
    const char *key = one->request.err ? NULL : strcasestr(one->request.data, name);
    if (!key)
        return -1;
    key += sizeof name - 1;
    key += strspn(key, " \t");
    if (sio_ws_accept(accept, (sio_str){ key, strcspn(key, " \t\r") }))
        return -1;
    sio_buf_printf(&out,
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                   accept);
    write_all(one->fd, out.data, out.len);
    sio_buf_free(&out);
    sio_buf_free(&one->request);
    one->upgraded = true;
    say(one, "0{\"sid\":\"AAAAAAAAAAAAAAAAAAAA\",\"upgrades\":[],\"pingInterval\":3600000,"
             "\"pingTimeout\":3600000,\"maxPayload\":1000000}");
    return 0;
}

static int ask(bench_guest *one, const char *data, size_t len)
{
    sio_buf_append(&one->request, data, len);
    if (one->request.err || one->request.len > 16384)
        return -1;
    return memmem(one->request.data, one->request.len, "\r\n\r\n", 4) ? upgrade(one) : 0;
}

void guest_read(bench_guests *all, bench_guest *one)
{
    char data[65536];
    ssize_t len = read(one->fd, data, sizeof data);

    if (len < 0 && errno == EAGAIN)
        return;
    if (len <= 0 ||
        (one->upgraded ? hear(all, one, data, (size_t)len) : ask(one, data, (size_t)len)))
        leave(all, one);
}
