#include "core/histogram.h"

#include <stddef.h>

#include <sio/sys/limits.h>

/* From what a round trip to Redis on the same machine takes, to what nobody waits for. */
static const struct {
    uint64_t ns;
    const char *text;
} bounds[SIO_HISTOGRAM_BOUNDS] = {
    { 250000, "0.00025" },  { 500000, "0.0005" },  { 1000000, "0.001" },  { 2500000, "0.0025" },
    { 5000000, "0.005" },   { 10000000, "0.01" },  { 25000000, "0.025" }, { 50000000, "0.05" },
    { 100000000, "0.1" },   { 250000000, "0.25" }, { 500000000, "0.5" },  { 1000000000, "1" },
    { 2500000000u, "2.5" }, { 5000000000, "5" },   { 10000000000, "10" },
};

double sio_histogram_bound(unsigned index)
{
    return index < SIO_HISTOGRAM_BOUNDS ? (double)bounds[index].ns / 1e9 : 0;
}

const char *sio_histogram_bound_text(unsigned index)
{
    return index < SIO_HISTOGRAM_BOUNDS ? bounds[index].text : NULL;
}

void sio_histogram_add(sio_histogram *histogram, uint64_t ns)
{
    size_t index = 0;
    while (index < SIO_HISTOGRAM_BOUNDS && ns > bounds[index].ns)
        index++;
    histogram->counts[index]++;
    histogram->sum_ns += ns;
}

void sio_histogram_add_late(sio_histogram *histogram, uint64_t ns, uint64_t interval_ns)
{
    sio_histogram_add(histogram, ns);
    for (unsigned i = 1; ns > interval_ns && i < SIO_LIMIT_SAMPLES_MISSED; i++)
        sio_histogram_add(histogram, ns -= interval_ns);
}
