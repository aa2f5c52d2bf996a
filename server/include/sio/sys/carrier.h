/*
 * Connections whose bytes somebody else carries: libsio-tls gets them out of TLS and HTTP/2 by
 * libwebsockets, and hands on what a plain connection would have brought. The server does with them
 * what it does with its own: the same limits, counters and rules.
 *
 * All of this is called on the server's loop, and not from a handler of the application.
 */
#ifndef SIO_SYS_CARRIER_H
#define SIO_SYS_CARRIER_H

#include <stdbool.h>
#include <stddef.h>

#include <sio/extern.h>
#include <sio/listen.h>
#include <sio/sys/str.h>

struct sockaddr;
struct uv_loop_s;

/* A connection, as the server has it; it is the server's until `close` has been called. */
typedef struct sio_conn sio_conn;

/* What the server asks of a carrier. It may do so within any of the functions below, and within its
 * own turns of the loop. */
typedef struct sio_carrier_ops {
    /* Takes bytes, copies what it keeps of them, and returns how many it took; after fewer than
     * `len` sio_carrier_writable follows by itself. Negative: the connection is broken. */
    int (*write)(void *carrier, const char *data, size_t len);
    /* Bytes that were taken and that the kernel does not have yet. */
    size_t (*queued)(void *carrier);
    /* Brings no more bytes until it is called again with false. */
    void (*pause)(void *carrier, bool pause);
    /* Nothing more is written. Once all is on its way the peer is told, and sio_carrier_end is
     * called when it has closed as well. */
    void (*finish)(void *carrier);
    /* The connection is gone: the carrier may not name it any more, and closes in a later turn. */
    void (*close)(void *carrier);
} sio_carrier_ops;

typedef struct sio_carrier_info {
    const sio_carrier_ops *ops;
    void *carrier;               /* handed to them */
    const struct sockaddr *peer; /* copied; NULL: it has no address ("unix:") */
    size_t peer_len;
    bool secure;         /* it came over TLS */
    bool shared;         /* one of several streams that a client has on one connection: it has not
                            opened a connection of its own, which limits of these are for */
    const char *subject; /* of the client's certificate, which has been verified; copied; may be
                            NULL */
} sio_carrier_info;

/* A new connection. It may be closed already when this returns, `close` having been called, if the
 * server takes no more. SIO_ENOMEM, SIO_ECLOSED: there is none. */
SIO_EXTERN SIO_MUST_USE int sio_carrier_open(sio_conn **out, sio_server *server,
                                             const sio_carrier_info *info);

/* Bytes have come; they may be changed in place. */
SIO_EXTERN void sio_carrier_input(sio_conn *conn, char *data, size_t len);

/* The carrier takes bytes again. */
SIO_EXTERN void sio_carrier_writable(sio_conn *conn);

/* The carrier is gone, and is not asked for anything any more. */
SIO_EXTERN void sio_carrier_end(sio_conn *conn);

/* ---- the server around it ---- */

/* Something that brings connections, for as long as the server lives. The structure is the
 * carrier's, and stays where it is until `stop` has been answered. */
typedef struct sio_carriage {
    void (*deaf)(struct sio_carriage *carriage); /* no new connections from now on */
    /* All connections are gone: frees all there is, and calls sio_carriage_stopped, now or later.
     */
    void (*stop)(struct sio_carriage *carriage);
    sio_server *server;               /* set by the server; NULL once it has been freed */
    struct sio_carriage *next, *prev; /* the server's */
    void *net;                        /* the server's */
} sio_carriage;

/* SIO_ECLOSED: the server takes no more. */
SIO_EXTERN SIO_MUST_USE int sio_carriage_add(sio_server *server, sio_carriage *carriage);

/* The first of the server's; NULL: there is none. */
SIO_EXTERN sio_carriage *sio_carriage_first(const sio_server *server);

/* It is gone: either after `stop`, or by itself. */
SIO_EXTERN void sio_carriage_stopped(sio_carriage *carriage);

/* Listens as sio_server_listen_with does, and gives each descriptor that it accepts to `take`,
 * whose it is then. */
SIO_EXTERN SIO_MUST_USE int sio_carriage_listen(sio_carriage *carriage,
                                                const sio_listen_options *options,
                                                void (*take)(sio_carriage *carriage, int fd));

/* Whether another connection may be brought, beside `more` that are not open yet: max_connections.
 * One that may not is counted as refused. */
SIO_EXTERN bool sio_carriage_has_room(sio_carriage *carriage, size_t more);

/* Whether the other end of it is one of trusted_proxies, who may say where it comes from; if not,
 * the log says so. */
SIO_EXTERN bool sio_carriage_trusts(sio_carriage *carriage, int fd);

SIO_EXTERN struct uv_loop_s *sio_carriage_loop(const sio_server *server);

/* What the URLs of the engine begin with. Borrowed. */
SIO_EXTERN sio_str sio_carriage_path(const sio_server *server);

/* The times of sio_limit_options, in milliseconds: until a request's head has come; and 0 for
 * never. */
SIO_EXTERN uint32_t sio_carriage_head_ms(const sio_server *server);

/* One was cut off for being slow, before it was opened. */
SIO_EXTERN void sio_carriage_slow(sio_server *server);

/* Logs and keeps `text` for sio_server_error; returns `err`. */
SIO_EXTERN int sio_carriage_fail(sio_server *server, int err, const char *text);

/* A line of SIO_LOG_NET, if anybody listens. `level` is a sio_log_level. */
SIO_EXTERN void sio_carriage_log(sio_server *server, int level, const char *text);

#endif
