#include "credentials.h"

#include <openssl/x509v3.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

static void drop_identity(sio_tls_identity *of)
{
    X509_free(of->certificate);
    EVP_PKEY_free(of->key);
    sk_X509_pop_free(of->chain, X509_free);
}

static int read_identity(sio_tls_identity *out, const sio_tls_certificate *files,
                         char why[SIO_TLS_WHY_SIZE])
{
    const char *key = files->key ? files->key : files->certificate;
    out->chain = sk_X509_new_null();
    if (!out->chain)
        return sio_tls_why(SIO_ENOMEM, why, files->certificate, "out of memory");
    int err = sio_tls_pem_certificates(out->chain, files->certificate, why);
    if (!err) {
        out->certificate = sk_X509_shift(out->chain);
        err = files->chain ? sio_tls_pem_certificates(out->chain, files->chain, why) : 0;
    }
    if (!err)
        err = sio_tls_pem_key(&out->key, key, why);
    if (!err && X509_check_private_key(out->certificate, out->key) != 1)
        err = sio_tls_why(SIO_EINVAL, why, key, "it is not the key of that certificate");
    return err;
}

static int read_authorities(sio_tls_credentials *out, const char *file, char why[SIO_TLS_WHY_SIZE])
{
    STACK_OF(X509) *all = sk_X509_new_null();
    int err = all ? sio_tls_pem_certificates(all, file, why) : SIO_ENOMEM;
    out->authorities = X509_STORE_new();
    out->names = sk_X509_NAME_new_null();
    for (int i = 0; !err && i < sk_X509_num(all); i++) {
        X509_NAME *name = X509_NAME_dup(X509_get_subject_name(sk_X509_value(all, i)));
        if (!out->authorities || !out->names || !name ||
            !X509_STORE_add_cert(out->authorities, sk_X509_value(all, i)) ||
            !sk_X509_NAME_push(out->names, name)) {
            X509_NAME_free(name);
            err = sio_tls_why(SIO_ENOMEM, why, file, "out of memory");
        }
    }
    sk_X509_pop_free(all, X509_free);
    return err;
}

void sio_tls_credentials_drop(sio_tls_credentials *of)
{
    for (size_t i = 0; i < of->count; i++)
        drop_identity(&of->identities[i]);
    sio_mem_free(of->identities);
    X509_STORE_free(of->authorities);
    sk_X509_NAME_pop_free(of->names, X509_NAME_free);
    *of = (sio_tls_credentials){ 0 };
}

int sio_tls_credentials_read(sio_tls_credentials *out, const sio_tls_options *options,
                             char why[SIO_TLS_WHY_SIZE])
{
    *out = (sio_tls_credentials){ .count = options->certificate_count };
    out->identities = sio_mem_zalloc(out->count * sizeof(*out->identities));
    int err = out->identities ? 0 : SIO_ENOMEM;
    if (err)
        out->count = 0;
    for (size_t i = 0; !err && i < out->count; i++)
        err = read_identity(&out->identities[i], &options->certificates[i], why);
    if (!err && options->client_authorities)
        err = read_authorities(out, options->client_authorities, why);
    if (err)
        sio_tls_credentials_drop(out);
    return err;
}

const sio_tls_identity *sio_tls_credentials_for(const sio_tls_credentials *of, const char *name)
{
    for (size_t i = 0; name && i < of->count; i++)
        if (X509_check_host(of->identities[i].certificate, name, 0, 0, NULL) == 1)
            return &of->identities[i];
    return &of->identities[0];
}
