#include "load/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "load/swarm.h"

static void fail(bench_client *client, const char *what)
{
    const unsigned long code = ERR_get_error();
    const long verified = client->tls ? SSL_get_verify_result(client->tls) : X509_V_OK;
    const char *why = code ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    if (verified != X509_V_OK)
        why = X509_verify_cert_error_string(verified);
    bench_client_fail(client, what, why ? why : "TLS failed");
}

/* ---- what clients share ---- */

static bool any_tls(const bench_options *options)
{
    for (unsigned i = 0; i < options->nodes; i++)
        if (options->urls[i].tls)
            return true;
    return false;
}

int bench_tls_init(bench_swarm *swarm)
{
    const bench_options *options = swarm->options;

    if (!any_tls(options))
        return 0;
    swarm->tls = SSL_CTX_new(TLS_client_method());
    if (!swarm->tls) {
        swarm->on_failure("TLS: out of memory", swarm->data);
        return -1;
    }
    SSL_CTX_set_mode(swarm->tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(swarm->tls, SSL_SESS_CACHE_OFF);
    if (!options->ca)
        return 0;
    SSL_CTX_set_verify(swarm->tls, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_load_verify_file(swarm->tls, options->ca) == 1)
        return 0;
    swarm->on_failure("the file of --ca holds no certificates that can be read", swarm->data);
    return -1;
}

void bench_tls_free(bench_swarm *swarm)
{
    SSL_CTX_free(swarm->tls);
}

/* ---- a client ---- */

/* What OpenSSL has to send goes to the socket. */
static void flush(bench_client *client)
{
    char *data;
    BIO *out = SSL_get_wbio(client->tls);
    const long len = BIO_get_mem_data(out, &data);

    if (len > 0 && client->state != BENCH_CLIENT_CLOSED)
        bench_client_write_raw(client, data, (size_t)len);
    (void)BIO_reset(out);
}

/* False: it goes on when more has come, or has failed. */
static bool shake_hands(bench_client *client)
{
    const int result = SSL_do_handshake(client->tls);

    if (result != 1 && SSL_get_error(client->tls, result) != SSL_ERROR_WANT_READ) {
        fail(client, "could not shake hands");
        return false;
    }
    flush(client);
    return result == 1 && client->state != BENCH_CLIENT_CLOSED;
}

static bool set_up(bench_client *client)
{
    const char *host = bench_swarm_url(client->swarm, client)->host;
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    client->tls = SSL_new(client->swarm->tls);
    if (!in || !out || !client->tls) {
        BIO_free(in);
        BIO_free(out);
        return false;
    }
    SSL_set_bio(client->tls, in, out);
    SSL_set_connect_state(client->tls);
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(client->tls), host) == 1)
        return true;
    return SSL_set1_host(client->tls, host) == 1 &&
           SSL_set_tlsext_host_name(client->tls, host) == 1;
}

void bench_tls_open(bench_client *client)
{
    client->state = BENCH_CLIENT_SHAKING;
    ERR_clear_error();
    if (!set_up(client))
        fail(client, "could not shake hands");
    else
        (void)shake_hands(client);
}

static void read_records(bench_client *client,
                         void (*take)(bench_client *client, const char *data, size_t len))
{
    char *const buffer = client->swarm->read_buffer;

    while (client->state != BENCH_CLIENT_CLOSED) {
        const int count = SSL_read(client->tls, buffer, BENCH_READ_BUFFER);
        const int error = count > 0 ? SSL_ERROR_NONE : SSL_get_error(client->tls, count);

        if (count > 0)
            take(client, buffer, (size_t)count);
        else if (error == SSL_ERROR_WANT_READ)
            return;
        else if (error == SSL_ERROR_ZERO_RETURN)
            bench_client_fail(client, "the server closed a client", "by TLS");
        else
            fail(client, "could not read");
        if (count <= 0)
            return;
    }
}

/* What came lies in the same buffer as what is read out of it: it is copied first. */
void bench_tls_read(bench_client *client, const char *data, size_t len,
                    void (*take)(bench_client *client, const char *data, size_t len))
{
    ERR_clear_error();
    if (BIO_write(SSL_get_rbio(client->tls), data, (int)len) != (int)len) {
        fail(client, "could not read");
        return;
    }
    if (client->state == BENCH_CLIENT_SHAKING) {
        if (!shake_hands(client))
            return;
        bench_client_greet(client);
    }
    read_records(client, take);
}

void bench_tls_write(bench_client *client, const char *data, size_t len)
{
    ERR_clear_error();
    if (SSL_write(client->tls, data, (int)len) != (int)len)
        fail(client, "could not write");
    else
        flush(client);
}

void bench_tls_close(bench_client *client)
{
    SSL_free(client->tls);
    client->tls = NULL;
}
