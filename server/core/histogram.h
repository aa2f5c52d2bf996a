/* How often which duration was measured. */
#ifndef SIO_CORE_HISTOGRAM_H
#define SIO_CORE_HISTOGRAM_H

#include <sio/metrics.h>

/* Measured once more. */
void sio_histogram_add(sio_histogram *histogram, uint64_t ns);

/* How late a timer of that interval was: what would have come due while it was late waited, too,
 * each an interval less, so that one long stall weighs as much as it lasted. */
void sio_histogram_add_late(sio_histogram *histogram, uint64_t ns, uint64_t interval_ns);

/* The bound as it is written, "0.00025"; NULL: no such index. */
const char *sio_histogram_bound_text(unsigned index);

#endif
