/*
 * submit.c: a submit_sm or data_sm from an app: checked whole, refused with the status that names
 * what is wrong, or accepted with a message_id (R-rel-1, R-stop-5; rows M09..M35, L05..L14,
 * U01..U05 of bad-input.md).
 */
#include "gateway/relay/submit.h"

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/number.h"
#include "gateway/relay/outbound.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/roam.h"
#include "gateway/relay/schedule.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/tell.h"
#include "gateway/relay/text.h"
#include "gateway/relay/waiting.h"

static void
log_spoof(struct step *s, const struct submit *submit)
{
    struct line line = {.n = 0};

    line_text(&line, "spoof_attempt");
    line_key(&line, "app", submit->bind->link->name);
    line_addr(&line, "from", &submit->msg.source);
    line_log(s, LOG_LEVEL_WARN, &line);
}

/* An app with a list may send from the numbers in it only. */
static bool
source_allowed(const struct dir_app *app, const struct addr *source)
{
    for (uint32_t i = 0; i < app->source_count; i++) {
        if (addr_eq(&app->sources[i], source))
            return true;
    }
    return app->source_count == 0;
}

bool
app_source(struct step *s, const struct bind *bind, const struct pdu_address *wire,
           struct addr *out)
{
    const struct dir_app *app = bind->link->app;
    const struct account *account = account_of(s->relay, bind->link->account);

    if (wire->digits.n > 0)
        return addr_from_wire(wire, account->plan, out) == ADDR_OK;
    if (!app || app->source_count == 0)
        return false;
    *out = app->sources[0];
    return true;
}

static enum smpp_status
check_source(struct step *s, struct submit *submit)
{
    bool known;

    if (!app_source(s, submit->bind, &submit->sm->source, &submit->msg.source))
        return SMPP_RINVSRCADR;
    known = number_get(s, &submit->msg.source, &submit->number) &&
            submit->number.account == submit->msg.account;
    /* A directory that is still being written may bring the number. */
    if (!known && s->relay->apply)
        return SMPP_RSYSERR;
    if (!known || !source_allowed(submit->bind->link->app, &submit->msg.source)) {
        log_spoof(s, submit);
        return SMPP_RINVSRCADR;
    }
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

/* What SMPP asks of the carrier beyond carrying the text: a mode, and a mark of GSM's.
 *
 * Datagram mode promises less than we do (no retry), so a message that asks for it is stored and
 * tried again like any other. Transaction mode would have to carry the outcome in the response,
 * which comes before the message is sent. Modes are agreed hop by hop: none goes on. */
static enum smpp_status
check_esm_class(struct submit *submit)
{
    uint8_t esm_class = submit->sm->esm_class;

    if ((esm_class & SMPP_ESM_TYPE_MASK) != 0 ||
        (esm_class & SMPP_ESM_MODE_MASK) == SMPP_ESM_MODE_FORWARD)
        return SMPP_RINVESMCLASS;
    submit->msg.esm_class = esm_class & SMPP_ESM_REPLY_PATH;
    return SMPP_ROK;
}

static enum smpp_status
check_times(struct step *s, struct submit *submit)
{
    const struct pdu_sm *sm = submit->sm;
    uint32_t seconds;

    if (schedule_parse(s, sm->schedule_delivery_time, &submit->msg.due_ms) != SMPP_ROK)
        return SMPP_RINVSCHED;
    if (submit->pdu->command_id == SMPP_DATA_SM &&
        tlv_number(submit->pdu->tlvs, SMPP_TAG_QOS_TIME_TO_LIVE, &seconds)) {
        uint64_t ms = seconds * 1000ull;

        /* data_sm has no other way to say it. */
        submit->msg.expires_ms = s->now_ms + (ms < VALIDITY_MS_MAX ? ms : VALIDITY_MS_MAX);
        submit->msg.flags |= MSGF_VALIDITY;
        return seconds > 0 ? SMPP_ROK : SMPP_RINVTLVVAL;
    }
    if (sm->validity_period.n == 0)
        return SMPP_ROK;
    if (validity_parse(s, sm->validity_period, submit->msg.due_ms, &submit->msg.expires_ms) !=
        SMPP_ROK)
        return SMPP_RINVEXPIRY;
    submit->msg.flags |= MSGF_VALIDITY;
    return SMPP_ROK;
}

static enum smpp_status
check_fields(struct step *s, struct submit *submit)
{
    const struct pdu_sm *sm = submit->sm;
    enum smpp_status status = check_esm_class(submit);

    if (status != SMPP_ROK)
        return status;
    if (sm->sm_default_msg_id != 0)
        return SMPP_RINVDFTMSGID;
    if (!protocol_id_allowed(sm->protocol_id))
        return SMPP_RSUBMITFAIL;
    if (!data_coding_allowed(sm->data_coding)) /* M35: 3.4 has no status for it */
        return bind_speaks_50(submit->bind) ? SMPP_RINVDCS : SMPP_RSUBMITFAIL;
    return check_times(s, submit);
}

/* One part that the app made of a longer text, if there is nothing else in its header: the link it
 * goes to says how it is marked there (L3). */
static void
check_part(struct submit *submit, const struct udh *udh)
{
    struct rec_msg *msg = &submit->msg;

    if (udh->concat.total <= 1 || header_is_senders(udh))
        return;
    msg->part_total = udh->concat.total;
    msg->part_index = udh->concat.index;
    msg->reference = udh->concat.reference;
    msg->form = !submit->udhi ? LONG_FORM_SAR : udh->concat.wide ? LONG_FORM_UDH16 : LONG_FORM_UDH;
    submit->udhi = false;
}

static enum smpp_status
check_text(struct step *s, struct submit *submit)
{
    struct slice user_data = pdu_text(submit->pdu);
    struct rec_msg *msg = &submit->msg;
    struct link *app = submit->bind->link;
    struct udh udh;
    enum udh_err err = udh_of_pdu(submit->pdu, &udh);
    size_t header;

    submit->udhi = (submit->sm->esm_class & SMPP_ESM_UDHI) != 0;
    msg->data_coding = msg->coding = submit->sm->data_coding;
    submit->alphabet = text_alphabet_of(msg->data_coding, link_alphabet(app));
    msg->alphabet = (uint8_t)submit->alphabet;
    if (user_data.n == 0 || user_data.n > TEXT_OCTETS_MAX)
        return SMPP_RINVMSGLEN;
    if (submit->udhi && (err != UDH_OK || user_data.n > SMPP_SHORT_MESSAGE_BYTES))
        return SMPP_RINVMSGLEN;
    if (!submit->udhi && submit->alphabet == TEXT_UCS2 && user_data.n % 2)
        return SMPP_RINVMSGLEN;
    check_part(submit, &udh);
    header = user_data.n - udh.text.n;
    user_data = user_data_from(s, app, msg->data_coding, user_data, header);
    if (submit->udhi)
        msg->esm_class |= SMPP_ESM_UDHI;
    else
        user_data = slice_of(user_data.p + header, user_data.n - header);
    submit->octets = msg->payload = user_data;
    return SMPP_ROK;
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

/* R-shape-1: interactive, or its app or its account is. */
static uint8_t
class_of(const struct step *s, const struct submit *submit)
{
    const struct link *app = submit->bind->link;
    const struct dir_account *dir = account_of(s->relay, app->account)->dir;

    if (submit->sm->priority_flag > 0 || (dir && dir->class == CLASS_CHAT))
        return CLASS_CHAT;
    return (uint8_t)app->app->class;
}

static void
submit_fields(const struct step *s, struct submit *submit)
{
    const struct pdu_sm *sm = submit->sm;
    struct link *app = submit->bind->link;

    submit->msg = (struct rec_msg){
        .op = OP_SUBMIT,
        .account = app->account,
        .origin = app->id,
        .class = class_of(s, submit),
        .protocol_id = sm->protocol_id,
        /* 4 is of 5.0 and for cell broadcast; what a phone gets has nothing above 3. */
        .priority = sm->priority_flag > 3 ? 3 : sm->priority_flag,
        .registered = sm->registered_delivery,
        .service_type = sm->service_type,
        .wants_receipt = tell_wanted(submit->bind->link, sm->registered_delivery),
        .flags = submit->bind->peer_version < SMPP_VERSION_34 ? MSGF_SHORT_ID : 0,
    };
}

enum smpp_status
submit_begin(struct step *s, struct submit *submit, struct bind *bind, const struct pdu *pdu)
{
    enum smpp_status status = submit_gate(s, bind);

    *submit = (struct submit){.bind = bind, .pdu = pdu, .sm = &pdu->body.sm};
    if (status != SMPP_ROK)
        return status;
    submit->account = account_of(s->relay, bind->link->account);
    submit_fields(s, submit);
    status = check_source(s, submit);
    if (status == SMPP_ROK)
        status = check_fields(s, submit);
    return status == SMPP_ROK ? check_text(s, submit) : status;
}

/* ---- one destination */

/* What goes on with the message: user_message_reference comes back in receipts, vendors' TLVs are
 * for who knows them. */
static void
submit_tlvs(struct step *s, struct submit *submit)
{
    const struct conf_carrier *carrier = submit->carrier->carrier;
    struct slice theirs = submit->pdu->tlvs;
    struct tlv reference;
    size_t used = 0;
    uint8_t *tlvs;

    if (theirs.n == 0)
        return;
    tlvs = store_scratch(s->txn, VENDOR_TLVS_BYTES_MAX + 8);
    if (tlv_find(theirs, SMPP_TAG_USER_MESSAGE_REFERENCE, &reference))
        (void)tlv_put(tlvs, 8, &used, reference.tag, reference.value);
    if (carrier && carrier->vendor_tlvs)
        used += tlv_copy_vendor(theirs, tlvs + used, VENDOR_TLVS_BYTES_MAX);
    submit->msg.tlvs = slice_of(tlvs, used);
}

/* It is as much 1:1 as an agent's. */
static bool
is_answer_of_bot(struct step *s, struct submit *submit)
{
    const struct rec_msg *msg = &submit->msg;
    struct conv conv;

    return submit->number.role == ROLE_BUSINESS &&
           conv_open_of(s, msg->account, &msg->source, &msg->dest, &conv) &&
           number_answers(s, &conv, &submit->number, msg->origin);
}

static enum smpp_status
check_dest(struct step *s, struct submit *submit, const struct pdu_address *dest)
{
    struct addr *addr = &submit->msg.dest;

    if (addr_from_wire(dest, submit->account->plan, addr) != ADDR_OK || addr->kind == ADDR_ALPHA ||
        addr->kind == ADDR_NONE)
        return SMPP_RINVDSTADR;
    if (stop_is_out(s, submit->msg.account, addr) && !PLANTED(STOP_FORGETS_APPS)) {
        s->relay->count.refused_optout++;
        return (enum smpp_status)STATUS_OPTED_OUT;
    }
    /* Where it goes depends on its class: what waits of a conversation stays together. */
    if (is_answer_of_bot(s, submit))
        submit->msg.class = CLASS_CHAT;
    if (!roam_route(s, &submit->msg, submit->number.carrier))
        return SMPP_RINVDSTADR;
    submit->carrier = link_find(s->relay, submit->msg.link);
    submit_tlvs(s, submit);
    return SMPP_ROK;
}

static bool
is_text(const struct submit *submit)
{
    return submit->alphabet != TEXT_BINARY && !submit->udhi;
}

struct slice
submit_text(struct step *s, const struct submit *submit)
{
    size_t room = TEXT_UTF8_MAX(submit->octets.n);
    uint8_t *text;

    if (!is_text(submit))
        return SLICE_NONE;
    text = store_scratch(s->txn, room);
    return slice_of(text, text_to_utf8(submit->alphabet, submit->octets, text, room));
}

/* Do the app's octets go on unchanged, since both sides agree on what they mean? */
static bool
octets_pass(const struct submit *submit)
{
    bool same = submit->alphabet ==
                text_alphabet_of(submit->sm->data_coding, link_alphabet(submit->carrier));
    bool split = submit->account->long_messages == LONG_SPLIT && submit->msg.part_total <= 1;

    return !is_text(submit) || (same && !split);
}

/* A part that the app made goes by itself. Where it gets a header that it had not (for sar_* TLVs)
 * or its text becomes longer in another alphabet, it may be too long for a part. */
static bool
part_fits(const struct submit *submit, uint8_t made)
{
    const struct rec_msg *msg = &submit->msg;

    return msg->form == LONG_FORM_SAR ||
           (msg->form == made && msg->payload.p == submit->octets.p) ||
           msg->payload.n <= text_room(msg->alphabet, msg->form == LONG_FORM_UDH16 ? 7 : 6);
}

enum smpp_status
submit_fit(struct step *s, struct submit *submit)
{
    const struct account *account = submit->account;
    struct rec_msg *msg = &submit->msg;
    uint8_t made = msg->form;
    uint32_t parts;

    if (!octets_pass(submit))
        compose_payload(s, msg, submit_text(s, submit));
    parts = outbound_cut(s, msg);
    if (msg->part_total > 1)
        return part_fits(submit, made) ? SMPP_ROK : SMPP_RINVMSGLEN;
    submit->pieces = parts != 1 && account->long_messages == LONG_SPLIT && is_text(submit);
    if (submit->pieces)
        return SMPP_ROK;
    if (parts == 0 ||
        (parts > 1 && (account->long_messages != LONG_CONCATENATE || parts > account->max_parts)))
        return SMPP_RINVMSGLEN;
    if (msg->parts > 1) /* parts are made when they are sent */
        msg->reference = compose_reference(s, &msg->dest);
    return SMPP_ROK;
}

static enum smpp_status
submit_accept(struct step *s, struct submit *submit, uint64_t *message)
{
    if (!submit->pieces) {
        *message = queue_accept(s, &submit->msg);
        return SMPP_ROK;
    }
    return compose(s, &submit->msg, submit_text(s, submit), false, message) == COMPOSE_OK
               ? SMPP_ROK
               : SMPP_RINVMSGLEN;
}

/* What an app says from a business number belongs to the conversation that is open there
 * (R-conv-9). */
static void
submit_history(struct step *s, struct submit *submit, struct conv *conv, uint64_t message)
{
    struct rec_entry entry = {.kind = ENTRY_OUT,
                              .state = submit->msg.due_ms ? MSG_SCHEDULED : MSG_QUEUED,
                              .at_ms = s->now_ms,
                              .message = message,
                              .text = submit->octets,
                              .alphabet = TEXT_BINARY};

    if (is_text(submit)) {
        entry.text = submit_text(s, submit);
        entry.alphabet = 0;
    }
    conv_entry(s, conv, &entry);
    conv_answered(s, conv, 0);
    conv_put(s, conv);
}

static enum smpp_status
submit_new(struct step *s, struct submit *submit, uint64_t *message)
{
    struct rec_msg *msg = &submit->msg;
    enum smpp_status status;
    struct conv conv;
    bool in_conv = submit->number.role == ROLE_BUSINESS &&
                   conv_open_of(s, msg->account, &msg->source, &msg->dest, &conv);

    if (in_conv) {
        conv_entry_ahead(s, &conv, msg);
        msg->wants_receipt |= 1u; /* for the history; the app is told what it asked for */
    }
    status = submit_accept(s, submit, message);
    if (status == SMPP_ROK && in_conv)
        submit_history(s, submit, &conv, *message);
    return status;
}

enum smpp_status
submit_to(struct step *s, struct submit *submit, const struct pdu_address *dest, uint64_t *message)
{
    enum smpp_status status = check_dest(s, submit, dest);

    *message = 0;
    if (status == SMPP_ROK && submit->sm->replace_if_present_flag && !manage_may_search(s))
        status = SMPP_RTHROTTLED;
    if (status == SMPP_ROK)
        status = submit_fit(s, submit);
    if (status == SMPP_ROK &&
        !(submit->sm->replace_if_present_flag && submit_replaces(s, submit, message)))
        status = submit_new(s, submit, message);
    if (status == SMPP_ROK)
        s->relay->count.messages_in++;
    return status;
}

void
submit_pdu(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    struct submit submit;
    uint64_t message;
    char id[24];
    enum smpp_status status = submit_begin(s, &submit, bind, pdu);

    if (status == SMPP_ROK)
        status = submit_to(s, &submit, &submit.sm->dest, &message);
    if (status == SMPP_ROK)
        reply_id(s, bind, pdu, message_id_told(&submit.msg, message, id), 0);
    else
        reply_status(s, bind, pdu, status);
}
