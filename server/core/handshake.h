/* What the first request of a client said, kept for as long as the client lives, in one block of
 * memory. */
#ifndef SIO_CORE_HANDSHAKE_H
#define SIO_CORE_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sio/sys/str.h>

typedef struct sio_handshake sio_handshake;

typedef struct sio_handshake_header {
    sio_str name; /* in any case */
    sio_str value;
} sio_handshake_header;

typedef struct sio_handshake_info {
    sio_str url; /* path and query, as in the request line */
    const sio_handshake_header *headers;
    size_t header_count;
    sio_str address;
    int64_t issued_ms;   /* since 1970 */
    bool secure;         /* it came over TLS, here or to a trusted proxy */
    const char *subject; /* of the client's certificate; NULL: it has shown none */
} sio_handshake_info;

/* A copy of it, with one reference; names become lower case, repeated headers are joined by ", "
 * (cookies by "; "), the query is decoded: `+` is a space, %XX a byte; what is no escape, and %00,
 * stays as it is. NULL when memory is out. */
sio_handshake *sio_handshake_new(const sio_handshake_info *info);

/* One reference more, one less: a socket that the application keeps outlives its client. NULL is
 * allowed for the second. */
sio_handshake *sio_handshake_ref(sio_handshake *handshake);
void sio_handshake_free(sio_handshake *handshake);

/* NULL if absent; of a parameter that comes twice, the last one. All borrowed, NUL-terminated. */
const char *sio_handshake_header_get(const sio_handshake *handshake, const char *name);
const char *sio_handshake_query_get(const sio_handshake *handshake, const char *name);
const char *sio_handshake_url(const sio_handshake *handshake);
const char *sio_handshake_address(const sio_handshake *handshake);
int64_t sio_handshake_issued(const sio_handshake *handshake);
bool sio_handshake_secure(const sio_handshake *handshake);
const char *sio_handshake_subject(const sio_handshake *handshake);

/* Walk the headers, and the parameters of the query, as they came: start with *at 0; false at the
 * end. All borrowed, NUL-terminated. */
bool sio_handshake_header_next(const sio_handshake *handshake, size_t *at, const char **name,
                               const char **value);
bool sio_handshake_query_next(const sio_handshake *handshake, size_t *at, const char **name,
                              const char **value);

#endif
