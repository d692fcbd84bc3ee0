/*
 * bench_hist.c: values below 64 have a bucket each; above, the highest six bits choose one.
 */
#include "tests/bench/bench_hist.h"

#include <stddef.h>

static size_t
bucket_of(uint64_t ns)
{
    unsigned shift;
    size_t bucket;

    if (ns < BENCH_HIST_STEPS)
        return (size_t)ns;
    shift = 63u - (unsigned)__builtin_clzll(ns) - 6u;
    bucket = (size_t)(shift + 1) * BENCH_HIST_STEPS + (size_t)((ns >> shift) - BENCH_HIST_STEPS);
    return bucket < BENCH_HIST_BUCKETS ? bucket : BENCH_HIST_BUCKETS - 1;
}

static uint64_t
value_of(size_t bucket)
{
    size_t shift = bucket / BENCH_HIST_STEPS;

    if (shift == 0)
        return bucket;
    return (uint64_t)(BENCH_HIST_STEPS + bucket % BENCH_HIST_STEPS) << (shift - 1);
}

void
bench_hist_add(struct bench_hist *hist, uint64_t ns)
{
    hist->count++;
    hist->buckets[bucket_of(ns)]++;
    if (ns > hist->max)
        hist->max = ns;
}

double
bench_hist_us(const struct bench_hist *hist, double share)
{
    uint64_t want = (uint64_t)((double)hist->count * share), seen = 0;

    for (size_t i = 0; i < BENCH_HIST_BUCKETS; i++) {
        seen += hist->buckets[i];
        if (seen > want || (seen == want && seen == hist->count && seen > 0))
            return (double)value_of(i) / 1000.0;
    }
    return (double)hist->max / 1000.0;
}
