/*
 * number.h: business numbers (R-num).
 */
#ifndef TANDEM_RELAY_NUMBER_H
#define TANDEM_RELAY_NUMBER_H

#include "gateway/relay/core.h"

struct conv;
struct inbound;

/* An agent, a group, or nobody. */
struct owner {
    uint8_t kind; /* enum owner_kind */
    uint32_t id;
};

/* What holds for a business number now: its own settings, or its campaign's. */
struct number_settings {
    uint32_t campaign; /* the active one, 0: none */
    uint8_t response;  /* enum response_type */
    uint32_t app;      /* link of the bot */
    struct slice inboxes;
    struct owner assign;
    bool round_robin;
};

void number_put(struct step *s, const struct addr *addr, const struct rec_number *rec);
/* *number may be a newer one afterwards: its campaign may have begun or ended just now. */
void number_settings(struct step *s, const struct addr *addr, struct rec_number *number,
                     struct number_settings *out);
uint32_t inbox_count(struct slice inboxes);
struct owner inbox_of(struct slice inboxes, uint32_t n);
/* The app that gets a conversation's next message, 0: people do. */
uint32_t number_bot(struct step *s, const struct conv *conv,
                    const struct number_settings *settings);
/* Of a new conversation (R-conv-3, R-conv-4, R-num-2). */
struct owner number_owner(struct step *s, const struct addr *addr, struct rec_number *number,
                          const struct number_settings *settings);
void number_in(struct step *s, struct inbound *in);
/* A message of this conversation: true if the bot got it. What was the bot's and falls to people
 * gets its owner. */
bool conv_to_bot(struct step *s, struct conv *conv, struct inbound *in);

/* Does this app answer the conversation? */
bool number_answers(struct step *s, const struct conv *conv, struct rec_number *number,
                    uint32_t app);
struct number_uses { /* why a number cannot be deleted */
    struct rec_campaign campaign; /* running or to run; state 0: none */
    uint64_t conv;                /* an open conversation, 0 if only many closed ones were seen */
    bool conv_open;
    bool lease;
};
void number_uses(struct step *s, const struct addr *addr, const struct rec_number *number,
                 struct number_uses *out);

/* R-num-4: may this agent start texts and campaigns from it? */
bool number_may_start(struct step *s, const struct rec_number *number, uint32_t agent);

#endif
