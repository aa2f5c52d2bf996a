/* One client: a WebSocket that speaks as much Engine.IO and Socket.IO as a listener needs. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <uv.h>

#include <sio/sys/buf.h>

struct bench_swarm;

typedef enum bench_client_state {
    BENCH_CLIENT_CLOSED,
    BENCH_CLIENT_CONNECTING, /* TCP */
    BENCH_CLIENT_UPGRADING,  /* awaits 101 */
    BENCH_CLIENT_OPENING,    /* awaits the packets that open Engine.IO, then the namespace */
    BENCH_CLIENT_JOINING,    /* awaits the acknowledgement of "join" */
    BENCH_CLIENT_READY
} bench_client_state;

typedef struct bench_client {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct bench_swarm *swarm;
    uint64_t next;   /* the sequence number that has to come */
    sio_buf partial; /* a frame, or a response, that is incomplete */
    bench_client_state state;
} bench_client;

/* Every broadcast is the text 42["b","<digits><padding>"]. */
#define BENCH_EVENT        "b"
#define BENCH_EVENT_PREFIX "42[\"b\",\""
#define BENCH_DIGITS       12

/* Begins to connect. What fails, now or later, is told to the swarm. */
void bench_client_open(bench_client *client, struct bench_swarm *swarm);
void bench_client_close(bench_client *client);

#endif
