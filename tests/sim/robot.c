/*
 * robot.c: who or what answers by itself: bots behind business numbers, campaigns that switch
 * a number between bot and agents for a time (R-num-2, R-num-3), and automatic replies (R-auto).
 * What the rules of these demand, worked out without the core's tables.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

#define PER_HOUR 3u
/* Asia/Kolkata: half an hour off, and clocks never change. */
#define ZONE_MINUTES 330u

/* ---- furniture */

void
robot_furnish(struct world *w, uint32_t account)
{
    uint32_t count = between(w, 0, AUTOS_MAX);

    for (uint32_t i = 0; i < w->number_count; i++) {
        struct sim_number *number = &w->numbers[i];

        if (number->account != account || number->role != ROLE_BUSINESS)
            continue;
        for (uint32_t link = 0; link < w->link_count; link++)
            if (w->links[link].kind == LINK_APP && w->links[link].account == account)
                number->app = link;
        for (uint32_t v = 0; v < VARIANTS; v++)
            number->bot[v] = chance(w, 3000);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct sim_auto *rule = &w->autos[w->auto_count++];

        *rule =
            (struct sim_auto){.account = account, .kind = (uint8_t)rnd(w, AUTO_KINDS), .on = true};
        rule->number = chance(w, 5000) ? NONE : number_of_role(w, account, ROLE_BUSINESS);
        rule->once = rule->kind == AUTO_TIME && chance(w, 5000);
        rule->from_min = rnd(w, 1440);
        rule->to_min = (rule->from_min + between(w, 60, 1200)) % 1440;
    }
}

/* The YAML of one rule. */
void
robot_auto_yaml(const struct world *w, uint32_t at, char *out, size_t cap)
{
    static const char *const patterns[] = {
        [AUTO_TEXT] = "^m[0-9]+[.] (hello|see|you)", [AUTO_OPT_OUT] = "^m[0-9]+[.] noon$"};
    const struct sim_auto *rule = &w->autos[at];
    size_t n = (size_t)snprintf(out, cap, "      - {id: r%u, text: \"#AUTO%u {name}\"", at, at);

    if (rule->number != NONE)
        n += (size_t)snprintf(out + n, cap - n, ", number: \"+%s\"",
                              w->numbers[rule->number].digits);
    if (rule->kind == AUTO_TIME)
        n += (size_t)snprintf(out + n, cap - n,
                              ", from: \"%02u:%02u\", to: \"%02u:%02u\", time_zone: Asia/Kolkata%s",
                              rule->from_min / 60, rule->from_min % 60, rule->to_min / 60,
                              rule->to_min % 60, rule->once ? ", once: true" : "");
    else
        n += (size_t)snprintf(out + n, cap - n, ", pattern: '%s'%s", patterns[rule->kind],
                              rule->kind == AUTO_OPT_OUT ? ", opt_out: true" : "");
    snprintf(out + n, cap - n, "}\n");
}

/* ---- bots and campaigns */

static bool
has_ended(const struct world *w, const struct sim_campaign *campaign)
{
    return campaign->ended || (campaign->ends_ms && campaign->ends_ms <= w->now_ms);
}

bool
robot_answers(const struct world *w, uint32_t number)
{
    for (uint32_t i = 0; i < w->campaign_count; i++)
        if (w->campaigns[i].known && w->campaigns[i].number == number &&
            !has_ended(w, &w->campaigns[i]) && w->campaigns[i].starts_ms <= w->now_ms)
            return w->campaigns[i].bot;
    return w->numbers[number].bot[w->model_variant];
}

static uint64_t
end_of(const struct sim_campaign *campaign)
{
    return campaign->ends_ms ? campaign->ends_ms : UINT64_MAX;
}

/* R-num-4: never overlapping. */
static bool
clashes(const struct world *w, const struct sim_campaign *campaign, uint32_t except)
{
    for (uint32_t i = 0; i < w->campaign_count; i++) {
        const struct sim_campaign *other = &w->campaigns[i];

        if (i != except && other->known && other->number == campaign->number &&
            !has_ended(w, other) && other->starts_ms < end_of(campaign) &&
            campaign->starts_ms < end_of(other))
            return true;
    }
    return false;
}

bool
robot_campaign_added(struct world *w, uint32_t at)
{
    struct sim_campaign *campaign = &w->campaigns[at];

    if (campaign->starts_ms == 0)
        campaign->starts_ms = w->now_ms;
    if ((campaign->ends_ms &&
         (campaign->ends_ms <= campaign->starts_ms || campaign->ends_ms <= w->now_ms)) ||
        clashes(w, campaign, at)) {
        campaign->ended = true;
        return false;
    }
    campaign->known = true;
    return true;
}

bool
robot_campaign_starts(struct world *w, uint32_t at)
{
    struct sim_campaign now = w->campaigns[at];

    if (!now.known || has_ended(w, &now))
        return false;
    if (now.starts_ms <= w->now_ms)
        return true;
    now.starts_ms = w->now_ms;
    if (clashes(w, &now, at))
        return false;
    w->campaigns[at] = now;
    return true;
}

bool
robot_campaign_ends(struct world *w, uint32_t at)
{
    if (!w->campaigns[at].known || has_ended(w, &w->campaigns[at]))
        return false;
    w->campaigns[at].ended = true;
    return true;
}

/* ---- automatic replies */

/* Are there replies of which nobody knows whether they were sent? */
static bool
is_vague(struct world *w, uint32_t account, uint32_t phone)
{
    for (uint32_t i = 0; i < w->item_count && !w->auto_vague[account][phone]; i++) {
        const struct item *item = &w->items[i];

        if (item->account == account && item->kind == ITEM_CONTACT && item->writer == phone &&
            w->numbers[item->entry].role == ROLE_BUSINESS && model_was_given_up(w, item))
            w->auto_vague[account][phone] = true;
    }
    return w->auto_vague[account][phone];
}

/* More than 20 texts within a minute: nothing answers them until it has been less for as long. */
static bool
is_paused(struct world *w, uint32_t number, uint32_t phone)
{
    struct sim_chatter *chatter = &w->chatter[number][phone];
    uint64_t *slot = &chatter->at_ms[chatter->texts++ % CHATTER_MAX];

    if (chatter->texts > CHATTER_MAX && *slot + MINUTE_MS > w->now_ms)
        chatter->paused_ms = w->now_ms + MINUTE_MS;
    *slot = w->now_ms;
    return chatter->paused_ms > w->now_ms;
}

void
robot_forget(struct world *w)
{
    memset(w->chatter, 0, sizeof(w->chatter));
}

static bool
text_matches(const struct sim_auto *rule, const char *text)
{
    const char *word = strchr(text, ' ');

    if (!word)
        return false;
    if (rule->kind == AUTO_OPT_OUT)
        return strcmp(word, " noon") == 0;
    return begins(word, " hello") || begins(word, " see") || begins(word, " you");
}

static bool
time_matches(const struct world *w, const struct sim_auto *rule)
{
    uint32_t minute = (uint32_t)((w->now_ms / 60000 + ZONE_MINUTES) % 1440);

    return rule->to_min > rule->from_min ? minute >= rule->from_min && minute < rule->to_min
                                         : minute >= rule->from_min || minute < rule->to_min;
}

/* R-auto-1: a global one only where the number has none of its own. */
static uint32_t
time_rule(const struct world *w, uint32_t account, uint32_t number)
{
    uint32_t found = NONE;
    bool own = false;

    for (uint32_t i = 0; i < w->auto_count; i++) {
        const struct sim_auto *rule = &w->autos[i];

        if (rule->account != account || rule->kind != AUTO_TIME || !rule->on ||
            rule->number != number)
            continue;
        own = true;
        if (found == NONE && time_matches(w, rule))
            found = i;
    }
    for (uint32_t i = 0; i < w->auto_count && !own && found == NONE; i++) {
        const struct sim_auto *rule = &w->autos[i];

        if (rule->account == account && rule->kind == AUTO_TIME && rule->on &&
            rule->number == NONE && time_matches(w, rule))
            found = i;
    }
    return found;
}

static uint32_t
text_rule(const struct world *w, uint32_t account, uint32_t number, const char *text)
{
    for (uint32_t own = 1; own <= 1; own--)
        for (uint32_t i = 0; i < w->auto_count; i++) {
            const struct sim_auto *rule = &w->autos[i];

            if (rule->account == account && rule->kind != AUTO_TIME && rule->on &&
                rule->number == (own ? number : NONE) && text_matches(rule, text))
                return i;
        }
    return NONE;
}

/* R-auto-3: notes that it goes, if it may. */
static bool
rate_allows(struct world *w, uint32_t at, uint32_t phone)
{
    uint64_t *times = w->autos[at].sent_ms[phone];
    uint32_t recent = 0, oldest = 0;

    for (uint32_t i = 0; i < PER_HOUR; i++) {
        recent += times[i] != 0 && times[i] + HOUR_MS > w->now_ms;
        if (times[i] < times[oldest])
            oldest = i;
    }
    if (recent >= PER_HOUR)
        return false;
    times[oldest] = w->now_ms;
    return true;
}

static void
answer(struct world *w, uint32_t at, uint32_t number, uint32_t phone, bool vague)
{
    char text[80];
    uint32_t note;

    snprintf(text, sizeof(text), "#AUTO%u Account %u", at, w->autos[at].account);
    note = model_note_as(w, number, phone, text, w->autos[at].kind != AUTO_TIME);
    w->items[note].optional = vague;
    w->items[note].confirms = w->autos[at].kind == AUTO_OPT_OUT;
    if (w->items[note].confirms)
        w->items[note].stopped = false;
}

void
robot_auto(struct world *w, uint32_t item, uint32_t conv)
{
    uint32_t account = w->items[item].account, number = w->items[item].entry,
             phone = w->items[item].writer, at, any = 0;
    bool vague, paused;

    for (uint32_t i = 0; i < w->auto_count; i++)
        any += w->autos[i].account == account;
    if (!any)
        return;
    vague = is_vague(w, account, phone);
    paused = is_paused(w, number, phone);
    if (w->items[item].opt)
        return; /* it has its own answer */
    at = text_rule(w, account, number, w->items[item].text);
    if (at == NONE)
        at = time_rule(w, account, number);
    if (at == NONE)
        return;
    if (w->autos[at].kind == AUTO_OPT_OUT && !model_opt(w, account, phone, true, false))
        return;
    if (paused || (w->autos[at].kind != AUTO_OPT_OUT && w->out[account][phone]) ||
        (w->autos[at].once && (w->convs[conv].answered & 1u << at)) || !rate_allows(w, at, phone))
        return;
    w->convs[conv].answered |= 1u << at;
    answer(w, at, number, phone, vague);
}

/* R-auto-3, whatever is known: no more than so many in any hour that begins with the first. */
bool
robot_count(struct world *w, const struct out_msg *msg, const char *text)
{
    uint32_t at = (uint32_t)strtoul(text + strlen("#AUTO"), NULL, 10);
    uint64_t hours = (w->now_ms - w->began_ms) / HOUR_MS + 1;

    if (!begins(text, "#AUTO") || at >= w->auto_count)
        return false;
    if (++w->autos[at].seen[msg->phone] > hours * PER_HOUR)
        sim_fail(w, "R-auto-3: no more than so many an hour", "rule %u answers %s %u times", at,
                 w->phones[msg->phone].digits, w->autos[at].seen[msg->phone]);
    return is_vague(w, w->autos[at].account, msg->phone);
}
