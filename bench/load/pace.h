/* A fixed rate: says when the next message is due, to the microsecond. */
#ifndef BENCH_PACE_H
#define BENCH_PACE_H

#include <uv.h>

typedef struct bench_pace {
    uv_poll_t poll;
    int fd;       /* of a timer; -1: there is none */
    uint64_t due; /* ns, when the next message is */
    double since; /* the fraction of a ns that is lost otherwise */
    double interval;
    void (*on_due)(void *data);
    void *data;
} bench_pace;

/* 0 or a libuv error. `rate`: messages a second. Not due before bench_pace_start. */
int bench_pace_init(bench_pace *pace, uv_loop_t *loop, uint32_t rate);
void bench_pace_start(bench_pace *pace);

/* The message that is due goes out, or is taken off: the next one's turn. */
void bench_pace_next(bench_pace *pace);

/* Has on_due called when the next one is due, at once if it is late. */
void bench_pace_arm(bench_pace *pace);
void bench_pace_close(bench_pace *pace);

#endif
