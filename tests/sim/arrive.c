/*
 * arrive.c: what a phone shows and an app gets: order, texts, IDs, and how many copies. Apart from
 * ledger.c, which follows what is meant to leave; this is what did.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

static bool
carries_item(const struct out_msg *msg)
{
    return msg->item != NONE && (msg->kind == OUT_ITEM || msg->kind == OUT_NOTE);
}

/* R-shape-6: first copies arrive in the order of acceptance. */
static void
check_order(struct world *w, const struct out_msg *msg)
{
    struct item *item = &w->items[msg->item];
    struct pair *pair = model_pair(w, item);
    uint32_t order = item->order[msg->turn % REPEATS_MAX];

    /* Of something said twice the first may have been suppressed: nobody can tell which one this
     * is. */
    for (uint32_t i = msg->turn + 1; order < pair->last && i < item->accepted; i++)
        order = item->order[i % REPEATS_MAX];
    if (item->either || item->partial || item->opt || item->unordered || msg->unordered)
        return;
    if (order < pair->last)
        sim_fail(w, "R-shape-6: order inside a conversation",
                 "item %u is number %u for %s, %u has arrived", msg->item, order,
                 w->phones[msg->phone].digits, pair->last);
    pair->last = order;
}

/* The phone shows an ID now, so its owner can use it. */
static void
see_id(struct world *w, const struct out_msg *msg, uint64_t id)
{
    struct sim_phone *phone = &w->phones[msg->phone];
    uint32_t conv = w->items[msg->item].conv;

    if (w->items[msg->item].opt)
        return;
    for (uint32_t i = 0; i < phone->seen_count; i++)
        if (phone->seen[i].conv == conv)
            return;
    if (phone->seen_count < SEEN_MAX)
        phone->seen[phone->seen_count++] = (struct seen){id, conv};
}

/* R-txt-3: "ID NUMBER: text" */
static const char *
forwarded_text(struct world *w, const struct out_msg *msg, const char *text)
{
    const struct item *item = &w->items[msg->item];
    char *rest;
    uint64_t id = strtoull(text, &rest, 10);
    const char *digits = w->phones[item->writer].digits;

    if (rest == text || *rest != ' ' || text[0] < '0' || text[0] > '9' || rest - text < 6)
        sim_fail(w, "R-txt-3: a forward begins with the ID", "'%s'", text);
    rest += rest[1] == '+' ? 2 : 1;
    if (!begins(rest, digits) || !begins(rest + strlen(digits), ": "))
        sim_fail(w, "R-txt-3: a forward tells who wrote", "'%s'", text);
    if (item->conv != NONE)
        see_id(w, msg, id);
    return rest + strlen(digits) + 2;
}

static void
check_text(struct world *w, const struct out_msg *msg, const char *text)
{
    const struct item *item = &w->items[msg->item];

    if (item->partial || item->either)
        return;
    if (item->forward)
        text = forwarded_text(w, msg, text);
    if (strcmp(text, item->expect) != 0)
        sim_fail(w, "texts arrive as they were written", "item %u: '%s' is not '%s'", msg->item,
                 text, item->expect);
}

static void
check_whole(struct world *w, struct out_msg *msg)
{
    char text[4096];
    size_t n = 0;

    for (uint32_t i = 0; i < msg->parts; i++) {
        if (msg->legs[i].copies == 0)
            return;
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", msg->legs[i].text);
        if (n >= sizeof(text))
            sim_fail(w, "texts fit", "message %llu", (unsigned long long)msg->id);
    }
    msg->whole = true;
    if (carries_item(msg)) {
        w->items[msg->item].copies++;
        check_text(w, msg, text);
    }
}

void
ledger_arrived(struct world *w, struct flight *flight)
{
    struct out_msg *msg = &w->msgs[flight->msg];
    struct leg *leg = &msg->legs[flight->part];

    leg->copies++;
    trace(w, "arrived: message %llu part %u/%u at %s, copy %u", (unsigned long long)msg->id,
          flight->part + 1, msg->parts,
          w->links[msg->link].kind == LINK_APP ? w->links[msg->link].name
                                               : w->phones[msg->phone].digits,
          leg->copies);
    if (leg->copies > 1 + leg->unknown)
        sim_fail(w, "R-rel-2: no more copies than unknown outcomes", "message %llu: %u",
                 (unsigned long long)msg->id, leg->copies);
    if (!msg->started && carries_item(msg))
        check_order(w, msg);
    msg->started = true;
    if (!msg->whole)
        check_whole(w, msg);
}
