/* Header lines for an answer, as they go out. Zeroed memory is none. */
#ifndef SIO_NET_HEADERS_H
#define SIO_NET_HEADERS_H

#include <sio/http.h>
#include <sio/sys/buf.h>

struct sio_headers {
    sio_buf lines; /* each with its CRLF */
};

/* As sio_headers_add. */
int sio_headers_put(sio_headers *headers, const char *name, sio_str value);

/* Whether there is a line of that name. */
bool sio_headers_has(const sio_headers *headers, const char *name);

/* Whether a header's value may go out: no control character but a tab. */
bool sio_headers_is_value(sio_str value);

/* Whether it may be the name of a header or of a cookie. */
bool sio_headers_is_token(sio_str name);

#endif
