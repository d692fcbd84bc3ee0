/*
 * counter.c: counters that live in memory for the length of a transaction. A message ID is drawn
 * for every message, and a row read and written for each would cost more than the rest of the draw.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "protocol/wire.h"
#include "store/record.h"
#include "store/store_impl.h"

void
counters_init(struct counters *counters)
{
    memset(counters, 0, sizeof(*counters));
}

void
counters_release(struct counters *counters)
{
    free(counters->list);
    counters_init(counters);
}

void
counters_reset(struct counters *counters)
{
    if (counters->count == 0)
        return;
    counters->count = 0;
    memset(counters->bucket, 0, sizeof(counters->bucket));
}

static uint8_t
counter_key(const char *name, uint32_t scope, uint8_t key[COUNTER_KEY_BYTES_MAX])
{
    size_t n = strlen(name);

    assert(n > 0 && n <= COUNTER_NAME_BYTES_MAX);
    memcpy(key, name, n);
    key[n] = 0;
    for (size_t i = 0; i < 4; i++)
        key[n + 1 + i] = (uint8_t)(scope >> (24 - 8 * i));
    return (uint8_t)(n + 5);
}

static uint32_t
counter_crc(const struct counter *counter, const uint8_t row[COUNTER_ROW_BYTES])
{
    return crc32c(crc32c(0, counter->key, counter->key_n), row, 8);
}

/* A damaged counter cannot be taken as absent: it would give out identifiers a second time. */
static uint64_t
counter_read(struct store_txn *txn, const struct counter *counter)
{
    struct slice row;

    if (!store_get(txn, TABLE_COUNTER, slice_of(counter->key, counter->key_n), &row))
        return 0;
    if (row.n != COUNTER_ROW_BYTES || wire_load(row.p + 8, 4) != counter_crc(counter, row.p))
        store_fatal("counter", TABLE_COUNTER, MDB_CORRUPTED);
    return wire_load(row.p, 8);
}

static struct counter *
counter_add(struct counters *counters)
{
    if (counters->count == counters->cap) {
        uint32_t cap = counters->cap ? counters->cap * 2 : 64;
        struct counter *list = realloc(counters->list, cap * sizeof(*list));

        if (list == NULL)
            store_no_memory();
        counters->list = list;
        counters->cap = cap;
    }
    return &counters->list[counters->count++];
}

static struct counter *
counter_find(struct store_txn *txn, const char *name, uint32_t scope)
{
    struct counters *counters = &txn->counters;
    uint8_t key[COUNTER_KEY_BYTES_MAX];
    uint8_t n = counter_key(name, scope, key);
    uint32_t *bucket = &counters->bucket[crc32c(0, key, n) % COUNTER_BUCKETS];
    struct counter *counter;

    for (uint32_t i = *bucket; i != 0; i = counter->next) {
        counter = &counters->list[i - 1];
        if (counter->key_n == n && memcmp(counter->key, key, n) == 0)
            return counter;
    }
    counter = counter_add(counters);
    memcpy(counter->key, key, n);
    counter->key_n = n;
    counter->next = *bucket;
    *bucket = counters->count;
    counter->value = counter_read(txn, counter);
    return counter;
}

uint64_t
store_counter_next(struct store_txn *txn, const char *name, uint32_t scope)
{
    struct counter *counter = counter_find(txn, name, scope);

    assert(counter->value < UINT64_MAX);
    return ++counter->value;
}

void
counters_write(struct store_txn *txn)
{
    for (uint32_t i = 0; i < txn->counters.count; i++) {
        const struct counter *counter = &txn->counters.list[i];
        uint8_t row[COUNTER_ROW_BYTES];

        wire_store(row, 8, counter->value);
        wire_store(row + 8, 4, counter_crc(counter, row));
        store_put_any(txn, TABLE_COUNTER, slice_of(counter->key, counter->key_n),
                      slice_of(row, sizeof(row)));
    }
}
