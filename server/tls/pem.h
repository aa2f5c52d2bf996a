/* Certificates and keys of files, as PEM. */
#ifndef SIO_TLS_PEM_H
#define SIO_TLS_PEM_H

#include <openssl/x509.h>

/* What a function that failed says in a sentence: about which file, and what is wrong. */
#define SIO_TLS_WHY_SIZE 256

/* Writes that sentence, forgets OpenSSL's own errors, and returns `err`. */
int sio_tls_why(int err, char why[SIO_TLS_WHY_SIZE], const char *about, const char *what);

/* Appends all certificates of a file, at least one, to `out`, which may have got some when it
 * fails. SIO_ENOTFOUND, SIO_EACCESS, SIO_ESYSTEM, SIO_EINVAL: it is none; SIO_ENOMEM. */
int sio_tls_pem_certificates(STACK_OF(X509) * out, const char *file, char why[SIO_TLS_WHY_SIZE]);

/* Reads a key, which is new (EVP_PKEY_free). Errors as above. */
int sio_tls_pem_key(EVP_PKEY **out, const char *file, char why[SIO_TLS_WHY_SIZE]);

#endif
