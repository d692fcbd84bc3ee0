/*
 * move.h: flows whose messages may have to go elsewhere.
 */
#ifndef TANDEM_RELAY_MOVE_H
#define TANDEM_RELAY_MOVE_H

#include "gateway/relay/core.h"

struct roam_way;

/* A message has joined this flow, or left it: a restart must know. */
void roam_mark(struct step *s, struct flow *flow);
/* The flow of msg's number at this carrier, which is dead while others are up. */
void roam_empty(struct step *s, const struct rec_msg *msg, uint32_t link);
/* The end of another flow becomes its place. False: it cannot be said at that carrier, and stays
 * where it is. */
bool roam_move(struct step *s, uint64_t message, struct rec_msg *msg, const struct roam_way *way);
/* Its text in the alphabet of msg->link, cut as that one wants it. */
bool roam_recode(struct step *s, struct rec_msg *msg);
/* Looks whether carriers died or came back. */
void roam_watch(struct step *s);
/* Looks at some of the rows of flows that are moving. */
void roam_some(struct step *s);
/* Routes changed. */
void roam_doubt(struct step *s);
/* To be called before a number's record is put. */
void roam_number(struct step *s, const struct addr *number, const struct rec_number *before,
                 const struct rec_number *after);
/* Does it wait at another carrier than its number's? */
bool roam_strays(struct step *s, const struct rec_msg *msg);
void roam_load(struct step *s);

#endif
