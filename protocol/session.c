/*
 * session.c: see session.h. The rules of who may say what when are in legal[] and transitions[];
 * the code below only asks them.
 */
#include "protocol/session.h"

#include <assert.h>

#include "protocol/session_slots.h"

#define IN(state) (1u << SESSION_##state)
#define BOUND (IN(BOUND_TX) | IN(BOUND_RX) | IN(BOUND_TRX))
#define NEVER UINT64_MAX

static enum session_verdict receive_request(struct session *s, const struct pdu *pdu,
                                            enum smpp_status decoded, uint64_t now_ms,
                                            struct session_out *out);
static enum session_verdict receive_response(struct session *s, const struct pdu *pdu,
                                             enum smpp_status decoded, uint64_t now_ms,
                                             struct session_out *out);

/* In which states a request is legal, by who receives it. Those that are legal or not for other
 * reasons (bind, unbind, enquire_link, outbind) are not here. By its table 3.4 allows replace_sm on
 * a transmitter alone, which no peer goes by; 5.0 has mended it. */
static const struct {
    uint32_t command_id;
    uint32_t at_mc;
    uint32_t at_esme;
} legal[] = {
    {SMPP_SUBMIT_SM, IN(BOUND_TX) | IN(BOUND_TRX), 0},
    {SMPP_SUBMIT_MULTI, IN(BOUND_TX) | IN(BOUND_TRX), 0},
    {SMPP_QUERY_SM, IN(BOUND_TX) | IN(BOUND_TRX), 0},
    {SMPP_CANCEL_SM, IN(BOUND_TX) | IN(BOUND_TRX), 0},
    {SMPP_REPLACE_SM, IN(BOUND_TX) | IN(BOUND_TRX), 0},
    {SMPP_DELIVER_SM, 0, IN(BOUND_RX) | IN(BOUND_TRX)},
    {SMPP_DATA_SM, IN(BOUND_TX) | IN(BOUND_TRX), IN(BOUND_RX) | IN(BOUND_TRX)},
    {SMPP_ALERT_NOTIFICATION, 0, IN(BOUND_RX) | IN(BOUND_TRX)},
    {SMPP_BROADCAST_SM, IN(BOUND_TX) | IN(BOUND_TRX), 0},
    {SMPP_QUERY_BROADCAST_SM, IN(BOUND_TX) | IN(BOUND_TRX), 0},
    {SMPP_CANCEL_BROADCAST_SM, IN(BOUND_TX) | IN(BOUND_TRX), 0},
};

static const uint32_t transitions[SESSION_STATES] = {
    [SESSION_OPEN] = IN(BINDING) | BOUND | IN(CLOSED),
    [SESSION_BINDING] = IN(OPEN) | BOUND | IN(CLOSED),
    [SESSION_BOUND_TX] = IN(UNBINDING) | IN(CLOSED),
    [SESSION_BOUND_RX] = IN(UNBINDING) | IN(CLOSED),
    [SESSION_BOUND_TRX] = IN(UNBINDING) | IN(CLOSED),
    [SESSION_UNBINDING] = IN(CLOSED),
    [SESSION_CLOSED] = 0,
};

static bool
state_is(const struct session *s, uint32_t mask)
{
    return (1u << s->state & mask) != 0;
}

static void
set_state(struct session *s, enum session_state state)
{
    assert(transitions[s->state] & 1u << state);
    s->state = state;
}

static enum session_state
bound_state(uint32_t bind_command_id)
{
    if (bind_command_id == SMPP_BIND_TRANSMITTER)
        return SESSION_BOUND_TX;
    if (bind_command_id == SMPP_BIND_RECEIVER)
        return SESSION_BOUND_RX;
    assert(bind_command_id == SMPP_BIND_TRANSCEIVER);
    return SESSION_BOUND_TRX;
}

uint32_t
session_slots_needed(uint32_t window)
{
    return window * (1 + SESSION_LATE_WINDOWS);
}

void
session_init(struct session *s, enum session_role role, const struct session_conf *conf,
             struct session_slot *slots, uint32_t slots_max, uint64_t now_ms)
{
    assert(conf->window >= 1 && conf->window <= SESSION_WINDOW_MAX);
    assert(slots_max >= session_slots_needed(conf->window));
    memset(s, 0, sizeof(*s));
    s->conf = *conf;
    s->role = role;
    s->state = SESSION_OPEN;
    s->peer_version = SMPP_VERSION_34;
    s->next_sequence = 1;
    s->opened_ms = now_ms;
    s->received_ms = now_ms;
    s->active_ms = now_ms;
    s->slots = slots;
    s->slots_max = slots_max;
    slots_init(s);
}

enum session_verdict
session_receive(struct session *s, const struct pdu *pdu, enum smpp_status decoded, uint64_t now_ms,
                struct session_out *out)
{
    memset(out, 0, sizeof(*out));
    if (s->state == SESSION_CLOSED) {
        out->why = "the session is over";
        return SESSION_DROP;
    }
    /* U5: any PDU proves the link, so a probe on its way is as good as answered. */
    s->received_ms = now_ms;
    s->enquired_ms = 0;
    s->enquire_misses = 0;
    if (smpp_is_response(pdu->command_id))
        return receive_response(s, pdu, decoded, now_ms, out);
    return receive_request(s, pdu, decoded, now_ms, out);
}

static enum session_verdict
close_now(struct session *s, const char *why, struct session_out *out)
{
    if (s->state != SESSION_CLOSED)
        set_state(s, SESSION_CLOSED);
    out->why = why;
    return SESSION_CLOSE;
}

static void
set_reply(struct session_out *out, uint32_t command_id, uint32_t status, uint32_t sequence_number)
{
    out->has_reply = true;
    out->reply.command_id = command_id;
    out->reply.command_status = status;
    out->reply.sequence_number = sequence_number;
}

/* The verdict on a PDU that should not have come. It is answered if out->has_reply. */
static enum session_verdict
protocol_error(struct session *s, const char *why, struct session_out *out)
{
    s->protocol_errors++;
    if (s->role == SESSION_MC && state_is(s, IN(OPEN) | IN(BINDING)) &&
        ++s->unbound_offences >= SESSION_UNBOUND_OFFENCES_MAX)
        return close_now(s, "too many wrong requests before the bind", out);
    if (s->conf.protocol_errors_max && s->protocol_errors >= s->conf.protocol_errors_max)
        return close_now(s, "too many protocol errors", out);
    out->why = why;
    return out->has_reply ? SESSION_ANSWER : SESSION_DROP;
}

static enum session_verdict
refuse(struct session *s, const struct pdu *pdu, enum smpp_status status, struct session_out *out)
{
    set_reply(out, pdu->command_id | SMPP_RESPONSE_BIT, status, pdu->sequence_number);
    return protocol_error(s, smpp_status_text(status), out);
}

static bool
is_legal(const struct session *s, uint32_t command_id)
{
    for (size_t i = 0; i < sizeof(legal) / sizeof(legal[0]); i++) {
        if (legal[i].command_id == command_id)
            return state_is(s, s->role == SESSION_MC ? legal[i].at_mc : legal[i].at_esme);
    }
    return false;
}

/* There are no cells that we could broadcast to. 5.0 has a status for what is known and denied; to
 * a peer of an earlier version these commands do not exist (C05). */
static bool
is_broadcast(const struct session *s, uint32_t command_id)
{
    return s->peer_version >= SMPP_VERSION_50 &&
           (command_id == SMPP_BROADCAST_SM || command_id == SMPP_QUERY_BROADCAST_SM ||
            command_id == SMPP_CANCEL_BROADCAST_SM);
}

static enum session_verdict
receive_bind(struct session *s, const struct pdu *pdu, enum smpp_status decoded,
             struct session_out *out)
{
    if (s->role == SESSION_ESME)
        return refuse(s, pdu, SMPP_RINVBNDSTS, out);
    if (s->state != SESSION_OPEN)
        return refuse(s, pdu, SMPP_RALYBND, out);
    if (decoded != SMPP_ROK)
        return refuse(s, pdu, decoded, out);
    s->bind_command_id = pdu->command_id;
    set_state(s, SESSION_BINDING);
    return SESSION_BIND;
}

static enum session_verdict
receive_unbind(struct session *s, const struct pdu *pdu, uint64_t now_ms, struct session_out *out)
{
    if (state_is(s, IN(OPEN) | IN(BINDING))) {
        s->protocol_errors++;
        set_reply(out, SMPP_UNBIND_RESP, SMPP_RINVBNDSTS, pdu->sequence_number);
        return close_now(s, "unbind before bind", out);
    }
    set_reply(out, SMPP_UNBIND_RESP, SMPP_ROK, pdu->sequence_number);
    if (s->state != SESSION_UNBINDING) {
        set_state(s, SESSION_UNBINDING);
        s->control_sequence = 0;
        s->unbind_ms = now_ms;
    }
    out->why = "the peer unbound";
    return SESSION_CLOSE;
}

/* An outbind asks us to bind and has no response; it may only come first (C19). On a connection
 * that was made to us the owner looks whether it comes from a carrier. */
static enum session_verdict
receive_outbind(struct session *s, enum smpp_status decoded, struct session_out *out)
{
    if (s->state == SESSION_OPEN && decoded == SMPP_ROK)
        return SESSION_PASS;
    if (s->state == SESSION_OPEN) {
        s->protocol_errors++;
        return close_now(s, "an outbind that is not wanted here", out);
    }
    return protocol_error(s, "an outbind after the bind", out);
}

/* C18: there is no response to an alert_notification, not even an error. */
static enum session_verdict
receive_alert(struct session *s, const struct pdu *pdu, enum smpp_status decoded, uint64_t now_ms,
              struct session_out *out)
{
    if (!is_legal(s, pdu->command_id))
        return protocol_error(s, "an alert_notification where none may come", out);
    if (decoded != SMPP_ROK)
        return protocol_error(s, smpp_status_text(decoded), out);
    s->active_ms = now_ms;
    return SESSION_PASS;
}

static enum session_verdict
receive_request(struct session *s, const struct pdu *pdu, enum smpp_status decoded, uint64_t now_ms,
                struct session_out *out)
{
    if (pdu->command_id == SMPP_ENQUIRE_LINK) {
        set_reply(out, SMPP_ENQUIRE_LINK_RESP, SMPP_ROK, pdu->sequence_number);
        return SESSION_ANSWER;
    }
    if (pdu->command_id == SMPP_UNBIND)
        return receive_unbind(s, pdu, now_ms, out);
    if (s->state == SESSION_UNBINDING) {
        out->why = "a request after unbind";
        return SESSION_DROP;
    }
    if (smpp_is_bind(pdu->command_id))
        return receive_bind(s, pdu, decoded, out);
    if (pdu->command_id == SMPP_OUTBIND)
        return receive_outbind(s, decoded, out);
    if (pdu->command_id == SMPP_ALERT_NOTIFICATION)
        return receive_alert(s, pdu, decoded, now_ms, out);
    if (is_broadcast(s, pdu->command_id)) {
        if (is_legal(s, pdu->command_id))
            return refuse(s, pdu, SMPP_RPROHIBITED, out);
        return refuse(s, pdu, SMPP_RINVBNDSTS, out);
    }
    if (decoded == SMPP_RINVCMDID) {
        set_reply(out, SMPP_GENERIC_NACK, decoded, pdu->sequence_number);
        return protocol_error(s, smpp_status_text(decoded), out);
    }
    if (!is_legal(s, pdu->command_id))
        return refuse(s, pdu, SMPP_RINVBNDSTS, out);
    if (decoded != SMPP_ROK)
        return refuse(s, pdu, decoded, out);
    s->active_ms = now_ms;
    return SESSION_PASS;
}

static enum session_verdict
unmatched(struct session *s, struct session_out *out)
{
    s->unmatched_responses++;
    out->why = "a response to nothing";
    return SESSION_DROP;
}

static enum session_verdict
bind_result(struct session *s, const struct pdu *pdu, uint64_t now_ms, struct session_out *out)
{
    uint32_t version;

    s->control_sequence = 0;
    s->active_ms = now_ms;
    if (out->status == SMPP_ROK) {
        set_state(s, bound_state(s->bind_command_id));
        s->version_said = tlv_number(pdu->tlvs, SMPP_TAG_SC_INTERFACE_VERSION, &version);
        if (s->version_said)
            s->peer_version = (uint8_t)version;
        if (s->our_version && s->our_version < s->peer_version)
            s->peer_version = s->our_version;
    } else {
        set_state(s, SESSION_OPEN);
    }
    return SESSION_BIND_RESULT;
}

static enum session_verdict
result(struct session *s, struct session_slot *slot, struct session_out *out)
{
    out->token = slot->token;
    out->late = slot->late;
    slots_remove(s, slot);
    s->timeouts_in_row = 0;
    return SESSION_RESULT;
}

/* C15: it may mean any request of ours, so none. A peer that keeps doing it has lost framing. */
static enum session_verdict
nack_without_number(struct session *s, uint64_t now_ms, struct session_out *out)
{
    if (s->nacks_without_match == 0 || now_ms - s->first_nack_ms > SESSION_NACK_SPAN_MS) {
        s->nacks_without_match = 0;
        s->first_nack_ms = now_ms;
    }
    s->nacks_without_match++;
    if (s->nacks_without_match >= SESSION_NACKS_MAX)
        return close_now(s, "too many generic_nack that name no request", out);
    out->why = "a generic_nack that names no request";
    return SESSION_DROP;
}

/* The response to our bind or unbind, of the right kind or a generic_nack. */
static enum session_verdict
control_result(struct session *s, const struct pdu *pdu, uint64_t now_ms, struct session_out *out)
{
    bool nack = pdu->command_id == SMPP_GENERIC_NACK;

    /* B18: some answer a bind_receiver with the response of another bind. */
    if (s->state == SESSION_BINDING &&
        (nack || smpp_is_bind(pdu->command_id & ~SMPP_RESPONSE_BIT)))
        return bind_result(s, pdu, now_ms, out);
    if (s->state == SESSION_UNBINDING && (nack || pdu->command_id == SMPP_UNBIND_RESP))
        return close_now(s, "unbound", out);
    return unmatched(s, out);
}

static enum session_verdict
receive_response(struct session *s, const struct pdu *pdu, enum smpp_status decoded,
                 uint64_t now_ms, struct session_out *out)
{
    bool nack = pdu->command_id == SMPP_GENERIC_NACK;
    struct session_slot *slot;

    if (decoded != SMPP_ROK)
        return protocol_error(s, "an unknown response", out);
    if (nack && pdu->sequence_number == 0)
        return nack_without_number(s, now_ms, out);
    out->status = pdu->command_status;
    if (nack && out->status == SMPP_ROK)
        out->status = SMPP_RUNKNOWNERR;
    if (s->control_sequence && pdu->sequence_number == s->control_sequence)
        return control_result(s, pdu, now_ms, out);
    if (s->enquire_sequence && pdu->sequence_number == s->enquire_sequence &&
        (nack || pdu->command_id == SMPP_ENQUIRE_LINK_RESP)) {
        out->why = "enquire_link answered";
        return SESSION_DROP;
    }
    slot = slots_find(s, pdu->sequence_number);
    if (slot && (nack || pdu->command_id == (slot->command_id | SMPP_RESPONSE_BIT)))
        return result(s, slot, out);
    return unmatched(s, out);
}

void
session_bound(struct session *s, uint32_t bind_command_id, uint8_t interface_version)
{
    assert(s->role == SESSION_MC && state_is(s, IN(OPEN) | IN(BINDING)));
    set_state(s, bound_state(bind_command_id));
    s->peer_version = interface_version;
    s->active_ms = s->received_ms;
}

bool
session_send(struct session *s, uint32_t command_id, struct session_token token, uint64_t now_ms,
             uint32_t *sequence_number)
{
    struct session_slot *slot;

    if (!session_is_bound(s) || s->outstanding >= s->conf.window)
        return false;
    *sequence_number = session_sequence(s);
    slot = slots_add(s, *sequence_number);
    slot->command_id = command_id;
    slot->token = token;
    slot->sent_ms = now_ms;
    s->active_ms = now_ms;
    return true;
}

/* S2: a number that is still in flight is passed over. There are more numbers than slots. */
uint32_t
session_sequence(struct session *s)
{
    uint32_t sequence_number;

    do {
        sequence_number = s->next_sequence;
        s->next_sequence = sequence_number >= 0x7FFFFFFF ? 1 : sequence_number + 1;
    } while (slots_find(s, sequence_number) ||
             sequence_number == s->enquire_sequence || sequence_number == s->control_sequence);
    return sequence_number;
}

void
session_binding(struct session *s, uint32_t bind_command_id, uint32_t sequence_number,
                uint64_t now_ms)
{
    assert(s->role == SESSION_ESME && s->state == SESSION_OPEN);
    set_state(s, SESSION_BINDING);
    s->bind_command_id = bind_command_id;
    s->control_sequence = sequence_number;
    s->bind_ms = now_ms;
}

void
session_unbinding(struct session *s, uint32_t sequence_number, uint64_t now_ms)
{
    assert(session_is_bound(s));
    set_state(s, SESSION_UNBINDING);
    s->control_sequence = sequence_number;
    s->unbind_ms = now_ms;
}

/* When each timer runs out; NEVER if it is off or does not apply. session_tick() and
 * session_next_ms() must agree, so both ask these. */
static uint64_t
due_after(uint64_t since_ms, uint32_t ms)
{
    return ms ? since_ms + ms : NEVER;
}

static uint64_t
due_init(const struct session *s)
{
    if (!state_is(s, IN(OPEN) | IN(BINDING)))
        return NEVER;
    return due_after(s->opened_ms, s->conf.session_init_ms);
}

static uint64_t
due_control(const struct session *s)
{
    if (s->state == SESSION_BINDING && s->role == SESSION_ESME)
        return due_after(s->bind_ms, s->conf.response_ms);
    if (s->state == SESSION_UNBINDING)
        return due_after(s->unbind_ms, s->conf.response_ms);
    return NEVER;
}

static uint64_t
due_response(const struct session *s)
{
    const struct session_slot *slot = slots_oldest_waiting(s);

    return slot ? due_after(slot->sent_ms, s->conf.response_ms) : NEVER;
}

/* S8: a peer that answers none of several requests in a row is dead, though one lost response is
 * nothing (U8). */
static uint64_t
due_stall(const struct session *s)
{
    return session_is_bound(s) && s->timeouts_in_row >= SESSION_TIMEOUTS_MAX ? 0 : NEVER;
}

static uint64_t
due_inactive(const struct session *s)
{
    return session_is_bound(s) ? due_after(s->active_ms, s->conf.inactivity_ms) : NEVER;
}

static uint64_t
due_enquire(const struct session *s)
{
    if (!session_is_bound(s) || s->conf.enquire_link_ms == 0)
        return NEVER;
    if (s->enquired_ms == 0)
        return due_after(s->received_ms, s->conf.enquire_link_ms);
    return due_after(s->enquired_ms,
                     s->conf.response_ms ? s->conf.response_ms : s->conf.enquire_link_ms);
}

/* A bound peer is told with a last unbind that it was no accident; nobody waits for the answer. */
static enum session_tick
tick_close(struct session *s, const char *why, struct session_out *out)
{
    if (session_is_bound(s))
        set_reply(out, SMPP_UNBIND, SMPP_ROK, session_sequence(s));
    (void)close_now(s, why, out);
    return SESSION_TICK_CLOSE;
}

static enum session_tick
tick_enquire(struct session *s, uint64_t now_ms, struct session_out *out)
{
    if (s->enquired_ms != 0 && ++s->enquire_misses >= s->conf.enquire_misses_max)
        return tick_close(s, "enquire_link is not answered", out);
    s->enquire_sequence = session_sequence(s);
    s->enquired_ms = now_ms ? now_ms : 1;
    set_reply(out, SMPP_ENQUIRE_LINK, SMPP_ROK, s->enquire_sequence);
    return SESSION_TICK_ENQUIRE;
}

enum session_tick
session_tick(struct session *s, uint64_t now_ms, struct session_out *out)
{
    memset(out, 0, sizeof(*out));
    if (s->state == SESSION_CLOSED)
        return SESSION_TICK_NONE;
    if (now_ms >= due_init(s))
        return tick_close(s, "no bind in time", out);
    if (now_ms >= due_control(s))
        return tick_close(s, s->state == SESSION_BINDING ? "the bind is not answered"
                                                         : "the unbind did not end", out);
    if (now_ms >= due_response(s)) {
        struct session_slot *slot = slots_oldest_waiting(s);

        out->token = slot->token;
        out->why = "no response in time";
        slots_make_late(s, slot);
        s->timeouts_in_row++;
        return SESSION_TICK_TIMEOUT;
    }
    if (now_ms >= due_stall(s))
        return tick_close(s, "requests are not answered", out);
    if (now_ms >= due_inactive(s))
        return tick_close(s, "inactive", out);
    if (now_ms >= due_enquire(s))
        return tick_enquire(s, now_ms, out);
    return SESSION_TICK_NONE;
}

static uint64_t
sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t
session_next_ms(const struct session *s)
{
    uint64_t next = sooner(due_init(s), due_control(s));

    if (s->state == SESSION_CLOSED)
        return NEVER;
    next = sooner(next, sooner(due_response(s), due_stall(s)));
    return sooner(next, sooner(due_inactive(s), due_enquire(s)));
}

bool
session_take_unanswered(struct session *s, struct session_token *token)
{
    struct session_slot *slot = slots_oldest_waiting(s);

    if (!slot)
        slot = slots_oldest_late(s);
    if (!slot)
        return false;
    *token = slot->token;
    slots_remove(s, slot);
    return true;
}

bool
session_can_send_sm(const struct session *s)
{
    if (s->role == SESSION_ESME)
        return state_is(s, IN(BOUND_TX) | IN(BOUND_TRX));
    return state_is(s, IN(BOUND_RX) | IN(BOUND_TRX));
}

bool
session_is_bound(const struct session *s)
{
    return state_is(s, BOUND);
}

const char *
session_state_name(enum session_state state)
{
    static const char *const names[SESSION_STATES] = {
        "open", "binding", "bound_tx", "bound_rx", "bound_trx", "unbinding", "closed",
    };

    return state < SESSION_STATES ? names[state] : "?";
}

const char *
session_verdict_name(enum session_verdict verdict)
{
    static const char *const names[] = {
        "pass", "result", "bind", "bind_result", "answer", "drop", "close",
    };

    return verdict <= SESSION_CLOSE ? names[verdict] : "?";
}

const char *
session_tick_name(enum session_tick tick)
{
    static const char *const names[] = {"none", "enquire", "timeout", "close"};

    return tick <= SESSION_TICK_CLOSE ? names[tick] : "?";
}

const char *
session_role_name(enum session_role role)
{
    return role == SESSION_ESME ? "esme" : "mc";
}
