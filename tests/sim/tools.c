/*
 * tools.c: what the simulator's files share: its random numbers, its memory, its trace, and how a
 * run fails.
 */
#include "tests/sim/sim.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_BYTES (256u * 1024u)

struct arena_chunk {
    struct arena_chunk *next;
    size_t used;
    _Alignas(16) uint8_t bytes[CHUNK_BYTES];
};

int sim_mutant = MUTANT_NONE;

const char *
sim_mutant_name(int mutant)
{
    static const char *const names[SIM_MUTANTS] = {
        [MUTANT_NONE] = "none",
        [MUTANT_ACK_BEFORE_COMMIT] = "r_rel_1_mutant_ack_before_commit",
        [MUTANT_FORGET_INFLIGHT] = "r_rel_1_mutant_forget_what_was_on_the_wire",
        [MUTANT_FORGET_RETRIES] = "r_rel_1_mutant_forget_retries",
        [MUTANT_EXPIRE_EARLY] = "r_rel_1_mutant_expire_early",
        [MUTANT_WINDOW_TOO_WIDE] = "r_rel_2_mutant_window_too_wide",
        [MUTANT_SEND_ANSWERED_AGAIN] = "r_rel_2_mutant_send_answered_again",
        [MUTANT_UNMARKED_DUPLICATE] = "r_rel_2_mutant_unmarked_duplicate",
        [MUTANT_SEND_WHILE_STOPPING] = "r_rel_2_mutant_send_while_stopping",
        [MUTANT_DEDUPE_BY_CONTENT] = "r_rel_3_mutant_dedupe_by_content_alone",
        [MUTANT_NO_DEDUPE] = "r_rel_3_mutant_redelivery_relayed_twice",
        [MUTANT_DROP_EARLY_RECEIPT] = "r_rel_4_mutant_early_receipt_dropped",
        [MUTANT_STOP_CHECKED_AT_ENQUEUE] = "r_stop_5_mutant_opt_out_checked_when_queued",
        [MUTANT_STOP_ON_BUSINESS_ONLY] = "r_stop_1_mutant_opt_out_on_business_numbers_only",
        [MUTANT_CONFIRM_EVERY_STOP] = "r_stop_6_mutant_every_stop_confirmed",
        [MUTANT_RETRY_TO_TAIL] = "r_shape_6_mutant_retry_to_the_tail",
        [MUTANT_LANE_BACKWARDS] = "r_shape_6_mutant_waiting_messages_backwards",
        [MUTANT_JOIN_BACKWARDS] = "r_text_4_mutant_parts_joined_backwards",
        [MUTANT_ACCOUNT_LEAK] = "r_txt_7_mutant_reply_into_another_account",
        [MUTANT_ANYONE_ANSWERS] = "r_txt_8_mutant_anyone_answers",
        [MUTANT_AWAY_FORGOTTEN] = "r_shape_6_mutant_away_forgotten",
        [MUTANT_RELOAD_NOT_MOVED] = "r_shape_6_mutant_reload_not_moved",
        [MUTANT_NUMBER_NOT_MOVED] = "r_shape_6_mutant_number_not_moved",
        [MUTANT_LATE_TEXT_DELIVERED] = "r_proxy_7_mutant_former_contact_gets_a_late_text",
        [MUTANT_PARTS_ACROSS_LEASES] = "r_proxy_7_mutant_parts_reach_the_next_contact",
        [MUTANT_ANYONES_LEASE] = "r_proxy_13_mutant_another_agents_lease_is_used",
        [MUTANT_STANDS_FOR_TWO] = "r_proxy_1_mutant_a_number_stands_for_two",
        [MUTANT_RECYCLE_BY_START] = "r_proxy_5_mutant_oldest_start_is_recycled",
        [MUTANT_RECYCLE_UNTOLD] = "r_proxy_6_mutant_recycled_without_a_word",
        [MUTANT_NEW_PAIR_FIRST] = "r_proxy_6_mutant_new_pair_before_the_notice",
        [MUTANT_SAME_NUMBER_AGAIN] = "r_proxy_8_mutant_same_number_again",
        [MUTANT_REST_FOR_EVER] = "r_proxy_15_mutant_recycles_though_one_rests",
        [MUTANT_INTRODUCED_AFTERWARDS] = "r_proxy_3_mutant_introduced_after_the_message",
        [MUTANT_NOTICES_UNLIMITED] = "r_txt_7_mutant_notices_without_limit",
        [MUTANT_STOP_FORGETS_RETRIES] = "r_stop_5_mutant_retries_follow_a_stop",
        [MUTANT_STOP_FORGETS_PARTS] = "r_stop_5_mutant_parts_follow_a_stop",
        [MUTANT_STOP_FORGETS_SCHEDULED] = "r_stop_5_mutant_scheduled_follow_a_stop",
        [MUTANT_STOP_FORGETS_APPS] = "r_stop_5_mutant_app_is_not_refused",
        [MUTANT_STOP_BY_HAND_LOST] = "r_stop_7_mutant_opt_out_by_hand_is_lost",
        [MUTANT_SCHEDULE_EARLY] = "t4_mutant_scheduled_leave_early",
        [MUTANT_AUTO_UNLIMITED] = "r_auto_3_mutant_replies_without_limit",
        [MUTANT_AUTO_TWICE] = "r_auto_1_mutant_once_is_forgotten",
        [MUTANT_AUTO_OPT_OUT_LOST] = "r_auto_2_mutant_opt_out_box_does_nothing",
        [MUTANT_AUTO_GLOBAL_FIRST] = "r_auto_1_mutant_global_beside_own",
        [MUTANT_BOT_GOES_ON] = "r_num_3_mutant_campaign_overrides_nothing",
        [MUTANT_CAST_BEGINS_ANEW] = "r_list_6_mutant_restart_begins_anew",
        [MUTANT_CAST_SKIPS_ONE] = "r_list_6_mutant_one_is_skipped",
        [MUTANT_CAST_FORGETS_PAUSED] = "r_list_3_mutant_paused_ones_are_forgotten",
        [MUTANT_CAST_GOES_ON] = "r_list_3_mutant_goes_on_though_paused",
        [MUTANT_CAST_TO_EVERYBODY] = "r_stop_5_mutant_broadcast_to_opted_out",
        [MUTANT_CLOSED_GOES_ON] = "r_conv_1_mutant_closed_one_is_joined",
        [MUTANT_CLOSED_IS_ANSWERED] = "r_txt_7_mutant_closed_one_is_answered",
        [MUTANT_TRANSFER_BY_NAME_ONLY] = "r_conv_5_mutant_transfer_changes_no_owner",
        [MUTANT_FLAG_STAYS] = "r_conv_8_mutant_a_flag_stays_in_its_view",
        [MUTANT_VIEW_KEEPS_ROWS] = "r_conv_8_mutant_views_keep_what_has_gone",
    };

    return mutant >= 0 && mutant < SIM_MUTANTS ? names[mutant] : "?";
}

const char *
status_name(uint32_t status)
{
    const char *name = smpp_status_name(status);

    return name ? name : "a status without a name";
}

bool
begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* SplitMix64: one word of state, and good enough to choose faults with. */
uint64_t
rnd64(struct world *w)
{
    uint64_t z = w->rng += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint32_t
rnd(struct world *w, uint32_t n)
{
    assert(n > 0);
    return (uint32_t)((rnd64(w) >> 32) * n >> 32);
}

bool
chance(struct world *w, uint32_t ten_thousandths)
{
    return rnd(w, 10000) < ten_thousandths;
}

uint32_t
between(struct world *w, uint32_t low, uint32_t high)
{
    return low + rnd(w, high - low + 1);
}

void *
sim_alloc(struct world *w, size_t bytes)
{
    struct arena_chunk *chunk = w->arena;
    void *p;

    bytes = (bytes + 15) & ~(size_t)15;
    assert(bytes <= CHUNK_BYTES);
    if (!chunk || chunk->used + bytes > CHUNK_BYTES) {
        chunk = malloc(sizeof(*chunk));
        if (!chunk)
            abort();
        chunk->next = w->arena;
        chunk->used = 0;
        w->arena = chunk;
    }
    p = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return p;
}

const char *
sim_copy(struct world *w, const void *text, size_t n)
{
    char *p = sim_alloc(w, n + 1);

    if (n > 0)
        memcpy(p, text, n);
    p[n] = '\0';
    return p;
}

void
sim_release(struct world *w)
{
    while (w->arena) {
        struct arena_chunk *chunk = w->arena;

        w->arena = chunk->next;
        free(chunk);
    }
}

void *
sim_grow(void *p, uint32_t count, uint32_t *cap, size_t element)
{
    if (count < *cap)
        return p;
    *cap = *cap ? *cap * 2 : 64;
    p = realloc(p, *cap * element);
    if (!p)
        abort();
    return p;
}

uint64_t
sim_hash(uint64_t seed, const void *p, size_t n)
{
    const uint8_t *octets = p;
    uint64_t h = seed ^ 0x51ed270b7f4a7c15u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ octets[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

void
trace(struct world *w, const char *format, ...)
{
    char *line = w->trace[w->trace_next++ % TRACE_LINES];
    va_list args;
    int n;

    n = snprintf(line, TRACE_BYTES, "%7llu.%03llu ",
                 (unsigned long long)(w->now_ms / 1000 % 10000000),
                 (unsigned long long)(w->now_ms % 1000));
    va_start(args, format);
    vsnprintf(line + n, TRACE_BYTES - (size_t)n, format, args);
    va_end(args);
    if (w->verbose)
        puts(line);
}

void
sim_print_trace(const struct world *w)
{
    uint32_t first = w->trace_next > TRACE_LINES ? w->trace_next - TRACE_LINES : 0;

    if (w->verbose)
        return;
    for (uint32_t i = first; i < w->trace_next; i++)
        printf("    %s\n", w->trace[i % TRACE_LINES]);
}

void
sim_fail(struct world *w, const char *invariant, const char *format, ...)
{
    va_list args;

    w->broken = invariant;
    if (sim_mutant == MUTANT_NONE || w->verbose) {
        printf("seed %llu: %s: ", (unsigned long long)w->seed, invariant);
        va_start(args, format);
        vprintf(format, args);
        va_end(args);
        printf(" (event %u, turn %u, crash %u)\n", w->events, w->turns, w->crashes);
        sim_print_trace(w);
    }
    fflush(stdout);
    longjmp(w->failed, 1);
}
