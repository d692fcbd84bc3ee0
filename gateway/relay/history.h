/*
 * history.h: letting go of what was said (R-conv-9).
 */
#ifndef TANDEM_RELAY_HISTORY_H
#define TANDEM_RELAY_HISTORY_H

#include "gateway/relay/core.h"

struct conv;

/* Takes a conversation away with all that was said in it, so many entries of it; true: it is gone.
 */
bool history_drop(struct step *s, struct conv *conv, uint32_t *budget);
/* When the next pass begins; the configuration is new. */
void retention_plan(struct relay *relay, uint64_t now_ms);
void retention_some(struct step *s);
bool erasure_get(struct step *s, uint32_t account, uint64_t erasure, struct rec_erasure *out);
void erasure_put(struct step *s, uint32_t account, uint64_t erasure,
                 const struct rec_erasure *rec);
uint64_t erasure_new(struct step *s, uint32_t account, const struct rec_erasure *rec);

#endif
