/*
 * audit.c: closes the books at the end of a run: every accepted message has ended in one of the
 * ways that the promise names, and the recorded changesets make the same tables again.
 */
#include "tests/sim/sim.h"

#include "store/key.h"

#include <stdio.h>
#include <stdlib.h>

static bool
excused(const struct world *w, const struct item *item)
{
    return item->refused || item->stopped || item->held || item->either || item->partial ||
           w->now_ms >= item->expires_ms;
}

static bool
receipt_missing(const struct world *w, const struct item *item)
{
    if (item->kind != ITEM_SUBMIT || !item->registered || item->accepted == 0 || item->receipts > 0)
        return false;
    /* What took hours, or was given up by the app itself, may be gone. */
    if (w->now_ms >= item->accepted_ms + w->validity_ms)
        return false;
    return !w->jumped && !item->receipts_given_up && !item->held && !item->stopped;
}

/* A set of parts that never became whole is delivered as far as it came (R-text-4). */
static bool
partial_due(const struct world *w, const struct item *item)
{
    const struct sim_conv *conv = NULL;

    if (!item->partial || item->parts_have == 0 || item->parts_have == item->parts_want ||
        item->either || item->refused)
        return false;
    if (w->tended && w->numbers[item->entry].role != ROLE_APP)
        return false; /* whose it was then nobody knows */
    if (w->numbers[item->entry].role == ROLE_APP)
        return true;
    for (uint32_t i = 0; i < w->conv_count && !conv; i++)
        if (w->convs[i].number == item->entry && w->convs[i].contact == item->writer)
            conv = &w->convs[i];
    if (!conv || conv->owner_kind != OWNER_AGENT || w->agents[conv->owner].number == NONE)
        return false;
    for (uint32_t v = 0; v < VARIANTS; v++)
        if (!w->agents[conv->owner].relay[v])
            return false;
    return w->outs[item->account][w->agents[conv->owner].phone] == 0;
}

/* By number only: what is left of two messages may look the same. */
static bool
partials_missing(const struct world *w)
{
    uint32_t due = 0;

    if (w->jumped || w->now_ms >= w->began_ms + w->validity_ms)
        return false;
    for (uint32_t i = 0; i < w->item_count; i++)
        due += partial_due(w, &w->items[i]);
    return w->partials < due;
}

static bool
audit_satisfied(struct world *w)
{
    for (uint32_t i = 0; i < w->item_count; i++) {
        const struct item *item = &w->items[i];

        if (item->copies < item->accepted && !excused(w, item) && !item->optional)
            return false;
        if (receipt_missing(w, item))
            return false;
    }
    return !partials_missing(w) && cast_at_rest(w);
}

static void
audit_items(struct world *w)
{
    for (uint32_t i = 0; i < w->item_count; i++) {
        const struct item *item = &w->items[i];

        if (item->copies < item->accepted && !excused(w, item) && !item->optional)
            sim_fail(w, "R-rel-1: nothing acknowledged is lost",
                     "item %u: accepted %u, arrived %u: '%.60s'", i, item->accepted, item->copies,
                     item->text);
        if (receipt_missing(w, item))
            sim_fail(w, "R-rel-4: receipts reach the app that asked", "item %u, message_id %s", i,
                     item->message_id);
    }
    if (partials_missing(w))
        sim_fail(w, "R-text-4: what came of a message is delivered", "only %u were", w->partials);
    if (!cast_at_rest(w))
        sim_fail(w, "R-list-3: a broadcast comes to its end", "one has not");
    for (uint32_t i = 0; i < w->req_count; i++)
        if (w->reqs[i].acked && !w->reqs[i].committed)
            sim_fail(w, "R-rel-1: nothing acknowledged is lost",
                     "request %u was acknowledged and is not on disk", i);
}

static void
audit_notices(struct world *w)
{
    /* Nobody keeps the time of each notice: in a run that outlasted a message's life any of them
     * may have expired. */
    if (w->jumped || w->now_ms >= w->began_ms + w->validity_ms)
        return;
    for (uint32_t agent = 0; agent < w->agent_count; agent++) {
        const struct sim_agent *a = &w->agents[agent];

        if (w->outs[a->account][a->phone] > 0)
            continue;
        for (uint32_t kind = OUT_NOTICE; kind <= OUT_OPTED_OUT; kind++)
            if (w->notices_seen[agent][kind] < w->notices_due[agent][kind])
                sim_fail(w, "R-txt-7: one notice", "agent %u got %u of kind %u, %u are due", agent,
                         w->notices_seen[agent][kind], kind, w->notices_due[agent][kind]);
    }
    for (uint32_t account = 0; account < w->account_count; account++)
        for (uint32_t phone = 0; phone < w->phone_count; phone++)
            if (w->out_texts[account][phone] < w->outs_confirmed[account][phone])
                sim_fail(w, "R-stop-6: a STOP is confirmed", "phone %s, account %u: %u of %u",
                         w->phones[phone].digits, account, w->out_texts[account][phone],
                         w->outs_confirmed[account][phone]);
}

/* R-conv-2: one digit wrong, or two neighbours swapped, is never another ID. */
static bool
one_slip_apart(uint64_t a, uint64_t b)
{
    char x[24], y[24];
    int n = snprintf(x, sizeof(x), "%llu", (unsigned long long)a), differences = 0, at = 0;

    if (n != snprintf(y, sizeof(y), "%llu", (unsigned long long)b))
        return false;
    for (int i = 0; i < n; i++)
        if (x[i] != y[i] && differences++ == 0)
            at = i;
    return differences == 1 || (differences == 2 && x[at] == y[at + 1] && x[at + 1] == y[at]);
}

static void
audit_ids(struct world *w)
{
    for (uint32_t i = 0; i < w->conv_count; i++)
        for (uint32_t j = i + 1; j < w->conv_count; j++)
            if (w->convs[i].account == w->convs[j].account && w->convs[i].id && w->convs[j].id &&
                one_slip_apart(w->convs[i].id, w->convs[j].id))
                sim_fail(w, "R-conv-2: IDs are hard to hit by a slip", "%llu and %llu",
                         (unsigned long long)w->convs[i].id, (unsigned long long)w->convs[j].id);
}

/* Conservation: when the world has come to rest, nothing is on its way any more. */
static enum store_table
table_with_rows(struct world *w)
{
    static const enum store_table empty[] = {TABLE_QUEUE, TABLE_INFLIGHT, TABLE_RETRY};
    struct store_reader *reader = store_reader_open(w->store);
    struct slice key, value;
    enum store_table left = STORE_TABLES;

    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
        if (store_reader_seek(reader, empty[i], SLICE_NONE, &key, &value))
            left = empty[i];
    store_reader_close(reader);
    return left;
}

bool
audit_at_rest(struct world *w)
{
    return audit_satisfied(w) && table_with_rows(w) == STORE_TABLES;
}

static void
audit_tables(struct world *w)
{
    enum store_table left = table_with_rows(w);

    if (left != STORE_TABLES)
        sim_fail(w, "conservation: what was accepted has ended", "a row is left in table %s",
                 store_table_name(left));
}

void
audit_final(struct world *w)
{
    audit_items(w);
    audit_notices(w);
    audit_ids(w);
    audit_tables(w);
    tend_audit(w);
}

/* ---- replay */

static bool
is_identity(enum store_table table, struct slice value, struct slice other)
{
    /* The meta row names the environment; everything else in it must agree, and does if all turns
     * were applied. */
    return table == TABLE_META && value.n == other.n;
}

static void
compare_table(struct world *w, struct store_reader *a, struct store_reader *b,
              enum store_table table)
{
    uint8_t from[STORE_KEY_BYTES_MAX + 1];
    size_t n = 0;

    for (;;) {
        struct slice ka, va, kb, vb;
        bool ha = store_reader_seek(a, table, slice_of(from, n), &ka, &va);
        bool hb = store_reader_seek(b, table, slice_of(from, n), &kb, &vb);

        if (!ha && !hb)
            return;
        if (ha != hb || !slice_eq(ka, kb) || (!slice_eq(va, vb) && !is_identity(table, va, vb)))
            sim_fail(w, "replayed changesets make the same tables", "table %s differs",
                     store_table_name(table));
        memcpy(from, ka.p, ka.n);
        from[ka.n] = 0;
        n = ka.n + 1;
    }
}

void
audit_replay(struct world *w)
{
    struct store_options options = {
        .map_bytes = 64u << 20, .refuse_percent = 80, .reserve_bytes = 1 << 20, .unsafe_fs = true};
    char dir[160], why[256];
    struct store *copy;
    struct store_reader *a, *b;

    snprintf(dir, sizeof(dir), "%s.replay", w->dir);
    options.dir = dir;
    world_remove_store(dir);
    if (store_open(&options, &copy, why, sizeof(why)) != STORE_OK) {
        printf("cannot open the store in %s: %s\n", dir, why);
        exit(2);
    }
    for (uint32_t i = 0; i < w->changeset_count; i++)
        if (!store_apply(copy, slice_of(w->changesets[i], w->changeset_bytes[i])))
            sim_fail(w, "replayed changesets make the same tables", "changeset %u is refused", i);
    a = store_reader_open(w->store);
    b = store_reader_open(copy);
    for (int table = 0; table < STORE_TABLES; table++)
        compare_table(w, a, b, (enum store_table)table);
    store_reader_close(a);
    store_reader_close(b);
    store_close(copy);
    world_remove_store(dir);
}
