/*
 * session.h: the SMPP session as a pure machine (SMPP 3.4 section 2, 5.0 section 2).
 *
 * It knows the session state, which PDU is legal in which state and direction, sequence numbers,
 * the window of outstanding requests, and when enquire_link, response, session-init and inactivity
 * timers run out. It has no socket and no clock: the owner feeds it decoded PDUs and the time, and
 * does what it says. The owner provides the memory of the window, so nothing allocates. All times
 * are milliseconds of a monotonic clock.
 */
#ifndef TANDEM_SESSION_H
#define TANDEM_SESSION_H

#include "protocol/pdu.h"

/* We are the client of a carrier, or the server of an app. */
enum session_role { SESSION_ESME, SESSION_MC };

/* Conformance section 3. OPEN: connected, not bound. */
enum session_state {
    SESSION_OPEN,
    SESSION_BINDING,                /* ESME: our bind is on its way; MC: theirs is checked */
    SESSION_BOUND_TX,
    SESSION_BOUND_RX,
    SESSION_BOUND_TRX,
    SESSION_UNBINDING,              /* our unbind is on its way, or the peer's was answered */
    SESSION_CLOSED,
    SESSION_STATES
};

#define SESSION_UNBOUND_OFFENCES_MAX 3u /* C06: so many wrong requests before the bind: close */
#define SESSION_NACKS_MAX 3u            /* C15: so many generic_nacks that name no request ... */
#define SESSION_NACK_SPAN_MS 60000u     /* ... within this time close */
#define SESSION_TIMEOUTS_MAX 3u         /* S8: so many requests overdue in a row: close */
#define SESSION_WINDOW_MAX 65536u
#define SESSION_LATE_WINDOWS 10u        /* faults.md 2.3: late requests remembered, in windows */

struct session_conf {
    uint32_t window;                /* outstanding requests of ours, 1 to SESSION_WINDOW_MAX */
    uint32_t session_init_ms;       /* from connect to bound, absolute (B2); 0 = off */
    uint32_t enquire_link_ms;       /* silence after which we probe (U5); 0 = never */
    uint32_t response_ms;           /* response timer (U6, U8); 0 = off */
    uint32_t inactivity_ms;         /* no requests either way but enquire_link (U7); 0 = off */
    uint32_t enquire_misses_max;    /* unanswered probes before we close (U6) */
    uint32_t protocol_errors_max;   /* bad-input.md: after so many, close; 0 = never */
};

/* What a request of ours carries, so that its response finds its owner again. */
struct session_token {
    uint64_t id;
    uint32_t part;
};

/*
 * The slots are a hash table by sequence number and two lists (waiting and late, oldest first), all
 * in one array: links are index + 1, so that 0 is none and zeroed memory is valid. Only session.c
 * looks inside.
 */
struct session_slot {
    uint32_t sequence_number;       /* 0 = free */
    uint32_t command_id;
    uint64_t sent_ms;
    struct session_token token;
    bool late;                      /* timer ran out; a response still settles it (U8) */
    uint32_t bucket;                /* first slot whose number hashes to this index */
    uint32_t chain;                 /* next in the same bucket, or the next free slot */
    uint32_t older, newer;          /* neighbours in the list of those waiting or of those late */
};

struct session_list {
    uint32_t oldest, newest;        /* slot index + 1 */
};

struct session {
    struct session_conf conf;
    enum session_role role;
    enum session_state state;
    uint8_t peer_version;           /* interface_version: 0x33 and below means no TLVs (B7) */
    uint8_t our_version;            /* ESME: what we bind as; 0: the peer's holds alone */
    bool version_said;              /* ESME: the bind_resp had sc_interface_version (B10) */
    uint32_t next_sequence;         /* 1..0x7FFFFFFF, wraps to 1 (S1) */
    uint32_t outstanding;           /* slots in use and not late: what the window counts */
    uint32_t enquire_misses;
    uint32_t protocol_errors;
    uint32_t unmatched_responses;
    uint32_t unbound_offences;      /* C06 */
    uint32_t timeouts_in_row;       /* S8: requests overdue since the last result */
    uint64_t opened_ms;
    uint64_t received_ms;           /* last octet from the peer */
    uint64_t active_ms;             /* last request either way other than enquire_link */
    uint64_t enquired_ms;           /* our unanswered enquire_link; 0 = none */
    uint32_t enquire_sequence;      /* of our last enquire_link, answered or not */
    uint32_t bind_command_id;       /* ESME: our bind; MC: the peer's that is being checked */
    uint32_t control_sequence;      /* of our bind or unbind on its way; 0 = none */
    uint64_t bind_ms;               /* when our bind was sent */
    uint64_t unbind_ms;             /* when our unbind was sent */
    uint32_t nacks_without_match;   /* C15 */
    uint64_t first_nack_ms;
    struct session_slot *slots;     /* owned by the caller, session_slots_needed() of them */
    uint32_t slots_max;
    struct session_list waiting;    /* in order of sending */
    struct session_list overdue;    /* in order of becoming late */
    uint32_t late;                  /* slots that are late */
    uint32_t free;                  /* first free slot, index + 1 */
};

/* What the owner must do with a PDU that came in. */
enum session_verdict {
    SESSION_PASS,                   /* a request that is legal here: the owner answers it */
    SESSION_RESULT,                 /* a response or generic_nack to a request of ours: its token */
    SESSION_BIND,                   /* MC: a bind request: check it, session_bound() or refuse */
    SESSION_BIND_RESULT,            /* ESME: the answer to our bind; bound if out.status is 0 */
    SESSION_ANSWER,                 /* write out.reply, nothing else to do */
    SESSION_DROP,                   /* ignore it; it has been counted */
    SESSION_CLOSE,                  /* write out.reply if out.has_reply, flush, close: out.why */
};

struct session_out {
    bool has_reply;
    struct pdu reply;               /* a header and nothing else */
    struct session_token token;
    uint32_t status;                /* SESSION_RESULT, SESSION_BIND_RESULT: as in the response, but
                                     * never 0 for a generic_nack: that means failure (F9) */
    bool late;                      /* SESSION_RESULT: the response timer had already run out */
    const char *why;                /* static text for the log */
};

/* Slots for a window: the window itself and SESSION_LATE_WINDOWS times as many late ones (a late
 * response still settles its message). */
uint32_t session_slots_needed(uint32_t window);

/* slots_max is at least session_slots_needed(conf->window). The peer is taken for 3.4 until its
 * bind or bind_resp says otherwise (B10); the owner may set peer_version for a link that assumes
 * another, and our_version: of two versions the lower is spoken. */
void session_init(struct session *s, enum session_role role, const struct session_conf *conf,
                  struct session_slot *slots, uint32_t slots_max, uint64_t now_ms);

/*
 * Takes one decoded PDU; decoded is what pdu_decode() returned for it. After SESSION_CLOSE all
 * further PDUs are dropped (C11), save for responses to our requests after an unbind.
 *
 * The state is looked at before the syntax: a broken submit_sm before the bind is answered
 * RINVBNDSTS. A bind that is refused for its syntax is a SESSION_ANSWER, counts as an offence, and
 * may be tried again on the same connection. An owner that allows long passwords passes SMPP_ROK
 * for a bind that decoded as SMPP_RINVPASWD (see pdu_decode()). Octets that are no whole PDU yet
 * count as life if the owner sets received_ms.
 */
enum session_verdict session_receive(struct session *s, const struct pdu *pdu,
                                     enum smpp_status decoded, uint64_t now_ms,
                                     struct session_out *out);

/* MC: the bind was accepted; the state follows from the bind's command_id. (One that is refused
 * is answered by the owner, who then closes: B4. Until then other requests are answered as
 * unbound.) */
void session_bound(struct session *s, uint32_t bind_command_id, uint8_t interface_version);

/* Takes a sequence number for a request of ours that expects a response; false if not bound or
 * the window is full. bind, unbind, enquire_link are not counted: session_sequence() for them. */
bool session_send(struct session *s, uint32_t command_id, struct session_token token,
                  uint64_t now_ms, uint32_t *sequence_number);
uint32_t session_sequence(struct session *s);

/* ESME: our bind goes out with this sequence number. Either: our unbind goes out. */
void session_binding(struct session *s, uint32_t bind_command_id, uint32_t sequence_number,
                     uint64_t now_ms);
void session_unbinding(struct session *s, uint32_t sequence_number, uint64_t now_ms);

/* What a timer asks for. Call session_tick() until it says SESSION_TICK_NONE. */
enum session_tick {
    SESSION_TICK_NONE,
    SESSION_TICK_ENQUIRE,
    SESSION_TICK_TIMEOUT,
    SESSION_TICK_CLOSE,
};
/* ENQUIRE: write out.reply (an enquire_link with its number). TIMEOUT: out.token's response is
 * overdue, its window place is free again, a late response is still matched. CLOSE: out.why; write
 * out.reply, a last unbind, if out.has_reply. */
enum session_tick session_tick(struct session *s, uint64_t now_ms, struct session_out *out);
/* U3: takes the oldest request of ours that has no response, late ones last; false if there is
 * none. For the owner of a connection that has ended. */
bool session_take_unanswered(struct session *s, struct session_token *token);
/* When session_tick() has something to do next; UINT64_MAX if never. */
uint64_t session_next_ms(const struct session *s);

/* May we send submit_sm (ESME) or deliver_sm (MC)? */
bool session_can_send_sm(const struct session *s);
bool session_is_bound(const struct session *s);
const char *session_state_name(enum session_state state);
const char *session_verdict_name(enum session_verdict verdict);
const char *session_tick_name(enum session_tick tick);
const char *session_role_name(enum session_role role);

#endif
