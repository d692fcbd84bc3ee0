/*
 * refuse.h: a phone that its carrier takes nothing for (0x65).
 */
#ifndef TANDEM_RELAY_REFUSE_H
#define TANDEM_RELAY_REFUSE_H

#include "gateway/relay/core.h"

/* msg ended with a status that says so: ends all that waits for the same phone. */
void refuse_phone(struct step *s, const struct rec_msg *msg);
void refuse_continue(struct step *s, struct slice payload);

#endif
