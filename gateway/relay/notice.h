/*
 * notice.h: texts of ours to agents' phones.
 */
#ifndef TANDEM_RELAY_NOTICE_H
#define TANDEM_RELAY_NOTICE_H

#include "gateway/relay/core.h"

/* A text to an agent's phone from a number of ours that goes out by this carrier; nothing if it is
 * empty. */
void agent_text(struct step *s, uint32_t account, const struct rec_agent *agent,
                const struct addr *from, uint32_t carrier, struct slice text);

/* The same with what a contact said: the message is known by its conversation. */
struct agent_text {
    uint32_t account;
    const struct rec_agent *agent;
    struct addr from;
    uint32_t carrier;
    uint64_t conv;
    uint64_t after; /* a message that must leave before */
    struct slice text;
};

/* Returns the message's number, 0: it was empty. */
uint64_t agent_text_of(struct step *s, const struct agent_text *what);
/* An agent's phone wrote what is no use. False: it did so before, again and again, and is a machine
 * that answers our notices (G33). */
bool notice_answers(struct step *s, uint32_t account, uint32_t agent, struct slice words);
/* A text to the agent's phone from a number of ours, at most so many a minute
 * (relay.notices_per_minute). False: nothing went. */
bool notice_to_agent(struct step *s, uint32_t account, uint32_t agent, const struct addr *from,
                     struct slice text);

#endif
