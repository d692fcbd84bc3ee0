/*
 * bench_hist.h: a histogram of latencies with 64 steps to each power of two, so that every
 * percentile is right to 1.6 % from nanoseconds to minutes.
 */
#ifndef TANDEM_BENCH_HIST_H
#define TANDEM_BENCH_HIST_H

#include <stdint.h>

#define BENCH_HIST_STEPS 64u
#define BENCH_HIST_BUCKETS (BENCH_HIST_STEPS * 40u)

struct bench_hist {
    uint64_t count;
    uint64_t max;
    uint64_t buckets[BENCH_HIST_BUCKETS];
};

void bench_hist_add(struct bench_hist *hist, uint64_t ns);
/* The value that this share of all values does not exceed; 0 if there are none. */
double bench_hist_us(const struct bench_hist *hist, double share);

#endif
