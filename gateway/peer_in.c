/*
 * peer_in.c: what a peer sends: frames cut from its octets, each PDU through the session machine,
 * and what that says turned into an event for the core or an answer. Separate from peer.c, which
 * keeps the connection alive and writes.
 */
#include "gateway/peer_int.h"

#include "gateway/io.h"
#include "gateway/log.h"
#include "gateway/trace.h"
#include "protocol/frame.h"

/* A request that is legal here: to the core, or answered with what we do not do. */
static void
request_event(struct peer *p, struct pdu *pdu, size_t octets)
{
    struct event *event;

    if (p->io->refusing) {
        peer_answer(p, pdu, SMPP_RSYSERR);
        return;
    }
    if (p->unanswered >= UNANSWERED_MAX ||
        (p->app && !bucket_take(&p->app->bucket, p->app->conf->throughput, p->io->now_ms))) {
        p->io->counters.over_rate++;
        peer_answer(p, pdu, SMPP_RTHROTTLED);
        return;
    }
    event = io_event(p->io, EV_PDU, p->name, octets);
    event->u.pdu = pdu;
    p->unanswered++;
    p->ahead_octets += octets;
}

/* C18: a phone that could not be reached can be now. It has no response. What waits for a phone
 * goes by its own retry times: who is meant is the carrier's address of the phone at best. */
static void
alert(struct peer *p, const struct pdu *pdu)
{
    static const char *const states[] = {"available", "denied", "unavailable"};
    const char *state = "not said";
    uint32_t value;

    if (tlv_number(pdu->tlvs, SMPP_TAG_MS_AVAILABILITY_STATUS, &value))
        state = value < sizeof(states) / sizeof(states[0]) ? states[value] : "unknown";
    p->io->counters.alerts++;
    log_line(LOG_LEVEL_INFO, "alert_notification", "link=%s peer=%s availability=\"%s\"", p->link,
             p->conn.peer, state);
}

static void
request(struct peer *p, struct pdu *pdu, size_t octets)
{
    switch (pdu->command_id) {
    case SMPP_SUBMIT_SM:
    case SMPP_SUBMIT_MULTI:
    case SMPP_DELIVER_SM:
    case SMPP_DATA_SM:
    case SMPP_QUERY_SM:
    case SMPP_CANCEL_SM:
    case SMPP_REPLACE_SM:
        request_event(p, pdu, octets);
        return;
    case SMPP_OUTBIND:
        p->owner->outbind(p, pdu);
        return;
    case SMPP_ALERT_NOTIFICATION:
        alert(p, pdu);
        return;
    default:
        p->io->counters.answered_directly++;
        peer_write_header(p, SMPP_GENERIC_NACK, SMPP_RINVCMDID, pdu->sequence_number);
    }
}

static void
result(struct peer *p, const struct pdu *pdu, size_t octets, const struct session_out *out)
{
    bool nack = pdu->command_id == SMPP_GENERIC_NACK;
    struct event *event = io_event(p->io, EV_RESULT, p->name, octets);

    event->u.result = (struct event_result){
        .token = out->token,
        .how = out->late ? RESULT_LATE : RESULT_ANSWERED,
        .status = out->status,
        .nack = nack,
        .message_id = nack ? SLICE_NONE : pdu->body.message_id,
        .tlvs = pdu->tlvs,
    };
}

static void
bind_result(struct peer *p, const struct pdu *pdu, const struct session_out *out)
{
    if (session_is_bound(&p->session))
        peer_bind_up(p);
    else
        p->io->counters.binds_refused++;
    p->owner->bound(p, out->status, pdu->command_id == SMPP_GENERIC_NACK);
}

void
peer_session_reply(struct peer *p, const struct session_out *out)
{
    if (!out->has_reply)
        return;
    /* While nothing can be stored we must not look alive (design, "Threads"). */
    if (p->io->stalled && out->reply.command_id == SMPP_ENQUIRE_LINK_RESP)
        return;
    p->io->counters.answered_directly++;
    peer_write_pdu(p, &out->reply);
}

static void
session_over(struct peer *p, const struct session_out *out)
{
    if (out->reply.command_id == SMPP_UNBIND_RESP && p->unanswered > 0 && out->has_reply &&
        p->session.state == SESSION_UNBINDING) {
        peer_phase_set(p, PEER_FAREWELL);
        p->farewell_sequence = out->reply.sequence_number;
        p->until_ms = p->io->now_ms + FAREWELL_MS;
        io_sweep_by(p->io, p->until_ms);
        return;
    }
    peer_session_reply(p, out);
    peer_end(p, out->why);
}

static void
log_refused(const struct peer *p, uint32_t command_id, enum smpp_status status)
{
    const char *command = smpp_command_name(command_id);

    log_line(LOG_LEVEL_WARN, "pdu refused", "peer=%s command=%s id=0x%08x status=%s", p->conn.peer,
             command ? command : "unknown", command_id, smpp_status_name(status));
}

static void
take_pdu(struct peer *p, struct slice raw)
{
    struct batch *batch = p->io->batch;
    struct pdu *pdu = &batch->pdus[batch->count];
    enum smpp_status decoded;
    struct session_out out;

    p->io->counters.pdus_in++;
    decoded = pdu_decode(batch_copy(batch, raw), p->mode, pdu);
    if (p->traced)
        trace_pdu(p, TRACE_IN, raw);
    /* B06: too long a password for SMPP, but not for this app. */
    if (decoded == SMPP_RINVPASWD && smpp_is_bind(pdu->command_id) && p->listener &&
        auth_password_long(&p->io->auth, pdu->body.bind.system_id))
        decoded = SMPP_ROK;
    switch (session_receive(&p->session, pdu, decoded, p->io->now_ms, &out)) {
    case SESSION_PASS:
        request(p, pdu, raw.n);
        return;
    case SESSION_RESULT:
        result(p, pdu, raw.n, &out);
        return;
    case SESSION_BIND:
        trace_bind(p, pdu, raw);
        p->owner->bind(p, pdu);
        return;
    case SESSION_BIND_RESULT:
        bind_result(p, pdu, &out);
        return;
    case SESSION_ANSWER:
        if (decoded != SMPP_ROK)
            log_refused(p, pdu->command_id, decoded);
        peer_session_reply(p, &out);
        return;
    case SESSION_DROP:
        p->io->counters.ignored++;
        return;
    case SESSION_CLOSE:
        session_over(p, &out);
        return;
    }
}

static void
framing_lost(struct peer *p, struct slice octets, uint32_t sequence)
{
    const char *foreign = frame_foreign(octets);

    p->io->counters.framing_lost++;
    log_line(LOG_LEVEL_WARN, "framing lost", "peer=%s link=%s looks_like=\"%s\"", p->conn.peer,
             p->link[0] ? p->link : "-", foreign ? foreign : "nothing known");
    peer_write_header(p, SMPP_GENERIC_NACK, SMPP_RINVCMDLEN, sequence);
    peer_end(p, "bad command_length");
}

/* Takes PDUs off the front of *rest, and says how many; *more: it did not get to the end. */
static unsigned
take_pdus(struct peer *p, struct slice *rest, bool *more)
{
    unsigned count = 0;

    *more = false;
    while (peer_listens(p)) {
        size_t max = session_is_bound(&p->session) || p->phase == PEER_FAREWELL || p->leg
                         ? PDU_BYTES_MAX : PDU_BYTES_MAX_UNBOUND;
        struct slice raw;
        uint32_t sequence;
        enum frame_result found = frame_next(*rest, max, &raw, &sequence);

        if (found == FRAME_NEED)
            break;
        if (found == FRAME_BAD) {
            framing_lost(p, *rest, sequence);
            break;
        }
        *more = count == READ_PDUS_MAX || !io_batch(p->io) || peer_paused(p);
        if (*more)
            break;
        take_pdu(p, raw);
        *rest = slice_of(rest->p + raw.n, rest->n - raw.n);
        count++;
    }
    if (!peer_listens(p))
        *rest = slice_of(rest->p + rest->n, 0);
    return count;
}

void
peer_take_octets(struct peer *p, struct slice octets)
{
    unsigned count = take_pdus(p, &octets, &p->more);

    if (octets.n > 0)
        p->session.received_ms = p->io->now_ms;
    if (!connection_keep(&p->conn, octets, count > 0, p->io->now_ms)) {
        peer_dead(p, "no memory");
        return;
    }
    if (p->more && !io_batch(p->io)) {
        p->parked = true;
        p->io->parked = true;
    }
}
