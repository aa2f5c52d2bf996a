/*
 * Callbacks of the application in a row, which may change while it is walked: one that is taken out
 * is not called any more, so that what it points to may be freed at once; one that is added is not
 * called in a walk that is under way. Zeroed memory is an empty row.
 */
#ifndef SIO_CORE_HANDLERS_H
#define SIO_CORE_HANDLERS_H

#include <stdbool.h>
#include <stdint.h>

/* Any callback; whoever calls it knows its type. */
typedef void (*sio_handler_call)(void);

typedef struct sio_handler {
    struct sio_handler *next;
    sio_handler_call call;
    void *data;
    bool once;
    bool gone;
} sio_handler;

typedef struct sio_handlers {
    sio_handler *first;
    sio_handler *last;
    uint32_t count; /* without those that are gone */
    uint16_t walks; /* under way: nothing is freed meanwhile */
    bool litter;    /* some are gone and not freed */
} sio_handlers;

#define SIO_HANDLER_ONCE  1u /* gone before it is called */
#define SIO_HANDLER_FIRST 2u /* before all others */

/* SIO_EINVAL: no callback; SIO_ENOMEM. */
int sio_handlers_add(sio_handlers *row, sio_handler_call call, void *data, unsigned how);

/* All that have this callback; NULL: all. */
void sio_handlers_remove(sio_handlers *row, sio_handler_call call);

/* A walk: from start to stop, those that are there at its start. */
typedef struct sio_handlers_walk {
    sio_handler *at;
    sio_handler *last;
} sio_handlers_walk;
sio_handlers_walk sio_handlers_start(sio_handlers *row);
/* The next one to be called, NULL at the end. */
const sio_handler *sio_handlers_next(sio_handlers *row, sio_handlers_walk *walk);
void sio_handlers_stop(sio_handlers *row);

void sio_handlers_free(sio_handlers *row);

#endif
