/*
 * The floor: what the kernel asks for a broadcast, and nothing else. It accepts the same clients
 * as a server, opens and confirms their sessions, hears the same channels of Redis, and writes the
 * same bytes to each: one write for all that has come in one turn. No rooms, no limits, no time;
 * a client that is slow holds up all others.
 *   sio-bench-floor --redis redis://HOST:PORT     prints "listening PORT"
 */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "floor/guest.h"

#define EVENTS 256

typedef struct bench_hall {
    int epoll;
    int door;
    redisContext *redis;
    bench_guests guests;
    sio_buf batch; /* what all get */
} bench_hall;

static void fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "sio-bench-floor: %s: %s\n", what, why);
    exit(1);
}

/* ---- broadcasts ---- */

/* The text of ["b", text] in the message: a short name, then a string of 8, 16 or 32 bits. */
static sio_str find_text(const char *message, size_t len)
{
    const unsigned char *at = memmem(message, len,
                                     "\xa1"
                                     "b",
                                     2);
    const unsigned char *end = (const unsigned char *)message + len;
    size_t size = 0;

    if (!at || end - at < 8)
        return (sio_str){ 0 };
    at += 2;
    if (*at >= 0xa0 && *at <= 0xbf)
        return (sio_str){ (const char *)at + 1, *at & 0x1f };
    if (*at < 0xd9 || *at > 0xdb)
        return (sio_str){ 0 };
    for (int left = 1 << (*at++ - 0xd9); left > 0; left--)
        size = size << 8 | *at++;
    return size > (size_t)(end - at) ? (sio_str){ 0 } : (sio_str){ (const char *)at, size };
}

static void take_message(bench_hall *hall, const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 4 ||
        strcmp(reply->element[0]->str, "pmessage") != 0)
        return;
    const redisReply *message = reply->element[3];
    const sio_str text = find_text(message->str, message->len);
    if (text.data)
        guest_frame(&hall->batch, text);
}

/* All that has come, then one write for each. */
static void hear(bench_hall *hall)
{
    void *reply;

    sio_buf_clear(&hall->batch);
    if (redisBufferRead(hall->redis) != REDIS_OK)
        fail("redis", hall->redis->errstr);
    while (redisGetReplyFromReader(hall->redis, &reply) == REDIS_OK && reply) {
        take_message(hall, reply);
        freeReplyObject(reply);
    }
    if (hall->batch.len)
        guests_write(&hall->guests, hall->batch.data, hall->batch.len);
}

/* ---- clients ---- */

static void watch(const bench_hall *hall, int fd, void *who)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = who };

    if (epoll_ctl(hall->epoll, EPOLL_CTL_ADD, fd, &event))
        fail("epoll_ctl", strerror(errno));
}

static void let_in(bench_hall *hall)
{
    int on = 1, fd;

    while ((fd = accept4(hall->door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        bench_guest *guest = guest_new(fd);
        if (!guest)
            fail("clients", "out of memory");
        watch(hall, fd, guest);
    }
}

static void serve(bench_hall *hall)
{
    struct epoll_event events[EVENTS];

    for (;;) {
        int count = epoll_wait(hall->epoll, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == &hall->door)
                let_in(hall);
            else if (events[i].data.ptr == hall)
                hear(hall);
            else
                guest_read(&hall->guests, events[i].data.ptr);
        }
    }
}

/* ---- the start ---- */

static void subscribe(bench_hall *hall, const char *url)
{
    char host[256];
    int port = 6379;

    if (sscanf(url, "redis://%255[^:/]:%d", host, &port) < 1)
        fail(url, "is not redis://HOST:PORT");
    hall->redis = redisConnect(host, port);
    if (!hall->redis || hall->redis->err)
        fail("redis", hall->redis ? hall->redis->errstr : "out of memory");
    freeReplyObject(redisCommand(hall->redis, "PSUBSCRIBE socket.io#/#*"));
    watch(hall, hall->redis->fd, hall);
}

static void open_door(bench_hall *hall)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;

    hall->door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (hall->door < 0 || bind(hall->door, (struct sockaddr *)&address, len) ||
        listen(hall->door, 4096) || getsockname(hall->door, (struct sockaddr *)&address, &len))
        fail("listen", strerror(errno));
    watch(hall, hall->door, &hall->door);
    (void)printf("listening %u\n", (unsigned)ntohs(address.sin_port));
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    static bench_hall hall;

    if (argc != 3 || strcmp(argv[1], "--redis") != 0) {
        (void)fputs("sio-bench-floor: --redis URL is needed\n", stderr);
        return 2;
    }
    hall.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (hall.epoll < 0)
        fail("epoll_create1", strerror(errno));
    subscribe(&hall, argv[2]);
    open_door(&hall);
    serve(&hall);
}
