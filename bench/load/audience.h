/* Who is in which room, and whose turn it is: the rooms are laid out before anybody connects. */
#ifndef BENCH_AUDIENCE_H
#define BENCH_AUDIENCE_H

#include <stdint.h>

#include "load/options.h"

typedef struct bench_audience {
    uint32_t clients;
    uint32_t rooms;
    uint32_t each;     /* rooms that a client is in */
    uint32_t *room_of; /* `each` for every client */
    uint32_t *members; /* clients by room, those of room r from first[r] to first[r + 1] */
    uint32_t *first;   /* rooms + 1 */
    double *popular;   /* with --zipf: the share of messages for the rooms up to this one */
    uint64_t turn;     /* messages so far */
    uint64_t random;   /* the same in every run */
    uint32_t smallest, largest;
} bench_audience;

/* Without --rooms, one that holds everybody. -1 when memory is out. */
int bench_audience_init(bench_audience *audience, const bench_options *options);
void bench_audience_free(bench_audience *audience);

/* The room that the next message goes to. */
uint32_t bench_audience_choose(bench_audience *audience);

/* A member of that room, another one every time. */
uint32_t bench_audience_speaker(const bench_audience *audience, uint32_t room);

static inline uint32_t bench_audience_size(const bench_audience *audience, uint32_t room)
{
    return audience->first[room + 1] - audience->first[room];
}

/* Which of a client's rooms it is, or -1: none of them. */
static inline int bench_audience_place(const bench_audience *audience, uint32_t client,
                                       uint32_t room)
{
    const uint32_t *own = audience->room_of + (uint64_t)client * audience->each;

    for (uint32_t i = 0; i < audience->each; i++)
        if (own[i] == room)
            return (int)i;
    return -1;
}

/* Which of a room's members it is; it is one of them. */
uint32_t bench_audience_seat(const bench_audience *audience, uint32_t client, uint32_t room);

#endif
