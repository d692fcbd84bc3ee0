/*
 * mutant.h: bugs that are planted to prove that the simulator can fail.
 *
 * Only the simulator's build (-DTANDEM_SIM) contains them: the places are marked `#ifdef TANDEM_SIM` in the core, and
 * ACK_BEFORE_COMMIT is in the simulator's own turn. At most one is on at a time.
 */
#ifndef TANDEM_SIM_MUTANT_H
#define TANDEM_SIM_MUTANT_H

/* X(symbol, name of the result line: the rule it breaks, and how) */
#define SIM_MUTANTS(X)                                                                             \
    X(NONE, "none")                                                                                \
    X(ACK_BEFORE_COMMIT, "r_rel_1_mutant_ack_before_commit")                                       \
    X(FORGET_INFLIGHT, "r_rel_1_mutant_forget_inflight_at_recovery")                               \
    X(DROP_EXPIRED_EARLY, "r_rel_1_mutant_expire_at_half_the_validity")                            \
    X(LOSE_RETRY, "r_rel_1_mutant_forget_retries_at_recovery")                                     \
    X(SLOT_FREED_ON_RESPONSE, "r_rel_2_mutant_slot_freed_before_the_outcome_is_durable")           \
    X(DUP_SUBMIT, "r_rel_2_mutant_answered_message_sent_again")                                    \
    X(UNMARKED_DUPLICATE, "r_rel_2_mutant_possible_duplicate_unmarked")                            \
    X(SEND_AFTER_STOP, "r_rel_2_mutant_send_while_stopping")                                       \
    X(DEDUPE_BY_CONTENT, "r_rel_3_mutant_dedupe_by_content_alone")                                 \
    X(NO_DEDUPE, "r_rel_3_mutant_redelivery_relayed_twice")                                        \
    X(DROP_ORPHAN, "r_rel_4_mutant_early_receipt_dropped")                                         \
    X(STOP_CHECKED_AT_ENQUEUE, "r_stop_5_mutant_opt_out_checked_only_when_queued")                 \
    X(STOP_PER_NUMBER, "r_stop_1_mutant_opt_out_of_one_account_only_on_submit")                    \
    X(CONFIRM_TWICE, "r_stop_6_mutant_every_stop_confirmed")                                       \
    X(RETRY_TO_TAIL, "r_shape_6_mutant_retry_frees_its_lane")                                      \
    X(JOIN_AS_THEY_CAME, "r_text_4_mutant_parts_joined_as_they_came")                              \
    X(ACCOUNT_LEAK, "r_txt_7_mutant_reply_reaches_another_account")                                \
    X(SCOPE_IGNORED, "r_txt_8_mutant_anyone_may_answer")

enum sim_mutant {
#define SIM_ONE(symbol, name) MUTANT_##symbol,
    SIM_MUTANTS(SIM_ONE)
#undef SIM_ONE
    SIM_MUTANTS_COUNT
};

extern int sim_mutant;              /* enum sim_mutant */
const char *sim_mutant_name(int mutant);

#endif
