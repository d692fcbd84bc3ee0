/*
 * store_impl.h: what the files of the store share and nobody else sees. The only header that
 * includes lmdb.h.
 */
#ifndef TANDEM_STORE_IMPL_H
#define TANDEM_STORE_IMPL_H

#include <lmdb.h>

#include "store/scratch.h"
#include "store/store.h"

#define COUNTER_NAME_BYTES_MAX 32u
#define COUNTER_KEY_BYTES_MAX (COUNTER_NAME_BYTES_MAX + 1u + 4u)
#define COUNTER_ROW_BYTES 12u       /* value u64, CRC-32C of key and value u32 */
#define COUNTER_BUCKETS 256u

#define CHANGESET_HEADER_BYTES 16u  /* sequence u64, now u64 */
#define CHANGESET_OP_BYTES 8u       /* table u8, kind u8, key length u16, value length u32 */
#define CHANGESET_KEEP_BYTES (4u * 1024u * 1024u)

enum changeset_kind { CHANGESET_PUT = 1, CHANGESET_DEL, CHANGESET_CLEAR };

/* One op as it stands in a changeset. */
struct changeset_op {
    uint8_t table;
    uint8_t kind;
    struct slice key;
    struct slice value;
};

/* The mutations of the open transaction, in the format of a changeset; the header is filled in at
 * the commit. */
struct changeset {
    uint8_t *p;
    size_t n;                       /* CHANGESET_HEADER_BYTES if there are no ops */
    size_t cap;
};

/* A counter that was drawn in this transaction. Its row is read at the first draw and written at
 * the commit. */
struct counter {
    uint64_t value;
    uint32_t next;                  /* in its bucket: index + 1, 0 at the end */
    uint8_t key_n;
    uint8_t key[COUNTER_KEY_BYTES_MAX];
};

struct counters {
    struct counter *list;           /* in order of first use, as they are written at the end */
    uint32_t count;
    uint32_t cap;
    uint32_t bucket[COUNTER_BUCKETS];
};

/* Rows that were read or written lately (cache.c). Not before the first transaction. */
struct cache {
    struct cache_slot *slots;
    uint32_t generation;
};

struct store_txn {
    struct store *store;
    MDB_txn *mdb;                   /* NULL: no transaction is open */
    struct scratch scratch;
    struct changeset changes;
    struct counters counters;
    struct cache cache;
    uint8_t value[STORE_VALUE_BYTES_MAX]; /* store_value_room() */
};

struct store {
    MDB_env *env;
    MDB_dbi dbi[STORE_TABLES];
    struct store_txn txn;
    struct store_meta meta;         /* as committed */
    int dir_fd;
    int lock_fd;                    /* -1: read-only */
    bool failed;                    /* a commit failed: nothing may follow it */
    bool read_only;
    uint32_t page_bytes;
    uint64_t map_bytes;
    uint32_t refuse_percent;
    uint64_t reserve_bytes;
    uint64_t commits;
    uint64_t reads;
    store_recorder *recorder;
    void *recorder_context;
    bool no_reserve;                /* hold no blocks behind the end of the file */
    uint64_t reserved_to;           /* offset that blocks are held up to */
    bool room_known;
    uint32_t fill; /* percent, store_fill() */
    uint64_t room_ms;               /* when the next three were looked up */
    uint64_t room_pages;            /* pages of the file then */
    uint64_t disk_free;
    uint64_t pages_free;
};

/* Each writes one line to stderr and ends the process: 78 if the store is damaged, 75 otherwise. */
_Noreturn void store_fatal(const char *what, enum store_table table, int rc);
bool store_rc_is_damage(int rc);

static inline MDB_val
val_of(struct slice s)
{
    /* LMDB's struct is not const, but it writes to neither keys nor values that are put. */
    union {
        const uint8_t *in;
        void *out;
    } p = {s.p};

    return (MDB_val){s.n, p.out};
}

static inline struct slice
slice_of_val(MDB_val v)
{
    return slice_of(v.mv_data, v.mv_size);
}

/* store_txn.c: mutations without the check that the table is the caller's to write. */
void store_put_any(struct store_txn *txn, enum store_table table, struct slice key,
                   struct slice value);
bool store_del_any(struct store_txn *txn, enum store_table table, struct slice key);
void store_clear_any(struct store_txn *txn, enum store_table table);

/* store_meta.c: the META row, inside or outside a store_txn. */
int meta_write(MDB_txn *txn, MDB_dbi dbi, const struct store_meta *meta);
enum store_err meta_read(MDB_txn *txn, MDB_dbi dbi, struct store_meta *meta);

/* changeset.c */
void changeset_init(struct changeset *changes);
void changeset_release(struct changeset *changes);
void changeset_reset(struct changeset *changes);
void changeset_add(struct changeset *changes, const struct changeset_op *op);
/* Fills in the header. */
void changeset_seal(struct changeset *changes, uint64_t sequence, uint64_t now_ms);
void changeset_hash(const struct changeset *changes, uint8_t hash[16]);

/* cache.c */
enum cache_found { CACHE_UNKNOWN, CACHE_ABSENT, CACHE_THERE };
void cache_init(struct cache *cache);
void cache_release(struct cache *cache);
void cache_empty(struct cache *cache);
/* THERE: *value points into the cache, until the next call. */
enum cache_found cache_get(struct cache *cache, enum store_table table, struct slice key,
                           struct slice *value);
/* NULL: there is no such row. */
void cache_note(struct cache *cache, enum store_table table, struct slice key,
                const struct slice *value);

/* counter.c */
void counters_init(struct counters *counters);
void counters_release(struct counters *counters);
void counters_reset(struct counters *counters);
void counters_write(struct store_txn *txn);

#endif
