/*
 * admin_socket.c: see admin_socket.h.
 */
#include "gateway/admin_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The folder: made if it is not there, and nobody else may put anything into it. */
static bool
folder_is_ours(const char *path, char *why, size_t why_bytes)
{
    const char *slash = strrchr(path, '/');
    char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
    struct stat st;

    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (slash == path)
        snprintf(folder, sizeof(folder), "/");
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        snprintf(why, why_bytes, "cannot make %s: %s", folder, strerrordesc_np(errno));
        return false;
    }
    if (stat(folder, &st) != 0) {
        snprintf(why, why_bytes, "%s: %s", folder, strerrordesc_np(errno));
        return false;
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022) != 0) {
        snprintf(why, why_bytes, "%s must be a folder of our own that others cannot write to",
                 folder);
        return false;
    }
    return true;
}

/* True: nothing is there, or a socket that a process left behind. */
static bool
place_is_free(const struct sockaddr_un *address, char *why, size_t why_bytes)
{
    struct stat st;
    int fd, err;

    if (lstat(address->sun_path, &st) != 0)
        return errno == ENOENT;
    snprintf(why, why_bytes, "%s is there and no socket", address->sun_path);
    if (!S_ISSOCK(st.st_mode))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    err = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : errno;
    close(fd);
    snprintf(why, why_bytes, "another process listens on %s", address->sun_path);
    return err == ECONNREFUSED || err == ENOENT;
}

/* Until it listens nobody can connect, so nobody can before it has its mode. */
static bool
listen_at(struct admin_socket *s, const struct sockaddr_un *address)
{
    struct stat st;

    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)unlink(address->sun_path);
    if (s->fd < 0 || bind(s->fd, (const struct sockaddr *)address, sizeof(*address)) != 0 ||
        chmod(address->sun_path, 0600) != 0 || listen(s->fd, ADMIN_CONNECTIONS_MAX) != 0 ||
        lstat(address->sun_path, &st) != 0)
        return false;
    s->dev = st.st_dev;
    s->ino = st.st_ino;
    return true;
}

bool
admin_socket_open(struct admin_socket *s, const char *path, char *why, size_t why_bytes)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *s = (struct admin_socket){.fd = -1};
    if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
        sizeof(address.sun_path)) {
        snprintf(why, why_bytes, "the path is too long for a socket");
        return false;
    }
    snprintf(why, why_bytes, "cannot look at %s", path);
    if (!folder_is_ours(path, why, why_bytes) || !place_is_free(&address, why, why_bytes))
        return false;
    if (listen_at(s, &address)) {
        memcpy(s->path, address.sun_path, sizeof(s->path));
        return true;
    }
    snprintf(why, why_bytes, "%s", strerrordesc_np(errno));
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    return false;
}

void
admin_socket_close(struct admin_socket *s)
{
    struct stat st;

    if (s->fd < 0)
        return;
    if (lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
        (void)unlink(s->path);
    close(s->fd);
    s->fd = -1;
}
