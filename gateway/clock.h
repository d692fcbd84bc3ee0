/*
 * clock.h: the two clocks, and the time of a turn made from them.
 *
 * Timers of sessions and sockets run on the monotonic clock. The store keeps wall time, in which
 * due times must survive a restart; the time of a turn never goes back, keeps moving when the wall
 * clock was set back, and follows a wall clock that jumped forward only after a while, so that one
 * wrong answer of a time server does not expire everything that is queued (faults.md rows 24 to
 * 26).
 */
#ifndef TANDEM_CLOCK_H
#define TANDEM_CLOCK_H

#include <stdint.h>

uint64_t clock_mono_ms(void);
uint64_t clock_wall_ms(void);

/* What has become of the wall clock since the last turn. */
enum clock_jump {
    CLOCK_STEADY,
    CLOCK_FORWARD, /* now far ahead: turns go on by the monotonic clock, for CLOCK_PAUSE_MS */
    CLOCK_BACK,    /* now far behind: turns go on by the monotonic clock, until it catches up */
    CLOCK_LEADS,   /* one of these has ended: turns have the time of the wall clock again */
    CLOCK_JUMPS
};
const char *clock_jump_name(enum clock_jump jump);

struct turn_clock {
    uint64_t now_ms;                /* time of the last turn */
    uint64_t wall_ms;               /* both clocks as they were then */
    uint64_t mono_ms;
    enum clock_jump away;           /* FORWARD, BACK, or STEADY: which way the wall clock is off */
    uint64_t pause_ms;              /* FORWARD: when, by the monotonic clock, it is believed */
};

/* turn_ms: the time of the last turn in the store, 0 if there is none. Says BACK if the wall
 * clock is more than CLOCK_JUMP_MS behind it. */
enum clock_jump turn_clock_init(struct turn_clock *clock, uint64_t turn_ms, uint64_t wall_ms,
                                uint64_t mono_ms);

/* The time of the turn that begins now. "Far" is more than CLOCK_JUMP_MS from the time that turns
 * had. Each change is said once. */
uint64_t turn_clock_now(struct turn_clock *clock, uint64_t wall_ms, uint64_t mono_ms,
                        enum clock_jump *jump);

#endif
