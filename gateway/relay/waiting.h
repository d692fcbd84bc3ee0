/*
 * waiting.h: whether a contact waits for an answer (R-conv-7).
 */
#ifndef TANDEM_RELAY_WAITING_H
#define TANDEM_RELAY_WAITING_H

#include "gateway/relay/core.h"

struct conv;

/* Its contact wrote. */
void conv_asked(struct step *s, struct conv *conv);
/* Somebody of ours wrote; agent may be 0. */
void conv_answered(struct step *s, struct conv *conv, uint32_t agent);
void conv_waiting_due(struct step *s, struct slice payload);
/* The account has another waiting_after from now on. */
void waiting_after_moved(struct step *s, uint32_t account);
void waiting_moves_continue(struct step *s, struct slice payload);

#endif
