/* The cookie that carries a session's id: the `cookie` option. */
#ifndef SIO_NET_COOKIE_H
#define SIO_NET_COOKIE_H

#include "net/headers.h"

typedef struct sio_cookie {
    char *name; /* NULL: there is no cookie */
    char *attributes;
} sio_cookie;

/* Zeroed memory if it is off. SIO_EINVAL: `*why` is a sentence; SIO_ENOMEM. */
int sio_cookie_init(sio_cookie *cookie, const sio_cookie_options *options, const char **why);
void sio_cookie_free(sio_cookie *cookie);

/* Adds a Set-Cookie line, if there is a cookie. Errors as for sio_headers_add. */
int sio_cookie_put(const sio_cookie *cookie, const char *sid, sio_headers *out);

#endif
