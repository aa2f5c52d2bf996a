/*
 * Timers of any length, in a binary heap: for the time-outs of acknowledgements and of questions,
 * which the application chooses one by one. Zeroed memory is an empty heap, and a timer that is not
 * set.
 */
#ifndef SIO_CORE_TIMERS_H
#define SIO_CORE_TIMERS_H

#include <stdint.h>

#include <sio/extern.h>

typedef struct sio_timer sio_timer;
struct sio_timer {
    uint64_t due;
    uint32_t place; /* in the heap, from 1; 0: not set */
    /* Called when it is due and has been taken off. */
    void (*ring)(sio_timer *timer);
};

typedef struct sio_timers {
    sio_timer **heap; /* heap[0] is place 1 */
    uint32_t count;
    uint32_t cap;
} sio_timers;

/* The timer must not be set. SIO_ENOMEM. */
SIO_MUST_USE int sio_timers_set(sio_timers *timers, sio_timer *timer, uint64_t due);

/* Does nothing to one that is not set. */
void sio_timers_cancel(sio_timers *timers, sio_timer *timer);

/* Takes the earliest off if it is due; NULL if none is. */
sio_timer *sio_timers_pop(sio_timers *timers, uint64_t now);

/* The earliest end, UINT64_MAX if none is set. */
uint64_t sio_timers_next(const sio_timers *timers);

/* All timers must have been taken off. */
void sio_timers_free(sio_timers *timers);

#endif
