/*
 * proxy.h: an agent's public number, and contact numbers on the agent's phone (R-proxy).
 */
#ifndef TANDEM_RELAY_PROXY_H
#define TANDEM_RELAY_PROXY_H

#include "gateway/relay/core.h"

struct conv;
struct inbound;
struct lease;

void proxy_user_in(struct step *s, struct inbound *in);
void proxy_contact_in(struct step *s, struct inbound *in);
/* Is this a message of an agent to the own user number, or to a contact number? Such a one is no
 * contact (R-stop). */
bool proxy_is_agent(struct step *s, const struct inbound *in);
/* Tells the owner of a user number's conversation by its contact number; false: it is none. */
bool proxy_tell_owner(struct step *s, const struct conv *conv, enum conf_message message);
/* An agent and the own phone: who texts a contact number is known by it. */
void proxy_know_mobile(struct step *s, uint32_t account, uint32_t agent, const struct addr *mobile);
/* The agent with a user number who has this phone; 0: there is none. */
uint32_t proxy_agent_of_mobile(struct step *s, uint32_t account, const struct addr *mobile);
/* R-proxy-14; account is its name. */
void proxy_number_given(struct step *s, const struct addr *addr, const struct rec_number *number,
                        struct slice account);

/* R-proxy-4, by whoever asks for it. */
enum proxy_start {
    PROXY_STARTED,
    PROXY_GOING_ON, /* the pair has a lease: its number has said so again */
    PROXY_NO_NUMBER,
    PROXY_OPTED_OUT,
    PROXY_BAD_CONTACT, /* no phone outside, or the agent's own */
    PROXY_NO_USER_NUMBER,
    PROXY_STARTS
};
const char *proxy_start_name(enum proxy_start start);
enum proxy_start proxy_start(struct step *s, uint32_t account, uint32_t agent,
                             const struct addr *contact, struct lease *out);

#endif
