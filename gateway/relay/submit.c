/*
 * submit.c: a submit_sm or data_sm from an app: checked whole, refused with the status that names
 * what is wrong, or accepted with a message_id (R-rel-1, R-stop-5; rows M09..M35, L05..L14,
 * U01..U05 of bad-input.md).
 */
#include "gateway/relay/core.h"

#include "protocol/smpptime.h"

/* Transaction mode would have to carry the outcome in the response, which comes before the message
 * is sent. */
#define ESM_MODE_MASK 0x03u
#define ESM_MODE_TRANSACTION 0x02u

struct submit {
    struct bind *bind;
    const struct pdu *pdu;
    const struct pdu_sm *sm;
    const struct account *account;
    struct link *carrier;
    struct rec_number number;
    struct rec_msg msg;
    bool udhi;
    enum text_alphabet alphabet; /* of the app's octets */
};

static void
log_spoof(struct step *s, const struct submit *submit)
{
    struct line line = {.n = 0};

    line_text(&line, "spoof_attempt");
    line_key(&line, "app", submit->bind->link->name);
    line_addr(&line, "from", &submit->msg.source);
    line_log(s, LOG_LEVEL_WARN, &line);
}

static enum smpp_status
check_source(struct step *s, struct submit *submit)
{
    if (addr_from_wire(&submit->sm->source, submit->account->plan, &submit->msg.source) != ADDR_OK)
        return SMPP_RINVSRCADR;
    if (!number_get(s, &submit->msg.source, &submit->number) ||
        submit->number.account != submit->msg.account) {
        /* A directory that is still being written may bring the number. */
        if (s->relay->apply)
            return SMPP_RSYSERR;
        log_spoof(s, submit);
        return SMPP_RINVSRCADR;
    }
    submit->carrier = link_find(s->relay, submit->number.carrier);
    return submit->carrier ? SMPP_ROK : SMPP_RINVSRCADR;
}

static enum smpp_status
check_dest(struct submit *submit)
{
    if (addr_from_wire(&submit->sm->dest, submit->account->plan, &submit->msg.dest) != ADDR_OK ||
        submit->msg.dest.kind == ADDR_ALPHA || submit->msg.dest.kind == ADDR_NONE)
        return SMPP_RINVDSTADR;
    return SMPP_ROK;
}

static bool
protocol_id_allowed(uint8_t protocol_id)
{
    return protocol_id == 0 || (protocol_id >= 0x40 && protocol_id <= 0x47); /* L13 */
}

/* Codings that a text or a file can have; message waiting and OTA (L14) need a permission that no
 * account has yet. */
static bool
data_coding_allowed(uint8_t data_coding)
{
    return data_coding <= 0x0E || (data_coding >= 0x10 && data_coding <= 0x1B) ||
           (data_coding & 0xF8u) == 0xF0u;
}

static enum smpp_status
check_fields(struct step *s, struct submit *submit)
{
    const struct pdu_sm *sm = submit->sm;
    uint64_t at;

    if ((sm->esm_class & SMPP_ESM_TYPE_MASK) != 0 ||
        (sm->esm_class & ESM_MODE_MASK) == ESM_MODE_TRANSACTION)
        return SMPP_RINVESMCLASS;
    if (sm->sm_default_msg_id != 0)
        return SMPP_RINVDFTMSGID;
    if (!protocol_id_allowed(sm->protocol_id) || !data_coding_allowed(sm->data_coding))
        return SMPP_RSUBMITFAIL;
    if (sm->schedule_delivery_time.n > 0 &&
        (smpptime_parse(sm->schedule_delivery_time, s->now_ms, &at) != SMPPTIME_OK ||
         at > s->now_ms))
        return SMPP_RINVSCHED;
    if (sm->validity_period.n == 0)
        return SMPP_ROK;
    if (smpptime_parse(sm->validity_period, s->now_ms, &submit->msg.expires_ms) != SMPPTIME_OK ||
        submit->msg.expires_ms <= s->now_ms)
        return SMPP_RINVEXPIRY;
    submit->msg.flags |= MSGF_VALIDITY;
    return SMPP_ROK;
}

static enum smpp_status
check_text(struct submit *submit)
{
    struct rec_msg *msg = &submit->msg;
    struct udh udh;

    submit->udhi = (submit->sm->esm_class & SMPP_ESM_UDHI) != 0;
    msg->payload = pdu_text(submit->pdu);
    msg->data_coding = submit->sm->data_coding;
    submit->alphabet = text_alphabet_of(msg->data_coding, link_alphabet(submit->bind->link));
    msg->alphabet = (uint8_t)submit->alphabet;
    if (msg->payload.n == 0 || msg->payload.n > TEXT_OCTETS_MAX)
        return SMPP_RINVMSGLEN;
    if (!submit->udhi)
        return msg->alphabet == TEXT_UCS2 && msg->payload.n % 2 ? SMPP_RINVMSGLEN : SMPP_ROK;
    if (udh_parse(msg->payload, &udh) != UDH_OK || msg->payload.n > SMPP_SHORT_MESSAGE_BYTES)
        return SMPP_RINVMSGLEN;
    msg->esm_class = SMPP_ESM_UDHI;
    return SMPP_ROK;
}

static enum smpp_status
submit_check(struct step *s, struct submit *submit)
{
    enum smpp_status status = check_source(s, submit);

    if (status == SMPP_ROK)
        status = check_dest(submit);
    if (status == SMPP_ROK)
        status = check_fields(s, submit);
    if (status == SMPP_ROK)
        status = check_text(submit);
    if (status == SMPP_ROK && stop_is_out(s, submit->msg.account, &submit->msg.dest)) {
        s->relay->count.refused_optout++;
        return (enum smpp_status)STATUS_OPTED_OUT;
    }
    return status;
}

/* The app's octets go on unchanged where both sides agree on what they mean; parts are made when
 * they are sent. */
static enum smpp_status
submit_octets(struct step *s, struct submit *submit, uint64_t *message)
{
    struct rec_msg *msg = &submit->msg;
    uint32_t parts = 1;

    if (!submit->udhi)
        parts = text_count_parts(msg->alphabet, msg->payload, TEXT_HEADER_8BIT).count;
    if (parts == 0 || (parts > 1 && (submit->account->long_messages != LONG_CONCATENATE ||
                                     parts > submit->account->max_parts)))
        return SMPP_RINVMSGLEN;
    msg->parts = (uint8_t)parts;
    if (parts > 1)
        msg->reference = compose_reference(s, &msg->dest);
    *message = queue_accept(s, msg);
    return SMPP_ROK;
}

static bool
is_text(const struct submit *submit)
{
    return submit->alphabet != TEXT_BINARY && !submit->udhi;
}

/* What the app wrote, in UTF-8: what goes out may be in another alphabet, or the last of several
 * pieces. */
static struct slice
submit_text(struct step *s, const struct submit *submit)
{
    struct slice octets = pdu_text(submit->pdu);
    size_t room = TEXT_UTF8_MAX(octets.n);
    uint8_t *text = store_scratch(s->txn, room);

    return slice_of(text, text_to_utf8(submit->alphabet, octets, text, room));
}

static enum smpp_status
submit_accept(struct step *s, struct submit *submit, uint64_t *message)
{
    struct rec_msg *msg = &submit->msg;
    bool same = msg->data_coding != 0 ||
                link_alphabet(submit->carrier) == link_alphabet(submit->bind->link);

    if (!is_text(submit) || (same && submit->account->long_messages != LONG_SPLIT))
        return submit_octets(s, submit, message);
    return compose(s, msg, submit_text(s, submit), false, message) == COMPOSE_OK ? SMPP_ROK
                                                                                 : SMPP_RINVMSGLEN;
}

/* What an app says from a business number belongs to the conversation that is open there
 * (R-conv-9). */
static void
submit_history(struct step *s, struct submit *submit, struct conv *conv, uint64_t message)
{
    struct rec_entry entry = {.kind = ENTRY_OUT,
                              .state = MSG_QUEUED,
                              .at_ms = s->now_ms,
                              .message = message,
                              .text = pdu_text(submit->pdu),
                              .alphabet = TEXT_BINARY};

    if (is_text(submit)) {
        entry.text = submit_text(s, submit);
        entry.alphabet = 0;
    }
    conv_entry(s, conv, &entry);
    conv->rec.last_out_ms = s->now_ms;
    conv_put(s, conv);
}

static void
submit_begin(struct step *s, struct submit *submit, struct bind *bind, const struct pdu *pdu)
{
    struct tlv reference;

    submit->bind = bind;
    submit->pdu = pdu;
    submit->sm = &pdu->body.sm;
    submit->account = account_of(s->relay, bind->link->account);
    submit->msg = (struct rec_msg){
        .op = OP_SUBMIT,
        .account = bind->link->account,
        .origin = bind->link->id,
        .class = submit->sm->priority_flag > 0 ? CLASS_CHAT : (uint8_t)bind->link->app->class,
        .protocol_id = submit->sm->protocol_id,
        .priority = submit->sm->priority_flag,
        .registered = submit->sm->registered_delivery,
        .service_type = submit->sm->service_type,
        .wants_receipt = (submit->sm->registered_delivery & 3u) != 0,
    };
    if (tlv_find(pdu->tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &reference)) {
        uint8_t *tlvs = store_scratch(s->txn, 8);
        size_t used = 0;

        if (tlv_put(tlvs, 8, &used, reference.tag, reference.value))
            submit->msg.tlvs = slice_of(tlvs, used);
    }
}

/* Before anything is looked at: may this app be served at all now? */
static enum smpp_status
submit_gate(struct step *s, struct bind *bind)
{
    const struct account *account = account_of(s->relay, bind->link->account);

    /* An account is not known while its directory is being written for the first time. */
    if (!bind->link->app || s->relay->stopping || !account->known || account->removed)
        return SMPP_RSYSERR;
    if (s->relay->room == STORE_TIGHT) {
        s->relay->count.refused_full++;
        return SMPP_RMSGQFUL;
    }
    return SMPP_ROK;
}

void
submit_pdu(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    enum smpp_status status = submit_gate(s, bind);
    uint64_t message = 0;
    struct submit submit;
    struct conv conv;
    bool in_conv;
    char id[24];

    if (status == SMPP_ROK) {
        submit_begin(s, &submit, bind, pdu);
        status = submit_check(s, &submit);
    }
    if (status == SMPP_ROK) {
        submit.msg.link = submit.carrier->id;
        in_conv = submit.number.role == ROLE_BUSINESS &&
                  conv_open_of(s, submit.msg.account, &submit.msg.source, &submit.msg.dest, &conv);
        if (in_conv) {
            submit.msg.conv = conv.id;
            submit.msg.entry = conv.rec.entries + 1;
        }
        status = submit_accept(s, &submit, &message);
        if (status == SMPP_ROK && in_conv)
            submit_history(s, &submit, &conv, message);
    }
    if (status != SMPP_ROK) {
        reply_status(s, bind, pdu, status);
        return;
    }
    s->relay->count.messages_in++;
    reply_id(s, bind, pdu, message_id_text(message, id), 0);
}
