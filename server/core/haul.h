/* Values that come one after the other and are kept together, within SIO_LIMIT_ANSWERS for all of a
 * server. Zeroed memory is an empty one. */
#ifndef SIO_CORE_HAUL_H
#define SIO_CORE_HAUL_H

#include <sio/sys/value.h>

#include "core/server.h"

typedef struct sio_haul {
    sio_arena arena;
    sio_value *items;
    uint32_t count;
    uint32_t cap;
    size_t bytes;
} sio_haul;

/* Keeps a copy. SIO_ELIMIT, SIO_ENOMEM. */
int sio_haul_add(sio_haul *haul, sio_server *server, const sio_value *value);

/* Of texts: sorts them, and leaves each only once. */
void sio_haul_unite(sio_haul *haul);

/* All as an array. Borrowed until the next change. */
sio_value sio_haul_values(const sio_haul *haul);

void sio_haul_free(sio_haul *haul, sio_server *server);

#endif
