/*
 * tell.h: receipts to apps.
 */
#ifndef TANDEM_RELAY_TELL_H
#define TANDEM_RELAY_TELL_H

#include "gateway/relay/core.h"

/* What a carrier is asked for (registered_delivery) when this app asked us for that. */
uint8_t tell_wanted(const struct link *app, uint8_t registered);
/* The message has ended: its app hears of it if it asked to. */
void tell_end(struct step *s, uint64_t message, struct rec_msg *msg, enum receipt_state state);
void tell_on_the_way(struct step *s, uint64_t message, const struct rec_msg *msg,
                     enum receipt_state state);
void tell_ack(struct step *s, uint64_t message, enum receipt_kind kind, const struct receipt *ack);
/* A receipt to an app has ended itself. */
void tell_ended(struct step *s, const struct rec_msg *receipt);

#endif
