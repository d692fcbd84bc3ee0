/*
 * store_read.c: read transactions for other threads and for tools, and the hot copy.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/store_env.h"

struct store_reader {
    struct store *store;
    MDB_txn *mdb;
};

struct store_reader *
store_reader_open(struct store *store)
{
    struct store_reader *reader = malloc(sizeof(*reader));
    int rc;

    if (reader == NULL)
        store_no_memory();
    reader->store = store;
    rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &reader->mdb);
    if (rc == 0)
        return reader;
    free(reader);
    if (rc != MDB_READERS_FULL)
        store_fatal("read", TABLE_META, rc);
    return NULL;
}

void
store_reader_renew(struct store_reader *reader)
{
    int rc;

    mdb_txn_reset(reader->mdb);
    rc = mdb_txn_renew(reader->mdb);
    if (rc != 0)
        store_fatal("read", TABLE_META, rc);
}

void
store_reader_close(struct store_reader *reader)
{
    if (reader == NULL)
        return;
    mdb_txn_abort(reader->mdb);
    free(reader);
}

bool
store_reader_get(struct store_reader *reader, enum store_table table, struct slice key,
                 struct slice *value)
{
    MDB_val k = val_of(key), v;
    int rc;

    assert(table < STORE_TABLES && key.n > 0 && key.n <= STORE_KEY_BYTES_MAX);
    rc = mdb_get(reader->mdb, reader->store->dbi[table], &k, &v);
    if (rc == MDB_NOTFOUND)
        return false;
    if (rc != 0)
        store_fatal("get", table, rc);
    *value = slice_of_val(v);
    return true;
}

bool
store_reader_seek(struct store_reader *reader, enum store_table table, struct slice from,
                  struct slice *key, struct slice *value)
{
    MDB_val k = val_of(from), v;
    MDB_cursor *cursor;
    int rc;

    assert(table < STORE_TABLES && from.n <= STORE_KEY_BYTES_MAX);
    rc = mdb_cursor_open(reader->mdb, reader->store->dbi[table], &cursor);
    if (rc != 0)
        store_fatal("cursor", table, rc);
    rc = mdb_cursor_get(cursor, &k, &v, from.n > 0 ? MDB_SET_RANGE : MDB_FIRST);
    mdb_cursor_close(cursor);
    if (rc == MDB_NOTFOUND)
        return false;
    if (rc != 0)
        store_fatal("seek", table, rc);
    if (key != NULL)
        *key = slice_of_val(k);
    if (value != NULL)
        *value = slice_of_val(v);
    return true;
}

/* The compacting copy reads through a read transaction and takes no lock, so the daemon goes on
 * meanwhile; and a file that is mostly free pages gives a small one. */
static enum store_err
copy_data(struct store *store, const struct dir *dir, struct why why)
{
    int fd = openat(dir->fd, STORE_DB_NEW "/" STORE_DATA, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                    0600);
    int rc;

    if (fd < 0)
        return why_errno(why, "make db.new/data.mdb", dir->path);
    rc = mdb_env_copyfd2(store->env, fd, MDB_CP_COMPACT);
    close(fd);
    return rc == 0 ? STORE_OK : why_lmdb(why, "copy the store", dir->path, rc);
}

enum store_err
store_snapshot(struct store *store, const char *path, char *text, size_t text_bytes)
{
    struct why why = {text, text_bytes};
    struct dir dir;
    /* A copy may stand on any file system: it is no daemon's store there. */
    enum store_err err = dir_open(&dir, path, true, true, why);

    if (err != STORE_OK)
        return err;
    err = dir_lock(&dir, why);
    if (err == STORE_OK)
        err = dir_check_empty(&dir, why);
    if (err == STORE_OK)
        err = dir_begin(&dir, why);
    if (err == STORE_OK) {
        err = copy_data(store, &dir, why);
        if (err == STORE_OK)
            err = dir_publish(&dir, store->meta.uuid, why);
        if (err != STORE_OK)
            dir_sweep(&dir);
    }
    dir_close(&dir);
    return err;
}
