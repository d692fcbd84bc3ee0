/*
 * stretch.h: finding what waits for a phone.
 */
#ifndef TANDEM_RELAY_STRETCH_H
#define TANDEM_RELAY_STRETCH_H

#include "gateway/relay/core.h"

/* Before fresh messages of a flow get their rows. */
void stretches_put(struct step *s, struct flow *flow);

/* The cursor is behind flow->stretch: those without a row go. */
void stretches_passed(struct step *s, struct flow *flow);
struct search {
    const struct rec_msg *like; /* names the flow, and the phone */
    uint64_t place;             /* of the last row that was looked at, or passed over */
    uint64_t look_at;           /* rows up to here may be for the phone */
};

/* The next row that may be for the phone; *message is 0 if many others were passed over. False: no
 * more. */
bool search_next(struct step *s, struct search *search, uint64_t *message);

#endif
