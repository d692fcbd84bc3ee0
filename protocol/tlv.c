/*
 * tlv.c: walking and building the optional parameters of a PDU (SMPP 3.4 section 3.2.4). Separate
 * from pdu.c because every layer above the codec reads TLVs, and none of them decodes PDUs.
 */
#include "protocol/pdu.h"
#include "protocol/wire.h"

bool
tlv_next(struct slice *rest, struct tlv *out)
{
    struct wire_reader r = wire_reader(*rest);

    while (wire_left(&r) > 0) {
        const struct smpp_tag_info *info;
        size_t length;

        out->tag = wire_get_u16(&r);
        length = wire_get_u16(&r);
        out->value = wire_get_bytes(&r, length);
        if (r.bad)
            break;
        info = smpp_tag_info(out->tag);
        if (info && (length < info->min || length > info->max))
            continue;
        *rest = wire_rest(&r);
        return true;
    }
    *rest = SLICE_NONE;
    return false;
}

bool
tlv_find(struct slice tlvs, uint16_t tag, struct tlv *out)
{
    while (tlv_next(&tlvs, out)) {
        if (out->tag == tag)
            return true;
    }
    return false;
}

bool
tlv_number(struct slice tlvs, uint16_t tag, uint32_t *out)
{
    struct tlv tlv;

    if (!tlv_find(tlvs, tag, &tlv))
        return false;
    switch (tlv.value.n) {
    case 1:
        *out = tlv.value.p[0];
        return true;
    case 2:
        *out = wire_u16(tlv.value.p);
        return true;
    case 4:
        *out = wire_u32(tlv.value.p);
        return true;
    default:
        return false;
    }
}

bool
tlv_put(uint8_t *buf, size_t cap, size_t *used, uint16_t tag, struct slice value)
{
    struct wire_writer w;

    if (*used > cap || value.n > UINT16_MAX)
        return false;
    w = wire_writer(buf + *used, cap - *used);
    wire_put_u16(&w, tag);
    wire_put_u16(&w, (uint16_t)value.n);
    wire_put_bytes(&w, value);
    if (w.bad)
        return false;
    *used += 4 + value.n;
    return true;
}

struct slice
pdu_text(const struct pdu *pdu)
{
    struct tlv payload;

    if (pdu->body.sm.short_message.n == 0 &&
        tlv_find(pdu->tlvs, SMPP_TAG_MESSAGE_PAYLOAD, &payload))
        return payload.value;
    return pdu->body.sm.short_message;
}

size_t
tlv_copy_vendor(struct slice tlvs, uint8_t *buf, size_t cap)
{
    struct slice rest = tlvs;
    struct tlv tlv;
    size_t used = 0;

    while (tlv_next(&rest, &tlv)) {
        if (tlv.tag < SMPP_TAG_VENDOR_FIRST || tlv.tag > SMPP_TAG_VENDOR_LAST)
            continue;
        if (!tlv_put(buf, cap, &used, tlv.tag, tlv.value))
            break;
    }
    return used;
}
