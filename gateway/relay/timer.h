/*
 * timer.h: rows with a due time: what must happen later survives a crash.
 */
#ifndef TANDEM_RELAY_TIMER_H
#define TANDEM_RELAY_TIMER_H

#include "gateway/relay/core.h"

enum timer_kind { TIMER_PART_SET = 1, TIMER_ORPHAN, TIMER_REFUSAL, TIMER_CAMPAIGN, TIMER_OPTOUT,
                  TIMER_AUTO, TIMER_ERASE, TIMER_BROADCAST, TIMER_WAITING, TIMER_CHOICE,
                  TIMER_WAITING_MOVES };
const char *timer_kind_name(enum timer_kind kind);
void timer_set(struct step *s, uint64_t due_ms, enum timer_kind kind, struct slice payload);
void timer_cancel(struct step *s, uint64_t due_ms, enum timer_kind kind, struct slice payload);
void timers_due(struct step *s);
void timers_load(struct relay *relay, struct store_txn *txn);

#endif
