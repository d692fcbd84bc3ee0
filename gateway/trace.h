/*
 * trace.h: every PDU of a link in words in the log, and in a file for Wireshark if that is wanted.
 *
 * A link is traced by its name: a carrier's id, an app's system_id, or a listener's id, which means
 * connections to it that are not bound yet. `tandem ctl trace` switches it while the daemon runs;
 * it stays on when the link's connections come and go, and ends by itself. With log.level debug
 * every link is in the log, masked. A trace shows texts and whole numbers, which is what it is for,
 * but never a password. While nothing is traced it costs a PDU one look at a flag of its peer. I/O
 * thread only.
 */
#ifndef TANDEM_TRACE_H
#define TANDEM_TRACE_H

#include "gateway/limits.h"
#include "gateway/peer.h"

struct pdu;

/* NULL: no memory. */
struct traces *traces_new(struct io *io);
void traces_free(struct traces *traces);

enum trace_err {
    TRACE_OK,
    TRACE_NO_LINK,                  /* nothing has this name */
    TRACE_TOO_MANY,                 /* TRACES_MAX are on */
    TRACE_NO_FOLDER,                /* a file is wanted, and trace.dir is not set */
    TRACE_NO_FILE,                  /* it cannot be made: why says more */
};
const char *trace_err_name(enum trace_err err);

/* On, or on for so much longer; file: with a file, if it has none yet. */
must_check enum trace_err trace_start(struct traces *traces, const char *link, uint64_t for_ms,
                                      bool file, char *why, size_t why_bytes);
/* False: it was not on. */
must_check bool trace_stop(struct traces *traces, const char *link);

/* One that is on. */
struct trace_state {
    const char *link;
    uint64_t left_ms;
    uint64_t pdus;
    const char *file;               /* NULL: none */
    uint64_t file_bytes;
};
/* The next one from *at, which begins at 0; false at the end. */
bool traces_next(const struct traces *traces, uint32_t *at, struct trace_state *out);

enum trace_way { TRACE_IN, TRACE_OUT };
const char *trace_way_name(enum trace_way way);

/* Its link has its name now, or another one: sets p->trace and p->traced. */
void trace_choose(struct peer *p);
/* An app says its name, in this bind: a trace of it begins here, before the bind is answered. */
void trace_bind(struct peer *p, const struct pdu *bind, struct slice octets);
/* One PDU, whole; only if p->traced. */
void trace_pdu(struct peer *p, enum trace_way way, struct slice octets);

/* The level of the log may have changed. */
void traces_review(struct traces *traces);
/* Ends what is due; returns when to come again. */
uint64_t traces_tick(struct traces *traces);

#endif
