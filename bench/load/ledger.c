#include "load/ledger.h"

#include <string.h>

#include <sio/sys/mem.h>

/* Rooms of others are slower than one's own: room for those that finish out of turn. */
#define SLACK 4

typedef struct bench_entry {
    uint64_t when; /* ns */
    uint64_t sequence;
    uint64_t own; /* its number in the room */
    uint32_t room;
    uint32_t left; /* clients that have yet to get it, and the answer to who asked */
    bool asks;     /* and that has not come */
} bench_entry;

int bench_ledger_init(bench_ledger *ledger, const bench_audience *audience, uint32_t capacity,
                      bool unordered)
{
    uint32_t size = 1;
    uint64_t places = (uint64_t)audience->clients * audience->each;

    while (size < capacity * SLACK)
        size *= 2;
    *ledger = (bench_ledger){
        .audience = audience, .capacity = capacity, .mask = size - 1, .unordered = unordered
    };
    ledger->ring = sio_mem_zalloc(size * sizeof *ledger->ring);
    ledger->own = sio_mem_zalloc(audience->rooms * sizeof *ledger->own);
    ledger->next = sio_mem_zalloc(places * sizeof *ledger->next);
    ledger->words = (audience->largest + 63) / 64;
    if (unordered && audience->largest <= BENCH_ROOM_MAX)
        ledger->seen = sio_mem_alloc((size_t)size * ledger->words * sizeof *ledger->seen);
    return ledger->ring && ledger->own && ledger->next && (ledger->seen || !unordered) ? 0 : -1;
}

void bench_ledger_free(bench_ledger *ledger)
{
    sio_mem_free(ledger->ring);
    sio_mem_free(ledger->own);
    sio_mem_free(ledger->next);
    sio_mem_free(ledger->seen);
}

bool bench_ledger_full(const bench_ledger *ledger)
{
    return ledger->in_flight >= ledger->capacity ||
           ledger->ring[ledger->published & ledger->mask].left > 0;
}

static uint64_t *seen_of(const bench_ledger *ledger, uint64_t sequence)
{
    return ledger->seen + (sequence & ledger->mask) * ledger->words;
}

uint64_t bench_ledger_publish(bench_ledger *ledger, uint32_t room, uint32_t but, bool asks,
                              uint64_t when)
{
    uint64_t sequence = ledger->published++;
    uint32_t receivers = bench_audience_size(ledger->audience, room) - but;

    ledger->ring[sequence & ledger->mask] = (bench_entry){ .when = when,
                                                           .sequence = sequence,
                                                           .own = ledger->own[room]++,
                                                           .room = room,
                                                           .left = receivers + asks,
                                                           .asks = asks };
    if (ledger->seen)
        memset(seen_of(ledger, sequence), 0, ledger->words * sizeof *ledger->seen);
    ledger->expected += receivers;
    ledger->in_flight++;
    return sequence;
}

static int is_wrong(bench_ledger *ledger, uint64_t got, uint64_t wanted)
{
    ledger->got = got;
    ledger->wanted = wanted;
    return -1;
}

static int check_order(bench_ledger *ledger, const bench_entry *entry, uint32_t client, int place)
{
    uint64_t *next = &ledger->next[(uint64_t)client * ledger->audience->each + (uint32_t)place];

    if (entry->own != *next)
        return is_wrong(ledger, entry->own, *next);
    ++*next;
    return 0;
}

static int check_once(bench_ledger *ledger, const bench_entry *entry, uint32_t client)
{
    uint32_t seat = bench_audience_seat(ledger->audience, client, entry->room);
    uint64_t *seen = seen_of(ledger, entry->sequence) + seat / 64;
    uint64_t bit = UINT64_C(1) << seat % 64;

    if (*seen & bit)
        return is_wrong(ledger, entry->sequence, ledger->published);
    *seen |= bit;
    return 0;
}

/* One less has to come. */
static int count_down(bench_ledger *ledger, bench_entry *entry, uint64_t now)
{
    if (ledger->measuring) /* two clocks may differ by a little */
        bench_histogram_add(&ledger->latency, now > entry->when ? now - entry->when : 0);
    if (--entry->left > 0)
        return 0;
    ledger->in_flight--;
    ledger->finished++;
    return 1;
}

int bench_ledger_answer(bench_ledger *ledger, uint64_t sequence, uint64_t now)
{
    bench_entry *entry = &ledger->ring[sequence & ledger->mask];

    if (sequence >= ledger->published || entry->sequence != sequence || !entry->asks ||
        entry->left != 1)
        return is_wrong(ledger, sequence, ledger->published);
    entry->asks = false;
    return count_down(ledger, entry, now);
}

int bench_ledger_receive(bench_ledger *ledger, uint32_t client, uint64_t sequence, uint64_t now)
{
    bench_entry *entry = &ledger->ring[sequence & ledger->mask];

    if (sequence >= ledger->published || entry->sequence != sequence)
        return is_wrong(ledger, sequence, ledger->published);
    int place = bench_audience_place(ledger->audience, client, entry->room);
    if (place < 0)
        return is_wrong(ledger, sequence, ledger->published);
    if (ledger->unordered ? check_once(ledger, entry, client)
                          : check_order(ledger, entry, client, place))
        return -1;
    if (entry->left == entry->asks)
        return is_wrong(ledger, entry->own, entry->own + 1);
    ledger->deliveries++;
    return count_down(ledger, entry, now);
}
