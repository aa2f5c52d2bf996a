/* What packets mean to a client, whatever carried them. */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include "load/client.h"

#define BENCH_DIGITS 12

/* A packet has come: "0{…}", "2", "42[…]". */
void bench_session_packet(bench_client *client, const char *text, size_t len, uint64_t now);

/* Says one, "40" or "42[…]", by the client's transport. */
void bench_session_say(bench_client *client, const char *text, size_t len);

#endif
