/*
 * What comes at a fixed rate. The clients' sockets are looked at from time to time, all together,
 * as by a network card whose interrupts are moderated, so that sending wakes nobody; and when
 * something came is the kernel's word, whenever it is read: a late reader makes no server late.
 */
#ifndef BENCH_INLET_H
#define BENCH_INLET_H

#include <uv.h>

struct bench_client;

#define BENCH_READ_BUFFER (256 * 1024)

typedef struct bench_inlet {
    uv_poll_t poll; /* the timer's */
    int timer;      /* 0 or less: there is none */
    int epoll;      /* of the clients' sockets, likewise */
    uint64_t step;  /* ns from one look to the next */
    unsigned vain;  /* looks since the last that found something */
    char *buffer;   /* borrowed, of BENCH_READ_BUFFER bytes */
} bench_inlet;

/* 0 or a libuv error; bench_inlet_close and then, when the loop has ended, bench_inlet_free are due
 * in either case. */
int bench_inlet_open(bench_inlet *inlet, uv_loop_t *loop, char *buffer);

/* What comes on a socket that is connected goes to bench_client_take, until it is closed. 0 or a
 * libuv error. */
int bench_inlet_add(const bench_inlet *inlet, struct bench_client *client);

/* From now on it looks every `step` ns, 5 ms at most and 50 us, as at first, at least. */
void bench_inlet_calm(bench_inlet *inlet, uint64_t step);

/* A message goes out: the next look is a step from now. */
void bench_inlet_expect(bench_inlet *inlet);

void bench_inlet_close(bench_inlet *inlet);
void bench_inlet_free(const bench_inlet *inlet);

#endif
