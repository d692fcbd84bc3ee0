/*
 * store_dir.h: the data directory without LMDB: who may use it, who holds it, which files make a
 * store.
 *
 * Every function returns STORE_OK or the reason, with one line in *why.
 */
#ifndef TANDEM_STORE_DIR_H
#define TANDEM_STORE_DIR_H

#include "store/store.h"

#define STORE_DB "db"
#define STORE_DB_NEW "db.new"
#define STORE_DATA "data.mdb"
#define STORE_LOCK "LOCK"
#define STORE_IDENTITY "IDENTITY"
#define STORE_IDENTITY_NEW "IDENTITY.new"
#define STORE_PATH_MAX 4096

struct why {
    char *text;
    size_t bytes;
};

/* Writes the line and returns err. */
__attribute__((format(printf, 3, 4))) enum store_err why_set(struct why why, enum store_err err,
                                                             const char *format, ...);
/* The same from errno: "PATH: cannot WHAT: strerror"; DENIED for a matter of rights, IO for all
 * else. */
enum store_err why_errno(struct why why, const char *what, const char *path);

struct dir {
    const char *path;
    int fd;
    int lock_fd;                    /* -1: not locked */
};

/* Opens DIR, checks owner, mode and (unless unsafe_fs) the kind of file system. With `make` a
 * missing one is made. */
enum store_err dir_open(struct dir *dir, const char *path, bool make, bool unsafe_fs,
                        struct why why);
/* Takes LOCK and writes our pid into it. flock() is on the inode, so another path to it does not
 * help a second daemon. */
enum store_err dir_lock(struct dir *dir, struct why why);
void dir_close(struct dir *dir);
/* Ours, and closed to group and others? path and name only serve the line. */
enum store_err check_owner_and_mode(int fd, const char *path, const char *name, struct why why);

/* What stands in the directory. PRESENT: a whole store. ABSENT: nothing yet. A creation that was
 * cut short is finished (its last rename was missing) or swept away, when `mend` is set. */
enum dir_state { DIR_PRESENT, DIR_ABSENT };
enum store_err dir_settle(const struct dir *dir, bool mend, enum dir_state *state, struct why why);
/* Nothing but what an empty directory may hold? */
enum store_err dir_check_empty(const struct dir *dir, struct why why);

/* Creation in three steps: an empty db.new/, then whoever fills it, then fsync of all and the
 * renames. */
enum store_err dir_begin(const struct dir *dir, struct why why);
enum store_err dir_publish(const struct dir *dir, const uint8_t uuid[16], struct why why);
/* Removes what dir_begin() made. */
void dir_sweep(const struct dir *dir);

struct identity {
    uint32_t schema;
    uint8_t uuid[16];
};
enum store_err identity_read(const struct dir *dir, struct identity *identity, struct why why);

/* Opens db/data.mdb read-only for the checks below; checks owner and mode of it and of db/. */
enum store_err data_open(const struct dir *dir, int *fd, struct why why);
/* Reads both meta pages by hand. *short_file: the file ends before the last page that LMDB counts,
 * which is damage, or only that LMDB did not write a page it had freed again. */
enum store_err data_check(const struct dir *dir, int fd, bool *short_file, struct why why);

#endif
