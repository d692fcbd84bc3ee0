/*
 * session_slots.h: the requests of ours that have no response yet. Inside protocol/ only.
 */
#ifndef TANDEM_SESSION_SLOTS_H
#define TANDEM_SESSION_SLOTS_H

#include "protocol/session.h"

void slots_init(struct session *s);
/* NULL if no request of ours has this number. */
struct session_slot *slots_find(const struct session *s, uint32_t sequence_number);
/* There is room: the window is not full. The new slot is the newest of those waiting. */
struct session_slot *slots_add(struct session *s, uint32_t sequence_number);
void slots_remove(struct session *s, struct session_slot *slot);
/* From the waiting to the late. If too many are late already, the one late longest is forgotten. */
void slots_make_late(struct session *s, struct session_slot *slot);
/* NULL if there is none. */
struct session_slot *slots_oldest_waiting(const struct session *s);
struct session_slot *slots_oldest_late(const struct session *s);

#endif
