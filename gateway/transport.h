/*
 * transport.h: how a connection reads and writes octets: a table of calls, so that the connection
 * does not know whether there is TLS below it (tls.h) or just the socket.
 */
#ifndef TANDEM_TRANSPORT_H
#define TANDEM_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tls;
struct transport;

enum transport_step { TRANSPORT_DONE, TRANSPORT_LATER, TRANSPORT_FAILED };

struct transport_ops {
    const char *name;
    /* What comes before the first octet; NULL: nothing does. LATER: when the socket is ready for
     * what `wants_*` say. */
    enum transport_step (*handshake)(struct transport *t);
    /* As recv() and send() of a non-blocking socket: -1 with errno EAGAIN means later. */
    ssize_t (*read)(struct transport *t, void *buf, size_t n);
    ssize_t (*write)(struct transport *t, const void *buf, size_t n);
    /* Says that nothing more will be written. */
    void (*shut)(struct transport *t);
    void (*close)(struct transport *t);
    /* More octets go through the socket than are written; where the n-th is there is known once
     * write() has taken it, not before. */
    bool wraps;
};

struct transport {
    const struct transport_ops *ops;
    int fd;
    uint64_t octets_written;        /* at the socket: what TCP acknowledges is counted in these */
    /* There may be something to read that the socket does not announce: read again. */
    bool more;
    /* What the handshake waits for; after it: a write that must read first, and the reverse. */
    bool wants_read, wants_write;
    bool refused;                   /* ended by what the peer is or said, not by the network */
    const char *why;                /* how it ended, if errno does not say; good until close() */
    struct tls *tls;                /* NULL: there is none */
};

extern const struct transport_ops transport_plain;

#endif
