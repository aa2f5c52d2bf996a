/*
 * The book of broadcasts: which are in flight, who still has to get them, how long it took, and
 * whether every client got each exactly once and in order.
 */
#ifndef BENCH_LEDGER_H
#define BENCH_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "load/histogram.h"

typedef struct bench_ledger {
    uint32_t clients;
    uint32_t in_flight;  /* broadcasts that somebody has yet to get */
    uint64_t published;  /* the next sequence number */
    uint64_t deliveries; /* all of them, measured or not */
    bool measuring;
    bench_histogram latency; /* ns, while measuring */
    struct bench_broadcast *ring;
    uint32_t mask;
} bench_ledger;

/* -1 when memory is out. `capacity`: the most that will be in flight. */
int bench_ledger_init(bench_ledger *ledger, uint32_t clients, uint32_t capacity);
void bench_ledger_free(bench_ledger *ledger);

/* A broadcast goes out now; returns its sequence number. */
uint64_t bench_ledger_publish(bench_ledger *ledger, uint64_t now);

/* A client that waits for *next has got `sequence`. Returns 1 if it was the last one to get it,
 * else 0; or -1 when it is another than *next: one was lost, doubled or mixed up. */
int bench_ledger_receive(bench_ledger *ledger, uint64_t *next, uint64_t sequence, uint64_t now);

#endif
