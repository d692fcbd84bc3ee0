/*
 * session.h: the SMPP session as a pure machine (SMPP 3.4 section 2, 5.0 section 2).
 *
 * It knows the session state, which PDU is legal in which state and direction, sequence numbers, the window of
 * outstanding requests, and when enquire_link, response, session-init and inactivity timers run out. It has no socket
 * and no clock: the owner feeds it decoded PDUs and the time, and does what it says. The owner provides the memory of
 * the window, so nothing allocates. All times are milliseconds of a monotonic clock.
 */
#ifndef TANDEM_SESSION_H
#define TANDEM_SESSION_H

#include "protocol/pdu.h"

enum session_role { SESSION_ESME, SESSION_MC }; /* we are the client of a carrier, or the server of an app */

/* Conformance section 3. OPEN: connected, not bound. */
enum session_state {
    SESSION_OPEN,
    SESSION_BINDING,                /* ESME only: our bind is on its way */
    SESSION_BOUND_TX,
    SESSION_BOUND_RX,
    SESSION_BOUND_TRX,
    SESSION_UNBINDING,              /* our unbind is on its way, or the peer's was answered */
    SESSION_CLOSED,
};

struct session_conf {
    uint32_t window;                /* outstanding requests of ours, at least 1 */
    uint32_t session_init_ms;       /* from connect to bound, absolute (B2); 0 = off */
    uint32_t enquire_link_ms;       /* silence after which we probe (U5); 0 = never */
    uint32_t response_ms;           /* response timer (U6, U8) */
    uint32_t inactivity_ms;         /* no requests either way but enquire_link (U7); 0 = off */
    uint32_t enquire_misses_max;    /* unanswered probes before we close (U6) */
    uint32_t protocol_errors_max;   /* bad-input.md: after so many, close */
};

/* What a request of ours carries, so that its response finds its owner again. */
struct session_token {
    uint64_t id;
    uint32_t part;
};

struct session_slot {
    uint32_t sequence_number;       /* 0 = free */
    uint32_t command_id;
    uint64_t sent_ms;
    struct session_token token;
    bool late;                      /* its response timer ran out; a response still settles it (U8) */
};

struct session {
    struct session_conf conf;
    enum session_role role;
    enum session_state state;
    uint8_t peer_version;           /* interface_version of the peer: 0x33 and below means no TLVs (B7) */
    uint32_t next_sequence;         /* 1..0x7FFFFFFF, wraps to 1 (S1) */
    uint32_t outstanding;           /* slots in use and not late: what the window counts */
    uint32_t enquire_misses;
    uint32_t protocol_errors;
    uint32_t unmatched_responses;
    uint64_t opened_ms;
    uint64_t received_ms;           /* last octet from the peer */
    uint64_t active_ms;             /* last request either way other than enquire_link */
    uint64_t enquired_ms;           /* our unanswered enquire_link; 0 = none */
    uint32_t enquire_sequence;
    uint64_t unbind_ms;             /* when our unbind was sent */
    uint32_t nacks_without_match;   /* C15 */
    uint64_t first_nack_ms;
    struct session_slot *slots;     /* owned by the caller, session_slots_needed() of them */
    uint32_t slots_max;
};

/* What the owner must do with a PDU that came in. */
enum session_verdict {
    SESSION_PASS,                   /* a request that is legal here: the owner answers it */
    SESSION_RESULT,                 /* a response (or generic_nack) to a request of ours: see out.token */
    SESSION_BIND,                   /* MC: a bind request: check it, then call session_bound() or refuse */
    SESSION_BIND_RESULT,            /* ESME: the answer to our bind; state is bound if its status was 0 */
    SESSION_ANSWER,                 /* write out.reply, nothing else to do */
    SESSION_DROP,                   /* ignore it; it has been counted */
    SESSION_CLOSE,                  /* write out.reply if out.has_reply, flush, close; out.why says why */
};

struct session_out {
    bool has_reply;
    struct pdu reply;               /* header only unless it is a response with an empty message_id */
    struct session_token token;
    bool late;                      /* SESSION_RESULT: the response timer had already run out */
    const char *why;                /* static text for the log */
};

/* Slots for a window: the window itself and as many late ones (faults.md 2.3: a late response still settles its leg). */
uint32_t session_slots_needed(uint32_t window);

void session_init(struct session *s, enum session_role role, const struct session_conf *conf,
                  struct session_slot *slots, uint32_t slots_max, uint64_t now_ms);

/* Takes one decoded PDU; decoded is what pdu_decode() returned for it. */
enum session_verdict session_receive(struct session *s, const struct pdu *pdu, enum smpp_status decoded,
                                     uint64_t now_ms, struct session_out *out);

/* MC: the bind was accepted; the state follows from the bind's command_id. */
void session_bound(struct session *s, uint32_t bind_command_id, uint8_t interface_version);

/* Takes a sequence number for a request of ours that expects a response; false if the window is full. bind, unbind and
 * enquire_link are not counted in the window: use session_sequence(). */
bool session_send(struct session *s, uint32_t command_id, struct session_token token, uint64_t now_ms,
                  uint32_t *sequence_number);
uint32_t session_sequence(struct session *s);

/* ESME: our bind goes out with this sequence number. Either: our unbind goes out. */
void session_binding(struct session *s, uint32_t bind_command_id, uint32_t sequence_number, uint64_t now_ms);
void session_unbinding(struct session *s, uint32_t sequence_number, uint64_t now_ms);

/* What a timer asks for. Call session_tick() until it says SESSION_TICK_NONE. */
enum session_tick { SESSION_TICK_NONE, SESSION_TICK_ENQUIRE, SESSION_TICK_TIMEOUT, SESSION_TICK_CLOSE };
/* ENQUIRE: write out.reply (an enquire_link with its number). TIMEOUT: out.token's response is overdue, its window
 * place is free again, a late response is still matched. CLOSE: out.why. */
enum session_tick session_tick(struct session *s, uint64_t now_ms, struct session_out *out);
/* When session_tick() has something to do next; UINT64_MAX if never. */
uint64_t session_next_ms(const struct session *s);

bool session_can_send_sm(const struct session *s);   /* may we send submit_sm (ESME) or deliver_sm (MC)? */
bool session_is_bound(const struct session *s);
const char *session_state_name(enum session_state state);

#endif
