/* TLS of a client, between its socket and what it speaks. */
#ifndef BENCH_TLS_H
#define BENCH_TLS_H

#include "load/client.h"

struct bench_swarm;

/* What all clients share, where a URL is wss://; verifies servers by --ca, or by nothing without
 * it. -1 after a message to the swarm. */
int bench_tls_init(struct bench_swarm *swarm);
void bench_tls_free(struct bench_swarm *swarm);

/* A client that has connected begins to shake hands; bench_client_greet when it has. */
void bench_tls_open(bench_client *client);

/* Bytes have come: what is in them goes on to `take`, for each record. */
void bench_tls_read(bench_client *client, const char *data, size_t len,
                    void (*take)(bench_client *client, const char *data, size_t len));

void bench_tls_write(bench_client *client, const char *data, size_t len);
void bench_tls_close(bench_client *client);

#endif
