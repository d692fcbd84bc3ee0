/*
 * match.h: whose message it is (R-match).
 */
#ifndef TANDEM_RELAY_MATCH_H
#define TANDEM_RELAY_MATCH_H

#include "gateway/relay/contact.h"
#include "gateway/relay/core.h"

struct conv;
struct inbound;

void match_sender(struct step *s, struct inbound *in);
/* Whose phone it is, 0: nobody's, or of several whom nobody spoke with. */
uint32_t match_phone(struct step *s, uint32_t account, const struct addr *phone);
/* The conversation becomes the contact's, or unassigned. */
void match_conv(struct step *s, const struct inbound *in, struct conv *conv, bool opened);
/* conv may be 0. Returns the admin who was told, 0: nobody. */
uint32_t unassigned_put(struct step *s, uint32_t account, const struct addr *phone, uint64_t conv);
enum contact_err unassigned_assign(struct step *s, uint32_t account, const struct addr *phone,
                                   uint32_t contact);

#endif
