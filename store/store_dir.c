/*
 * store_dir.c: rights, lock and kind of the data directory (faults.md rows 43 to 46). Apart from
 * store_layout.c, which is about what stands in it.
 */
#include "store/store_dir.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Not in linux/magic.h of Debian 12. */
#define MAGIC_ZFS 0x2fc12fc1
#define MAGIC_BCACHEFS 0xca451a4e
#define MAGIC_JFS 0x3153464a
#define MAGIC_CIFS 0xff534d42
#define MAGIC_SMB2 0xfe534d42

enum store_err
why_set(struct why why, enum store_err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why.text, why.bytes, format, args);
    va_end(args);
    return err;
}

enum store_err
why_errno(struct why why, const char *what, const char *path)
{
    int error = errno;
    bool rights = error == EACCES || error == EPERM || error == EROFS;

    return why_set(why, rights ? STORE_DENIED : STORE_IO, "%s: cannot %s: %s", path, what,
                   strerror(error));
}

/* The names only make the line readable; what is not listed is refused as well, because nobody has
 * shown that fsync means anything on it. */
struct fs_kind {
    uint32_t magic;
    const char *name;
    bool safe;
};

static const struct fs_kind fs_kinds[] = {
    {EXT4_SUPER_MAGIC, "ext", true},
    {XFS_SUPER_MAGIC, "xfs", true},
    {BTRFS_SUPER_MAGIC, "btrfs", true},
    {F2FS_SUPER_MAGIC, "f2fs", true},
    {MAGIC_ZFS, "zfs", true},
    {MAGIC_BCACHEFS, "bcachefs", true},
    {MAGIC_JFS, "jfs", true},
    /* Containers: fsync goes through to the file system below. One mounted "volatile" drops it,
     * which cannot be seen from here; a container's data belongs on a volume anyway. */
    {OVERLAYFS_SUPER_MAGIC, "overlay", true},
    {TMPFS_MAGIC, "tmpfs", false},
    {RAMFS_MAGIC, "ramfs", false},
    {NFS_SUPER_MAGIC, "nfs", false},
    {SMB_SUPER_MAGIC, "smb", false},
    {MAGIC_SMB2, "smb2", false},
    {MAGIC_CIFS, "cifs", false},
    {FUSE_SUPER_MAGIC, "fuse", false},
    {V9FS_MAGIC, "9p", false},
    {CEPH_SUPER_MAGIC, "ceph", false},
    {AFS_SUPER_MAGIC, "afs", false},
    {ECRYPTFS_SUPER_MAGIC, "ecryptfs", false},
    {HUGETLBFS_MAGIC, "hugetlbfs", false},
};

static enum store_err
check_fs(const struct dir *dir, struct why why)
{
    struct statfs fs;
    const char *name = "unknown";

    if (fstatfs(dir->fd, &fs) != 0)
        return why_errno(why, "statfs", dir->path);
    for (size_t i = 0; i < sizeof(fs_kinds) / sizeof(fs_kinds[0]); i++) {
        if (fs_kinds[i].magic != (uint32_t)fs.f_type)
            continue;
        if (fs_kinds[i].safe)
            return STORE_OK;
        name = fs_kinds[i].name;
    }
    return why_set(why, STORE_UNSAFE,
                   "%s: is on a file system of type %s (0x%x), where nothing is safe in a power "
                   "cut; use ext4 or xfs",
                   dir->path, name, (unsigned)fs.f_type);
}

enum store_err
check_owner_and_mode(int fd, const char *path, const char *name, struct why why)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return why_errno(why, "stat", path);
    if (st.st_uid != geteuid())
        return why_set(why, STORE_DENIED, "%s%s: belongs to user %u, but this runs as user %u",
                       path, name, (unsigned)st.st_uid, (unsigned)geteuid());
    if ((st.st_mode & 077) != 0)
        return why_set(why, STORE_DENIED,
                       "%s%s: mode is %04o, but others must have no access: %04o", path, name,
                       (unsigned)(st.st_mode & 07777), (unsigned)(st.st_mode & 07700));
    return STORE_OK;
}

static enum store_err
make_dir(const char *path, struct why why)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return why_errno(why, "make the directory", path);
    return STORE_OK;
}

enum store_err
dir_open(struct dir *dir, const char *path, bool make, bool unsafe_fs, struct why why)
{
    enum store_err err = make ? make_dir(path, why) : STORE_OK;

    *dir = (struct dir){path, -1, -1};
    if (err != STORE_OK)
        return err;
    if (strlen(path) > STORE_PATH_MAX - 32)
        return why_set(why, STORE_IO, "the path of the data directory is too long");
    dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir->fd < 0 && errno == ENOENT && !make)
        return why_set(why, STORE_FOREIGN, "%s: there is no store", path);
    if (dir->fd < 0)
        return why_errno(why, "open the directory", path);
    err = check_owner_and_mode(dir->fd, path, "", why);
    if (err == STORE_OK && !unsafe_fs)
        err = check_fs(dir, why);
    if (err != STORE_OK)
        dir_close(dir);
    return err;
}

static enum store_err
lock_refused(const struct dir *dir, struct why why)
{
    char pid[16] = "";
    ssize_t n = pread(dir->lock_fd, pid, sizeof(pid) - 1, 0);

    pid[n > 0 ? n : 0] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';
    return why_set(why, STORE_BUSY, "%s: in use by another daemon, pid %s", dir->path,
                   pid[0] ? pid : "unknown");
}

enum store_err
dir_lock(struct dir *dir, struct why why)
{
    char pid[16];
    int n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
    enum store_err err = STORE_OK;

    dir->lock_fd = openat(dir->fd, STORE_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (dir->lock_fd < 0)
        return why_errno(why, "open LOCK", dir->path);
    if (flock(dir->lock_fd, LOCK_EX | LOCK_NB) != 0)
        err = errno == EWOULDBLOCK ? lock_refused(dir, why)
                                   : why_errno(why, "lock LOCK", dir->path);
    if (err != STORE_OK) {
        close(dir->lock_fd);
        dir->lock_fd = -1;
        return err;
    }
    /* The pid is there to be read by people: on a full disk it may be missing, and the lock holds
     * all the same. */
    if (ftruncate(dir->lock_fd, 0) == 0 && pwrite(dir->lock_fd, pid, (size_t)n, 0) != n)
        return STORE_OK;
    return STORE_OK;
}

void
dir_close(struct dir *dir)
{
    if (dir->fd >= 0)
        close(dir->fd);
    if (dir->lock_fd >= 0)
        close(dir->lock_fd);
    dir->fd = -1;
    dir->lock_fd = -1;
}
