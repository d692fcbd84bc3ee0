/*
 * broadcast.h: one text to a list (R-list).
 */
#ifndef TANDEM_RELAY_BROADCAST_H
#define TANDEM_RELAY_BROADCAST_H

#include "gateway/relay/core.h"

struct conv;
struct inbound;
struct owner;

struct broadcast {
    uint32_t account;
    uint32_t id;
    struct rec_broadcast rec;
};
bool broadcast_get(struct step *s, uint32_t account, uint32_t id, struct broadcast *out);

/* Why it cannot start now; NULL: it can. */
const char *broadcast_refusal(struct step *s, const struct broadcast *b);

/* It gets its number, and starts or waits for its time. */
void broadcast_add(struct step *s, struct broadcast *b);
enum broadcast_change { BROADCAST_PAUSE, BROADCAST_RESUME, BROADCAST_CANCEL };

/* False: it stands where that cannot be. */
bool broadcast_change(struct step *s, uint32_t account, uint32_t id,
                      enum broadcast_change change);
/* Does one that has not ended go to this list? */
bool broadcast_uses(struct step *s, uint32_t account, uint32_t list);
void broadcast_due(struct step *s, struct slice payload);
/* End of turn: makes messages of those that can take more; puts what changed. */
void broadcasts_feed(struct step *s);
void broadcasts_flush(struct step *s);
/* A message of one has ended, or moved on after its end. */
void broadcast_ended(struct step *s, const struct rec_msg *msg, uint8_t before);
/* A message that was held goes again. */
void broadcast_resumed(struct step *s, const struct rec_msg *msg);

/* A message of one is about to leave. ENDS: it must not; msg may belong to none afterwards. */
enum broadcast_verdict { BROADCAST_GOES, BROADCAST_ENDS };
enum broadcast_verdict broadcast_looks(struct step *s, struct rec_msg *msg);

/* The broadcast that a text answers, once; 0: none. *owner is who gets the answers. */
uint32_t broadcast_reply(struct step *s, const struct inbound *in, struct owner *owner);
void broadcast_memo(struct step *s, struct conv *conv, uint32_t broadcast);
/* What is remembered of the phone. */
void broadcasts_forget(struct step *s, uint32_t account, const struct addr *phone);
void broadcasts_load(struct step *s);
void broadcasts_free(struct relay *relay);

#endif
