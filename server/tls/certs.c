#include "certs.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "credentials.h"

struct sio_tls_certs {
    sio_tls_options options; /* its strings and its array are ours */
    sio_tls_credentials now;
    sio_tls_credentials next; /* have been read for a reload, and are not shown yet */
    SSL_CTX *context;         /* borrowed; NULL: not applied yet */
};

/* ---- the options ---- */

static int check(const sio_tls_options *options, char why[SIO_TLS_WHY_SIZE])
{
    const char *what = NULL;
    if (!options->certificates || options->certificate_count == 0)
        what = "there is no certificate";
    for (size_t i = 0; !what && i < options->certificate_count; i++)
        if (!options->certificates[i].certificate)
            what = "one of the certificates has no file";
    if (options->require_client_certificate && !options->client_authorities)
        what = "require_client_certificate without client_authorities: whose would they be?";
    if ((unsigned)options->min_version > SIO_TLS_1_3)
        what = "min_version is none that is known";
    if (what)
        snprintf(why, SIO_TLS_WHY_SIZE, "%s", what);
    return what ? SIO_EINVAL : 0;
}

static char *copy(const char *text, bool *lost)
{
    char *made = text ? sio_mem_strndup(text, strlen(text)) : NULL;
    *lost = *lost || (text && !made);
    return made;
}

static int copy_options(sio_tls_options *out, const sio_tls_options *from)
{
    bool lost = false;
    *out = *from;
    out->ciphers = copy(from->ciphers, &lost);
    out->ciphersuites = copy(from->ciphersuites, &lost);
    out->client_authorities = copy(from->client_authorities, &lost);
    sio_tls_certificate *files = sio_mem_zalloc(from->certificate_count * sizeof(*files));
    out->certificates = files;
    for (size_t i = 0; files && i < from->certificate_count; i++) {
        files[i].certificate = copy(from->certificates[i].certificate, &lost);
        files[i].key = copy(from->certificates[i].key, &lost);
        files[i].chain = copy(from->certificates[i].chain, &lost);
    }
    return lost || !files ? SIO_ENOMEM : 0;
}

static void drop(const char *text)
{
    sio_mem_free((char *)(uintptr_t)text);
}

static void drop_options(const sio_tls_options *options)
{
    for (size_t i = 0; options->certificates && i < options->certificate_count; i++) {
        drop(options->certificates[i].certificate);
        drop(options->certificates[i].key);
        drop(options->certificates[i].chain);
    }
    sio_mem_free((void *)(uintptr_t)options->certificates);
    drop(options->ciphers);
    drop(options->ciphersuites);
    drop(options->client_authorities);
}

/* ---- what OpenSSL asks and is told ---- */

static int on_certificate(SSL *ssl, void *data)
{
    const sio_tls_certs *certs = data;
    const sio_tls_identity *shown =
        sio_tls_credentials_for(&certs->now, SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    return SSL_use_cert_and_key(ssl, shown->certificate, shown->key, shown->chain, 1);
}

/* The context keeps a reference of the store, and takes the names over. */
static void apply_authorities(sio_tls_certs *certs)
{
    sio_tls_credentials *now = &certs->now;
    if (!now->authorities)
        return;
    SSL_CTX_set1_verify_cert_store(certs->context, now->authorities);
    SSL_CTX_set_client_CA_list(certs->context, now->names);
    now->names = NULL;
}

/* ---- the whole ---- */

void sio_tls_certs_free(sio_tls_certs *certs)
{
    if (!certs)
        return;
    sio_tls_credentials_drop(&certs->now);
    sio_tls_credentials_drop(&certs->next);
    drop_options(&certs->options);
    sio_mem_free(certs);
}

int sio_tls_certs_new(sio_tls_certs **out, const sio_tls_options *options,
                      char why[SIO_TLS_WHY_SIZE])
{
    snprintf(why, SIO_TLS_WHY_SIZE, "out of memory");
    int err = check(options, why);
    sio_tls_certs *certs = err ? NULL : sio_mem_zalloc(sizeof(*certs));
    if (!certs)
        return err ? err : SIO_ENOMEM;
    err = copy_options(&certs->options, options);
    if (!err)
        err = sio_tls_credentials_read(&certs->now, &certs->options, why);
    if (err)
        sio_tls_certs_free(certs);
    else
        *out = certs;
    return err;
}

int sio_tls_certs_read(sio_tls_certs *certs, char why[SIO_TLS_WHY_SIZE])
{
    sio_tls_credentials_drop(&certs->next);
    snprintf(why, SIO_TLS_WHY_SIZE, "out of memory");
    return sio_tls_credentials_read(&certs->next, &certs->options, why);
}

void sio_tls_certs_show(sio_tls_certs *certs)
{
    sio_tls_credentials_drop(&certs->now);
    certs->now = certs->next;
    certs->next = (sio_tls_credentials){ 0 };
    apply_authorities(certs);
}

/* Sessions are resumed within this listener only. */
static const unsigned char session_context[] = "sio";

int sio_tls_certs_apply(sio_tls_certs *certs, SSL_CTX *context, char why[SIO_TLS_WHY_SIZE])
{
    const sio_tls_options *options = &certs->options;
    const int oldest = options->min_version == SIO_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    const int asks = SSL_VERIFY_PEER |
                     (options->require_client_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
    if (SSL_CTX_set_min_proto_version(context, oldest) != 1)
        return sio_tls_why(SIO_EINVAL, why, "min_version", "this OpenSSL does not have it");
    if (options->ciphers && SSL_CTX_set_cipher_list(context, options->ciphers) != 1)
        return sio_tls_why(SIO_EINVAL, why, "ciphers", "OpenSSL knows none of them");
    if (options->ciphersuites && SSL_CTX_set_ciphersuites(context, options->ciphersuites) != 1)
        return sio_tls_why(SIO_EINVAL, why, "ciphersuites", "OpenSSL knows none of them");
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context) - 1);
    SSL_CTX_set_cert_cb(context, on_certificate, certs);
    if (certs->now.authorities)
        SSL_CTX_set_verify(context, asks, NULL);
    certs->context = context;
    apply_authorities(certs);
    return 0;
}

int sio_tls_certs_subject(const SSL *ssl, char **out)
{
    X509 *shown = SSL_get0_peer_certificate(ssl);
    BIO *bio = shown ? BIO_new(BIO_s_mem()) : NULL;
    char *text, *subject = NULL;
    if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(shown), 0,
                                  XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        const long len = BIO_get_mem_data(bio, &text);
        if (len >= 0)
            subject = sio_mem_strndup(len ? text : "", (size_t)len);
    }
    BIO_free(bio);
    if (shown && !subject)
        return SIO_ENOMEM;
    *out = subject;
    return 0;
}
