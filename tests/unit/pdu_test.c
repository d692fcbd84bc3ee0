/*
 * pdu_test.c: decoding, encoding and dumping PDUs; the field tables walked, and the rows of the
 * bad-input list whose answer the codec decides.
 */
#include "protocol/pdu.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/pdu_table.h"
#include "protocol/wire.h"
#include "tests/unit/check.h"
#include "tests/unit/smpp_rows.h"

static uint8_t buf[SMPP_ROW_BYTES_MAX];
static uint8_t filler[256];         /* 'a' everywhere: what long fields are filled with */

static const uint32_t commands[] = {
    SMPP_BIND_RECEIVER, SMPP_BIND_TRANSMITTER, SMPP_BIND_TRANSCEIVER, SMPP_BIND_RECEIVER_RESP,
    SMPP_BIND_TRANSMITTER_RESP, SMPP_BIND_TRANSCEIVER_RESP, SMPP_OUTBIND, SMPP_UNBIND,
    SMPP_UNBIND_RESP, SMPP_ENQUIRE_LINK, SMPP_ENQUIRE_LINK_RESP, SMPP_GENERIC_NACK,
    SMPP_SUBMIT_SM, SMPP_SUBMIT_SM_RESP, SMPP_DELIVER_SM, SMPP_DELIVER_SM_RESP, SMPP_DATA_SM,
    SMPP_DATA_SM_RESP, SMPP_QUERY_SM, SMPP_QUERY_SM_RESP, SMPP_CANCEL_SM, SMPP_CANCEL_SM_RESP,
    SMPP_REPLACE_SM, SMPP_REPLACE_SM_RESP, SMPP_ALERT_NOTIFICATION, SMPP_SUBMIT_MULTI,
    SMPP_SUBMIT_MULTI_RESP,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Decodes from memory of exactly that size, so that the sanitizer sees a read past the PDU; the
 * slices of *out are moved back into raw. */
static enum smpp_status
decode(struct slice raw, enum pdu_mode mode, struct pdu *out)
{
    uint8_t *copy = malloc(raw.n);
    enum smpp_status status, again;

    check(copy != NULL);
    memcpy(copy, raw.p, raw.n);
    status = pdu_decode(slice_of(copy, raw.n), mode, out);
    free(copy);
    again = pdu_decode(raw, mode, out);
    check_number(status, again);
    return status;
}

static enum smpp_status
decode_row(const char *id, enum pdu_mode mode, struct pdu *out)
{
    return decode(smpp_row_get(id, buf, sizeof(buf)), mode, out);
}

static void
rows_have_their_status_in_strict_mode(void)
{
    static const struct {
        const char *id;
        enum smpp_status status;
    } rows[] = {
        {"C01", SMPP_RINVCMDID},     {"C02", SMPP_RINVCMDID},   {"C03", SMPP_RINVCMDID},
        {"C04", SMPP_ROK},           {"C05", SMPP_RINVCMDID},   {"C07", SMPP_ROK},
        {"C13", SMPP_ROK},           {"C15", SMPP_ROK},         {"C17", SMPP_ROK},
        {"C18", SMPP_ROK},           {"C19", SMPP_ROK},         {"Q01", SMPP_ROK},
        {"Q02", SMPP_ROK},           {"Q03", SMPP_ROK},         {"B01", SMPP_ROK},
        {"B02", SMPP_ROK},           {"B03", SMPP_ROK},         {"B04", SMPP_ROK},
        {"B05", SMPP_RINVSYSID},     {"B06", SMPP_RINVPASWD},   {"B07", SMPP_RINVSYSTYP},
        {"B08", SMPP_RINVTLVLEN},    {"B09", SMPP_RINVCMDLEN},  {"B10", SMPP_ROK},
        {"B11", SMPP_ROK},           {"B12", SMPP_ROK},         {"B16", SMPP_ROK},
        {"B17", SMPP_RINVTLVSTREAM}, {"B18", SMPP_RINVTLVSTREAM},
        {"M01", SMPP_ROK},           {"M02", SMPP_RINVCMDLEN},  {"M03", SMPP_RINVCMDLEN},
        {"M04", SMPP_RINVCMDLEN},    {"M05", SMPP_RINVSERTYP},  {"M06", SMPP_RINVSRCADR},
        {"M07", SMPP_RINVDSTADR},    {"M08", SMPP_RINVDSTADR},  {"M09", SMPP_ROK},
        {"M18", SMPP_RINVSRCTON},    {"M19", SMPP_RINVSRCNPI},  {"M20", SMPP_RINVDSTTON},
        {"M21", SMPP_RINVDSTNPI},    {"M22", SMPP_RINVESMCLASS}, {"M23", SMPP_RINVPRTFLG},
        {"M24", SMPP_RINVREGDLVFLG}, {"M25", SMPP_RINVREPFLAG}, {"M27", SMPP_RINVSCHED},
        {"M28", SMPP_ROK},           {"M32", SMPP_RINVEXPIRY},  {"M35", SMPP_ROK},
        {"L01", SMPP_RINVMSGLEN},    {"L02", SMPP_RINVMSGLEN},  {"L03", SMPP_RINVMSGLEN},
        {"L04", SMPP_RINVTLVSTREAM}, {"L05", SMPP_RINVMSGLEN},  {"L06", SMPP_ROK},
        {"L07", SMPP_ROK},           {"L12", SMPP_ROK},         {"U01", SMPP_RINVMSGLEN},
        {"U02", SMPP_ROK},           {"T01", SMPP_ROK},         {"T02", SMPP_RINVTLVSTREAM},
        {"T03", SMPP_RINVTLVSTREAM}, {"T04", SMPP_RINVTLVSTREAM}, {"T05", SMPP_RINVTLVLEN},
        {"T06", SMPP_RINVTLVLEN},    {"T07", SMPP_ROK},         {"T08", SMPP_RINVTLVVAL},
        {"T09", SMPP_RTLVNOTALLWD},  {"T10", SMPP_RINVMSGLEN},  {"T11", SMPP_RINVTLVVAL},
        {"T12", SMPP_RINVTLVSTREAM}, {"X01", SMPP_RINVNUMDESTS},
        {"X02", SMPP_RINVDESTFLAG},  {"X03", SMPP_RMISSINGTLV},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pdu pdu;
        enum smpp_status status = decode_row(rows[i].id, PDU_STRICT, &pdu);

        if (status != rows[i].status)
            printf("    row %s\n", rows[i].id);
        check_number(status, rows[i].status);
        check_number(pdu.sequence_number, wire_u32(buf + 12));
        check_number(pdu.command_id, wire_u32(buf + 4));
    }
}

/* A carrier's mistakes cost no person's text, as long as the text can be found. */
static void
rows_have_their_status_in_lenient_mode(void)
{
    static const struct {
        const char *id;
        enum smpp_status status;
    } rows[] = {
        {"M02", SMPP_RINVCMDLEN}, {"M06", SMPP_RINVSRCADR}, {"M18", SMPP_ROK}, {"M22", SMPP_ROK},
        {"M24", SMPP_ROK},        {"M27", SMPP_ROK},        {"L01", SMPP_RINVMSGLEN},
        {"L02", SMPP_ROK},        {"L03", SMPP_RINVMSGLEN}, {"L04", SMPP_ROK}, {"L05", SMPP_ROK},
        {"T02", SMPP_ROK},        {"T03", SMPP_ROK},        {"T04", SMPP_ROK}, {"T05", SMPP_ROK},
        {"T06", SMPP_ROK},        {"T08", SMPP_ROK},        {"T09", SMPP_ROK}, {"T10", SMPP_ROK},
        {"T11", SMPP_ROK},        {"T12", SMPP_ROK},        {"X03", SMPP_ROK},
    };
    struct pdu pdu;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum smpp_status status = decode_row(rows[i].id, PDU_LENIENT, &pdu);

        if (status != rows[i].status)
            printf("    row %s\n", rows[i].id);
        check_number(status, rows[i].status);
    }
    for (size_t i = 0; i < smpp_rows_count; i++) {
        if (strcmp(smpp_rows[i].state, "smsc") == 0)
            check_number(decode_row(smpp_rows[i].id, PDU_LENIENT, &pdu), SMPP_ROK);
    }
}

static void
m01_baseline_is_understood(void)
{
    struct pdu pdu;

    check_number(decode_row("M01", PDU_STRICT, &pdu), SMPP_ROK);
    check_number(pdu.command_id, SMPP_SUBMIT_SM);
    check_number(pdu.sequence_number, 1);
    check_number(pdu.body.sm.source.ton, 1);
    check_number(pdu.body.sm.source.npi, 1);
    check_text(pdu.body.sm.source.digits, "447700900001");
    check_text(pdu.body.sm.dest.digits, "447700900123");
    check_number(pdu.body.sm.registered_delivery, 1);
    check_text(pdu.body.sm.short_message, "Hello");
    check_number(pdu.tlvs.n, 0);
    check_text(pdu_text(&pdu), "Hello");
}

static void
smpp_size_password_b06_a_long_one_is_there_to_be_accepted(void)
{
    uint8_t out[200];
    struct pdu pdu;
    size_t n;

    check_number(decode_row("B06", PDU_STRICT, &pdu), SMPP_RINVPASWD);
    check_text(pdu.body.bind.password, "aaaaaaaaa");
    check_number(pdu.body.bind.interface_version, 0x34);
    memset(filler, 'a', sizeof(filler));
    pdu.body.bind.password = slice_of(filler, 64);
    n = pdu_encode(&pdu, out, sizeof(out));
    check(n > 0);
    check_number(decode(slice_of(out, n), PDU_STRICT, &pdu), SMPP_RINVPASWD);
    check_number(pdu.body.bind.password.n, 64);
    pdu.body.bind.password = slice_of(filler, 65);
    check_number(pdu_encode(&pdu, buf, sizeof(buf)), 0);
}

static void
b10_b11_the_version_of_a_bind(void)
{
    struct pdu pdu;

    check_number(decode_row("B10", PDU_STRICT, &pdu), SMPP_ROK);
    check_number(pdu.body.bind.interface_version, 0x00);
    check_number(decode_row("B11", PDU_STRICT, &pdu), SMPP_ROK);
    check_number(pdu.body.bind.interface_version, 0x50);
    check_text(pdu.body.bind.system_id, "app1");
    check_text(pdu.body.bind.password, "secret12");
}

static void
c04_c18_c19_other_requests(void)
{
    struct pdu pdu;

    check_number(decode_row("C04", PDU_STRICT, &pdu), SMPP_ROK);
    check_text(pdu.body.query.message_id, "abc");
    check_text(pdu.body.query.source.digits, "447700900123");
    check_number(decode_row("C18", PDU_LENIENT, &pdu), SMPP_ROK);
    check_text(pdu.body.alert.source.digits, "447700900123");
    check_text(pdu.body.alert.esme.digits, "447700900001");
    check_number(decode_row("C19", PDU_STRICT, &pdu), SMPP_ROK);
    check_text(pdu.body.bind.system_id, "x");
    check_text(pdu.body.bind.password, "y");
}

static void
smpp_f17_status_of_a_request_is_not_passed_on(void)
{
    uint8_t out[100];
    struct pdu pdu;

    check_number(decode_row("C17", PDU_STRICT, &pdu), SMPP_ROK);
    check_number(pdu.command_status, 0x58);
    check_number(pdu_encode(&pdu, out, sizeof(out)), 62);
    check_number(wire_u32(out + 8), 0);
}

static void
l05_an_empty_text_is_allowed_if_asked_for(void)
{
    struct pdu pdu;

    check_number(decode_row("L05", PDU_STRICT_OR_EMPTY, &pdu), SMPP_ROK);
    check_number(decode_row("U01", PDU_STRICT_OR_EMPTY, &pdu), SMPP_RINVMSGLEN);
    check_number(decode_row("M18", PDU_STRICT_OR_EMPTY, &pdu), SMPP_RINVSRCTON);
    check_number(decode_row("T04", PDU_STRICT_OR_EMPTY, &pdu), SMPP_RINVTLVSTREAM);
}

static void
smpp_size_short_message_and_what_else_50_allows(void)
{
    struct pdu pdu;

    check_number(decode_row("L02", PDU_STRICT, &pdu), SMPP_RINVMSGLEN);
    check_number(decode_row("L02", PDU_STRICT_50, &pdu), SMPP_ROK);
    check_number(pdu.body.sm.short_message.n, 255);
    check_number(decode_row("M23", PDU_STRICT_50, &pdu), SMPP_ROK); /* priority 4 */
    check_number(decode_row("M24", PDU_STRICT_50, &pdu), SMPP_ROK); /* success only */
    check_number(decode_row("M25", PDU_STRICT_50, &pdu), SMPP_RINVREPFLAG);
    check_number(decode_row("M18", PDU_STRICT_50, &pdu), SMPP_RINVSRCTON);
    check_number(decode_row("L05", PDU_STRICT_50, &pdu), SMPP_RINVMSGLEN);
    check_number(decode_row("X03", PDU_STRICT_50, &pdu), SMPP_RMISSINGTLV);
}

/* The body of an error: only data_sm_resp has one, to say why; what nobody speaks can be refused
 * under its name, and nothing else said of it. */
static void
smpp_op_data_sm_op_broadcast_sm_errors_on_the_wire(void)
{
    static const uint8_t reason[] = {0x04, 0x25, 0, 1, 1};
    struct pdu pdu = {.command_id = SMPP_DATA_SM_RESP, .command_status = SMPP_RINVDSTADR}, again;
    uint8_t out[100];

    check_number(pdu_encode(&pdu, out, sizeof(out)), 16);
    pdu.tlvs = slice_of(reason, sizeof(reason));
    check_number(pdu_encode(&pdu, out, sizeof(out)), 22);
    check_number(decode(slice_of(out, 22), PDU_LENIENT, &again), SMPP_ROK);
    check_number(again.tlvs.n, 5);
    pdu.command_id = SMPP_SUBMIT_SM_RESP;
    check_number(pdu_encode(&pdu, out, sizeof(out)), 16);
    pdu.command_id = SMPP_BROADCAST_SM_RESP;
    check_number(pdu_encode(&pdu, out, sizeof(out)), 16);
    pdu.command_status = SMPP_ROK;
    check_number(pdu_encode(&pdu, out, sizeof(out)), 0);
    pdu.command_id = SMPP_BROADCAST_SM;
    check_number(pdu_encode(&pdu, out, sizeof(out)), 0);
}

static void
smpp_f21_nul_octets_are_text(void)
{
    struct pdu pdu = {.command_id = SMPP_SUBMIT_SM};
    uint8_t out[200];
    size_t n;

    pdu.body.sm.short_message = slice_of("\0a\0", 3);
    n = pdu_encode(&pdu, out, sizeof(out));
    check_number(decode(slice_of(out, n), PDU_STRICT, &pdu), SMPP_ROK);
    check_slice(pdu.body.sm.short_message, slice_of("\0a\0", 3));
}

static void
t02_t12_a_broken_region_is_cut_at_the_break(void)
{
    struct slice rest;
    struct tlv tlv;
    struct pdu pdu;
    size_t count = 0;

    check_number(decode_row("T02", PDU_LENIENT, &pdu), SMPP_ROK);
    check_text(pdu.body.sm.short_message, "Hello");
    check_number(pdu.tlvs.n, 0);
    check_number(decode_row("T12", PDU_LENIENT, &pdu), SMPP_ROK);
    for (rest = pdu.tlvs; tlv_next(&rest, &tlv); count++)
        check_number(tlv.tag, 0x1501);
    check_number(count, PDU_TLVS_MAX);
}

static void
t05_t06_a_known_tlv_of_wrong_length_is_passed_over(void)
{
    uint32_t number;
    struct tlv tlv;
    struct pdu pdu;

    check_number(decode_row("T05", PDU_LENIENT, &pdu), SMPP_ROK);
    check(!tlv_find(pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &tlv));
    check(!tlv_number(pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &number));
    check_number(decode_row("T06", PDU_LENIENT, &pdu), SMPP_ROK);
    check(!tlv_next(&(struct slice){pdu.tlvs.p, pdu.tlvs.n}, &tlv));
}

static void
t08_t09_the_first_tlv_and_the_short_message_win(void)
{
    uint32_t number;
    struct pdu pdu;

    check_number(decode_row("T08", PDU_LENIENT, &pdu), SMPP_ROK);
    check(tlv_number(pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &number));
    check_number(number, 1);
    check_number(decode_row("T09", PDU_LENIENT, &pdu), SMPP_ROK);
    check_text(pdu_text(&pdu), "Hello");
    check_number(decode_row("T11", PDU_LENIENT, &pdu), SMPP_ROK);
    check_text(pdu_text(&pdu), "A");
}

static void
t01_t13_t14_tlvs_can_be_read(void)
{
    uint32_t number;
    struct tlv tlv;
    struct pdu pdu;

    check_number(decode_row("T01", PDU_STRICT, &pdu), SMPP_ROK);
    check(tlv_find(pdu.tlvs, 0x1501, &tlv));
    check_text(tlv.value, "abc");
    check(!tlv_number(pdu.tlvs, 0x1501, &number));
    check_number(decode_row("T13", PDU_LENIENT, &pdu), SMPP_ROK);
    check(tlv_find(pdu.tlvs, SMPP_TAG_RECEIPTED_MESSAGE_ID, &tlv));
    check_number(tlv.value.n, 65);
    check_number(decode_row("T14", PDU_LENIENT, &pdu), SMPP_ROK);
    check(tlv_number(pdu.tlvs, SMPP_TAG_MESSAGE_STATE, &number));
    check_number(number, 0xFF);
}

/* Repeatable TLVs may differ; two tags that share a bit of the search filter are no duplicates. */
static void
t08_only_true_duplicates_are_refused(void)
{
    struct pdu pdu = {.command_id = SMPP_SUBMIT_SM};
    uint8_t tlvs[200], out[400];
    size_t used = 0, n;

    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_CALLBACK_NUM, SLICE_LIT("1234")));
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_CALLBACK_NUM, SLICE_LIT("5678")));
    check(tlv_put(tlvs, sizeof(tlvs), &used, 0x1501, SLICE_LIT("x")));
    check(tlv_put(tlvs, sizeof(tlvs), &used, 0x1501, SLICE_LIT("y")));
    for (uint16_t tag = 0; tag < 0x1400; tag++) {
        const struct smpp_tag_info *info = smpp_tag_info(tag);

        if (info && info->max == 1 && used + 5 <= 160)
            check(tlv_put(tlvs, sizeof(tlvs), &used, tag, slice_of(&(uint8_t){(uint8_t)tag}, 1)));
    }
    pdu.body.sm.short_message = SLICE_LIT("x");
    pdu.tlvs = slice_of(tlvs, used);
    n = pdu_encode(&pdu, out, sizeof(out));
    check_number(decode(slice_of(out, n), PDU_STRICT, &pdu), SMPP_ROK);
    check_slice(pdu.tlvs, slice_of(tlvs, used));
}

static void
t12_sixty_four_tlvs_are_allowed(void)
{
    struct pdu pdu = {.command_id = SMPP_SUBMIT_SM};
    uint8_t tlvs[4 * (PDU_TLVS_MAX + 1)], out[600];
    size_t used = 0, n;

    pdu.body.sm.short_message = SLICE_LIT("x");
    for (uint32_t i = 0; i < PDU_TLVS_MAX + 1; i++) {
        check(tlv_put(tlvs, sizeof(tlvs), &used, 0x1501, SLICE_NONE));
        pdu.tlvs = slice_of(tlvs, used);
        n = pdu_encode(&pdu, out, sizeof(out));
        check_number(decode(slice_of(out, n), PDU_STRICT, &(struct pdu){0}),
                     i < PDU_TLVS_MAX ? SMPP_ROK : SMPP_RINVTLVSTREAM);
    }
    check(!tlv_put(tlvs, sizeof(tlvs), &used, 0x1501, SLICE_NONE));
    check_number(used, sizeof(tlvs));
}

static void
smpp_f18_f19_f20_responses_are_taken_as_they_come(void)
{
    static const struct {
        const char *hex;
        uint32_t status;
        const char *id;
    } responses[] = {
        {"00000010 80000004 00000045 00000001", 0x45, ""},      /* header only */
        {"00000011 80000004 00000045 00000001 00", 0x45, ""},
        {"00000010 80000005 00000000 00000001", 0, ""},         /* none from an app */
        {"00000011 80000005 00000000 00000001 00", 0, ""},
        {"00000013 80000005 00000000 00000001 616200", 0, "ab"},
        {"00000012 80000004 00000000 00000001 6162", 0, "ab"},  /* no NUL */
        {"00000015 80000004 00000000 00000001 6100ffffff", 0, "a"},
    };

    for (size_t i = 0; i < sizeof(responses) / sizeof(responses[0]); i++) {
        size_t n = check_hex(responses[i].hex, buf, sizeof(buf));
        struct pdu pdu;

        check_number(decode(slice_of(buf, n), PDU_STRICT, &pdu), SMPP_ROK);
        check_number(pdu.command_status, responses[i].status);
        check_text(pdu.body.message_id, responses[i].id);
        check_number(pdu.tlvs.n, 0);
    }
}

static void
smpp_f18_a_message_id_too_long_is_cut_and_tlvs_follow(void)
{
    struct pdu pdu;
    uint32_t number;
    size_t n = check_hex("00000000 80000103 00000000 00000001", buf, sizeof(buf));

    memset(buf + n, 'i', 80);
    n += 80;
    n += check_hex("00 0425 0001 02", buf + n, sizeof(buf) - n);
    check_number(decode(slice_of(buf, n), PDU_LENIENT, &pdu), SMPP_ROK);
    check_number(pdu.body.message_id.n, SMPP_MESSAGE_ID_BYTES - 1);
    check(tlv_number(pdu.tlvs, SMPP_TAG_DELIVERY_FAILURE_REASON, &number));
    check_number(number, 2);
}

static void
enquire_link_with_a_body_is_still_a_sign_of_life(void)
{
    struct pdu pdu;
    size_t n = check_hex("00000013 00000015 00000000 00000007 00ffff", buf, sizeof(buf));

    check_number(decode(slice_of(buf, n), PDU_STRICT, &pdu), SMPP_ROK);
    check_number(pdu.sequence_number, 7);
}

static void
smpp_f10_errors_are_answered_with_a_bare_header(void)
{
    struct pdu pdu = {.command_id = SMPP_SUBMIT_SM_RESP, .command_status = SMPP_RTHROTTLED,
                      .sequence_number = 9};
    uint8_t want[16];
    size_t n;

    pdu.body.message_id = SLICE_LIT("abc");
    check_hex("00000010 80000004 00000058 00000009", want, sizeof(want));
    n = pdu_encode(&pdu, buf, sizeof(buf));
    check_slice(slice_of(buf, n), slice_of(want, 16));
    pdu.command_status = SMPP_ROK;
    check_number(pdu_encode(&pdu, buf, sizeof(buf)), 20);
    check_slice(slice_of(buf + 16, 4), slice_of("abc", 4));
}

/* The slice that holds the text of this field; NULL if it is a number or a list. */
static struct slice *
text_of(struct pdu *pdu, const struct pdu_field *field)
{
    void *member = (uint8_t *)pdu + field->offset;

    switch ((enum pdu_kind)field->kind) {
    case PDU_ADDRESS:
        return &((struct pdu_address *)member)->digits;
    case PDU_STRING:
    case PDU_SECRET:
    case PDU_TIME:
    case PDU_COUNTED:
        return member;
    case PDU_U8:
    case PDU_DESTS:
    case PDU_FAILURES:
        return NULL;
    }
    return NULL;
}

/* Octets of text that fit the field. */
static size_t
room_of(const struct pdu_field *field)
{
    switch ((enum pdu_kind)field->kind) {
    case PDU_COUNTED:
        return field->max;
    case PDU_SECRET:
        return SMPP_PASSWORD_LONG_BYTES - 1;
    default:
        return field->max - 1u;
    }
}

/* Three entries with numbers of n octets. */
static void
fill_list(enum pdu_kind kind, size_t n, struct pdu_list *list)
{
    static uint8_t dests[3 * PDU_DEST_BYTES_MAX], failures[3 * PDU_FAILURE_BYTES_MAX];
    struct pdu_address address = {1, 2, slice_of(filler, n < 20 ? n : 20)};

    *list = (struct pdu_list){0, SLICE_NONE};
    for (uint8_t i = 0; i < 3; i++) {
        struct pdu_dest dest = {i % 2 ? PDU_DEST_LIST : PDU_DEST_SME, address, SLICE_LIT("list")};
        struct pdu_failure failure = {address, 0x400u + i};

        if (kind == PDU_DESTS)
            check(pdu_dest_put(dests, sizeof(dests), list, &dest));
        else
            check(pdu_failure_put(failures, sizeof(failures), list, &failure));
    }
}

/* A PDU of this kind with every octet field a different number and every text of length n, or as
 * long as allowed. */
static struct pdu
filled(uint32_t command_id, size_t n)
{
    const struct pdu_type *type = pdu_type_of(command_id);
    struct pdu pdu = {.command_id = command_id, .sequence_number = 0x80000001};

    memset(filler, 'a', sizeof(filler));
    for (size_t i = 0; i < type->count; i++) {
        const struct pdu_field *field = &type->fields[i];
        struct slice *text = text_of(&pdu, field);
        size_t room = field->kind == PDU_SECRET ? SMPP_PASSWORD_BYTES - 1 : room_of(field);

        if (text)
            *text = slice_of(filler, n < room ? n : room);
        else if (field->kind != PDU_U8)
            fill_list((enum pdu_kind)field->kind, n,
                      (struct pdu_list *)(void *)((uint8_t *)&pdu + field->offset));
        else
            *((uint8_t *)&pdu + field->offset) = n ? (uint8_t)(i + 1) : 0;
    }
    return pdu;
}

/* A message that strict mode accepts too: only the values that it checks are set back. */
static struct pdu
filled_plausible(uint32_t command_id, size_t n)
{
    const struct pdu_type *type = pdu_type_of(command_id);
    struct pdu pdu = filled(command_id, n);

    for (size_t i = 0; i < type->count; i++) {
        if (type->fields[i].kind == PDU_TIME)
            *text_of(&pdu, &type->fields[i]) = SLICE_NONE;
    }
    if (type->flags & PDU_MESSAGE) {
        pdu.body.sm.esm_class = 0;
        pdu.body.sm.priority_flag = 1;
        pdu.body.sm.registered_delivery = 1;
        pdu.body.sm.replace_if_present_flag = command_id != SMPP_SUBMIT_MULTI;
    }
    return pdu;
}

static void
round_trip(const struct pdu *pdu)
{
    static uint8_t first[1000], second[1000];
    size_t n = pdu_encode(pdu, first, sizeof(first));
    struct pdu again;

    check(n >= PDU_HEADER_BYTES);
    check_number(wire_u32(first), n);
    check_number(decode(slice_of(first, n), PDU_LENIENT, &again), SMPP_ROK);
    check_number(again.sequence_number, pdu->sequence_number);
    check_number(pdu_encode(&again, second, sizeof(second)), n);
    check_slice(slice_of(second, n), slice_of(first, n));
    for (size_t cap = 0; cap < n; cap++)
        check_number(pdu_encode(pdu, second, cap), 0);
}

static void
every_pdu_survives_a_round_trip(void)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        for (size_t n = 0; n <= 255; n += n < 70 ? 1 : 37) {
            struct pdu pdu = filled(commands[i], n);

            round_trip(&pdu);
        }
    }
}

static void
every_field_is_decoded_to_what_was_encoded(void)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct pdu_type *type = pdu_type_of(commands[i]);
        struct pdu pdu = filled(commands[i], 5), again;
        size_t n = pdu_encode(&pdu, buf, sizeof(buf));

        check_number(decode(slice_of(buf, n), PDU_LENIENT, &again), SMPP_ROK);
        for (size_t k = 0; k < type->count; k++) {
            struct slice *text = text_of(&pdu, &type->fields[k]);

            if (text)
                check_slice(*text_of(&again, &type->fields[k]), *text);
            else if (type->fields[k].kind == PDU_DESTS)
                check_slice(again.body.sm.dests.region, pdu.body.sm.dests.region);
            else if (type->fields[k].kind == PDU_FAILURES)
                check_slice(again.body.multi_result.failures.region,
                            pdu.body.multi_result.failures.region);
            else
                check_number(((uint8_t *)&again)[type->fields[k].offset],
                             ((uint8_t *)&pdu)[type->fields[k].offset]);
        }
    }
}

static void
every_field_at_its_maximum_and_one_more_is_not_encoded(void)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct pdu_type *type = pdu_type_of(commands[i]);

        for (size_t k = 0; k < type->count; k++) {
            struct pdu pdu = filled(commands[i], 1);
            struct slice *text = text_of(&pdu, &type->fields[k]);

            if (!text)
                continue;
            text->n = room_of(&type->fields[k]);
            check(pdu_encode(&pdu, buf, sizeof(buf)) > 0);
            text->n++;
            check_number(pdu_encode(&pdu, buf, sizeof(buf)), 0);
        }
    }
}

/* The PDU with one field one octet too long, made by putting an octet into a good one. */
static size_t
overfill(uint32_t command_id, const struct pdu_field *field)
{
    struct pdu pdu = filled_plausible(command_id, 1);
    struct slice *text = text_of(&pdu, field);
    const uint8_t *start;
    size_t n, at;

    memset(filler, 'Z', sizeof(filler));
    *text = slice_of(filler, room_of(field));
    n = pdu_encode(&pdu, buf, sizeof(buf));
    memset(filler, 'a', sizeof(filler));
    start = memmem(buf + 16, n - 16, "ZZ", 2);
    check(start != NULL);
    at = (size_t)(start - buf);
    memmove(buf + at + 1, buf + at, n - at);
    buf[at] = 'Z';
    if (field->kind == PDU_COUNTED)
        buf[at - 1]++;
    wire_set_u32(buf, (uint32_t)(n + 1));
    return n + 1;
}

static void
smpp_f10_every_field_too_long_has_its_own_status(void)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct pdu_type *type = pdu_type_of(commands[i]);

        for (size_t k = 0; k < type->count; k++) {
            const struct pdu_field *field = &type->fields[k];
            struct pdu pdu = {0};
            size_t n;

            if (!text_of(&pdu, field))
                continue;
            n = overfill(commands[i], field);
            check_number(decode(slice_of(buf, n), PDU_STRICT, &pdu),
                         type->flags & PDU_TOLERANT ? SMPP_ROK : field->error);
        }
    }
}

static void
every_pdu_cut_at_every_octet_is_refused(void)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        bool tolerant = pdu_type_of(commands[i])->flags & PDU_TOLERANT;
        struct pdu pdu = filled_plausible(commands[i], 5);
        uint8_t tlvs[20];
        size_t used = 0, n, plain;

        pdu.tlvs = SLICE_NONE;
        plain = pdu_encode(&pdu, buf, sizeof(buf));
        check(tlv_put(tlvs, sizeof(tlvs), &used, 0x1501, SLICE_LIT("vendor")));
        pdu.tlvs = slice_of(tlvs, used);
        n = pdu_encode(&pdu, buf, sizeof(buf));
        check_number(n, plain + used);
        for (size_t cut = PDU_HEADER_BYTES; cut < n; cut++) {
            enum smpp_status status, lenient;

            wire_set_u32(buf, (uint32_t)cut);
            status = decode(slice_of(buf, cut), PDU_STRICT, &pdu);
            lenient = decode(slice_of(buf, cut), PDU_LENIENT, &pdu);
            if (tolerant)
                check_number(status, SMPP_ROK);
            else if (cut < plain)
                check(status == SMPP_RINVCMDLEN || status == SMPP_RINVMSGLEN);
            else if (cut > plain)
                check_number(status, SMPP_RINVTLVSTREAM);
            check_number(lenient, cut < plain && !tolerant ? status : SMPP_ROK);
        }
    }
}

static void
a_pdu_shorter_than_its_header_is_refused(void)
{
    struct pdu pdu;

    for (size_t n = 0; n < PDU_HEADER_BYTES; n++)
        check_number(pdu_decode(slice_of("\0\0\0\020\0\0\0\025\0\0\0\0\0\0\0", n), PDU_STRICT,
                                &pdu), SMPP_RINVCMDLEN);
}

static void
what_cannot_be_written_is_not_encoded(void)
{
    struct pdu pdu = {.command_id = 0x0A};

    check_number(pdu_encode(&pdu, buf, sizeof(buf)), 0);
    pdu.command_id = SMPP_BROADCAST_SM;
    check_number(pdu_encode(&pdu, buf, sizeof(buf)), 0);
    pdu.command_id = SMPP_SUBMIT_SM_RESP;
    pdu.body.message_id = slice_of("a\0b", 3);
    check_number(pdu_encode(&pdu, buf, sizeof(buf)), 0);
}

static void
s3_the_sequence_number_is_32_bits(void)
{
    static const uint32_t numbers[] = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    struct pdu pdu = {.command_id = SMPP_ENQUIRE_LINK};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        check_number(pdu_encode(&pdu, buf, sizeof(buf)), 16);
        pdu_set_sequence(buf, numbers[i]);
        check_number(pdu_decode(slice_of(buf, 16), PDU_STRICT, &pdu), SMPP_ROK);
        check_number(pdu.sequence_number, numbers[i]);
    }
}

static void
tlv_put_next_find_number(void)
{
    uint8_t tlvs[19];
    size_t used = 0;
    struct slice rest;
    uint32_t number;
    struct tlv tlv;

    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_STATE, slice_of("\x02", 1)));
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_SAR_MSG_REF_NUM, slice_of("\x01\x02", 2)));
    check(!tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_QOS_TIME_TO_LIVE, SLICE_LIT("12345")));
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_QOS_TIME_TO_LIVE,
                  slice_of("\x01\x02\x03\x04", 4)));
    check_number(used, sizeof(tlvs));
    rest = slice_of(tlvs, used);
    check(tlv_number(rest, SMPP_TAG_MESSAGE_STATE, &number) && number == 2);
    check(tlv_number(rest, SMPP_TAG_SAR_MSG_REF_NUM, &number) && number == 0x0102);
    check(tlv_number(rest, SMPP_TAG_QOS_TIME_TO_LIVE, &number) && number == 0x01020304);
    check(!tlv_number(rest, SMPP_TAG_PAYLOAD_TYPE, &number));
    check(tlv_next(&rest, &tlv) && tlv.tag == SMPP_TAG_MESSAGE_STATE && tlv.value.n == 1);
    check(tlv_next(&rest, &tlv) && tlv.tag == SMPP_TAG_SAR_MSG_REF_NUM);
    check(tlv_next(&rest, &tlv) && tlv.tag == SMPP_TAG_QOS_TIME_TO_LIVE);
    check(!tlv_next(&rest, &tlv));
    check(!tlv_next(&rest, &tlv));
    for (size_t n = 0; n < used; n++) {
        size_t count = 0;

        for (rest = slice_of(tlvs, n); tlv_next(&rest, &tlv);)
            count++;
        check_number(count, (n >= 5) + (n >= 11));
    }
}

static void
dump_shows_names_and_hides_the_password(void)
{
    char line[600];
    struct pdu pdu;

    check_number(decode_row("B01", PDU_STRICT, &pdu), SMPP_ROK);
    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line), "bind_transceiver seq=1 status=ROK system_id=app1 password=*** "
                                "interface_version=0x34");
    check_number(decode_row("T14", PDU_LENIENT, &pdu), SMPP_ROK);
    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line),
               "deliver_sm seq=1 status=ROK source=1:1:447700900001 dest=1:1:447700900123 "
               "esm_class=4(receipt) registered_delivery=1(final) short_message=\"Hello\" "
               "receipted_message_id=123 message_state=255");
    pdu_dump_masked(&pdu, line, sizeof(line));
    check_text(slice_str(line),
               "deliver_sm seq=1 status=ROK source=1:1:4477*****001 dest=1:1:4477*****123 "
               "esm_class=4(receipt) registered_delivery=1(final) short_message=(5 octets) "
               "receipted_message_id=123 message_state=255");
    check_number(decode_row("C01", PDU_STRICT, &pdu), SMPP_RINVCMDID);
    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line), "command 0x0000000a seq=9 status=ROK");
}

static void
m12_dump_escapes_what_could_break_a_log(void)
{
    struct pdu pdu = {.command_id = SMPP_DATA_SM};
    char line[300];

    pdu.body.sm.source.digits = SLICE_LIT("12");
    pdu.body.sm.dest.digits = SLICE_LIT("a\n\x1b\x7f\xff\"\\ b");
    pdu_dump(&pdu, line, sizeof(line));
    check_text(slice_str(line), "data_sm seq=0 status=ROK source=0:0:12 "
                                "dest=0:0:a\\x0a\\x1b\\x7f\\xff\\\"\\\\ b");
}

static void
dump_fits_any_buffer(void)
{
    static const char *const rows[] = {"M01", "T10", "T12", "B01", "M12", "X01"};
    struct pdu pdu;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)decode_row(rows[i], PDU_LENIENT, &pdu);
        check_number(pdu_dump(&pdu, NULL, 0), 0);
        for (size_t cap = 1; cap < 300; cap++) {
            char *line = malloc(cap);
            size_t n;

            check(line != NULL);
            n = pdu_dump(&pdu, line, cap);
            check(n < cap);
            check_number(strlen(line), n);
            free(line);
        }
    }
}

CHECK_MAIN({"smpp_size_short_message_and_what_else_50_allows",
            smpp_size_short_message_and_what_else_50_allows},
           {"smpp_op_data_sm_op_broadcast_sm_errors_on_the_wire",
            smpp_op_data_sm_op_broadcast_sm_errors_on_the_wire},

    {"rows_have_their_status_in_strict_mode", rows_have_their_status_in_strict_mode},
    {"rows_have_their_status_in_lenient_mode", rows_have_their_status_in_lenient_mode},
    {"m01_baseline_is_understood", m01_baseline_is_understood},
    {"smpp_size_password_b06_a_long_one_is_there_to_be_accepted",
     smpp_size_password_b06_a_long_one_is_there_to_be_accepted},
    {"b10_b11_the_version_of_a_bind", b10_b11_the_version_of_a_bind},
    {"c04_c18_c19_other_requests", c04_c18_c19_other_requests},
    {"smpp_f17_status_of_a_request_is_not_passed_on",
     smpp_f17_status_of_a_request_is_not_passed_on},
    {"l05_an_empty_text_is_allowed_if_asked_for", l05_an_empty_text_is_allowed_if_asked_for},
    {"smpp_f21_nul_octets_are_text", smpp_f21_nul_octets_are_text},
    {"t02_t12_a_broken_region_is_cut_at_the_break", t02_t12_a_broken_region_is_cut_at_the_break},
    {"t05_t06_a_known_tlv_of_wrong_length_is_passed_over",
     t05_t06_a_known_tlv_of_wrong_length_is_passed_over},
    {"t08_t09_the_first_tlv_and_the_short_message_win",
     t08_t09_the_first_tlv_and_the_short_message_win},
    {"t01_t13_t14_tlvs_can_be_read", t01_t13_t14_tlvs_can_be_read},
    {"t08_only_true_duplicates_are_refused", t08_only_true_duplicates_are_refused},
    {"t12_sixty_four_tlvs_are_allowed", t12_sixty_four_tlvs_are_allowed},
    {"smpp_f18_f19_f20_responses_are_taken_as_they_come",
     smpp_f18_f19_f20_responses_are_taken_as_they_come},
    {"smpp_f18_a_message_id_too_long_is_cut_and_tlvs_follow",
     smpp_f18_a_message_id_too_long_is_cut_and_tlvs_follow},
    {"enquire_link_with_a_body_is_still_a_sign_of_life",
     enquire_link_with_a_body_is_still_a_sign_of_life},
    {"smpp_f10_errors_are_answered_with_a_bare_header",
     smpp_f10_errors_are_answered_with_a_bare_header},
    {"every_pdu_survives_a_round_trip", every_pdu_survives_a_round_trip},
    {"every_field_is_decoded_to_what_was_encoded", every_field_is_decoded_to_what_was_encoded},
    {"every_field_at_its_maximum_and_one_more_is_not_encoded",
     every_field_at_its_maximum_and_one_more_is_not_encoded},
    {"smpp_f10_every_field_too_long_has_its_own_status",
     smpp_f10_every_field_too_long_has_its_own_status},
    {"every_pdu_cut_at_every_octet_is_refused", every_pdu_cut_at_every_octet_is_refused},
    {"a_pdu_shorter_than_its_header_is_refused", a_pdu_shorter_than_its_header_is_refused},
    {"what_cannot_be_written_is_not_encoded", what_cannot_be_written_is_not_encoded},
    {"s3_the_sequence_number_is_32_bits", s3_the_sequence_number_is_32_bits},
    {"tlv_put_next_find_number", tlv_put_next_find_number},
    {"dump_shows_names_and_hides_the_password", dump_shows_names_and_hides_the_password},
    {"m12_dump_escapes_what_could_break_a_log", m12_dump_escapes_what_could_break_a_log},
    {"dump_fits_any_buffer", dump_fits_any_buffer})
