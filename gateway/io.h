/*
 * io.h: the I/O thread: the loop's round, and the table of its peers.
 *
 * A round: wait; read what is ready and hand the events over; write what the relay thread
 * released; send, once per connection; timers; free what is dead. Everything here belongs to the
 * I/O thread alone.
 */
#ifndef TANDEM_IO_H
#define TANDEM_IO_H

#include "gateway/auth.h"
#include "gateway/mailbox.h"
#include "gateway/peer.h"

struct admin;
struct admission;
struct carriers;
struct control;
struct listeners;
struct traces;

struct io {
    struct loop *loop;
    struct watch *wake;
    struct mailbox *box;
    struct conf *conf;              /* the relay thread may still use the one before */
    uint64_t started_ms;
    uint64_t now_ms;                /* of this round */
    struct batch *batch;            /* being filled; NULL: none taken, or none free */
    bool starved;                   /* none free */
    struct peer **peers;            /* by slot; NULL: free */
    uint32_t *generations;
    uint32_t *free_slots;
    uint32_t peers_max, peers_used, free_count;
    struct peer_list ready, touched, dead;
    uint32_t handshakes;            /* steps of apps' TLS handshakes in this round */
    bool parked;                    /* some peer is */
    bool refusing;                  /* an orderly stop: no new requests */
    bool stalled;                   /* the store stands still: enquire_link is not answered */
    uint64_t stalled_ms;            /* and since then it has */
    uint64_t sweep_ms;              /* when the next look at all timers is due */
    struct io_counters counters;
    struct connection_counters traffic;
    struct auth auth;
    struct admission *admission;
    struct carriers *carriers;
    struct listeners *listeners;
    struct control *control;
    struct admin *admin;
    struct traces *traces;
};

/* Opens the listeners. NULL: why is logged. conf is the one that the relay was started with,
 * conf_path where a reload reads the next; the conf in use at the end, io->conf, is the
 * caller's to free. */
struct io *io_new(struct conf *conf, const char *conf_path, struct mailbox *box);
/* Runs until an orderly stop is done; then all events are with the relay. False: the loop
 * failed. */
must_check bool io_run(struct io *io);
void io_free(struct io *io);

/* All counters of the I/O thread. */
struct io_counters io_counters_now(const struct io *io);

/* A batch with room for one more event, or NULL: then come back in a later round. */
struct batch *io_batch(struct io *io);
/* An event about a session; io_batch() has just said yes. */
struct event *io_event(struct io *io, enum event_kind kind, struct session_name session,
                       size_t octets);

/* A slot for a new peer; false if there are PEERS_MAX. */
must_check bool io_add(struct io *io, struct peer *p);
void io_remove(struct io *io, struct peer *p);
/* NULL: it is gone. */
struct peer *io_peer(const struct io *io, struct session_name name);
void io_ready(struct peer *p);
void io_touch(struct peer *p);
void io_dead(struct peer *p);
/* Timers are looked at no later than this. */
void io_sweep_by(struct io *io, uint64_t when_ms);

#endif
