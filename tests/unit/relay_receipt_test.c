/*
 * relay_receipt_test.c: delivery receipts find their message and their app (R-rel-4; rows R01 to
 * R10 of bad-input.md).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "tests/unit/check.h"

static void
r_rel_4_receipt_after_the_response(void)
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
r02_r_rel_4_receipt_before_the_response(void)
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
r02_parked_through_a_restart(void)
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
r01_receipt_for_nobody(void)
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
r03_final_state_is_sticky(void)
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
r05_r_rel_4_forms_of_the_id(void)
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
r_rel_4_parts_one_receipt_when_all_are_delivered(void)
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
r_rel_4_parts_receipts_come_twice(void)
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
r_rel_4_parts_receipts_before_their_responses(void)
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
r_rel_4_what_the_app_asked_for(void)
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
r_rel_4_receipt_waits_for_the_app(void)
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
r_rel_4_carrier_uses_an_id_again(void)
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

CHECK_MAIN({"r_rel_4_receipt_after_the_response", r_rel_4_receipt_after_the_response},
           {"r02_r_rel_4_receipt_before_the_response", r02_r_rel_4_receipt_before_the_response},
           {"r02_parked_through_a_restart", r02_parked_through_a_restart},
           {"r01_receipt_for_nobody", r01_receipt_for_nobody},
           {"r03_final_state_is_sticky", r03_final_state_is_sticky},
           {"r05_r_rel_4_forms_of_the_id", r05_r_rel_4_forms_of_the_id},
           {"r10_ids_belong_to_their_carrier", r10_ids_belong_to_their_carrier},
           {"r06_r09_what_is_no_receipt", r06_r09_what_is_no_receipt},
           {"r_rel_4_parts_one_receipt_when_all_are_delivered",
            r_rel_4_parts_one_receipt_when_all_are_delivered},
           {"r_rel_4_parts_receipts_come_twice", r_rel_4_parts_receipts_come_twice},
           {"r_rel_4_parts_receipts_before_their_responses",
            r_rel_4_parts_receipts_before_their_responses},
           {"r_rel_4_what_the_app_asked_for", r_rel_4_what_the_app_asked_for},
           {"r_rel_4_receipt_waits_for_the_app", r_rel_4_receipt_waits_for_the_app},
           {"r_rel_4_user_message_reference_comes_back", r_rel_4_user_message_reference_comes_back},
           {"r_rel_4_carrier_uses_an_id_again", r_rel_4_carrier_uses_an_id_again})
