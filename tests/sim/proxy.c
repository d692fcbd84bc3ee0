/*
 * proxy.c: what must become of a text to a user number or a contact number (R-proxy), and of a wish
 * to start a conversation. Which contact number it is about is pool.c's business.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what a pool is when parts were given up */

/* A set of parts that is given up begins or prolongs a lease at a moment that nobody sees. */
bool
proxy_is_vague(struct world *w, uint32_t account)
{
    struct sim_pool *pool = &w->pools[account];

    for (uint32_t i = 0; i < w->item_count && !pool->vague; i++) {
        const struct item *item = &w->items[i];

        if (item->account == account && traffic_is_proxied(w, item) &&
            model_was_given_up(w, item)) {
            trace(w, "item %u makes the pool of account %u vague", i, account);
            pool->vague = true;
        }
    }
    return pool->vague;
}

/* ---- what the gateway writes to agents */

static uint32_t
tell(struct world *w, uint32_t agent, uint32_t number, const char *what, uint32_t contact)
{
    char text[80];

    snprintf(text, sizeof(text), "%s +%s", what, w->phones[contact].digits);
    return model_note(w, number, w->agents[agent].phone, text);
}

/* One of those of which there are only so many a minute. */
static void
tell_limited(struct world *w, uint32_t agent, uint32_t number, const char *what, uint32_t contact)
{
    bool optional = model_notice_optional(w, agent);
    uint32_t note = contact == NONE ? model_note(w, number, w->agents[agent].phone, what)
                                    : tell(w, agent, number, what, contact);

    w->items[note].limited = true;
    w->items[note].optional = optional;
}

/* R-proxy-3, R-proxy-6 */
static uint32_t
begin(struct world *w, uint32_t agent, uint32_t contact)
{
    uint32_t recycled, lease = pool_begin(w, agent, contact, &recycled), notice = NONE, intro;

    if (lease == NONE)
        return NONE;
    if (recycled != NONE)
        notice = tell(w, w->leases[recycled].agent, w->leases[recycled].number, "#PXRECYCLED",
                      w->leases[recycled].contact);
    w->leases[lease].notice = notice;
    intro = tell(w, agent, w->leases[lease].number, "#PXINTRO", contact);
    w->items[intro].lease = lease;
    return lease;
}

/* R-proxy-14 */
void
proxy_begin(struct world *w)
{
    char text[80];

    if (w->users_told)
        return;
    w->users_told = true;
    for (uint32_t i = 0; i < w->number_count; i++)
        if (w->numbers[i].role == ROLE_CONTACT)
            pool_join(w, i);
    for (uint32_t i = 0; i < w->agent_count; i++) {
        if (w->agents[i].user == NONE)
            continue;
        snprintf(text, sizeof(text), "#PXUSER +%s", w->numbers[w->agents[i].user].digits);
        (void)model_note(w, w->agents[i].user, w->agents[i].phone, text);
    }
}

/* ---- texts */

static void
pass_on(struct world *w, uint32_t at, uint32_t lease, uint32_t number, uint32_t phone)
{
    struct item *item = &w->items[at];

    item->lease = lease;
    item->expect = item->text;
    w->leases[lease].last_ms = w->now_ms;
    model_expect_phone(w, item, number, phone);
}

/* R-proxy-4 */
enum proxy_outcome
proxy_convo(struct world *w, uint32_t agent, uint32_t contact)
{
    uint32_t account = w->agents[agent].account, lease;

    if (w->out[account][contact])
        return PROXY_IS_OUT;
    lease = pool_live(w, agent, contact);
    if (lease != NONE) {
        tell_limited(w, agent, w->leases[lease].number, "#PXINTRO", contact);
        return PROXY_AGAIN;
    }
    return begin(w, agent, contact) == NONE ? PROXY_NONE_FREE : PROXY_NEW;
}

static void
command(struct world *w, uint32_t at)
{
    uint32_t number = w->items[at].entry, agent = w->numbers[number].agent,
             contact = w->items[at].contact;

    if (contact == NONE) {
        tell_limited(w, agent, number, "#PXUSAGE", NONE);
        return;
    }
    switch (proxy_convo(w, agent, contact)) {
    case PROXY_NEW:
    case PROXY_AGAIN:
        break;
    case PROXY_NONE_FREE:
        tell_limited(w, agent, number, "#PXNONE", contact);
        break;
    case PROXY_IS_OUT:
        tell_limited(w, agent, number, "#PXOUT", contact);
        break;
    }
}

/* R-proxy-2, 3, 5 */
void
proxy_to_user(struct world *w, uint32_t at)
{
    uint32_t number = w->items[at].entry, agent = w->numbers[number].agent,
             contact = w->items[at].writer, lease;
    char text[4096];

    if (proxy_is_vague(w, w->items[at].account)) {
        w->items[at].either = true;
        return;
    }
    if (contact == w->agents[agent].phone) {
        command(w, at);
        return;
    }
    lease = pool_live(w, agent, contact);
    if (lease == NONE && w->items[at].opt)
        return; /* a STOP alone takes no number from anybody */
    if (lease == NONE)
        lease = begin(w, agent, contact);
    if (lease != NONE) {
        pass_on(w, at, lease, w->leases[lease].number, w->agents[agent].phone);
        return;
    }
    snprintf(text, sizeof(text), "#PXIN +%s: %s", w->phones[contact].digits, w->items[at].text);
    w->items[at].expect = sim_copy(w, text, strlen(text));
    model_expect_phone(w, &w->items[at], number, w->agents[agent].phone);
}

/* R-proxy-2, 7, 13. A text whose first part came before the lease began was not written in it. */
void
proxy_to_contact_number(struct world *w, uint32_t at)
{
    const struct item *item = &w->items[at];
    uint32_t agent = w->phones[item->writer].agent, number = item->entry, lease;
    bool live;

    if (proxy_is_vague(w, item->account)) {
        w->items[at].either = true;
        return;
    }
    if (agent == NONE || w->agents[agent].account != item->account)
        return;
    lease = pool_at(w, agent, number);
    live =
        lease != NONE && !(item->parts_want && w->leases[lease].started_ms > item->first_part_ms);
    if (!live)
        lease = pool_former(w, agent, number);
    if (lease == NONE)
        return;
    if (!live)
        tell_limited(w, agent, number,
                     w->leases[lease].end == ENDED_RECYCLED ? "#PXRECYCLED" : "#PXENDED",
                     w->leases[lease].contact);
    else if (w->out[item->account][w->leases[lease].contact])
        tell_limited(w, agent, number, "#PXOUT", w->leases[lease].contact);
    else
        pass_on(w, at, lease, w->agents[agent].user, w->leases[lease].contact);
}
