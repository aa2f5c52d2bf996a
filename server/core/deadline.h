/*
 * Deadlines without a timer each. All that wait equally long stand in one queue in order of their
 * ends, so setting, moving and cancelling are a few pointer writes; the owner arms one timer for
 * the earliest.
 */
#ifndef SIO_CORE_DEADLINE_H
#define SIO_CORE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"

typedef struct sio_deadline {
    sio_list node;
    uint64_t due; /* milliseconds of the server's clock */
} sio_deadline;

typedef struct sio_deadlines {
    sio_list head;
    uint64_t interval_ms;
} sio_deadlines;

void sio_deadlines_init(sio_deadlines *queue, uint64_t interval_ms);

/* Sets it to now + interval, wherever it stood before. */
void sio_deadline_set(sio_deadlines *queue, sio_deadline *deadline, uint64_t now);
void sio_deadline_cancel(sio_deadline *deadline);
bool sio_deadline_is_set(const sio_deadline *deadline);

/* Takes the first that is due off the queue; NULL if none is. */
sio_deadline *sio_deadlines_pop(sio_deadlines *queue, uint64_t now);

/* The earliest end, UINT64_MAX if the queue is empty. */
uint64_t sio_deadlines_next(const sio_deadlines *queue);

#endif
