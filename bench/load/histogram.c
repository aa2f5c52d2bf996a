#include "load/histogram.h"

static uint64_t upper_bound(unsigned bucket)
{
    unsigned shift = bucket < 128 ? 0 : bucket / 64 - 1;

    return shift ? ((uint64_t)(bucket - shift * 64) + 1) << shift : bucket;
}

uint64_t bench_histogram_at(const bench_histogram *histogram, double fraction)
{
    double wanted = fraction * (double)histogram->count;
    uint64_t seen = 0;

    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (histogram->buckets[i] && (double)seen >= wanted) {
            uint64_t bound = upper_bound(i);
            return bound < histogram->max ? bound : histogram->max;
        }
    }
    return histogram->max;
}
