/*
 * txt.h: TXT Relay (R-txt).
 */
#ifndef TANDEM_RELAY_TXT_H
#define TANDEM_RELAY_TXT_H

#include "gateway/relay/core.h"

struct conv;
struct inbound;

/* A notice to the agent who owns the conversation and has relay switched on: {id}, {from}. */
void txt_tell_owner(struct step *s, const struct conv *conv, enum conf_message message);
void txt_forward(struct step *s, struct conv *conv, const struct inbound *in);
void txt_reply(struct step *s, const struct inbound *in);
/* An address as people read it: with a plus if it has a country code. */
struct slice addr_text(struct step *s, const struct addr *addr);
/* Behind blanks, and behind invisible marks (G13) if wanted. */
struct slice skip_blanks(struct slice text, bool and_invisible);

#endif
