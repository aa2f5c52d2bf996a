/* The URL of a Redis server, taken apart: shared by adapter and emitter, so that both take the
 * same. */
#ifndef SIO_SYS_REDIS_URL_H
#define SIO_SYS_REDIS_URL_H

#include <stddef.h>

#include <sio/extern.h>

typedef struct sio_redis_url {
    char *host; /* NULL when path is set; IPv6 without its brackets */
    char *path; /* of a unix socket */
    int port;   /* 6379 by default */
    char *user; /* NULL: the default user */
    char *password;
    int db;
    char *storage; /* what the pointers point into */
} sio_redis_url;

/* redis://[[user]:password@]host[:port][/db], unix:PATH[?db=N] or unix://PATH. Percent escapes
 * are decoded in user and password. rediss:// (TLS) is refused. SIO_EURL: `detail` says what is
 * wrong, never with the password in it. SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_redis_url_read(sio_redis_url *out, const char *url, char *detail,
                                               size_t detail_size);
SIO_EXTERN void sio_redis_url_free(sio_redis_url *url);

#endif
