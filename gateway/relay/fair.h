/*
 * fair.h: weighted fair turns of accounts, plain turns of numbers (R-shape-2). Of each class of a
 * link (`fair`) the accounts that have something to send (`claim`) take weighted turns, and inside
 * an account its numbers (`flow`). ARCHITECTURE.md has the algorithm, its cost and its proofs.
 */
#ifndef TANDEM_RELAY_FAIR_H
#define TANDEM_RELAY_FAIR_H

#include "gateway/relay/hash.h"

struct flow;
struct flow_key;
struct gate;
struct link;
struct relay;

/* What is kept of a window, for chat or for an account, is kept for so long after the last of it:
 * a link without any chat, and without others, has its whole window for whoever has something to
 * send. */
#define PLACES_KEPT_MS 60000u

enum claim_state {
    CLAIM_IDLE,    /* it has nothing to send */
    CLAIM_EARLY,   /* it has had its share: by the order of start */
    CLAIM_READY,   /* it may go: by the order of finish */
    CLAIM_AT_GATE, /* its account is at a limit */
};
const char *claim_state_name(enum claim_state state);

/* Whether an account sent something lately: then a place is kept for what comes next of it. */
enum claim_rest {
    CLAIM_AWAKE, /* it has something to send, or sent nothing lately */
    CLAIM_RESTS, /* nothing to send, but it sent something lately */
    CLAIM_WAKES, /* it rested, has something to send, and may use places that are kept */
};
const char *claim_rest_name(enum claim_rest rest);

struct claim { /* an account in one class of a link; once made it stays */
    struct hash_node node; /* in relay->claims */
    struct fair *fair;
    struct link *link;
    uint8_t class;
    uint8_t state; /* enum claim_state */
    bool limits_known;
    uint32_t account;
    uint32_t weight;
    uint32_t place;     /* in its heap */
    uint64_t start;     /* virtual time at which its next segment may begin, */
    uint64_t finish;    /* and at which one segment would end */
    uint64_t sent_ms;   /* when it last sent something; 0: not yet */
    uint8_t rest;       /* enum claim_rest */
    struct claim *rest_next, *rest_prev; /* in fair->resting or fair->waking */
    uint64_t served;    /* which turn it had last: ties go to who waits longest */
    struct flow *ring;  /* its flows that may go, the next one first */
    struct gate *gate;  /* of its account; NULL: no limit */
    struct claim *gate_next, *gate_prev;
};

/* One segment of a claim of weight 1, in virtual time. */
#define FAIR_SEGMENT (1ull << 24)

struct claim_list {
    struct claim *first, *last;
};

struct fair { /* one class of a link */
    struct claim **early, **ready;
    uint32_t early_count, ready_count, cap;
    uint64_t now;     /* virtual time: goes on by what is sent over the weights of all that wait */
    uint64_t latest;  /* the last start of any claim */
    uint64_t weights; /* of those in the heaps */
    uint64_t turns;
    uint32_t flows;   /* with something to send, at gates as well */
    struct claim_list resting, waking; /* the first that came is first */
};
static inline bool
fair_has(const struct fair *fair)
{
    return fair->early_count + fair->ready_count > 0;
}

/* Whose turn it is; NULL if nobody waits. */
struct claim *fair_next(struct fair *fair);
/* One of the flows that wait for a bind, NULL if none does. */
struct flow *fair_some_flow(const struct fair *fair);
/* Until when one of its accounts rests for certain, 0 if none does. */
uint64_t fair_rests_ms(struct fair *fair, uint64_t now_ms);
/* It has sent so much. */
void fair_charge(struct claim *claim, uint32_t segments, uint64_t now_ms);
void claim_enter(struct claim *claim);
void claim_leave(struct claim *claim, enum claim_state state);
void claim_set_weight(struct claim *claim, uint32_t weight);
void fair_free(struct fair *fair);
/* Into the ring, behind the others; out of it. */
void claim_add(struct claim *claim, struct flow *flow);
void claim_drop(struct claim *claim, struct flow *flow);
struct claim *claim_get(struct relay *relay, struct link *link, const struct flow_key *key);
void claims_free(struct relay *relay);

#endif
