/*
 * outbound.c: what a message looks like on a link's wire: how many parts it is, and the PDU of each
 * of them (conformance L1 to L5, E6). Separate from leg.c, which decides when a part goes and what
 * its answer means.
 *
 * A text that we split becomes parts with a user data header (8 or 16 bits of reference), segments
 * with sar_* TLVs, or one PDU with message_payload, as its link wants it. Segments are as long as
 * parts with an 8-bit header: whoever takes them puts such a header in front before they go over
 * the air, and so the same segments can go out either way, to a peer without TLVs too. A part that
 * its sender made changes only what its header says; one with other elements in its header (ports,
 * national languages) stays as it is (E8).
 */
#include "gateway/relay/outbound.h"

#include <assert.h>

#include "gateway/relay/core.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/link.h"
#include "gateway/relay/text.h"
#include "protocol/smpptime.h"

#define SAR_TLVS_BYTES 16u     /* 6 + 5 + 5 */
#define TTL_TLV_BYTES 8u
#define REFERENCE_TLV_BYTES 6u
/* Between the references of a text's parts, so that they are not those of the next messages. */
#define REFERENCE_STEP 4099u

/* One PDU, as it is put together. */
struct outbound {
    struct step *s;
    const struct bind *bind;
    const struct rec_msg *msg;
    enum conf_long_form form;
    struct concat concat; /* total 0: says nothing */
    bool data_sm;
    bool tlvs; /* the peer takes some (B7) */
    struct session_token token;
};

/* ---- how many parts */

/* The alphabet that cutting goes by. */
static enum text_alphabet
cut_alphabet(const struct link *link, const struct rec_msg *msg)
{
    return link && msg->alphabet == TEXT_GSM && link_packed(link, msg->data_coding)
               ? TEXT_GSM_PACKED
               : (enum text_alphabet)msg->alphabet;
}

static enum text_header
header_of(uint8_t form)
{
    return form == LONG_FORM_UDH16 ? TEXT_HEADER_16BIT : TEXT_HEADER_8BIT;
}

/* A part that its sender made leaves no more room than the header it was made for: 16 bits stay 16
 * bits, everything else can be 8 bits. */
static enum conf_long_form
form_of(const struct rec_msg *msg, enum conf_long_form wanted)
{
    if (msg->part_total <= 1)
        return wanted;
    switch (wanted) {
    case LONG_FORM_UDH:
    case LONG_FORM_SAR:
        break;
    case LONG_FORM_UDH16:
        return msg->form == LONG_FORM_UDH16 ? LONG_FORM_UDH16 : LONG_FORM_UDH;
    case LONG_FORM_PAYLOAD:
        return (enum conf_long_form)msg->form;
    }
    return wanted;
}

static uint32_t
cut(const struct link *link, struct rec_msg *msg, enum conf_long_form form)
{
    uint32_t count;

    msg->form = (uint8_t)form;
    msg->parts = 1;
    if (msg->part_total > 1 || msg->esm_class & SMPP_ESM_UDHI)
        return 1;
    count = text_count_parts(cut_alphabet(link, msg), msg->payload, header_of(msg->form)).count;
    if (form != LONG_FORM_PAYLOAD && count > 1)
        msg->parts = (uint8_t)count;
    return count;
}

uint32_t
outbound_cut(const struct step *s, struct rec_msg *msg)
{
    const struct link *link = link_find(s->relay, msg->link);

    return cut(link, msg, form_of(msg, link ? link_long_form(link) : LONG_FORM_UDH));
}

uint32_t
outbound_segments(const struct link *link, const struct rec_msg *msg)
{
    if (msg->parts > 1)
        return msg->parts > msg->parts_sent ? (uint32_t)(msg->parts - msg->parts_sent) : 1;
    if (msg->form != LONG_FORM_PAYLOAD || msg->part_total > 1 || msg->esm_class & SMPP_ESM_UDHI)
        return 1;
    return text_count_parts(cut_alphabet(link, msg), msg->payload, header_of(msg->form)).count;
}

static bool
takes_tlvs(const struct bind *bind)
{
    return bind->peer_version >= SMPP_VERSION_34;
}

void
outbound_fit(struct step *s, const struct bind *bind, struct rec_msg *msg)
{
    enum conf_long_form form = form_of(msg, takes_tlvs(bind) ? link_long_form(bind->link)
                                            : link_long_form(bind->link) == LONG_FORM_UDH16
                                                ? LONG_FORM_UDH16
                                                : LONG_FORM_UDH);

    if (msg->op == OP_RECEIPT || msg->form == form || msg->parts_sent > 0)
        return;
    /* A late answer may still say that a part as it was cut has arrived. What has no TLVs cannot
     * take a whole text, though. */
    if ((msg->flags & MSGF_POSSIBLE_DUPLICATE) &&
        (takes_tlvs(bind) || msg->form != LONG_FORM_PAYLOAD))
        return;
    (void)cut(bind->link, msg, form);
    msg->parts_done = SLICE_NONE;
    if (msg->parts > 1) {
        size_t n = (msg->parts + 7u) / 8u;
        uint8_t *bits = store_scratch(s->txn, n);

        memset(bits, 0, n);
        msg->parts_done = slice_of(bits, n);
        if (msg->reference == 0)
            msg->reference = compose_reference(s, msg_phone(msg));
    }
}

/* ---- one PDU */

static struct concat
concat_of(const struct rec_msg *msg, uint32_t part, enum conf_long_form form)
{
    struct concat concat = {.reference = msg->reference, .wide = form != LONG_FORM_UDH};

    if (msg->parts > 1) {
        concat.total = msg->parts;
        concat.index = (uint8_t)(part + 1);
    } else if (msg->part_total > 1) {
        concat.total = msg->part_total;
        concat.index = msg->part_index;
    }
    if (!concat.wide)
        concat.reference &= UINT8_MAX;
    return concat;
}

/* Header and text behind each other, packed where the link packs. */
static struct slice
put_together(const struct outbound *out, struct slice header, struct slice text)
{
    bool packed = cut_alphabet(out->bind->link, out->msg) == TEXT_GSM_PACKED;
    size_t room = text.n + 1; /* for one more CR, where that does not make it too long */
    uint8_t *octets;

    if (header.n == 0 && !packed)
        return text;
    if (packed && text.n <= text_room(TEXT_GSM_PACKED, header.n))
        room = TEXT_USER_DATA_BYTES - header.n;
    octets = store_scratch(out->s->txn, header.n + room);
    if (header.n > 0)
        memcpy(octets, header.p, header.n);
    if (packed)
        return slice_of(octets,
                        header.n + text_pack_octets(text, header.n, octets + header.n, room));
    if (text.n > 0)
        memcpy(octets + header.n, text.p, text.n);
    return slice_of(octets, header.n + text.n);
}

/* What goes into short_message or message_payload. */
static struct slice
user_data_of(const struct outbound *out, uint32_t part)
{
    const struct rec_msg *msg = out->msg;
    struct slice text = msg->payload;
    uint8_t numbers[UDH_CONCAT_BYTES_MAX];
    size_t own;

    if (msg->parts > 1)
        text = text_part(cut_alphabet(out->bind->link, msg), text, header_of(msg->form), part);
    if (out->concat.total > 1 && out->form != LONG_FORM_SAR)
        return put_together(out, slice_of(numbers, udh_put_concat(&out->concat, numbers)), text);
    own = msg->esm_class & SMPP_ESM_UDHI && text.n > 0 ? 1u + text.p[0] : 0;
    if (own > 0 && own <= text.n && cut_alphabet(out->bind->link, msg) == TEXT_GSM_PACKED)
        return put_together(out, slice_of(text.p, own), slice_of(text.p + own, text.n - own));
    return own > 0 ? text : put_together(out, SLICE_NONE, text);
}

/* A short text stands in short_message in every form; a long one of a carrier that wants
 * message_payload only there, for in short_message the parts of a long text are what is long. */
static bool
needs_payload(const struct outbound *out, size_t octets)
{
    const struct rec_msg *msg = out->msg;

    if (out->data_sm || octets > SMPP_SHORT_MESSAGE_BYTES)
        return true;
    return out->tlvs && out->form == LONG_FORM_PAYLOAD && msg->op == OP_SUBMIT &&
           out->concat.total <= 1 && !(msg->esm_class & SMPP_ESM_UDHI) &&
           msg->payload.n > text_room(msg->alphabet, 0);
}

static void
put_sar(const struct concat *concat, uint8_t *tlvs, size_t cap, size_t *n)
{
    uint8_t reference[2] = {(uint8_t)(concat->reference >> 8), (uint8_t)concat->reference};

    (void)tlv_put(tlvs, cap, n, SMPP_TAG_SAR_MSG_REF_NUM, slice_of(reference, 2));
    (void)tlv_put(tlvs, cap, n, SMPP_TAG_SAR_TOTAL_SEGMENTS, slice_of(&concat->total, 1));
    (void)tlv_put(tlvs, cap, n, SMPP_TAG_SAR_SEGMENT_SEQNUM, slice_of(&concat->index, 1));
}

/* So that the carrier can recognise a message that is sent again (U3): the same each time, and the
 * app's own if it gave one. */
static bool
wants_reference(const struct outbound *out)
{
    const struct conf_carrier *carrier = out->bind->link->carrier;
    struct tlv own;

    return carrier && carrier->reference_messages && out->msg->op == OP_SUBMIT &&
           !tlv_find(out->msg->tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &own);
}

static void
put_reference(const struct outbound *out, uint8_t *tlvs, size_t cap, size_t *n)
{
    uint64_t number = out->token.id + (uint64_t)leg_part_of(out->token) * REFERENCE_STEP;
    uint8_t reference[2] = {(uint8_t)(number >> 8), (uint8_t)number};

    (void)tlv_put(tlvs, cap, n, SMPP_TAG_USER_MESSAGE_REFERENCE, slice_of(reference, 2));
}

/* What is left of the validity, for data_sm has no field for its end. */
static void
put_ttl(const struct outbound *out, uint8_t *tlvs, size_t cap, size_t *n)
{
    uint64_t ms = out->msg->expires_ms > out->s->now_ms ? out->msg->expires_ms - out->s->now_ms : 0;
    uint64_t left = ms / 1000 ? ms / 1000 : 1;
    uint32_t s = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
    uint8_t seconds[4] = {(uint8_t)(s >> 24), (uint8_t)(s >> 16), (uint8_t)(s >> 8), (uint8_t)s};

    (void)tlv_put(tlvs, cap, n, SMPP_TAG_QOS_TIME_TO_LIVE, slice_of(seconds, 4));
}

/* The TLVs that were passed on, and those that this form needs; payload is SLICE_NONE if the text
 * stands elsewhere. */
static struct slice
tlvs_of(const struct outbound *out, const struct slice *payload)
{
    bool sar = out->form == LONG_FORM_SAR && out->concat.total > 1;
    bool ttl = out->data_sm && out->msg->flags & MSGF_VALIDITY, reference = wants_reference(out);
    size_t n = out->msg->tlvs.n, cap;
    uint8_t *tlvs;

    if (!sar && !ttl && !reference && !payload)
        return out->msg->tlvs;
    cap = n + SAR_TLVS_BYTES + TTL_TLV_BYTES + REFERENCE_TLV_BYTES + (payload ? 4 + payload->n : 0);
    tlvs = store_scratch(out->s->txn, cap);
    if (n > 0)
        memcpy(tlvs, out->msg->tlvs.p, n);
    if (sar)
        put_sar(&out->concat, tlvs, cap, &n);
    if (ttl)
        put_ttl(out, tlvs, cap, &n);
    if (reference)
        put_reference(out, tlvs, cap, &n);
    if (payload)
        (void)tlv_put(tlvs, cap, &n, SMPP_TAG_MESSAGE_PAYLOAD, *payload);
    return slice_of(tlvs, n);
}

static uint32_t
command_of(const struct outbound *out)
{
    if (out->data_sm)
        return SMPP_DATA_SM;
    return out->msg->op == OP_SUBMIT ? SMPP_SUBMIT_SM : SMPP_DELIVER_SM;
}

static void
put_fields(const struct outbound *out, struct pdu_sm *sm)
{
    const struct rec_msg *msg = out->msg;

    sm->service_type = msg->service_type;
    addr_to_wire(&msg->source, link_short_ton(out->bind->link), &sm->source);
    addr_to_wire(&msg->dest, link_short_ton(out->bind->link), &sm->dest);
    sm->esm_class = msg->esm_class;
    if (out->concat.total > 1 && out->form != LONG_FORM_SAR)
        sm->esm_class |= SMPP_ESM_UDHI;
    sm->protocol_id = msg->protocol_id;
    sm->data_coding = msg->data_coding;
    if (msg->op == OP_SUBMIT) {
        sm->priority_flag = msg->priority;
        sm->registered_delivery = msg->wants_receipt;
    }
}

static struct outbound
outbound_of(struct step *s, const struct bind *bind, struct session_token token,
            const struct rec_msg *msg)
{
    struct outbound out = {.s = s,
                           .bind = bind,
                           .msg = msg,
                           .token = token,
                           .form = (enum conf_long_form)msg->form,
                           .tlvs = takes_tlvs(bind)};

    /* Its first segments may have gone out on another bind. */
    if (!out.tlvs && out.form == LONG_FORM_SAR)
        out.form = LONG_FORM_UDH;
    out.data_sm = out.tlvs && link_send_with(bind->link) == SEND_DATA_SM;
    out.concat = concat_of(msg, leg_part_of(token), out.form);
    return out;
}

bool
outbound_send(struct step *s, struct bind *bind, struct session_token token,
              const struct rec_msg *msg)
{
    struct outbound out = outbound_of(s, bind, token, msg);
    struct pdu pdu = {.command_id = command_of(&out)};
    struct slice user_data = user_data_of(&out, leg_part_of(token));
    char validity[SMPPTIME_BYTES];
    bool payload = needs_payload(&out, user_data.n);

    put_fields(&out, &pdu.body.sm);
    if (msg->flags & MSGF_VALIDITY && !out.data_sm) {
        smpptime_format(msg->expires_ms, validity);
        pdu.body.sm.validity_period = slice_str(validity);
    }
    if (payload && !out.tlvs)
        return false;
    if (!payload)
        pdu.body.sm.short_message = user_data;
    if (out.tlvs)
        pdu.tlvs = tlvs_of(&out, payload ? &user_data : NULL);
    return effects_send(s->fx, bind->name, token, &pdu);
}
