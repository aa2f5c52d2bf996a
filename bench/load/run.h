/* One run: connect, warm up, measure, drain; or, when idle, connect and look. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "load/pace.h"
#include "load/process.h"
#include "load/publisher.h"
#include "load/swarm.h"

typedef enum bench_phase {
    BENCH_CONNECTING,
    BENCH_SETTLING, /* idle only: what the handshakes needed is given back first */
    BENCH_WARMING,
    BENCH_MEASURING,
    BENCH_DRAINING,
    BENCH_OVER
} bench_phase;

/* A moment: what had been done by then. */
typedef struct bench_moment {
    uint64_t ns;
    uint64_t deliveries;
    uint64_t finished; /* messages */
    uint64_t noises;
    uint64_t own_cpu_ns;
    bench_process server;
} bench_moment;

typedef struct bench_run {
    uv_loop_t loop;
    uv_timer_t timer;    /* ends a phase */
    uv_timer_t watchdog; /* ends a run that is stuck */
    const bench_options *options;
    bench_phase phase;
    bench_audience audience;
    bench_ledger ledger;
    bench_swarm swarm;
    bench_publisher publisher;
    bench_pace pace;
    uint64_t late_ns;  /* how long the message waits that is due at the end of measuring */
    uint64_t progress; /* when the watchdog looked last */
    uint32_t quiet_ms; /* how long it has found none since */
    bench_moment start, connected, begin, end;
    char failure[256]; /* "" when all is well */
} bench_run;

/* Runs it from its start to its end. 0, or -1 with run->failure. */
int bench_run_do(bench_run *run, const bench_options *options);
void bench_run_free(bench_run *run);

#endif
