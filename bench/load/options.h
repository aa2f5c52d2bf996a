/* The command line of sio-bench. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BENCH_NODES_MAX 8

/* ws://host[:port][/path], wss:// for TLS */
typedef struct bench_url {
    bool tls;
    char host[256];
    char port[8];
    char path[256];
} bench_url;

typedef enum bench_traffic {
    BENCH_BROADCAST, /* through Redis, to everyone or to rooms */
    BENCH_PRIVATE,   /* through Redis, to one client each */
    BENCH_ACK,       /* a client's own, that the server acknowledges */
    BENCH_SAY,       /* a client's own, that the server hands on to its room */
    BENCH_SURVEY     /* a client's own, that the server asks everyone, and answers when all have */
} bench_traffic;

typedef struct bench_options {
    bench_url urls[BENCH_NODES_MAX]; /* of nodes; clients connect to them in turns */
    unsigned nodes;
    const char *redis;
    const char *key;
    const char *ca;   /* file that certificates of servers are verified by; NULL: they are not */
    const char *room; /* the only one, by name; NULL: there is none, or there are `rooms` */
    bench_traffic traffic;
    uint32_t rooms;
    uint32_t each; /* rooms that a client is in */
    uint32_t clients;
    uint32_t connecting; /* clients that may be on their way in at a time */
    uint32_t payload;
    uint32_t in_flight; /* 0: as many as the traffic has otherwise */
    uint32_t rate;      /* 0: as soon as there is room in flight */
    uint32_t noise;     /* messages for rooms elsewhere before each message */
    uint32_t measure_ms;
    uint32_t warmup_ms;
    uint32_t patience_ms;        /* without any progress */
    pid_t pids[BENCH_NODES_MAX]; /* of the servers */
    unsigned pid_count;          /* 0: unknown, so no CPU time and no memory */
    bool zipf;
    bool polling;
    bool deflate;
    bool idle;
    bool json;
} bench_options;

/* 0; 1 when help was asked for and given; -1 after a message on stderr. */
int bench_options_read(bench_options *out, int argc, char **argv);

/* Each message goes to one client. */
static inline bool bench_options_apart(const bench_options *options)
{
    return options->traffic == BENCH_PRIVATE || options->traffic == BENCH_ACK;
}

/* Clients send the messages, Redis is not needed for it. */
static inline bool bench_options_speaking(const bench_options *options)
{
    return options->traffic >= BENCH_ACK;
}

/* Who gets a message first is nobody's to say, since anyone may speak, and on any node. */
static inline bool bench_options_unordered(const bench_options *options)
{
    return options->traffic == BENCH_SAY || options->traffic == BENCH_SURVEY;
}

#endif
