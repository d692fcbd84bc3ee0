/*
 * agent.h: agents and groups.
 */
#ifndef TANDEM_RELAY_AGENT_H
#define TANDEM_RELAY_AGENT_H

#include "gateway/relay/core.h"

bool agent_get(struct step *s, uint32_t account, uint32_t agent, struct rec_agent *out);
void agent_put(struct step *s, uint32_t account, uint32_t agent, const struct rec_agent *rec);
/* A number of this role (0: none) is the agent's from now on, which both records say. */
void number_give(struct step *s, uint32_t account, uint32_t agent, enum number_role role,
                 const struct addr *addr);
/* Relay in the agent's profile (R-txt-1), by hand; and what the file says of it. */
void agent_relay_set(struct step *s, uint32_t account, uint32_t agent, bool on);
void agent_relay_follow(struct rec_agent *rec, bool file);
bool group_get(struct step *s, uint32_t account, uint32_t group, struct rec_group *out);
void group_put(struct step *s, uint32_t account, uint32_t group, const struct rec_group *rec);
bool group_has(struct step *s, uint32_t account, uint32_t group, uint32_t agent);

/* Rows of TABLE_MEMBER that the directory file lists are its own. */
bool member_is_listed(struct step *s, struct slice key);
void member_list(struct step *s, struct slice key);
enum member_change { MEMBER_CHANGED, MEMBER_AS_BEFORE, MEMBER_LISTED };
const char *member_change_name(enum member_change change);
enum member_change
member_set(struct step *s, uint32_t account, uint32_t group, uint32_t agent, bool in);

/* The admin who is told what concerns the account (R-match-4); 0: there is none. */
uint32_t account_admin(struct step *s, uint32_t account, struct rec_agent *out);
/* rec is the agent's from now on. */
void admin_follow(struct step *s, uint32_t account, uint32_t agent, const struct rec_agent *rec);

#endif
