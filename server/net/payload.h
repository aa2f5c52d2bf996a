/* What waits for a client as one polling payload. */
#ifndef SIO_NET_PAYLOAD_H
#define SIO_NET_PAYLOAD_H

#include <sio/sys/eio.h>

#include "core/outbox.h"
#include "net/blob.h"
#include "net/loop.h"

typedef struct sio_payload {
    sio_str body;
    sio_blob *owner; /* of the body, shared; NULL: it lies in net->output */
    bool binary;     /* bytes, not text */
    bool plain;      /* none of its packets asks for compression */
} sio_payload;

/* Makes the payload of an outbox, which stays as it is; with `last` an empty one makes the
 * farewell, a close packet. SIO_ENOMEM. */
SIO_MUST_USE int sio_payload_make(sio_payload *out, sio_net *net, sio_eio_dialect dialect,
                                  const sio_outbox *outbox, bool last);

#endif
