/*
 * conf_file.c: the bytes of a configuration or password file, read once, and who may read and
 * change it.
 *
 * A path can name anything: opening a FIFO must not block, and /dev/zero must not be read for ever
 * (Y03). What was read is what is checked and used, so replacing the file meanwhile does no harm
 * (Y27).
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf_int.h"

#define MODE_PERMISSIONS 07777u

/* Reads at most cap octets; *n is how many. */
static bool
read_all(int fd, uint8_t *buf, size_t cap, size_t *n)
{
    *n = 0;
    while (*n < cap) {
        ssize_t got = read(fd, buf + *n, cap - *n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        *n += (size_t)got;
    }
    return true;
}

static const char *
read_open(int fd, struct conf_file *file, struct conf_arena *arena)
{
    struct stat st;
    size_t cap, n;
    uint8_t *buf;

    if (fstat(fd, &st) != 0)
        return strerror(errno);
    if (!S_ISREG(st.st_mode))
        return "not a regular file";
    if ((uint64_t)st.st_size > file->bytes_max)
        return "too large";
    /* One more than it should have: it may be growing. */
    cap = (size_t)st.st_size + 1;
    buf = conf_alloc(arena, cap);
    if (!read_all(fd, buf, cap, &n))
        return strerror(errno);
    if (n == cap)
        return "is being written to";
    file->bytes = slice_of(buf, n);
    file->mode = (uint32_t)st.st_mode & MODE_PERMISSIONS;
    return NULL;
}

bool
conf_file_read(struct conf_file *file, struct conf_arena *arena, struct conf_report *report,
               const struct conf_place *place)
{
    /* Without O_NONBLOCK opening a FIFO waits for a writer. */
    int fd = open(file->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    const char *wrong;

    if (fd < 0) {
        report->permission |= errno == EACCES || errno == EPERM;
        conf_report_at(report, place, "cannot open %s: %s", file->name, strerror(errno));
        return false;
    }
    wrong = read_open(fd, file, arena);
    if (wrong)
        conf_report_at(report, place, "%s: %s", file->name, wrong);
    close(fd);
    return !wrong;
}

void
conf_file_check_mode(const struct conf_file *file, const char *secret, struct conf_report *report,
                     const struct conf_place *place)
{
    if (file->mode & (S_IWGRP | S_IWOTH))
        conf_report_at(report, place, "%s: mode %04o, want %s because others could change it",
                       file->name, file->mode, secret ? "0600" : "0644");
    else if (secret && file->mode & S_IROTH)
        conf_report_at(report, place, "%s: mode %04o, want 0600 because it holds %s",
                       file->name, file->mode, secret);
}
