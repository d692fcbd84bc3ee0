/*
 * cache.c: rows that were read or written lately, so that most reads of a turn need no walk through
 * a tree: a message is read when its answer comes, a number and an opt-out for each message.
 *
 * It holds what the tables hold, the open transaction's changes included: store_txn.c tells it of
 * every read, put and deletion, and nobody writes around that. A transaction that is aborted, or
 * clears a table, empties it. A row whose place another one wants goes.
 */
#include <stdlib.h>

#include "store/record.h"
#include "store/store_impl.h"

#define SLOTS 8192u
#define SLOT_BYTES 512u
#define ABSENT UINT16_MAX

struct cache_slot {
    uint32_t generation; /* of the cache, when it was filled */
    uint8_t table;
    uint8_t key_n;
    uint16_t value_n; /* ABSENT: there is no such row */
    uint8_t octets[SLOT_BYTES - 8]; /* key, value */
};

/* What is found by walking only would take the places of what is read by its key. */
static const bool walked[STORE_TABLES] = {
    [TABLE_META] = true,     [TABLE_COUNTER] = true,     [TABLE_QUEUE] = true,
    [TABLE_INFLIGHT] = true, [TABLE_RETRY] = true,       [TABLE_INBOUND] = true,
    [TABLE_TIMER] = true,    [TABLE_SCHEDULE] = true,    [TABLE_SCHEDULE_TO] = true,
    [TABLE_THREAD] = true,   [TABLE_HISTORY_OF] = true,
};

static bool
is_kept(enum store_table table, struct slice key)
{
    return !walked[table] && key.n <= UINT8_MAX;
}

static struct cache_slot *
slot_of(struct cache *cache, enum store_table table, struct slice key)
{
    return &cache->slots[crc32c((uint32_t)table + 1, key.p, key.n) % SLOTS];
}

static bool
holds(const struct cache *cache, const struct cache_slot *slot, enum store_table table,
      struct slice key)
{
    return slot->generation == cache->generation && slot->table == table &&
           slot->key_n == key.n && memcmp(slot->octets, key.p, key.n) == 0;
}

void
cache_init(struct cache *cache)
{
    cache->slots = calloc(SLOTS, sizeof(*cache->slots));
    cache->generation = 1;
    if (cache->slots == NULL)
        store_no_memory();
}

void
cache_release(struct cache *cache)
{
    free(cache->slots);
    cache->slots = NULL;
}

void
cache_empty(struct cache *cache)
{
    if (++cache->generation != 0)
        return;
    memset(cache->slots, 0, SLOTS * sizeof(*cache->slots));
    cache->generation = 1;
}

enum cache_found
cache_get(struct cache *cache, enum store_table table, struct slice key, struct slice *value)
{
    const struct cache_slot *slot;

    if (!is_kept(table, key))
        return CACHE_UNKNOWN;
    slot = slot_of(cache, table, key);
    if (!holds(cache, slot, table, key))
        return CACHE_UNKNOWN;
    if (slot->value_n == ABSENT)
        return CACHE_ABSENT;
    *value = slice_of(slot->octets + slot->key_n, slot->value_n);
    return CACHE_THERE;
}

void
cache_note(struct cache *cache, enum store_table table, struct slice key,
           const struct slice *value)
{
    struct cache_slot *slot;

    if (!is_kept(table, key))
        return;
    slot = slot_of(cache, table, key);
    if (key.n + (value ? value->n : 0) > sizeof(slot->octets)) {
        if (holds(cache, slot, table, key))
            slot->generation = 0;
        return;
    }
    slot->generation = cache->generation;
    slot->table = (uint8_t)table;
    slot->key_n = (uint8_t)key.n;
    slot->value_n = value ? (uint16_t)value->n : ABSENT;
    memcpy(slot->octets, key.p, key.n);
    if (value && value->n > 0)
        memcpy(slot->octets + key.n, value->p, value->n);
}
