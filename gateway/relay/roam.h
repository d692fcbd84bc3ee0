/*
 * roam.h: which of the carriers that may take a message does. The invariants are at the top of
 * roam.c.
 */
#ifndef TANDEM_RELAY_ROAM_H
#define TANDEM_RELAY_ROAM_H

#include "gateway/relay/core.h"

/* For every message to a phone, before it is composed: sets msg->link, and what it must be known by
 * (op, class, account, origin, source, dest) is set. home: the number's own carrier. False: there
 * is no route, which has been said and counted; msg->link is 0 then. */
bool roam_route(struct step *s, struct rec_msg *msg, uint32_t home);
/* The same for one that was composed and has waited outside of the queue. */
void roam_again(struct step *s, struct rec_msg *msg);
/* A message that is in no row and would come back into its flow: true if that is at a dead carrier,
 * and it went elsewhere. */
bool roam_retry(struct step *s, uint64_t message, struct rec_msg *msg);

/* The same for one that has no lane any more; true if its conversation is elsewhere, and it went
 * to its end. */
bool roam_resume(struct step *s, uint64_t message, struct rec_msg *msg);
bool roam_is_up(struct relay *relay, uint32_t link);
struct roam_way {
    uint32_t from; /* the carrier where it waits; 0: it is new */
    bool own;      /* it did when its flow began to move, or that is not moving */
    bool no_bring; /* what has its conversation's lane stays where it is */
    bool joins;    /* it is on its way through flows that are moving */
    uint32_t home;
    uint32_t best; /* of its carriers */
    bool up;       /* that is up */
    uint32_t link; /* where it is to wait; 0: it has no route */
};

/* from, own and no_bring are the caller's. */
void roam_find(struct step *s, const struct rec_msg *msg, struct roam_way *way);
/* The flow of its number that began to move first after the one with this order, NULL if none. */
struct flow *roam_moving(struct relay *relay, const struct rec_msg *msg, uint64_t after);

#endif
