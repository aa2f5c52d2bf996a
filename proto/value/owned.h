/* A value that an application owns: its root and the arena of the rest, in one object. */
#ifndef VALUE_OWNED_H
#define VALUE_OWNED_H

#include <sio/sys/value.h>

typedef struct sio_owned {
    sio_value root; /* first: what the application holds is its address */
    sio_arena arena;
} sio_owned;

/* New and undefined; NULL when memory is out. To be freed with sio_value_free(&owned->root). */
SIO_MUST_USE sio_owned *sio_owned_new(void);

/* Hands the root on in `out`; with an error of the filling, frees all and returns that error. */
SIO_MUST_USE int sio_owned_finish(sio_owned *owned, int err, sio_value **out);

#endif
