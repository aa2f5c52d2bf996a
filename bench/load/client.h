/* One client: a connection that speaks as much Engine.IO and Socket.IO as a listener needs. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <uv.h>

#include <sio/sys/buf.h>

struct bench_swarm;

typedef enum bench_client_state {
    BENCH_CLIENT_CLOSED,
    BENCH_CLIENT_CONNECTING, /* TCP */
    BENCH_CLIENT_SHAKING,    /* hands, for TLS */
    BENCH_CLIENT_UPGRADING,  /* awaits 101 */
    BENCH_CLIENT_OPENING,    /* awaits the packets that open Engine.IO, then the namespace */
    BENCH_CLIENT_JOINING,    /* awaits the acknowledgement of "join" */
    BENCH_CLIENT_READY
} bench_client_state;

#define BENCH_ID_MAX 31

typedef struct bench_client {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct bench_swarm *swarm;
    struct ssl_st *tls; /* NULL: there is none */
    uint64_t began;     /* ns */
    sio_buf partial;    /* a frame, or a response, that is incomplete */
    sio_buf post;       /* polling: what goes out when the response is there */
    bench_client_state state;
    bool posting;               /* polling: the response is that to a POST */
    char sid[BENCH_ID_MAX + 1]; /* polling: of the session; with --traffic private, of the socket */
} bench_client;

/* Begins to connect. What fails, now or later, is told to the swarm. */
void bench_client_open(bench_client *client, struct bench_swarm *swarm);
void bench_client_close(bench_client *client);

/* Bytes from the server, which came at `arrived`; or a libuv error: there will be no more. */
void bench_client_take(bench_client *client, char *data, ssize_t count, uint64_t arrived);

/* ---- for what it speaks: websocket.h, polling.h, session.h, tls.h ---- */

/* The connection is there: it may say what it wants. */
void bench_client_greet(bench_client *client);

/* Writes bytes, at once if they fit; else the rest is copied and follows. */
void bench_client_write(bench_client *client, const char *data, size_t len);

/* The same below TLS. */
void bench_client_write_raw(bench_client *client, const char *data, size_t len);

/* Tells the swarm. */
void bench_client_fail(bench_client *client, const char *what, const char *detail);

#endif
