/* Whom something is for: the BroadcastOperator of socket.io as a struct that is written in place.
 */
#ifndef SIO_TARGET_H
#define SIO_TARGET_H

#include <stdint.h>

#include <sio/extern.h>

struct sio_socket;

#define SIO_VOLATILE     1u /* clients that are not ready to be written to may miss it */
#define SIO_LOCAL        2u /* this node only */
#define SIO_UNCOMPRESSED 4u /* do not compress it, where a client has negotiated compression */

typedef struct sio_target {
    const char *const *rooms;  /* NULL-terminated; NULL: everyone in the namespace */
    const char *const *except; /* NULL-terminated; NULL: nobody */
    unsigned flags;            /* SIO_VOLATILE | SIO_LOCAL | SIO_UNCOMPRESSED */
    uint32_t timeout_ms; /* of questions and of acknowledgements; 0: the server's request_timeout_ms
                          */
    const struct sio_socket *from; /* this one is left out: socket.broadcast, socket.to; NULL:
                                      nobody. SIO_EINVAL if it is of another namespace */
} sio_target;

/* &(sio_target){ .rooms = SIO_ROOMS("a", "b") }. For C only: C++ has no compound literals; write an
 * array that ends with NULL there. */
#define SIO_ROOMS(...) ((const char *const[]){ __VA_ARGS__, NULL })

#endif
