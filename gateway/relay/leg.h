/*
 * leg.h: a message on the wire, and how it ends.
 */
#ifndef TANDEM_RELAY_LEG_H
#define TANDEM_RELAY_LEG_H

#include "gateway/relay/core.h"

struct picked;

/* picked->msg is as outbound_fit() made it. */
void leg_start(struct step *s, struct bind *bind, struct picked *picked);
/* The leg whose parts are going out on this bind: sends more of them while there is room. */
void leg_continue(struct step *s, struct bind *bind);
void leg_result(struct step *s, const struct event *event);
void legs_of_bind_lost(struct step *s, struct bind *bind);
/* A long message whose next part will not go before the stop is in no doubt: it is queued again. */
void legs_stopping(struct step *s);
void legs_of_bind_stopping(struct step *s, struct bind *bind);
/* In flight at the last crash: what now? */
void legs_recover(struct step *s);
void legs_free(struct relay *relay);

#endif
