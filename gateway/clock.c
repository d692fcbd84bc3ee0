/*
 * clock.c: see clock.h. Separate from the driver so that jumps can be tested without setting a
 * clock.
 */
#include "gateway/clock.h"

#include <stdbool.h>
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
    static const char *const names[CLOCK_JUMPS] = {"steady", "forward", "back", "leads"};

    return (unsigned)jump < CLOCK_JUMPS ? names[jump] : "?";
}

enum clock_jump
turn_clock_init(struct turn_clock *clock, uint64_t turn_ms, uint64_t wall_ms, uint64_t mono_ms)
{
    clock->now_ms = turn_ms > wall_ms ? turn_ms : wall_ms;
    clock->wall_ms = wall_ms;
    clock->mono_ms = mono_ms;
    clock->away = turn_ms > wall_ms + CLOCK_JUMP_MS ? CLOCK_BACK : CLOCK_STEADY;
    clock->pause_ms = 0;
    return clock->away;
}

/* A little behind, as after a leap second: hold still until the wall clock has caught up, so that
 * small steps do not add up. Further behind: go on by the monotonic clock. */
static void
follow(struct turn_clock *clock, uint64_t own_ms, uint64_t wall_ms)
{
    if (wall_ms >= clock->now_ms)
        clock->now_ms = wall_ms;
    else if (clock->now_ms - wall_ms > CLOCK_HOLD_MS)
        clock->now_ms = own_ms;
}

static enum clock_jump
far_ahead(struct turn_clock *clock, uint64_t own_ms, uint64_t wall_ms, uint64_t mono_ms, bool again)
{
    enum clock_jump jump = CLOCK_STEADY;

    if (clock->away != CLOCK_FORWARD || again) {
        clock->pause_ms = mono_ms + CLOCK_PAUSE_MS;
        jump = CLOCK_FORWARD;
    }
    clock->away = CLOCK_FORWARD;
    clock->now_ms = own_ms;
    if (mono_ms < clock->pause_ms)
        return jump;
    clock->away = CLOCK_STEADY;
    clock->now_ms = wall_ms;
    return CLOCK_LEADS;
}

static enum clock_jump
far_behind(struct turn_clock *clock, uint64_t own_ms)
{
    enum clock_jump jump = clock->away == CLOCK_BACK ? CLOCK_STEADY : CLOCK_BACK;

    clock->away = CLOCK_BACK;
    clock->now_ms = own_ms;
    return jump;
}

uint64_t
turn_clock_now(struct turn_clock *clock, uint64_t wall_ms, uint64_t mono_ms, enum clock_jump *jump)
{
    uint64_t passed = mono_ms - clock->mono_ms;
    uint64_t own = clock->now_ms + passed;
    bool set_on = wall_ms > clock->wall_ms + passed + CLOCK_JUMP_MS;

    if (wall_ms > own + CLOCK_JUMP_MS) {
        *jump = far_ahead(clock, own, wall_ms, mono_ms, set_on);
    } else if (wall_ms + CLOCK_JUMP_MS < own) {
        *jump = far_behind(clock, own);
    } else {
        *jump = clock->away == CLOCK_STEADY ? CLOCK_STEADY : CLOCK_LEADS;
        clock->away = CLOCK_STEADY;
        follow(clock, own, wall_ms);
    }
    clock->wall_ms = wall_ms;
    clock->mono_ms = mono_ms;
    return clock->now_ms;
}
