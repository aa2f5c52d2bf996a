/* TLS around a peer: what it says and hears goes through OpenSSL, in turns of the loop. */
#ifndef SIO_TESTS_TUNNEL_H
#define SIO_TESTS_TUNNEL_H

#include <fcntl.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "live.h"

struct tunnel_way {
    char data[16384];
    size_t len;
};

static struct tunnel {
    SSL *ssl;  /* NULL: it is free */
    int inner; /* what the peer says and hears */
    int outer; /* to the server */
    struct tunnel_way in, out;
} tunnels[8];

static SSL_CTX *tunnel_context;

/* NULL of `pem`: the clients have no certificate. */
static inline void tunnels_open(const char *pem)
{
    tunnel_context = SSL_CTX_new(TLS_client_method());
    assert_non_null(tunnel_context);
    if (!pem)
        return;
    assert_int_equal(SSL_CTX_use_certificate_chain_file(tunnel_context, pem), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(tunnel_context, pem, SSL_FILETYPE_PEM), 1);
}

static inline void tunnel_end(struct tunnel *of)
{
    SSL_free(of->ssl);
    close(of->inner);
    close(of->outer);
    *of = (struct tunnel){ 0 };
}

static inline void tunnels_close(void)
{
    for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++)
        if (tunnels[i].ssl)
            tunnel_end(&tunnels[i]);
    SSL_CTX_free(tunnel_context);
}

/* Ends it unless it is only to wait. */
static inline void tunnel_stalled(struct tunnel *of, int result)
{
    const int error = SSL_get_error(of->ssl, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        tunnel_end(of);
}

static inline void tunnel_hear(struct tunnel *of)
{
    while (of->ssl) {
        const int got =
            of->in.len ? (int)of->in.len : SSL_read(of->ssl, of->in.data, sizeof(of->in.data));
        if (got <= 0) {
            tunnel_stalled(of, got);
            return;
        }
        const ssize_t sent = send(of->inner, of->in.data, (size_t)got, MSG_DONTWAIT | MSG_NOSIGNAL);
        of->in.len = (size_t)got - (sent > 0 ? (size_t)sent : 0);
        memmove(of->in.data, of->in.data + got - of->in.len, of->in.len);
        if (of->in.len)
            return;
    }
}

static inline void tunnel_say(struct tunnel *of)
{
    while (of->ssl) {
        const ssize_t got = of->out.len
                                ? (ssize_t)of->out.len
                                : recv(of->inner, of->out.data, sizeof(of->out.data), MSG_DONTWAIT);
        if (got < 0)
            return;
        of->out.len = (size_t)got;
        const int sent = got ? SSL_write(of->ssl, of->out.data, (int)got) : 0;
        if (got == 0) {
            (void)SSL_shutdown(of->ssl);
            tunnel_end(of);
        } else if (sent > 0) {
            of->out.len = 0;
        } else {
            tunnel_stalled(of, sent);
            return;
        }
    }
}

static inline bool tunnel_left(const struct tunnel *of)
{
    struct pollfd fd = { .fd = of->inner, .events = POLLIN };
    char byte;
    return of->ssl && poll(&fd, 1, 0) > 0 && recv(of->inner, &byte, 1, MSG_PEEK) <= 0;
}

/* The queue of errors is one of the thread: the server's part in it must not see ours. */
static inline void tunnels_turn(void)
{
    ERR_clear_error();
    for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++) {
        struct tunnel *of = &tunnels[i];
        const int done = of->ssl ? SSL_do_handshake(of->ssl) : 1;
        if (done != 1)
            tunnel_stalled(of, done);
        if (of->ssl && SSL_is_init_finished(of->ssl)) {
            tunnel_hear(of);
            tunnel_say(of);
        }
        if (tunnel_left(of))
            tunnel_end(of);
        ERR_clear_error();
    }
}

static inline struct tunnel *tunnel_free(void)
{
    struct tunnel *of = tunnels;
    while (of->ssl)
        assert_true(++of < tunnels + sizeof(tunnels) / sizeof(tunnels[0]));
    return of;
}

/* A peer whose bytes go by TLS from here on, after what it has said plainly. */
static inline struct peer *peer_encrypt(struct peer *peer)
{
    int pair[2];
    struct tunnel *of = tunnel_free();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    of->outer = peer->fd;
    of->inner = pair[0];
    peer->fd = pair[1];
    assert_int_equal(fcntl(of->outer, F_SETFL, O_NONBLOCK), 0);
    of->ssl = SSL_new(tunnel_context);
    assert_non_null(of->ssl);
    SSL_set_fd(of->ssl, of->outer);
    SSL_set_connect_state(of->ssl);
    return peer;
}

/* A peer whose bytes go to the port by TLS. */
static inline struct peer *peer_new_tls(uint16_t port)
{
    return peer_encrypt(peer_new_to(port, 0));
}

#endif
