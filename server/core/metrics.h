/* What metrics are made of besides the server's own counters. */
#ifndef SIO_CORE_METRICS_H
#define SIO_CORE_METRICS_H

#include <sio/metrics.h>

/* What is not known is 0. */
typedef struct sio_process {
    uint64_t allocated_bytes;
    uint64_t resident_bytes;
    uint64_t virtual_bytes;
    uint64_t open_descriptors;
    uint64_t max_descriptors;
    double cpu_s;
    double start_s; /* since 1970 */
} sio_process;

#endif
