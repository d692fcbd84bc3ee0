/*
 * cast.c: broadcasts to distribution lists (R-list-3, R-list-6): people send one text to everybody
 * on a list, pause it, resume it, cancel it, while phones opt out and the process dies. Each phone
 * of the list is an item of its own; the text names the first, and the phone says which it is.
 */
#include "tests/sim/sim.h"

#include "store/key.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- furniture */

/* People outside who are on the list of an account, beside contacts. */
void
cast_furnish(struct world *w, uint32_t strangers)
{
    for (uint32_t account = 0; account < w->account_count; account++)
        for (uint32_t phone = 0; phone < w->phone_count; phone++)
            w->listed_phones[account][phone] =
                phone < w->contact_count || phone >= w->phone_count - strangers ? chance(w, 8000)
                                                                                : false;
}

void
cast_yaml(const struct world *w, uint32_t account, char *out, size_t cap)
{
    size_t n = (size_t)snprintf(out, cap, "    lists:\n      - {id: list%u, numbers: [", account);
    uint32_t count = 0;

    for (uint32_t phone = 0; phone < w->phone_count; phone++)
        if (w->listed_phones[account][phone])
            n += (size_t)snprintf(out + n, cap - n, "%s\"+%s\"", count++ ? ", " : "",
                                  w->phones[phone].digits);
    snprintf(out + n, cap - n, "]}\n");
}

/* ---- what people ask for */

/* Returns how many. */
static uint32_t
items_for(struct world *w, struct sim_cast *cast)
{
    const char *text = NULL;

    cast->first = w->item_count;
    for (uint32_t phone = 0; phone < w->phone_count; phone++) {
        uint32_t at;

        if (!w->listed_phones[cast->account][phone])
            continue;
        at = item_new(w, ITEM_CAST, cast->account);
        if (!text)
            text = traffic_words(w, at, false);
        w->items[at].writer = phone;
        w->items[at].entry = cast->number;
        w->items[at].text = w->items[at].expect = text;
        w->items[at].group = cast->first;
        w->items[at].dest_phone = phone;
        w->items[at].bulk = w->items[at].unordered = true;
        w->items[at].cast = w->cast_count;
    }
    return w->item_count - cast->first;
}

static bool
make_new(struct world *w, struct sim_command *c)
{
    struct sim_cast cast = {.account = c->account};

    cast.number = number_of_role(w, c->account, ROLE_BUSINESS);
    cast.count = items_for(w, &cast);
    if (cast.count == 0)
        return false;
    c->kind = CMD_CAST_ADD;
    c->at = w->cast_count;
    w->casts[w->cast_count++] = cast;
    return true;
}

bool
cast_command(struct world *w, struct sim_command *c)
{
    uint32_t kind = rnd(w, 10);

    if (w->cast_count == 0 || (kind < 3 && w->cast_count < CASTS_MAX))
        return make_new(w, c);
    c->at = rnd(w, w->cast_count);
    if (w->casts[c->at].state == CAST_RUNNING)
        c->kind = kind < 9 ? CMD_CAST_PAUSE : CMD_CAST_CANCEL;
    else
        c->kind = CMD_CAST_RESUME;
    return w->casts[c->at].state != CAST_NEW;
}

/* ---- what comes of it */

static void
added(struct world *w, struct sim_cast *cast)
{
    cast->state = CAST_RUNNING;
    cast->id = ++w->cast_ids[cast->account];
    for (uint32_t i = cast->first; i < cast->first + cast->count; i++)
        model_expect_phone(w, &w->items[i], cast->number, w->items[i].dest_phone);
}

/* What has not left may go back and be made anew, once for each pause. */
static void
paused(struct world *w, const struct sim_cast *cast)
{
    for (uint32_t i = cast->first; i < cast->first + cast->count; i++)
        if (w->items[i].started == w->items[i].accepted + w->items[i].remade)
            w->items[i].remade += w->items[i].started > 0;
}

static void
cancelled(struct world *w, const struct sim_cast *cast)
{
    for (uint32_t i = cast->first; i < cast->first + cast->count; i++)
        w->items[i].stopped = true;
}

/* When it is done nobody sees from here: until then it can be paused and cancelled. */
bool
cast_committed(struct world *w, const struct sim_command *c, bool done)
{
    struct sim_cast *cast = &w->casts[c->at];
    enum cast_state before = cast->state;

    if (c->kind == CMD_CAST_ADD) {
        added(w, cast);
        return true;
    }
    if (!done) /* what is paused can be resumed and cancelled */
        return before == CAST_PAUSED && c->kind != CMD_CAST_PAUSE;
    if (c->kind == CMD_CAST_RESUME) {
        cast->state = CAST_RUNNING;
        return before == CAST_PAUSED;
    }
    cast->state = c->kind == CMD_CAST_PAUSE ? CAST_PAUSED : CAST_CANCELLED;
    if (c->kind == CMD_CAST_PAUSE)
        paused(w, cast);
    else
        cancelled(w, cast);
    return c->kind == CMD_CAST_PAUSE ? before == CAST_RUNNING : before != CAST_CANCELLED;
}

/* A message for this item leaves; it is the item's first, or another one. */
void
cast_check(struct world *w, const struct out_msg *msg)
{
    uint32_t at = msg->item == NONE ? NONE : w->items[msg->item].cast;

    if (at == NONE || w->casts[at].state == CAST_RUNNING)
        return;
    sim_fail(w, "R-list-3: pause and cancel take effect at once",
             "message %llu of broadcast %u leaves for %s", (unsigned long long)msg->id,
             w->casts[at].id, w->phones[msg->phone].digits);
}

/* It was made anew after a pause: the one before may have arrived only where nobody could know. */
void
cast_again(struct world *w, const struct item *item)
{
    const struct leg *leg = &w->msgs[item->msg].legs[0];

    if (item->started > 0 && leg->copies > leg->unknown)
        sim_fail(w, "R-list-6: nobody twice", "%s has item %u already",
                 w->phones[item->dest_phone].digits, (uint32_t)(item - w->items));
}

/* Nothing stays paused: everybody is to get it. */
void
cast_heal(struct world *w)
{
    for (uint32_t i = 0; i < w->cast_count; i++) {
        struct sim_command c = {.kind = CMD_CAST_RESUME, .account = w->casts[i].account, .at = i};

        if (w->casts[i].state == CAST_PAUSED)
            command_put(w, &c);
    }
}

/* ---- the books */

static bool
record_of(struct world *w, const struct sim_cast *cast, struct rec_broadcast *out)
{
    struct store_reader *reader = store_reader_open(w->store);
    struct slice value;
    struct key key;
    bool found;

    key_init(&key);
    key_u32(&key, cast->account + 1);
    key_u32(&key, cast->id);
    found = store_reader_get(reader, TABLE_BROADCAST, key_slice(&key), &value) &&
            record_decode(&rec_broadcast_def, value, out) == RECORD_OK;
    store_reader_close(reader);
    return found;
}

bool
cast_at_rest(struct world *w)
{
    for (uint32_t i = 0; i < w->cast_count; i++) {
        const struct sim_cast *cast = &w->casts[i];
        struct rec_broadcast rec;

        if (cast->state == CAST_NEW)
            continue;
        if (!record_of(w, cast, &rec) || rec.queued > 0 || rec.total != cast->count)
            return false;
        if (cast->state == CAST_CANCELLED ? rec.state != BROADCAST_CANCELLED
                                          : rec.state != BROADCAST_DONE || rec.taken != rec.total)
            return false;
    }
    return true;
}
