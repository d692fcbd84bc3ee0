/*
 * transport.c: the plain socket (see transport.h).
 */
#include "gateway/transport.h"

#include <sys/socket.h>
#include <unistd.h>

static ssize_t
plain_read(struct transport *t, void *buf, size_t n)
{
    return recv(t->fd, buf, n, MSG_DONTWAIT);
}

static ssize_t
plain_write(struct transport *t, const void *buf, size_t n)
{
    ssize_t done = send(t->fd, buf, n, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (done > 0)
        t->octets_written += (uint64_t)done;
    return done;
}

static void
plain_shut(struct transport *t)
{
    shutdown(t->fd, SHUT_WR);
}

static void
plain_close(struct transport *t)
{
    close(t->fd);
    t->fd = -1;
}

const struct transport_ops transport_plain = {
    .name = "plain",
    .read = plain_read,
    .write = plain_write,
    .shut = plain_shut,
    .close = plain_close,
};
