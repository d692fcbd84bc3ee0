/*
 * udh.c: the user data header and concatenation. Separate from text.c because it is about octets,
 * whatever the alphabet.
 */
#include "protocol/udh.h"

#include <assert.h>

/* Information element identifiers, 23.040 9.2.3.24.1 and 9.2.3.24.8. */
#define IEI_CONCAT 0x00u
#define IEI_CONCAT_WIDE 0x08u

static const char *const err_names[UDH_ERRS] = {
    [UDH_OK] = "ok",
    [UDH_EMPTY] = "empty",
    [UDH_TOO_LONG] = "too_long",
    [UDH_IE_OVERRUN] = "element_overrun",
    [UDH_IE_LENGTH] = "element_length",
};

const char *
udh_err_name(enum udh_err err)
{
    return (unsigned)err < UDH_ERRS ? err_names[err] : "?";
}

/* A combination that no sender can mean says nothing (U06 to U08, U16); neither does 1 of 1. */
static void
set_concat(struct concat *concat, struct concat found)
{
    if (found.index >= 1 && found.index <= found.total && found.total > 1)
        *concat = found;
}

/* One information element; false if it is a concatenation element of the wrong length. */
static bool
read_element(uint8_t identifier, struct slice data, struct concat *concat)
{
    if (identifier == IEI_CONCAT) {
        if (data.n != 3)
            return false;
        set_concat(concat, (struct concat){data.p[0], data.p[1], data.p[2], false});
    } else if (identifier == IEI_CONCAT_WIDE) {
        if (data.n != 4)
            return false;
        set_concat(concat, (struct concat){(uint16_t)(data.p[0] << 8 | data.p[1]), data.p[2],
                                           data.p[3], true});
    }
    return true;
}

enum udh_err
udh_parse(struct slice user_data, struct udh *out)
{
    struct udh udh = {SLICE_NONE, SLICE_NONE, {0, 0, 0, false}};
    enum udh_err err = UDH_OK;

    *out = (struct udh){SLICE_NONE, user_data, {0, 0, 0, false}};
    if (user_data.n == 0)
        return UDH_EMPTY;
    udh.header = slice_of(user_data.p + 1, user_data.p[0]);
    if (udh.header.n > user_data.n - 1)
        return UDH_TOO_LONG;
    udh.text = slice_of(udh.header.p + udh.header.n, user_data.n - 1 - udh.header.n);
    for (size_t at = 0; at < udh.header.n;) {
        const uint8_t *element = udh.header.p + at;
        size_t left = udh.header.n - at;

        if (left < 2 || element[1] > left - 2)
            return UDH_IE_OVERRUN;
        if (!read_element(element[0], slice_of(element + 2, element[1]), &udh.concat))
            err = UDH_IE_LENGTH;
        at += 2 + (size_t)element[1];
    }
    *out = udh;
    return err;
}

/* L4: all three or none. */
static void
read_sar(struct slice tlvs, struct concat *concat)
{
    uint32_t reference, total, index;

    if (tlv_number(tlvs, SMPP_TAG_SAR_MSG_REF_NUM, &reference) && reference <= UINT16_MAX &&
        tlv_number(tlvs, SMPP_TAG_SAR_TOTAL_SEGMENTS, &total) && total <= UINT8_MAX &&
        tlv_number(tlvs, SMPP_TAG_SAR_SEGMENT_SEQNUM, &index) && index <= UINT8_MAX)
        set_concat(concat,
                   (struct concat){(uint16_t)reference, (uint8_t)total, (uint8_t)index, true});
}

enum udh_err
udh_of_pdu(const struct pdu *pdu, struct udh *out)
{
    struct slice user_data = pdu_text(pdu);
    enum udh_err err = UDH_OK;

    if (pdu->body.sm.esm_class & SMPP_ESM_UDHI)
        err = udh_parse(user_data, out);
    else
        *out = (struct udh){SLICE_NONE, user_data, {0, 0, 0, false}};
    if (err == UDH_OK && out->concat.total == 0)
        read_sar(pdu->tlvs, &out->concat);
    return err;
}

size_t
udh_put_concat(const struct concat *concat, uint8_t *out)
{
    size_t n = 0;

    assert(concat->index >= 1 && concat->index <= concat->total);
    assert(concat->wide || concat->reference <= UINT8_MAX);
    out[n++] = concat->wide ? 6 : 5;
    out[n++] = concat->wide ? IEI_CONCAT_WIDE : IEI_CONCAT;
    out[n++] = concat->wide ? 4 : 3;
    if (concat->wide)
        out[n++] = (uint8_t)(concat->reference >> 8);
    out[n++] = (uint8_t)concat->reference;
    out[n++] = concat->total;
    out[n++] = concat->index;
    return n;
}

size_t
udh_other_elements(struct slice header, uint8_t *out)
{
    size_t n = 0, length;

    for (size_t at = 0; at < header.n; at += length) {
        const uint8_t *element = header.p + at;

        assert(header.n - at >= 2 && header.n - at >= 2u + element[1]);
        length = 2u + element[1];
        if (element[0] == IEI_CONCAT || element[0] == IEI_CONCAT_WIDE)
            continue;
        memcpy(out + n, element, length);
        n += length;
    }
    return n;
}

size_t
udh_put(const struct concat *concat, struct slice elements, uint8_t *out, size_t cap)
{
    uint8_t numbers[UDH_CONCAT_BYTES_MAX];
    size_t n = concat->total > 1 ? udh_put_concat(concat, numbers) : 1, length = n + elements.n;

    if (length == 1 || length > UDH_BYTES_MAX || length > cap)
        return 0;
    numbers[0] = (uint8_t)(length - 1);
    memcpy(out, numbers, n);
    if (elements.n > 0)
        memcpy(out + n, elements.p, elements.n);
    return length;
}
