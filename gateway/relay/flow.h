/*
 * flow.h: flows and lanes.
 */
#ifndef TANDEM_RELAY_FLOW_H
#define TANDEM_RELAY_FLOW_H

#include "gateway/relay/core.h"

struct waiting *waiting_new(uint64_t place, uint64_t message, struct rec_msg *fresh);
/* By place: a message that comes back stands where it stood. */
void waiting_insert(struct waiting_list *list, struct waiting *w);
void waiting_append(struct waiting_list *list, struct waiting *w);
struct waiting *waiting_pop(struct waiting_list *list);
/* By message; false if it is not there. */
bool waiting_remove(struct waiting_list *list, uint64_t message);
struct flow_key flow_key_of(const struct rec_msg *msg);
/* Of everything but the link. */
uint64_t flow_key_hash(const struct flow_key *key);
void flow_key_put(struct key *key, const struct flow_key *flow);
/* Takes it off the front of a row's key. */
bool flow_key_take(struct slice *key, struct flow_key *flow);
bool flow_key_same_number(const struct flow_key *a, const struct flow_key *b);
/* A message's place in its flow. */
uint64_t place_of(uint64_t message, const struct rec_msg *msg);
struct flow *flow_find(struct relay *relay, const struct flow_key *key);
/* Makes it if there is none. */
struct flow *flow_get(struct relay *relay, const struct flow_key *key);
void flow_ring(struct relay *relay, struct flow *flow);
void flow_unring(struct flow *flow);
/* Too many of its messages wait behind lanes. */
bool flow_blocked(const struct flow *flow);
/* Takes a flow out of its ring when nothing is left in it that may go, and frees it when nothing is
 * left at all. */
void flow_settle(struct relay *relay, struct flow *flow);
/* A message that has a row and whose lane is its own may go next. */
void flow_ready(struct relay *relay, struct flow *flow, uint64_t place, uint64_t message);
/* Of everything but the flow's link. */
uint64_t lane_hash(const struct flow_key *flow, const struct addr *phone);
struct lane *lane_of(struct relay *relay, const struct rec_msg *msg);
/* The lane, now held by this message; NULL if another one holds it, whose lane is then *taken. */
struct lane *lane_take(struct relay *relay, const struct rec_msg *msg, uint64_t message,
                       struct lane **taken);
/* Behind the others that wait for it. */
void lane_park(struct flow *flow, struct lane *lane, struct waiting *w);
/* The holder is done: the next parked message of the lane becomes ready. */
void lane_free(struct step *s, struct lane *lane);
/* A damaged record was set aside by the store, and with it the phone that would lead to its lane.
 * Looking through all of them is slow, but it must not block that phone for ever. */
void lane_orphaned(struct step *s, uint64_t message);
void flows_free(struct relay *relay);
/* The number of ours that a message belongs to: its source towards carriers, its destination
 * towards apps. */
const struct addr *msg_number(const struct rec_msg *msg);
/* Its other party; for receipts likewise. */
const struct addr *msg_phone(const struct rec_msg *msg);

#endif
