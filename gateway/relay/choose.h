/*
 * choose.h: which of a contact's numbers a text goes to (R-multi).
 */
#ifndef TANDEM_RELAY_CHOOSE_H
#define TANDEM_RELAY_CHOOSE_H

#include "gateway/relay/contact.h"
#include "gateway/relay/core.h"

struct conv;

/* *out are the numbers to choose from, or the one. */
enum contact_target conv_target(struct step *s, const struct conv *conv,
                                struct contact_choices *out);

/* Asks the agent, for the text that is the last entry of this conversation. */
void choice_ask(struct step *s, const struct conv *conv, uint32_t agent, const struct addr *from,
                const struct contact_choices *choices);
struct choice {
    uint64_t conv;
    uint32_t entry; /* whose text is meant */
    struct addr to;
};

/* Is this text the answer? */
bool choice_made(struct step *s, uint32_t account, uint32_t agent, struct slice text,
                 struct choice *out);
void choice_expire(struct step *s, struct slice payload);

#endif
