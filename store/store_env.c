/*
 * store_env.c: environment and tables of LMDB. Flags: MDB_NOTLS, and MDB_NORDAHEAD when asked for,
 * and nothing else. MDB_NOSYNC and MDB_NOMETASYNC lose what was acknowledged, MDB_WRITEMAP turns a
 * full disk into SIGBUS.
 */
#include "store/store_env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#define SPARE_TABLES 6u /* a tool may be newer than the daemon; a few more cost nothing */

enum store_err
why_lmdb(struct why why, const char *what, const char *path, int rc)
{
    enum store_err err = STORE_IO;

    if (rc == EACCES || rc == EPERM || rc == EROFS)
        err = STORE_DENIED;
    else if (store_rc_is_damage(rc))
        err = STORE_DAMAGED;
    return why_set(why, err, "%s: cannot %s: %s", path, what, mdb_strerror(rc));
}

/* LMDB leaves its data file open across exec(). */
static int
set_cloexec(MDB_env *env)
{
    int fd, rc = mdb_env_get_fd(env, &fd);

    if (rc != 0)
        return rc;
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? 0 : errno;
}

/* LMDB asserts on what only a damaged file can be; it would abort, and a supervisor restart us for
 * ever. */
static void
asserted(MDB_env *env, const char *message)
{
    (void)env;
    store_fatal(message, TABLE_META, MDB_CORRUPTED);
}

enum store_err
env_open(const char *path, const char *name, const struct env_options *options, MDB_env **env,
         struct why why)
{
    char folder[STORE_PATH_MAX];
    unsigned flags = MDB_NOTLS;
    int dead, rc;

    if (options->read_only)
        flags |= MDB_RDONLY;
    if (options->no_lock)
        flags |= MDB_NOLOCK;
    if (options->no_readahead)
        flags |= MDB_NORDAHEAD;
    snprintf(folder, sizeof(folder), "%s/%s", path, name);
    rc = mdb_env_create(env);
    if (rc != 0)
        return why_lmdb(why, "make an environment", path, rc);
    rc = mdb_env_set_maxdbs(*env, STORE_TABLES + SPARE_TABLES);
    if (rc == 0 && options->map_bytes > 0)
        rc = mdb_env_set_mapsize(*env, (size_t)options->map_bytes);
    if (rc == 0)
        rc = mdb_env_set_userctx(*env, options->context);
    if (rc == 0)
        rc = mdb_env_set_assert(*env, options->on_assert ? options->on_assert : asserted);
    if (rc == 0)
        rc = mdb_env_open(*env, folder, flags, 0600);
    if (rc == 0)
        rc = set_cloexec(*env);
    if (rc == 0 && !options->no_lock)
        rc = mdb_reader_check(*env, &dead);
    if (rc == 0)
        return STORE_OK;
    mdb_env_close(*env);
    *env = NULL;
    return why_lmdb(why, "open the store", folder, rc);
}

int
env_tables(MDB_env *env, bool read_only, const struct store_meta *meta, MDB_dbi dbi[STORE_TABLES])
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(env, NULL, read_only ? MDB_RDONLY : 0, &txn);

    if (rc != 0)
        return rc;
    for (uint32_t t = 0; t < STORE_TABLES && rc == 0; t++)
        rc = mdb_dbi_open(txn, store_table_name((enum store_table)t), read_only ? 0 : MDB_CREATE,
                          &dbi[t]);
    if (rc == 0 && meta != NULL)
        rc = meta_write(txn, dbi[TABLE_META], meta);
    if (rc == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}
