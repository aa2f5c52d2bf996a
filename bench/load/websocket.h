/* The client's side of a WebSocket, as far as the generator needs it. */
#ifndef BENCH_WEBSOCKET_H
#define BENCH_WEBSOCKET_H

#include "load/client.h"

/* Takes what is whole off the front of the bytes; returns how many those were. */
size_t bench_websocket_take(bench_client *client, const char *data, size_t len);

/* Sends a text frame. */
void bench_websocket_say(bench_client *client, const char *text, size_t len);

#endif
