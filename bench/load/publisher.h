/* Publishes messages through Redis, as an emitter does. */
#ifndef BENCH_PUBLISHER_H
#define BENCH_PUBLISHER_H

#include <uv.h>

#include <sio/sys/buf.h>
#include <sio/sys/redis_url.h>

#include "load/options.h"

struct redisAsyncContext;

/* A channel and what goes there, written once: the name of the room and the number are replaced. */
typedef struct bench_parcel {
    sio_buf channel;
    sio_buf message;
    size_t room_len;  /* of names that fit in */
    size_t room;      /* where it is in the message */
    size_t addressee; /* and in the channel */
    size_t digits;    /* where the number is */
} bench_parcel;

typedef struct bench_publisher {
    uv_loop_t *loop;
    const bench_options *options;
    sio_redis_url url;
    struct redisAsyncContext *redis; /* NULL while there is none */
    bench_parcel message;
    bench_parcel noise; /* for rooms that nobody is in */
    uint64_t noises;    /* how often */
    bool closing;
    void (*on_ready)(void *data); /* connected, and let in */
    void (*on_failure)(const char *text, void *data);
    void *data;
} bench_publisher;

/* `publisher` comes with loop, options and callbacks. -1 after on_failure. */
int bench_publisher_open(bench_publisher *publisher);
/* To that room; data NULL: to everyone. Noise goes first, if there is to be any. */
void bench_publisher_publish(bench_publisher *publisher, sio_str room, uint64_t sequence);
void bench_publisher_close(bench_publisher *publisher);

/* When the loop has ended. */
void bench_publisher_free(bench_publisher *publisher);

#endif
