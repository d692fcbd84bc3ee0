/*
 * store_txn.c: the write transaction: reads that copy, mutations that are noted in the changeset,
 * commit. What goes wrong below ends the process, so that no caller has a half-done turn on its
 * hands.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "store/store_impl.h"

struct store_txn *
store_begin(struct store *store)
{
    struct store_txn *txn = &store->txn;
    int rc;

    assert(!store->read_only && !store->failed && txn->mdb == NULL);
    rc = mdb_txn_begin(store->env, NULL, 0, &txn->mdb);
    if (rc != 0)
        store_fatal("begin", TABLE_META, rc);
    if (txn->cache.slots == NULL)
        cache_init(&txn->cache);
    return txn;
}

static void
txn_over(struct store_txn *txn)
{
    txn->mdb = NULL;
    scratch_reset(&txn->scratch);
    changeset_reset(&txn->changes);
    counters_reset(&txn->counters);
}

void *
store_scratch(struct store_txn *txn, size_t bytes)
{
    assert(txn->mdb != NULL);
    return scratch_take(&txn->scratch, bytes);
}

uint8_t *
store_value_room(struct store_txn *txn)
{
    assert(txn->mdb != NULL);
    return txn->value;
}

static struct slice
copy(struct store_txn *txn, struct slice in)
{
    uint8_t *at = scratch_take_octets(&txn->scratch, in.n);

    if (in.n > 0)
        memcpy(at, in.p, in.n);
    return slice_of(at, in.n);
}

bool
store_get(struct store_txn *txn, enum store_table table, struct slice key, struct slice *value)
{
    MDB_val k = val_of(key), v;
    enum cache_found found;
    struct slice row;
    int rc;

    assert(txn->mdb != NULL && table < STORE_TABLES && key.n > 0 && key.n <= STORE_KEY_BYTES_MAX);
    txn->store->reads++;
    found = cache_get(&txn->cache, table, key, &row);
    if (found == CACHE_UNKNOWN) {
        rc = mdb_get(txn->mdb, txn->store->dbi[table], &k, &v);
        if (rc != 0 && rc != MDB_NOTFOUND)
            store_fatal("get", table, rc);
        row = rc == 0 ? slice_of_val(v) : SLICE_NONE;
        cache_note(&txn->cache, table, key, rc == 0 ? &row : NULL);
        found = rc == 0 ? CACHE_THERE : CACHE_ABSENT;
    }
    if (found == CACHE_THERE)
        *value = copy(txn, row);
    return found == CACHE_THERE;
}

/* A cursor lives for one call: LMDB has to mend open cursors at every put, and has had bugs in
 * that. */
static MDB_cursor *
cursor_open(struct store_txn *txn, enum store_table table)
{
    MDB_cursor *cursor;
    int rc;

    assert(txn->mdb != NULL && table < STORE_TABLES);
    rc = mdb_cursor_open(txn->mdb, txn->store->dbi[table], &cursor);
    if (rc != 0)
        store_fatal("cursor", table, rc);
    return cursor;
}

static bool
begins_with(MDB_val key, struct slice prefix)
{
    return key.mv_size >= prefix.n &&
           (prefix.n == 0 || memcmp(key.mv_data, prefix.p, prefix.n) == 0);
}

/* Closes the cursor; hands out the row it found if that begins with prefix. */
static bool
cursor_result(struct store_txn *txn, MDB_cursor *cursor, int rc, struct slice prefix,
              MDB_val row[2], struct slice *key, struct slice *value)
{
    bool found = rc == 0 && begins_with(row[0], prefix);

    if (found && key != NULL)
        *key = copy(txn, slice_of_val(row[0]));
    if (found && value != NULL)
        *value = copy(txn, slice_of_val(row[1]));
    mdb_cursor_close(cursor);
    return found;
}

bool
store_seek(struct store_txn *txn, enum store_table table, struct slice from, struct slice prefix,
           struct slice *key, struct slice *value)
{
    MDB_cursor *cursor = cursor_open(txn, table);
    struct slice start = slice_cmp(from, prefix) < 0 ? prefix : from;
    MDB_val row[2] = {val_of(start), {0, NULL}};
    int rc;

    assert(start.n <= STORE_KEY_BYTES_MAX);
    txn->store->reads++;
    rc = mdb_cursor_get(cursor, &row[0], &row[1], start.n > 0 ? MDB_SET_RANGE : MDB_FIRST);
    if (rc != 0 && rc != MDB_NOTFOUND)
        store_fatal("seek", table, rc);
    return cursor_result(txn, cursor, rc, prefix, row, key, value);
}

/* The smallest key behind all that begin with prefix; false if there is none (no prefix, or all
 * octets are 0xff). */
static bool
prefix_end(struct slice prefix, uint8_t end[STORE_KEY_BYTES_MAX], size_t *n)
{
    assert(prefix.n <= STORE_KEY_BYTES_MAX);
    while (prefix.n > 0 && prefix.p[prefix.n - 1] == 0xff)
        prefix.n--;
    if (prefix.n == 0)
        return false;
    memcpy(end, prefix.p, prefix.n);
    end[prefix.n - 1]++;
    *n = prefix.n;
    return true;
}

bool
store_last(struct store_txn *txn, enum store_table table, struct slice prefix, struct slice *key,
           struct slice *value)
{
    MDB_cursor *cursor = cursor_open(txn, table);
    uint8_t end[STORE_KEY_BYTES_MAX];
    size_t end_n = 0;
    MDB_val row[2] = {{0, NULL}, {0, NULL}};
    int rc = MDB_NOTFOUND;

    txn->store->reads++;
    if (prefix_end(prefix, end, &end_n)) {
        row[0] = val_of(slice_of(end, end_n));
        rc = mdb_cursor_get(cursor, &row[0], &row[1], MDB_SET_RANGE);
        if (rc == 0)
            rc = mdb_cursor_get(cursor, &row[0], &row[1], MDB_PREV);
        else if (rc == MDB_NOTFOUND)
            rc = mdb_cursor_get(cursor, &row[0], &row[1], MDB_LAST);
    } else {
        rc = mdb_cursor_get(cursor, &row[0], &row[1], MDB_LAST);
    }
    if (rc != 0 && rc != MDB_NOTFOUND)
        store_fatal("last", table, rc);
    return cursor_result(txn, cursor, rc, prefix, row, key, value);
}

void
store_put_any(struct store_txn *txn, enum store_table table, struct slice key, struct slice value)
{
    struct changeset_op op = {(uint8_t)table, CHANGESET_PUT, key, value};
    MDB_val k = val_of(key), v = val_of(value);
    int rc;

    assert(txn->mdb != NULL && key.n > 0 && key.n <= STORE_KEY_BYTES_MAX &&
           value.n <= STORE_VALUE_BYTES_MAX);
    rc = mdb_put(txn->mdb, txn->store->dbi[table], &k, &v, 0);
    if (rc != 0)
        store_fatal("put", table, rc);
    cache_note(&txn->cache, table, key, &value);
    changeset_add(&txn->changes, &op);
}

bool
store_del_any(struct store_txn *txn, enum store_table table, struct slice key)
{
    struct changeset_op op = {(uint8_t)table, CHANGESET_DEL, key, SLICE_NONE};
    MDB_val k = val_of(key);
    int rc;

    assert(txn->mdb != NULL && key.n > 0 && key.n <= STORE_KEY_BYTES_MAX);
    rc = mdb_del(txn->mdb, txn->store->dbi[table], &k, NULL);
    if (rc == MDB_NOTFOUND)
        return false;
    if (rc != 0)
        store_fatal("del", table, rc);
    cache_note(&txn->cache, table, key, NULL);
    changeset_add(&txn->changes, &op);
    return true;
}

void
store_clear_any(struct store_txn *txn, enum store_table table)
{
    struct changeset_op op = {(uint8_t)table, CHANGESET_CLEAR, SLICE_NONE, SLICE_NONE};
    int rc;

    assert(txn->mdb != NULL);
    rc = mdb_drop(txn->mdb, txn->store->dbi[table], 0);
    if (rc != 0)
        store_fatal("clear", table, rc);
    cache_empty(&txn->cache);
    changeset_add(&txn->changes, &op);
}

/* The store writes META and the counters itself: a put from outside would be overwritten at the
 * commit. */
static bool
is_callers(enum store_table table)
{
    return table != TABLE_META && table != TABLE_COUNTER && table < STORE_TABLES;
}

void
store_put(struct store_txn *txn, enum store_table table, struct slice key, struct slice value)
{
    assert(is_callers(table));
    store_put_any(txn, table, key, value);
}

bool
store_del(struct store_txn *txn, enum store_table table, struct slice key)
{
    assert(is_callers(table));
    return store_del_any(txn, table, key);
}

void
store_clear(struct store_txn *txn, enum store_table table)
{
    assert(is_callers(table));
    store_clear_any(txn, table);
}

size_t
store_changeset_bytes(const struct store_txn *txn)
{
    return txn->changes.n +
           txn->counters.count * (CHANGESET_OP_BYTES + COUNTER_KEY_BYTES_MAX + COUNTER_ROW_BYTES);
}

void
store_abort(struct store_txn *txn)
{
    assert(txn->mdb != NULL);
    mdb_txn_abort(txn->mdb);
    cache_empty(&txn->cache);
    txn_over(txn);
}

static enum store_outcome
commit_failed(struct store *store, int rc)
{
    store->failed = true;
    fprintf(stderr,
            "tandem: store: commit of turn %" PRIu64 " failed, its outcome is unknown: %s\n",
            store->meta.sequence + 1, mdb_strerror(rc));
    return STORE_UNKNOWN;
}

enum store_outcome
store_commit(struct store_txn *txn, uint64_t now_ms)
{
    struct store *store = txn->store;
    struct store_meta meta = store->meta;
    int rc;

    assert(txn->mdb != NULL && now_ms >= meta.turn_ms);
    counters_write(txn);
    if (txn->changes.n == CHANGESET_HEADER_BYTES) {
        mdb_txn_abort(txn->mdb);
        txn_over(txn);
        return STORE_DURABLE;
    }
    meta.sequence++;
    meta.turn_ms = now_ms;
    changeset_seal(&txn->changes, meta.sequence, now_ms);
    changeset_hash(&txn->changes, meta.changeset_hash);
    rc = meta_write(txn->mdb, store->dbi[TABLE_META], &meta);
    if (rc != 0)
        store_fatal("put", TABLE_META, rc);
    if (store->recorder != NULL)
        store->recorder(store->recorder_context, slice_of(txn->changes.p, txn->changes.n));
    rc = mdb_txn_commit(txn->mdb);
    txn_over(txn);
    if (rc != 0)
        return commit_failed(store, rc);
    store->meta = meta;
    store->commits++;
    return STORE_DURABLE;
}
