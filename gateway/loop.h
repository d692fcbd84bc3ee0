/*
 * loop.h: libevent, as far as the I/O thread needs it. One thread only.
 *
 * Callbacks only note what is ready; the work is done after loop_run() in the owner's order. No
 * other file sees libevent's headers, whose struct event is not ours.
 */
#ifndef TANDEM_LOOP_H
#define TANDEM_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/limits.h"

enum loop_interest { LOOP_NONE = 0, LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop;
struct watch;
typedef void watch_fn(void *context, unsigned ready);

/* NULL: the kernel or memory says no. */
struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Level-triggered; interested in nothing yet. The descriptor stays the caller's, and must
 * outlive the watch. NULL: no memory. */
struct watch *loop_watch(struct loop *loop, int fd, watch_fn *fn, void *context);
/* A mask of enum loop_interest. Costs nothing when it does not change. */
void watch_set(struct watch *watch, unsigned interest);
void watch_free(struct watch *watch);

/* For an eventfd: called once per write to it, which then never needs to be read. */
struct watch *loop_watch_edge(struct loop *loop, int fd, watch_fn *fn, void *context);
/* ready is the number of the signal. */
struct watch *loop_signal(struct loop *loop, int signo, watch_fn *fn, void *context);

const char *loop_library_version(void);

/* Waits until something is ready, at most timeout_ms (0: only looks), and calls what is. */
must_check bool loop_run(struct loop *loop, uint64_t timeout_ms);

#endif
