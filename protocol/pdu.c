/*
 * pdu.c: the interpreter of the field tables: decode and encode. See pdu.h for the rules.
 */
#include "protocol/pdu.h"

#include "protocol/pdu_table.h"
#include "protocol/wire.h"

static enum smpp_status decode_fields(struct wire_reader *r, const struct pdu_type *type,
                                      enum pdu_mode mode, struct pdu *out);
static void decode_tolerant(struct wire_reader *r, const struct pdu_type *type, struct pdu *out);
static enum smpp_status decode_tlvs(struct slice region, enum pdu_mode mode, struct slice *valid);
static enum smpp_status check_values(const struct pdu *pdu, enum pdu_mode mode);
static enum smpp_status check_text(const struct pdu *pdu, enum pdu_mode mode);

/* A password with a NUL in it goes on in the fields behind it (B17), which are shown in traces. */
static void
forget_after_password(struct pdu_bind *bind)
{
    bind->system_type = SLICE_NONE;
    bind->interface_version = bind->addr_ton = bind->addr_npi = 0;
    bind->address_range = SLICE_NONE;
}

enum smpp_status
pdu_decode(struct slice raw, enum pdu_mode mode, struct pdu *out)
{
    struct wire_reader r = wire_reader(raw);
    const struct pdu_type *type;
    enum smpp_status status;

    memset(out, 0, sizeof(*out));
    (void)wire_get_u32(&r);
    out->command_id = wire_get_u32(&r);
    out->command_status = wire_get_u32(&r);
    out->sequence_number = wire_get_u32(&r);
    if (r.bad)
        return SMPP_RINVCMDLEN;
    type = pdu_type_of(out->command_id);
    if (!type)
        return SMPP_RINVCMDID;
    if (type->flags & PDU_TOLERANT) {
        decode_tolerant(&r, type, out);
        return decode_tlvs(wire_rest(&r), PDU_LENIENT, &out->tlvs);
    }
    status = decode_fields(&r, type, mode, out);
    if (status == SMPP_ROK)
        status = decode_tlvs(wire_rest(&r), mode, &out->tlvs);
    if (status != SMPP_ROK) {
        if (type->flags & PDU_BIND)
            forget_after_password(&out->body.bind);
        return status;
    }
    if (type->flags & PDU_BIND && out->body.bind.password.n >= SMPP_PASSWORD_BYTES)
        return SMPP_RINVPASWD;
    if (type->flags & PDU_MESSAGE && mode != PDU_LENIENT) {
        status = check_values(out, mode);
        if (status == SMPP_ROK)
            status = check_text(out, mode);
    }
    return status;
}

static void *
member(struct pdu *pdu, const struct pdu_field *field)
{
    return (uint8_t *)pdu + field->offset;
}

static const void *
member_const(const struct pdu *pdu, const struct pdu_field *field)
{
    return (const uint8_t *)pdu + field->offset;
}

/* A string too long is the field's own error; one that does not end is a PDU that was cut (M04). */
static enum smpp_status
decode_string(struct wire_reader *r, size_t max, uint16_t error, struct slice *out)
{
    if (wire_get_cstring(r, max, out))
        return SMPP_ROK;
    return wire_has_nul(r) ? error : SMPP_RINVCMDLEN;
}

static enum smpp_status
decode_time(struct wire_reader *r, const struct pdu_field *field, enum pdu_mode mode,
            struct slice *out)
{
    enum smpp_status status = decode_string(r, field->max, field->error, out);

    if (status == SMPP_ROK && mode != PDU_LENIENT && out->n != 0 && out->n != SMPP_TIME_BYTES - 1)
        return field->error;
    return status;
}

static enum smpp_status
decode_address(struct wire_reader *r, const struct pdu_field *field, struct pdu_address *out)
{
    out->ton = wire_get_u8(r);
    out->npi = wire_get_u8(r);
    return decode_string(r, field->max, field->error, &out->digits);
}

static enum smpp_status
decode_counted(struct wire_reader *r, const struct pdu_field *field, enum pdu_mode mode,
               struct slice *out)
{
    size_t n = wire_get_u8(r), max = field->max;

    if (r->bad)
        return SMPP_RINVCMDLEN;
    if (mode == PDU_STRICT_50)
        max = SMPP_SHORT_MESSAGE_50_BYTES;
    if (n > wire_left(r) || (n > max && mode != PDU_LENIENT))
        return field->error;
    *out = wire_get_bytes(r, n);
    return SMPP_ROK;
}

static enum smpp_status
decode_field(struct wire_reader *r, const struct pdu_field *field, enum pdu_mode mode,
             struct pdu *out)
{
    void *to = member(out, field);

    switch ((enum pdu_kind)field->kind) {
    case PDU_U8:
        *(uint8_t *)to = wire_get_u8(r);
        return r->bad ? SMPP_RINVCMDLEN : SMPP_ROK;
    case PDU_STRING:
        return decode_string(r, field->max, field->error, to);
    case PDU_SECRET:
        return decode_string(r, SMPP_PASSWORD_LONG_BYTES, field->error, to);
    case PDU_TIME:
        return decode_time(r, field, mode, to);
    case PDU_ADDRESS:
        return decode_address(r, field, to);
    case PDU_COUNTED:
        return decode_counted(r, field, mode, to);
    case PDU_DESTS:
        return pdu_dests_get(r, mode == PDU_STRICT_50 ? SMPP_DESTS_50_MAX : SMPP_DESTS_MAX, to);
    case PDU_FAILURES:
        pdu_failures_get(r, to);
        return SMPP_ROK;
    }
    return SMPP_RSYSERR;
}

static enum smpp_status
decode_fields(struct wire_reader *r, const struct pdu_type *type, enum pdu_mode mode,
              struct pdu *out)
{
    struct wire_reader c = *r;

    for (size_t i = 0; i < type->count; i++) {
        const struct pdu_field *field = &type->fields[i];
        enum smpp_status status;

        if (field->kind == PDU_U8) {    /* most of them: spares the call */
            *(uint8_t *)member(out, field) = wire_get_u8(&c);
            continue;
        }
        status = decode_field(&c, field, mode, out);
        if (status != SMPP_ROK)
            return c.bad ? SMPP_RINVCMDLEN : status;
    }
    *r = c;
    return c.bad ? SMPP_RINVCMDLEN : SMPP_ROK;
}

/* Nobody can be told about a bad response, so as much as possible is made of it (F18..F20): what is
 * missing is empty, a string without NUL ends with the PDU, one too long is cut. */
static struct slice
tolerant_string(struct wire_reader *r, size_t max)
{
    struct slice whole;

    if (!wire_get_cstring(r, SIZE_MAX, &whole))
        whole = wire_get_bytes(r, wire_left(r));
    if (whole.n >= max)
        whole.n = max - 1;
    return whole;
}

static void
decode_tolerant(struct wire_reader *r, const struct pdu_type *type, struct pdu *out)
{
    for (size_t i = 0; i < type->count; i++) {
        const struct pdu_field *field = &type->fields[i];

        if (field->kind == PDU_STRING)
            *(struct slice *)member(out, field) = tolerant_string(r, field->max);
        else
            (void)decode_field(r, field, PDU_LENIENT, out);
    }
}

/* A tag that stood before must have the same value (T07, T08). The bits only save the search. */
static enum smpp_status
check_tlv(struct slice before, const struct tlv *tlv, uint64_t *seen)
{
    const struct smpp_tag_info *info = smpp_tag_info(tlv->tag);
    uint64_t bit = 1ull << (tlv->tag % 61u);
    struct tlv first;

    if (!info)
        return SMPP_ROK;
    if (tlv->value.n < info->min || tlv->value.n > info->max)
        return SMPP_RINVTLVLEN;
    if (*seen & bit && !info->repeatable && tlv_find(before, tlv->tag, &first) &&
        !slice_eq(first.value, tlv->value))
        return SMPP_RINVTLVVAL;
    *seen |= bit;
    return SMPP_ROK;
}

static enum smpp_status
decode_tlvs(struct slice region, enum pdu_mode mode, struct slice *valid)
{
    struct wire_reader r = wire_reader(region);
    uint64_t seen = 0;
    uint32_t count = 0;

    *valid = slice_of(region.p, 0);
    while (wire_left(&r) > 0) {
        struct tlv tlv;
        size_t length;

        tlv.tag = wire_get_u16(&r);
        length = wire_get_u16(&r);
        tlv.value = wire_get_bytes(&r, length);
        if (r.bad || ++count > PDU_TLVS_MAX)
            return mode == PDU_LENIENT ? SMPP_ROK : SMPP_RINVTLVSTREAM;
        if (mode != PDU_LENIENT) {
            enum smpp_status status = check_tlv(*valid, &tlv, &seen);

            if (status != SMPP_ROK)
                return status;
        }
        valid->n = region.n - wire_left(&r);
    }
    return SMPP_ROK;
}

/* M18..M25. The message types are those an ESME may send: none, delivery ack, user ack. The
 * destinations of submit_multi are looked at one by one (pdu_dest_status), and it replaces
 * nothing. */
static enum smpp_status
check_values(const struct pdu *pdu, enum pdu_mode mode)
{
    const struct pdu_sm *sm = &pdu->body.sm;
    uint8_t type = sm->esm_class & SMPP_ESM_TYPE_MASK;

    if (!smpp_ton_name(sm->source.ton))
        return SMPP_RINVSRCTON;
    if (!smpp_npi_name(sm->source.npi))
        return SMPP_RINVSRCNPI;
    if (!smpp_ton_name(sm->dest.ton))
        return SMPP_RINVDSTTON;
    if (!smpp_npi_name(sm->dest.npi))
        return SMPP_RINVDSTNPI;
    if (type != 0 && type != SMPP_ESM_DELIVERY_ACK && type != SMPP_ESM_USER_ACK)
        return SMPP_RINVESMCLASS;
    if (sm->priority_flag > (mode == PDU_STRICT_50 ? 4 : 3))
        return SMPP_RINVPRTFLG;
    if ((sm->registered_delivery & SMPP_REGISTERED_MASK) == SMPP_REGISTERED_SUCCESS &&
        mode != PDU_STRICT_50)
        return SMPP_RINVREGDLVFLG;
    if (sm->replace_if_present_flag > (pdu->command_id == SMPP_SUBMIT_MULTI ? 0 : 1))
        return SMPP_RINVREPFLAG;
    return SMPP_ROK;
}

/* L05, T09, T10, U01, X03. */
static enum smpp_status
check_text(const struct pdu *pdu, enum pdu_mode mode)
{
    size_t n = pdu->body.sm.short_message.n;
    struct tlv payload;

    if (tlv_find(pdu->tlvs, SMPP_TAG_MESSAGE_PAYLOAD, &payload)) {
        if (n > 0)
            return SMPP_RTLVNOTALLWD;
        n = payload.value.n;
    } else if (pdu->command_id == SMPP_DATA_SM) {
        return SMPP_RMISSINGTLV;
    }
    if (n > PDU_TEXT_BYTES_MAX)
        return SMPP_RINVMSGLEN;
    if (n == 0 && (mode != PDU_STRICT_OR_EMPTY || pdu->body.sm.esm_class & SMPP_ESM_UDHI))
        return SMPP_RINVMSGLEN;
    return SMPP_ROK;
}

static void
encode_string(struct wire_writer *w, size_t max, struct slice text)
{
    if (text.n >= max || (text.n > 0 && memchr(text.p, 0, text.n))) {
        w->bad = true;
        return;
    }
    wire_put_bytes(w, text);
    wire_put_u8(w, 0);
}

static void
encode_field(struct wire_writer *w, const struct pdu_field *field, const struct pdu *pdu)
{
    const void *from = member_const(pdu, field);
    const struct pdu_address *address = from;
    const struct slice *slice = from;

    switch ((enum pdu_kind)field->kind) {
    case PDU_U8:
        wire_put_u8(w, *(const uint8_t *)from);
        return;
    case PDU_STRING:
    case PDU_TIME:
        encode_string(w, field->max, *slice);
        return;
    case PDU_SECRET:
        encode_string(w, SMPP_PASSWORD_LONG_BYTES, *slice);
        return;
    case PDU_ADDRESS:
        wire_put_u8(w, address->ton);
        wire_put_u8(w, address->npi);
        encode_string(w, field->max, address->digits);
        return;
    case PDU_COUNTED:
        w->bad |= slice->n > field->max;
        wire_put_u8(w, (uint8_t)slice->n);
        wire_put_bytes(w, *slice);
        return;
    case PDU_DESTS:
        pdu_dests_write(w, from);
        return;
    case PDU_FAILURES:
        pdu_failures_write(w, from);
        return;
    }
}

/* 3.4 gives data_sm_resp TLVs that say why it failed, and no note that an error has no body. */
static bool
has_body(const struct pdu *pdu)
{
    return !smpp_is_response(pdu->command_id) || pdu->command_status == SMPP_ROK ||
           (pdu->command_id == SMPP_DATA_SM_RESP && pdu->tlvs.n > 0);
}

size_t
pdu_encode(const struct pdu *pdu, uint8_t *buf, size_t cap)
{
    const struct pdu_type *type = pdu_type_of(pdu->command_id);
    bool response = smpp_is_response(pdu->command_id);
    struct wire_writer w = wire_writer(buf, cap);
    size_t length;

    /* What we do not speak can still be refused under its own name. */
    if (!type && (!response || !pdu->command_status || !smpp_command_name(pdu->command_id)))
        return 0;
    wire_put_u32(&w, 0);
    wire_put_u32(&w, pdu->command_id);
    wire_put_u32(&w, response ? pdu->command_status : 0);
    wire_put_u32(&w, pdu->sequence_number);
    if (type && has_body(pdu)) {
        for (size_t i = 0; i < type->count; i++)
            encode_field(&w, &type->fields[i], pdu);
        wire_put_bytes(&w, pdu->tlvs);
    }
    length = wire_written(&w, buf);
    if (w.bad || length > PDU_BYTES_MAX)
        return 0;
    wire_set_u32(buf, (uint32_t)length);
    return length;
}

void
pdu_set_sequence(uint8_t *encoded, uint32_t sequence_number)
{
    wire_set_u32(encoded + 12, sequence_number);
}
