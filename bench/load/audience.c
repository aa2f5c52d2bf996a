#include "load/audience.h"

#include <sio/sys/mem.h>

/* The room of a client in the middle of its own share of all, where room n has 1/n of the first. */
static void spread_by_zipf(bench_audience *audience)
{
    double all = 0, sum = 0;
    uint32_t room = 0;

    for (uint32_t i = 0; i < audience->rooms; i++)
        all += 1.0 / (i + 1);
    for (uint32_t i = 0; i < audience->clients; i++) {
        double at = (i + 0.5) / audience->clients * all;

        while (room + 1 < audience->rooms && sum + 1.0 / (room + 1) < at)
            sum += 1.0 / ++room;
        audience->room_of[i] = room;
    }
}

static void spread_evenly(bench_audience *audience)
{
    for (uint32_t i = 0; i < audience->clients; i++)
        for (uint32_t j = 0; j < audience->each; j++)
            audience->room_of[(uint64_t)i * audience->each + j] =
                (uint32_t)(((uint64_t)i * audience->each + j) % audience->rooms);
}

/* Counts, sums, then places: each room's members in a run of their own. */
static void sort_members(bench_audience *audience)
{
    uint64_t count = (uint64_t)audience->clients * audience->each;

    for (uint64_t i = 0; i < count; i++)
        audience->first[audience->room_of[i] + 1]++;
    audience->smallest = audience->largest = audience->first[1];
    for (uint32_t i = 0; i < audience->rooms; i++) {
        uint32_t size = audience->first[i + 1];

        audience->smallest = size < audience->smallest ? size : audience->smallest;
        audience->largest = size > audience->largest ? size : audience->largest;
        audience->first[i + 1] += audience->first[i];
    }
    for (uint64_t i = count; i-- > 0;) /* backwards: first[r + 1] ends where first[r] began */
        audience->members[--audience->first[audience->room_of[i] + 1]] =
            (uint32_t)(i / audience->each);
    for (uint32_t i = 0; i < audience->rooms; i++)
        audience->first[i] = audience->first[i + 1];
    audience->first[audience->rooms] = (uint32_t)count;
}

/* A room without members gets no messages. */
static int count_shares(bench_audience *audience)
{
    double sum = 0, all = 0;

    audience->popular = sio_mem_alloc(audience->rooms * sizeof *audience->popular);
    if (!audience->popular)
        return -1;
    for (uint32_t i = 0; i < audience->rooms; i++)
        all += bench_audience_size(audience, i) ? 1.0 / (i + 1) : 0;
    for (uint32_t i = 0; i < audience->rooms; i++) {
        sum += bench_audience_size(audience, i) ? 1.0 / (i + 1) : 0;
        audience->popular[i] = sum / all;
    }
    return 0;
}

int bench_audience_init(bench_audience *audience, const bench_options *options)
{
    uint32_t rooms = bench_options_apart(options) ? options->clients : options->rooms;

    *audience = (bench_audience){
        .clients = options->clients, .rooms = rooms ? rooms : 1, .each = options->each, .random = 1
    };
    uint64_t count = (uint64_t)audience->clients * audience->each;
    audience->room_of = sio_mem_alloc(count * sizeof *audience->room_of);
    audience->members = sio_mem_alloc(count * sizeof *audience->members);
    audience->first = sio_mem_zalloc(((size_t)audience->rooms + 1) * sizeof *audience->first);
    if (!audience->room_of || !audience->members || !audience->first)
        return -1;
    if (options->zipf)
        spread_by_zipf(audience);
    else
        spread_evenly(audience);
    sort_members(audience);
    return options->zipf ? count_shares(audience) : 0;
}

void bench_audience_free(bench_audience *audience)
{
    sio_mem_free(audience->room_of);
    sio_mem_free(audience->members);
    sio_mem_free(audience->first);
    sio_mem_free(audience->popular);
}

static double next_random(bench_audience *audience)
{
    audience->random =
        audience->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(audience->random >> 11) / 9007199254740992.0;
}

uint32_t bench_audience_choose(bench_audience *audience)
{
    uint64_t turn = audience->turn++;

    if (!audience->popular)
        return (uint32_t)(turn % audience->rooms);
    double wanted = next_random(audience);
    uint32_t low = 0, high = audience->rooms - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (audience->popular[middle] <= wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t bench_audience_speaker(const bench_audience *audience, uint32_t room)
{
    uint64_t round = audience->turn / audience->rooms;

    return audience->members[audience->first[room] + round % bench_audience_size(audience, room)];
}

uint32_t bench_audience_seat(const bench_audience *audience, uint32_t client, uint32_t room)
{
    const uint32_t *members = audience->members + audience->first[room];
    uint32_t low = 0, high = bench_audience_size(audience, room) - 1;

    while (low < high) { /* they are in order */
        uint32_t middle = low + (high - low) / 2;

        if (members[middle] < client)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
