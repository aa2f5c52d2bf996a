#include "pem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include <sio/err.h>

int sio_tls_why(int err, char why[SIO_TLS_WHY_SIZE], const char *about, const char *what)
{
    snprintf(why, SIO_TLS_WHY_SIZE, "%.160s: %s", about, what);
    ERR_clear_error();
    return err;
}

static int open_file(BIO **out, const char *file, char why[SIO_TLS_WHY_SIZE])
{
    errno = 0;
    *out = BIO_new_file(file, "r");
    if (*out)
        return 0;
    const int number = errno;
    const int err = number == ENOENT   ? SIO_ENOTFOUND
                    : number == EACCES ? SIO_EACCESS
                    : number == 0      ? SIO_ENOMEM
                                       : SIO_ESYSTEM;
    return sio_tls_why(err, why, file, number ? strerror(number) : "out of memory");
}

/* A key with a password is none that a server could read by itself. */
static int no_password(char *out, int size, int writing, void *data)
{
    (void)out, (void)size, (void)writing, (void)data;
    return -1;
}

int sio_tls_pem_certificates(STACK_OF(X509) * out, const char *file, char why[SIO_TLS_WHY_SIZE])
{
    BIO *bio;
    X509 *read;
    int err = open_file(&bio, file, why), count = 0;
    if (err)
        return err;
    while (!err && (read = PEM_read_bio_X509(bio, NULL, no_password, NULL))) {
        count++;
        if (!sk_X509_push(out, read)) {
            X509_free(read);
            err = sio_tls_why(SIO_ENOMEM, why, file, "out of memory");
        }
    }
    BIO_free(bio);
    const unsigned long reason = ERR_peek_last_error();
    if (!err && count == 0)
        return sio_tls_why(SIO_EINVAL, why, file, "there is no certificate in it");
    if (!err && ERR_GET_REASON(reason) != PEM_R_NO_START_LINE)
        return sio_tls_why(SIO_EINVAL, why, file, "one of its certificates is malformed");
    ERR_clear_error();
    return err;
}

int sio_tls_pem_key(EVP_PKEY **out, const char *file, char why[SIO_TLS_WHY_SIZE])
{
    BIO *bio;
    const int err = open_file(&bio, file, why);
    if (err)
        return err;
    *out = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    if (!*out)
        return sio_tls_why(SIO_EINVAL, why, file, "there is no key in it that needs no password");
    return 0;
}
