/* Addresses of the internet, and blocks of them: read from text and written, without a system call.
 */
#ifndef SIO_SYS_ADDRESS_H
#define SIO_SYS_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/extern.h>
#include <sio/sys/str.h>

/* One of IPv4 stands as ::ffff:a.b.c.d, so that a listener for both families says the same. */
typedef struct sio_address {
    uint8_t bytes[16];
} sio_address;

/* All whose first `bits` bits are those of `first`. */
typedef struct sio_address_block {
    sio_address first;
    uint8_t bits;
} sio_address_block;

/* "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"; no zone, no port, no brackets. SIO_EPARSE. */
SIO_EXTERN SIO_MUST_USE int sio_address_read(sio_address *out, sio_str text);

/* The same with /BITS behind it; without, it is that address alone. SIO_EPARSE, also for a block
 * whose first address has bits beyond these: who writes 10.1.0.0/8 means something else. */
SIO_EXTERN SIO_MUST_USE int sio_address_block_read(sio_address_block *out, sio_str text);

/* Whether it is one of IPv4, and whether it is in that block. */
SIO_EXTERN bool sio_address_is4(const sio_address *address);
SIO_EXTERN bool sio_address_within(const sio_address *address, const sio_address_block *block);

/* As text with its NUL: IPv6 as RFC 5952 has it. Returns `out`. */
#define SIO_ADDRESS_TEXT 46
SIO_EXTERN const char *sio_address_write(const sio_address *address, char out[SIO_ADDRESS_TEXT]);

#endif
