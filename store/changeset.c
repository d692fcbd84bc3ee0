/*
 * changeset.c: the mutations of a turn as octets: collecting, hashing, applying somewhere else. The
 * octets are always collected, not only for a recorder: hashing them once at the commit costs less
 * than feeding a hash piece by piece.
 */
#include <assert.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "protocol/wire.h"
#include "store/store_impl.h"

void
changeset_init(struct changeset *changes)
{
    *changes = (struct changeset){NULL, CHANGESET_HEADER_BYTES, 0};
}

void
changeset_release(struct changeset *changes)
{
    free(changes->p);
    changeset_init(changes);
}

void
changeset_reset(struct changeset *changes)
{
    if (changes->cap > CHANGESET_KEEP_BYTES)
        changeset_release(changes);
    changes->n = CHANGESET_HEADER_BYTES;
}

static uint8_t *
save(uint8_t *at, size_t width, uint64_t value)
{
    wire_store(at, width, value);
    return at + width;
}

static void
changeset_grow(struct changeset *changes, size_t bytes)
{
    size_t cap = changes->cap ? changes->cap : STORE_TURN_BYTES;
    uint8_t *p;

    while (cap - changes->n < bytes)
        cap *= 2;
    p = realloc(changes->p, cap);
    if (p == NULL)
        store_no_memory();
    changes->p = p;
    changes->cap = cap;
}

void
changeset_add(struct changeset *changes, const struct changeset_op *op)
{
    size_t bytes = CHANGESET_OP_BYTES + op->key.n + op->value.n;
    uint8_t *at;

    if (changes->cap < changes->n + bytes)
        changeset_grow(changes, bytes);
    at = changes->p + changes->n;
    at = save(at, 1, op->table);
    at = save(at, 1, op->kind);
    at = save(at, 2, op->key.n);
    at = save(at, 4, op->value.n);
    if (op->key.n > 0)
        memcpy(at, op->key.p, op->key.n);
    if (op->value.n > 0)
        memcpy(at + op->key.n, op->value.p, op->value.n);
    changes->n += bytes;
}

void
changeset_seal(struct changeset *changes, uint64_t sequence, uint64_t now_ms)
{
    assert(changes->p != NULL);
    save(save(changes->p, 8, sequence), 8, now_ms);
}

void
changeset_hash(const struct changeset *changes, uint8_t hash[16])
{
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits(changes->p, changes->n));
    memcpy(hash, canonical.digest, 16);
}

void
store_record(struct store *store, store_recorder *recorder, void *context)
{
    store->recorder = recorder;
    store->recorder_context = context;
}

/* Takes one op off the front of *rest; false if what is there is none. */
static bool
op_take(struct slice *rest, struct changeset_op *op)
{
    size_t key_n, value_n;

    if (rest->n < CHANGESET_OP_BYTES)
        return false;
    op->table = rest->p[0];
    op->kind = rest->p[1];
    key_n = (size_t)wire_load(rest->p + 2, 2);
    value_n = (size_t)wire_load(rest->p + 4, 4);
    *rest = slice_of(rest->p + CHANGESET_OP_BYTES, rest->n - CHANGESET_OP_BYTES);
    if (key_n > rest->n || value_n > rest->n - key_n)
        return false;
    op->key = slice_of(rest->p, key_n);
    op->value = slice_of(rest->p + key_n, value_n);
    *rest = slice_of(rest->p + key_n + value_n, rest->n - key_n - value_n);
    return true;
}

static bool
op_valid(const struct changeset_op *op)
{
    if (op->table == TABLE_META || op->table >= STORE_TABLES)
        return false;
    switch (op->kind) {
    case CHANGESET_PUT:
        return op->key.n > 0 && op->key.n <= STORE_KEY_BYTES_MAX &&
               op->value.n <= STORE_VALUE_BYTES_MAX;
    case CHANGESET_DEL:
        return op->key.n > 0 && op->key.n <= STORE_KEY_BYTES_MAX && op->value.n == 0;
    case CHANGESET_CLEAR:
        return op->key.n == 0 && op->value.n == 0;
    default:
        return false;
    }
}

static bool
ops_valid(struct slice ops)
{
    struct changeset_op op;

    if (ops.n == 0)
        return false;
    while (ops.n > 0)
        if (!op_take(&ops, &op) || !op_valid(&op))
            return false;
    return true;
}

/* False if the row to be deleted is not there: this store is not a copy of the one that recorded
 * the changeset. */
static bool
op_apply(struct store_txn *txn, const struct changeset_op *op)
{
    enum store_table table = (enum store_table)op->table;

    switch ((enum changeset_kind)op->kind) {
    case CHANGESET_PUT:
        store_put_any(txn, table, op->key, op->value);
        return true;
    case CHANGESET_DEL:
        return store_del_any(txn, table, op->key);
    case CHANGESET_CLEAR:
        store_clear_any(txn, table);
        return true;
    }
    return false;
}

bool
store_apply(struct store *store, struct slice changeset)
{
    struct store_txn *txn;
    struct slice ops;
    struct changeset_op op;

    if (changeset.n < CHANGESET_HEADER_BYTES ||
        wire_load(changeset.p, 8) != store->meta.sequence + 1 ||
        wire_load(changeset.p + 8, 8) < store->meta.turn_ms)
        return false;
    ops = slice_of(changeset.p + CHANGESET_HEADER_BYTES, changeset.n - CHANGESET_HEADER_BYTES);
    if (!ops_valid(ops))
        return false;
    txn = store_begin(store);
    while (ops.n > 0) {
        if (!op_take(&ops, &op) || !op_apply(txn, &op)) {
            store_abort(txn);
            return false;
        }
    }
    if (store_commit(txn, wire_load(changeset.p + 8, 8)) != STORE_DURABLE)
        store_fatal("apply", TABLE_META, MDB_PANIC);
    return true;
}
