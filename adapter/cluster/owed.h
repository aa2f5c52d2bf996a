/* A node's own broadcasts whose place in the stream is not known yet, and which it delivers to its
 * clients when it is. */
#ifndef SIO_CLUSTER_OWED_H
#define SIO_CLUSTER_OWED_H

#include <stddef.h>
#include <stdint.h>

#include <sio/sys/str.h>

typedef struct sio_owed_item {
    struct sio_owed_item *next;
    uint64_t mark; /* in the entry */
    uint64_t since;
    sio_str nsp;
    sio_str data; /* the entry's */
    char bytes[];
} sio_owed_item;

/* Zeroed memory: nothing is owed, and nothing was. */
typedef struct sio_owed {
    sio_owed_item *head;
    sio_owed_item *tail;
    size_t bytes;
    uint64_t promised; /* items that there were */
    uint64_t kept;     /* of these, taken out */
} sio_owed;

/* A new one, copied, and not among those that are owed yet. NULL: memory is out. Freed by
 * sio_mem_free. */
sio_owed_item *sio_owed_new(sio_str nsp, sio_str data);
/* At the end; moved. */
void sio_owed_add(sio_owed *owed, sio_owed_item *item);
/* Takes the first out; NULL: there is none. Freed by sio_mem_free. */
sio_owed_item *sio_owed_take(sio_owed *owed);
void sio_owed_free(sio_owed *owed);

#endif
