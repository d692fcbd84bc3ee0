/*
 * schedule.h: messages that are not due yet.
 */
#ifndef TANDEM_RELAY_SCHEDULE_H
#define TANDEM_RELAY_SCHEDULE_H

#include "gateway/relay/core.h"

/* schedule_delivery_time: *due_ms is 0 if it names none, or one that is past. */
enum smpp_status schedule_parse(struct step *s, struct slice text, uint64_t *due_ms);
/* The end of a message's life as its sender wrote it; due_ms 0 is now. What is further off than
 * anybody waits is brought nearer (T5): the message would stay in the store for so long. */
#define VALIDITY_MS_MAX (30ull * 24 * 3600 * 1000)
enum smpp_status validity_parse(struct step *s, struct slice text, uint64_t due_ms,
                                uint64_t *expires_ms);
/* Waits until msg->due_ms. */
void schedule_put(struct step *s, uint64_t message, struct rec_msg *msg);
/* Before its due time or its validity changes, and when it ends; the record is the caller's. */
void schedule_remove(struct step *s, uint64_t message, const struct rec_msg *msg);
/* It goes now: to the end of its flow. */
void schedule_leave(struct step *s, uint64_t message, struct rec_msg *msg);
/* The next one behind *message with the account, source and destination of this one. */
bool schedule_after(struct step *s, const struct rec_msg *like, uint64_t *message);
void schedule_due(struct step *s);
void schedule_load(struct relay *relay, struct store_txn *txn);

#endif
