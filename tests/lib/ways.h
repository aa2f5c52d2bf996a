/* Tests of many WebSockets at once, that are carried out by io_uring and without it. The test
 * defines PEERS before it includes this, and `begin`, which starts the server. */
#ifndef SIO_TESTS_WAYS_H
#define SIO_TESTS_WAYS_H

#include "live.h"

static struct peer *peers[PEERS];

static int begin(bool no_io_uring);

static int begin_by_ring(void **state)
{
    (void)state;
    return begin(false);
}

static int begin_without(void **state)
{
    (void)state;
    return begin(true);
}

static void free_all(void)
{
    for (unsigned i = 0; i < PEERS; i++)
        peer_free(peers[i]);
}

#define BY_RING(test) cmocka_unit_test_setup_teardown(test, begin_by_ring, stop)
#define WITHOUT(test) cmocka_unit_test_setup_teardown(test, begin_without, stop)
#define BOTH(test)    BY_RING(test), WITHOUT(test)

#endif
