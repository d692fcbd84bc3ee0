/*
 * store.c: names, ends of the process, room and figures: what the other files of the store share.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/store_impl.h"

#define EXIT_BUSY 1
#define EXIT_TEMPFAIL 75            /* sysexits.h: what a restart may mend */
#define EXIT_NOPERM 77
#define EXIT_CONFIG 78              /* what no restart mends */
#define ROOM_LOOK_MS 1000u

const char *
store_table_name(enum store_table table)
{
    /* Also the names of the tables in LMDB: they are as stable as the numbers. */
    static const char *const names[STORE_TABLES] = {
        [TABLE_META] = "meta",
        [TABLE_COUNTER] = "counter",
        [TABLE_NAME] = "name",
        [TABLE_LINK] = "link",
        [TABLE_ACCOUNT] = "account",
        [TABLE_NUMBER] = "number",
        [TABLE_AGENT] = "agent",
        [TABLE_GROUP] = "group",
        [TABLE_MEMBER] = "member",
        [TABLE_CONV] = "conv",
        [TABLE_CONV_OPEN] = "conv_open",
        [TABLE_THREAD] = "thread",
        [TABLE_HISTORY] = "history",
        [TABLE_FORWARDED] = "forwarded",
        [TABLE_OPTOUT] = "optout",
        [TABLE_MESSAGE] = "message",
        [TABLE_QUEUE] = "queue",
        [TABLE_INFLIGHT] = "inflight",
        [TABLE_RETRY] = "retry",
        [TABLE_RECEIPT_ID] = "receipt_id",
        [TABLE_ORPHAN] = "orphan",
        [TABLE_PART] = "part",
        [TABLE_PART_SET] = "part_set",
        [TABLE_TIMER] = "timer",
        [TABLE_INBOUND] = "inbound",
        [TABLE_DAMAGED] = "damaged",
    };

    return table < STORE_TABLES ? names[table] : "?";
}

struct err_row {
    const char *name;
    int exit_status;
};

static const struct err_row err_rows[] = {
    [STORE_OK] = {"ok", 0},
    [STORE_BUSY] = {"busy", EXIT_BUSY},
    [STORE_FOREIGN] = {"foreign", EXIT_CONFIG},
    [STORE_DAMAGED] = {"damaged", EXIT_CONFIG},
    [STORE_NEWER] = {"newer", EXIT_CONFIG},
    [STORE_DENIED] = {"denied", EXIT_NOPERM},
    [STORE_UNSAFE] = {"unsafe", EXIT_CONFIG},
    [STORE_IO] = {"io", EXIT_TEMPFAIL},
};

const char *
store_err_name(enum store_err err)
{
    return (size_t)err < sizeof(err_rows) / sizeof(err_rows[0]) ? err_rows[err].name : "?";
}

int
store_err_exit_status(enum store_err err)
{
    return (size_t)err < sizeof(err_rows) / sizeof(err_rows[0]) ? err_rows[err].exit_status : EXIT_TEMPFAIL;
}

const char *
store_outcome_name(enum store_outcome outcome)
{
    switch (outcome) {
    case STORE_DURABLE:
        return "durable";
    case STORE_FENCED:
        return "fenced";
    case STORE_UNKNOWN:
        return "unknown";
    }
    return "?";
}

bool
store_rc_is_damage(int rc)
{
    return rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_INVALID || rc == MDB_VERSION_MISMATCH ||
           rc == MDB_INCOMPATIBLE;
}

void
store_fatal(const char *what, enum store_table table, int rc)
{
    bool damage = store_rc_is_damage(rc);

    fprintf(stderr, "tandem: store: %s in table %s failed: %s\n", what, store_table_name(table), mdb_strerror(rc));
    _exit(damage ? EXIT_CONFIG : EXIT_TEMPFAIL);
}

void
store_no_memory(void)
{
    fputs("tandem: store: out of memory\n", stderr);
    _exit(EXIT_TEMPFAIL);
}

void
store_newer(enum store_table table)
{
    fprintf(stderr, "tandem: store: a row of table %s was written by a newer version\n", store_table_name(table));
    _exit(EXIT_CONFIG);
}

void
store_meta_get(struct store *store, struct store_meta *out)
{
    *out = store->meta;
}

/* Pages on the free list: each of its rows begins with a count. */
static int
count_free_pages(struct store *store, uint64_t *pages)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);

    *pages = 0;
    if (rc != 0)
        return rc;
    rc = mdb_cursor_open(txn, 0, &cursor);
    if (rc == 0) {
        while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
            size_t count;

            memcpy(&count, value.mv_data, sizeof(count));
            *pages += count;
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static uint64_t
pages_in_file(struct store *store)
{
    MDB_envinfo info;

    mdb_env_info(store->env, &info);
    return info.me_last_pgno + 1;
}

static bool
is_full(const struct store *store, uint64_t pages)
{
    return pages * store->page_bytes >= store->map_bytes / 100 * store->refuse_percent;
}

/* The file never shrinks, so a store that was full once looks full for ever unless free pages are counted. That walk is
 * only made when it matters. */
static void
room_look(struct store *store, uint64_t now_ms)
{
    struct statvfs fs;
    int rc = 0;

    store->disk_free = fstatvfs(store->dir_fd, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize : 0;
    store->pages_free = 0;
    if (is_full(store, pages_in_file(store)))
        rc = count_free_pages(store, &store->pages_free);
    if (rc != 0)
        store_fatal("free pages", TABLE_META, rc);
    store->room_ms = now_ms;
    store->room_known = true;
}

enum store_room
store_headroom(struct store *store, uint64_t now_ms)
{
    uint64_t pages;

    if (!store->room_known || now_ms < store->room_ms || now_ms - store->room_ms >= ROOM_LOOK_MS)
        room_look(store, now_ms);
    pages = pages_in_file(store);
    pages -= store->pages_free < pages ? store->pages_free : pages;
    return is_full(store, pages) || store->disk_free < store->reserve_bytes ? STORE_TIGHT : STORE_ROOM;
}

void
store_stats_get(struct store *store, struct store_stats *out)
{
    uint64_t pages = pages_in_file(store);

    out->commits = store->commits;
    out->map_bytes_used = (pages - (store->pages_free < pages ? store->pages_free : 0)) * store->page_bytes;
    out->map_bytes = store->map_bytes;
    out->disk_bytes_free = store->disk_free;
}

uint32_t
store_check_readers(struct store *store)
{
    int dead = 0;

    if (mdb_reader_check(store->env, &dead) != 0)
        return 0;
    return (uint32_t)dead;
}
