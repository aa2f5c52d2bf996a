/* The requests of other nodes that are not answered in full. */
#ifndef SIO_CLUSTER_DUTIES_H
#define SIO_CLUSTER_DUTIES_H

#include <sio/sys/adapter.h>

struct sio_duties;

/* The head of what an adapter keeps for one request. */
typedef struct sio_duty {
    sio_answerer base;
    struct sio_duties *list; /* NULL: stopped, answers go nowhere */
    struct sio_duty *next;
    struct sio_duty *previous;
} sio_duty;

/* Zeroed memory: none. */
typedef struct sio_duties {
    sio_duty *head;
    size_t count;
} sio_duties;

void sio_duties_add(sio_duties *duties, sio_duty *duty);
/* To no effect where it is in no list. */
void sio_duties_remove(sio_duty *duty);
/* What they still answer goes nowhere. */
void sio_duties_drop(sio_duties *duties);

#endif
