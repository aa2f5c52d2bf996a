/*
 * A client that polls: one connection, one request at a time. A poll that is answered is followed
 * by a POST if there is something to say, and by the next poll.
 */
#ifndef BENCH_POLLING_H
#define BENCH_POLLING_H

#include "load/client.h"

/* The first poll. */
void bench_polling_open(bench_client *client);

/* Takes what is whole off the front of the bytes; returns how many those were. */
size_t bench_polling_take(bench_client *client, const char *data, size_t len);

/* Goes out when the poll has been answered. */
void bench_polling_say(bench_client *client, const char *text, size_t len);

#endif
