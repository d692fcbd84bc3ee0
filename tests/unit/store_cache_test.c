/*
 * store_cache_test.c: what store_get() says, from its memory of rows or from the tables, is what a
 * walk through the tree finds, whatever happens in between: chosen at random, from fixed seeds.
 */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "protocol/wire.h"
#include "store/record.h"
#include "tests/unit/check.h"
#include "tests/unit/temp_store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* As in cache.c: keys and values that come to so many octets together are remembered. */
#define ROW_BYTES_MAX 504u
#define PLACES 8192u
/* More rows than are remembered, of all tables together: they push each other out. */
#define KEYS 3000u
#define SEEDS 6u
#define TRANSACTIONS 60u
#define STEPS_MAX 600u

/* Some of them are found by walking only and not remembered. */
static const enum store_table tables[] = {TABLE_MESSAGE, TABLE_CONTACT, TABLE_NAME, TABLE_OPTOUT,
                                          TABLE_QUEUE,   TABLE_TIMER};

static uint64_t state;

static uint32_t
dice(uint32_t sides)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(state >> 33) % sides;
}

/* The same number is the same key; lengths from 2 to the longest, most of them short. */
static struct slice
key_of(uint32_t number)
{
    static const uint16_t lengths[] = {2, 8, 12, 12, 20, 20, 40, 254,
                                       255, 256, STORE_KEY_BYTES_MAX};
    static uint8_t key[STORE_KEY_BYTES_MAX];
    size_t n = lengths[number % COUNT(lengths)];

    memset(key, (int)(number % 7), sizeof(key));
    wire_store(key, 2, number);
    return slice_of(key, n);
}

/* Sizes around the one that is too long, of that key, and others. */
static struct slice
value_for(struct slice key)
{
    static uint8_t value[STORE_VALUE_BYTES_MAX];
    size_t room = key.n < ROW_BYTES_MAX ? ROW_BYTES_MAX - key.n : 0, n = dice(100);

    switch (dice(12)) {
    case 0:
        n = 0;
        break;
    case 1:
        n = room;
        break;
    case 2:
        n = room + 1;
        break;
    case 3:
        n = room > 0 ? room - 1 : 0;
        break;
    case 4:
        n = 600 + dice(5000);
        break;
    case 5:
        n = dice(40) == 0 ? STORE_VALUE_BYTES_MAX : dice(400);
        break;
    default:
        break;
    }
    memset(value, (int)dice(256), n);
    return slice_of(value, n);
}

/* By a walk: nothing remembers those. */
static bool
walk_to(struct store_txn *txn, enum store_table table, struct slice key, struct slice *value)
{
    struct slice found;

    return store_seek(txn, table, key, key, &found, value) && found.n == key.n;
}

static void
same(struct store_txn *txn, enum store_table table, struct slice key)
{
    struct slice got, want;
    bool there = walk_to(txn, table, key, &want);

    check_number(store_get(txn, table, key, &got), there);
    if (there)
        check(slice_eq(got, want));
}

static enum store_table
some_table(void)
{
    return tables[dice(COUNT(tables))];
}

static void
step(struct store_txn *txn)
{
    enum store_table table = some_table();
    struct slice key = key_of(dice(KEYS));
    struct slice value;
    bool there;

    switch (dice(10)) {
    case 0:
    case 1:
    case 2:
    case 3:
        value = value_for(key);
        store_put(txn, table, key, value);
        break;
    case 4:
        /* Again, at once: the row is remembered by now. */
        store_put(txn, table, key, value_for(key));
        same(txn, table, key);
        store_put(txn, table, key, value_for(key));
        break;
    case 5:
        there = store_get(txn, table, key, &value);
        check_number(store_del(txn, table, key), there);
        break;
    case 6:
        if (dice(200) == 0)
            store_clear(txn, table);
        break;
    default:
        break;
    }
    same(txn, table, key);
}

/* What is committed is what another reader sees. */
static void
same_outside(struct store *store)
{
    struct store_reader *reader = store_reader_open(store);
    struct store_txn *txn = store_begin(store);

    for (unsigned i = 0; i < 100; i++) {
        enum store_table table = some_table();
        struct slice key = key_of(dice(KEYS)), got, want;
        bool there = store_reader_get(reader, table, key, &want);

        check_number(store_get(txn, table, key, &got), there);
        if (there)
            check(slice_eq(got, want));
    }
    store_abort(txn);
    store_reader_close(reader);
}

/* Everything at once: what is remembered must be true for all of it. */
static void
same_everywhere(struct store_txn *txn)
{
    for (uint32_t number = 0; number < KEYS; number++)
        for (size_t i = 0; i < COUNT(tables); i++)
            same(txn, tables[i], key_of(number));
}

static void
play(uint64_t seed)
{
    const char *dir = temp_dir();
    struct store *store = temp_store(dir);
    struct store_txn *txn;

    state = seed;
    for (unsigned i = 0; i < TRANSACTIONS; i++) {
        txn = store_begin(store);
        for (uint32_t steps = dice(STEPS_MAX); steps > 0; steps--)
            step(txn);
        if (dice(4) == 0)
            store_abort(txn);
        else
            check_number(store_commit(txn, 1), STORE_DURABLE);
        same_outside(store);
        if (dice(15) == 0) {
            store_close(store);
            store = temp_store(dir);
        }
    }
    txn = store_begin(store);
    same_everywhere(txn);
    same_everywhere(txn); /* now that the first look is remembered */
    store_abort(txn);
    store_close(store);
}

static void
what_is_remembered_is_in_the_tables(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        play(seed);
}

/* Two keys, the longer one beginning with the shorter, that want the same place of the memory. */
static struct slice
longer_in_the_same_place(enum store_table table, struct slice key)
{
    static uint8_t longer[12];
    uint32_t place = crc32c((uint32_t)table + 1, key.p, key.n) % PLACES;

    check_number(key.n, 8);
    memcpy(longer, key.p, key.n);
    for (uint32_t i = 0;; i++) {
        wire_store(longer + 8, 4, i);
        if (crc32c((uint32_t)table + 1, longer, sizeof(longer)) % PLACES == place)
            return slice_of(longer, sizeof(longer));
    }
}

static void
a_key_is_not_the_beginning_of_another(void)
{
    struct store *store = temp_store(temp_dir());
    struct store_txn *txn = store_begin(store);
    struct slice shorter = SLICE_LIT("shorter."), value;
    struct slice longer = longer_in_the_same_place(TABLE_MESSAGE, shorter);

    store_put(txn, TABLE_MESSAGE, longer, SLICE_LIT("the longer one's"));
    check(!store_get(txn, TABLE_MESSAGE, shorter, &value));
    check(store_get(txn, TABLE_MESSAGE, longer, &value));
    store_put(txn, TABLE_MESSAGE, shorter, SLICE_LIT("its own"));
    same(txn, TABLE_MESSAGE, longer);
    same(txn, TABLE_MESSAGE, shorter);
    store_abort(txn);
    store_close(store);
}

CHECK_MAIN({"a_key_is_not_the_beginning_of_another", a_key_is_not_the_beginning_of_another},
           {"what_is_remembered_is_in_the_tables", what_is_remembered_is_in_the_tables})
