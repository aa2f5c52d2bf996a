/*
 * Whether a node does better to hear all rooms by a pattern, and drop what nobody here wants, or to
 * subscribe to those that it has: what arrives for nothing is weighed against joins and leaves,
 * each of which would be a command to Redis.
 */
#ifndef SIO_CLUSTER_BALANCE_H
#define SIO_CLUSTER_BALANCE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed memory is its beginning. */
typedef struct sio_balance {
    bool started;
    uint64_t since;   /* milliseconds: the window that is being counted */
    uint64_t arrived; /* messages of rooms and to everybody */
    uint64_t idle;    /* of these, for rooms that nobody here is in */
    uint64_t changes; /* rooms that got their first member here, or lost their last */
    uint64_t spared;  /* what was idle in the window that decided for rooms */
} sio_balance;

void sio_balance_arrived(sio_balance *balance, bool idle);
void sio_balance_changed(sio_balance *balance);

/* At the end of a window: whether to hear by rooms from now on, given how it is now. */
bool sio_balance_judge(sio_balance *balance, bool by_rooms, uint64_t now);

#endif
