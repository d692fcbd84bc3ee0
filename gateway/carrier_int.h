/*
 * carrier_int.h: what carrier.c and carriers.c share. Nobody else includes it.
 */
#ifndef TANDEM_CARRIER_INT_H
#define TANDEM_CARRIER_INT_H

#include "gateway/carrier.h"
#include "gateway/place.h"

/* How an attempt that brought no session ended. */
enum leg_end {
    END_FAILED,                     /* no connection, or no answer to the bind */
    END_UNTRUSTED,                  /* no TLS session with whoever is there */
    END_REFUSED,                    /* the bind was */
    END_HELD,                       /* the carrier still holds the session that we have lost */
    END_PAIR,                       /* bind_transceiver is unknown there */
};

#define LEG_ERROR_BYTES 96u

/* A leg walks over the places of its carrier in their order, and at each over its addresses, until
 * it has a session. Only at the end of the walk it waits; the next begins at the first place. */
struct leg {
    struct carrier *carrier;
    enum leg_state state;
    uint32_t command_id;            /* the bind it makes */
    uint64_t due_ms;                /* WAITING: the next try; CONNECTING: the end of patience */
    struct peer *peer;
    uint32_t reconnect_ms;          /* the next delays */
    uint32_t refused_ms;
    uint32_t place;                 /* where the walk is, or the session came from */
    uint32_t tried;                 /* addresses of this place */
    uint32_t failed, refused;       /* places of this walk that ended like that */
    enum leg_end end;               /* of this attempt, should it bring no session */
    uint32_t refusals;              /* walks in a row that only met refusals */
    bool untrusted;                 /* some address of this place was */
    bool called;                    /* the carrier connected, and sent an outbind */
    bool away;                      /* its last session was at a backup */
    uint64_t bound_ms;              /* when it was last bound; 0: not since the last try */
    uint64_t since_ms;              /* when it came into its state */
    char error[LEG_ERROR_BYTES];    /* why its last session ended, or could not be made */
    uint64_t error_ms;
};

struct carrier {
    struct carriers *all;
    char id[PEER_LINK_BYTES];
    const struct conf_carrier *conf; /* NULL once it is no longer configured */
    bool retiring;                  /* its sessions end; then conf starts anew, or it is freed */
    bool stopped;                   /* by a person: it has no sessions until they start it */
    bool version_told;              /* that it does not say its version was logged */
    struct leg *legs;
    uint32_t leg_count;
    struct places places;
};

struct carriers {
    struct io *io;
    struct carrier **list;
    uint32_t count;
    uint32_t last_ticket;
    bool stopping;
    struct resolver *resolver;
    struct watch *watch;
};

/* Starts a carrier as configured, none of whose legs is in use. False: no memory. */
must_check bool carrier_start(struct carrier *c);
bool carrier_idle(const struct carrier *c);
/* Its sessions are drained; then it starts anew, or is swept up. */
void carrier_retire(struct carrier *c, uint64_t until_ms);
/* The list of places may be another one than with the configuration before: a session at one that
 * is no longer in it ends. */
void carrier_review(struct carrier *c, const struct conf_carrier *before, uint64_t until_ms);
/* The resolver knows the c->places.list[at]. */
void carrier_resolved(struct carrier *c, uint32_t at, const struct resolved *answer);

/* A leg that hears, and that has no session and none on its way; NULL: there is none. */
struct leg *leg_free_for(struct carrier *c);
/* What a session of this leg is made of. */
struct peer_setup leg_setup(struct leg *leg);
/* The carrier has connected to us, and waits for our bind on this peer. */
void leg_called(struct leg *leg, struct peer *p);
void leg_tick(struct leg *leg);

#endif
