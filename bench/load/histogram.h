/* How long things took: counts in buckets that grow with the value, 1.6 percent wide. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define BENCH_HISTOGRAM_BUCKETS (59 * 64)

typedef struct bench_histogram {
    uint64_t count;
    uint64_t max;
    uint64_t buckets[BENCH_HISTOGRAM_BUCKETS];
} bench_histogram;

/* 64 buckets for each power of two; below 64 each value has its own. */
static inline void bench_histogram_add(bench_histogram *histogram, uint64_t value)
{
    unsigned shift = value < 64 ? 0 : 57u - (unsigned)__builtin_clzll(value);

    histogram->buckets[shift * 64 + (value >> shift)]++;
    histogram->count++;
    if (value > histogram->max)
        histogram->max = value;
}

/* The value that `fraction` of all do not exceed; 0 when there are none. */
uint64_t bench_histogram_at(const bench_histogram *histogram, double fraction);

#endif
