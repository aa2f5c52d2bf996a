/* All clients: opens them, a bounded number at a time, and keeps what they share. */
#ifndef BENCH_SWARM_H
#define BENCH_SWARM_H

#include <netinet/in.h>

#include <sio/sys/deflate.h>

#include "load/client.h"
#include "load/ledger.h"
#include "load/options.h"

#define BENCH_CONNECTING_MAX 128
#define BENCH_READ_BUFFER    (256 * 1024)

typedef struct bench_swarm {
    uv_loop_t *loop;
    const bench_options *options;
    bench_ledger *ledger;
    struct sockaddr_storage server;
    bench_client *clients;
    uint32_t opened; /* all that were begun */
    uint32_t ready;
    bool closing;
    sio_buf request; /* the same for each client, as are these: */
    sio_buf join;
    char *read_buffer;
    sio_ws_inflater *inflater; /* with --deflate; likewise what it makes: */
    sio_buf inflated;
    uint64_t deflated; /* messages that came so */
    uint64_t frame_max;
    void (*on_ready)(void *data);    /* all of them */
    void (*on_finished)(void *data); /* a broadcast has reached all of them */
    void (*on_failure)(const char *text, void *data);
    void *data;
} bench_swarm;

/* Fills in what `swarm` does not bring: it comes with loop, options, ledger and callbacks. Looks up
 * the server, blocking. -1 after on_failure. */
int bench_swarm_init(bench_swarm *swarm);

/* Opens all clients; on_ready when they are. */
void bench_swarm_open(bench_swarm *swarm);
void bench_swarm_close(bench_swarm *swarm);

/* When the loop has ended. */
void bench_swarm_free(bench_swarm *swarm);

/* ---- for its clients ---- */

/* The address that a client should connect from, or false if any will do: on loopback all of
 * 127.0.0.0/8 is ours, and one address has but 28,000 ports. */
bool bench_swarm_source(const bench_swarm *swarm, const bench_client *client,
                        struct sockaddr_in *out);
void bench_swarm_client_ready(bench_swarm *swarm);
void bench_swarm_client_failed(bench_swarm *swarm, const char *what, const char *detail);

#endif
