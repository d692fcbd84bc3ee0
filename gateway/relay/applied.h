/*
 * applied.h: whether the records are what the directory's files say.
 */
#ifndef TANDEM_RELAY_APPLIED_H
#define TANDEM_RELAY_APPLIED_H

#include "gateway/relay/core.h"

bool applied_is(struct step *s, const struct conf *conf);
void applied_note(struct step *s, const struct conf *conf);
/* Others are about to be applied. */
void applied_clear(struct step *s);

#endif
