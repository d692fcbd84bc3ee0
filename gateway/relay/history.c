/*
 * history.c: letting go what was said. An account may keep its history for so many days only
 * (keep_history_days); a conversation may have to go whole (erase.c). Both work in small pieces, so
 * that messages never wait for them, and both are recorded without what they took away.
 *
 * Retention needs no list of its own: TABLE_HISTORY has an account's entries in the order in which
 * they came, so what is too old is at its head.
 */
#include "gateway/relay/history.h"

#include "gateway/relay/auto.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"

#define DAY_MS (24ull * 3600 * 1000)
/* Entries that one turn deletes: some milliseconds, most of it pages that are written. */
#define RETENTION_ROWS_MAX 200u
/* Between two pieces: others have turns meanwhile, and commits of their own. */
#define RETENTION_PAUSE_MS 20u
/* From the end of one pass to the next. */
#define RETENTION_MS (3600u * 1000u)
/* After a start there is more urgent work. */
#define RETENTION_FIRST_MS 60000u

/* ---- the record of it */

static void
erasure_key(struct key *key, uint32_t account, uint64_t erasure)
{
    key_init(key);
    key_u32(key, account);
    key_u64(key, erasure);
}

bool
erasure_get(struct step *s, uint32_t account, uint64_t erasure, struct rec_erasure *out)
{
    struct key key;

    erasure_key(&key, account, erasure);
    return record_get(s->txn, TABLE_ERASURE, key_slice(&key), &rec_erasure_def, out);
}

void
erasure_put(struct step *s, uint32_t account, uint64_t erasure, const struct rec_erasure *rec)
{
    struct key key;

    erasure_key(&key, account, erasure);
    record_put(s->txn, TABLE_ERASURE, key_slice(&key), &rec_erasure_def, rec);
}

uint64_t
erasure_new(struct step *s, uint32_t account, const struct rec_erasure *rec)
{
    uint64_t erasure = store_counter_next(s->txn, "erasure", account);

    erasure_put(s, account, erasure, rec);
    return erasure;
}

/* What retention did in one day is one record. */
static void
retention_note(struct step *s, uint32_t account, const struct rec_erasure *done)
{
    struct rec_erasure rec;
    struct key prefix;
    struct slice key;
    uint64_t erasure = 0;

    key_init(&prefix);
    key_u32(&prefix, account);
    if (store_last(s->txn, TABLE_ERASURE, key_slice(&prefix), &key, NULL)) {
        key = slice_of(key.p + prefix.n, key.n - prefix.n);
        (void)key_take_u64(&key, &erasure);
    }
    if (erasure == 0 || !erasure_get(s, account, erasure, &rec) ||
        rec.kind != ERASURE_RETENTION || rec.asked_ms / DAY_MS != s->now_ms / DAY_MS) {
        rec = (struct rec_erasure){.kind = ERASURE_RETENTION, .asked_ms = s->now_ms};
        erasure = erasure_new(s, account, &rec);
    }
    rec.before_ms = done->before_ms;
    rec.done_ms = s->now_ms;
    rec.entries += done->entries;
    rec.conversations += done->conversations;
    erasure_put(s, account, erasure, &rec);
}

/* ---- whole conversations */

static void
conv_prefix(struct key *key, const struct conv *conv)
{
    key_init(key);
    key_u32(key, conv->account);
    key_u64(key, conv->id);
}

/* All rows of a table whose keys begin so; there are few. */
static void
rows_drop(struct step *s, enum store_table table, const struct key *prefix)
{
    struct slice key;

    while (store_seek(s->txn, table, key_slice(prefix), key_slice(prefix), &key, NULL))
        store_del(s->txn, table, key);
}

/* Its entries are gone; so is everything else that says that it was. */
static void
conv_forget(struct step *s, struct conv *conv)
{
    struct slice value;
    struct key key;
    uint64_t id;

    key_init(&key);
    key_u32(&key, conv->account);
    key_addr(&key, &conv->rec.number);
    key_addr(&key, &conv->rec.contact);
    if (store_get(s->txn, TABLE_CONV_OPEN, key_slice(&key), &value) &&
        key_take_u64(&value, &id) && id == conv->id)
        (void)store_del(s->txn, TABLE_CONV_OPEN, key_slice(&key));
    key_init(&key);
    key_u32(&key, conv->account);
    key_addr(&key, &conv->rec.contact);
    key_u64(&key, conv->id);
    (void)store_del(s->txn, TABLE_THREAD, key_slice(&key));
    auto_conv_closed(s, conv->account, conv->id);
    conv_prefix(&key, conv);
    rows_drop(s, TABLE_FORWARDED, &key);
    rows_drop(s, TABLE_HISTORY_OF, &key);
    conv->rec.status = 0; /* no view has it any more */
    conv_put(s, conv);
    (void)store_del(s->txn, TABLE_CONV, key_slice(&key));
}

/* The first of its rows with numbers of entries; these begin with *first. */
static bool
first_row(struct step *s, const struct conv *conv, uint32_t *first, struct slice *key)
{
    struct key prefix;
    struct slice rest;

    conv_prefix(&prefix, conv);
    if (!store_seek(s->txn, TABLE_HISTORY_OF, key_slice(&prefix), key_slice(&prefix), key, NULL))
        return false;
    rest = slice_of(key->p + prefix.n, key->n - prefix.n);
    return key_take_u32(&rest, first);
}

bool
history_drop(struct step *s, struct conv *conv, uint32_t *budget)
{
    uint32_t first, last = conv->rec.entries;
    struct slice row;

    while (first_row(s, conv, &first, &row)) {
        if (*budget < ENTRIES_PER_ROW || turn_is_full(s))
            return false;
        for (uint32_t n = first; n < first + ENTRIES_PER_ROW; n++)
            conv_entry_drop(s, conv, n);
        store_del(s->txn, TABLE_HISTORY_OF, row);
        *budget -= ENTRIES_PER_ROW;
    }
    if (*budget < ENTRIES_PER_ROW)
        return false;
    *budget -= ENTRIES_PER_ROW;
    for (uint32_t n = last - last % ENTRIES_PER_ROW + 1; n <= last; n++)
        conv_entry_drop(s, conv, n);
    conv_forget(s, conv);
    return true;
}

/* ---- retention */

/* The entry is gone: the row that has its number goes with its last one, and a closed conversation
 * with its last entry. */
static void
entry_gone(struct step *s, uint32_t account, const struct rec_entry *entry,
           struct rec_erasure *done)
{
    struct conv conv;
    struct key key;

    done->entries++;
    if (entry->n % ENTRIES_PER_ROW == 0) {
        key_init(&key);
        key_u32(&key, account);
        key_u64(&key, entry->conv);
        key_u32(&key, entry->n - ENTRIES_PER_ROW + 1);
        (void)store_del(s->txn, TABLE_HISTORY_OF, key_slice(&key));
    }
    if (!conv_get(s, account, entry->conv, &conv) || conv.rec.status != CONV_CLOSED ||
        entry->n != conv.rec.entries)
        return;
    conv_forget(s, &conv);
    done->conversations++;
}

/* True: there is more to do. The budget is that of the turn, whatever number of accounts it is for.
 */
static bool
retention_account(struct step *s, uint32_t account, uint32_t days, uint32_t *budget)
{
    struct rec_erasure done = {.before_ms = s->now_ms - days * DAY_MS};
    struct key prefix;
    bool more = false;

    key_init(&prefix);
    key_u32(&prefix, account);
    while (days * DAY_MS < s->now_ms) {
        struct rec_entry entry;
        struct slice key;

        if (!store_seek(s->txn, TABLE_HISTORY, key_slice(&prefix), key_slice(&prefix), &key, NULL))
            break;
        if (record_get(s->txn, TABLE_HISTORY, key, &rec_entry_def, &entry) &&
            entry.at_ms >= done.before_ms)
            break;
        more = *budget == 0 || turn_is_full(s);
        if (more)
            break;
        (*budget)--;
        store_del(s->txn, TABLE_HISTORY, key);
        entry_gone(s, account, &entry, &done);
    }
    if (done.entries > 0)
        retention_note(s, account, &done);
    s->relay->count.history_deleted += done.entries;
    return more;
}

void
retention_plan(struct relay *relay, uint64_t now_ms)
{
    relay->retention_at = 0;
    relay->retention_ms = UINT64_MAX;
    for (uint32_t i = 0; i < relay->conf->account_count; i++)
        if (relay->conf->accounts[i].keep_history_days > 0)
            relay->retention_ms = now_ms + RETENTION_FIRST_MS;
}

void
retention_some(struct step *s)
{
    const struct conf *conf = s->relay->conf;
    uint32_t budget = RETENTION_ROWS_MAX;

    for (; s->relay->retention_at < conf->account_count; s->relay->retention_at++) {
        const struct dir_account *dir = &conf->accounts[s->relay->retention_at];
        uint32_t account;

        if (dir->keep_history_days == 0)
            continue;
        account = directory_account_id(s, dir->id);
        if (account != 0 && retention_account(s, account, dir->keep_history_days, &budget)) {
            s->relay->retention_ms = s->now_ms + RETENTION_PAUSE_MS;
            return;
        }
    }
    s->relay->retention_at = 0;
    s->relay->retention_ms = s->now_ms + RETENTION_MS;
}
