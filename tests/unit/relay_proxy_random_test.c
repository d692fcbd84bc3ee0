/*
 * relay_proxy_random_test.c: proxying in hundreds of random orders: contacts that two agents share,
 * late texts, recycling, numbers that drain, leases that are ended, crashes, carriers that refuse
 * for a while. What must hold is looked up in all leases, not in the lists that the core finds them
 * by: no message reaches anyone but the party of the lease it was written in.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/lease.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_proxy_world.h"

#define SEEDS 25u /* of each case, which may make 512 folders: two for each seed */
#define STEPS 60u
#define CONTACTS 5u
#define POOL 3u
#define TOKENS_MAX 200u
#define LEASES_MAX 200u

static const char *const contacts[CONTACTS] = {"12025550101", "12025550102", "12025550103",
                                               "13095550104", "13095550105"};
static const struct agent_of_test {
    const char *mobile, *user;
} agents[2] = {{ANN, USER_ANN}, {BEN, USER_BEN}};

static struct {
    uint64_t seed;
    struct world *w;
    bool of_agents; /* pool_scope */
    bool draining;
    uint32_t tokens;
    struct token { /* text number n */
        bool to_agent;
        uint32_t agent;   /* index: who gets it or wrote it */
        uint32_t contact; /* index: who wrote it or gets it; CONTACTS: nobody */
        uint32_t came;
    } token[TOKENS_MAX];
    /* Whom each number stands for on each agent's phone, by the texts that came there. */
    uint32_t shown[2][POOL + 1];
} t;

static uint32_t
draw(uint32_t below)
{
    t.seed = t.seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(t.seed >> 33) % below;
}

/* ---- all leases, one by one */

static uint32_t
leases(struct lease out[LEASES_MAX])
{
    uint32_t n = 0;

    world_begin(t.w);
    {
        struct step s = {t.w->relay, t.w->txn, t.w->now_ms, &t.w->fx};

        for (uint64_t id = 1; id <= LEASES_MAX; id++)
            n += lease_get(&s, ACME, id, &out[n]);
    }
    world_end(t.w);
    check(n < LEASES_MAX);
    return n;
}

/* Whom this agent's number stands for; CONTACTS: nobody. */
static uint32_t
stands_for(uint32_t agent, const char *number)
{
    static struct lease all[LEASES_MAX];
    uint32_t n = leases(all), found = CONTACTS;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < CONTACTS; c++)
            if (all[i].rec.cause == LEASE_LIVE && all[i].rec.agent == agent + 1 &&
                strcmp(all[i].rec.number.text, number) == 0 &&
                strcmp(all[i].rec.contact.text, contacts[c]) == 0) {
                check_number(found, CONTACTS); /* or it would stand for two */
                found = c;
            }
    return found;
}

/* What is true of all leases at any time, and of the lists. */
static void
leases_are_sound(void)
{
    static struct lease all[LEASES_MAX];
    uint32_t n = leases(all), live = 0;

    for (uint32_t i = 0; i < n; i++) {
        live += all[i].rec.cause == LEASE_LIVE;
        for (uint32_t j = 0; j < i; j++) {
            if (all[i].rec.cause != LEASE_LIVE || all[j].rec.cause != LEASE_LIVE)
                continue;
            check(all[i].rec.agent != all[j].rec.agent ||
                  !addr_eq(&all[i].rec.contact, &all[j].rec.contact));
            check(!addr_eq(&all[i].rec.number, &all[j].rec.number) ||
                  (t.of_agents && all[i].rec.agent != all[j].rec.agent));
        }
    }
    check_number(table_rows(t.w, TABLE_LEASE_NUMBER), live);
    check(table_rows(t.w, TABLE_LEASE_IDLE) <= live);
    check(t.draining || table_rows(t.w, TABLE_LEASE_IDLE) == live);
}

/* R-proxy-5, R-proxy-8: what was taken since `before` was the idlest that could be. */
static void
the_idlest_went(const struct lease *before, uint32_t n)
{
    static struct lease all[LEASES_MAX];
    uint32_t now = leases(all);
    const struct lease *next = now > n ? &all[n] : NULL, *last = NULL;

    check(now <= n + 1);
    for (uint32_t i = 0; next && i < n; i++) /* the pair's lease before */
        if (before[i].rec.agent == next->rec.agent &&
            addr_eq(&before[i].rec.contact, &next->rec.contact))
            last = &all[i];
    if (last && last->rec.cause == LEASE_RECYCLED)
        check(!addr_eq(&last->rec.number, &next->rec.number));
    for (uint32_t i = 0; i < n; i++) {
        if (before[i].rec.cause != LEASE_LIVE || all[i].rec.cause != LEASE_RECYCLED)
            continue;
        check(next && addr_eq(&next->rec.number, &before[i].rec.number));
        for (uint32_t j = 0; j < n; j++) {
            if (before[j].rec.cause != LEASE_LIVE ||
                (t.of_agents && before[j].rec.agent != before[i].rec.agent) ||
                (t.draining && strcmp(before[j].rec.number.text, K1) == 0) ||
                (last && last->rec.cause == LEASE_RECYCLED &&
                 addr_eq(&last->rec.number, &before[j].rec.number)))
                continue;
            check(before[j].rec.last_ms > before[i].rec.last_ms ||
                  (before[j].rec.last_ms == before[i].rec.last_ms &&
                   before[j].id >= before[i].id));
        }
    }
}

/* ---- phones */

static uint32_t
pool_index(struct slice number)
{
    for (uint32_t i = 1; i <= POOL; i++)
        if (slice_eq(number, slice_str(pool_number(i))))
            return i;
    return 0;
}

static void
agent_sees(uint32_t agent, const struct pdu_sm *sm, const char *text)
{
    uint32_t number = pool_index(sm->source.digits), n;

    if (strncmp(text, "text ", 5) == 0) {
        n = (uint32_t)strtoul(text + 5, NULL, 10);
        check(n < t.tokens && number != 0);
        check(t.token[n].to_agent && t.token[n].agent == agent);
        check_number(t.shown[agent][number], t.token[n].contact);
        t.token[n].came++;
        return;
    }
    if (number == 0)
        return; /* from the user number */
    for (uint32_t c = 0; c < CONTACTS; c++) {
        if (strcmp(text, intro(contacts[c])) == 0)
            t.shown[agent][number] = c;
        if (strcmp(text, recycled(contacts[c])) == 0 && t.shown[agent][number] == c)
            t.shown[agent][number] = CONTACTS;
    }
}

static void
contact_sees(uint32_t contact, const struct pdu_sm *sm, const char *text)
{
    uint32_t n;

    check(strncmp(text, "text ", 5) == 0);
    n = (uint32_t)strtoul(text + 5, NULL, 10);
    check(n < t.tokens);
    check(!t.token[n].to_agent);
    check_number(t.token[n].contact, contact);
    check_slice(sm->source.digits, slice_str(agents[t.token[n].agent].user));
    t.token[n].came++;
}

static void
shows(const struct sent *sent)
{
    const struct pdu_sm *sm = &sent->pdu.body.sm;
    char text[400] = "";
    size_t n = sm->short_message.n;

    check(n < sizeof(text));
    check(n > 0 && !(sm->esm_class & SMPP_ESM_UDHI)); /* all of them fit one message */
    text_to_utf8(TEXT_GSM, sm->short_message, (uint8_t *)text, sizeof(text) - 1);
    for (uint32_t i = 0; i < 2; i++)
        if (slice_eq(sm->dest.digits, slice_str(agents[i].mobile)))
            agent_sees(i, sm, text);
    for (uint32_t i = 0; i < CONTACTS; i++)
        if (slice_eq(sm->dest.digits, slice_str(contacts[i])))
            contact_sees(i, sm, text);
}

/* The first that is on the wire comes to its phone, or the carrier refuses it for now. */
static void
carrier_takes_one(void)
{
    struct sent *sent = t.w->first;

    if (!sent)
        return;
    if (draw(8) == 0) {
        answer(t.w, sent, SMPP_RMSGQFUL, NULL);
        world_pass(t.w, 2000);
        return;
    }
    shows(sent);
    answer(t.w, sent, SMPP_ROK, "x");
}

static void
all_comes(void)
{
    for (uint32_t i = 0; i < 3000; i++) {
        if (!t.w->first)
            world_pass(t.w, 120000); /* what was refused for now */
        if (!t.w->first)
            return;
        carrier_takes_one();
    }
    check(false);
}

/* ---- what happens */

static const char *
new_text(bool to_agent, uint32_t agent, uint32_t contact)
{
    static char text[40];

    check(t.tokens < TOKENS_MAX);
    t.token[t.tokens] = (struct token){to_agent, agent, contact, 0};
    snprintf(text, sizeof(text), "text %u", t.tokens++);
    return text;
}

static void
end_one(void)
{
    static struct lease all[LEASES_MAX];
    uint32_t n = leases(all);

    for (uint32_t i = 0; i < n; i++) {
        if (all[i].rec.cause != LEASE_LIVE || draw(2))
            continue;
        world_begin(t.w);
        {
            struct step s = {t.w->relay, t.w->txn, t.w->now_ms, &t.w->fx};

            lease_end(&s, &all[i], LEASE_BY_HAND);
        }
        world_end(t.w);
        return;
    }
}

static struct proxy_options
options_now(void)
{
    return (struct proxy_options){
        .pool = POOL,
        .draining = t.draining ? 1 : 0,
        .relay = "  notices_per_minute: 60\n",
        .settings = t.of_agents ? "pool_scope: agent" : "pool_scope: account"};
}

static void
something_rare(uint32_t agent, uint32_t contact)
{
    struct proxy_options options;
    char text[40];

    switch (draw(5)) {
    case 0:
        world_crash(t.w);
        world_bind(t.w, 0, LINK_CARRIER, "sim", 1 + draw(20));
        return;
    case 1:
        end_one();
        return;
    case 2:
        t.draining = !t.draining;
        options = options_now();
        proxy_reload(t.w, &options);
        return;
    case 3:
        world_unbind(t.w, 0, 0);
        world_bind(t.w, 0, LINK_CARRIER, "sim", 1 + draw(20));
        return;
    case 4:
        snprintf(text, sizeof(text), "Convo +%s", contacts[contact]);
        phone_sends(t.w, agents[agent].mobile, agents[agent].user, text);
        return;
    }
}

static void
one_step(void)
{
    static struct lease before[LEASES_MAX];
    uint32_t n = leases(before), agent = draw(2), contact = draw(CONTACTS), what = draw(12);
    const char *number = pool_number(1 + draw(POOL));

    if (what < 5)
        phone_sends(t.w, contacts[contact], agents[agent].user, new_text(true, agent, contact));
    else if (what < 9)
        phone_sends(t.w, agents[agent].mobile, number,
                    new_text(false, agent, stands_for(agent, number)));
    else if (what < 11)
        something_rare(agent, contact);
    else
        world_pass(t.w, 1 + draw(5000));
    the_idlest_went(before, n);
    leases_are_sound();
    for (uint32_t i = draw(4); i > 0; i--)
        carrier_takes_one();
    if (draw(6) == 0)
        all_comes();
}

static void
one_seed(uint32_t seed, bool of_agents)
{
    struct proxy_options options;

    memset(&t, 0, sizeof(t));
    t.seed = seed * 2u + of_agents;
    t.of_agents = of_agents;
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t k = 0; k <= POOL; k++)
            t.shown[i][k] = CONTACTS;
    options = options_now();
    t.w = proxy_world(&options);
    for (uint32_t i = 0; i < STEPS; i++)
        one_step();
    all_comes();
    /* Nothing was lost either: what had a party came, what had none did not. */
    for (uint32_t i = 0; i < t.tokens; i++)
        if ((t.token[i].contact != CONTACTS) != (t.token[i].came > 0)) {
            printf("    seed %u: text %u\n", seed, i);
            check(false);
        }
    check_number((long long)counters(t.w)->relay_notices_held, 0);
    world_end_test(t.w);
}

static void
seeds_from(uint32_t first, bool of_agents)
{
    for (uint32_t seed = first; seed < first + SEEDS; seed++)
        one_seed(seed, of_agents);
}

static void
r_proxy_7_nobody_but_the_party(void)
{
    seeds_from(1, false);
}

static void
r_proxy_7_nobody_but_the_party_again(void)
{
    seeds_from(1 + SEEDS, false);
}

static void
r_proxy_11_with_a_pool_of_each_agent(void)
{
    seeds_from(1, true);
}

static void
r_proxy_11_with_a_pool_of_each_agent_again(void)
{
    seeds_from(1 + SEEDS, true);
}

CHECK_MAIN({"r_proxy_7_nobody_but_the_party", r_proxy_7_nobody_but_the_party},
           {"r_proxy_7_nobody_but_the_party_again", r_proxy_7_nobody_but_the_party_again},
           {"r_proxy_11_with_a_pool_of_each_agent", r_proxy_11_with_a_pool_of_each_agent},
           {"r_proxy_11_with_a_pool_of_each_agent_again",
            r_proxy_11_with_a_pool_of_each_agent_again})
