/*
 * replace.c: a message that still waits becomes another one: by replace_sm, which names it, or by a
 * submit_sm with replace_if_present_flag, which only says whom it is from and to (conformance
 * section 12). It keeps its number and its place.
 */
#include "gateway/relay/submit.h"

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/outbound.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/schedule.h"
#include "gateway/relay/tell.h"
#include "gateway/relay/text.h"

/* No part of the new text has been sent. */
static void
none_done(struct step *s, struct rec_msg *msg)
{
    size_t n = (msg->parts + 7u) / 8u;
    uint8_t *bits;

    msg->parts_done = SLICE_NONE;
    if (msg->parts <= 1)
        return;
    bits = store_scratch(s->txn, n);
    memset(bits, 0, n);
    msg->parts_done = slice_of(bits, n);
}

/* One of several parts that its sender made is no message that could be exchanged. What was on the
 * wire once may be on the phone: a late answer to the old text would count for the new one. */
static bool
replaceable(const struct rec_msg *msg)
{
    return (msg->state == MSG_QUEUED || msg->state == MSG_SCHEDULED) && msg->parts_sent == 0 &&
           msg->part_total <= 1 && !(msg->flags & MSGF_POSSIBLE_DUPLICATE);
}

/* It is what *msg says now, and may have another time. */
static void
put_changed(struct step *s, uint64_t message, const struct rec_msg *before, struct rec_msg *msg)
{
    if (before->state == MSG_SCHEDULED)
        schedule_remove(s, message, before);
    else if (msg->due_ms)
        queue_cancel(s, message, before);
    if (msg->due_ms) {
        if (before->state != MSG_SCHEDULED)
            conv_entry_state(s, msg, MSG_SCHEDULED);
        msg->place = 0;
        msg->retry_ms = 0;
        schedule_put(s, message, msg);
    } else if (before->state == MSG_SCHEDULED) {
        schedule_leave(s, message, msg);
    } else {
        message_put(s, message, msg);
    }
}

/* ---- replace_sm */

static enum smpp_status
replace_times(struct step *s, const struct pdu_replace *body, struct rec_msg *msg)
{
    if (body->sm_default_msg_id != 0)
        return SMPP_RINVDFTMSGID;
    if (body->schedule_delivery_time.n > 0) {
        if (schedule_parse(s, body->schedule_delivery_time, &msg->due_ms) != SMPP_ROK)
            return SMPP_RINVSCHED;
        if (!(msg->flags & MSGF_VALIDITY))
            msg->expires_ms =
                (msg->due_ms ? msg->due_ms : s->now_ms) + s->relay->conf->relay.validity_ms;
    }
    if (body->validity_period.n == 0)
        return SMPP_ROK;
    if (validity_parse(s, body->validity_period, msg->due_ms, &msg->expires_ms) != SMPP_ROK)
        return SMPP_RINVEXPIRY;
    msg->flags |= MSGF_VALIDITY;
    return SMPP_ROK;
}

/* The new text has the data_coding that the app gave the old one (there is no field for it): the
 * old one may have been put into another alphabet. */
static enum smpp_status
replace_text(struct step *s, const struct bind *bind, struct slice octets, struct rec_msg *msg,
             struct slice *text)
{
    const struct account *account = account_of(s->relay, msg->account);
    enum text_alphabet app = text_alphabet_of(msg->coding, link_alphabet(bind->link));
    const struct link *carrier = link_find(s->relay, msg->link);
    uint32_t parts;

    if (octets.n == 0 || (app == TEXT_UCS2 && octets.n % 2))
        return SMPP_RINVMSGLEN;
    msg->data_coding = msg->coding;
    octets = user_data_from(s, bind->link, msg->coding, octets, 0);
    *text = SLICE_NONE;
    if (app != TEXT_BINARY) {
        uint8_t *utf8 = store_scratch(s->txn, TEXT_UTF8_MAX(octets.n));

        *text = slice_of(utf8, text_to_utf8(app, octets, utf8, TEXT_UTF8_MAX(octets.n)));
    }
    if (app == text_alphabet_of(msg->coding, link_alphabet(carrier))) {
        msg->payload = octets;
        msg->alphabet = (uint8_t)app;
    } else {
        compose_payload(s, msg, *text);
    }
    parts = outbound_cut(s, msg);
    if (parts == 0 || parts > account->max_parts ||
        (parts > 1 && account->long_messages != LONG_CONCATENATE))
        return SMPP_RINVMSGLEN;
    none_done(s, msg);
    if (msg->parts > 1)
        msg->reference = compose_reference(s, &msg->dest);
    return SMPP_ROK;
}

/* 5.0 allows message_payload here too; to 3.4 it is a TLV that does not belong (F15). */
static struct slice
new_text(const struct bind *bind, const struct pdu *pdu)
{
    struct slice text = pdu->body.replace.short_message;
    struct tlv payload;

    if (text.n == 0 && bind_speaks_50(bind) &&
        tlv_find(pdu->tlvs, SMPP_TAG_MESSAGE_PAYLOAD, &payload))
        return payload.value;
    return text;
}

static enum smpp_status
replace_named(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    const struct pdu_replace *body = &pdu->body.replace;
    struct own_message named = {body->message_id, &body->source};
    enum smpp_status status;
    struct rec_msg msg, before;
    struct slice text;
    uint64_t message;

    /* With a header of the sender's in front, the text alone cannot be exchanged. Of many messages
     * under one ID some may be gone: all or none could not be kept. */
    if (!manage_own_message(s, bind, &named, &message, &msg) || !replaceable(&msg) ||
        msg.esm_class & SMPP_ESM_UDHI || msg.group_total > 1)
        return SMPP_RREPLACEFAIL;
    if ((body->registered_delivery & SMPP_REGISTERED_MASK) == SMPP_REGISTERED_SUCCESS &&
        !bind_speaks_50(bind))
        return SMPP_RINVREGDLVFLG;
    before = msg;
    status = replace_times(s, body, &msg);
    if (status == SMPP_ROK)
        status = replace_text(s, bind, new_text(bind, pdu), &msg, &text);
    if (status != SMPP_ROK)
        return status;
    msg.registered = body->registered_delivery;
    msg.wants_receipt = tell_wanted(bind->link, msg.registered) | (msg.conv != 0);
    put_changed(s, message, &before, &msg);
    conv_entry_text(s, &msg, text);
    return SMPP_ROK;
}

void
replace_pdu(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    reply_status(s, bind, pdu, replace_named(s, bind, pdu));
}

/* ---- replace_if_present_flag */

struct present {
    struct waiting_visit visit;
    struct slice service_type;
    uint64_t place;
    uint64_t message; /* 0: none */
    struct rec_msg msg;
};

/* The newest one: those before it are older news, and the phone is to show the latest last. */
static void
present_if_meant(struct step *s, struct waiting_visit *visit, uint64_t message, struct rec_msg *msg)
{
    struct present *present = (struct present *)visit;

    (void)s;
    if (place_of(message, msg) < present->place || !replaceable(msg) ||
        !slice_eq(msg->service_type, present->service_type))
        return;
    present->place = place_of(message, msg);
    present->message = message;
    present->msg = *msg;
}

/* The new message in the place of the old one: what the queue, the conversation and the retries
 * know of it stays. */
static void
take_place(struct step *s, struct submit *submit, uint64_t message, const struct rec_msg *old)
{
    struct rec_msg msg = submit->msg;
    uint64_t from_ms = msg.due_ms ? msg.due_ms : s->now_ms;

    msg.state = old->state;
    msg.attempts = old->attempts;
    msg.accepted_ms = s->now_ms;
    if (msg.expires_ms == 0)
        msg.expires_ms = from_ms + s->relay->conf->relay.validity_ms;
    msg.retry_ms = old->retry_ms;
    msg.place = old->place;
    msg.conv = old->conv;
    msg.wants_receipt |= msg.conv != 0;
    msg.entry = old->entry;
    msg.history = old->history;
    none_done(s, &msg);
    put_changed(s, message, old, &msg);
    conv_entry_text(s, &msg, submit_text(s, submit));
}

/* Pieces of old texts that one event ends: those of many receivers of a submit_multi could come to
 * more than it may write. One submit_sm is never short of it. */
#define PIECES_BYTES_MAX (STORE_TURN_BYTES + STORE_EVENT_BYTES / 4)

/* The old text ends: all its pieces that still wait, for the others would be shown cut off. */
static void
end_text(struct step *s, struct present *present)
{
    uint64_t first = present->msg.piece_of ? present->msg.piece_of : present->message;
    struct rec_msg msg = present->msg;
    uint64_t last;

    (void)manage_end_waiting(s, present->message, &msg);
    if (!(present->msg.flags & MSGF_PIECE) || !message_get(s, first, &msg))
        return;
    last = first + msg.pieces;
    for (uint64_t piece = first;
         piece < last && relay_turn_bytes(s->relay, s->txn) < PIECES_BYTES_MAX; piece++)
        if (message_get(s, piece, &msg) && (piece == first || msg.piece_of == first))
            (void)manage_end_waiting(s, piece, &msg);
}

bool
submit_replaces(struct step *s, struct submit *submit, uint64_t *message)
{
    struct present present = {.visit = {.take = present_if_meant},
                              .service_type = submit->msg.service_type};
    struct rec_msg *old = &present.msg;

    if (submit->msg.part_total > 1)
        return false;
    manage_waiting(s, &submit->msg, &present.visit);
    if (present.message == 0)
        return false;
    if (!submit->pieces && old->class == submit->msg.class && old->link == submit->msg.link &&
        old->group == 0 && old->group_total <= 1) {
        take_place(s, submit, present.message, old);
        *message = present.message;
        return true;
    }
    /* One message cannot become several nor several one, nor one of many under one ID another; nor
     * can it change its queue. It ends, and the new one goes behind. */
    end_text(s, &present);
    return false;
}
