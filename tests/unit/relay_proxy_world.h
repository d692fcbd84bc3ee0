/*
 * relay_proxy_world.h: a world with agents who have user numbers and with a pool of contact
 * numbers, for the tests of proxying.
 */
#ifndef TANDEM_RELAY_PROXY_WORLD_H
#define TANDEM_RELAY_PROXY_WORLD_H

#include "gateway/relay/lease.h"
#include "tests/unit/relay_world.h"

/* Account acme: Ann, Ben; zeta: Cid, with a pool of one. */
#define USER_ANN "12025550140"
#define USER_BEN "12025550141"
#define USER_CID "12025550142"
#define K_ZETA "12025550143"
/* The pool of acme, from 1. */
#define K1 pool_number(1)
#define K2 pool_number(2)
#define K3 pool_number(3)
#define POOL_BASE 12025550800ull
const char *pool_number(uint32_t n);

struct proxy_options {
    uint32_t pool;        /* numbers */
    uint32_t first;       /* of them; 0: 1 */
    uint32_t draining;    /* this one drains; 0: none */
    const char *settings; /* "min_idle: 1h, pool_scope: agent" */
    const char *messages;
    const char *relay;
    const char *gateway; /* more of the gateway file */
    const char *country; /* NULL: US */
    bool no_ben;         /* has no user number */
};

/* Ann and Ben have been told of their numbers already. */
struct world *proxy_world(const struct proxy_options *options);
void proxy_reload(struct world *w, const struct proxy_options *options);

/* The default templates with this contact. */
const char *intro(const char *contact);
const char *recycled(const char *contact);
const char *ended(const char *contact);
const char *opted(const char *contact);
const char *none_free(const char *contact);
#define USAGE \
    "Nothing was delivered. To start a conversation, text Convo and the number, for example: " \
    "Convo 202 555 0100"

/* contact texts user number: it comes to mobile from number, after an introduction. */
void comes_first(struct world *w, const char *contact, const char *user, const char *number,
                 const char *mobile);
/* The same when the conversation has its number already. */
void comes(struct world *w, const char *contact, const char *user, const char *number,
           const char *mobile);
/* mobile texts number: it comes to contact from user. */
void goes(struct world *w, const char *mobile, const char *number, const char *user,
          const char *contact);
/* The live lease of agent (Ann is 1, Ben 2) and contact. */
struct lease lease_now(struct world *w, uint32_t agent, const char *contact);
void lease_end_by_hand(struct world *w, uint32_t agent, const char *contact);

#endif
