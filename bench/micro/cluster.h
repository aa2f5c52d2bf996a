/* A node of a cluster without Redis: bytes as Redis sends them are taken apart, and what is for its
 * clients reaches a stage. */
#ifndef BENCH_CLUSTER_H
#define BENCH_CLUSTER_H

#include "micro/stage.h"

#define BENCH_CLUSTER_MESSAGES 100

/* The stage is open, and has clients; `joined` of them are in the room "here". */
void bench_cluster_open(bench_stage *stage, unsigned joined);

/* What Redis is about to send: so many messages for that room, published by an emitter, heard by
 * the pattern. */
void bench_cluster_publish(const char *room, const sio_value *data);

/* Takes all of them, as one read from the socket. */
void bench_cluster_hear(bench_stage *stage);

#endif
