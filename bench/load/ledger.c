#include "load/ledger.h"

#include <sio/sys/mem.h>

typedef struct bench_broadcast {
    uint64_t sent; /* ns */
    uint32_t left; /* clients that have yet to get it */
} bench_broadcast;

int bench_ledger_init(bench_ledger *ledger, uint32_t clients, uint32_t capacity)
{
    uint32_t size = 1;

    while (size < capacity)
        size *= 2;
    *ledger = (bench_ledger){ .clients = clients, .mask = size - 1 };
    ledger->ring = sio_mem_zalloc(size * sizeof *ledger->ring);
    return ledger->ring ? 0 : -1;
}

void bench_ledger_free(bench_ledger *ledger)
{
    sio_mem_free(ledger->ring);
}

uint64_t bench_ledger_publish(bench_ledger *ledger, uint64_t now)
{
    uint64_t sequence = ledger->published++;

    ledger->ring[sequence & ledger->mask] = (bench_broadcast){ now, ledger->clients };
    ledger->in_flight++;
    return sequence;
}

int bench_ledger_receive(bench_ledger *ledger, uint64_t *next, uint64_t sequence, uint64_t now)
{
    bench_broadcast *broadcast = &ledger->ring[sequence & ledger->mask];

    if (sequence != *next || sequence >= ledger->published)
        return -1;
    ++*next;
    ledger->deliveries++;
    if (ledger->measuring)
        bench_histogram_add(&ledger->latency, now - broadcast->sent);
    if (--broadcast->left > 0)
        return 0;
    ledger->in_flight--;
    return 1;
}
