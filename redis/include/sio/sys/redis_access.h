/*
 * What a connection to Redis needs beside its address, from the files that the URL names:
 * passwords, and certificates for TLS. Shared by adapter and emitter.
 */
#ifndef SIO_SYS_REDIS_ACCESS_H
#define SIO_SYS_REDIS_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include <sio/extern.h>
#include <sio/sys/redis_url.h>

struct redisContext;
struct ssl_ctx_st;

typedef struct sio_redis_access {
    char *password; /* of the URL, or of its file; NULL: none */
    char *sentinel_password;
    struct ssl_ctx_st *tls; /* NULL: none */
} sio_redis_access;

/* A new one, out of the files as they are now: passwords and certificates may change while a
 * program runs, so each attempt to connect reads them again. SIO_EACCESS: a file cannot be read, or
 * is not what it should be; `detail` says which and why, and never what is in it. SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_redis_access_load(sio_redis_access *out, const sio_redis_url *url,
                                                  char *detail, size_t detail_size);

/* Whether they can be loaded now: what an application wants to know when it starts. Errors as
 * above. */
SIO_EXTERN SIO_MUST_USE int sio_redis_access_check(const sio_redis_url *url, char *detail,
                                                   size_t detail_size);
SIO_EXTERN void sio_redis_access_free(sio_redis_access *access);

/* Begins TLS on a connection whose TCP stands; the peer's certificate must be for `name`, a host or
 * an address. SIO_ECONNECT: redis->errstr and sio_redis_tls_fault say why. SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_redis_access_secure(const sio_redis_access *access,
                                                    struct redisContext *redis, const char *name);

/* Whether TLS can go on only after something has come: not to be written before. */
SIO_EXTERN bool sio_redis_tls_wants_read(const struct redisContext *redis);

/* Whether the handshake of TLS has begun and not ended. */
SIO_EXTERN bool sio_redis_tls_agrees(const struct redisContext *redis);

/* To be called before TLS is read or written: errors that others have left in OpenSSL's queue would
 * be taken for its own. */
SIO_EXTERN void sio_redis_tls_prepare(const struct redisContext *redis);

/* Why a connection has failed: redis->errstr, or the reason of TLS, which hiredis does not tell.
 * Written to `space`, and returned. */
SIO_EXTERN const char *sio_redis_fault(const struct redisContext *redis, char *space, size_t size);

#endif
