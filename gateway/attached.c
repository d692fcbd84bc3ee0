/*
 * attached.c: see attached.h.
 */
#include "gateway/attached.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/relay/command.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define COPY_BYTES (64u * 1024u)

const char *
attached_map(int fd, struct slice *out)
{
    int seals = fcntl(fd, F_GET_SEALS);
    struct stat st;
    void *p;

    *out = SLICE_NONE;
    if (seals < 0 || (seals & SEALS) != SEALS)
        return "the file that came along is no memory with all its seals";
    if (fstat(fd, &st) != 0 || st.st_size < 0 || (uint64_t)st.st_size > COMMAND_IMPORT_BYTES_MAX)
        return "the file that came along is too long";
    if (st.st_size == 0)
        return NULL;
    p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return "the file that came along cannot be mapped";
    *out = slice_of(p, (size_t)st.st_size);
    return NULL;
}

void
attached_unmap(struct slice *octets)
{
    if (octets->n > 0)
        (void)munmap((void *)(uintptr_t)octets->p, octets->n);
    *octets = SLICE_NONE;
}

static bool
write_all(int fd, const uint8_t *octets, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, octets, n);

        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            octets += done;
            n -= (size_t)done;
        }
    }
    return true;
}

static bool
copy_all(int from, int to, uint64_t max)
{
    uint8_t octets[COPY_BYTES];

    for (uint64_t total = 0;;) {
        ssize_t n = read(from, octets, sizeof(octets));

        if (n == 0)
            return true;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        total += (uint64_t)n;
        if (total > max) {
            errno = EFBIG;
            return false;
        }
        if (!write_all(to, octets, (size_t)n))
            return false;
    }
}

int
attached_make(struct slice head, int from, uint64_t max)
{
    int fd = memfd_create("tandem", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int why;

    if (fd < 0)
        return -1;
    if (write_all(fd, head.p, head.n) && copy_all(from, fd, max - head.n) &&
        fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) == 0)
        return fd;
    why = errno;
    close(fd);
    errno = why;
    return -1;
}
