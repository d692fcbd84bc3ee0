/*
 * act.c: what people and apps do besides relay and plain submits: contacts and agents write to each
 * other over user numbers and contact numbers, in time or late, and agents start conversations.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

#define LATE_MS_MAX (4u * MINUTE_MS)

/* ---- proxied texts */

static void
contact_texts_user(struct world *w)
{
    uint32_t number = number_of_role(w, NONE, ROLE_USER), item;

    if (number == NONE)
        return;
    item = item_new(w, ITEM_CONTACT, w->numbers[number].account);
    w->items[item].writer = rnd(w, w->contact_count);
    w->items[item].entry = number;
    w->items[item].text = traffic_words(w, item, true);
    traffic_offer(w, item, number, w->items[item].text, 0);
}

/* A number that stands for somebody on this agent's phone, or did: people scroll back. */
static uint32_t
number_on_phone(struct world *w, uint32_t agent)
{
    uint32_t first = w->lease_count ? rnd(w, w->lease_count) : 0, former = NONE;

    for (uint32_t i = 0; i < w->lease_count; i++) {
        const struct sim_lease *lease = &w->leases[(first + i) % w->lease_count];

        if (lease->agent != agent)
            continue;
        if (lease->end == LEASED || chance(w, 500))
            return lease->number;
        former = lease->number;
    }
    return former;
}

static void
agent_texts_contact_number(struct world *w, uint32_t agent)
{
    uint32_t number = number_on_phone(w, agent), item;

    if (number == NONE || chance(w, 500))
        number = number_of_role(w, w->agents[agent].account, ROLE_CONTACT);
    item = item_new(w, ITEM_REPLY, w->agents[agent].account);
    w->items[item].writer = w->agents[agent].phone;
    w->items[item].entry = number;
    w->items[item].text = traffic_words(w, item, true);
    traffic_offer(w, item, number, w->items[item].text,
                  chance(w, 1500) ? between(w, 1, LATE_MS_MAX) : 0);
}

/* The same octets again would be a redelivery for all that anybody knows, so each is written in its
 * own way: as a number of dashes and blanks between the digits. */
static void
agent_commands(struct world *w, uint32_t agent)
{
    static const char *const words[] = {"Convo", "convo", "Conversation", "CONVERSATION"};
    uint32_t item = item_new(w, ITEM_REPLY, w->agents[agent].account), style = item;
    uint32_t contact = chance(w, 9000) ? rnd(w, w->contact_count) : NONE;
    char text[100];
    size_t n;

    w->items[item].writer = w->agents[agent].phone;
    w->items[item].entry = w->agents[agent].user;
    w->items[item].command = true;
    w->items[item].contact = contact;
    if (contact == NONE) {
        n = (size_t)snprintf(text, sizeof(text), "Who is there? m%u.", item);
    } else {
        n = (size_t)snprintf(text, sizeof(text), "%s +", words[rnd(w, 4)]);
        for (const char *p = w->phones[contact].digits; *p; p++, style >>= 1) {
            text[n++] = *p;
            if (style & 1 && p[1])
                text[n++] = chance(w, 5000) ? ' ' : '-';
        }
    }
    w->items[item].text = sim_copy(w, text, n);
    trace(w, "agent %u commands '%s' as item %u", agent, w->items[item].text, item);
    traffic_offer(w, item, w->agents[agent].user, w->items[item].text, 0);
}

static void
somebody_uses_a_proxy(struct world *w)
{
    uint32_t kind = rnd(w, 100), agent = rnd(w, w->agent_count);

    if (kind < 45)
        contact_texts_user(w);
    else if (w->agents[agent].user == NONE)
        return;
    else if (kind < 85)
        agent_texts_contact_number(w, agent);
    else
        agent_commands(w, agent);
}

/* ---- apps */

void
act_schedule(struct world *w, struct req *req)
{
    req->delay_s = chance(w, 5000) ? between(w, 1, 30) : between(w, 30, 1200);
    snprintf(req->when, sizeof(req->when), "00000000%02u%02u000R", req->delay_s / 60 % 60,
             req->delay_s % 60);
}

/* One item for each phone; the text names the first. */
void
act_multiply(struct world *w, uint32_t ref)
{
    uint32_t first = w->reqs[ref].item, phones = between(w, 1, w->contact_count),
             start = rnd(w, w->contact_count);
    struct item like = w->items[first];

    for (uint32_t i = 0; i < phones; i++) {
        uint32_t at = i ? item_new(w, ITEM_SUBMIT, like.account) : first;

        w->items[at] = like;
        w->items[at].group = first;
        w->items[at].dest_phone = (start + i) % w->contact_count;
    }
    w->reqs[ref].dests = phones;
}

/* What the app behind a business number says there: a bot's answer, or the start of something. */
static void
app_writes_to_contact(struct world *w)
{
    uint32_t number = number_of_role(w, NONE, ROLE_BUSINESS);
    uint32_t item = item_new(w, ITEM_SUBMIT, w->numbers[number].account);

    w->items[item].writer = w->numbers[number].app;
    w->items[item].entry = number;
    w->items[item].text = traffic_words(w, item, true);
    traffic_submit(w, item, rnd(w, w->contact_count));
}

/* A short word with a meaning, to a number that has one. */
static void
contact_says_a_word(struct world *w)
{
    static const char *const words[] = {"hello", "see", "you", "noon", "noon"};
    uint32_t number = number_of_role(w, NONE, ROLE_BUSINESS);
    uint32_t item = item_new(w, ITEM_CONTACT, w->numbers[number].account);
    char text[40];

    snprintf(text, sizeof(text), "m%u. %s", item, words[rnd(w, 5)]);
    w->items[item].writer = rnd(w, w->contact_count);
    w->items[item].entry = number;
    w->items[item].text = sim_copy(w, text, strlen(text));
    traffic_offer(w, item, number, w->items[item].text, 0);
}

static void
people_command(struct world *w)
{
    struct sim_command c = {.account = rnd(w, w->account_count)};

    if (w->listed ? cast_command(w, &c) : tend_command(w, &c))
        command_put(w, &c);
}

void
act(struct world *w)
{
    if ((w->listed || w->tended) && chance(w, w->listed ? 1000 : 3000))
        people_command(w);
    else if (w->commanded && chance(w, 1500))
        command_make(w);
    else if (w->robots && chance(w, 2000))
        contact_says_a_word(w);
    else if (w->robots && chance(w, 2000))
        app_writes_to_contact(w);
    else if (w->proxied)
        somebody_uses_a_proxy(w);
}
