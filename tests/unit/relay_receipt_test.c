/*
 * relay_receipt_test.c: delivery receipts find their message and their app (R-rel-4; rows R01 to
 * R10 of bad-input.md).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/check.h"

static void
smpp_r2_r_rel_4_receipt_after_the_response(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 1);

    check_number(sent_first(w)->pdu.body.sm.registered_delivery, 1);
    answer(w, sent_first(w), SMPP_ROK, "77");
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    check_number(message_record(w, message).state, MSG_DELIVERED);
    app_gets_receipt(w, message, "DELIVRD");
    world_end_test(w);
}

static void
smpp_r5_r_rel_4_receipt_before_the_response(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 1);

    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    check_number(counters(w)->receipts_orphan, 1);
    check_number(message_record(w, message).state, MSG_INTENT);
    answer(w, sent_first(w), SMPP_ROK, "77");
    check_number(message_record(w, message).state, MSG_DELIVERED);
    app_gets_receipt(w, message, "DELIVRD");
    check_number(table_rows(w, TABLE_ORPHAN), 0);
    world_end_test(w);
}

static void
smpp_r5_parked_through_a_restart(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 1);

    carrier_receipt(w, "77", "UNDELIV", CONTACT, APP_NUMBER);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "crm", 10);
    answer(w, sent_first(w), SMPP_ROK, "77");
    app_gets_receipt(w, message, "UNDELIV");
    world_end_test(w);
}

static void
smpp_r5_receipt_for_nobody(void)
{
    struct world *w = world_with_app(NULL);

    carrier_receipt(w, "nobody's", "DELIVRD", CONTACT, APP_NUMBER);
    check_number(table_rows(w, TABLE_ORPHAN), 1);
    nothing_sent(w);
    world_pass(w, 48ull * 3600 * 1000 + 1000);
    check_number(table_rows(w, TABLE_ORPHAN), 0);
    check_number(table_rows(w, TABLE_TIMER), 0);
    world_end_test(w);
}

static void
smpp_r8_r10_final_state_is_sticky(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 1);

    answer(w, sent_first(w), SMPP_ROK, "77");
    carrier_receipt(w, "77", "ENROUTE", CONTACT, APP_NUMBER);
    nothing_sent(w);
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    carrier_receipt(w, "77", "EXPIRED", CONTACT, APP_NUMBER);
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    check_number(message_record(w, message).state, MSG_DELIVERED);
    world_end_test(w);
}

static void
r05_one(const char *conf, const char *resp, const char *receipt, bool match)
{
    struct world_options options = {.carrier = conf};
    struct world *w = world_with_app(&options);
    uint64_t message = app_submits_text(w, "hello", 1);

    answer(w, sent_first(w), SMPP_ROK, resp);
    carrier_receipt(w, receipt, "DELIVRD", CONTACT, APP_NUMBER);
    check_number(message_record(w, message).state, match ? MSG_DELIVERED : MSG_SENT);
    answer_all(w);
    /* And the other way round: the receipt is there first. */
    message = app_submits_text(w, "hello", 1);
    carrier_receipt(w, receipt, "DELIVRD", CONTACT, APP_NUMBER);
    answer(w, sent_to(w, CONTACT), SMPP_ROK, resp);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_r4_r_rel_4_forms_of_the_id(void)
{
    static const char hex_dec[] = "    resp_id: hex\n    receipt_id: decimal\n",
                      dec_hex[] = "    resp_id: decimal\n    receipt_id: hex\n";

    r05_one(hex_dec, "4D", "77", true);
    r05_one(hex_dec, "0e999f21", "244948769", true);
    r05_one(hex_dec, "E999F21", "0000244948769", true);
    r05_one(dec_hex, "244948769", "0E999F21", true);
    r05_one(dec_hex, "340282366920938463463374607431768211455", "ffffffffffffffffffffffffffffffff",
            true);
    r05_one("    resp_id: hex\n    receipt_id: hex\n", "00ABcd", "abCD", true);
    r05_one(NULL, "77", "77", true);
    r05_one(NULL, "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            true);
    r05_one(NULL, "77", "78", false);
}

static void
r10_ids_belong_to_their_carrier(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 1);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "id:77 stat:DELIVRD");

    world_bind(w, 2, LINK_CARRIER, "other", 10);
    answer(w, sent_first(w), SMPP_ROK, "77");
    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
    check_number(carrier_delivers(w, 2, &pdu), SMPP_ROK);
    check_number(message_record(w, message).state, MSG_SENT);
    world_end_test(w);
}

static void
r06_r09_what_is_no_receipt(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "stat:DELIVRD");

    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_number(counters(w)->receipts_bad, 1);
    nothing_sent(w);
    pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, "id:77 stat:DELIVRD");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "id:77 stat:DELIVRD");
    world_end_test(w);
}

static uint64_t
three_parts_sent(struct world *w)
{
    uint64_t message = app_submits_text(w, repeat("x", 459), 1);

    check_number(sent_count(w), 3);
    answer(w, sent_first(w), SMPP_ROK, "p1");
    answer(w, sent_first(w), SMPP_ROK, "p2");
    answer(w, sent_first(w), SMPP_ROK, "p3");
    return message;
}

static void
smpp_l9_parts_one_receipt_when_all_are_delivered(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = three_parts_sent(w);

    carrier_receipt(w, "p2", "DELIVRD", CONTACT, APP_NUMBER);
    carrier_receipt(w, "p1", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    carrier_receipt(w, "p3", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    world_end_test(w);
}

static void
smpp_l9_r10_parts_receipts_come_twice(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = three_parts_sent(w);

    for (int i = 0; i < 3; i++)
        carrier_receipt(w, "p1", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    check_number(message_record(w, message).state, MSG_SENT);
    carrier_receipt(w, "p2", "UNDELIV", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "UNDELIV");
    carrier_receipt(w, "p3", "UNDELIV", CONTACT, APP_NUMBER);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_l9_r5_parts_receipts_before_their_responses(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, repeat("x", 459), 1);

    carrier_receipt(w, "p1", "DELIVRD", CONTACT, APP_NUMBER);
    carrier_receipt(w, "p2", "ENROUTE", CONTACT, APP_NUMBER);
    answer(w, sent_first(w), SMPP_ROK, "p1");
    carrier_receipt(w, "p1", "DELIVRD", CONTACT,
                    APP_NUMBER); /* again, before the message is sent whole */
    answer(w, sent_first(w), SMPP_ROK, "p2");
    carrier_receipt(w, "p3", "DELIVRD", CONTACT, APP_NUMBER);
    carrier_receipt(w, "p3", "ENROUTE", CONTACT, APP_NUMBER); /* does not undo it */
    answer(w, sent_first(w), SMPP_ROK, "p3");
    nothing_sent(w);
    check_number(message_record(w, message).state, MSG_SENT);
    carrier_receipt(w, "p2", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    world_end_test(w);
}

static void
smpp_r9_what_the_app_asked_for(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "none", 0);

    check_number(sent_first(w)->pdu.body.sm.registered_delivery, 0);
    answer(w, sent_first(w), SMPP_ROK, "1");
    carrier_receipt(w, "1", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    message = app_submits_text(w, "failures only", 2);
    answer(w, sent_first(w), SMPP_ROK, "2");
    carrier_receipt(w, "2", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    message = app_submits_text(w, "failures only", 2);
    answer(w, sent_first(w), SMPP_ROK, "3");
    carrier_receipt(w, "3", "UNDELIV", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "UNDELIV");
    world_end_test(w);
}

static void
smpp_r12_receipt_waits_for_the_app(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 1);

    world_unbind(w, 1, 0);
    answer(w, sent_first(w), SMPP_ROK, "77");
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(sent_count(w), 1);
    answer(w, sent_first(w), SMPP_RX_T_APPN, NULL); /* R13 */
    nothing_sent(w);
    world_pass(w, 5000);
    app_gets_receipt(w, message, "DELIVRD");
    world_end_test(w);
}

static void
r_rel_4_user_message_reference_comes_back(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");
    uint8_t tlvs[16];
    size_t used = 0;
    uint32_t reference;

    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_USER_MESSAGE_REFERENCE,
                  slice_of("\x12\x34", 2)));
    pdu.tlvs = slice_of(tlvs, used);
    pdu.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    answer(w, sent_first(w), SMPP_ROK, "77");
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    check(tlv_number(sent_first(w)->pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &reference));
    check_number(reference, 0x1234);
    answer_all(w);
    world_end_test(w);
}

/* A carrier that starts its IDs over: the old message's removal must not take the new one's ID
 * along. */
static void
smpp_r14_carrier_uses_an_id_again(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message;

    app_submits_text(w, "old", 1);
    answer(w, sent_first(w), SMPP_ROK, "1");
    carrier_receipt(w, "1", "DELIVRD", CONTACT, APP_NUMBER);
    answer_all(w);
    world_pass(w, 47ull * 3600 * 1000);
    message = app_submits_text(w, "new", 1);
    answer(w, sent_first(w), SMPP_ROK, "1");
    world_pass(w, 2ull * 3600 * 1000); /* the old one is removed */
    carrier_receipt(w, "1", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    world_end_test(w);
}

/* ---- recognising (R1, R2, R3) */

static struct pdu
receipt_pdu(uint8_t esm_class, const char *text)
{
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, text);

    pdu.body.sm.esm_class = esm_class;
    return pdu;
}

static void
smpp_r1_esm_class_says_so(void)
{
    static const uint8_t receipts[] = {0x04, 0x05, 0x06, 0x07, 0x84, 0xC4, 0x44, 0x20};
    struct world *w = world_with_app(NULL);

    for (size_t i = 0; i < sizeof(receipts); i++) {
        char id[8], text[40];
        uint64_t message;
        struct pdu pdu;

        snprintf(id, sizeof(id), "%zu", i);
        snprintf(text, sizeof(text), "id:%zu stat:DELIVRD", i);
        message = message_sent(w, 1, id);
        pdu = receipt_pdu(receipts[i] & (uint8_t)~0x40u, text);
        check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
        app_gets_receipt(w, message, "DELIVRD");
    }
    world_end_test(w);
}

static void
smpp_r1_receipt_by_data_sm(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = message_sent(w, 1, "77");
    struct pdu pdu = pdu_of_text(SMPP_DATA_SM, CONTACT, APP_NUMBER, "");
    uint8_t tlvs[64];
    size_t used = 0;

    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_RECEIPTED_MESSAGE_ID, slice_of("77", 3)));
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_STATE, slice_of("\x05", 1)));
    pdu.tlvs = slice_of(tlvs, used);
    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    app_gets_receipt(w, message, "UNDELIV");
    world_end_test(w);
}

static void
smpp_r1_acknowledgements_of_phones(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message;
    uint32_t state;
    struct pdu pdu;

    message = app_submits_text(w, "hello", 0x0D);
    check_number(sent_first(w)->pdu.body.sm.registered_delivery, 0x0D);
    answer(w, sent_first(w), SMPP_ROK, "77");
    pdu = receipt_pdu(SMPP_ESM_USER_ACK, "id:77 stat:DELIVRD text:yes, thanks");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.body.sm.esm_class, SMPP_ESM_USER_ACK);
    check(tlv_number(sent_first(w)->pdu.tlvs, SMPP_TAG_MESSAGE_STATE, &state));
    answer_all(w);
    /* It is no receipt: the message ends with that. */
    check_number(message_record(w, message).state, MSG_SENT);
    pdu = receipt_pdu(SMPP_ESM_DELIVERY_ACK, "id:77 stat:DELIVRD");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.body.sm.esm_class, SMPP_ESM_DELIVERY_ACK);
    answer_all(w);
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "DELIVRD");
    /* Nobody asked. */
    message_sent(w, 1, "78");
    pdu = receipt_pdu(SMPP_ESM_USER_ACK, "id:78 stat:DELIVRD");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    pdu = receipt_pdu(SMPP_ESM_ABORT, "id:78 stat:DELIVRD");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_r1_esm_class_0_only_where_the_carrier_does_so(void)
{
    struct world_options options = {.carrier = "    receipt_esm_0: true\n"};
    struct world *w = world_with_app(&options);
    uint64_t message = message_sent(w, 1, "77");
    struct pdu pdu = receipt_pdu(0, "id:77 sub:001 stat:DELIVRD err:000");

    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    app_gets_receipt(w, message, "DELIVRD");
    pdu = receipt_pdu(0, "My id:77 stat:DELIVRD"); /* from a person after all */
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "My id:77 stat:DELIVRD");
    pdu = receipt_pdu(0, "id:77 is what?");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "id:77 is what?");
    world_end_test(w);
}

/* An ID that the carrier gives a second time, with the receipt before the response: the phone tells
 * the messages apart, at its place. */
static void
smpp_r2_r5_unswapped_receipt_of_an_id_again(void)
{
    struct world_options options = {.carrier = "    receipt_unswapped: true\n"};

    for (int unswapped = 0; unswapped < 2; unswapped++) {
        struct world *w = world_with_app(unswapped ? &options : NULL);
        uint64_t message = message_sent(w, 1, "77");
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT_2, "second");

        carrier_receipt(w, "77", "DELIVRD", unswapped ? APP_NUMBER : CONTACT,
                        unswapped ? CONTACT : APP_NUMBER);
        app_gets_receipt(w, message, "DELIVRD");
        pdu.body.sm.registered_delivery = 1;
        check_number(app_submits(w, 1, &pdu), SMPP_ROK);
        carrier_receipt(w, "77", "UNDELIV", unswapped ? APP_NUMBER : CONTACT_2,
                        unswapped ? CONTACT_2 : APP_NUMBER);
        check_number(table_rows(w, TABLE_ORPHAN), 1);
        answer(w, sent_to(w, CONTACT_2), SMPP_ROK, "77");
        check_number(sent_count(w), 1);
        check_text(sent_first(w)->pdu.body.sm.source.digits, CONTACT_2);
        answer_all(w);
        /* The same phone again is the same receipt again. */
        carrier_receipt(w, "77", "DELIVRD", unswapped ? APP_NUMBER : CONTACT_2,
                        unswapped ? CONTACT_2 : APP_NUMBER);
        check_number(table_rows(w, TABLE_ORPHAN), 0);
        nothing_sent(w);
        world_end_test(w);
    }
}

static void
network_error_is(struct world *w, const char *hex, const char *err)
{
    char want[20], text[RECEIPT_TEXT_BYTES_MAX + 1];
    const struct pdu *pdu = &sent_first(w)->pdu;
    uint8_t octets[3];
    struct tlv tlv;

    check_number(check_hex(hex, octets, sizeof(octets)), 3);
    check(tlv_find(pdu->tlvs, SMPP_TAG_NETWORK_ERROR_CODE, &tlv));
    check_slice(tlv.value, slice_of(octets, 3));
    memcpy(text, pdu->body.sm.short_message.p, pdu->body.sm.short_message.n);
    text[pdu->body.sm.short_message.n] = '\0';
    snprintf(want, sizeof(want), " err:%s ", err);
    check(strstr(text, want) != NULL);
    answer_all(w);
}

static void
smpp_r3_r11_tlvs_before_text_and_the_network_error(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = message_sent(w, 1, "77");
    struct pdu pdu = receipt_pdu(SMPP_ESM_RECEIPT, "id:99 stat:DELIVRD err:007");
    uint8_t tlvs[64];
    size_t used = 0;

    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_RECEIPTED_MESSAGE_ID, slice_of("77", 3)));
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_STATE, slice_of("\x05", 1)));
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_NETWORK_ERROR_CODE,
                  slice_of("\x03\x00\x1b", 3)));
    pdu.tlvs = slice_of(tlvs, used);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_number(message_record(w, message).state, MSG_UNDELIVERABLE);
    check_number(message_record(w, message).network_error, 0x03001B);
    network_error_is(w, "03001b", "027");
    /* A number in the text only is the carrier's own. */
    message_sent(w, 1, "78");
    pdu = receipt_pdu(SMPP_ESM_RECEIPT, "id:78 stat:UNDELIV err:1234");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    network_error_is(w, "0804d2", "999");
    /* Before the response it is kept all the same. */
    app_submits_text(w, "hello", 1);
    pdu = receipt_pdu(SMPP_ESM_RECEIPT, "id:79 stat:UNDELIV err:051");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    answer(w, sent_first(w), SMPP_ROK, "79");
    network_error_is(w, "080033", "051");
    world_end_test(w);
}

/* ---- before the response (R5) */

static void
smpp_r5_on_another_session_of_the_carrier(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 1);
    struct pdu pdu = receipt_pdu(SMPP_ESM_RECEIPT, "id:77 stat:DELIVRD");

    world_bind(w, 2, LINK_CARRIER, "sim", 10);
    check_number(carrier_delivers(w, 2, &pdu), SMPP_ROK);
    world_pass(w, 3600000); /* far longer than a minute; sent again meanwhile or not */
    while (sent_to(w, CONTACT))
        answer(w, sent_to(w, CONTACT), SMPP_ROK, "77");
    app_gets_receipt(w, message, "DELIVRD");
    world_end_test(w);
}

static void
smpp_r5_refused_when_it_cannot_be_kept(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = message_sent(w, 1, "77");
    struct pdu pdu = receipt_pdu(SMPP_ESM_RECEIPT, "id:78 stat:DELIVRD");

    relay_set_room(w->relay, STORE_TIGHT);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_RX_T_APPN);
    check_number(table_rows(w, TABLE_ORPHAN), 0);
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER); /* a known one is */
    app_gets_receipt(w, message, "DELIVRD");
    relay_set_room(w->relay, STORE_ROOM);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check_number(table_rows(w, TABLE_ORPHAN), 1);
    relay_set_room(w->relay, STORE_TIGHT);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK); /* it is kept already */
    world_end_test(w);
}

/* ---- states (R8, T8) */

static void
smpp_r8_each_state(void)
{
    static const struct {
        const char *carrier, *app; /* NULL: it is on its way still */
    } states[] = {{"DELIVRD", "DELIVRD"}, {"EXPIRED", "EXPIRED"}, {"DELETED", "DELETED"},
                  {"UNDELIV", "UNDELIV"}, {"REJECTD", "REJECTD"}, {"SKIPPED", "SKIPPED"},
                  {"ACCEPTD", NULL},      {"ENROUTE", NULL},      {"UNKNOWN", NULL},
                  {"SCHEDLD", NULL},      {"FAILED", "UNDELIV"}};
    struct world *w = world_with_app(NULL);

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        char id[8];
        uint64_t message;

        snprintf(id, sizeof(id), "%zu", i);
        message = message_sent(w, 1, id);
        carrier_receipt(w, id, states[i].carrier, CONTACT, APP_NUMBER);
        if (!states[i].app) {
            nothing_sent(w);
            check_number(message_record(w, message).state, MSG_SENT);
            carrier_receipt(w, id, "DELIVRD", CONTACT, APP_NUMBER);
        }
        app_gets_receipt(w, message, states[i].app ? states[i].app : "DELIVRD");
    }
    world_end_test(w);
}

static void
smpp_r8_accepted_is_final_at_some_carriers(void)
{
    struct world_options options = {.carrier = "    accepted_is_final: true\n"};
    struct world *w = world_with_app(&options);
    uint64_t message = message_sent(w, 1, "77");

    carrier_receipt(w, "77", "ACCEPTD", CONTACT, APP_NUMBER);
    app_gets_receipt(w, message, "ACCEPTD");
    check_number(message_record(w, message).state, MSG_DELIVERED);
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    message_sent(w, 2, "78"); /* it is a success */
    carrier_receipt(w, "78", "ACCEPTD", CONTACT, APP_NUMBER);
    nothing_sent(w);
    world_end_test(w);
}

/* What it meant when it came counts, whatever is configured when the response names its message. */
static void
smpp_r8_r5_accepted_is_judged_when_it_comes(void)
{
    struct world_options options = {.carrier = "    accepted_is_final: true\n"};
    struct world *w = world_with_app(&options);
    uint64_t message = app_submits_text(w, "hello", 1);

    carrier_receipt(w, "77", "ACCEPTD", CONTACT, APP_NUMBER);
    options.carrier = "    accepted_is_final: false\n";
    world_reload(w, &options);
    answer(w, sent_to(w, CONTACT), SMPP_ROK, "77");
    check_number(message_record(w, message).state, MSG_DELIVERED);
    app_gets_receipt(w, message, "ACCEPTD");
    world_end_test(w);
}

static void
done_date_is(struct world *w, const char *date)
{
    char want[40], text[RECEIPT_TEXT_BYTES_MAX + 1];
    const struct slice got = sent_first(w)->pdu.body.sm.short_message;

    memcpy(text, got.p, got.n);
    text[got.n] = '\0';
    snprintf(want, sizeof(want), " done date:%s ", date);
    check(strstr(text, want) != NULL);
    answer_all(w);
}

static void
smpp_t8_zones_of_receipts(void)
{
    struct world_options options = {.carrier = "    receipt_zone: \"+02:00\"\n",
                                    .app = "        receipt_zone: \"-05:00\"\n"};
    struct world *w = world_with_app(&options);
    struct pdu pdu;
    struct receipt_times now;
    uint8_t text[RECEIPT_TEXT_BYTES_MAX];
    struct receipt none = {.state = RECEIPT_DELIVERED};
    char carrier[60], app[11], heard[11];

    message_sent(w, 1, "77");
    world_pass(w, 600000);
    /* The carrier says: three minutes ago, by its clock. */
    now = (struct receipt_times){.done_s = w->now_ms / 1000 - 180 + 7200};
    now.submit_s = w->now_ms / 1000 - 180 - 5 * 3600;
    check(receipt_format(&none, &now, 1, 1, text, sizeof(text)) > 0);
    memcpy(app, strstr((char *)text, "submit date:") + 12, 10);
    app[10] = '\0';
    snprintf(carrier, sizeof(carrier), "id:77 stat:DELIVRD done date:%.10s",
             strstr((char *)text, "done date:") + 10);
    pdu = receipt_pdu(SMPP_ESM_RECEIPT, carrier);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    done_date_is(w, app);
    /* One that makes no sense is not passed on: when we heard of it. */
    message_sent(w, 1, "78");
    now.submit_s = w->now_ms / 1000 - 5 * 3600;
    check(receipt_format(&none, &now, 1, 1, text, sizeof(text)) > 0);
    memcpy(heard, strstr((char *)text, "submit date:") + 12, 10);
    heard[10] = '\0';
    pdu = receipt_pdu(SMPP_ESM_RECEIPT, "id:78 stat:DELIVRD done date:0101010101");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    done_date_is(w, heard);
    world_end_test(w);
}

CHECK_MAIN(
           {"smpp_r2_r_rel_4_receipt_after_the_response",
            smpp_r2_r_rel_4_receipt_after_the_response},
           {"smpp_r5_r_rel_4_receipt_before_the_response",
            smpp_r5_r_rel_4_receipt_before_the_response},
           {"smpp_r5_parked_through_a_restart", smpp_r5_parked_through_a_restart},
           {"smpp_r5_receipt_for_nobody", smpp_r5_receipt_for_nobody},
           {"smpp_r8_r10_final_state_is_sticky", smpp_r8_r10_final_state_is_sticky},
           {"smpp_r4_r_rel_4_forms_of_the_id", smpp_r4_r_rel_4_forms_of_the_id},
           {"r10_ids_belong_to_their_carrier", r10_ids_belong_to_their_carrier},
           {"r06_r09_what_is_no_receipt", r06_r09_what_is_no_receipt},
           {"smpp_l9_parts_one_receipt_when_all_are_delivered",
            smpp_l9_parts_one_receipt_when_all_are_delivered},
           {"smpp_l9_r10_parts_receipts_come_twice", smpp_l9_r10_parts_receipts_come_twice},
           {"smpp_l9_r5_parts_receipts_before_their_responses",
            smpp_l9_r5_parts_receipts_before_their_responses},
           {"smpp_r9_what_the_app_asked_for", smpp_r9_what_the_app_asked_for},
           {"smpp_r12_receipt_waits_for_the_app", smpp_r12_receipt_waits_for_the_app},
           {"r_rel_4_user_message_reference_comes_back", r_rel_4_user_message_reference_comes_back},
           {"smpp_r14_carrier_uses_an_id_again", smpp_r14_carrier_uses_an_id_again},
           {"smpp_r1_esm_class_says_so", smpp_r1_esm_class_says_so},
           {"smpp_r1_receipt_by_data_sm", smpp_r1_receipt_by_data_sm},
           {"smpp_r1_acknowledgements_of_phones", smpp_r1_acknowledgements_of_phones},
           {"smpp_r1_esm_class_0_only_where_the_carrier_does_so",
            smpp_r1_esm_class_0_only_where_the_carrier_does_so},
           {"smpp_r2_r5_unswapped_receipt_of_an_id_again",
            smpp_r2_r5_unswapped_receipt_of_an_id_again},
           {"smpp_r3_r11_tlvs_before_text_and_the_network_error",
            smpp_r3_r11_tlvs_before_text_and_the_network_error},
           {"smpp_r5_on_another_session_of_the_carrier", smpp_r5_on_another_session_of_the_carrier},
           {"smpp_r5_refused_when_it_cannot_be_kept", smpp_r5_refused_when_it_cannot_be_kept},
           {"smpp_r8_each_state", smpp_r8_each_state},
           {"smpp_r8_r5_accepted_is_judged_when_it_comes",
            smpp_r8_r5_accepted_is_judged_when_it_comes},
           {"smpp_r8_accepted_is_final_at_some_carriers",
            smpp_r8_accepted_is_final_at_some_carriers},
           {"smpp_t8_zones_of_receipts", smpp_t8_zones_of_receipts})
