/*
 * What lies between the nodes of a simulated cluster: messages that take their time, arrive in
 * another order, twice or not at all, as a seed decides. What a message is, is its sender's affair.
 */
#ifndef SIO_TESTS_WIRE_H
#define SIO_TESTS_WIRE_H

#include "sim.h"

#define SIM_NODES 5
/* Besides the nodes, places where messages may go too: what a server between them is reached by. */
#define SIM_PLACES (SIM_NODES + 2)

/* The first field of a message. `arrive` may be called more than once, `free` once. */
typedef struct sim_cargo sim_cargo;
struct sim_cargo {
    void (*arrive)(sim_cargo *cargo, unsigned to);
    void (*free)(sim_cargo *cargo);
    unsigned refs; /* the wire's */
};

typedef struct sim_wire {
    sim *nodes[SIM_NODES]; /* NULL: gone */
    unsigned count;
    uint64_t now;
    uint64_t seed;
    /* how it treats messages; all zero: each takes one millisecond */
    unsigned delay_ms; /* at most so much more */
    unsigned loss;     /* of 1000 */
    unsigned twice;    /* of 1000 */
    bool disorder;     /* even from one node to another */
    bool cut[SIM_NODES];
    struct sim_flight *flights; /* in the order of their arrival */
    uint64_t last[SIM_PLACES][SIM_PLACES];
    uint64_t carried;
} sim_wire;

uint64_t sim_wire_random(sim_wire *wire, uint64_t below);

/* Takes the cargo over. A node may send to itself; from and to other places nothing is lost. */
void sim_wire_send(sim_wire *wire, unsigned from, unsigned to, sim_cargo *cargo);
/* To every other node there is. */
void sim_wire_spread(sim_wire *wire, unsigned from, sim_cargo *cargo);

/* Moves the clocks of all nodes on, with all that arrives and all deadlines in between. */
void sim_wire_wait(sim_wire *wire, uint64_t ms);

/* Drops what is under way. */
void sim_wire_clear(sim_wire *wire);

#endif
