/*
 * pdu_size_test.c: every field of every PDU at its maximum and one octet past it, decoded as from
 * an app and as from a carrier, and encoded (conformance section 2).
 *
 * The layouts and maxima stand here again, as the specification has them, and the octets are put
 * together without the codec: pdu_test.c walks the codec's own table, which would agree with itself
 * if a number in it were wrong.
 */
#include "protocol/pdu.h"
#include "protocol/wire.h"
#include "tests/unit/check.h"

/* What a layout is made of. Sizes are octets with the NUL. */
enum kind {
    OCTET,
    TEXT,   /* C-octet string */
    NUMBER, /* TON, NPI, C-octet string */
    TIMES,  /* C-octet string of 0 or 16 characters */
    COUNTED /* an octet that counts, and so many octets */
};

struct field {
    const char *name;
    enum kind kind;
    size_t max;
    enum smpp_status status;        /* of a request in which it is too long */
};

#define FIELDS_MAX 14u
struct layout {
    uint32_t command;
    struct field fields[FIELDS_MAX]; /* ends with a name of NULL */
};

#define SYSTEM_ID {"system_id", TEXT, 16, SMPP_RINVSYSID}
#define PASSWORD {"password", TEXT, 9, SMPP_RINVPASWD}
#define BIND                                                                                       \
    {                                                                                              \
        SYSTEM_ID, PASSWORD, {"system_type", TEXT, 13, SMPP_RINVSYSTYP}, {"version", OCTET, 1, 0}, \
            {"ton", OCTET, 1, 0}, {"npi", OCTET, 1, 0},                                            \
            {"address_range", TEXT, 41, SMPP_RINVTLVLEN},                                          \
    }
#define SERVICE_TYPE {"service_type", TEXT, 6, SMPP_RINVSERTYP}
#define SOURCE(max) {"source", NUMBER, max, SMPP_RINVSRCADR}
#define DEST(max) {"dest", NUMBER, max, SMPP_RINVDSTADR}
#define MESSAGE_ID {"message_id", TEXT, 65, SMPP_RINVMSGID}
#define SM                                                                                         \
    {                                                                                              \
        SERVICE_TYPE, SOURCE(21), DEST(21), {"esm_class", OCTET, 1, 0},                            \
            {"protocol_id", OCTET, 1, 0}, {"priority", OCTET, 1, 0},                               \
            {"schedule", TIMES, 17, SMPP_RINVSCHED}, {"validity", TIMES, 17, SMPP_RINVEXPIRY},     \
            {"registered", OCTET, 1, 0}, {"replace", OCTET, 1, 0}, {"data_coding", OCTET, 1, 0},   \
            {"default", OCTET, 1, 0}, {"short_message", COUNTED, 254, SMPP_RINVMSGLEN},            \
    }

static const struct layout layouts[] = {
    {SMPP_BIND_TRANSMITTER, BIND},
    {SMPP_BIND_RECEIVER, BIND},
    {SMPP_BIND_TRANSCEIVER, BIND},
    {SMPP_BIND_TRANSMITTER_RESP, {SYSTEM_ID}},
    {SMPP_BIND_RECEIVER_RESP, {SYSTEM_ID}},
    {SMPP_BIND_TRANSCEIVER_RESP, {SYSTEM_ID}},
    {SMPP_OUTBIND, {SYSTEM_ID, PASSWORD}},
    {SMPP_SUBMIT_SM, SM},
    {SMPP_DELIVER_SM, SM},
    {SMPP_DATA_SM,
     {SERVICE_TYPE,
      SOURCE(65),
      DEST(65),
      {"esm_class", OCTET, 1, 0},
      {"registered", OCTET, 1, 0},
      {"data_coding", OCTET, 1, 0}}},
    {SMPP_SUBMIT_SM_RESP, {MESSAGE_ID}},
    {SMPP_DELIVER_SM_RESP, {MESSAGE_ID}},
    {SMPP_DATA_SM_RESP, {MESSAGE_ID}},
    {SMPP_QUERY_SM, {MESSAGE_ID, SOURCE(21)}},
    {SMPP_QUERY_SM_RESP,
     {MESSAGE_ID,
      {"final_date", TIMES, 17, SMPP_ROK},
      {"state", OCTET, 1, 0},
      {"error", OCTET, 1, 0}}},
    {SMPP_CANCEL_SM, {SERVICE_TYPE, MESSAGE_ID, SOURCE(21), DEST(21)}},
    {SMPP_REPLACE_SM,
     {MESSAGE_ID,
      SOURCE(21),
      {"schedule", TIMES, 17, SMPP_RINVSCHED},
      {"validity", TIMES, 17, SMPP_RINVEXPIRY},
      {"registered", OCTET, 1, 0},
      {"default", OCTET, 1, 0},
      {"short_message", COUNTED, 254, SMPP_RINVMSGLEN}}},
    {SMPP_ALERT_NOTIFICATION, {SOURCE(65), {"esme", NUMBER, 65, SMPP_RINVDSTADR}}},
};
#define LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

static uint8_t octets[2000], again[2000];

/* --- PDUs octet by octet --- */

static void
put_field(struct wire_writer *w, const struct field *field, const uint8_t *text, size_t n)
{
    if (field->kind == NUMBER) {
        wire_put_u8(w, 1);
        wire_put_u8(w, 1);
    }
    if (field->kind == COUNTED)
        wire_put_u8(w, (uint8_t)n);
    wire_put_bytes(w, slice_of(text, n));
    if (field->kind != COUNTED)
        wire_put_u8(w, 0); /* the octet, or the NUL */
}

/* The PDU whose field `vary` has n octets before its NUL; what else must be there is. */
static struct slice
build(const struct layout *layout, const struct field *vary, size_t n)
{
    struct wire_writer w = wire_writer(octets, sizeof(octets));
    uint8_t text[300];

    memset(text, '1', sizeof(text));
    wire_put_u32(&w, 0);
    wire_put_u32(&w, layout->command);
    wire_put_u32(&w, 0);
    wire_put_u32(&w, 7);
    for (const struct field *field = layout->fields; field->name; field++) {
        size_t length = field == vary ? n : field->kind == COUNTED || field->kind == NUMBER;

        put_field(&w, field, text, length);
    }
    if (layout->command == SMPP_DATA_SM) {
        wire_put_u16(&w, SMPP_TAG_MESSAGE_PAYLOAD);
        wire_put_u16(&w, 1);
        wire_put_u8(&w, 'x');
    }
    check(!w.bad);
    wire_set_u32(octets, (uint32_t)wire_written(&w, octets));
    return slice_of(octets, wire_written(&w, octets));
}

static bool
is_response(const struct layout *layout)
{
    return (layout->command & SMPP_RESPONSE_BIT) != 0;
}

/* What the longest is decoded to is encoded to the same octets. */
static void
fits(const struct layout *layout, const struct field *field, size_t n)
{
    struct slice whole = build(layout, field, n);
    struct pdu pdu;

    check_number(pdu_decode(whole, PDU_LENIENT, &pdu), SMPP_ROK);
    check_number(pdu_encode(&pdu, again, sizeof(again)), (long long)whole.n);
    check_slice(slice_of(again, whole.n), whole);
    check_number(pdu_decode(whole, PDU_STRICT, &pdu), SMPP_ROK);
}

/* One octet more is refused with the field's own status by both sides. A response cannot be: it is
 * cut, and what we make of it is no longer than the field. */
static void
does_not_fit(const struct layout *layout, const struct field *field)
{
    struct slice whole = build(layout, field, field->max);
    struct pdu pdu;

    if (is_response(layout)) {
        check_number(pdu_decode(whole, PDU_LENIENT, &pdu), SMPP_ROK);
        check_number(pdu_encode(&pdu, again, sizeof(again)), (long long)whole.n - 1);
        return;
    }
    check_number(pdu_decode(whole, PDU_STRICT, &pdu), field->status);
    check_number(pdu_decode(whole, PDU_LENIENT, &pdu), field->status);
}

/* Returns how many PDUs have the field. */
static unsigned
check_field(const char *name)
{
    unsigned count = 0;

    for (size_t i = 0; i < LAYOUTS; i++) {
        for (const struct field *field = layouts[i].fields; field->name; field++) {
            if (strcmp(field->name, name) != 0)
                continue;
            count++;
            fits(&layouts[i], field, 0);
            fits(&layouts[i], field, field->max - 1);
            does_not_fit(&layouts[i], field);
        }
    }
    return count;
}

/* --- rows --- */

static void
smpp_size_system_id(void)
{
    check_number(check_field("system_id"), 7);
}

static void
smpp_size_system_type(void)
{
    check_number(check_field("system_type"), 3);
}

static void
smpp_size_address_range(void)
{
    check_number(check_field("address_range"), 3);
}

static void
smpp_size_service_type(void)
{
    check_number(check_field("service_type"), 4);
}

static void
smpp_size_address(void)
{
    check_number(check_field("source"), 7);
    check_number(check_field("dest"), 4);
    check_number(check_field("esme"), 1);
}

static void
smpp_size_message_id(void)
{
    check_number(check_field("message_id"), 7);
}

/* B06: nine characters and more are there to be accepted by who allows them; the status says that
 * nobody has yet. Past 64 it is an ordinary field too long. */
static void
smpp_size_password(void)
{
    for (size_t i = 0; i < LAYOUTS; i++) {
        for (const struct field *field = layouts[i].fields; field->name; field++) {
            struct pdu pdu;

            if (strcmp(field->name, "password") != 0)
                continue;
            fits(&layouts[i], field, 0);
            fits(&layouts[i], field, 8);
            for (size_t n = 9; n <= 64; n += 55) {
                for (enum pdu_mode mode = PDU_STRICT; mode <= PDU_LENIENT; mode++) {
                    struct slice whole = build(&layouts[i], field, n);

                    check_number(pdu_decode(whole, mode, &pdu), SMPP_RINVPASWD);
                    check_number(pdu.body.bind.password.n, (long long)n);
                    check_number(pdu_encode(&pdu, again, sizeof(again)), (long long)whole.n);
                }
            }
            check_number(pdu_decode(build(&layouts[i], field, 65), PDU_STRICT, &pdu),
                         SMPP_RINVPASWD);
            check_number(pdu.body.bind.password.n, 0);
        }
    }
}

/* Apps give nothing or sixteen characters; what a carrier writes there is not worth a message. */
static void
smpp_size_time(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < LAYOUTS; i++) {
        for (const struct field *field = layouts[i].fields; field->name; field++) {
            struct pdu pdu;

            if (field->kind != TIMES)
                continue;
            count++;
            fits(&layouts[i], field, 0);
            fits(&layouts[i], field, 16);
            does_not_fit(&layouts[i], field);
            for (size_t n = 1; n < 16; n++) {
                struct slice whole = build(&layouts[i], field, n);

                check_number(pdu_decode(whole, PDU_STRICT, &pdu),
                             is_response(&layouts[i]) ? SMPP_ROK : field->status);
                check_number(pdu_decode(whole, PDU_LENIENT, &pdu), SMPP_ROK);
            }
        }
    }
    check_number(count, 7);
}

/* L02: 254 octets in 3.4, 255 in 5.0; a carrier's 255th is not worth losing the text. What we send
 * has 254. */
static void
smpp_size_short_message(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < LAYOUTS; i++) {
        for (const struct field *field = layouts[i].fields; field->name; field++) {
            struct slice whole;
            struct pdu pdu;

            if (field->kind != COUNTED)
                continue;
            count++;
            fits(&layouts[i], field, 1);
            fits(&layouts[i], field, 254);
            whole = build(&layouts[i], field, 255);
            check_number(pdu_decode(whole, PDU_STRICT, &pdu), SMPP_RINVMSGLEN);
            check_number(pdu_decode(whole, PDU_STRICT_50, &pdu), SMPP_ROK);
            check_number(pdu_decode(whole, PDU_LENIENT, &pdu), SMPP_ROK);
            check_number(pdu_encode(&pdu, again, sizeof(again)), 0);
        }
    }
    check_number(count, 3);
}

/* One TLV behind the PDU of a layout. */
static struct slice
with_tlv(const struct layout *layout, uint16_t tag, size_t n)
{
    static uint8_t whole[70000];
    struct slice head = build(layout, NULL, 0);
    size_t at = head.n;

    memcpy(whole, head.p, head.n);
    if (layout->command == SMPP_DATA_SM)
        at -= 5; /* its payload */
    if (layout->command == SMPP_SUBMIT_SM && tag == SMPP_TAG_MESSAGE_PAYLOAD) {
        at -= 1;
        whole[at - 1] = 0; /* no short_message */
    }
    whole[at++] = (uint8_t)(tag >> 8);
    whole[at++] = (uint8_t)tag;
    whole[at++] = (uint8_t)(n >> 8);
    whole[at++] = (uint8_t)n;
    memset(whole + at, 'a', n);
    wire_set_u32(whole, (uint32_t)(at + n));
    return slice_of(whole, at + n);
}

static const struct layout *
layout_of(uint32_t command)
{
    for (size_t i = 0; i < LAYOUTS; i++)
        if (layouts[i].command == command)
            return &layouts[i];
    return NULL;
}

/* T13: 1 to 65 octets; others are an error of an app, and passed over from a carrier. */
static void
smpp_size_receipted_message_id(void)
{
    const struct layout *deliver = layout_of(SMPP_DELIVER_SM);
    struct pdu pdu;
    struct tlv tlv;

    for (size_t n = 0; n <= 66; n++) {
        bool good = n >= 1 && n <= 65;
        struct slice whole = with_tlv(deliver, SMPP_TAG_RECEIPTED_MESSAGE_ID, n);

        check_number(pdu_decode(whole, PDU_STRICT, &pdu), good ? SMPP_ROK : SMPP_RINVTLVLEN);
        check_number(pdu_decode(whole, PDU_LENIENT, &pdu), SMPP_ROK);
        check(tlv_find(pdu.tlvs, SMPP_TAG_RECEIPTED_MESSAGE_ID, &tlv) == good);
    }
}

/* T10: what 255 parts of 153 hold; and the field itself goes up to 64 KiB. */
static void
smpp_size_message_payload(void)
{
    static const uint32_t commands[] = {SMPP_SUBMIT_SM, SMPP_DATA_SM};
    struct pdu pdu;
    struct tlv tlv;

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const struct layout *layout = layout_of(commands[i]);

        for (size_t n = 39015; n <= 39016; n++) {
            struct slice whole = with_tlv(layout, SMPP_TAG_MESSAGE_PAYLOAD, n);

            check_number(pdu_decode(whole, PDU_STRICT, &pdu),
                         n == 39015 ? SMPP_ROK : SMPP_RINVMSGLEN);
        }
        check_number(pdu_decode(with_tlv(layout, SMPP_TAG_MESSAGE_PAYLOAD, 65535), PDU_LENIENT,
                                &pdu),
                     SMPP_ROK);
        check(tlv_find(pdu.tlvs, SMPP_TAG_MESSAGE_PAYLOAD, &tlv) && tlv.value.n == 65535);
    }
}

/* --- submit_multi --- */

/* With count destinations; n characters in the number or the list's name of each. */
static struct slice
multi(unsigned count, enum pdu_dest_flag flag, size_t n)
{
    static uint8_t whole[10000];
    struct wire_writer w = wire_writer(whole, sizeof(whole));
    uint8_t text[300];

    memset(text, '1', sizeof(text));
    wire_put_u32(&w, 0);
    wire_put_u32(&w, SMPP_SUBMIT_MULTI);
    wire_put_u32(&w, 0);
    wire_put_u32(&w, 7);
    wire_put_bytes(&w, SLICE_LIT("\0\1\1" "1\0"));
    wire_put_u8(&w, (uint8_t)count);
    for (unsigned i = 0; i < count; i++) {
        wire_put_u8(&w, (uint8_t)flag);
        if (flag == PDU_DEST_SME)
            wire_put_bytes(&w, SLICE_LIT("\1\1"));
        wire_put_bytes(&w, slice_of(text, n));
        wire_put_u8(&w, 0);
    }
    wire_put_bytes(&w, SLICE_LIT("\0\0\0\0\0\0\0\0\0\1x"));
    check(!w.bad);
    wire_set_u32(whole, (uint32_t)wire_written(&w, whole));
    return slice_of(whole, wire_written(&w, whole));
}

static void
check_multi(struct slice whole, enum smpp_status status)
{
    static uint8_t out[10000];
    struct pdu pdu;

    check_number(pdu_decode(whole, PDU_STRICT, &pdu), status);
    if (status != SMPP_ROK)
        return;
    check_number(pdu_encode(&pdu, out, sizeof(out)), (long long)whole.n);
    check_slice(slice_of(out, whole.n), whole);
}

static void
smpp_size_dl_name(void)
{
    check_multi(multi(1, PDU_DEST_LIST, 20), SMPP_ROK);
    check_multi(multi(1, PDU_DEST_LIST, 21), SMPP_RINVDLNAME);
    check_multi(multi(1, PDU_DEST_LIST, 0), SMPP_RINVDLNAME);
}

static void
smpp_size_address_of_many(void)
{
    check_multi(multi(3, PDU_DEST_SME, 20), SMPP_ROK);
    check_multi(multi(3, PDU_DEST_SME, 21), SMPP_RINVDSTADR);
}

static void
smpp_size_destinations(void)
{
    check_multi(multi(1, PDU_DEST_SME, 11), SMPP_ROK);
    check_multi(multi(254, PDU_DEST_SME, 20), SMPP_ROK);
    check_multi(multi(255, PDU_DEST_SME, 11), SMPP_RINVNUMDESTS);
    check_multi(multi(0, PDU_DEST_SME, 11), SMPP_RINVNUMDESTS);
}

CHECK_MAIN(
    {"smpp_size_system_id", smpp_size_system_id},
    {"smpp_size_password", smpp_size_password},
    {"smpp_size_system_type", smpp_size_system_type},
    {"smpp_size_address_range", smpp_size_address_range},
    {"smpp_size_service_type", smpp_size_service_type},
    {"smpp_size_address", smpp_size_address},
    {"smpp_size_address_of_many", smpp_size_address_of_many},
    {"smpp_size_message_id", smpp_size_message_id},
    {"smpp_size_time", smpp_size_time},
    {"smpp_size_dl_name", smpp_size_dl_name},
    {"smpp_size_short_message", smpp_size_short_message},
    {"smpp_size_receipted_message_id", smpp_size_receipted_message_id},
    {"smpp_size_message_payload", smpp_size_message_payload},
    {"smpp_size_destinations", smpp_size_destinations})
