/*
 * The book of messages: which are in flight, who still has to get them, how long it took, and
 * whether every client got each exactly once and, of one room, in order.
 */
#ifndef BENCH_LEDGER_H
#define BENCH_LEDGER_H

#include "load/audience.h"
#include "load/histogram.h"

/* Where anyone may speak, an order is nobody's to keep; who got a message is a set of bits. */
#define BENCH_ROOM_MAX 1000

typedef struct bench_ledger {
    const bench_audience *audience;
    bool unordered;
    uint32_t capacity;   /* messages that may be in flight */
    uint32_t in_flight;  /* those that somebody has yet to get */
    uint64_t published;  /* the next sequence number */
    uint64_t finished;   /* messages that all have got */
    uint64_t deliveries; /* all of them, measured or not */
    uint64_t expected;   /* of what has been published */
    bool measuring;
    bench_histogram latency; /* ns, while measuring */
    struct bench_entry *ring;
    uint32_t mask;
    uint64_t *seen;       /* unordered: for each entry, which members of its room have got it */
    uint32_t words;       /* of these for each */
    uint64_t *own;        /* for each room, the number of its messages */
    uint64_t *next;       /* for each client's rooms, the number that has to come */
    uint64_t got, wanted; /* what was wrong when bench_ledger_receive has returned -1 */
} bench_ledger;

/* -1 when memory is out. The audience stays borrowed. */
int bench_ledger_init(bench_ledger *ledger, const bench_audience *audience, uint32_t capacity,
                      bool unordered);
void bench_ledger_free(bench_ledger *ledger);

/* Whether a message more has to wait. */
bool bench_ledger_full(const bench_ledger *ledger);

/* A message goes out to that room, or should have gone at `when`; `but` so many of its members get
 * it. With `asks` it has not reached all before bench_ledger_answer. Returns its sequence number.
 * It must not be full. */
uint64_t bench_ledger_publish(bench_ledger *ledger, uint32_t room, uint32_t but, bool asks,
                              uint64_t when);

/* A client has got `sequence`. Returns 1 if it was the last one to get it, else 0; or -1 when it is
 * another than had to come: one was lost, doubled, mixed up or not for it. */
int bench_ledger_receive(bench_ledger *ledger, uint32_t client, uint64_t sequence, uint64_t now);

/* Who asked knows that all have got `sequence`: 1, or -1 when that is not so, or told once more. */
int bench_ledger_answer(bench_ledger *ledger, uint64_t sequence, uint64_t now);

#endif
