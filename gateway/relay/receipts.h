/*
 * receipts.h: receipts from carriers.
 */
#ifndef TANDEM_RELAY_RECEIPTS_H
#define TANDEM_RELAY_RECEIPTS_H

#include "gateway/relay/core.h"

/* Not a message from a phone: a receipt, a notification, an acknowledgement (R1). */
bool receipt_is(const struct bind *bind, const struct pdu *pdu);
void receipt_in(struct step *s, struct bind *bind, const struct pdu *pdu);
/* A part was accepted under this ID: remembers it, joins a receipt that came before (R-rel-4). */
void receipt_expect(struct step *s, struct link *link, uint64_t message, struct rec_msg *msg,
                    struct slice carrier_id);
void receipt_orphan_expire(struct step *s, struct slice payload);
/* done_ms: what msg had before it was sent. */
void receipt_join(struct step *s, uint64_t message, struct rec_msg *msg, uint64_t done_ms);
void receipt_forget(struct step *s, uint64_t message, const struct rec_msg *msg);
/* The network_error_code's type of a number that a carrier wrote into the text: "MC specific". */
#define NETWORK_OF_CARRIER 8u

#endif
