/* A server core with clients whose links take everything and send it nowhere. The same in every
 * run: no clock, no network, and randomness from a counter. */
#ifndef BENCH_STAGE_H
#define BENCH_STAGE_H

#include <sio/sio.h>

#include "core/client.h"
#include "core/server.h"

typedef struct bench_stage {
    sio_server *server;
    sio_namespace *root;
    sio_link *links;
    sio_client **clients;
    unsigned count;
    unsigned random;
    unsigned heard; /* events that handlers got */
    bool woken;
} bench_stage;

/* Ends the program when memory is out, as do all of these. */
void bench_stage_open(bench_stage *stage, unsigned clients);

/* The next client comes by WebSocket and joins "/". */
void bench_stage_join(bench_stage *stage);

/* The last one goes. */
void bench_stage_part(bench_stage *stage);

/* A client's text message. */
void bench_stage_say(bench_stage *stage, unsigned client, const char *text);

/* The end of a turn of the loop. */
void bench_stage_turn(bench_stage *stage);
void bench_stage_close(bench_stage *stage);

#endif
