/* Allocations that fail, in turns of the loop: link with the wraps of tests/unit/CMakeLists.txt. */
#ifndef SIO_TESTS_FAULTS_H
#define SIO_TESTS_FAULTS_H

#include <stdbool.h>

#include <uv.h>

struct faults {
    bool armed;           /* uv_run does it too */
    unsigned count;       /* since the run began */
    unsigned first, last; /* these fail */
    void (*turn)(void);   /* what else moves around a turn of the loop; NULL: nothing */
};
extern struct faults faults;

/* No allocation fails within. */
int __real_uv_run(uv_loop_t *loop, uv_run_mode mode);

#endif
