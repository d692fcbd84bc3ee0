/*
 * relay.h: the core of the gateway: every decision about messages, and nothing else.
 *
 * Pure and single-threaded: a step gets (state, open write transaction, now, one event) and appends
 * effects to a list. It has no sockets, no clock, no random source, no threads, and no logging but
 * effects. The same calls with the same arguments give the same changeset and the same effects; the
 * simulator in tests/sim relies on it.
 *
 * A turn, as gateway/driver.c and the simulator run it:
 *
 *     txn = store_begin(store);
 *     for each event:  relay_step(relay, txn, now, event, effects);
 *     relay_finish(relay, txn, now, effects);     picks what to send, queues the rest on disk
 *     store_commit(txn, now);                     one fdatasync for all of them
 *     release(effects);                           and nothing before this line
 *
 * If the commit does not come back DURABLE the process ends; the in-memory state is then ahead of
 * the disk and worthless.
 */
#ifndef TANDEM_RELAY_H
#define TANDEM_RELAY_H

#include "conf/conf.h"
#include "gateway/relay/effects.h"
#include "protocol/pdu.h"
#include "protocol/session.h"
#include "store/store.h"

enum event_kind {
    EV_BIND_UP,   /* a session is bound, either side */
    EV_BIND_DOWN, /* it is gone: the one failure path */
    EV_BIND_HOLD, /* it will be unbound: send nothing new on it, settle what is on the wire */
    EV_PDU,       /* a request that passed the session machine: submit_sm, deliver_sm, data_sm */
    EV_RESULT,    /* the response to a request that we sent, or its timer ran out */
    EV_CONFIRMED, /* the peer's TCP has our responses up to here (R-rel-3) */
    EV_CONF, /* a new configuration and directory; also the first event after relay_recover() */
    EV_STOP, /* orderly stop: send nothing new, settle what is on the wire */
    EV_TICK, /* relay_next_ms() has come */
    EV_COMMAND, /* a person asks (command.h); each is answered by FX_ANSWER */
    EV_ASKER_GONE, /* whoever asked is not connected any more: what it held ends (R-txt-2) */
    EVENT_KINDS
};
const char *event_kind_name(enum event_kind kind);

struct event_up {
    enum link_kind link;
    struct slice name;    /* conf_carrier.id, or the app's system_id */
    bool can_send;        /* submit_sm towards a carrier, deliver_sm towards an app */
    uint32_t window;      /* requests of ours that may be outstanding on it */
    uint8_t peer_version; /* interface_version: 0x33 and below take no TLVs and short message IDs */
};

struct event_result {
    struct session_token token; /* as the FX_SEND had it */
    enum result_how { RESULT_ANSWERED, RESULT_TIMEOUT, RESULT_LATE } how;
    uint32_t status;         /* command_status; of a generic_nack too */
    bool nack;               /* it was a generic_nack (C16: permanent) */
    struct slice message_id; /* empty if there was none */
    struct slice tlvs;
};

struct command_def;
struct event_command {
    const struct command_def *def; /* immutable */
    struct session_token token;    /* of the asker: comes back with every piece of the answer */
    struct slice packed;           /* command_pack() */
    struct slice as;               /* "ACCOUNT/AGENT" whose request it is; empty: the operator's */
};

struct event {
    enum event_kind kind;
    struct session_name session; /* BIND_UP, BIND_DOWN, PDU, RESULT, CONFIRMED; COMMAND,
                                    ASKER_GONE: who asks */
    union {
        struct event_up up;
        struct {
            uint64_t inbound;
        } confirmed; /* CONFIRMED and BIND_DOWN: FX_REPLY.inbound of the last response that
                        the peer's TCP acknowledged; 0 if none did */
        const struct pdu *pdu; /* lives until the end of the step */
        struct event_result result;
        struct event_command command;
        const struct conf *conf; /* immutable; must outlive the next EV_CONF */
    } u;
};

/* False for an answer that says only that all went well, and for what a peer's TCP has: they free
 * places and rows, and settle what would be in doubt after a crash, but nobody is told of them.
 * They may lie for a moment and share the turn of what comes next, unless relay_wants_answers(). */
bool event_is_urgent(const struct event *event);

struct relay;

/* The configuration must stay valid until an EV_CONF replaces it. NULL only when there is no
 * memory. */
struct relay *relay_new(const struct conf *conf);
void relay_free(struct relay *relay);

/* Rebuilds all in-memory state from the tables: walks flows, what is in flight and what waits for a
 * retry, never the backlog. What was in flight has an unknown outcome now (R-rel-2). Follow it with
 * EV_CONF in the same turn. */
void relay_recover(struct relay *relay, struct store_txn *txn, uint64_t now_ms);

void relay_step(struct relay *relay, struct store_txn *txn, uint64_t now_ms,
                const struct event *event, struct effects *effects);
void
relay_finish(struct relay *relay, struct store_txn *txn, uint64_t now_ms, struct effects *effects);

/* When the next EV_TICK is due; now_ms if relay_finish() stopped at the size of a turn and has more
 * to send; UINT64_MAX if nothing waits for time. */
uint64_t relay_next_ms(const struct relay *relay, uint64_t now_ms);

/* Is a directory still being written? It goes in as many turns as it needs (design rule 7: no turn
 * grows without bound); run turns while this is true before letting the first peer in. */
bool relay_applying(const struct relay *relay);

/* Octets of changeset that this turn comes to: what is written, and what waits for relay_finish().
 * A driver ends the turn by it. */
size_t relay_turn_bytes(const struct relay *relay, const struct store_txn *txn);

/* From store_headroom(): while TIGHT new messages are refused with RMSGQFUL, all else goes on. */
void relay_set_room(struct relay *relay, enum store_room room);
/* From store_fill(): told to peers that speak 5.0, as congestion_state. */
void relay_set_fill(struct relay *relay, uint32_t percent);

/* Messages on the wire without a durable outcome, over all binds: 0 means an orderly stop loses and
 * doubles nothing. */
uint32_t relay_outstanding(const struct relay *relay);

/* Does anything wait for a place or a lane that an answer gives back, or for the last answer? After
 * relay_finish(). */
bool relay_wants_answers(const struct relay *relay);

/* Plain counters of the relay thread; one table, so that metrics, logs and documentation list the
 * same. */
struct relay_counters {
    uint64_t messages_in;      /* accepted from carriers and apps */
    uint64_t messages_out;     /* PDUs handed to binds */
    uint64_t messages_sent;    /* accepted by the next hop */
    uint64_t sent_without_id;  /* of these, those whose receipts nobody can match */
    uint64_t messages_refused; /* by the next hop, for good */
    uint64_t messages_expired;
    uint64_t messages_suppressed; /* opted out */
    uint64_t messages_held;       /* outcome unknown, and the carrier's policy is hold */
    uint64_t refused_in;          /* answered with an error */
    uint64_t refused_full;        /* of these: no room */
    uint64_t refused_optout;
    uint64_t refused_destination; /* accounts[].destinations */
    uint64_t runs_of_numbers;     /* alarms: messages to one number after the other */
    uint64_t duplicates_in;       /* recognised redeliveries (R-rel-3) */
    uint64_t possible_duplicates; /* sent again after an unknown outcome */
    uint64_t throttled;           /* RTHROTTLED and RMSGQFUL from peers */
    uint64_t congested;           /* rates that were cut because a peer reported congestion */
    uint64_t retries;
    uint64_t receipts_in;
    uint64_t receipts_out;
    uint64_t receipts_dropped; /* too many waited for their app, or one for too long */
    uint64_t receipts_orphan;
    uint64_t receipts_bad;
    uint64_t relay_forwards; /* to agents' phones */
    uint64_t relay_replies;  /* from agents to contacts */
    uint64_t relay_notices;
    uint64_t relay_notices_held; /* over the agent's rate of notices */
    uint64_t relay_strangers;    /* R-txt-11 */
    uint64_t relay_unusable;     /* R-txt-7 */
    uint64_t proxy_forwards; /* to agents, by contact numbers */
    uint64_t proxy_replies;
    uint64_t proxy_refused;  /* agents' texts to contact numbers that reached nobody */
    uint64_t proxy_strangers; /* R-proxy-13 */
    uint64_t proxy_no_number; /* no contact number was free */
    uint64_t leases_started;
    uint64_t leases_recycled;
    uint64_t auto_replies;
    uint64_t auto_held;      /* over max_per_hour, to an opted-out phone, or to a machine */
    uint64_t broadcast_texts;
    uint64_t broadcast_replies;
    uint64_t lists_full;     /* who wanted to join one and could not */
    uint64_t pairs_paused;   /* R-auto-3: too many texts between two numbers */
    uint64_t optouts;
    uint64_t optins;
    uint64_t parts_joined;
    uint64_t part_sets_incomplete;
    uint64_t unrouted; /* a message to a number that is not ours, or without a usable carrier */
    uint64_t rerouted; /* went over to another carrier */
    uint64_t conversations_opened;
    uint64_t history_deleted;      /* entries, by keep_history_days */
    uint64_t unassigned;           /* senders who match no contact (R-match) */
    uint64_t to_bots;              /* messages to business numbers that their bots answer */
};
struct counter_def {
    const char *name;
    const char *help;
    uint16_t offset;
};
extern const struct counter_def relay_counter_defs[];
extern const size_t relay_counter_def_count;
const struct relay_counters *relay_counters(const struct relay *relay);

#endif
