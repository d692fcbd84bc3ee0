/*
 * pool.c: which contact number stands for which contact on which agent's phone, worked out from
 * R-proxy-1, 3, 5, 7, 8, 11, 12 and 15: all leases in one list, looked through from end to end each
 * time, so that it cannot share a mistake with the core's indexes.
 */
#include "tests/sim/sim.h"

uint32_t
pool_live(const struct world *w, uint32_t agent, uint32_t contact)
{
    for (uint32_t i = 0; i < w->lease_count; i++)
        if (w->leases[i].agent == agent && w->leases[i].contact == contact &&
            w->leases[i].end == LEASED)
            return i;
    return NONE;
}

uint32_t
pool_at(const struct world *w, uint32_t agent, uint32_t number)
{
    for (uint32_t i = 0; i < w->lease_count; i++)
        if (w->leases[i].agent == agent && w->leases[i].number == number &&
            w->leases[i].end == LEASED)
            return i;
    return NONE;
}

/* Of an agent, or of all agents (NONE). */
static uint32_t
last_ended(const struct world *w, uint32_t agent, uint32_t number)
{
    uint32_t last = NONE;

    for (uint32_t i = 0; i < w->lease_count; i++) {
        const struct sim_lease *lease = &w->leases[i];

        if (lease->end != LEASED && lease->number == number &&
            (agent == NONE || lease->agent == agent) &&
            (last == NONE || lease->ended_order > w->leases[last].ended_order))
            last = i;
    }
    return last;
}

uint32_t
pool_former(const struct world *w, uint32_t agent, uint32_t number)
{
    return last_ended(w, agent, number);
}

/* ---- a number for a new lease */

struct wish {
    uint32_t account, agent;
    uint32_t scope;     /* whose leases count: an agent's, or all (NONE) */
    uint32_t unwelcome; /* R-proxy-8 */
};

static bool
in_pool(const struct world *w, const struct wish *wish, uint32_t number)
{
    return w->numbers[number].role == ROLE_CONTACT && w->numbers[number].account == wish->account &&
           w->numbers[number].joined;
}

static bool
is_free(const struct world *w, const struct wish *wish, uint32_t number)
{
    for (uint32_t i = 0; i < w->lease_count; i++)
        if (w->leases[i].end == LEASED && w->leases[i].number == number &&
            (wish->scope == NONE || w->leases[i].agent == wish->scope))
            return false;
    return true;
}

/* How early a number's turn comes: smaller first. One that was never taken has been free longest,
 * one that rests is the last resort (R-proxy-15). */
struct turn {
    uint32_t kind; /* never taken, free, rests */
    uint64_t since;
    bool rested; /* of two that are free for as long the one that never rested */
};

static struct turn
turn_of(const struct world *w, const struct wish *wish, uint32_t number)
{
    uint32_t last = last_ended(w, wish->scope, number);
    uint64_t quarantine_ms = w->pools[wish->account].quarantine_ms;
    const struct sim_lease *lease;
    bool rests;

    if (last == NONE)
        return (struct turn){0, w->numbers[number].joined, false};
    lease = &w->leases[last];
    rests = lease->end == ENDED_BY_HAND && quarantine_ms > 0;
    return (struct turn){rests && lease->ended_ms + quarantine_ms > w->now_ms ? 2 : 1,
                         lease->ended_ms, rests};
}

static bool
sooner(const struct turn *a, const struct turn *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a->since != b->since ? a->since < b->since : a->rested < b->rested;
}

static uint32_t
free_number(const struct world *w, const struct wish *wish)
{
    uint32_t best = NONE;
    struct turn first = {0};

    for (uint32_t i = 0; i < w->number_count; i++) {
        struct turn turn;

        if (!in_pool(w, wish, i) || !is_free(w, wish, i) || i == wish->unwelcome)
            continue;
        turn = turn_of(w, wish, i);
        if (best != NONE && !sooner(&turn, &first))
            continue;
        best = i;
        first = turn;
    }
    return best;
}

/* R-proxy-5: the lease whose last message is oldest; of two the smaller ID. */
static uint32_t
idlest(const struct world *w, const struct wish *wish)
{
    uint32_t best = NONE;

    for (uint32_t i = 0; i < w->lease_count; i++) {
        const struct sim_lease *lease = &w->leases[i];

        if (lease->end != LEASED || !in_pool(w, wish, lease->number) ||
            lease->number == wish->unwelcome ||
            (wish->scope != NONE && lease->agent != wish->scope))
            continue;
        if (best == NONE || lease->last_ms < w->leases[best].last_ms)
            best = i;
    }
    if (best != NONE && w->now_ms - w->leases[best].last_ms < w->pools[wish->account].min_idle_ms)
        return NONE;
    return best;
}

static uint32_t
unwelcome(const struct world *w, const struct wish *wish, uint32_t contact)
{
    uint32_t last = NONE, size = 0;

    for (uint32_t i = 0; i < w->number_count; i++)
        size += in_pool(w, wish, i);
    for (uint32_t i = 0; i < w->lease_count; i++)
        if (w->leases[i].agent == wish->agent && w->leases[i].contact == contact)
            last = i;
    return size > 1 && last != NONE && w->leases[last].end == ENDED_RECYCLED
               ? w->leases[last].number
               : NONE;
}

/* ---- beginning and end */

uint32_t
pool_begin(struct world *w, uint32_t agent, uint32_t contact, uint32_t *recycled)
{
    struct wish wish = {.account = w->agents[agent].account, .agent = agent, .scope = NONE};
    uint32_t number;

    if (w->pools[wish.account].of_agents)
        wish.scope = agent;
    wish.unwelcome = unwelcome(w, &wish, contact);
    *recycled = NONE;
    number = free_number(w, &wish);
    if (number == NONE) {
        *recycled = idlest(w, &wish);
        if (*recycled == NONE)
            return NONE;
        number = w->leases[*recycled].number;
        pool_end(w, *recycled, ENDED_RECYCLED);
    }
    w->leases = sim_grow(w->leases, w->lease_count, &w->lease_cap, sizeof(*w->leases));
    w->leases[w->lease_count] = (struct sim_lease){.account = wish.account,
                                                   .agent = agent,
                                                   .contact = contact,
                                                   .number = number,
                                                   .started_ms = w->now_ms,
                                                   .last_ms = w->now_ms,
                                                   .notice = NONE};
    trace(w, "lease %u: %s stands for %s with agent %u", w->lease_count + 1,
          w->numbers[number].digits, w->phones[contact].digits, agent);
    return w->lease_count++;
}

void
pool_end(struct world *w, uint32_t lease, enum lease_end how)
{
    w->leases[lease].end = (uint8_t)how;
    w->leases[lease].ended_ms = w->now_ms;
    w->leases[lease].ended_order = ++w->lease_ends;
    trace(w, "lease %u is %s", lease + 1, how == ENDED_RECYCLED ? "recycled" : "ended");
}

void
pool_join(struct world *w, uint32_t number)
{
    w->numbers[number].joined = ++w->pools[w->numbers[number].account].joined;
}
