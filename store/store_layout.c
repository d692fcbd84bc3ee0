/*
 * store_layout.c: which files make a store, and how they come into being (faults.md rows 5, 42, 50;
 * decision 9).
 *
 * A creation leaves, in this order and each on disk before the next: db.new/ whole, IDENTITY.new
 * whole, db/, IDENTITY. So db/ with IDENTITY.new is a store whose last rename is missing; db/
 * without either was put there by somebody else.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_dir.h"

#define IDENTITY_FORMAT 1u
#define IDENTITY_BYTES_MAX 256u

static bool
is_there(const struct dir *dir, const char *name)
{
    struct stat st;

    return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
sweep_db_new(const struct dir *dir)
{
    unlinkat(dir->fd, STORE_DB_NEW "/" STORE_DATA, 0);
    unlinkat(dir->fd, STORE_DB_NEW "/lock.mdb", 0);
    unlinkat(dir->fd, STORE_DB_NEW, AT_REMOVEDIR);
}

void
dir_sweep(const struct dir *dir)
{
    sweep_db_new(dir);
    unlinkat(dir->fd, STORE_IDENTITY_NEW, 0);
}

static enum store_err
sync_dir(const struct dir *dir, struct why why)
{
    return fsync(dir->fd) == 0 ? STORE_OK : why_errno(why, "fsync the directory", dir->path);
}

static enum store_err
rename_and_sync(const struct dir *dir, const char *from, const char *to, struct why why)
{
    if (renameat(dir->fd, from, dir->fd, to) != 0)
        return why_errno(why, "rename a new file", dir->path);
    return sync_dir(dir, why);
}

enum store_err
dir_settle(const struct dir *dir, bool mend, enum dir_state *state, struct why why)
{
    bool have_db = is_there(dir, STORE_DB);
    enum store_err err;

    *state = DIR_ABSENT;
    if (is_there(dir, STORE_DATA))
        return why_set(why, STORE_FOREIGN, "%s: data.mdb in this place is not ours", dir->path);
    if (!is_there(dir, STORE_IDENTITY) && have_db) {
        if (!mend || !is_there(dir, STORE_IDENTITY_NEW))
            return why_set(why, STORE_FOREIGN, "%s: there is db/ but no IDENTITY", dir->path);
        err = rename_and_sync(dir, STORE_IDENTITY_NEW, STORE_IDENTITY, why);
        if (err != STORE_OK)
            return err;
    }
    if (mend)
        dir_sweep(dir);
    if (is_there(dir, STORE_IDENTITY))
        *state = DIR_PRESENT;
    if (*state == DIR_PRESENT && !have_db)
        return why_set(why, STORE_FOREIGN, "%s: there is IDENTITY but db/ is missing", dir->path);
    return STORE_OK;
}

enum store_err
dir_check_empty(const struct dir *dir, struct why why)
{
    static const char *const allowed[] = {".",          "..",         STORE_LOCK,
                                          "lost+found", STORE_DB_NEW, STORE_IDENTITY_NEW};
    int fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    bool empty = true;

    if (listing == NULL) {
        if (fd >= 0)
            close(fd);
        return why_errno(why, "list the directory", dir->path);
    }
    while (empty && (entry = readdir(listing)) != NULL) {
        empty = false;
        for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
            empty = empty || strcmp(entry->d_name, allowed[i]) == 0;
    }
    closedir(listing);
    return empty ? STORE_OK : why_set(why, STORE_FOREIGN, "%s: is not empty", dir->path);
}

enum store_err
dir_begin(const struct dir *dir, struct why why)
{
    dir_sweep(dir);
    if (mkdirat(dir->fd, STORE_DB_NEW, 0700) != 0)
        return why_errno(why, "make db.new", dir->path);
    return STORE_OK;
}

static enum store_err
sync_named(const struct dir *dir, const char *name, int flags, struct why why)
{
    int fd = openat(dir->fd, name, O_CLOEXEC | flags);
    bool ok = fd >= 0 && fsync(fd) == 0;
    enum store_err err = ok ? STORE_OK : why_errno(why, "fsync a new file", dir->path);

    if (fd >= 0)
        close(fd);
    return err;
}

static enum store_err
identity_write(const struct dir *dir, const uint8_t uuid[16], struct why why)
{
    char text[IDENTITY_BYTES_MAX];
    int n = snprintf(text, sizeof(text), "tandem store\nformat %u\nschema %u\nuuid ",
                     IDENTITY_FORMAT, STORE_SCHEMA);
    int fd = openat(dir->fd, STORE_IDENTITY_NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum store_err err = STORE_OK;

    for (size_t i = 0; i < 16; i++)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "%02x", uuid[i]);
    n += snprintf(text + n, sizeof(text) - (size_t)n, "\n");
    if (fd < 0 || write(fd, text, (size_t)n) != n || fsync(fd) != 0)
        err = why_errno(why, "write IDENTITY.new", dir->path);
    if (fd >= 0)
        close(fd);
    return err;
}

enum store_err
dir_publish(const struct dir *dir, const uint8_t uuid[16], struct why why)
{
    enum store_err err;

    /* LMDB's lock file is per machine and per boot; it makes a new one. */
    unlinkat(dir->fd, STORE_DB_NEW "/lock.mdb", 0);
    err = sync_named(dir, STORE_DB_NEW "/" STORE_DATA, O_RDWR, why);
    if (err == STORE_OK)
        err = sync_named(dir, STORE_DB_NEW, O_RDONLY | O_DIRECTORY, why);
    if (err == STORE_OK)
        err = identity_write(dir, uuid, why);
    if (err == STORE_OK)
        err = sync_dir(dir, why);
    if (err == STORE_OK)
        err = rename_and_sync(dir, STORE_DB_NEW, STORE_DB, why);
    if (err == STORE_OK)
        err = rename_and_sync(dir, STORE_IDENTITY_NEW, STORE_IDENTITY, why);
    return err;
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
uuid_parse(const char *text, uint8_t uuid[16])
{
    for (size_t i = 0; i < 16; i++) {
        int high = hex_value(text[2 * i]);
        int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);

        if (low < 0)
            return false;
        uuid[i] = (uint8_t)(high << 4 | low);
    }
    return text[32] == '\n' && text[33] == '\0';
}

/* "NAME NUMBER\n" off the front of *text. */
static bool
number_parse(const char **text, const char *name, uint32_t *out)
{
    size_t n = strlen(name);
    char *end;
    unsigned long value;

    if (strncmp(*text, name, n) != 0 || (*text)[n] < '0' || (*text)[n] > '9')
        return false;
    value = strtoul(*text + n, &end, 10);
    if (*end != '\n' || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    *text = end + 1;
    return true;
}

static enum store_err
identity_parse(const struct dir *dir, const char *text, struct identity *identity, struct why why)
{
    static const char title[] = "tandem store\n";
    uint32_t format = 0;

    if (strncmp(text, title, sizeof(title) - 1) != 0)
        return why_set(why, STORE_FOREIGN, "%s/IDENTITY: is not that of a store", dir->path);
    text += sizeof(title) - 1;
    if (!number_parse(&text, "format ", &format) || format == 0)
        return why_set(why, STORE_DAMAGED, "%s/IDENTITY: has no format", dir->path);
    if (format > IDENTITY_FORMAT)
        return why_set(why, STORE_NEWER,
                       "%s: written by a newer version (format %" PRIu32 ", this one knows %u)",
                       dir->path, format, IDENTITY_FORMAT);
    if (!number_parse(&text, "schema ", &identity->schema) || identity->schema == 0)
        return why_set(why, STORE_DAMAGED, "%s/IDENTITY: has no schema", dir->path);
    if (identity->schema > STORE_SCHEMA)
        return why_set(why, STORE_NEWER,
                       "%s: written by a newer version (schema %" PRIu32 ", this one knows %u)",
                       dir->path, identity->schema, STORE_SCHEMA);
    if (strncmp(text, "uuid ", 5) != 0 || !uuid_parse(text + 5, identity->uuid))
        return why_set(why, STORE_DAMAGED, "%s/IDENTITY: has no uuid", dir->path);
    return STORE_OK;
}

enum store_err
identity_read(const struct dir *dir, struct identity *identity, struct why why)
{
    char text[IDENTITY_BYTES_MAX];
    int fd = openat(dir->fd, STORE_IDENTITY, O_RDONLY | O_CLOEXEC);
    ssize_t n;
    enum store_err err;

    if (fd < 0)
        return why_errno(why, "open IDENTITY", dir->path);
    n = read(fd, text, sizeof(text) - 1);
    err = n < 0 ? why_errno(why, "read IDENTITY", dir->path) : STORE_OK;
    if (err == STORE_OK)
        err = check_owner_and_mode(fd, dir->path, "/IDENTITY", why);
    close(fd);
    if (err != STORE_OK)
        return err;
    text[n] = '\0';
    return identity_parse(dir, text, identity, why);
}
