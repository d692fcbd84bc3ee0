/*
 * outbound.h: what a message looks like on a link's wire.
 */
#ifndef TANDEM_RELAY_OUTBOUND_H
#define TANDEM_RELAY_OUTBOUND_H

#include "gateway/relay/core.h"

/* Makes msg->parts and msg->form as the link that it goes to wants long texts. Returns how many
 * parts a phone gets, which is more than the PDUs where one carries the whole text. 0: more than
 * 255; it is one PDU then, whatever the link wants. */
uint32_t outbound_cut(const struct step *s, struct rec_msg *msg);
/* The same again when it is about to go out on this bind, which may take less (no TLVs), or be
 * another link's, or the configuration has changed. Once a part is accepted nothing changes. */
void outbound_fit(struct step *s, const struct bind *bind, struct rec_msg *msg);
/* Hands the part that token names to the bind; false if no PDU can hold it. */
bool outbound_send(struct step *s, struct bind *bind, struct session_token token,
                   const struct rec_msg *msg);
/* What is left of it, as carriers count: the parts that a phone gets. */
uint32_t outbound_segments(const struct link *link, const struct rec_msg *msg);

#endif
