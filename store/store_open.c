/*
 * store_open.c: opening and creating a store, in an order in which nothing is touched before it is
 * known to be ours: rights, file system, lock, layout, identity, meta pages, pages (in a child),
 * and only then LMDB.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_check.h"
#include "store/store_env.h"

#define MAP_BYTES_DEFAULT (16ull << 30)
#define MAP_BYTES_MIN (1ull << 20)
#define REFUSE_PERCENT_DEFAULT 80u
#define RESERVE_BYTES_DEFAULT (64ull << 20)

static struct env_options
env_options_of(const struct store_options *options)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t map = options->map_bytes ? options->map_bytes : MAP_BYTES_DEFAULT;

    if (map < MAP_BYTES_MIN)
        map = MAP_BYTES_MIN;
    map = (map + page - 1) / page * page;
    return (struct env_options){
        .map_bytes = options->read_only ? 0 : map,
        .read_only = options->read_only,
        .no_readahead = options->no_readahead,
    };
}

static bool
uuid_draw(uint8_t uuid[16])
{
    if (getrandom(uuid, 16, 0) != 16)
        return false;
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 4122: version 4, variant 1 */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
    return true;
}

static enum store_err
build_db_new(const struct dir *dir, const struct store_options *options,
             const struct store_meta *meta, struct why why)
{
    struct env_options env_options = env_options_of(options);
    MDB_dbi dbi[STORE_TABLES];
    MDB_env *env;
    enum store_err err = env_open(dir->path, STORE_DB_NEW, &env_options, &env, why);
    int rc;

    if (err != STORE_OK)
        return err;
    rc = env_tables(env, false, meta, dbi);
    mdb_env_close(env);
    return rc == 0 ? STORE_OK : why_lmdb(why, "create the tables", dir->path, rc);
}

static enum store_err
create(const struct dir *dir, const struct store_options *options, struct why why)
{
    struct store_meta meta = {.schema = STORE_SCHEMA};
    enum store_err err;

    if (options->uuid != NULL)
        memcpy(meta.uuid, options->uuid, 16);
    else if (!uuid_draw(meta.uuid))
        return why_errno(why, "draw a uuid for", dir->path);
    err = dir_begin(dir, why);
    if (err == STORE_OK)
        err = build_db_new(dir, options, &meta, why);
    if (err == STORE_OK)
        err = dir_publish(dir, meta.uuid, why);
    return err;
}

/* LMDB does not write a page that it allocated and freed in one transaction, so a file may end
 * before the last page it counts. Whether what is missing is used, only a walk can tell. */
static enum store_err
check_pages(const struct dir *dir, const struct store_options *options, bool short_file,
            struct why why)
{
    if (short_file)
        return check_in_child(dir, CHECK_PAGES, options->read_only, why);
    if (options->no_probe)
        return STORE_OK;
    return check_in_child(dir, CHECK_EDGES, options->read_only, why);
}

static enum store_err
check_data(const struct dir *dir, const struct store_options *options, struct why why)
{
    bool short_file = false;
    int fd;
    enum store_err err = data_open(dir, &fd, why);

    if (err != STORE_OK)
        return err;
    err = data_check(dir, fd, &short_file, why);
    close(fd);
    if (err == STORE_OK)
        err = check_pages(dir, options, short_file, why);
    return err;
}

/* Everything before LMDB opens the store for good. */
static enum store_err
prepare(struct dir *dir, const struct store_options *options, struct identity *identity,
        struct why why)
{
    enum dir_state state = DIR_ABSENT;
    enum store_err err = STORE_OK;

    if (!options->read_only)
        err = dir_lock(dir, why);
    if (err == STORE_OK)
        err = dir_settle(dir, !options->read_only, &state, why);
    if (err == STORE_OK && state == DIR_ABSENT)
        err = options->read_only ? why_set(why, STORE_FOREIGN, "%s: there is no store", dir->path)
                                 : create(dir, options, why);
    if (err == STORE_OK)
        err = identity_read(dir, identity, why);
    if (err == STORE_OK)
        err = check_data(dir, options, why);
    return err;
}

static enum store_err
load_meta(struct store *store, const char *path, const struct identity *identity, struct why why)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
    enum store_err err;

    if (rc != 0)
        return why_lmdb(why, "read the store", path, rc);
    err = meta_read(txn, store->dbi[TABLE_META], &store->meta);
    mdb_txn_abort(txn);
    if (err == STORE_NEWER)
        return why_set(why, err, "%s: written by a newer version", path);
    if (err != STORE_OK)
        return why_set(why, err, "%s: the row META is missing or damaged", path);
    if (memcmp(store->meta.uuid, identity->uuid, 16) != 0)
        return why_set(why, STORE_FOREIGN,
                       "%s: IDENTITY and db/data.mdb are of two different stores", path);
    return STORE_OK;
}

/* After the walk over a short file, so that it is not needed at the next start. */
static void
lengthen(struct store *store, const MDB_envinfo *info)
{
    off_t size = (off_t)((info->me_last_pgno + 1) * store->page_bytes);
    struct stat st;
    int fd;

    if (!store->read_only && mdb_env_get_fd(store->env, &fd) == 0 && fstat(fd, &st) == 0 &&
        st.st_size < size && ftruncate(fd, size) != 0)
        return; /* then the walk is made again */
}

static enum store_err
open_env(struct store *store, const char *path, const struct store_options *options,
         const struct identity *identity, struct why why)
{
    struct env_options env_options = env_options_of(options);
    enum store_err err = env_open(path, STORE_DB, &env_options, &store->env, why);
    MDB_envinfo info;
    MDB_stat stat;
    int rc;

    if (err != STORE_OK)
        return err;
    rc = env_tables(store->env, options->read_only, NULL, store->dbi);
    if (rc != 0)
        return why_lmdb(why, "open the tables", path, rc);
    mdb_env_info(store->env, &info);
    mdb_env_stat(store->env, &stat);
    store->map_bytes = info.me_mapsize;
    store->page_bytes = stat.ms_psize;
    lengthen(store, &info);
    return load_meta(store, path, identity, why);
}

static struct store *
store_new(const struct store_options *options)
{
    struct store *store = calloc(1, sizeof(*store));

    if (store == NULL)
        store_no_memory();
    store->dir_fd = -1;
    store->lock_fd = -1;
    store->read_only = options->read_only;
    store->no_reserve = options->read_only ||
                        options->unsafe_fs; /* on tmpfs it would cost memory */
    store->refuse_percent = options->refuse_percent ? options->refuse_percent
                                                    : REFUSE_PERCENT_DEFAULT;
    store->reserve_bytes = options->reserve_bytes ? options->reserve_bytes : RESERVE_BYTES_DEFAULT;
    store->txn.store = store;
    scratch_init(&store->txn.scratch);
    changeset_init(&store->txn.changes);
    counters_init(&store->txn.counters);
    return store;
}

enum store_err
store_open(const struct store_options *options, struct store **out, char *text, size_t text_bytes)
{
    struct why why = {text, text_bytes};
    struct identity identity;
    struct dir dir;
    struct store *store;
    enum store_err err;

    *out = NULL;
    err = dir_open(&dir, options->dir, !options->read_only, options->unsafe_fs, why);
    if (err == STORE_OK)
        err = prepare(&dir, options, &identity, why);
    if (err != STORE_OK) {
        dir_close(&dir);
        return err;
    }
    store = store_new(options);
    store->dir_fd = dir.fd;
    store->lock_fd = dir.lock_fd;
    err = open_env(store, options->dir, options, &identity, why);
    if (err != STORE_OK) {
        store_close(store);
        return err;
    }
    *out = store;
    return STORE_OK;
}

void
store_close(struct store *store)
{
    if (store == NULL)
        return;
    if (store->txn.mdb != NULL)
        store_abort(&store->txn);
    if (store->env != NULL)
        mdb_env_close(store->env);
    scratch_release(&store->txn.scratch);
    changeset_release(&store->txn.changes);
    counters_release(&store->txn.counters);
    cache_release(&store->txn.cache);
    if (store->dir_fd >= 0)
        close(store->dir_fd);
    /* Last: whoever gets the lock finds the environment closed. */
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    free(store);
}
