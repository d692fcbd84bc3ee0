/*
 * store_room.c: is there room for new work (faults.md rows 8 and 9, decision 7). In a full map even
 * deletes fail, so new work stops early and the rest is for changes of state.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "store/store_impl.h"

#define ROOM_LOOK_MS 1000u
/* From this part of the limit on, free pages are counted. */
#define FILL_COUNTED 50u

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

/* Percent of what is_full() allows. A full disk comes without warning here: others fill it. */
static uint32_t
fill_of(const struct store *store, uint64_t pages)
{
    uint64_t most = store->map_bytes / 100 * store->refuse_percent;

    return most ? (uint32_t)(pages * store->page_bytes * 100 / most) : 0;
}

/* Blocks behind the end of the file that only we can use: on a disk that others have filled, what
 * is stored is still sent and settled. Best effort: some file systems cannot, and statvfs() is what
 * decides. */
static void
reserve_hold(struct store *store)
{
    struct stat st;
    int fd;

    if (store->no_reserve || mdb_env_get_fd(store->env, &fd) != 0 || fstat(fd, &st) != 0)
        return;
    if ((uint64_t)st.st_size + store->reserve_bytes / 2 <= store->reserved_to)
        return;
    if (fallocate(fd, FALLOC_FL_KEEP_SIZE, st.st_size, (off_t)store->reserve_bytes) == 0)
        store->reserved_to = (uint64_t)st.st_size + store->reserve_bytes;
}

/* What the file may grow by: the disk's free space, or less if the process has a limit (row 10). */
static uint64_t
disk_look(struct store *store, uint64_t pages)
{
    uint64_t size = pages * store->page_bytes, bytes = 0;
    struct rlimit limit;
    struct statvfs fs;

    if (fstatvfs(store->dir_fd, &fs) == 0)
        bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return bytes;
    if (limit.rlim_cur <= size)
        return 0;
    return limit.rlim_cur - size < bytes ? limit.rlim_cur - size : bytes;
}

/* The file never shrinks, so a store that was full once looks full for ever unless free pages are
 * counted. That walk is only made when it matters: to tell of half a load, or to refuse. */
static void
room_look(struct store *store, uint64_t now_ms)
{
    int rc = 0;

    reserve_hold(store);
    store->room_pages = pages_in_file(store);
    store->disk_free = disk_look(store, store->room_pages);
    store->pages_free = 0;
    if (fill_of(store, pages_in_file(store)) >= FILL_COUNTED)
        rc = count_free_pages(store, &store->pages_free);
    if (rc != 0)
        store_fatal("free pages", TABLE_META, rc);
    store->room_ms = now_ms;
    store->room_known = true;
}

/* Free space at the last look less what the file has grown by since: in the second between two
 * looks a flood can write more than the whole reserve. */
static uint64_t
disk_left(const struct store *store, uint64_t pages)
{
    uint64_t grown = (pages - store->room_pages) * store->page_bytes;

    return grown < store->disk_free ? store->disk_free - grown : 0;
}

enum store_room
store_headroom(struct store *store, uint64_t now_ms)
{
    uint64_t pages, left;
    enum store_room room;

    if (!store->room_known || now_ms < store->room_ms || now_ms - store->room_ms >= ROOM_LOOK_MS)
        room_look(store, now_ms);
    pages = pages_in_file(store);
    /* Between two looks the file can grow past all that was held: the disk may fill right then. */
    if (pages * store->page_bytes + store->reserve_bytes / 2 > store->reserved_to)
        reserve_hold(store);
    left = disk_left(store, pages);
    pages -= store->pages_free < pages ? store->pages_free : pages;
    room = is_full(store, pages) || left < store->reserve_bytes ? STORE_TIGHT : STORE_ROOM;
    store->fill = room == STORE_TIGHT ? 100 : fill_of(store, pages);
    return room;
}

uint32_t
store_fill(const struct store *store)
{
    return store->fill;
}

void
store_stats_get(struct store *store, struct store_stats *out)
{
    uint64_t pages = pages_in_file(store);

    out->commits = store->commits;
    out->reads = store->reads;
    out->map_bytes_used = (pages - (store->pages_free < pages ? store->pages_free : 0)) *
                          store->page_bytes;
    out->map_bytes = store->map_bytes;
    out->disk_bytes_free = store->disk_free;
}
