/*
 * personal.h: fields of a broadcast's text (R-list-4).
 */
#ifndef TANDEM_RELAY_PERSONAL_H
#define TANDEM_RELAY_PERSONAL_H

#include "gateway/relay/core.h"

/* False, and where it begins: something in {{ }} is no field. */
bool personal_check(struct slice text, struct slice *bad);
struct slice personal_fill(struct step *s, struct slice text, const struct rec_contact *contact);
/* As long as it can get. */
struct slice personal_longest(struct step *s, struct slice text);

#endif
