/*
 * shape.h: what the shaper is made of (R-shape): pacing, turns, gates, and the times at which it
 * goes on. Only core.h includes it; ARCHITECTURE.md has the algorithm, its cost and its proofs.
 *
 * Of each class of a link (`fair`) the accounts that have something to send (`claim`) take weighted
 * turns, and inside an account its numbers (`flow`). What may not go because its number or its
 * account is at a limit waits at a `gate` and is not looked at until that opens; what may not go
 * because no bind has room waits with its link, which is not looked at either. So a pick never
 * meets what cannot go more than once for each time that something changed.
 */
#ifndef TANDEM_RELAY_SHAPE_H
#define TANDEM_RELAY_SHAPE_H

#include "gateway/relay/hash.h"

struct flow;
struct link;

/* What is kept of a window, for chat or for an account, is kept for so long after the last of it:
 * a link without any chat, and without others, has its whole window for whoever has something to
 * send. */
#define PLACES_KEPT_MS 60000u

/* ---- tokens.c: a rate, and the times at which something must be done */

/* Segments a second, in every window of a second and evenly inside of it. It refills with 98
 * hundredths of the rate and holds one segment and 20 ms of the rate: a turn may be so late and
 * nothing is lost, and no second ever sees more than the rate. Below 20 a second it refills with
 * the rate and holds one segment. */
struct tokens {
    uint32_t rate; /* 0: no limit */
    int64_t credit;
    uint64_t at_ms; /* of credit */
};
/* Empty at this time: what was sent before it is not known. */
void tokens_init(struct tokens *tokens, uint32_t rate, uint64_t at_ms);
/* What has been saved stays. */
void tokens_set_rate(struct tokens *tokens, uint32_t rate, uint64_t now_ms);
/* When the next segment may go: now, or later. */
uint64_t tokens_next_ms(struct tokens *tokens, uint64_t now_ms);
/* More than there is: it is paid for before the next one goes. */
void tokens_take(struct tokens *tokens, uint32_t segments);
/* The same, when so many segments must be left behind it: if it can save up that much and a
 * segment more, so that a turn may be late all the same. */
uint64_t tokens_next_leaving_ms(struct tokens *tokens, uint32_t leave, uint64_t now_ms);
/* When it has forgotten what was taken. */
uint64_t tokens_full_ms(const struct tokens *tokens);

/* What went in this second and in the one before. */
struct meter {
    uint64_t second_ms;
    uint32_t sent, before;
};
void meter_add(struct meter *meter, uint32_t segments, uint64_t now_ms);
/* A second: the more of the two. */
uint32_t meter_pace(const struct meter *meter, uint64_t now_ms);

/* The most that a number was in this minute and in the one before. */
#define PEAK_MS 60000u
struct peak {
    uint64_t since_ms;
    uint32_t most, before;
};
void peak_see(struct peak *peak, uint32_t number, uint64_t now_ms);
/* It falls at until_ms, if nothing more is seen. */
uint32_t peak_of(const struct peak *peak, uint64_t now_ms, uint64_t *until_ms);

enum alarm_kind { ALARM_GATE, ALARM_LINK };
struct alarm {
    uint64_t at_ms;
    uint32_t place; /* in the heap, from 1; 0: it is not set */
    uint8_t kind;   /* enum alarm_kind */
};
struct alarms {
    struct alarm **heap;
    uint32_t count, cap;
};
void alarm_set(struct alarms *alarms, struct alarm *alarm, uint64_t at_ms);
void alarm_clear(struct alarms *alarms, struct alarm *alarm);
/* The first that is due, which is then not set any more; NULL if there is none. */
struct alarm *alarm_due(struct alarms *alarms, uint64_t now_ms);
/* UINT64_MAX: none is set. */
uint64_t alarms_next_ms(const struct alarms *alarms);

/* ---- fair.c: weighted fair turns of accounts, plain turns of numbers */

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

/* ---- limit.c: numbers and accounts at their limits (R-shape-3) */

enum gate_kind { GATE_NUMBER, GATE_ACCOUNT };
const char *gate_kind_name(enum gate_kind kind);

struct gate {
    struct hash_node node; /* in relay->gates */
    struct alarm alarm;    /* when it opens, or can be forgotten */
    uint8_t kind;          /* enum gate_kind */
    uint32_t account;
    uint32_t link;         /* NUMBER: 0 if the limit holds at all carriers */
    struct addr number;
    struct tokens tokens;
    struct meter meter;
    struct flow *flows;    /* NUMBER: those that wait */
    struct claim *claims;  /* ACCOUNT: likewise */
    uint32_t uses;         /* flows and claims that have it */
    uint32_t cap;          /* ACCOUNT: segments a day, 0: no limit */
    uint32_t spent;        /* of it, */
    uint64_t day_ms;       /* until the day ends */
    uint64_t shut_ms;      /* the next message does not fit into the day */
    bool dirty;            /* in relay->spenders: spent has changed in this turn */
    struct gate *dirty_next;
};

#endif
