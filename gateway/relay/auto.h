/*
 * auto.h: automatic replies (R-auto).
 */
#ifndef TANDEM_RELAY_AUTO_H
#define TANDEM_RELAY_AUTO_H

#include "gateway/relay/core.h"

struct conv;
struct inbound;

/* To a contact's message, whose entry the history has; may change the conversation's owner. The
 * caller puts the conversation. */
void auto_reply(struct step *s, const struct inbound *in, struct conv *conv, bool opened);
/* It is closed: what was to happen once in it may happen again in the next. */
void auto_conv_closed(struct step *s, uint32_t account, uint64_t conv);
/* Is the rule on? By whom that was changed, if rec is wanted; all zero if nobody did. */
bool auto_is_on(struct step *s, uint32_t account, const struct dir_auto *rule,
                struct rec_auto *rec);
void auto_set(struct step *s, uint32_t account, const struct dir_auto *rule,
              const struct rec_auto *rec);
/* What it remembers of a phone. */
void auto_forget(struct step *s, uint32_t account, const struct addr *phone);
void auto_expire(struct step *s, struct slice payload);
void auto_free(struct relay *relay);

#endif
