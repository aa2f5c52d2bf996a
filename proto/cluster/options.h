/* The options of a broadcast message: {rooms, except, flags}. */
#ifndef SIO_CLUSTER_OPTIONS_H
#define SIO_CLUSTER_OPTIONS_H

#include "cluster/cursor.h"
#include "cluster/tree.h"

/* Takes them off the input: sets rooms, except and flags, borrowed from input and arena.
 * SIO_EPARSE, SIO_EDEPTH, SIO_ENOMEM. */
int sio_options_read(sio_arena *arena, sio_cursor *in, sio_cluster_message *out);

#endif
