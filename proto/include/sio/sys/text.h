/* Text: UTF-8 (RFC 3629) and base64 (RFC 4648, section 4; section 5 is read too). */
#ifndef SIO_SYS_TEXT_H
#define SIO_SYS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sio/extern.h>

/* Whether all of it is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
SIO_EXTERN bool sio_utf8_valid(const void *data, size_t len);

/* The same over pieces. Start with state 0; after the last piece the state must be 0 again.
 * Returns the next state, or SIO_UTF8_BAD, which stays. */
#define SIO_UTF8_BAD 0xffffffffu
SIO_EXTERN uint32_t sio_utf8_feed(uint32_t state, const void *data, size_t len);

/* Copies text, what is not UTF-8 replaced by U+FFFD as browsers and Node.js do it. Returns the
 * number of bytes, at most 3 * len; `out` NULL only counts. */
SIO_EXTERN size_t sio_utf8_repair(char *out, const void *data, size_t len);

/* Length of the base64 form of `len` bytes, without a NUL. */
SIO_EXTERN size_t sio_base64_encoded_size(size_t len);

/* Writes exactly sio_base64_encoded_size(len) characters, no NUL. */
SIO_EXTERN void sio_base64_encode(char *out, const void *data, size_t len);

/* Greatest number of bytes that `len` characters can stand for. */
SIO_EXTERN size_t sio_base64_decoded_size(size_t len);

/* Decodes as Node.js does: characters that do not belong are skipped, `-` and `_` count as `+` and
 * `/`, decoding ends at `=`. Never fails; returns the number of bytes written. `out` may be `text`.
 */
SIO_EXTERN size_t sio_base64_decode(void *out, const char *text, size_t len);

#endif
