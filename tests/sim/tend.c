/*
 * tend.c: what people do with conversations besides answering (R-conv-5): claim, transfer, flag,
 * close; and that the views of the shared inbox show just that at the end (R-conv-8).
 */
#include "tests/sim/sim.h"

#include "store/key.h"

#include <stdio.h>
#include <stdlib.h>

/* As TABLE_VIEW counts them. */
enum { SIM_VIEW_OPEN = 1, SIM_VIEW_FOLLOW_UP = 4, SIM_VIEW_CLOSED = 5 };

/* ---- what people ask for */

/* Only of one whose ID some phone has shown, and whose owner is certain. */
bool
tend_command(struct world *w, struct sim_command *c)
{
    static const uint8_t kinds[] = {CMD_CONV_CLAIM, CMD_CONV_TRANSFER, CMD_CONV_TRANSFER,
                                    CMD_CONV_FLAG, CMD_CONV_CLOSE};
    uint32_t first = w->conv_count ? rnd(w, w->conv_count) : 0;

    c->kind = kinds[rnd(w, 5)];
    c->agent = rnd(w, w->agent_count);
    c->off = chance(w, 3000);
    for (uint32_t i = 0; i < w->conv_count; i++) {
        const struct sim_conv *conv = &w->convs[c->at = (first + i) % w->conv_count];

        if (conv->id != 0 && !conv->vague && w->agents[c->agent].account == conv->account &&
            (!conv->closed || chance(w, 1000)))
            return true;
    }
    return false;
}

/* ---- what comes of it */

/* R-conv-5. False: refused. */
bool
tend_committed(struct world *w, const struct sim_command *c)
{
    struct sim_conv *conv = &w->convs[c->at];
    bool of_other = conv->owner_kind == OWNER_AGENT && conv->owner != c->agent;

    if (conv->closed || (c->kind == CMD_CONV_CLAIM && of_other))
        return false;
    if (c->kind == CMD_CONV_FLAG) {
        conv->follow_up = !c->off;
    } else if (c->kind == CMD_CONV_CLOSE) {
        conv->closed = true;
        conv->follow_up = false;
    } else {
        conv->owner_kind = c->kind == CMD_CONV_TRANSFER && c->off ? OWNER_GROUP : OWNER_AGENT;
        conv->owner = c->agent;
    }
    return true;
}

/* ---- views */

static uint32_t
owner_id(const struct world *w, const struct sim_conv *conv)
{
    uint32_t id = 1;

    if (conv->owner_kind != OWNER_AGENT)
        return conv->owner_kind == OWNER_GROUP;
    for (uint32_t i = 0; i < conv->owner; i++)
        id += w->agents[i].account == conv->account;
    return id;
}

/* What stands behind the account in the row's key: the view, the owner, the conversation. */
static void
check_row(struct world *w, uint8_t view, struct slice rest)
{
    uint64_t id = 0, closed_ms;
    uint32_t owner = 0, at, account = w->view_account;
    const struct sim_conv *conv;
    uint8_t kind = 0;

    if (view == SIM_VIEW_OPEN && (!key_take_u8(&rest, &kind) || !key_take_u32(&rest, &owner)))
        return;
    if (view == SIM_VIEW_CLOSED && !key_take_u64(&rest, &closed_ms))
        return;
    at = key_take_u64(&rest, &id) ? conv_by_id(w, account, id) : NONE;
    conv = at == NONE ? NULL : &w->convs[at];
    if (!conv || conv->vague)
        return;
    w->convs[at].views |= 1u << view;
    if ((view == SIM_VIEW_CLOSED) != conv->closed ||
        (view == SIM_VIEW_FOLLOW_UP && !conv->follow_up) ||
        (view == SIM_VIEW_OPEN && (kind != conv->owner_kind || owner != owner_id(w, conv))))
        sim_fail(w, "R-conv-8: a view shows what is so", "conversation %llu in view %u of %u %u",
                 (unsigned long long)id, view, kind, owner);
}

static void
walk_views(struct world *w)
{
    struct store_reader *reader = store_reader_open(w->store);
    uint8_t from[STORE_KEY_BYTES_MAX + 1];
    struct slice key, value;
    size_t n = 0;

    while (store_reader_seek(reader, TABLE_VIEW, slice_of(from, n), &key, &value)) {
        struct slice rest = key;
        uint32_t account;
        uint8_t view;

        memcpy(from, key.p, key.n);
        from[key.n] = 0;
        n = key.n + 1;
        if (!key_take_u32(&rest, &account) || !key_take_u8(&rest, &view))
            continue;
        w->view_account = account - 1;
        if (view == SIM_VIEW_OPEN || view == SIM_VIEW_FOLLOW_UP || view == SIM_VIEW_CLOSED)
            check_row(w, view, rest);
    }
    store_reader_close(reader);
}

/* Each conversation whose ID is known stands in its views, and in no other. */
void
tend_audit(struct world *w)
{
    walk_views(w);
    for (uint32_t i = 0; i < w->conv_count; i++) {
        const struct sim_conv *conv = &w->convs[i];
        uint32_t due = 1u << (conv->closed ? SIM_VIEW_CLOSED : SIM_VIEW_OPEN) |
                       (conv->follow_up ? 1u << SIM_VIEW_FOLLOW_UP : 0);

        if (conv->id != 0 && !conv->vague && conv->views != due)
            sim_fail(w, "R-conv-8: what is so stands in a view",
                     "conversation %llu: views %x, not %x", (unsigned long long)conv->id,
                     conv->views, due);
    }
}
