/* All clients: opens them, a bounded number at a time, and keeps what they share. */
#ifndef BENCH_SWARM_H
#define BENCH_SWARM_H

#include <netinet/in.h>

#include <sio/sys/deflate.h>

#include "load/client.h"
#include "load/inlet.h"
#include "load/ledger.h"
#include "load/options.h"

typedef struct bench_swarm {
    uv_loop_t *loop;
    const bench_options *options;
    bench_ledger *ledger;
    struct sockaddr_storage servers[BENCH_NODES_MAX];
    sio_buf requests[BENCH_NODES_MAX]; /* that open a WebSocket there */
    bench_client *clients;
    uint32_t opened; /* all that were begun */
    uint32_t ready;
    bool closing;
    sio_str before; /* what stands before a message's digits; where there is no message, "" */
    sio_buf speech; /* what clients say; only digits and room change */
    size_t digits;  /* where they are in it */
    size_t room;    /* likewise; 0: nowhere */
    sio_buf join;   /* scratch, for each client anew, as is this: */
    sio_buf frame;
    char *read_buffer;
    bench_inlet inlet;         /* at a fixed rate */
    uint64_t arrived;          /* ns of uv_hrtime, when that came which is being read */
    struct ssl_ctx_st *tls;    /* where one of the servers has it */
    sio_ws_inflater *inflater; /* with --deflate; likewise what it makes: */
    sio_buf inflated;
    uint64_t deflated; /* messages that came so */
    uint64_t frame_max;
    bench_histogram joined;          /* ns from the first try to connect */
    void (*on_ready)(void *data);    /* all of them */
    void (*on_finished)(void *data); /* a message has reached all that it is for */
    void (*on_failure)(const char *text, void *data);
    void *data;
    char name[16]; /* of a room, scratch */
} bench_swarm;

/* Fills in what `swarm` does not bring: it comes with loop, options, ledger and callbacks. Looks up
 * the server, blocking. -1 after on_failure. */
int bench_swarm_init(bench_swarm *swarm);

/* A client says the message of that sequence to the room. */
void bench_swarm_say(bench_swarm *swarm, uint32_t client, uint32_t room, uint64_t sequence);

/* The name of a room, borrowed; with --traffic private the id of that client's socket. NULL data:
 * there is none. */
sio_str bench_swarm_room(bench_swarm *swarm, uint32_t room);

/* Opens all clients; on_ready when they are. */
void bench_swarm_open(bench_swarm *swarm);
void bench_swarm_close(bench_swarm *swarm);

/* When the loop has ended. */
void bench_swarm_free(bench_swarm *swarm);

/* ---- for its clients ---- */

const struct sockaddr *bench_swarm_server(const bench_swarm *swarm, const bench_client *client);
const bench_url *bench_swarm_url(const bench_swarm *swarm, const bench_client *client);
const sio_buf *bench_swarm_request(const bench_swarm *swarm, const bench_client *client);

/* What a client says to join its rooms; empty if it has none. */
const sio_buf *bench_swarm_join(bench_swarm *swarm, uint32_t client);

/* The address that a client should connect from, or false if any will do: on loopback all of
 * 127.0.0.0/8 is ours, and one address has but 28,000 ports. */
bool bench_swarm_source(const bench_swarm *swarm, const bench_client *client,
                        struct sockaddr_in *out);
void bench_swarm_client_ready(bench_swarm *swarm, const bench_client *client);
void bench_swarm_client_failed(bench_swarm *swarm, const char *what, const char *detail);

#endif
