/*
 * store_check.c: the meta pages read by hand, and the walk over all rows in a child process
 * (faults.md row 42, decision 10). A signal that ends the child is a finding.
 */
#include "store/store_check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/records.h"
#include "store/store_env.h"

/* Layout of an LMDB 0.9 meta page on a 64-bit machine (lmdb's mdb.c: MDB_page, MDB_meta). */
#define META_PAGE_BYTES 152u
#define META_AT_FLAGS 10u
#define META_AT_MAGIC 16u
#define META_AT_VERSION 20u
#define META_AT_PAGE_BYTES 40u
#define META_AT_ROOT_FREE 80u
#define META_AT_ROOT_MAIN 128u
#define META_AT_LAST_PAGE 136u
#define META_AT_TXN 144u
#define META_FLAG 0x08u
#define META_MAGIC 0xbeefc0deu
#define META_VERSION 1u
#define PAGE_BYTES_MIN 256u
#define PAGE_BYTES_MAX 65536u

struct meta_page {
    uint32_t magic;
    uint32_t version;
    uint32_t page_bytes;
    uint16_t flags;
    uint64_t root_free, root_main, last_page, txn;
};

static bool
meta_page_read(int fd, uint64_t at, struct meta_page *meta)
{
    uint8_t buf[META_PAGE_BYTES];

    if (pread(fd, buf, sizeof(buf), (off_t)at) != (ssize_t)sizeof(buf))
        return false;
    memcpy(&meta->flags, buf + META_AT_FLAGS, 2);
    memcpy(&meta->magic, buf + META_AT_MAGIC, 4);
    memcpy(&meta->version, buf + META_AT_VERSION, 4);
    memcpy(&meta->page_bytes, buf + META_AT_PAGE_BYTES, 4);
    memcpy(&meta->root_free, buf + META_AT_ROOT_FREE, 8);
    memcpy(&meta->root_main, buf + META_AT_ROOT_MAIN, 8);
    memcpy(&meta->last_page, buf + META_AT_LAST_PAGE, 8);
    memcpy(&meta->txn, buf + META_AT_TXN, 8);
    return true;
}

static enum store_err
meta_page_check(const struct dir *dir, const struct meta_page *meta, struct why why)
{
    uint32_t page = meta->page_bytes;

    if ((meta->flags & META_FLAG) == 0 || meta->magic != META_MAGIC)
        return why_set(why, STORE_FOREIGN, "%s/db/data.mdb: is not an LMDB file", dir->path);
    if (meta->version != META_VERSION)
        return why_set(why, STORE_NEWER,
                       "%s/db/data.mdb: LMDB format %" PRIu32 ", this program knows %u", dir->path,
                       meta->version, META_VERSION);
    if (page < PAGE_BYTES_MIN || page > PAGE_BYTES_MAX || (page & (page - 1)) != 0)
        return why_set(why, STORE_DAMAGED, "%s/db/data.mdb: page size %" PRIu32, dir->path, page);
    return STORE_OK;
}

/* Only the newer meta page counts. After a failed meta write LMDB puts the old transaction number
 * back beside the new roots, so the other one may hold anything. */
static enum store_err
newest_check(const struct dir *dir, const struct meta_page *meta, struct why why)
{
    if (meta->last_page >= UINT64_MAX / PAGE_BYTES_MAX ||
        (meta->root_free != UINT64_MAX && meta->root_free > meta->last_page) ||
        (meta->root_main != UINT64_MAX && meta->root_main > meta->last_page))
        return why_set(why, STORE_DAMAGED, "%s/db/data.mdb: a root page lies behind the last page",
                       dir->path);
    return STORE_OK;
}

enum store_err
data_check(const struct dir *dir, int fd, bool *short_file, struct why why)
{
    struct meta_page meta[2];
    struct stat st;
    enum store_err err;

    *short_file = false;
    if (fstat(fd, &st) != 0)
        return why_errno(why, "stat db/data.mdb", dir->path);
    if (st.st_size == 0)
        return why_set(why, STORE_FOREIGN, "%s/db/data.mdb: is empty", dir->path);
    if (!meta_page_read(fd, 0, &meta[0]))
        return why_set(why, STORE_DAMAGED, "%s/db/data.mdb: is truncated, %jd octets", dir->path,
                       (intmax_t)st.st_size);
    err = meta_page_check(dir, &meta[0], why);
    if (err == STORE_OK && !meta_page_read(fd, meta[0].page_bytes, &meta[1]))
        err = why_set(why, STORE_DAMAGED, "%s/db/data.mdb: is truncated, %jd octets", dir->path,
                      (intmax_t)st.st_size);
    if (err == STORE_OK)
        err = meta_page_check(dir, &meta[1], why);
    if (err == STORE_OK && meta[0].page_bytes != meta[1].page_bytes)
        err = why_set(why, STORE_DAMAGED, "%s/db/data.mdb: two page sizes", dir->path);
    if (err == STORE_OK) {
        const struct meta_page *newest = &meta[meta[1].txn > meta[0].txn];

        err = newest_check(dir, newest, why);
        *short_file = (uint64_t)st.st_size < (newest->last_page + 1) * newest->page_bytes;
    }
    return err;
}

enum store_err
data_open(const struct dir *dir, int *fd, struct why why)
{
    int db = openat(dir->fd, STORE_DB, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum store_err err;

    *fd = -1;
    if (db < 0)
        return why_errno(why, "open db", dir->path);
    err = check_owner_and_mode(db, dir->path, "/db", why);
    if (err == STORE_OK) {
        *fd = openat(db, STORE_DATA, O_RDONLY | O_CLOEXEC);
        if (*fd < 0 && errno == ENOENT)
            err = why_set(why, STORE_FOREIGN, "%s: there is IDENTITY but db/data.mdb is missing",
                          dir->path);
        else if (*fd < 0)
            err = why_errno(why, "open db/data.mdb", dir->path);
        else
            err = check_owner_and_mode(*fd, dir->path, "/db/data.mdb", why);
    }
    close(db);
    if (err != STORE_OK && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return err;
}

/* Shared with the child, so that it says where it was when a signal ended it. */
struct progress {
    enum store_err err; /* what the child found */
    enum store_table table;
    uint64_t rows;
    uint64_t damaged; /* records whose check sum is wrong */
    uint32_t sum;     /* of no meaning */
    char what[128];
};

static enum store_err
progress_set(struct progress *progress, enum store_err err, const char *what, int rc)
{
    progress->err = err;
    snprintf(progress->what, sizeof(progress->what), "%s%s%s", what, rc != 0 ? ": " : "",
             rc != 0 ? mdb_strerror(rc) : "");
    return err;
}

static void
row_check(struct progress *progress, MDB_val key, MDB_val value)
{
    const struct record_def *def = record_of_table(progress->table);

    progress->rows++;
    /* Every octet is touched, also of rows without a check sum: they may lie on a page that is not
     * there. */
    progress->sum ^= crc32c(0, key.mv_data, key.mv_size);
    if (def == NULL)
        progress->sum ^= crc32c(0, value.mv_data, value.mv_size);
    else if (record_check(def, slice_of_val(value)) != RECORD_OK)
        progress->damaged++;
}

static int
walk_edges(struct progress *progress, MDB_cursor *cursor)
{
    static const MDB_cursor_op ops[] = {MDB_FIRST, MDB_LAST};

    for (size_t i = 0; i < 2; i++) {
        MDB_val key, value;
        int rc = mdb_cursor_get(cursor, &key, &value, ops[i]);

        if (rc == MDB_NOTFOUND)
            return 0;
        if (rc != 0)
            return rc;
        row_check(progress, key, value);
    }
    return 0;
}

static int
walk_all(struct progress *progress, MDB_cursor *cursor, uint64_t entries)
{
    MDB_val key, value;
    uint64_t rows = 0;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);

    /* More rows than the table counts are a loop of pages. */
    for (; rc == 0 && rows <= entries; rows++) {
        row_check(progress, key, value);
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    if (rc != 0 && rc != MDB_NOTFOUND)
        return rc;
    return rows == entries ? 0 : MDB_CORRUPTED;
}

static int
walk_table(struct progress *progress, MDB_txn *txn, MDB_dbi dbi, enum check_depth depth)
{
    MDB_cursor *cursor;
    MDB_stat stat;
    int rc = mdb_stat(txn, dbi, &stat);

    if (rc == 0)
        rc = mdb_cursor_open(txn, dbi, &cursor);
    if (rc != 0)
        return rc;
    rc = depth == CHECK_EDGES ? walk_edges(progress, cursor)
                              : walk_all(progress, cursor, stat.ms_entries);
    /* At a start the check sums are for record_get(): one bad row must not stop it. */
    if (depth != CHECK_ALL)
        progress->damaged = 0;
    mdb_cursor_close(cursor);
    return rc;
}

static enum store_err
walk_tables(struct progress *progress, MDB_txn *txn, enum check_depth depth)
{
    struct store_meta meta;
    enum store_err err;
    MDB_dbi dbi;
    int rc;

    for (uint32_t t = 0; t < STORE_TABLES; t++) {
        progress->table = (enum store_table)t;
        rc = mdb_dbi_open(txn, store_table_name(progress->table), 0, &dbi);
        /* An older program's store lacks the tables that came later; META was there at first. */
        if (rc == MDB_NOTFOUND && t != TABLE_META)
            continue;
        if (rc == 0)
            rc = walk_table(progress, txn, dbi, depth);
        if (rc != 0)
            return progress_set(progress, STORE_DAMAGED, "a page cannot be read", rc);
        err = t == TABLE_META ? meta_read(txn, dbi, &meta) : STORE_OK;
        if (err != STORE_OK)
            return progress_set(
                progress, err,
                err == STORE_NEWER ? "written by a newer version" : "the row is damaged", 0);
    }
    /* The list of free pages: a wrong one makes LMDB hand out pages that are in use. */
    if (depth != CHECK_EDGES) {
        progress->table = STORE_TABLES; /* no table of ours: its rows are no records */
        rc = walk_table(progress, txn, 0, depth);
        if (rc != 0)
            return progress_set(progress, STORE_DAMAGED, "the list of free pages cannot be read",
                                rc);
    }
    return STORE_OK;
}

static void
child_asserted(MDB_env *env, const char *message)
{
    (void)message;
    progress_set(mdb_env_get_userctx(env), STORE_DAMAGED, "pages are damaged", 0);
    _exit(0);
}

static void
child_run(struct progress *progress, const struct dir *dir, enum check_depth depth, bool live)
{
    struct env_options options = {
        .read_only = true, .no_lock = !live, .on_assert = child_asserted, .context = progress};
    char line[256];
    struct why why = {line, sizeof(line)};
    MDB_env *env;
    MDB_txn *txn;
    int rc;

    progress->err = env_open(dir->path, STORE_DB, &options, &env, why);
    if (progress->err != STORE_OK) {
        progress_set(progress, progress->err, "cannot be opened", 0);
        return;
    }
    rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    if (rc != 0) {
        progress_set(progress, STORE_IO, "cannot be read", rc);
        return;
    }
    walk_tables(progress, txn, depth);
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

static _Noreturn void
child_main(struct progress *progress, const struct dir *dir, enum check_depth depth, bool live)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    struct rlimit no_core = {0, 0};

    /* The daemon's handlers and core files are not for this; and LOCK must not outlive the daemon
     * here. */
    for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
        signal(fatal[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &no_core);
    if (dir->lock_fd >= 0)
        close(dir->lock_fd);
    child_run(progress, dir, depth, live);
    _exit(0);
}

static enum store_err
child_verdict(const struct progress *progress, int status, const struct dir *dir, struct why why)
{
    const char *table = store_table_name(progress->table);

    if (WIFSIGNALED(status))
        return why_set(why, STORE_DAMAGED, "%s: is damaged: signal %d while reading table %s",
                       dir->path, WTERMSIG(status), table);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return why_set(why, STORE_DAMAGED, "%s: is damaged: the check failed in table %s",
                       dir->path, table);
    if (progress->err != STORE_OK)
        return why_set(why, progress->err, "%s: table %s: %s", dir->path, table, progress->what);
    if (progress->damaged > 0)
        return why_set(why, STORE_DAMAGED, "%s: %" PRIu64 " of %" PRIu64 " rows are damaged",
                       dir->path, progress->damaged, progress->rows);
    why_set(why, STORE_OK, "%s: %" PRIu64 " rows checked", dir->path, progress->rows);
    return STORE_OK;
}

enum store_err
check_in_child(const struct dir *dir, enum check_depth depth, bool live, struct why why)
{
    struct progress *progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    enum store_err err;
    int status = 0;
    pid_t pid;

    if (progress == MAP_FAILED)
        return why_errno(why, "get memory for a check of", dir->path);
    pid = fork();
    if (pid == 0)
        child_main(progress, dir, depth, live);
    if (pid < 0) {
        err = why_errno(why, "fork to check", dir->path);
    } else {
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        err = child_verdict(progress, status, dir, why);
    }
    munmap(progress, sizeof(*progress));
    return err;
}

enum store_err
store_verify(const char *path, char *text, size_t text_bytes)
{
    struct why why = {text, text_bytes};
    struct identity identity;
    struct dir dir;
    enum dir_state state;
    enum store_err err = dir_open(&dir, path, false, true, why);
    bool short_file;
    int fd;

    if (err != STORE_OK)
        return err;
    err = dir_settle(&dir, false, &state, why);
    if (err == STORE_OK && state == DIR_ABSENT)
        err = why_set(why, STORE_FOREIGN, "%s: there is no store", path);
    if (err == STORE_OK)
        err = identity_read(&dir, &identity, why);
    if (err == STORE_OK)
        err = data_open(&dir, &fd, why);
    if (err == STORE_OK) {
        err = data_check(&dir, fd, &short_file, why);
        close(fd);
    }
    if (err == STORE_OK)
        err = check_in_child(&dir, CHECK_ALL, true, why);
    dir_close(&dir);
    return err;
}
