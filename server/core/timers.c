#include "core/timers.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

static sio_timer *at(const sio_timers *timers, uint32_t place)
{
    return timers->heap[place - 1];
}

static void put(sio_timers *timers, uint32_t place, sio_timer *timer)
{
    timers->heap[place - 1] = timer;
    timer->place = place;
}

static void rise(sio_timers *timers, sio_timer *timer, uint32_t place)
{
    while (place > 1 && at(timers, place / 2)->due > timer->due) {
        put(timers, place, at(timers, place / 2));
        place /= 2;
    }
    put(timers, place, timer);
}

static void sink(sio_timers *timers, sio_timer *timer, uint32_t place)
{
    for (;;) {
        uint32_t child = place * 2;
        if (child > timers->count)
            break;
        if (child < timers->count && at(timers, child + 1)->due < at(timers, child)->due)
            child++;
        if (at(timers, child)->due >= timer->due)
            break;
        put(timers, place, at(timers, child));
        place = child;
    }
    put(timers, place, timer);
}

int sio_timers_set(sio_timers *timers, sio_timer *timer, uint64_t due)
{
    if (timers->count == timers->cap) {
        uint32_t cap = timers->cap ? timers->cap * 2 : 16;
        sio_timer **heap = sio_mem_realloc(timers->heap, (size_t)cap * sizeof(*heap));
        if (!heap)
            return SIO_ENOMEM;
        timers->heap = heap;
        timers->cap = cap;
    }
    timer->due = due;
    rise(timers, timer, ++timers->count);
    return 0;
}

void sio_timers_cancel(sio_timers *timers, sio_timer *timer)
{
    uint32_t place = timer->place;
    if (place == 0)
        return;
    timer->place = 0;
    sio_timer *last = at(timers, timers->count--);
    if (last == timer)
        return;
    if (last->due < timer->due)
        rise(timers, last, place);
    else
        sink(timers, last, place);
}

sio_timer *sio_timers_pop(sio_timers *timers, uint64_t now)
{
    if (timers->count == 0 || timers->heap[0]->due > now)
        return NULL;
    sio_timer *timer = timers->heap[0];
    sio_timers_cancel(timers, timer);
    return timer;
}

uint64_t sio_timers_next(const sio_timers *timers)
{
    return timers->count ? timers->heap[0]->due : UINT64_MAX;
}

void sio_timers_free(sio_timers *timers)
{
    sio_mem_free(timers->heap);
    *timers = (sio_timers){ 0 };
}
