/*
 * clock_test.c: the time of a turn under clocks that are set (faults.md rows 24 to 26).
 */
#include "gateway/clock.h"

#include "gateway/limits.h"
#include "tests/unit/check.h"

#define WALL 1700000000000u
#define HOUR 3600000u

static void
turn_time_follows_the_wall_clock(void)
{
    struct turn_clock clock;
    enum clock_jump jump;

    check(turn_clock_init(&clock, 0, WALL, 1000) == CLOCK_STEADY);
    check_number(turn_clock_now(&clock, WALL, 1000, &jump), WALL);
    check_number(turn_clock_now(&clock, WALL + 10, 1010, &jump), WALL + 10);
    check(jump == CLOCK_STEADY);
}

static void
row_24_a_jump_forward_is_told_once_and_believed_after_ten_minutes(void)
{
    uint64_t ahead = WALL + 8766 * HOUR;
    struct turn_clock clock;
    enum clock_jump jump;

    turn_clock_init(&clock, 0, WALL, 1000);
    check_number(turn_clock_now(&clock, ahead + 10, 1010, &jump), WALL + 10);
    check(jump == CLOCK_FORWARD);
    for (uint64_t ms = 5000; ms < CLOCK_PAUSE_MS; ms += 5000) {
        check_number(turn_clock_now(&clock, ahead + 10 + ms, 1010 + ms, &jump), WALL + 10 + ms);
        check(jump == CLOCK_STEADY);
    }
    check_number(turn_clock_now(&clock, ahead + 9 + CLOCK_PAUSE_MS, 1009 + CLOCK_PAUSE_MS, &jump),
                 WALL + 9 + CLOCK_PAUSE_MS);
    check_number(turn_clock_now(&clock, ahead + 10 + CLOCK_PAUSE_MS, 1010 + CLOCK_PAUSE_MS, &jump),
                 ahead + 10 + CLOCK_PAUSE_MS);
    check(jump == CLOCK_LEADS);
    check_number(turn_clock_now(&clock, ahead + 20 + CLOCK_PAUSE_MS, 1020 + CLOCK_PAUSE_MS, &jump),
                 ahead + 20 + CLOCK_PAUSE_MS);
    check(jump == CLOCK_STEADY);
}

static void
row_24_a_jump_that_is_taken_back_changes_nothing(void)
{
    struct turn_clock clock;
    enum clock_jump jump;

    turn_clock_init(&clock, 0, WALL, 1000);
    check_number(turn_clock_now(&clock, WALL + HOUR, 1010, &jump), WALL + 10);
    check(jump == CLOCK_FORWARD);
    check_number(turn_clock_now(&clock, WALL + 60000, 61000, &jump), WALL + 60000);
    check(jump == CLOCK_LEADS);
    /* The next one has ten minutes of its own. */
    check_number(turn_clock_now(&clock, WALL + HOUR, 62000, &jump), WALL + 61000);
    check(jump == CLOCK_FORWARD);
    check_number(turn_clock_now(&clock, WALL + HOUR + CLOCK_PAUSE_MS - 1, 61999 + CLOCK_PAUSE_MS,
                                &jump), WALL + 60999 + CLOCK_PAUSE_MS);
    check(jump == CLOCK_STEADY);
}

static void
row_24_a_second_jump_begins_the_pause_again(void)
{
    struct turn_clock clock;
    enum clock_jump jump;
    uint64_t half = CLOCK_PAUSE_MS / 2;

    turn_clock_init(&clock, 0, WALL, 0);
    turn_clock_now(&clock, WALL + HOUR, 0, &jump);
    check_number(turn_clock_now(&clock, WALL + 9 * HOUR, half, &jump), WALL + half);
    check(jump == CLOCK_FORWARD);
    check_number(turn_clock_now(&clock, WALL + 9 * HOUR + half, CLOCK_PAUSE_MS, &jump),
                 WALL + CLOCK_PAUSE_MS);
    check(jump == CLOCK_STEADY);
    /* From far ahead to far behind: no pause, and time does not go back. */
    check_number(turn_clock_now(&clock, WALL - 9 * HOUR, CLOCK_PAUSE_MS + 5, &jump),
                 WALL + CLOCK_PAUSE_MS + 5);
    check(jump == CLOCK_BACK);
}

static void
row_25_a_jump_back_never_takes_time_back(void)
{
    struct turn_clock clock;
    enum clock_jump jump;
    uint64_t now;

    turn_clock_init(&clock, 0, WALL, 1000);
    now = turn_clock_now(&clock, WALL + 10 - 24 * HOUR, 1010, &jump);
    check(jump == CLOCK_BACK);
    check_number(now, WALL + 10);
    /* It goes on by the monotonic clock, and says so once. */
    check_number(turn_clock_now(&clock, WALL + 510 - 24 * HOUR, 1510, &jump), WALL + 510);
    check(jump == CLOCK_STEADY);
    /* Once the wall clock is right again, it leads. */
    check_number(turn_clock_now(&clock, WALL + 2000, 2000, &jump), WALL + 2000);
    check(jump == CLOCK_LEADS);
}

static void
small_steps_back_hold_the_time_still(void)
{
    struct turn_clock clock;
    enum clock_jump jump;

    turn_clock_init(&clock, 0, WALL, 1000);
    turn_clock_now(&clock, WALL + 100, 1100, &jump);
    check_number(turn_clock_now(&clock, WALL + 50, 1150, &jump), WALL + 100);
    check_number(turn_clock_now(&clock, WALL + 99, 1199, &jump), WALL + 100);
    check_number(turn_clock_now(&clock, WALL + 120, 1220, &jump), WALL + 120);
    check(jump == CLOCK_STEADY);
}

static void
row_26_a_start_before_the_last_turn_is_told(void)
{
    struct turn_clock clock;
    enum clock_jump jump;

    check(turn_clock_init(&clock, WALL + HOUR, WALL, 0) == CLOCK_BACK);
    check_number(turn_clock_now(&clock, WALL + 10, 10, &jump), WALL + HOUR + 10);
    check(turn_clock_init(&clock, WALL + CLOCK_JUMP_MS, WALL, 0) == CLOCK_STEADY);
    check(turn_clock_init(&clock, WALL - HOUR, WALL, 0) == CLOCK_STEADY);
    check_number(turn_clock_now(&clock, WALL, 0, &jump), WALL);
}

/* Started with the clock of 1970 and put right after a while: the days that we were down are a jump
 * like any other. */
static void
row_26_a_clock_put_right_after_the_start_is_a_jump(void)
{
    struct turn_clock clock;
    enum clock_jump jump;

    check(turn_clock_init(&clock, WALL, 1000, 0) == CLOCK_BACK);
    check_number(turn_clock_now(&clock, 6000, 5000, &jump), WALL + 5000);
    check(jump == CLOCK_STEADY);
    check_number(turn_clock_now(&clock, WALL + 48 * HOUR, 10000, &jump), WALL + 10000);
    check(jump == CLOCK_FORWARD);
    check_number(turn_clock_now(&clock, WALL + 49 * HOUR, 10000 + CLOCK_PAUSE_MS, &jump),
                 WALL + 10000 + CLOCK_PAUSE_MS);
    check(jump == CLOCK_FORWARD); /* it went on by an hour in ten minutes: set again */
}

static void
the_limit_of_a_jump_is_exact(void)
{
    struct turn_clock clock;
    enum clock_jump jump;

    turn_clock_init(&clock, 0, WALL, 0);
    check_number(turn_clock_now(&clock, WALL + CLOCK_JUMP_MS, 0, &jump), WALL + CLOCK_JUMP_MS);
    check(jump == CLOCK_STEADY);
    check_number(turn_clock_now(&clock, WALL + 2 * CLOCK_JUMP_MS + 1, 0, &jump),
                 WALL + CLOCK_JUMP_MS);
    check(jump == CLOCK_FORWARD);
    turn_clock_now(&clock, WALL + 2 * CLOCK_JUMP_MS, 0, &jump);
    check(jump == CLOCK_LEADS);
    check_number(turn_clock_now(&clock, WALL + CLOCK_JUMP_MS, 0, &jump), WALL + 2 * CLOCK_JUMP_MS);
    check(jump == CLOCK_STEADY);
    turn_clock_now(&clock, WALL + CLOCK_JUMP_MS - 1, 0, &jump);
    check(jump == CLOCK_BACK);
}

static void
clocks_move(void)
{
    uint64_t mono = clock_mono_ms();

    check(clock_wall_ms() > WALL);
    check(clock_mono_ms() >= mono);
    check_text(slice_str(clock_jump_name(CLOCK_BACK)), "back");
}

CHECK_MAIN({"turn_time_follows_the_wall_clock", turn_time_follows_the_wall_clock},
           {"row_24_a_jump_forward_is_told_once_and_believed_after_ten_minutes",
            row_24_a_jump_forward_is_told_once_and_believed_after_ten_minutes},
           {"row_24_a_jump_that_is_taken_back_changes_nothing",
            row_24_a_jump_that_is_taken_back_changes_nothing},
           {"row_24_a_second_jump_begins_the_pause_again",
            row_24_a_second_jump_begins_the_pause_again},
           {"row_25_a_jump_back_never_takes_time_back", row_25_a_jump_back_never_takes_time_back},
           {"small_steps_back_hold_the_time_still", small_steps_back_hold_the_time_still},
           {"row_26_a_start_before_the_last_turn_is_told",
            row_26_a_start_before_the_last_turn_is_told},
           {"row_26_a_clock_put_right_after_the_start_is_a_jump",
            row_26_a_clock_put_right_after_the_start_is_a_jump},
           {"the_limit_of_a_jump_is_exact", the_limit_of_a_jump_is_exact},
           {"clocks_move", clocks_move})
