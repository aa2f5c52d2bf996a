/* Publishes the broadcasts through Redis, as an emitter does. */
#ifndef BENCH_PUBLISHER_H
#define BENCH_PUBLISHER_H

#include <uv.h>

#include <sio/sys/buf.h>
#include <sio/sys/redis_url.h>

#include "load/options.h"

struct redisAsyncContext;

typedef struct bench_publisher {
    uv_loop_t *loop;
    const bench_options *options;
    sio_redis_url url;
    struct redisAsyncContext *redis; /* NULL while there is none */
    sio_buf channel;
    sio_buf message; /* only its sequence number changes */
    size_t digits;   /* where that is */
    bool closing;
    void (*on_ready)(void *data); /* connected, and let in */
    void (*on_failure)(const char *text, void *data);
    void *data;
} bench_publisher;

/* `publisher` comes with loop, options and callbacks. -1 after on_failure. */
int bench_publisher_open(bench_publisher *publisher);
void bench_publisher_publish(bench_publisher *publisher, uint64_t sequence);
void bench_publisher_close(bench_publisher *publisher);

/* When the loop has ended. */
void bench_publisher_free(bench_publisher *publisher);

#endif
