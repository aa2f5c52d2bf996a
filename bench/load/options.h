/* The command line of sio-bench. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct bench_options {
    char host[256]; /* of the URL, which is ws://host[:port][/path] */
    char port[8];
    char path[256];
    const char *redis;
    const char *key;
    const char *room; /* NULL: broadcasts go to everyone */
    uint32_t clients;
    uint32_t payload;
    uint32_t in_flight;
    uint32_t seconds;
    uint32_t warmup;
    pid_t pid; /* of the server; 0: unknown, so no CPU time and no memory */
    bool deflate;
    bool idle;
    bool json;
} bench_options;

/* 0; 1 when help was asked for and given; -1 after a message on stderr. */
int bench_options_read(bench_options *out, int argc, char **argv);

#endif
