/*
 * TLS and HTTP/2, by libwebsockets. It is a library of its own, libsio-tls
 * (`pkg-config --libs sio-tls`): who does without links neither. What comes by it is served by the
 * same server as what comes plainly, with the same limits, counters and rules; sio_socket_secure
 * tells.
 */
#ifndef SIO_TLS_H
#define SIO_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include <sio/extern.h>
#include <sio/listen.h>

/* PEM files. */
typedef struct sio_tls_certificate {
    const char *certificate; /* the server's own first, then those that lead to the authority */
    const char *key;         /* without a password; NULL: it is in the file of the certificate */
    const char *chain;       /* more of those that lead to the authority; NULL: there are none */
} sio_tls_certificate;

typedef enum sio_tls_version {
    SIO_TLS_DEFAULT, /* SIO_TLS_1_2 */
    SIO_TLS_1_2,
    SIO_TLS_1_3
} sio_tls_version;

/* Zero means the default. Strings are copied. */
typedef struct sio_tls_options {
    /* Which one is shown is decided by the name that a client asks for (SNI) and the names in them:
     * the first that fits, else the first of all. */
    const sio_tls_certificate *certificates;
    size_t certificate_count; /* at least 1 */
    sio_tls_version min_version;
    const char *ciphers;      /* of TLS 1.2, a list as OpenSSL has it; NULL: OpenSSL's own */
    const char *ciphersuites; /* of TLS 1.3, separated by colons; NULL: OpenSSL's own */
    /* A PEM file of authorities: clients are asked for a certificate of theirs. One that does not
     * hold ends the handshake; sio_socket_subject tells whose it is. NULL: none is asked for. */
    const char *client_authorities;
    bool require_client_certificate; /* a client without one is refused too */
    /* HTTP/2 beside HTTP/1.1, as clients choose by ALPN, with WebSockets over it (RFC 8441), as far
     * as libwebsockets 4.3 goes: headers that it does not know do not reach the server, WebSockets
     * are not deflated, and a POST that does not say its length, or of more than one frame of 16
     * KiB, may end the connection. */
    bool http2;
} sio_tls_options;

/*
 * Listens as sio_server_listen_with does, for clients that speak TLS. May be called again, for
 * another address or with other certificates. After sio_server_handover it takes the socket that
 * the old process has listened on there, if there is one.
 *
 * SIO_EINVAL: options that do not go together, a certificate that is none, a key that is not its
 * key; SIO_ENOTFOUND, SIO_EACCES: a file that is not there or may not be read; SIO_ENOTSUP: this
 * libsio-tls was built without libwebsockets; else as sio_server_listen_with. sio_server_error says
 * which file and what is wrong.
 */
SIO_EXTERN SIO_MUST_USE int sio_server_listen_tls(sio_server *server,
                                                  const sio_listen_options *listen,
                                                  const sio_tls_options *options);

/* Reads the files of all sio_server_listen_tls anew: connections that are open stay as they are,
 * new ones see what is there now. If one cannot be used nothing changes, and the error is as for
 * sio_server_listen_tls. 0, too, when there are none. */
SIO_EXTERN SIO_MUST_USE int sio_server_reload_tls(sio_server *server);

#endif
