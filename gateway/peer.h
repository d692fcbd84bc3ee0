/*
 * peer.h: one SMPP session with whoever is at the other end of a connection, carrier or app alike.
 *
 * It frames and decodes what comes in, asks the session machine, answers what needs no decision,
 * and makes events of the rest; it writes what the relay thread wants written. Who it belongs to
 * (a leg of a carrier, a listener) hears about opening, bind and end through struct peer_owner.
 *
 * EV_BIND_UP is followed by exactly one EV_BIND_DOWN, whatever happens. A peer is freed only by
 * peer_reap(), in its own place of the loop's round. I/O thread only.
 */
#ifndef TANDEM_PEER_H
#define TANDEM_PEER_H

#include "gateway/connection.h"
#include "gateway/loop.h"
#include "gateway/relay/relay.h"

struct app;
struct io;
struct leg;
struct listener;
struct peer;
struct trace;

#define PEER_LINK_BYTES 65u

enum peer_phase {
    PEER_LIVE,                      /* the session machine decides */
    PEER_RETIRING,                  /* unbinds as soon as nothing is outstanding */
    PEER_UNBINDING,                 /* our unbind is on its way */
    PEER_FAREWELL,                  /* the peer's unbind waits for our last responses (U1) */
    PEER_PENALTY,                   /* its bind was refused; it is closed after a pause */
    PEER_ENDING,                    /* the connection ends */
};
const char *peer_phase_name(enum peer_phase phase);

struct peer_owner {
    /* It can be written to: connected, and the TLS handshake is done if there is one. */
    void (*opened)(struct peer *peer);
    /* An outbind before the bind: peer_turn_client() or peer_end(). */
    void (*outbind)(struct peer *peer, const struct pdu *pdu);
    /* MC: a bind request to check: peer_accept() or peer_refuse(), at once or, with judged set,
     * later. */
    void (*bind)(struct peer *peer, const struct pdu *pdu);
    /* ESME: the carrier's answer to our bind; nack if it was a generic_nack. */
    void (*bound)(struct peer *peer, uint32_t status, bool nack);
    /* The last call. conn.why says why. */
    void (*closed)(struct peer *peer);
};

struct peer_list {
    struct peer *first, **end;
};

struct peer {
    struct io *io;
    struct session_name name;
    struct connection conn;
    struct watch *watch;
    struct session session;
    struct session_slot *slots;
    const struct peer_owner *owner;
    struct leg *leg;                /* of a carrier; NULL for an app */
    struct listener *listener;      /* of an app; NULL for a carrier, or when it was removed */
    struct app *app;                /* once bound, while the directory has it */
    uint32_t bind_command_id;       /* of an app's bind */
    enum pdu_mode mode;
    enum peer_phase phase;
    uint64_t until_ms;              /* when the phase ends at the latest */
    uint32_t farewell_sequence;     /* FAREWELL: of the peer's unbind */
    uint32_t unanswered;            /* events that wait for their FX_REPLY */
    uint64_t confirm_ms;            /* when TCP was last asked */
    uint64_t held_ms;               /* retiring: when the core was told to send nothing more; 0:
                                       not yet */
    uint32_t pdu_ms;                /* a PDU is complete so long after its first octet */
    size_t ahead_octets;            /* about: of the requests that are unanswered (S9) */
    bool judged;                    /* its bind waits for a comparison of passwords */
    uint64_t since_ms;              /* when it was connected, then when it was bound */
    struct trace *trace;            /* that it is in; NULL: none */
    bool traced;                    /* its PDUs go through trace_pdu() */
    bool up;                        /* EV_BIND_UP is out */
    bool more;                      /* what was kept may hold whole PDUs */
    bool parked;                    /* does not read because no batch is free */
    bool ready, touched, dead;      /* in the list of that name */
    struct peer *next_ready, *next_touched, *next_dead;
    char link[PEER_LINK_BYTES];     /* carrier's id, app's system_id, or "" */
};

/* What a new peer is made of. */
struct peer_setup {
    const struct peer_owner *owner;
    struct leg *leg;
    struct listener *listener;
    const char *link;
    uint32_t pdu_ms;                /* a PDU that has begun is complete by then */
    struct session_conf session;
};

/* Takes over the connection, and its socket if it fails. NULL: no memory or too many. */
struct peer *peer_new(struct io *io, const struct connection *conn, const struct peer_setup *setup);

/* An app's connection that is not bound becomes a carrier's: the other end has asked by an outbind
 * that we bind, and now waits for it. False: no memory, and nothing has changed. */
must_check bool peer_turn_client(struct peer *p, const struct peer_setup *setup);

/* MC: the bind is good, the session speaks this version. */
void peer_accept(struct peer *p, const struct pdu *bind, struct app *app, uint8_t version);
void peer_refuse(struct peer *p, const struct pdu *bind, enum smpp_status status);
/* ESME: sends the bind. */
void peer_bind(struct peer *p, const struct pdu *bind);

/* Orderly ends: at once, or when nothing is outstanding or the time is up. */
void peer_unbind(struct peer *p);
void peer_retire(struct peer *p, uint64_t until_ms);
/* What is written still goes out, then FIN. why is static text. */
void peer_end(struct peer *p, const char *why);

/* --- the places in the loop's round --- */

void peer_work(struct peer *p);                 /* it is ready to be read */
void peer_reply(struct peer *p, const struct effect *effect);
void peer_send(struct peer *p, const struct effect *effect);
void peer_flush(struct peer *p);                /* it was written to, or can be again */
/* Timers; returns when to look again at the latest. */
uint64_t peer_tick(struct peer *p);
/* Frees a dead one; false if it must wait for a batch. */
bool peer_reap(struct peer *p);
/* A batch is free again. */
void peer_unpark(struct peer *p);

#endif
