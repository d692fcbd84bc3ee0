/*
 * join.h: parts of a long text become one message (R-text-4).
 */
#ifndef TANDEM_RELAY_JOIN_H
#define TANDEM_RELAY_JOIN_H

#include "gateway/relay/core.h"

struct inbound;

/* False: the part was stored and the message is not whole yet. True: in->octets is the whole text,
 * or a part that is to be taken as a message of its own (U10). */
bool join_part(struct step *s, struct inbound *in, const struct concat *concat);
void join_expire(struct step *s, struct slice payload);

#endif
