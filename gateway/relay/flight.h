/*
 * flight.h: the messages on the wire, as TABLE_INFLIGHT has them.
 */
#ifndef TANDEM_RELAY_FLIGHT_H
#define TANDEM_RELAY_FLIGHT_H

#include "gateway/relay/core.h"

/* leg->message leaves on leg->bind; it is settled, or will not go. */
void flight_join(struct step *s, struct leg *leg);
void flight_leave(struct step *s, struct leg *leg);
/* End of turn: writes the rows. */
void flights_end_turn(struct step *s);

/* The next message on the wire behind a place, by link; behind SLICE_NONE the first. */
struct flight_place {
    struct slice place; /* begins with the link; in scratch */
    uint64_t message;
};
bool flight_next(struct step *s, struct slice behind, struct flight_place *out);
void flights_free(struct relay *relay);

#endif
