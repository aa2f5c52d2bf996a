/* What a listener shows to its clients, and whom it believes. */
#ifndef SIO_TLS_CERTS_H
#define SIO_TLS_CERTS_H

#include <openssl/ssl.h>

#include <sio/tls.h>

#include "pem.h"

typedef struct sio_tls_certs sio_tls_certs;

/* Reads all files that the options name; they are copied. Errors as for sio_server_listen_tls, and
 * a sentence in `why`. */
int sio_tls_certs_new(sio_tls_certs **out, const sio_tls_options *options,
                      char why[SIO_TLS_WHY_SIZE]);

/* Reads them anew; they are shown from sio_tls_certs_show on. On an error nothing has changed. */
int sio_tls_certs_read(sio_tls_certs *certs, char why[SIO_TLS_WHY_SIZE]);
void sio_tls_certs_show(sio_tls_certs *certs);

/* Has `context` show them, as the options say. It must not outlive them. SIO_EINVAL. */
int sio_tls_certs_apply(sio_tls_certs *certs, SSL_CTX *context, char why[SIO_TLS_WHY_SIZE]);

void sio_tls_certs_free(sio_tls_certs *certs);

/* The subject of a client's certificate that was verified, new (sio_mem_free); NULL: it has shown
 * none. SIO_ENOMEM: who it is cannot be told. */
int sio_tls_certs_subject(const SSL *ssl, char **out);

#endif
