/* Certificates and keys for TLS to Redis. */
#ifndef SIO_REDIS_TLS_H
#define SIO_REDIS_TLS_H

#include <sio/sys/redis_access.h>

/* A new context. SIO_EACCESS with a sentence, SIO_ENOMEM. */
int sio_tls_context_new(struct ssl_ctx_st **out, const sio_redis_url *url, char *detail,
                        size_t detail_size);
void sio_tls_context_free(struct ssl_ctx_st *context);

#endif
