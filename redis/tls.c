#include "tls.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <sio/err.h>

/* A key that is encrypted: nobody is there who could be asked. */
static int no_passphrase(char *text, int size, int writing, void *data)
{
    (void)text;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

/* Of a file that cannot be read the last error is only "system lib"; the first says why. */
static const char *reason(void)
{
    const unsigned long first = ERR_peek_error();
    if (ERR_GET_LIB(first) == ERR_LIB_SYS)
        return strerror(ERR_GET_REASON(first));
    const char *text = ERR_reason_error_string(ERR_peek_last_error());
    return text ? text : "TLS failed";
}

static int complain(const char *what, const char *path, char *detail, size_t detail_size)
{
    if (detail)
        snprintf(detail, detail_size, "Redis: %s %s: %s", what, path, reason());
    return SIO_EACCESS;
}

static int trust(SSL_CTX *context, const sio_redis_url *url, char *detail, size_t detail_size)
{
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    int done = url->ca ? SSL_CTX_load_verify_locations(context, url->ca, NULL)
                       : SSL_CTX_set_default_verify_paths(context);
    return done == 1 ? 0 : complain("CA", url->ca ? url->ca : "of the system", detail, detail_size);
}

static int identify(SSL_CTX *context, const sio_redis_url *url, char *detail, size_t detail_size)
{
    const char *key = url->key ? url->key : url->cert;
    if (!url->cert)
        return 0;
    if (SSL_CTX_use_certificate_chain_file(context, url->cert) != 1)
        return complain("certificate", url->cert, detail, detail_size);
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return complain("key", key, detail, detail_size);
    return 0;
}

int sio_tls_context_new(struct ssl_ctx_st **out, const sio_redis_url *url, char *detail,
                        size_t detail_size)
{
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context)
        return SIO_ENOMEM;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    int err = trust(context, url, detail, detail_size);
    if (!err)
        err = identify(context, url, detail, detail_size);
    ERR_clear_error();
    if (err)
        SSL_CTX_free(context);
    else
        *out = context;
    return err;
}

void sio_tls_context_free(struct ssl_ctx_st *context)
{
    SSL_CTX_free(context);
}

static bool is_address(const char *name)
{
    unsigned char space[16];
    return inet_pton(AF_INET, name, space) == 1 || inet_pton(AF_INET6, name, space) == 1;
}

static bool expect_peer(SSL *ssl, const char *name)
{
    if (is_address(name))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

static void free_ssl(void *ssl)
{
    SSL_free(ssl);
}

/* The context holds the object a second time, by `privdata`: hiredis, which holds it too, does not
 * give it out. */
int sio_redis_access_secure(const sio_redis_access *access, struct redisContext *redis,
                            const char *name)
{
    ERR_clear_error();
    SSL *ssl = SSL_new(access->tls);
    if (!ssl || !expect_peer(ssl, name)) {
        SSL_free(ssl);
        return SIO_ENOMEM;
    }
    redis->privdata = ssl;
    redis->free_privdata = free_ssl;
    SSL_up_ref(ssl);
    if (redisInitiateSSL(redis, ssl) == REDIS_OK)
        return 0;
    SSL_free(ssl);
    return SIO_ECONNECT;
}

bool sio_redis_tls_agrees(const struct redisContext *redis)
{
    return redis->privdata && !SSL_is_init_finished(redis->privdata);
}

bool sio_redis_tls_wants_read(const struct redisContext *redis)
{
    return redis->privdata && SSL_want_read(redis->privdata);
}

void sio_redis_tls_prepare(const struct redisContext *redis)
{
    if (redis->privdata)
        ERR_clear_error();
}

/* What to do about a certificate that is not accepted. */
static const char *advice(long verdict)
{
    switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return ": it has to be renewed, or the clock here is wrong";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return ": is the clock here right?";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return ": ?server_name= says which name is in it";
    default:
        return ": ?ca=FILE says who may have signed it";
    }
}

const char *sio_redis_fault(const struct redisContext *redis, char *space, size_t size)
{
    const SSL *ssl = redis->privdata;
    unsigned long code = ssl ? ERR_peek_last_error() : 0;
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    long verdict = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    if (verdict != X509_V_OK)
        snprintf(space, size, "its certificate is not accepted: %s%s",
                 X509_verify_cert_error_string(verdict), advice(verdict));
    else if (code && ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER)
        snprintf(space, size, "TLS: %s: this port speaks no TLS; redis:// is without it", text);
    else if (code && ERR_GET_REASON(code) == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED)
        snprintf(space, size, "TLS: %s: ?cert=FILE shows who we are", text);
    else
        snprintf(space, size, "%s%s", text ? "TLS: " : "", text ? text : redis->errstr);
    return space;
}
