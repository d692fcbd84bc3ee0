/*
 * connection.h: a TCP connection as two buffers of octets, and what the peer's TCP has
 * acknowledged.
 *
 * It knows nothing of SMPP. Reading goes into one buffer that all connections share, behind what
 * was left of the last read, so that an idle connection holds no memory; writing is collected and
 * sent with one call. With TLS below it (connection_secure()) a handshake comes before OPEN, and
 * octets are counted at the socket, not as they are written. A connection ends in steps: OPEN ->
 * FLUSHING (what is written still goes out) -> SHUT (our FIN is out; what still comes is thrown
 * away) -> DEAD. I/O thread only.
 */
#ifndef TANDEM_CONNECTION_H
#define TANDEM_CONNECTION_H

#include "gateway/address.h"
#include "gateway/limits.h"
#include "gateway/tls.h"
#include "protocol/slice.h"

enum connection_state {
    CONN_CONNECTING,
    CONN_HANDSHAKE,
    CONN_OPEN,
    CONN_FLUSHING,
    CONN_SHUT,
    CONN_DEAD,
};
const char *connection_state_name(enum connection_state state);

struct octets {
    uint8_t *p;
    size_t from, to, cap;
};

/* A response whose arrival we want to know about (R-rel-3). */
struct confirm {
    uint64_t end;                   /* in octets_sent, of its last octet */
    uint64_t socket_end;            /* in transport.octets_written, once it is sent */
    uint64_t inbound;
};

struct connection {
    struct transport transport;
    enum connection_state state;
    const char *why;                /* why it ends; static, or good until the close */
    struct address address;
    char peer[ADDRESS_TEXT_BYTES];
    struct octets in;               /* the start of a PDU, or what a round had no time for */
    struct octets out;
    uint64_t octets_sent;           /* of `out`, since the start */
    uint64_t handshake_ms;          /* when it began */
    uint64_t partial_ms;            /* since when `in` waits for the rest; 0: it does not */
    uint64_t stuck_ms;              /* since when the socket takes nothing; 0: it does */
    uint64_t shut_ms;               /* when our FIN went out */
    size_t discarded;               /* octets thrown away since then */
    uint64_t acked_base;            /* what TCP counted as acknowledged before our first octet */
    struct confirm *confirms;       /* ring of CONFIRMS_MAX, made with the first */
    uint32_t confirm_first, confirm_count;
    uint32_t confirm_sent;          /* of these, the first so many are with the socket */
    uint64_t confirmed;             /* inbound of the last response that arrived */
};

struct connection_counters {
    uint64_t reads, writes, octets_in, octets_out;
};

/* Takes over an accepted socket. */
void connection_accepted(struct connection *c, int fd, const struct address *address);
/* Starts to connect; false, with errno, if that fails at once. */
must_check bool connection_connect(struct connection *c, const struct address *address);
/* With TLS: right after one of the two. False: no memory; the connection is as it was. */
must_check bool connection_secure(struct connection *c, struct tls_context *context);
/* The socket of a connecting one is writable: OPEN or HANDSHAKE, or false with errno. */
must_check bool connection_established(struct connection *c);
/* Goes on with a handshake, as far as the socket lets it. DONE: OPEN. FAILED: why is set. */
enum transport_step connection_handshake(struct connection *c);

enum read_result {
    READ_OCTETS_CAME,
    READ_NOTHING,                   /* would block */
    READ_END,                       /* the peer closed, or an error: why is set */
};
/* Reads once, into memory that is good until the next call for any connection. *octets begins
 * with what connection_keep() kept. */
enum read_result connection_read(struct connection *c, struct connection_counters *counters,
                                 struct slice *octets);
/* There may be more to read, of which the socket says nothing: it must be read again. */
static inline bool
connection_more(const struct connection *c)
{
    return c->transport.more;
}
/* What was kept, without reading. */
struct slice connection_kept(struct connection *c);
/* Keeps what the reader did not use; rest is the end of the octets it was given, and moved says
 * whether it used any. False: no memory. */
must_check bool connection_keep(struct connection *c, struct slice rest, bool moved,
                                uint64_t now_ms);

/* Room for n octets of output, to be filled by the caller, then connection_wrote(). NULL: no
 * memory, or more than OUT_OCTETS_MAX. */
uint8_t *connection_room(struct connection *c, size_t n);
void connection_wrote(struct connection *c, size_t n);
static inline size_t
connection_waiting(const struct connection *c)
{
    return c->out.to - c->out.from;
}

/* Sends what waits, with one call. False: the connection is broken, why is set. */
must_check bool connection_flush(struct connection *c, struct connection_counters *counters,
                                 uint64_t now_ms);

/* The last octet written so far ends the response to this inbound message. */
void connection_confirm_later(struct connection *c, uint64_t inbound);
/* Asks TCP; true if `confirmed` has moved. */
bool connection_confirm(struct connection *c);

/* Sends FIN; what comes from now on is thrown away by connection_discard(), false once it has
 * ended. */
void connection_shut(struct connection *c, uint64_t now_ms);
must_check bool connection_discard(struct connection *c);
void connection_close(struct connection *c);

#endif
