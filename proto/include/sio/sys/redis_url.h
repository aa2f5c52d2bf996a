/* The URL of a Redis server, taken apart: shared by adapter and emitter, so that both take the
 * same. */
#ifndef SIO_SYS_REDIS_URL_H
#define SIO_SYS_REDIS_URL_H

#include <stdbool.h>
#include <stddef.h>

#include <sio/extern.h>
#include <sio/sys/limits.h>

typedef struct sio_redis_place {
    char *host; /* IPv6 without its brackets */
    int port;
} sio_redis_place;

typedef struct sio_redis_url {
    char *host; /* NULL when path, master or cluster is set; IPv6 without its brackets */
    char *path; /* of a unix socket */
    int port;   /* 6379 by default */
    char *user; /* NULL: the default user */
    char *password;
    char *password_file; /* instead of password */
    int db;
    bool tls;
    char *ca;          /* file of certificates that are trusted; NULL: those of the system */
    char *cert;        /* file of a client's certificate, NULL: none; */
    char *key;         /* and of its key, NULL: in the same file */
    char *server_name; /* that the peer's certificate is for; NULL: host */
    char *master;      /* name that the sentinels know it by; NULL: no Sentinel */
    bool cluster;      /* the places are some of its nodes */
    sio_redis_place sentinels[SIO_LIMIT_REDIS_SENTINELS];
    unsigned sentinels_count;
    char *sentinel_user;
    char *sentinel_password_file;
    char *storage; /* what the pointers point into */
} sio_redis_url;

/*
 *   redis://[[user]:password@]host[:port][/db]
 *   unix:PATH or unix://PATH
 *   redis+sentinel://[[user]:password@]host[:port],host[:port]…/master[/db]
 *   redis+cluster://[[user]:password@]host[:port],host[:port]…   some nodes of a Redis Cluster
 *   rediss://…, rediss+sentinel://… and rediss+cluster://…: the same with TLS
 *
 * and after a question mark, joined by &:
 *   password_file=PATH
 *       instead of a password, which then stands in no command line and may change: the file is
 *       read at each attempt to connect, all but a line feed at its end. The user stands alone
 *       then: redis://user@host
 *   ca=PATH, cert=PATH, key=PATH, server_name=NAME
 *       with TLS
 *   sentinel_user=NAME, sentinel_password_file=PATH
 *       if the sentinels ask for a login
 *   user=NAME, db=N
 *       of a unix socket
 *
 * Percent escapes are decoded in user, password, master and what follows the question mark.
 * SIO_EURL: `detail` says what is wrong, never with the password in it. SIO_ENOMEM.
 */
SIO_EXTERN SIO_MUST_USE int sio_redis_url_read(sio_redis_url *out, const char *url, char *detail,
                                               size_t detail_size);

/* Leaves it empty; may be empty already. */
SIO_EXTERN void sio_redis_url_free(sio_redis_url *url);

#endif
