/*
 * transport.h: how a connection reads and writes octets: a table of calls, so that the connection
 * does not know whether there is TLS below it. So far there is only the plain socket.
 */
#ifndef TANDEM_TRANSPORT_H
#define TANDEM_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct transport;

struct transport_ops {
    const char *name;
    /* As recv() and send() of a non-blocking socket: -1 with errno EAGAIN means later. */
    ssize_t (*read)(struct transport *t, void *buf, size_t n);
    ssize_t (*write)(struct transport *t, const void *buf, size_t n);
    /* Says that nothing more will be written. */
    void (*shut)(struct transport *t);
    void (*close)(struct transport *t);
};

struct transport {
    const struct transport_ops *ops;
    int fd;
    uint64_t octets_written;        /* at the socket: what TCP acknowledges is counted in these */
};

extern const struct transport_ops transport_plain;

#endif
