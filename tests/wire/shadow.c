/*
 * shadow.c: a disk that forgets, for test_powercut.py where no file system may be shut down.
 *
 * Preloaded into the daemon. $SHADOW_OF is a directory; $SHADOW_DIR gets a copy of each file below
 * it as it is when it is synced, and each write through a descriptor that was opened with O_DSYNC.
 * So it holds at any moment what a power cut would leave if the disk kept nothing that it was not
 * told to keep: the least that the promise rests on. With $SHADOW_EAT set no sync and no O_DSYNC
 * counts, as under libeatmydata.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define COPY_BYTES 65536

int fsync(int fd);
int fdatasync(int fd);
ssize_t pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t pwrite64(int fd, const void *p, size_t n, off_t at);
int rename(const char *from, const char *to);

/* Where the shadow of path is, with its directories made; false if path is not watched. */
static bool
shadow_of(const char *path, char out[PATH_MAX])
{
    const char *of = getenv("SHADOW_OF"), *dir = getenv("SHADOW_DIR");
    size_t n = of ? strlen(of) : 0;

    if (!of || !dir || getenv("SHADOW_EAT") || strncmp(path, of, n) != 0 || path[n] != '/')
        return false;
    if (snprintf(out, PATH_MAX, "%s%s", dir, path + n) >= PATH_MAX)
        return false;
    for (char *slash = out + strlen(dir) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        (void)mkdir(out, 0700);
        *slash = '/';
    }
    return true;
}

static bool
shadow_of_fd(int fd, char out[PATH_MAX])
{
    char link[64], path[PATH_MAX];

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return false;
    path[n] = '\0';
    return shadow_of(path, out);
}

/* The rename that is not ours. */
static int
real_rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *);

    *(void **)&real = dlsym(RTLD_NEXT, "rename");
    return real(from, to);
}

/* A whole new copy, moved into place, so that a kill in the middle leaves the one before. The
 * descriptor may be for writing only, so the file is opened again. */
static void
keep(int fd)
{
    char shadow[PATH_MAX], fresh[PATH_MAX + 8], link[64], buf[COPY_BYTES];
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !shadow_of_fd(fd, shadow))
        return;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    (void)snprintf(fresh, sizeof fresh, "%s.fresh", shadow);
    int in = open(link, O_RDONLY | O_CLOEXEC);
    int to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (in < 0 || to < 0)
        abort();
    while ((n = read(in, buf, sizeof buf)) > 0)
        if (write(to, buf, (size_t)n) != n)
            abort();
    (void)close(in);
    (void)close(to);
    if (real_rename(fresh, shadow) != 0)
        abort();
}

int
fsync(int fd)
{
    keep(fd);
    return 0;
}

int
fdatasync(int fd)
{
    keep(fd);
    return 0;
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
    struct iovec piece = {.iov_base = (void *)(unsigned long)p, .iov_len = n};
    char shadow[PATH_MAX];
    ssize_t done = pwritev(fd, &piece, 1, at);

    if (done <= 0 || !(fcntl(fd, F_GETFL) & O_DSYNC) || !shadow_of_fd(fd, shadow))
        return done;
    piece.iov_len = (size_t)done;
    int to = open(shadow, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (to < 0 || pwritev(to, &piece, 1, at) != done)
        abort();
    (void)close(to);
    return done;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
    return pwrite64(fd, p, n, at);
}

int
rename(const char *from, const char *to)
{
    char whole[PATH_MAX], last[PATH_MAX], shadow_from[PATH_MAX], shadow_to[PATH_MAX];
    bool watched = realpath(from, whole) && shadow_of(whole, shadow_from);
    int done = real_rename(from, to);

    if (done == 0 && watched && realpath(to, last) && shadow_of(last, shadow_to))
        (void)real_rename(shadow_from, shadow_to);
    return done;
}
