/*
 * shape.h: what goes now (R-shape). What may not go because no bind has room waits with its link,
 * which is not looked at either: a pick never meets what cannot go more than once for each time
 * that something changed.
 */
#ifndef TANDEM_RELAY_SHAPE_H
#define TANDEM_RELAY_SHAPE_H

#include "gateway/relay/core.h"

struct picked;

void shape_pick(struct step *s);
/* May this bind take one more PDU now, of a message that has begun? Takes the credit if so. */
bool shape_take(struct step *s, struct bind *bind);
/* Ends a message that must not go any more: expired, or its phone opted out. True if it ended. */
bool shape_ended(struct step *s, const struct picked *picked);
/* It has something to send, or has room again: the next pick looks at it. */
void link_list(struct relay *relay, struct link *link);

#endif
