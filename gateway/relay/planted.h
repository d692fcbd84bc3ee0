/*
 * planted.h: bugs that only the simulator's build (-DTANDEM_SIM) contains, to prove that it would
 * find them. In every other build PLANTED() is false and leaves nothing behind.
 *
 * tests/sim/ switches on one at a time and runs seeds until one fails.
 */
#ifndef TANDEM_RELAY_PLANTED_H
#define TANDEM_RELAY_PLANTED_H

#ifdef TANDEM_SIM

enum sim_mutant {
    MUTANT_NONE,
    MUTANT_ACK_BEFORE_COMMIT, /* in the simulator's own turn */
    MUTANT_FORGET_INFLIGHT,
    MUTANT_FORGET_RETRIES,
    MUTANT_EXPIRE_EARLY,
    MUTANT_WINDOW_TOO_WIDE,
    MUTANT_SEND_ANSWERED_AGAIN,
    MUTANT_UNMARKED_DUPLICATE,
    MUTANT_SEND_WHILE_STOPPING,
    MUTANT_DEDUPE_BY_CONTENT,
    MUTANT_NO_DEDUPE,
    MUTANT_DROP_EARLY_RECEIPT,
    MUTANT_STOP_CHECKED_AT_ENQUEUE,
    MUTANT_STOP_ON_BUSINESS_ONLY,
    MUTANT_CONFIRM_EVERY_STOP,
    MUTANT_RETRY_TO_TAIL,
    MUTANT_LANE_BACKWARDS,
    MUTANT_JOIN_BACKWARDS,
    MUTANT_ACCOUNT_LEAK,
    MUTANT_ANYONE_ANSWERS,
    MUTANT_AWAY_FORGOTTEN,
    MUTANT_MOVES_FORGOTTEN,
    MUTANT_RELOAD_NOT_MOVED,
    MUTANT_NUMBER_NOT_MOVED,
    SIM_MUTANTS,
    /* For the worlds of the shaper (tests/sim/shape.h). */
    MUTANT_BURSTS = SIM_MUTANTS,
    MUTANT_NO_WEIGHTS,
    MUTANT_BULK_FIRST,
    MUTANT_GATE_STAYS_SHUT,
    MUTANT_LINK_SLEEPS_ON,
    MUTANT_DAY_IS_FORGOTTEN,
    SHAPE_MUTANTS
};
extern int sim_mutant; /* enum sim_mutant */
#define PLANTED(bug) (sim_mutant == MUTANT_##bug)

#else

#define PLANTED(bug) false

#endif

#endif
