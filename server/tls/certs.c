#include "certs.h"

#include <errno.h>
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

/* One certificate with what belongs to it. */
typedef struct identity {
    X509 *certificate;
    EVP_PKEY *key;
    STACK_OF(X509) * chain;
} identity;

/* All that has been read from files; a reload makes another. */
typedef struct reading {
    identity *identities;
    size_t count;
    X509_STORE *authorities;     /* NULL: clients are not asked */
    STACK_OF(X509_NAME) * names; /* of these, for the question */
} reading;

struct sio_tls_certs {
    sio_tls_options options; /* its strings and its array are ours */
    reading now;
    reading next;     /* has been read for a reload, and is not shown yet */
    SSL_CTX *context; /* borrowed; NULL: not applied yet */
};

/* ---- files ---- */

static int fail(int err, char why[SIO_TLS_WHY_SIZE], const char *file, const char *what)
{
    snprintf(why, SIO_TLS_WHY_SIZE, "%.160s: %s", file, what);
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
    return fail(err, why, file, number ? strerror(number) : "out of memory");
}

/* A key with a password is none that a server could read by itself. */
static int no_password(char *out, int size, int writing, void *data)
{
    (void)out, (void)size, (void)writing, (void)data;
    return -1;
}

/* All certificates of a file behind each other; at least one. */
static int read_certificates(STACK_OF(X509) * out, const char *file, char why[SIO_TLS_WHY_SIZE])
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
            err = fail(SIO_ENOMEM, why, file, "out of memory");
        }
    }
    BIO_free(bio);
    const unsigned long reason = ERR_peek_last_error();
    if (!err && count == 0)
        return fail(SIO_EINVAL, why, file, "there is no certificate in it");
    if (!err && ERR_GET_REASON(reason) != PEM_R_NO_START_LINE)
        return fail(SIO_EINVAL, why, file, "one of its certificates is malformed");
    ERR_clear_error();
    return err;
}

static int read_key(EVP_PKEY **out, const char *file, char why[SIO_TLS_WHY_SIZE])
{
    BIO *bio;
    const int err = open_file(&bio, file, why);
    if (err)
        return err;
    *out = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    if (!*out)
        return fail(SIO_EINVAL, why, file, "there is no key in it that needs no password");
    return 0;
}

/* ---- identities ---- */

static void drop_identity(identity *of)
{
    X509_free(of->certificate);
    EVP_PKEY_free(of->key);
    sk_X509_pop_free(of->chain, X509_free);
}

static int read_identity(identity *out, const sio_tls_certificate *files,
                         char why[SIO_TLS_WHY_SIZE])
{
    const char *key = files->key ? files->key : files->certificate;
    out->chain = sk_X509_new_null();
    if (!out->chain)
        return fail(SIO_ENOMEM, why, files->certificate, "out of memory");
    int err = read_certificates(out->chain, files->certificate, why);
    if (!err) {
        out->certificate = sk_X509_shift(out->chain);
        err = files->chain ? read_certificates(out->chain, files->chain, why) : 0;
    }
    if (!err)
        err = read_key(&out->key, key, why);
    if (!err && X509_check_private_key(out->certificate, out->key) != 1)
        err = fail(SIO_EINVAL, why, key, "it is not the key of that certificate");
    return err;
}

/* ---- authorities ---- */

static int read_authorities(reading *out, const char *file, char why[SIO_TLS_WHY_SIZE])
{
    STACK_OF(X509) *all = sk_X509_new_null();
    int err = all ? read_certificates(all, file, why) : SIO_ENOMEM;
    out->authorities = X509_STORE_new();
    out->names = sk_X509_NAME_new_null();
    for (int i = 0; !err && i < sk_X509_num(all); i++) {
        X509_NAME *name = X509_NAME_dup(X509_get_subject_name(sk_X509_value(all, i)));
        if (!out->authorities || !out->names || !name ||
            !X509_STORE_add_cert(out->authorities, sk_X509_value(all, i)) ||
            !sk_X509_NAME_push(out->names, name)) {
            X509_NAME_free(name);
            err = fail(SIO_ENOMEM, why, file, "out of memory");
        }
    }
    sk_X509_pop_free(all, X509_free);
    return err;
}

static void drop_reading(reading *of)
{
    for (size_t i = 0; i < of->count; i++)
        drop_identity(&of->identities[i]);
    sio_mem_free(of->identities);
    X509_STORE_free(of->authorities);
    sk_X509_NAME_pop_free(of->names, X509_NAME_free);
    *of = (reading){ 0 };
}

static int read_all(reading *out, const sio_tls_options *options, char why[SIO_TLS_WHY_SIZE])
{
    *out = (reading){ .count = options->certificate_count };
    out->identities = sio_mem_zalloc(out->count * sizeof(*out->identities));
    int err = out->identities ? 0 : SIO_ENOMEM;
    if (err)
        out->count = 0;
    for (size_t i = 0; !err && i < out->count; i++)
        err = read_identity(&out->identities[i], &options->certificates[i], why);
    if (!err && options->client_authorities)
        err = read_authorities(out, options->client_authorities, why);
    if (err)
        drop_reading(out);
    return err;
}

/* ---- what OpenSSL asks and is told ---- */

static const identity *fitting(const reading *of, const char *name)
{
    for (size_t i = 0; name && i < of->count; i++)
        if (X509_check_host(of->identities[i].certificate, name, 0, 0, NULL) == 1)
            return &of->identities[i];
    return &of->identities[0];
}

static int on_certificate(SSL *ssl, void *data)
{
    const sio_tls_certs *certs = data;
    const identity *shown =
        fitting(&certs->now, SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    return SSL_use_cert_and_key(ssl, shown->certificate, shown->key, shown->chain, 1);
}

/* The context keeps a reference of the store, and takes the names over. */
static void apply_authorities(sio_tls_certs *certs)
{
    reading *now = &certs->now;
    if (!now->authorities)
        return;
    SSL_CTX_set1_verify_cert_store(certs->context, now->authorities);
    SSL_CTX_set_client_CA_list(certs->context, now->names);
    now->names = NULL;
}

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

/* ---- the whole ---- */

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

void sio_tls_certs_free(sio_tls_certs *certs)
{
    if (!certs)
        return;
    const sio_tls_options *options = &certs->options;
    drop_reading(&certs->now);
    drop_reading(&certs->next);
    for (size_t i = 0; options->certificates && i < options->certificate_count; i++) {
        drop(options->certificates[i].certificate);
        drop(options->certificates[i].key);
        drop(options->certificates[i].chain);
    }
    sio_mem_free((void *)(uintptr_t)options->certificates);
    drop(options->ciphers);
    drop(options->ciphersuites);
    drop(options->client_authorities);
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
        err = read_all(&certs->now, &certs->options, why);
    if (err)
        sio_tls_certs_free(certs);
    else
        *out = certs;
    return err;
}

int sio_tls_certs_read(sio_tls_certs *certs, char why[SIO_TLS_WHY_SIZE])
{
    drop_reading(&certs->next);
    snprintf(why, SIO_TLS_WHY_SIZE, "out of memory");
    return read_all(&certs->next, &certs->options, why);
}

void sio_tls_certs_show(sio_tls_certs *certs)
{
    drop_reading(&certs->now);
    certs->now = certs->next;
    certs->next = (reading){ 0 };
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
        return fail(SIO_EINVAL, why, "min_version", "this OpenSSL does not have it");
    if (options->ciphers && SSL_CTX_set_cipher_list(context, options->ciphers) != 1)
        return fail(SIO_EINVAL, why, "ciphers", "OpenSSL knows none of them");
    if (options->ciphersuites && SSL_CTX_set_ciphersuites(context, options->ciphersuites) != 1)
        return fail(SIO_EINVAL, why, "ciphersuites", "OpenSSL knows none of them");
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context) - 1);
    SSL_CTX_set_cert_cb(context, on_certificate, certs);
    if (certs->now.authorities)
        SSL_CTX_set_verify(context, asks, NULL);
    certs->context = context;
    apply_authorities(certs);
    return 0;
}

char *sio_tls_certs_subject(const SSL *ssl)
{
    X509 *shown = SSL_get0_peer_certificate(ssl);
    BIO *bio = shown ? BIO_new(BIO_s_mem()) : NULL;
    char *text, *subject = NULL;
    if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(shown), 0,
                                  XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        const long len = BIO_get_mem_data(bio, &text);
        if (len > 0)
            subject = sio_mem_strndup(text, (size_t)len);
    }
    BIO_free(bio);
    return subject;
}
