/*
 * rate.h: how fast a bind may send.
 */
#ifndef TANDEM_RELAY_RATE_H
#define TANDEM_RELAY_RATE_H

#include "gateway/relay/core.h"

/* When one more PDU may go, and leave room for so many behind it: now, or later. rate_took() says
 * that it does. */
uint64_t rate_next_ms(struct step *s, struct bind *bind, uint32_t leave);
void rate_took(struct step *s, struct bind *bind);
/* What answers say of the peer: it is too much for it, it was not, how full it is (5.0). */
void rate_throttled(struct step *s, struct bind *bind);
/* Its queue is full (0x14): a longer pause, at a carrier for all of its binds. */
void rate_full(struct step *s, struct bind *bind);
void rate_success(struct step *s, struct bind *bind);
void rate_congestion(struct step *s, struct bind *bind, struct slice tlvs);

#endif
