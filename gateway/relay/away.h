/*
 * away.h: conversations that wait at another carrier than their home.
 */
#ifndef TANDEM_RELAY_AWAY_H
#define TANDEM_RELAY_AWAY_H

#include "gateway/relay/core.h"

/* A message with `away` set waits in a queue, or does no more. */
void away_add(struct step *s, const struct rec_msg *msg);
void away_drop(struct step *s, const struct rec_msg *msg);
/* Its conversation, if it has a row, is at this carrier from now on. */
void away_point(struct step *s, const struct rec_msg *msg, uint32_t link);
/* Where its conversation waits; 0: it has no row. */
uint32_t away_link(struct step *s, const struct rec_msg *msg);
void away_load(struct step *s);

#endif
