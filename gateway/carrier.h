/*
 * carrier.h: the client side: every carrier of the configuration, and the binds to it.
 *
 * A bind of the configuration has one leg, or two for a pair. A leg connects to the first place of
 * its carrier that takes it (place.h), binds, and does so again after it was lost: soon after a
 * lost connection, later after a refused bind, each with its own doubling delay and jitter
 * (conformance B11 to B13, faults.md rows 12, 34, 35). It stays where it is until the session ends.
 * A carrier may also connect to one of our listeners and ask for the bind by an outbind. I/O thread
 * only.
 */
#ifndef TANDEM_CARRIER_H
#define TANDEM_CARRIER_H

#include "gateway/io.h"

enum leg_state { LEG_OFF, LEG_WAITING, LEG_RESOLVING, LEG_CONNECTING, LEG_BINDING, LEG_BOUND };
const char *leg_state_name(enum leg_state state);

/* NULL: no memory. The carriers of io->conf start to connect with the next carriers_tick(). */
struct carriers *carriers_new(struct io *io);
void carriers_free(struct carriers *carriers);

/* After io->conf was replaced: what is unchanged stays up, what is gone or changed is drained and
 * unbound, and bound anew if it is still there. False: no memory, some carriers stay down. */
must_check bool carriers_reload(struct carriers *carriers, uint64_t drain_until_ms);
/* No new connections from now on; those that are not bound end. */
void carriers_stop(struct carriers *carriers);

/* The peer of a listener is a carrier that asks for our bind (conformance section 12). NULL: it is
 * the session of a leg of that carrier now, and the bind is out; else why not, and whether the
 * credentials were good. */
must_check const char *carriers_outbind(struct carriers *carriers, struct peer *p,
                                        const struct pdu *outbind, bool *known);

/* What a person wants of one carrier, until they want something else or the daemon starts anew. */
enum carrier_order {
    CARRIER_STOP,                   /* its sessions are drained and unbound, and it stays down */
    CARRIER_START,                  /* the end of that */
    CARRIER_REBIND,                 /* drained and unbound, then bound anew from its first place */
};
enum carrier_ordered { CARRIER_OBEYS, CARRIER_UNKNOWN, CARRIER_IS_STOPPED, CARRIER_RUNS,
                       CARRIER_NO_MEMORY };
enum carrier_ordered carriers_order(struct carriers *carriers, struct slice id,
                                    enum carrier_order order, uint64_t drain_until_ms);

/* One bind as it stands; pointers are good until the round goes on. */
struct carrier_bind {
    const char *carrier;
    uint32_t command_id;
    enum leg_state state;
    bool retiring;
    bool stopped;                   /* a person has stopped the carrier */
    const struct peer *peer;        /* NULL: there is no connection */
    const char *host;               /* where it is, or tries to get to */
    uint16_t port;
    uint64_t since_ms;              /* it has been in that state */
    const char *error;              /* the last, "" if there was none */
    uint64_t error_ms;
};
/* Where a walk over all binds is; zero at first. */
struct carrier_at {
    uint32_t carrier, leg;
};
/* The next bind that is in use; false at the end. */
bool carriers_next(const struct carriers *carriers, struct carrier_at *at,
                   struct carrier_bind *out);

/* What is due; returns when to come again. */
uint64_t carriers_tick(struct carriers *carriers);

#endif
