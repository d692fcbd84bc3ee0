/*
 * pdu_rows_test.c: section 1 of the conformance list as far as the codec decides it: one submit_sm
 * or deliver_sm with its end changed, and the status that must come of it. Apart from pdu_test.c,
 * which walks the tables.
 */
#include "protocol/pdu.h"

#include <stdlib.h>

#include "protocol/wire.h"
#include "tests/unit/check.h"

/* A submit_sm with the text "abc" and what follows it; sm_length as given. */
struct sm_octets {
    uint8_t p[512];
    size_t n;
};

static void
sm_make(struct sm_octets *sm, uint32_t command_id, uint8_t sm_length, struct slice rest)
{
    static const uint8_t fields[] = {
        0,                                  /* service_type */
        1, 1, '4', '4', '7', '0', 0,        /* source */
        1, 1, '4', '4', '7', '1', 0,        /* destination */
        0, 0, 0,                            /* esm_class, protocol_id, priority_flag */
        0, 0,                               /* schedule, validity */
        0, 0, 0, 0,                         /* receipt, replace, data_coding, default message */
    };

    memset(sm->p, 0, 16);
    wire_set_u32(sm->p + 4, command_id);
    wire_set_u32(sm->p + 12, 7);
    memcpy(sm->p + 16, fields, sizeof(fields));
    sm->n = 16 + sizeof(fields);
    sm->p[sm->n++] = sm_length;
    memcpy(sm->p + sm->n, "abc", 3);
    sm->n += 3;
    if (rest.n > 0)
        memcpy(sm->p + sm->n, rest.p, rest.n);
    sm->n += rest.n;
    wire_set_u32(sm->p, (uint32_t)sm->n);
}

/* From memory of exactly that size, so that a read behind the PDU is seen. */
static enum smpp_status
sm_status(const struct sm_octets *sm, enum pdu_mode mode, struct pdu *out)
{
    uint8_t *copy = malloc(sm->n);
    enum smpp_status status;

    check(copy != NULL);
    memcpy(copy, sm->p, sm->n);
    status = pdu_decode(slice_of(copy, sm->n), mode, out);
    free(copy);
    check_number(status, pdu_decode(slice_of(sm->p, sm->n), mode, out));
    return status;
}

static enum smpp_status
status_of(uint8_t sm_length, struct slice rest, enum pdu_mode mode, struct pdu *out)
{
    static struct sm_octets sm;

    sm_make(&sm, SMPP_SUBMIT_SM, sm_length, rest);
    return sm_status(&sm, mode, out);
}

#define REST(literal) slice_of("" literal, sizeof(literal) - 1)

static void
smpp_f1_the_header_is_four_big_endian_numbers(void)
{
    static const uint8_t want[] = {0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78};
    struct pdu pdu = {.command_id = SMPP_ENQUIRE_LINK, .sequence_number = 0x12345678}, back;
    uint8_t out[16];

    check_number(pdu_encode(&pdu, out, sizeof(out)), 16);
    check_slice(slice_of(out, 16), slice_of(want, 16));
    check_number(pdu_decode(slice_of(want, 16), PDU_STRICT, &back), SMPP_ROK);
    check_number(back.command_id, SMPP_ENQUIRE_LINK);
    check_number(back.sequence_number, 0x12345678);
}

static void
smpp_f11_sm_length_beyond_the_body(void)
{
    struct pdu pdu;

    for (unsigned length = 4; length <= 255; length++) {
        check_number(status_of((uint8_t)length, SLICE_NONE, PDU_STRICT, &pdu), SMPP_RINVMSGLEN);
        check_number(status_of((uint8_t)length, SLICE_NONE, PDU_LENIENT, &pdu), SMPP_RINVMSGLEN);
        check_number(pdu.sequence_number, 7);
    }
    check_number(status_of(3, SLICE_NONE, PDU_STRICT, &pdu), SMPP_ROK);
}

/* One to three octets cannot be a TLV; an app can mend that, and a carrier's text is worth more. */
static void
smpp_f12_octets_that_are_no_tlv(void)
{
    struct pdu pdu;

    for (size_t n = 1; n <= 3; n++) {
        check_number(status_of(3, slice_of("\0\0\0", n), PDU_STRICT, &pdu), SMPP_RINVTLVSTREAM);
        check_number(status_of(3, slice_of("\0\0\0", n), PDU_LENIENT, &pdu), SMPP_ROK);
        check_text(pdu.body.sm.short_message, "abc");
    }
}

static void
smpp_f13_a_tlv_that_runs_past_the_pdu(void)
{
    struct pdu pdu;

    check_number(status_of(3, REST("\x15\x01\x00\x02x"), PDU_STRICT, &pdu), SMPP_RINVTLVSTREAM);
    check_number(status_of(3, REST("\x15\x01\xFF\xFFx"), PDU_STRICT, &pdu), SMPP_RINVTLVSTREAM);
    check_number(status_of(3, REST("\x15\x01\x00\x01x"), PDU_STRICT, &pdu), SMPP_ROK);
}

static void
smpp_f14_each_fault_of_a_tlv_has_its_status(void)
{
    static struct sm_octets sm;
    struct pdu pdu;

    /* user_message_reference has two octets. */
    check_number(status_of(3, REST("\x02\x04\x00\x01\x01"), PDU_STRICT, &pdu), SMPP_RINVTLVLEN);
    check_number(status_of(3, REST("\x02\x04\x00\x03\x01\x02\x03"), PDU_STRICT, &pdu),
                 SMPP_RINVTLVLEN);
    /* message_payload beside a short_message. */
    check_number(status_of(3, REST("\x04\x24\x00\x01x"), PDU_STRICT, &pdu), SMPP_RTLVNOTALLWD);
    /* Twice with different values. */
    check_number(
        status_of(3, REST("\x02\x04\x00\x02\x00\x01\x02\x04\x00\x02\x00\x02"), PDU_STRICT, &pdu),
        SMPP_RINVTLVVAL);
    /* A data_sm has nothing but its message_payload. */
    sm = (struct sm_octets){.n = 0};
    memcpy(sm.p + 16, "\0\1\1" "4470\0\1\1" "4471\0\0\0\0", 18);
    sm.n = 16 + 18;
    wire_set_u32(sm.p, (uint32_t)sm.n);
    wire_set_u32(sm.p + 4, SMPP_DATA_SM);
    check_number(sm_status(&sm, PDU_STRICT, &pdu), SMPP_RMISSINGTLV);
}

static void
smpp_f15_unknown_tlvs_are_passed_over_in_any_order(void)
{
    struct pdu pdu;
    uint32_t number;

    check_number(status_of(3,
                           REST("\x3F\xFF\x00\x00\x02\x04\x00\x02\x00\x05\x14\x00\x00\x01z"
                                "\x00\x05\x00\x01\x00"),
                           PDU_STRICT, &pdu),
                 SMPP_ROK);
    check(tlv_number(pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &number));
    check_number(number, 5);
}

/* The same value twice does no harm; of two values an app is told, a carrier's first one counts. */
static void
smpp_f16_the_same_tlv_twice(void)
{
    static const char same[] = "\x02\x04\x00\x02\x00\x01\x02\x04\x00\x02\x00\x01";
    static const char other[] = "\x02\x04\x00\x02\x00\x01\x02\x04\x00\x02\x00\x02";
    struct pdu pdu;
    uint32_t number;

    check_number(status_of(3, slice_of(same, 12), PDU_STRICT, &pdu), SMPP_ROK);
    check_number(status_of(3, slice_of(other, 12), PDU_STRICT, &pdu), SMPP_RINVTLVVAL);
    check_number(status_of(3, slice_of(other, 12), PDU_LENIENT, &pdu), SMPP_ROK);
    check(tlv_number(pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &number));
    check_number(number, 1);
}

static void
smpp_f22_what_is_absent_has_its_octets_all_the_same(void)
{
    struct pdu pdu = {.command_id = SMPP_SUBMIT_SM}, back;
    uint8_t out[64];
    struct tlv tlv;
    size_t n = pdu_encode(&pdu, out, sizeof(out)), used = 0;
    uint8_t tlvs[8];

    /* service_type, two addresses, two times: one NUL each; the text: nothing but its length. */
    check_number(n, 16 + 1 + 3 + 3 + 3 + 2 + 5);
    for (size_t i = 16; i < n; i++)
        check_number(out[i], 0);
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD, SLICE_NONE));
    check_number(used, 4);
    pdu.body.sm.short_message = SLICE_LIT("x");
    pdu.tlvs = slice_of("\x15\x01\x00\x00", 4);
    n = pdu_encode(&pdu, out, sizeof(out));
    check_number(pdu_decode(slice_of(out, n), PDU_STRICT, &back), SMPP_ROK);
    check(tlv_find(back.tlvs, 0x1501, &tlv) && tlv.value.n == 0);
}

CHECK_MAIN({"smpp_f1_the_header_is_four_big_endian_numbers",
            smpp_f1_the_header_is_four_big_endian_numbers},
           {"smpp_f11_sm_length_beyond_the_body", smpp_f11_sm_length_beyond_the_body},
           {"smpp_f12_octets_that_are_no_tlv", smpp_f12_octets_that_are_no_tlv},
           {"smpp_f13_a_tlv_that_runs_past_the_pdu", smpp_f13_a_tlv_that_runs_past_the_pdu},
           {"smpp_f14_each_fault_of_a_tlv_has_its_status",
            smpp_f14_each_fault_of_a_tlv_has_its_status},
           {"smpp_f15_unknown_tlvs_are_passed_over_in_any_order",
            smpp_f15_unknown_tlvs_are_passed_over_in_any_order},
           {"smpp_f16_the_same_tlv_twice", smpp_f16_the_same_tlv_twice},
           {"smpp_f22_what_is_absent_has_its_octets_all_the_same",
            smpp_f22_what_is_absent_has_its_octets_all_the_same})
