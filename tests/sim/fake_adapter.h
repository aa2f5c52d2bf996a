/* An adapter that carries everything over a sim_wire as it is, so that what goes wrong is the
 * server's doing. */
#ifndef SIO_TESTS_FAKE_ADAPTER_H
#define SIO_TESTS_FAKE_ADAPTER_H

#include <sio/sys/adapter.h>

#include "wire.h"

typedef struct fake_adapter {
    sio_adapter base; /* first */
    sim_wire *wire;
    struct fake_adapter *all; /* those of all nodes */
    unsigned index;           /* of this node */
    sio_adapter_host host;
    struct fake_asked *asked;
    uint64_t next_id;
    unsigned answering; /* answerers that have not been ended */
    bool unlinked;      /* there is no link: asking and telling fail */
    bool silent;        /* never answers */
    sim_texts rooms;    /* "+room" and "-room" in the namespace "/" */
} fake_adapter;

void fake_adapter_init(fake_adapter *self, sim_wire *wire, fake_adapter *all, unsigned index);

/* The link is lost: all that was asked fails. */
void fake_adapter_unlink(fake_adapter *self);

/* Nothing must be open any more. */
void fake_adapter_end(fake_adapter *self);

#endif
