/*
 * clock.c: see clock.h. Separate from the driver so that jumps can be tested without setting a
 * clock.
 */
#include "gateway/clock.h"

#include <time.h>

#include "gateway/limits.h"

static uint64_t
read_ms(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

uint64_t
clock_mono_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

uint64_t
clock_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

const char *
clock_jump_name(enum clock_jump jump)
{
    switch (jump) {
    case CLOCK_STEADY:
        return "steady";
    case CLOCK_FORWARD:
        return "forward";
    case CLOCK_BACK:
        return "back";
    }
    return "?";
}

enum clock_jump
turn_clock_init(struct turn_clock *clock, uint64_t turn_ms, uint64_t wall_ms, uint64_t mono_ms)
{
    clock->now_ms = turn_ms > wall_ms ? turn_ms : wall_ms;
    clock->wall_ms = wall_ms;
    clock->mono_ms = mono_ms;
    return turn_ms > wall_ms + CLOCK_JUMP_MS ? CLOCK_BACK : CLOCK_STEADY;
}

uint64_t
turn_clock_now(struct turn_clock *clock, uint64_t wall_ms, uint64_t mono_ms, enum clock_jump *jump)
{
    uint64_t passed = mono_ms - clock->mono_ms;
    uint64_t expected = clock->wall_ms + passed;

    *jump = CLOCK_STEADY;
    if (wall_ms > expected + CLOCK_JUMP_MS)
        *jump = CLOCK_FORWARD;
    else if (wall_ms + CLOCK_JUMP_MS < expected)
        *jump = CLOCK_BACK;
    clock->wall_ms = wall_ms;
    clock->mono_ms = mono_ms;
    /* A little behind, as after a leap second: hold still until the wall clock has caught up,
     * so that small steps do not add up. Far behind: go on by the monotonic clock. */
    if (wall_ms >= clock->now_ms)
        clock->now_ms = wall_ms;
    else if (clock->now_ms - wall_ms > CLOCK_HOLD_MS)
        clock->now_ms += passed;
    return clock->now_ms;
}
