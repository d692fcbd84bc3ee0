/*
 * changeset_test.c: what a turn records is all that another machine needs (DESIGN.md, rule 1 for a
 * second machine).
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <signal.h>
#include <stdlib.h>

#include "store/store.h"
#include "tests/unit/check.h"
#include "tests/unit/temp_store.h"

#define TURNS_MAX 256

/* Every changeset of a store, in memory. */
struct log {
    struct slice turn[TURNS_MAX];
    size_t count;
};

static void
log_turn(void *context, struct slice changeset)
{
    struct log *log = context;
    uint8_t *copy = malloc(changeset.n);

    check(copy != NULL && log->count < TURNS_MAX);
    memcpy(copy, changeset.p, changeset.n);
    log->turn[log->count++] = slice_of(copy, changeset.n);
}

static void
log_release(struct log *log)
{
    for (size_t i = 0; i < log->count; i++)
        free((void *)(uintptr_t)log->turn[i].p);
    log->count = 0;
}

static uint32_t
draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void
random_op(struct store_txn *txn, uint32_t *seed)
{
    enum store_table table = (enum store_table)(2 + draw(seed) % (STORE_TABLES - 2));
    uint8_t key[STORE_KEY_BYTES_MAX - 1], value[2000];
    size_t key_n = 1 + draw(seed) % 3, value_n = draw(seed) % sizeof(value);

    /* Short keys meet often, so that rows are overwritten and deleted; a few are long. */
    if (draw(seed) % 50 == 0)
        key_n = sizeof(key);
    memset(key, (int)(draw(seed) % 4), sizeof(key));
    key[0] = (uint8_t)(draw(seed) % 8);
    memset(value, (int)draw(seed), sizeof(value));
    switch (draw(seed) % 16) {
    case 0:
    case 1:
    case 2:
        store_del(txn, table, slice_of(key, key_n));
        return;
    case 3:
        store_counter_next(txn, "message", 0);
        return;
    case 4:
        store_counter_next(txn, "conv", draw(seed) % 5);
        return;
    case 5:
        if (draw(seed) % 20 == 0)
            store_clear(txn, table);
        return;
    default:
        store_put(txn, table, slice_of(key, key_n), slice_of(value, value_n));
        return;
    }
}

static void
random_turns(struct store *store, size_t turns, uint64_t now_ms, uint32_t *seed)
{
    for (size_t i = 0; i < turns; i++) {
        struct store_txn *txn = store_begin(store);
        uint32_t ops = draw(seed) % 60;

        for (uint32_t j = 0; j < ops; j++)
            random_op(txn, seed);
        if (draw(seed) % 10 == 0)
            store_abort(txn);
        else
            check_number(store_commit(txn, now_ms + i / 3), STORE_DURABLE);
    }
}

static void
replay_gives_every_table_byte_for_byte(void)
{
    struct store *origin = temp_store(temp_dir()), *replica = temp_store(temp_dir());
    struct log log = {.count = 0};
    uint32_t seed = 1;

    store_record(origin, log_turn, &log);
    random_turns(origin, 150, 1700000000000, &seed);
    check(log.count > 100);
    for (size_t i = 0; i < log.count; i++)
        check(store_apply(replica, log.turn[i]));
    temp_same(origin, replica);
    store_close(origin);
    store_close(replica);
    log_release(&log);
}

static void
a_snapshot_goes_on_with_the_changesets_after_it(void)
{
    const char *copy = temp_path(temp_dir(), "copy");
    struct store *origin = temp_store(temp_dir()), *replica;
    struct log log = {.count = 0};
    uint32_t seed = 2;
    char why[256];

    random_turns(origin, 50, 1700000000000, &seed);
    check_number(store_snapshot(origin, copy, why, sizeof(why)), STORE_OK);
    store_record(origin, log_turn, &log);
    random_turns(origin, 50, 1700000001000, &seed);
    replica = temp_store(copy);
    for (size_t i = 0; i < log.count; i++)
        check(store_apply(replica, log.turn[i]));
    temp_same(origin, replica);
    store_close(origin);
    store_close(replica);
    log_release(&log);
}

static void
a_replica_records_what_it_applies(void)
{
    struct store *origin = temp_store(temp_dir()), *replica = temp_store(temp_dir());
    struct log log = {.count = 0}, again = {.count = 0};
    uint32_t seed = 3;

    store_record(origin, log_turn, &log);
    store_record(replica, log_turn, &again);
    random_turns(origin, 40, 5, &seed);
    for (size_t i = 0; i < log.count; i++)
        check(store_apply(replica, log.turn[i]));
    check_number(again.count, log.count);
    for (size_t i = 0; i < log.count; i++)
        check_slice(again.turn[i], log.turn[i]);
    store_close(origin);
    store_close(replica);
    log_release(&log);
    log_release(&again);
}

/* One of every op, as it stands in the header of store.h. */
static struct slice
one_of_each(struct log *log)
{
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);

    store_put(txn, TABLE_AGENT, SLICE_LIT("gone"), SLICE_LIT(""));
    check_number(store_commit(txn, 1), STORE_DURABLE);
    store_record(store, log_turn, log);
    txn = store_begin(store);
    store_put(txn, TABLE_LINK, SLICE_LIT("ab"), SLICE_LIT("xyz"));
    check(store_del(txn, TABLE_AGENT, SLICE_LIT("gone")));
    check(!store_del(txn, TABLE_AGENT, SLICE_LIT("gone")));
    store_clear(txn, TABLE_QUEUE);
    check_number(store_counter_next(txn, "c", 9), 1);
    check_number(store_counter_next(txn, "c", 9), 2);
    check_number(store_commit(txn, 0x0102030405), STORE_DURABLE);
    store_close(store);
    check_number(log->count, 1);
    return log->turn[0];
}

static void
format_is_stable(void)
{
    struct log log = {.count = 0};
    uint8_t want[128];
    size_t n = check_hex("0000000000000002 0000000102030405"
                         "03 01 0002 00000003 6162 78797a"
                         "06 02 0004 00000000 676f6e65"
                         "10 03 0000 00000000"
                         "01 01 0006 0000000c 630000000009 0000000000000002 ce0afd1c",
                         want, sizeof(want));

    check_slice(one_of_each(&log), slice_of(want, n));
    log_release(&log);
}

static void
meta_row_has_hash_sequence_and_time(void)
{
    struct store *store = temp_store(temp_dir());
    struct log log = {.count = 0};
    struct store_meta meta;
    XXH128_canonical_t hash;
    uint32_t seed = 4;

    store_meta_get(store, &meta);
    check_number(meta.sequence, 0);
    store_record(store, log_turn, &log);
    random_turns(store, 10, 77, &seed);
    store_meta_get(store, &meta);
    check_number(meta.sequence, log.count);
    check(meta.turn_ms >= 77 && meta.turn_ms <= 80);
    check_number(meta.schema, STORE_SCHEMA);
    XXH128_canonicalFromHash(&hash,
                             XXH3_128bits(log.turn[log.count - 1].p, log.turn[log.count - 1].n));
    check_slice(slice_of(meta.changeset_hash, 16), slice_of(hash.digest, 16));
    store_close(store);
    log_release(&log);
}

static void
a_turn_without_mutations_is_no_turn(void)
{
    struct store *store = temp_store(temp_dir());
    struct log log = {.count = 0};
    struct store_txn *txn;
    struct store_meta meta;

    store_record(store, log_turn, &log);
    txn = store_begin(store);
    check(!store_del(txn, TABLE_LINK, SLICE_LIT("nothing")));
    check_number(store_commit(txn, 5), STORE_DURABLE);
    store_meta_get(store, &meta);
    check_number(meta.sequence, 0);
    check_number(meta.turn_ms, 0);
    check_number(log.count, 0);
    store_close(store);
}

static void
an_aborted_turn_leaves_nothing(void)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir), *empty = temp_store(temp_dir());
    struct log log = {.count = 0};
    struct store_txn *txn;

    store_record(store, log_turn, &log);
    txn = store_begin(store);
    store_put(txn, TABLE_LINK, SLICE_LIT("a"), SLICE_LIT("b"));
    check_number(store_counter_next(txn, "message", 0), 1);
    store_abort(txn);
    temp_same(store, empty);
    txn = store_begin(store);
    check_number(store_counter_next(txn, "message", 0), 1);
    store_abort(txn);
    check_number(log.count, 0);
    store_close(store);
    store_close(empty);
}

/* Applies to a store at sequence 1 that has the row one_of_each() deletes; the store must stay as
 * it is. */
static void
refused(struct store *store, struct slice changeset)
{
    struct store_meta before, after;

    store_meta_get(store, &before);
    check(!store_apply(store, changeset));
    store_meta_get(store, &after);
    check(memcmp(&before, &after, sizeof(before)) == 0);
}

static struct store *
store_at_one(void)
{
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);

    store_put(txn, TABLE_AGENT, SLICE_LIT("gone"), SLICE_LIT(""));
    check_number(store_commit(txn, 1), STORE_DURABLE);
    return store;
}

static void
a_changeset_cut_at_every_byte_is_refused(void)
{
    struct log log = {.count = 0};
    struct slice whole = one_of_each(&log);
    struct store *store = store_at_one(), *same = store_at_one();

    for (size_t n = 0; n < whole.n; n++) {
        bool between_ops = n == 16 + 13 || n == 16 + 13 + 12 || n == 16 + 13 + 12 + 8;

        /* A cut between two ops is a changeset; lengths are what the log around it is for. */
        if (!between_ops)
            refused(store, slice_of(whole.p, n));
    }
    temp_same(store, same);
    check(store_apply(store, whole));
    refused(store, whole);
    store_close(store);
    store_close(same);
    log_release(&log);
}

static void
a_wrong_changeset_is_refused(void)
{
    static const struct {
        const char *name;
        const char *hex;
    } rows[] = {
        {"nothing in it", "0000000000000002 0000000000000005"},
        {"sequence before", "0000000000000001 0000000000000005 0301000100000001 61 62"},
        {"sequence behind", "0000000000000003 0000000000000005 0301000100000001 61 62"},
        {"time goes back", "0000000000000002 0000000000000000 0301000100000001 61 62"},
        {"table META", "0000000000000002 0000000000000005 0001000100000001 61 62"},
        {"no such table", "0000000000000002 0000000000000005 ff01000100000001 61 62"},
        {"kind 0", "0000000000000002 0000000000000005 0300000100000001 61 62"},
        {"kind 4", "0000000000000002 0000000000000005 0304000100000001 61 62"},
        {"empty key", "0000000000000002 0000000000000005 0301000000000001 62"},
        {"delete with a value", "0000000000000002 0000000000000005 0602000400000001 676f6e65 62"},
        {"clear with a key", "0000000000000002 0000000000000005 0603000100000000 61"},
        {"value longer than the rest", "0000000000000002 0000000000000005 0301000100000002 61 62"},
        {"length overflows", "0000000000000002 0000000000000005 03010001ffffffff 61 62"},
        {"delete of a missing row", "0000000000000002 0000000000000005 0602000100000000 61"},
        {"second op is bad",
         "0000000000000002 0000000000000005 0301000100000001 61 62 0301000000000000"},
    };
    struct store *store = store_at_one(), *same = store_at_one();

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t octets[64];

        refused(store, slice_of(octets, check_hex(rows[i].hex, octets, sizeof(octets))));
    }
    temp_same(store, same);
    store_close(store);
    store_close(same);
}

static void
size_of_a_turn_is_known_while_it_grows(void)
{
    struct store *store = temp_store(temp_dir());
    struct log log = {.count = 0};
    struct store_txn *txn;
    size_t said;
    uint8_t value[1000] = {0};

    store_record(store, log_turn, &log);
    txn = store_begin(store);
    for (uint8_t i = 0; i < 100; i++) {
        said = store_changeset_bytes(txn);
        store_put(txn, TABLE_MESSAGE, slice_of(&i, 1), slice_of(value, sizeof(value)));
        check(store_changeset_bytes(txn) == said + 8 + 1 + sizeof(value));
    }
    store_counter_next(txn, "message", 0);
    said = store_changeset_bytes(txn);
    check_number(store_commit(txn, 1), STORE_DURABLE);
    check(log.turn[0].n <= said && log.turn[0].n > 100 * 1009);
    store_close(store);
    log_release(&log);
}

/* More than the buffer is kept for, so that growing and shrinking are both walked. */
static void
a_large_turn_is_recorded_whole(void)
{
    struct store *origin = temp_store(temp_dir()), *replica = temp_store(temp_dir());
    struct log log = {.count = 0};
    static uint8_t value[STORE_VALUE_BYTES_MAX];

    store_record(origin, log_turn, &log);
    for (uint64_t turn = 1; turn <= 2; turn++) {
        struct store_txn *txn = store_begin(origin);

        memset(value, (int)turn, sizeof(value));
        for (uint8_t i = 0; i < 80; i++)
            store_put(txn, TABLE_MESSAGE, slice_of(&i, 1), slice_of(value, sizeof(value) - i));
        check_number(store_commit(txn, turn), STORE_DURABLE);
    }
    check(store_apply(replica, log.turn[0]) && store_apply(replica, log.turn[1]));
    temp_same(origin, replica);
    store_close(origin);
    store_close(replica);
    log_release(&log);
}

static void
put_meta(void *store)
{
    store_put(store_begin(store), TABLE_META, SLICE_LIT("meta"), SLICE_LIT("x"));
}

static void
put_counter(void *store)
{
    store_put(store_begin(store), TABLE_COUNTER, SLICE_LIT("c"), SLICE_LIT("x"));
}

static void
go_back_in_time(void *store)
{
    struct store_txn *txn = store_begin(store);

    store_put(txn, TABLE_LINK, SLICE_LIT("c"), SLICE_LIT("x"));
    store_commit(txn, 0);
}

static void
rows_of_the_store_itself_are_nobodys_to_write(void)
{
    struct store *store = store_at_one();

    check_number(run_apart(put_meta, store), 128 + SIGABRT);
    store_close(store);
    store = store_at_one();
    check_number(run_apart(put_counter, store), 128 + SIGABRT);
    store_close(store);
    store = store_at_one();
    check_number(run_apart(go_back_in_time, store), 128 + SIGABRT);
    store_close(store);
}

CHECK_MAIN({"replay_gives_every_table_byte_for_byte", replay_gives_every_table_byte_for_byte},
           {"a_snapshot_goes_on_with_the_changesets_after_it",
            a_snapshot_goes_on_with_the_changesets_after_it},
           {"a_replica_records_what_it_applies", a_replica_records_what_it_applies},
           {"format_is_stable", format_is_stable},
           {"meta_row_has_hash_sequence_and_time", meta_row_has_hash_sequence_and_time},
           {"a_turn_without_mutations_is_no_turn", a_turn_without_mutations_is_no_turn},
           {"an_aborted_turn_leaves_nothing", an_aborted_turn_leaves_nothing},
           {"a_changeset_cut_at_every_byte_is_refused", a_changeset_cut_at_every_byte_is_refused},
           {"a_wrong_changeset_is_refused", a_wrong_changeset_is_refused},
           {"size_of_a_turn_is_known_while_it_grows", size_of_a_turn_is_known_while_it_grows},
           {"a_large_turn_is_recorded_whole", a_large_turn_is_recorded_whole},
           {"rows_of_the_store_itself_are_nobodys_to_write",
            rows_of_the_store_itself_are_nobodys_to_write})
