/*
 * manage.c: query_sm, cancel_sm and replace_sm from apps, answered from our own store (conformance
 * section 12). An app can see and change only what it submitted itself; what has been handed to a
 * carrier cannot be taken back.
 */
#include "gateway/relay/core.h"

#include "protocol/smpptime.h"

/* Rows that one cancel_sm without a message_id looks at: no event may make a turn long. Of a longer
 * queue the rest stays; the app can ask again. */
#define CANCEL_ROWS_MAX 10000u

/* Our message_ids are decimal and have one way to be written. */
static bool
id_parse(struct slice text, uint64_t *message)
{
    *message = 0;
    if (text.n == 0 || text.n > 19 || text.p[0] == '0')
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        *message = *message * 10 + (uint64_t)(text.p[i] - '0');
    }
    return true;
}

/* Message ID and source must both match what this app submitted. */
static bool
own_message(struct step *s, const struct bind *bind, struct slice id,
            const struct pdu_address *source, uint64_t *message, struct rec_msg *msg)
{
    const struct account *account = account_of(s->relay, bind->link->account);
    struct addr addr;

    return id_parse(id, message) && message_get(s, *message, msg) && msg->op == OP_SUBMIT &&
           msg->origin == bind->link->id &&
           addr_from_wire(source, account->plan, &addr) == ADDR_OK && addr_eq(&addr, &msg->source);
}

/* ---- query_sm */

static enum receipt_state
state_told(const struct rec_msg *msg)
{
    switch ((enum msg_state)msg->state) {
    case MSG_SCHEDULED:
    case MSG_QUEUED:
    case MSG_INTENT:
    case MSG_HELD:
        return RECEIPT_ENROUTE;
    case MSG_SENT:
        /* With a receipt on its way it is not final; without one this is all we shall know. */
        return msg->wants_receipt ? RECEIPT_ENROUTE : RECEIPT_ACCEPTED;
    case MSG_DELIVERED:
        return RECEIPT_DELIVERED;
    case MSG_UNDELIVERABLE:
        return RECEIPT_UNDELIVERABLE;
    case MSG_REFUSED:
    case MSG_SUPPRESSED:
        return RECEIPT_REJECTED;
    case MSG_EXPIRED:
        return RECEIPT_EXPIRED;
    case MSG_CANCELLED:
        return RECEIPT_DELETED;
    }
    return RECEIPT_UNKNOWN;
}

static void
query(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    struct pdu reply = {.command_id = SMPP_QUERY_SM_RESP, .sequence_number = pdu->sequence_number};
    struct pdu_query_result *result = &reply.body.query_result;
    char final_date[SMPPTIME_BYTES], id[24];
    struct rec_msg msg;
    uint64_t message;

    if (!own_message(s, bind, pdu->body.query.message_id, &pdu->body.query.source, &message,
                     &msg)) {
        reply_status(s, bind, pdu, SMPP_RQUERYFAIL);
        return;
    }
    result->message_id = message_id_text(message, id);
    result->message_state = (uint8_t)state_told(&msg);
    result->error_code = (uint8_t)(msg.status <= UINT8_MAX ? msg.status : UINT8_MAX);
    if (result->message_state != RECEIPT_ENROUTE) {
        smpptime_format(msg.done_ms, final_date);
        result->final_date = slice_str(final_date);
    }
    effects_reply(s->fx, bind->name, 0, &reply);
}

/* ---- cancel_sm */

static bool
cancel_one(struct step *s, uint64_t message, struct rec_msg *msg)
{
    if (msg->state != MSG_QUEUED || msg->parts_sent > 0)
        return false;
    queue_cancel(s, message, msg);
    message_end(s, message, msg, MSG_CANCELLED);
    return true;
}

struct cancel {
    const struct bind *bind;
    struct addr source, dest;
    struct slice service_type;
    uint32_t cancelled;
};

static void
cancel_if_meant(struct step *s, struct cancel *cancel, uint64_t message)
{
    struct rec_msg msg;

    if (message_get(s, message, &msg) && msg.origin == cancel->bind->link->id &&
        addr_eq(&msg.source, &cancel->source) && addr_eq(&msg.dest, &cancel->dest) &&
        (cancel->service_type.n == 0 || slice_eq(msg.service_type, cancel->service_type)))
        cancel->cancelled += cancel_one(s, message, &msg);
}

/* All that waits for this receiver in one flow: the rows, and the one that waits for its retry. */
static void
cancel_in_flow(struct step *s, struct cancel *cancel, uint32_t carrier, uint8_t class)
{
    struct rec_msg like = {.op = OP_SUBMIT,
                           .class = class,
                           .account = cancel->bind->link->account,
                           .link = carrier,
                           .source = cancel->source,
                           .dest = cancel->dest};
    struct lane *lane = lane_of(s->relay, &like);
    uint64_t place = 0, message;

    if (lane)
        cancel_if_meant(s, cancel, lane->holder);
    for (uint32_t rows = 0; rows < CANCEL_ROWS_MAX && queue_row_after(s, &like, &place, &message);
         rows++)
        cancel_if_meant(s, cancel, message);
}

static enum smpp_status
cancel_all(struct step *s, struct bind *bind, const struct pdu_cancel *pdu)
{
    const struct account *account = account_of(s->relay, bind->link->account);
    struct cancel cancel = {.bind = bind, .service_type = pdu->service_type};
    struct rec_number number;

    if (addr_from_wire(&pdu->source, account->plan, &cancel.source) != ADDR_OK ||
        addr_from_wire(&pdu->dest, account->plan, &cancel.dest) != ADDR_OK ||
        !number_get(s, &cancel.source, &number) || number.account != bind->link->account)
        return SMPP_RCANCELFAIL;
    queue_flush(s); /* what came in this very turn has its row then */
    for (uint8_t class = 0; class < MSG_CLASSES; class ++)
        cancel_in_flow(s, &cancel, number.carrier, class);
    return cancel.cancelled ? SMPP_ROK : SMPP_RCANCELFAIL;
}

static void
cancel(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    const struct pdu_cancel *body = &pdu->body.cancel;
    enum smpp_status status = SMPP_RCANCELFAIL;
    struct rec_msg msg;
    uint64_t message;

    if (body->message_id.n == 0)
        status = cancel_all(s, bind, body);
    else if (own_message(s, bind, body->message_id, &body->source, &message, &msg) &&
             cancel_one(s, message, &msg))
        status = SMPP_ROK;
    reply_status(s, bind, pdu, status);
}

/* ---- replace_sm */

static enum smpp_status
replace_times(struct step *s, const struct pdu_replace *body, struct rec_msg *msg)
{
    uint64_t at;

    if (body->sm_default_msg_id != 0)
        return SMPP_RINVDFTMSGID;
    if (body->schedule_delivery_time.n > 0 &&
        (smpptime_parse(body->schedule_delivery_time, s->now_ms, &at) != SMPPTIME_OK ||
         at > s->now_ms))
        return SMPP_RINVSCHED;
    if (body->validity_period.n == 0)
        return SMPP_ROK;
    if (smpptime_parse(body->validity_period, s->now_ms, &at) != SMPPTIME_OK || at <= s->now_ms)
        return SMPP_RINVEXPIRY;
    msg->expires_ms = at;
    msg->flags |= MSGF_VALIDITY;
    return SMPP_ROK;
}

/* The new text is in the app's alphabet and keeps the old data_coding (there is no field for it).
 */
static enum smpp_status
replace_text(struct step *s, const struct bind *bind, struct slice octets, struct rec_msg *msg,
             struct slice *text)
{
    const struct account *account = account_of(s->relay, msg->account);
    enum text_alphabet app = text_alphabet_of(msg->data_coding, link_alphabet(bind->link));
    struct text_parts parts;

    if (octets.n == 0)
        return SMPP_RINVMSGLEN;
    *text = SLICE_NONE;
    if (app != TEXT_BINARY) {
        uint8_t *utf8 = store_scratch(s->txn, TEXT_UTF8_MAX(octets.n));

        *text = slice_of(utf8, text_to_utf8(app, octets, utf8, TEXT_UTF8_MAX(octets.n)));
    }
    if (app == msg->alphabet)
        msg->payload = octets;
    else
        compose_payload(s, msg, *text);
    parts = text_count_parts(msg->alphabet, msg->payload, TEXT_HEADER_8BIT);
    if (parts.count == 0 || parts.count > account->max_parts ||
        (parts.count > 1 && account->long_messages != LONG_CONCATENATE))
        return SMPP_RINVMSGLEN;
    msg->parts = (uint8_t)parts.count;
    msg->parts_done = SLICE_NONE;
    if (msg->parts > 1) {
        uint8_t *bits = store_scratch(s->txn, (msg->parts + 7u) / 8u);

        memset(bits, 0, (msg->parts + 7u) / 8u);
        msg->parts_done = slice_of(bits, (msg->parts + 7u) / 8u);
        msg->reference = compose_reference(s, &msg->dest);
    }
    return SMPP_ROK;
}

static void
replace(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    const struct pdu_replace *body = &pdu->body.replace;
    enum smpp_status status = SMPP_RREPLACEFAIL;
    struct slice text = SLICE_NONE;
    struct rec_msg msg;
    uint64_t message;

    /* With a header of the sender's in front, the text alone cannot be exchanged. */
    if (own_message(s, bind, body->message_id, &body->source, &message, &msg) &&
        msg.state == MSG_QUEUED && msg.parts_sent == 0 && !(msg.esm_class & SMPP_ESM_UDHI)) {
        status = replace_times(s, body, &msg);
        if (status == SMPP_ROK)
            status = replace_text(s, bind, body->short_message, &msg, &text);
    }
    if (status == SMPP_ROK) {
        msg.registered = body->registered_delivery;
        msg.wants_receipt = (msg.registered & 3u) != 0 || msg.conv != 0;
        message_put(s, message, &msg);
        conv_entry_text(s, &msg, text);
    }
    reply_status(s, bind, pdu, status);
}

void
manage_pdu(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    if (pdu->command_id == SMPP_QUERY_SM)
        query(s, bind, pdu);
    else if (pdu->command_id == SMPP_CANCEL_SM)
        cancel(s, bind, pdu);
    else
        replace(s, bind, pdu);
}
