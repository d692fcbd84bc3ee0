/*
 * store_env.h: opening an LMDB environment, in the one way that is right for us (faults.md decision
 * 2).
 */
#ifndef TANDEM_STORE_ENV_H
#define TANDEM_STORE_ENV_H

#include "store/store_dir.h"
#include "store/store_impl.h"

struct env_options {
    uint64_t map_bytes;             /* 0: what the file says */
    bool read_only;
    bool no_lock;                   /* the caller knows that nobody writes */
    bool no_readahead;
    MDB_assert_func *on_assert;     /* NULL: one line on stderr, exit 78 */
    void *context;                  /* for on_assert, by mdb_env_get_userctx() */
};

/* path/name is the folder with data.mdb in it. */
enum store_err env_open(const char *path, const char *name, const struct env_options *options,
                        MDB_env **env, struct why why);
/* Opens all tables in a transaction of its own; makes those that are missing unless read_only. With
 * `meta` the row is written in the same transaction. */
int env_tables(MDB_env *env, bool read_only, const struct store_meta *meta,
               MDB_dbi dbi[STORE_TABLES]);
enum store_err why_lmdb(struct why why, const char *what, const char *path, int rc);

#endif
