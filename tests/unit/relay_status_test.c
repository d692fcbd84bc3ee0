/*
 * relay_status_test.c: what the statuses of carriers and apps do to a message (conformance section
 * 6, U3, U8, R13).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "tests/unit/check.h"

/* A message to CONTACT that is answered like this; returns it. */
static uint64_t
answered_with(struct world *w, uint32_t status)
{
    uint64_t message = app_submits_text(w, "hello", 1);

    answer(w, sent_to(w, CONTACT), status, NULL);
    return message;
}

static void
ends_refused(const struct world_options *options, uint32_t status)
{
    struct world *w = world_with_app(options);
    uint64_t message = answered_with(w, status), behind;

    check_number(message_record(w, message).state, MSG_REFUSED);
    check_number(message_record(w, message).status, status);
    app_gets_receipt(w, message, "REJECTD");
    behind = app_submits_text(w, "behind", 0);
    phone_shows(w, APP_NUMBER, CONTACT, "behind");
    check_number(message_record(w, behind).state, MSG_SENT);
    world_end_test(w);
}

static void
smpp_status_0x00_accepted(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 0);

    answer(w, sent_first(w), SMPP_ROK, "id");
    check_number(message_record(w, message).state, MSG_SENT);
    world_crash(w); /* it is on disk: not again */
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_status_0x14_all_binds_pause(void)
{
    struct world *w = world_with_app(NULL);

    world_bind(w, 2, LINK_CARRIER, "sim", 100);
    answered_with(w, SMPP_RMSGQFUL);
    app_submits_text(w, "behind", 0);
    world_pass(w, 999);
    nothing_sent(w);
    world_pass(w, 1);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    phone_shows(w, APP_NUMBER, CONTACT, "behind");
    /* It grows to its maximum and no further, and begins again after a success. */
    app_submits_text(w, "again", 0);
    for (uint32_t pause = FULL_PAUSE_MIN_MS, i = 0; i < 9; i++, pause *= 2) {
        answer(w, sent_to(w, CONTACT), SMPP_RMSGQFUL, NULL);
        world_pass(w, (pause < FULL_PAUSE_MAX_MS ? pause : FULL_PAUSE_MAX_MS) - 1);
        nothing_sent(w);
        world_pass(w, 1);
    }
    phone_shows(w, APP_NUMBER, CONTACT, "again");
    world_end_test(w);
}

static void
smpp_status_0x58_pause_is_a_second_at_most(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 0);

    for (int i = 0; i < 300; i++) { /* however often: it is not refused */
        answer(w, sent_to(w, CONTACT), SMPP_RTHROTTLED, NULL);
        world_pass(w, 1000);
    }
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    check_number(message_record(w, message).state, MSG_SENT);
    world_end_test(w);
}

/* So many tries, each after twice the wait of the one before. */
static void
tries(const struct world_options *options, uint32_t status, uint32_t count, uint64_t first_ms)
{
    struct world *w = world_with_app(options);
    uint64_t message = app_submits_text(w, "hello", 1), wait = first_ms;

    for (uint32_t i = 1; i < count; i++) {
        answer(w, sent_to(w, CONTACT), status, NULL);
        check_number(message_record(w, message).state, MSG_QUEUED);
        world_pass(w, wait - 1);
        nothing_sent(w);
        world_pass(w, 1);
        wait = 2 * wait < 900000 ? 2 * wait : 900000;
    }
    answer(w, sent_to(w, CONTACT), status, NULL);
    check_number(message_record(w, message).state, MSG_REFUSED);
    app_gets_receipt(w, message, "REJECTD");
    world_end_test(w);
}

static void
smpp_status_0x08_a_few_tries(void)
{
    tries(NULL, SMPP_RSYSERR, 8, 5000);
}

static void
smpp_status_0xfe_tried_again(void)
{
    tries(NULL, SMPP_RDELIVERYFAILURE, 8, 5000);
}

static void
smpp_status_0xff_tried_again(void)
{
    tries(NULL, SMPP_RUNKNOWNERR, 8, 5000);
}

static void
smpp_status_0x64_until_it_expires(void)
{
    struct world_options options = {.relay = "  retry_max: 10s\n  validity: 10m\n"};
    struct world *w = world_with_app(&options);
    uint64_t message = app_submits_text(w, "hello", 1);

    for (int i = 0; i < 40; i++) { /* far more than a few tries */
        answer(w, sent_to(w, CONTACT), SMPP_RX_T_APPN, NULL);
        world_pass(w, 10000);
    }
    check_number(message_record(w, message).state, MSG_INTENT);
    answer(w, sent_to(w, CONTACT), SMPP_RX_T_APPN, NULL);
    for (int i = 0; i < 30 && message_record(w, message).state != MSG_EXPIRED; i++) {
        world_pass(w, 10000);
        if (sent_to(w, CONTACT))
            answer(w, sent_to(w, CONTACT), SMPP_RX_T_APPN, NULL);
    }
    app_gets_receipt(w, message, "EXPIRED");
    world_end_test(w);
}

/* ---- 0x65 */

static void
smpp_status_0x65_all_that_waits_for_the_phone(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t one = app_submits_text(w, "one", 1), two = app_submits_text(w, "two", 1), chat;
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "chat");

    check_number(app_sends(w, 1, APP_NUMBER, CONTACT_2, "other"), SMPP_ROK);
    pdu.body.sm.priority_flag = 1;
    pdu.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    chat = strtoull(w->message_id, NULL, 10);
    /* The one of the other class is on the wire itself: it goes its way. */
    answer(w, sent_first(w), SMPP_RX_P_APPN, NULL);
    check_number(message_record(w, one).state, MSG_REFUSED);
    check_number(message_record(w, two).state, MSG_REFUSED);
    check_number(message_record(w, two).status, SMPP_RX_P_APPN);
    check_number(message_record(w, chat).state, MSG_INTENT);
    phone_shows(w, APP_NUMBER, CONTACT_2, "other");
    phone_shows(w, APP_NUMBER, CONTACT, "chat");
    check_number(counters(w)->receipts_out, 2);
    answer_all(w);
    app_submits_text(w, "a new attempt", 0);
    phone_shows(w, APP_NUMBER, CONTACT, "a new attempt");
    world_end_test(w);
}

/* Longer than one turn's share; with a crash in between. */
static void
smpp_status_0x65_a_long_queue(void)
{
    enum { COUNT = 2 * SWEEP_ROWS_MAX + 10 };
    struct world *w = world_with_app(NULL);
    uint64_t last = 0;

    for (uint32_t i = 0; i < COUNT; i++)
        last = app_submits_text(w, "to nobody", 0);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT_2, "other"), SMPP_ROK);
    answer(w, sent_to(w, CONTACT), SMPP_RX_P_APPN, NULL);
    check(message_record(w, last).state != MSG_REFUSED);
    check_number(table_rows(w, TABLE_TIMER), 1);
    world_crash(w);
    check_number(table_rows(w, TABLE_TIMER), 1);
    world_pass(w, 1000);
    check_number(message_record(w, last).state, MSG_REFUSED);
    check_number(table_rows(w, TABLE_TIMER), 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_shows(w, APP_NUMBER, CONTACT_2, "other");
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    world_end_test(w);
}

/* All of a window in one turn: one share of rows for all of them, and nothing to a refused phone
 * that waited behind the refused message goes out meanwhile. */
static void
smpp_status_0x65_many_in_one_turn(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t behind, far = 0;

    app_submits_text(w, "one", 0);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT_2, "one"), SMPP_ROK);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT_2, "two"), SMPP_ROK);
    behind = strtoull(w->message_id, NULL, 10);
    for (uint32_t i = 0; i < SWEEP_ROWS_MAX; i++)
        app_submits_text(w, "to nobody", 0);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT_2, "three"), SMPP_ROK);
    far = strtoull(w->message_id, NULL, 10);
    world_begin(w);
    answer(w, sent_to(w, CONTACT), SMPP_RX_P_APPN, NULL);
    answer(w, sent_to(w, CONTACT_2), SMPP_RX_P_APPN, NULL);
    check(w->relay->refusal_rows <= SWEEP_ROWS_MAX + 2 * MSG_CLASSES);
    world_end(w);
    check_number(w->relay->refusal_rows, 0);
    check_number(message_record(w, behind).state, MSG_REFUSED);
    world_pass(w, 1000);
    check_number(message_record(w, far).state, MSG_REFUSED);
    check_number(table_rows(w, TABLE_TIMER), 0);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    nothing_sent(w);
    world_end_test(w);
}

/* The process dies between the refusal of a part and the answer to the other; what waits for its
 * retry goes with it. */
static void
smpp_status_0x65_found_after_a_crash(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "chat");
    uint64_t chat, bulk;

    pdu.body.sm.priority_flag = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    chat = strtoull(w->message_id, NULL, 10);
    answer(w, sent_first(w), SMPP_RX_T_APPN, NULL);
    bulk = app_submits_text(w, repeat("x", 250), 0);
    answer(w, sent_first(w), SMPP_RX_P_APPN, NULL);
    check_number(sent_count(w), 1);
    world_crash(w);
    check_number(message_record(w, bulk).state, MSG_REFUSED);
    world_pass(w, 1);
    check_number(message_record(w, chat).state, MSG_REFUSED);
    check_number(table_rows(w, TABLE_RETRY) + table_rows(w, TABLE_TIMER), 0);
    world_end_test(w);
}

static void
smpp_status_0x66_only_this_one(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t one = app_submits_text(w, "one", 0);

    app_submits_text(w, "two", 0);
    answer(w, sent_first(w), SMPP_RX_R_APPN, NULL);
    check_number(message_record(w, one).state, MSG_REFUSED);
    phone_shows(w, APP_NUMBER, CONTACT, "two");
    world_end_test(w);
}

/* ---- permanent */

static void
smpp_status_0x0a_permanent(void)
{
    ends_refused(NULL, SMPP_RINVSRCADR);
}

static void
smpp_status_0x0b_permanent(void)
{
    ends_refused(NULL, SMPP_RINVDSTADR);
}

static void
smpp_status_0x01_errors_of_fields(void)
{
    static const uint32_t statuses[] = {SMPP_RINVMSGLEN,   SMPP_RINVSERTYP, SMPP_RINVNUMDESTS,
                                        SMPP_RINVDESTFLAG, SMPP_RINVSUBREP, SMPP_RINVESMCLASS,
                                        SMPP_RCNTSUBDL,    SMPP_RINVSRCTON, SMPP_RINVSRCNPI,
                                        SMPP_RINVDSTTON,   SMPP_RINVDSTNPI, SMPP_RINVREPFLAG,
                                        SMPP_RINVNUMMSGS,  SMPP_RINVPRTFLG, SMPP_RINVREGDLVFLG,
                                        SMPP_RINVSCHED,    SMPP_RINVEXPIRY, SMPP_RINVDFTMSGID};

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        ends_refused(NULL, statuses[i]);
}

static void
smpp_status_0x100_codes_of_5_0(void)
{
    for (uint32_t status = 0x100; status <= 0x112; status++)
        ends_refused(NULL, status);
}

static void
smpp_status_0x45_permanent_or_by_map(void)
{
    struct world_options options = {.carrier = "    statuses:\n"
                                               "      - status: 0x45\n"
                                               "        action: retry\n"
                                               "        delay: 30s\n"
                                               "        tries: 3\n"};

    ends_refused(NULL, SMPP_RSUBMITFAIL);
    tries(&options, SMPP_RSUBMITFAIL, 3, 30000);
}

static void
smpp_status_0x400_vendors_codes_by_map(void)
{
    struct world_options options = {.carrier = "    statuses:\n"
                                               "      - status: 0x410\n"
                                               "        action: throttle\n"
                                               "      - status: 0x411\n"
                                               "        action: refuse-phone\n"
                                               "      - status: 0x65\n"
                                               "        action: refuse\n"};
    struct world *w;
    uint64_t two;

    ends_refused(NULL, 0x400);
    ends_refused(NULL, 0x4FF);
    ends_refused(NULL, 0x12345678);
    w = world_with_app(&options);
    answered_with(w, 0x410);
    check_number(counters(w)->throttled, 1);
    world_pass(w, 100);
    app_submits_text(w, "two", 0);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    world_pass(w, 100);
    answer(w, sent_first(w), 0x65, NULL);
    world_pass(w, 100);
    app_submits_text(w, "one", 0);
    two = app_submits_text(w, "two", 0);
    answer(w, sent_first(w), 0x411, NULL);
    check_number(message_record(w, two).state, MSG_REFUSED);
    nothing_sent(w);
    world_end_test(w);
}

/* ---- causes and order */

static void
smpp_status_order_each_cause_has_its_own_wait(void)
{
    struct world_options options = {.carrier = "    statuses:\n"
                                               "      - status: 0x410\n"
                                               "        action: retry\n"
                                               "        delay: 7s\n"};
    struct world *w = world_with_app(&options);

    app_submits_text(w, "hello", 0);
    app_submits_text(w, "behind", 0);
    answer(w, sent_first(w), SMPP_RX_T_APPN, NULL);
    world_pass(w, 5000);
    answer(w, sent_first(w), SMPP_RX_T_APPN, NULL);
    world_pass(w, 9999);
    nothing_sent(w);
    world_pass(w, 1);
    answer(w, sent_first(w), 0x410, NULL); /* another cause: its own first wait */
    world_pass(w, 6999);
    nothing_sent(w);
    world_pass(w, 1);
    answer(w, sent_first(w), SMPP_RSYSERR, NULL);
    world_crash(w); /* a cause is remembered */
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_pass(w, 5000);
    answer(w, sent_first(w), SMPP_RSYSERR, NULL);
    world_pass(w, 9999);
    nothing_sent(w);
    world_pass(w, 1);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    phone_shows(w, APP_NUMBER, CONTACT, "behind");
    world_end_test(w);
}

/* ---- in doubt */

static void
smpp_u3_u8_duplicates_are_marked(void)
{
    struct world_options options = {.carrier = "    reference_messages: true\n"};
    struct world *w = world_with_app(&options);
    uint64_t message = app_submits_text(w, "hello", 0);
    uint32_t reference, again;

    check(tlv_number(sent_first(w)->pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &reference));
    check_number(reference, message & 0xFFFF);
    world_unbind(w, 0, 0);
    check(strstr(w->log, "for the second time") != NULL && strstr(w->log, CONTACT) == NULL);
    check_number(counters(w)->possible_duplicates, 1);
    check(message_record(w, message).flags & MSGF_POSSIBLE_DUPLICATE);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check(tlv_number(sent_first(w)->pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &again));
    check_number(again, reference);
    answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    world_pass(w, 5000);
    check(tlv_number(sent_first(w)->pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &again));
    check_number(again, reference);
    check_number(counters(w)->possible_duplicates, 2);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_u3_references_of_parts_and_of_apps(void)
{
    struct world_options options = {.carrier = "    reference_messages: true\n"};
    struct world *w = world_with_app(&options);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT_2, "own");
    uint32_t one, two;
    uint8_t tlvs[16];
    size_t used = 0;

    app_submits_text(w, repeat("x", 200), 0);
    check(tlv_number(w->first->pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &one));
    check(tlv_number(w->first->next->pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &two));
    check(one != two);
    answer_all(w);
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_USER_MESSAGE_REFERENCE,
                  slice_of("\x12\x34", 2)));
    pdu.tlvs = slice_of(tlvs, used);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check(tlv_number(sent_first(w)->pdu.tlvs, SMPP_TAG_USER_MESSAGE_REFERENCE, &one));
    check_number(one, 0x1234);
    check_number(sent_first(w)->pdu.tlvs.n, used);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_u3_s8_held_messages_are_seen(void)
{
    struct world_options options = {.carrier = "    on_unknown_outcome: hold\n"};
    struct world *w = world_with_app(&options);
    uint64_t message = app_submits_text(w, "hello", 1);

    answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    check_number(message_record(w, message).state, MSG_HELD);
    check(strstr(w->log, "state=held") != NULL);
    check_number(counters(w)->messages_held, 1);
    check_number(counters(w)->possible_duplicates, 0);
    world_end_test(w);
}

/* 0x401 is what we tell apps of an opted-out phone, and a number like any other at a carrier. */
static void
smpp_status_0x400_a_carriers_own_0x401(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = answered_with(w, STATUS_OPTED_OUT);

    check_number(message_record(w, message).state, MSG_REFUSED);
    check_number(counters(w)->messages_suppressed, 0);
    app_gets_receipt(w, message, "REJECTD");
    /* The same on a part, with the bind lost before the others are answered. */
    message = app_submits_text(w, repeat("x", 200), 0);
    answer(w, sent_first(w), STATUS_OPTED_OUT, NULL);
    world_unbind(w, 0, 0);
    check_number(message_record(w, message).state, MSG_REFUSED);
    world_end_test(w);
}

/* ---- apps */

static uint64_t
receipt_on_the_wire(struct world *w)
{
    uint64_t message = app_submits_text(w, "hello", 1);

    answer(w, sent_to(w, CONTACT), SMPP_ROK, "77");
    carrier_receipt(w, "77", "DELIVRD", CONTACT, APP_NUMBER);
    check_number(sent_count(w), 1);
    return message;
}

static void
smpp_r13_what_the_app_answers(void)
{
    static const struct {
        uint32_t status;
        uint64_t wait_ms;
    } later[] = {{SMPP_RX_T_APPN, 5000},
                 {SMPP_RSYSERR, 5000},
                 {SMPP_RMSGQFUL, 1000},
                 {SMPP_RTHROTTLED, 100}};
    static const uint32_t dropped[] = {SMPP_RX_P_APPN, SMPP_RX_R_APPN, SMPP_RSUBMITFAIL,
                                       SMPP_RUNKNOWNERR, 0x400};
    struct world *w = world_with_app(NULL);
    uint64_t message;

    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        message = receipt_on_the_wire(w);
        answer(w, sent_first(w), later[i].status, NULL);
        world_pass(w, later[i].wait_ms - 1);
        nothing_sent(w);
        world_pass(w, 1);
        app_gets_receipt(w, message, "DELIVRD");
    }
    for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++) {
        receipt_on_the_wire(w);
        answer(w, sent_first(w), dropped[i], NULL);
        check_number(counters(w)->messages_refused, i + 1);
        check(strstr(w->log, "state=refused") != NULL);
        world_pass(w, 3600000);
        nothing_sent(w);
    }
    message = receipt_on_the_wire(w); /* no answer: at least once */
    answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    world_pass(w, 5000);
    app_gets_receipt(w, message, "DELIVRD");
    world_end_test(w);
}

CHECK_MAIN({"smpp_status_0x00_accepted", smpp_status_0x00_accepted},
           {"smpp_status_0x14_all_binds_pause", smpp_status_0x14_all_binds_pause},
           {"smpp_status_0x58_pause_is_a_second_at_most",
            smpp_status_0x58_pause_is_a_second_at_most},
           {"smpp_status_0x08_a_few_tries", smpp_status_0x08_a_few_tries},
           {"smpp_status_0xfe_tried_again", smpp_status_0xfe_tried_again},
           {"smpp_status_0xff_tried_again", smpp_status_0xff_tried_again},
           {"smpp_status_0x64_until_it_expires", smpp_status_0x64_until_it_expires},
           {"smpp_status_0x65_all_that_waits_for_the_phone",
            smpp_status_0x65_all_that_waits_for_the_phone},
           {"smpp_status_0x65_a_long_queue", smpp_status_0x65_a_long_queue},
           {"smpp_status_0x65_many_in_one_turn", smpp_status_0x65_many_in_one_turn},
           {"smpp_status_0x65_found_after_a_crash", smpp_status_0x65_found_after_a_crash},
           {"smpp_status_0x66_only_this_one", smpp_status_0x66_only_this_one},
           {"smpp_status_0x0a_permanent", smpp_status_0x0a_permanent},
           {"smpp_status_0x0b_permanent", smpp_status_0x0b_permanent},
           {"smpp_status_0x01_errors_of_fields", smpp_status_0x01_errors_of_fields},
           {"smpp_status_0x100_codes_of_5_0", smpp_status_0x100_codes_of_5_0},
           {"smpp_status_0x45_permanent_or_by_map", smpp_status_0x45_permanent_or_by_map},
           {"smpp_status_0x400_vendors_codes_by_map", smpp_status_0x400_vendors_codes_by_map},
           {"smpp_status_order_each_cause_has_its_own_wait",
            smpp_status_order_each_cause_has_its_own_wait},
           {"smpp_u3_u8_duplicates_are_marked", smpp_u3_u8_duplicates_are_marked},
           {"smpp_u3_references_of_parts_and_of_apps", smpp_u3_references_of_parts_and_of_apps},
           {"smpp_u3_s8_held_messages_are_seen", smpp_u3_s8_held_messages_are_seen},
           {"smpp_status_0x400_a_carriers_own_0x401", smpp_status_0x400_a_carriers_own_0x401},
           {"smpp_r13_what_the_app_answers", smpp_r13_what_the_app_answers})
