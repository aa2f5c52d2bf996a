/* All that a listener has read from files: its certificates with their keys, and whose certificates
 * of clients it believes. A reload makes another. */
#ifndef SIO_TLS_CREDENTIALS_H
#define SIO_TLS_CREDENTIALS_H

#include <stddef.h>

#include <sio/tls.h>

#include "pem.h"

/* One certificate with what belongs to it. */
typedef struct sio_tls_identity {
    X509 *certificate;
    EVP_PKEY *key;
    STACK_OF(X509) * chain;
} sio_tls_identity;

typedef struct sio_tls_credentials {
    sio_tls_identity *identities; /* at least one */
    size_t count;
    X509_STORE *authorities;     /* NULL: clients are not asked */
    STACK_OF(X509_NAME) * names; /* of these, for the question */
} sio_tls_credentials;

/* Reads the files that the options name. On an error there is nothing to drop, and `why` says
 * something only about a file: SIO_ENOMEM may leave it as it is. Errors as for
 * sio_server_listen_tls. */
int sio_tls_credentials_read(sio_tls_credentials *out, const sio_tls_options *options,
                             char why[SIO_TLS_WHY_SIZE]);

/* The first identity that is valid for a host; the first of all if there is none, or if `name` is
 * NULL. Borrowed. */
const sio_tls_identity *sio_tls_credentials_for(const sio_tls_credentials *of, const char *name);

/* Leaves it empty; may be empty already. */
void sio_tls_credentials_drop(sio_tls_credentials *of);

#endif
