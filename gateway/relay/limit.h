/*
 * limit.h: numbers and accounts at their limits (R-shape-3). What may not go waits at a `gate`, out
 * of the turns, and is not looked at until that opens.
 */
#ifndef TANDEM_RELAY_LIMIT_H
#define TANDEM_RELAY_LIMIT_H

#include "gateway/relay/hash.h"
#include "gateway/relay/tokens.h"
#include "protocol/addr.h"

struct claim;
struct conf_carrier;
struct flow;
struct relay;
struct step;

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

/* May it go now? If not, it has left for its gate. */
bool limit_allows_claim(struct step *s, struct claim *claim);
bool limit_allows_flow(struct step *s, struct flow *flow);
/* Does a message of so many segments fit into the account's day? If not, the account has left. */
bool limit_fits(struct step *s, struct claim *claim, uint32_t segments);
void limit_took(struct step *s, const struct claim *claim, const struct flow *flow,
                uint32_t segments);
void limit_alarm(struct step *s, struct gate *gate);
/* When a gate opens; now if it is open. */
uint64_t limit_open_ms(struct step *s, struct gate *gate);
/* Out of the list of its gate. */
void gate_drop_flow(struct flow *flow);
void gate_drop_claim(struct claim *claim);
/* Segments a second that the carrier takes from such a number; 0: no limit. */
uint32_t limit_of_carrier(const struct conf_carrier *carrier, const struct addr *number);
/* The flow goes. */
void limit_forget(struct relay *relay, struct flow *flow);
/* Settings of accounts, carriers or numbers may have changed. */
void limits_follow(struct step *s);
/* A number that commands change has this rate now. */
void limit_number_changed(struct step *s, const struct addr *number, uint32_t account,
                          uint32_t throughput);
/* End of turn: writes down what accounts have had of their days. */
void limits_flush(struct step *s);
void limits_free(struct relay *relay);

#endif
