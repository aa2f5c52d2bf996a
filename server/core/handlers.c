#include "core/handlers.h"

#include <sio/err.h>
#include <sio/sys/mem.h>

static void append(sio_handlers *row, sio_handler *handler)
{
    if (row->last)
        row->last->next = handler;
    else
        row->first = handler;
    row->last = handler;
}

static void prepend(sio_handlers *row, sio_handler *handler)
{
    handler->next = row->first;
    row->first = handler;
    if (!row->last)
        row->last = handler;
}

int sio_handlers_add(sio_handlers *row, sio_handler_call call, void *data, unsigned how)
{
    sio_handler *handler = call ? sio_mem_alloc(sizeof(*handler)) : NULL;
    if (!handler)
        return call ? SIO_ENOMEM : SIO_EINVAL;
    *handler = (sio_handler){ .call = call, .data = data, .once = (how & SIO_HANDLER_ONCE) != 0 };
    if (how & SIO_HANDLER_FIRST)
        prepend(row, handler);
    else
        append(row, handler);
    row->count++;
    return 0;
}

static void leave(sio_handlers *row, sio_handler *handler)
{
    handler->gone = true;
    row->litter = true;
    row->count--;
}

static void sweep(sio_handlers *row)
{
    sio_handler *handler = row->first;
    if (row->walks > 0 || !row->litter)
        return;
    row->first = row->last = NULL;
    row->litter = false;
    while (handler) {
        sio_handler *next = handler->next;
        handler->next = NULL;
        if (handler->gone)
            sio_mem_free(handler);
        else
            append(row, handler);
        handler = next;
    }
}

void sio_handlers_remove(sio_handlers *row, sio_handler_call call)
{
    for (sio_handler *handler = row->first; handler; handler = handler->next)
        if (!handler->gone && (!call || handler->call == call))
            leave(row, handler);
    sweep(row);
}

sio_handlers_walk sio_handlers_start(sio_handlers *row)
{
    row->walks++;
    return (sio_handlers_walk){ .at = row->first, .last = row->last };
}

const sio_handler *sio_handlers_next(sio_handlers *row, sio_handlers_walk *walk)
{
    while (walk->at) {
        sio_handler *handler = walk->at;
        walk->at = handler == walk->last ? NULL : handler->next;
        if (handler->gone)
            continue;
        if (handler->once)
            leave(row, handler);
        return handler;
    }
    return NULL;
}

void sio_handlers_stop(sio_handlers *row)
{
    row->walks--;
    sweep(row);
}

void sio_handlers_free(sio_handlers *row)
{
    while (row->first) {
        sio_handler *handler = row->first;
        row->first = handler->next;
        sio_mem_free(handler);
    }
    *row = (sio_handlers){ 0 };
}
