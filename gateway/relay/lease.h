/*
 * lease.h: contact numbers, and whom they stand for (R-proxy).
 */
#ifndef TANDEM_RELAY_LEASE_H
#define TANDEM_RELAY_LEASE_H

#include "gateway/relay/core.h"

struct lease {
    uint64_t id; /* 0: none */
    uint32_t account;
    struct rec_lease rec;
};
static inline bool
lease_is_live(const struct lease *lease)
{
    return lease->id && lease->rec.cause == LEASE_LIVE;
}
bool lease_get(struct step *s, uint32_t account, uint64_t id, struct lease *out);

/* The pair's last lease, live or ended. */
bool lease_of_pair(struct step *s, uint32_t account, uint32_t agent, const struct addr *contact,
                   struct lease *out);
/* The live lease that names a contact when this agent texts this number. */
bool lease_at(struct step *s, uint32_t account, const struct addr *number, uint32_t agent,
              struct lease *out);
/* The agent's last lease there that ended. */
bool lease_former(struct step *s, const struct addr *number, uint32_t agent, struct lease *out);
/* Does the number stand for anybody? */
bool lease_holds(struct step *s, const struct addr *number);
/* The number of a lease, which may be out of the pool by now; false: it serves something else. */
bool lease_number(struct step *s, const struct lease *lease, struct rec_number *out);
/* For a pair without a live one. False: no number is free. If another pair lost its number for it,
 * that lease is in *recycled, and its agent is to be told. */
bool lease_start(struct step *s, uint32_t account, uint32_t agent, const struct addr *contact,
                 struct lease *out, struct lease *recycled);
/* Nothing of the pair is to leave before this message did (R-proxy-6). */
void lease_follow(struct step *s, struct lease *lease, uint64_t message);
/* That message, if it has not left yet; the caller touches the lease. */
uint64_t lease_follows(struct step *s, struct lease *lease);
/* A message went through it. */
void lease_touch(struct step *s, struct lease *lease);
void lease_end(struct step *s, struct lease *lease, enum lease_cause cause);
/* The account's next one, live or ended. */
bool lease_after(struct step *s, uint32_t account, uint64_t after, struct lease *out);
/* Whose it was is forgotten; a live one ends. */
void lease_forget(struct step *s, struct lease *lease);
/* To be called before a number's record is put: lets it join the pool or leave it, and sets
 * number->pool. */
void pool_follow(struct step *s, const struct addr *addr, struct rec_number *number);
/* An account's pool has this scope from now on. */
void pool_scope_follow(struct step *s, uint32_t account, enum conf_pool_scope scope);

#endif
