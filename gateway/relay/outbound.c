/*
 * outbound.c: what a message looks like on a link's wire: the PDU of each of its parts. Separate
 * from leg.c, which decides when a part goes and what its answer means.
 */
#include "gateway/relay/core.h"

#include <assert.h>

#include "protocol/smpptime.h"

/* What a long text says of itself in front of each part. */
struct part_text {
    uint8_t octets[UDH_CONCAT_BYTES_MAX + 256];
    size_t n;
};

static void
part_text_make(const struct rec_msg *msg, uint32_t part, struct part_text *out)
{
    struct concat concat = {
        .reference = msg->reference, .total = msg->parts, .index = (uint8_t)(part + 1)};
    struct slice text = text_part(msg->alphabet, msg->payload, TEXT_HEADER_8BIT, part);

    out->n = udh_put_concat(&concat, out->octets);
    assert(out->n + text.n <= sizeof(out->octets));
    memcpy(out->octets + out->n, text.p, text.n);
    out->n += text.n;
}

static void
sm_set_text(struct step *s, struct pdu *pdu, const struct rec_msg *msg)
{
    uint8_t *tlvs;
    size_t n = msg->tlvs.n;

    if (msg->payload.n <= SMPP_SHORT_MESSAGE_BYTES) {
        pdu->body.sm.short_message = msg->payload;
        return;
    }
    tlvs = store_scratch(s->txn, n + msg->payload.n + 4);
    if (n)
        memcpy(tlvs, msg->tlvs.p, n);
    (void)tlv_put(tlvs, n + msg->payload.n + 4, &n, SMPP_TAG_MESSAGE_PAYLOAD, msg->payload);
    pdu->tlvs = slice_of(tlvs, n);
}

bool
outbound_send(struct step *s, struct bind *bind, struct session_token token,
              const struct rec_msg *msg)
{
    uint32_t part = leg_part_of(token);
    struct part_text text;
    struct pdu pdu = {.command_id = msg->op == OP_SUBMIT ? SMPP_SUBMIT_SM : SMPP_DELIVER_SM};
    struct pdu_sm *sm = &pdu.body.sm;
    char validity[SMPPTIME_BYTES];

    sm->service_type = msg->service_type;
    addr_to_wire(&msg->source, &sm->source);
    addr_to_wire(&msg->dest, &sm->dest);
    sm->esm_class = msg->esm_class;
    sm->protocol_id = msg->protocol_id;
    sm->data_coding = msg->data_coding;
    if (msg->op == OP_SUBMIT) {
        sm->priority_flag = msg->priority;
        sm->registered_delivery = msg->wants_receipt ? 1 : 0;
    }
    if (msg->flags & MSGF_VALIDITY) {
        smpptime_format(msg->expires_ms, validity);
        sm->validity_period = slice_str(validity);
    }
    pdu.tlvs = msg->tlvs;
    if (msg->parts > 1) {
        part_text_make(msg, part, &text);
        sm->esm_class |= SMPP_ESM_UDHI;
        sm->short_message = slice_of(text.octets, text.n);
    } else {
        sm_set_text(s, &pdu, msg);
    }
    if (bind->peer_version < SMPP_VERSION_34 && msg->payload.n <= SMPP_SHORT_MESSAGE_BYTES)
        pdu.tlvs = SLICE_NONE;
    return effects_send(s->fx, bind->name, token, &pdu);
}
