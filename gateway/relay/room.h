/*
 * room.h: whether a bind has room, and what it keeps of its window and rate for whom (R-shape-2,
 * R-shape-4).
 */
#ifndef TANDEM_RELAY_ROOM_H
#define TANDEM_RELAY_ROOM_H

#include "gateway/relay/core.h"

/* Places of a window that a class leaves free, and until when if nothing else happens. */
enum kept_for { KEPT_FOR_CHAT, KEPT_FOR_ACCOUNTS };
struct kept {
    uint32_t places;
    uint64_t until_ms;
    uint8_t what; /* enum kept_for */
};

/* waking: for an account that sent lately and had nothing to send until now. */
struct kept room_kept(const struct step *s, const struct bind *bind, enum msg_class class,
                      bool waking);
/* When a bind has room for a message of this class: now, later, or when it has had an answer
 * (UINT64_MAX). */
uint64_t room_ms(struct step *s, struct bind *bind, enum msg_class class, bool waking);
/* For one more PDU of a message that has begun: what is kept is not kept from it. */
uint64_t room_of_part_ms(struct step *s, struct bind *bind);

#endif
