/*
 * connection.c: see connection.h.
 */
#include "gateway/connection.h"

#include <assert.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/pdu.h"

/* The buffer that all connections read into. What is kept of one connection is less than a
 * round of READ_PDUS_MAX leaves, so it fits in front of the next READ_OCTETS. */
static uint8_t read_buffer[2 * READ_OCTETS + PDU_BYTES_MAX];

const char *
connection_state_name(enum connection_state state)
{
    switch (state) {
    case CONN_CONNECTING:
        return "connecting";
    case CONN_HANDSHAKE:
        return "handshake";
    case CONN_OPEN:
        return "open";
    case CONN_FLUSHING:
        return "flushing";
    case CONN_SHUT:
        return "shut";
    case CONN_DEAD:
        return "dead";
    }
    return "?";
}

/* Socket options that all our connections have. */
static void
set_options(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, TCP_KEEPIDLE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, TCP_KEEPINTVL_S},
        {IPPROTO_TCP, TCP_KEEPCNT, TCP_KEEPALIVES},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS},
    };

    /* None of them is worth refusing a connection for. */
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
}

/* Octets that TCP counts as acknowledged. It counts our SYN where we connected, so the count at
 * the start is taken off (faults.md 2.3). */
static uint64_t
acked(const struct connection *c)
{
    struct tcp_info info;
    socklen_t length = sizeof(info);

    memset(&info, 0, sizeof(info));
    if (getsockopt(c->transport.fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
        return 0;
    return info.tcpi_bytes_acked;
}

static void
connection_init(struct connection *c, int fd, const struct address *address)
{
    memset(c, 0, sizeof(*c));
    c->transport.ops = &transport_plain;
    c->transport.fd = fd;
    c->address = *address;
    address_text(address, c->peer);
    set_options(fd);
}

void
connection_accepted(struct connection *c, int fd, const struct address *address)
{
    connection_init(c, fd, address);
    c->acked_base = acked(c);
    c->state = CONN_OPEN;
}

bool
connection_connect(struct connection *c, const struct address *address)
{
    int fd = socket(address->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return false;
    connection_init(c, fd, address);
    c->state = CONN_CONNECTING;
    if (connect(fd, (const struct sockaddr *)&address->sa, address->length) == 0 ||
        errno == EINPROGRESS)
        return true;
    int err = errno;
    connection_close(c);
    errno = err;
    return false;
}

bool
connection_secure(struct connection *c, struct tls_context *context)
{
    if (!tls_wrap(&c->transport, context))
        return false;
    if (c->state == CONN_OPEN)
        c->state = CONN_HANDSHAKE;
    return true;
}

bool
connection_established(struct connection *c)
{
    int err = 0;
    socklen_t length = sizeof(err);

    if (getsockopt(c->transport.fd, SOL_SOCKET, SO_ERROR, &err, &length) != 0)
        err = errno;
    if (err != 0) {
        errno = err;
        return false;
    }
    c->acked_base = acked(c);
    c->state = c->transport.ops->handshake ? CONN_HANDSHAKE : CONN_OPEN;
    return true;
}

enum transport_step
connection_handshake(struct connection *c)
{
    enum transport_step step = c->transport.ops->handshake(&c->transport);

    if (step == TRANSPORT_DONE)
        c->state = CONN_OPEN;
    else if (step == TRANSPORT_FAILED)
        c->why = c->transport.why;
    return step;
}

/* --- buffers --- */

static bool
octets_reserve(struct octets *o, size_t n)
{
    size_t used = o->to - o->from, cap = o->cap ? o->cap : BUFFER_OCTETS_MIN;
    uint8_t *p;

    if (o->cap - o->to >= n && o->cap > 0)
        return true;
    if (o->from > 0) {
        memmove(o->p, o->p + o->from, used);
        o->from = 0;
        o->to = used;
    }
    if (o->cap - used >= n && o->cap > 0)
        return true;
    while (cap - used < n)
        cap *= 2;
    p = realloc(o->p, cap);
    if (!p)
        return false;
    o->p = p;
    o->cap = cap;
    return true;
}

static void
octets_release(struct octets *o)
{
    free(o->p);
    *o = (struct octets){0};
}

/* Emptied: a buffer that grew large is not kept. */
static void
octets_reset(struct octets *o)
{
    if (o->cap > BUFFER_OCTETS_KEEP)
        octets_release(o);
    o->from = o->to = 0;
}

/* --- reading --- */

/* After a read or write that failed. */
static const char *
failure(const struct connection *c)
{
    return c->transport.why ? c->transport.why : strerrordesc_np(errno);
}

enum read_result
connection_read(struct connection *c, struct connection_counters *counters, struct slice *octets)
{
    size_t kept = c->in.to - c->in.from;
    ssize_t n;

    assert(kept <= sizeof(read_buffer) - READ_OCTETS);
    counters->reads++;
    n = c->transport.ops->read(&c->transport, read_buffer + kept, READ_OCTETS);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return READ_NOTHING;
    if (n <= 0) {
        c->why = n == 0 ? "closed by the peer" : failure(c);
        return READ_END;
    }
    if (kept > 0)
        memcpy(read_buffer, c->in.p + c->in.from, kept);
    c->in.from = c->in.to = 0;
    counters->octets_in += (uint64_t)n;
    *octets = slice_of(read_buffer, kept + (size_t)n);
    return READ_OCTETS_CAME;
}

struct slice
connection_kept(struct connection *c)
{
    size_t kept = c->in.to - c->in.from;

    if (kept > 0)
        memcpy(read_buffer, c->in.p + c->in.from, kept);
    c->in.from = c->in.to = 0;
    return slice_of(read_buffer, kept);
}

bool
connection_keep(struct connection *c, struct slice rest, bool moved, uint64_t now_ms)
{
    if (rest.n == 0) {
        octets_reset(&c->in);
        c->partial_ms = 0;
        return true;
    }
    if (!octets_reserve(&c->in, rest.n))
        return false;
    memcpy(c->in.p + c->in.to, rest.p, rest.n);
    c->in.to += rest.n;
    if (c->partial_ms == 0 || moved)
        c->partial_ms = now_ms;
    return true;
}

/* --- writing --- */

uint8_t *
connection_room(struct connection *c, size_t n)
{
    if (connection_waiting(c) + n > OUT_OCTETS_MAX || !octets_reserve(&c->out, n))
        return NULL;
    return c->out.p + c->out.to;
}

void
connection_wrote(struct connection *c, size_t n)
{
    assert(n <= c->out.cap - c->out.to);
    c->out.to += n;
}

/* Responses that are with the socket now. Wrapped, their octets end somewhere in what it took
 * with this call: its end is a little late for some, which is the safe side. */
static void
sent(struct connection *c, uint64_t n)
{
    c->octets_sent += n;
    while (c->confirm_sent < c->confirm_count) {
        struct confirm *confirm =
            &c->confirms[(c->confirm_first + c->confirm_sent) % CONFIRMS_MAX];

        if (confirm->end > c->octets_sent)
            break;
        confirm->socket_end =
            c->transport.ops->wraps ? c->transport.octets_written : confirm->end;
        c->confirm_sent++;
    }
}

bool
connection_flush(struct connection *c, struct connection_counters *counters, uint64_t now_ms)
{
    size_t waiting = connection_waiting(c);
    ssize_t n;

    if (waiting == 0)
        return true;
    counters->writes++;
    n = c->transport.ops->write(&c->transport, c->out.p + c->out.from, waiting);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        c->why = failure(c);
        return false;
    }
    if (n > 0) {
        counters->octets_out += (uint64_t)n;
        sent(c, (uint64_t)n);
        c->out.from += (size_t)n;
        c->stuck_ms = 0;
    }
    if (connection_waiting(c) == 0)
        octets_reset(&c->out);
    else if (c->stuck_ms == 0)
        c->stuck_ms = now_ms;
    return true;
}

/* --- what has arrived --- */

void
connection_confirm_later(struct connection *c, uint64_t inbound)
{
    struct confirm confirm = {.inbound = inbound};

    confirm.end = c->octets_sent + connection_waiting(c);
    if (!c->confirms) {
        c->confirms = calloc(CONFIRMS_MAX, sizeof(*c->confirms));
        if (!c->confirms)
            return; /* unconfirmed is the safe side */
    }
    if (c->confirm_count == CONFIRMS_MAX)
        c->confirm_count--;
    if (c->confirm_sent > c->confirm_count)
        c->confirm_sent = c->confirm_count;
    c->confirms[(c->confirm_first + c->confirm_count++) % CONFIRMS_MAX] = confirm;
}

bool
connection_confirm(struct connection *c)
{
    uint64_t before = c->confirmed, arrived;

    if (c->confirm_count == 0)
        return false;
    arrived = acked(c);
    arrived = arrived > c->acked_base ? arrived - c->acked_base : 0;
    while (c->confirm_sent > 0 && c->confirms[c->confirm_first].socket_end <= arrived) {
        c->confirmed = c->confirms[c->confirm_first].inbound;
        c->confirm_first = (c->confirm_first + 1) % CONFIRMS_MAX;
        c->confirm_count--;
        c->confirm_sent--;
    }
    return c->confirmed != before;
}

/* --- the end --- */

void
connection_shut(struct connection *c, uint64_t now_ms)
{
    c->transport.ops->shut(&c->transport);
    c->shut_ms = now_ms;
    c->state = CONN_SHUT;
}

bool
connection_discard(struct connection *c)
{
    ssize_t n = c->transport.ops->read(&c->transport, read_buffer, READ_OCTETS);

    if (n > 0) {
        c->discarded += (size_t)n;
        return c->discarded < LINGER_OCTETS_MAX;
    }
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

void
connection_close(struct connection *c)
{
    if (c->transport.fd >= 0)
        c->transport.ops->close(&c->transport);
    octets_release(&c->in);
    octets_release(&c->out);
    free(c->confirms);
    c->confirms = NULL;
    c->confirm_count = c->confirm_sent = 0;
    c->state = CONN_DEAD;
}
