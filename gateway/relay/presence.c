/*
 * presence.c: who is present on the message-centre page (R-txt-2). Whoever asked for it, by a
 * connection of the control socket, holds it until that connection ends. It is in memory only: a
 * restart ends all connections, and with them every presence.
 */
#include "gateway/relay/presence.h"

#include <stdlib.h>

#include "gateway/relay/agent.h"
#include "gateway/relay/core.h"

struct presence { /* one holder of one agent's */
    struct hash_node node; /* in relay->presences */
    struct presence *next; /* in relay->presence_list */
    uint32_t account, agent;
    struct session_name holder;
    uint64_t since_ms;
};

static uint64_t
agent_hash(uint32_t account, uint32_t agent)
{
    return hash_mix(hash_mix(0, account), agent);
}

/* The first one at or behind this node; NULL: there is none. */
static struct presence *
presence_at(struct hash_node *node, uint32_t account, uint32_t agent)
{
    for (; node; node = node->next) {
        struct presence *p = HASH_OBJECT(node, struct presence, node);

        if (p->account == account && p->agent == agent)
            return p;
    }
    return NULL;
}

static struct presence *
presence_first(const struct relay *relay, uint32_t account, uint32_t agent)
{
    return presence_at(hash_chain(&relay->presences, agent_hash(account, agent)), account, agent);
}

static struct presence *
presence_of(const struct relay *relay, uint32_t account, uint32_t agent,
            struct session_name holder)
{
    struct presence *p = presence_first(relay, account, agent);

    while (p && (p->holder.slot != holder.slot || p->holder.generation != holder.generation))
        p = presence_at(p->node.next, account, agent);
    return p;
}

bool
presence_hold(struct step *s, uint32_t account, uint32_t agent, struct session_name holder)
{
    struct relay *relay = s->relay;
    struct presence *p;

    if (presence_of(relay, account, agent, holder))
        return true;
    if (relay->presences.count >= PRESENCES_MAX)
        return false;
    p = core_alloc(sizeof(*p));
    *p = (struct presence){.account = account,
                           .agent = agent,
                           .holder = holder,
                           .since_ms = s->now_ms,
                           .next = relay->presence_list};
    relay->presence_list = p;
    hash_insert(&relay->presences, &p->node, agent_hash(account, agent));
    return true;
}

/* Those that fit; account 0: all of the holder's. Rare, so that it may look at all there are. */
static void
let_go(struct relay *relay, struct session_name holder, uint32_t account, uint32_t agent)
{
    struct presence **link = &relay->presence_list, *p;

    while ((p = *link) != NULL) {
        if (p->holder.slot != holder.slot || p->holder.generation != holder.generation ||
            (account != 0 && (p->account != account || p->agent != agent))) {
            link = &p->next;
            continue;
        }
        *link = p->next;
        hash_remove(&relay->presences, &p->node);
        free(p);
    }
}

void
presence_release(struct step *s, uint32_t account, uint32_t agent, struct session_name holder)
{
    if (presence_of(s->relay, account, agent, holder))
        let_go(s->relay, holder, account, agent);
}

void
presence_holder_gone(struct step *s, struct session_name holder)
{
    let_go(s->relay, holder, 0, 0);
}

bool
presence_get(const struct relay *relay, uint32_t account, uint32_t agent, struct presence_now *out)
{
    struct presence *p = presence_first(relay, account, agent);

    *out = (struct presence_now){0};
    for (; p; p = presence_at(p->node.next, account, agent)) {
        out->holders++;
        if (out->since_ms == 0 || p->since_ms < out->since_ms)
            out->since_ms = p->since_ms;
    }
    return out->holders > 0;
}

/* R-txt-2: present and online are the same. */
bool
agent_is_online(struct step *s, uint32_t account, uint32_t agent)
{
    struct rec_agent rec;

    return presence_first(s->relay, account, agent) && agent_get(s, account, agent, &rec);
}

void
presence_free(struct relay *relay)
{
    struct presence *next;

    for (struct presence *p = relay->presence_list; p; p = next) {
        next = p->next;
        free(p);
    }
    hash_release(&relay->presences);
}
