/*
 * conv_state.h: owners, flags, waiting and the end of conversations. The caller puts the
 * conversation.
 */
#ifndef TANDEM_RELAY_CONV_STATE_H
#define TANDEM_RELAY_CONV_STATE_H

#include "gateway/relay/core.h"
#include "gateway/relay/number.h"

struct conv;

/* Its name in the directory; empty: nobody's. */
struct slice owner_id(struct step *s, uint32_t account, struct owner owner);
/* It is this owner's now, and people answer it. */
void conv_transfer(struct step *s, struct conv *conv, struct owner to, struct owner by);
void conv_claim(struct step *s, struct conv *conv, struct owner by);
void conv_note(struct step *s, struct conv *conv, struct owner by, struct slice text);
void conv_follow_up(struct step *s, struct conv *conv, bool on, struct owner by);
void conv_close(struct step *s, struct conv *conv, struct owner by);

#endif
