/*
 * relay_rel_test.c: reliability (R-rel): ends are recorded, crashes, redeliveries.
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/key.h"
#include "tests/unit/check.h"

/* A request that the test answered by an event of its own. */
static void
forget_first(struct world *w)
{
    struct sent *sent = sent_first(w);

    w->first = sent->next;
    if (!w->first)
        w->last = &w->first;
    free(sent->bytes);
    free(sent);
}

/* ---- R-rel-1 */

static void
r_rel_1_acknowledged_only_after_the_commit(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "hello");
    uint32_t replies = w->replies;

    world_begin(w);
    app_submits(w, 1, &pdu);
    check_number(w->replies, replies); /* it is an effect of the turn */
    world_crash_in_turn(w);
    check_number(w->replies, replies);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_rel_1_stays_without_a_bind_and_through_restarts(void)
{
    struct world *w = world_with_app(NULL);

    world_unbind(w, 0, 0);
    app_submits_text(w, "one", 0);
    app_submits_text(w, "two", 0);
    for (int i = 0; i < 3; i++) {
        world_pass(w, 3600000);
        world_crash(w);
    }
    nothing_sent(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_shows(w, APP_NUMBER, CONTACT, "one");
    phone_shows(w, APP_NUMBER, CONTACT, "two");
    nothing_sent(w);
    world_end_test(w);
}

static void
r_rel_1_expiry_is_recorded(void)
{
    struct world_options options = {.relay = "  validity: 1h\n"};
    struct world *w = world_with_app(&options);
    uint64_t message;

    world_unbind(w, 0, 0);
    message = app_submits_text(w, "too late", 1);
    world_pass(w, 3600000 - 1);
    check_number(message_record(w, message).state, MSG_QUEUED);
    world_pass(w, 10000); /* the next look */
    check_number(message_record(w, message).state, MSG_EXPIRED);
    app_gets_receipt(w, message, "EXPIRED");
    check_number(counters(w)->messages_expired, 1);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    nothing_sent(w);
    world_end_test(w);
}

/* With the carrier up, but the message behind one that is tried again and again. */
static void
r_rel_1_expiry_while_retrying(void)
{
    struct world_options options = {.relay = "  validity: 10m\n  retry_max: 1m\n"};
    struct world *w = world_with_app(&options);
    uint64_t one = app_submits_text(w, "one", 2), two = app_submits_text(w, "two", 1);

    for (int i = 0; i < 100 && message_record(w, one).state != MSG_EXPIRED; i++) {
        if (sent_to(w, CONTACT))
            answer(w, sent_to(w, CONTACT), SMPP_RX_T_APPN, NULL);
        world_pass(w, 10000);
    }
    check_number(message_record(w, one).state, MSG_EXPIRED);
    check_number(message_record(w, two).state, MSG_EXPIRED);
    check_number(counters(w)->receipts_out, 2);
    answer_all(w);
    world_end_test(w);
}

static void
r_rel_1_validity_of_the_app(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "short lived");

    world_unbind(w, 0, 0);
    pdu.body.sm.validity_period = slice_str("000000001000000R"); /* ten minutes */
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    world_pass(w, 300000);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(sent_first(w)->pdu.body.sm.validity_period.n,
                 16); /* goes on, as a time of day (T7) */
    world_unbind(w, 0, 0);
    world_pass(w, 310000);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    nothing_sent(w);
    check_number(counters(w)->messages_expired, 1);
    world_end_test(w);
}

/* What may have arrived has not expired: its answer settles it, and without one it is in doubt. */
static void
row_55_the_validity_ends_on_the_wire(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "short lived");
    uint64_t message;

    pdu.body.sm.validity_period = slice_str("000000001000000R"); /* ten minutes */
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    message = last_message(w);
    world_pass(w, 1200000);
    check_number(message_record(w, message).state, MSG_INTENT);
    check_number(counters(w)->messages_expired, 0);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    check_number(message_record(w, message).state, MSG_SENT);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    message = last_message(w);
    world_pass(w, 1200000);
    check_number(message_record(w, message).state, MSG_INTENT);
    world_unbind(w, 0, 0);
    world_pass(w, 60000);
    check_number(message_record(w, message).state, MSG_EXPIRED);
    check(message_record(w, message).flags & MSGF_POSSIBLE_DUPLICATE);
    world_end_test(w);
}

static void
r_rel_1_permanent_refusal(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "no such phone", 1);

    answer(w, sent_first(w), SMPP_RINVDSTADR, NULL);
    check_number(message_record(w, message).state, MSG_REFUSED);
    check_number(message_record(w, message).status, SMPP_RINVDSTADR);
    app_gets_receipt(w, message, "REJECTD");
    check_number(counters(w)->messages_refused, 1);
    check(strstr(w->log, CONTACT) == NULL); /* masked */
    world_pass(w, 3600000);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_rel_1_temporary_error_is_tried_again(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "again", 0);

    answer(w, sent_first(w), SMPP_RX_T_APPN, NULL);
    nothing_sent(w);
    world_pass(w, 4999);
    nothing_sent(w);
    world_pass(w, 1);
    answer(w, sent_first(w), SMPP_RX_T_APPN, NULL);
    world_pass(w, 9999); /* doubled */
    nothing_sent(w);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    nothing_sent(w); /* a restart is no reason to hurry */
    world_pass(w, 1);
    phone_shows(w, APP_NUMBER, CONTACT, "again");
    check_number(message_record(w, message).state, MSG_SENT);
    check_number(message_record(w, message).flags & MSGF_POSSIBLE_DUPLICATE, 0);
    world_end_test(w);
}

static void
smpp_f9_c16_generic_nack_is_permanent(void)
{
    static const uint32_t statuses[] = {SMPP_RINVCMDLEN, SMPP_RINVCMDID, SMPP_ROK};
    struct world *w = world_with_app(NULL);

    for (size_t i = 0; i < 3; i++) {
        uint64_t message = app_submits_text(w, "what?", 0);
        struct event event = {.kind = EV_RESULT, .session = sent_first(w)->session};

        event.u.result.token = sent_first(w)->token;
        event.u.result.status = statuses[i];
        event.u.result.nack = true;
        world_event(w, &event);
        check_number(message_record(w, message).state, MSG_REFUSED);
        forget_first(w);
    }
    world_end_test(w);
}

static void
r_rel_1_kept_and_then_removed(void)
{
    struct world *w = world_with_app(NULL);

    app_submits_text(w, "one", 0);
    app_submits_text(w, "two", 1);
    answer_all(w);
    check_number(table_rows(w, TABLE_MESSAGE), 2);
    world_pass(w, 47ull * 3600 * 1000);
    check_number(table_rows(w, TABLE_MESSAGE), 2);
    world_pass(w, 2ull * 3600 * 1000);
    check_number(table_rows(w, TABLE_MESSAGE), 1); /* the other's receipt may still come (R14) */
    check_number(table_rows(w, TABLE_RECEIPT_ID), 1);
    world_pass(w, 48ull * 3600 * 1000);
    check_number(table_rows(w, TABLE_MESSAGE), 0);
    check_number(table_rows(w, TABLE_RECEIPT_ID), 0);
    world_end_test(w);
}

/* ---- R-rel-2 */

static void
r_rel_2_in_flight_is_sent_again(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 0);

    check_number(sent_count(w), 1);
    world_crash(w);
    nothing_sent(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    check(message_record(w, message).flags & MSGF_POSSIBLE_DUPLICATE);
    check_number(counters(w)->possible_duplicates, 1);
    nothing_sent(w);
    world_crash(w); /* settled: not again */
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_rel_2_lost_bind(void)
{
    struct world *w = world_with_app(NULL);

    app_submits_text(w, "hello", 0);
    world_unbind(w, 0, 0);
    nothing_sent(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    nothing_sent(w);
    world_end_test(w);
}

static void
r_rel_2_timeout_then_late_answer(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "hello", 0);
    struct event event = {.kind = EV_RESULT, .session = sent_first(w)->session};

    event.u.result.token = sent_first(w)->token;
    answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    nothing_sent(w);
    check_number(message_record(w, message).state, MSG_QUEUED);
    event.u.result.how = RESULT_LATE;
    event.u.result.message_id = slice_str("late");
    world_event(w, &event);
    check_number(message_record(w, message).state, MSG_SENT);
    world_pass(w, 3600000);
    nothing_sent(w); /* it was sent, after all */
    app_submits_text(w, "next", 0);
    phone_shows(w, APP_NUMBER, CONTACT, "next");
    world_end_test(w);
}

static void
r_rel_2_timeout_is_sent_again(void)
{
    struct world *w = world_with_app(NULL);

    app_submits_text(w, "hello", 0);
    app_submits_text(w, "behind", 0);
    answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    nothing_sent(w);
    world_pass(w, 5000);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    phone_shows(w, APP_NUMBER, CONTACT, "behind");
    world_end_test(w);
}

static void
r_rel_2_hold(void)
{
    struct world_options options = {.carrier = "    on_unknown_outcome: hold\n"};
    struct world *w = world_with_app(&options);
    uint64_t message = app_submits_text(w, "hello", 1);

    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "crm", 10);
    nothing_sent(w);
    check_number(message_record(w, message).state, MSG_HELD);
    app_submits_text(w, "the lane is free", 0);
    phone_shows(w, APP_NUMBER, CONTACT, "the lane is free");
    world_end_test(w);
}

static void
r_rel_2_only_parts_in_doubt(void)
{
    struct world *w = world_with_app(NULL);

    app_submits_text(w, repeat("x", 459), 0);
    check_number(sent_count(w), 3);
    answer(w, w->first->next, SMPP_ROK, "2nd");
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(sent_count(w), 2);
    answer_all(w);
    check_number(message_record(w, last_message(w)).state, MSG_SENT);
    world_end_test(w);
}

static void
r_rel_2_orderly_stop_doubles_nothing(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "after");

    app_submits_text(w, "one", 0);
    app_submits_text(w, "two", 0);
    world_stop(w);
    check_number(app_submits(w, 1, &pdu), SMPP_RSYSERR);
    phone_shows(w, APP_NUMBER, CONTACT, "one");
    nothing_sent(w); /* nothing new */
    check_number(relay_outstanding(w->relay), 0);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_shows(w, APP_NUMBER, CONTACT, "two");
    nothing_sent(w);
    check_number(counters(w)->possible_duplicates, 0);
    world_end_test(w);
}

static void
r_rel_2_crash_before_the_commit(void)
{
    struct world *w = world_with_app(NULL);
    struct event event = {.kind = EV_RESULT};

    app_submits_text(w, "hello", 0);
    event.session = sent_first(w)->session;
    event.u.result.token = sent_first(w)->token;
    world_begin(w);
    world_step(w, &event);
    world_crash_in_turn(w); /* the answer is forgotten */
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_shows(w, APP_NUMBER, CONTACT, "hello");
    check_number(counters(w)->possible_duplicates, 1);
    world_end_test(w);
}

/* ---- R-rel-3 */

static uint32_t
deliver_to_app(struct world *w, uint32_t slot, const char *text)
{
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, APP_NUMBER, text);

    return carrier_delivers(w, slot, &pdu);
}

static void
r_rel_3_redelivery_is_not_relayed_twice(void)
{
    struct world *w = world_with_app(NULL);

    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "Yes");
    world_unbind(w, 0, 0); /* nobody knows whether the response arrived */
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    nothing_sent(w);
    check_number(counters(w)->duplicates_in, 1);
    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK); /* once: this one is new */
    phone_shows(w, CONTACT, APP_NUMBER, "Yes");
    world_end_test(w);
}

static void
r_rel_3_after_a_crash(void)
{
    struct world *w = world_with_app(NULL);

    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "Yes");
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    nothing_sent(w);
    /* And this response may have got lost too. */
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_rel_3_same_text_twice_is_two_messages(void)
{
    struct world *w = world_with_app(NULL);

    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "Yes");
    phone_shows(w, CONTACT, APP_NUMBER, "Yes");
    world_end_test(w);
}

static void
r_rel_3_confirmed_responses_are_done_with(void)
{
    struct world *w = world_with_app(NULL);
    struct event event = {.kind = EV_CONFIRMED, .session = session_of(w, 0)};

    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    event.u.confirmed.inbound = w->inbound;
    check(w->inbound != 0);
    check_number(deliver_to_app(w, 0, "No"), SMPP_ROK);
    answer_all(w);
    check_number(table_rows(w, TABLE_INBOUND), 2);
    world_event(w, &event);
    check_number(table_rows(w, TABLE_INBOUND), 1);
    world_unbind(w, 0, w->inbound); /* the second one was confirmed as the connection went */
    check_number(table_rows(w, TABLE_INBOUND), 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    check_number(deliver_to_app(w, 0, "No"), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "Yes");
    phone_shows(w, CONTACT, APP_NUMBER, "No");
    world_end_test(w);
}

static void
r_rel_3_window_of_time(void)
{
    struct world *w = world_with_app(NULL);

    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    answer_all(w);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_bind(w, 1, LINK_APP, "crm", 10);
    world_pass(w, 15 * 60000 + 10000);
    check_number(table_rows(w, TABLE_INBOUND), 0);
    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "Yes");
    world_end_test(w);
}

static void
r_rel_3_another_carriers_is_no_redelivery(void)
{
    struct world *w = world_with_app(NULL);

    check_number(deliver_to_app(w, 0, "Yes"), SMPP_ROK);
    world_unbind(w, 0, 0);
    world_bind(w, 2, LINK_CARRIER, "other", 10);
    check_number(deliver_to_app(w, 2, "Yes"), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "Yes");
    phone_shows(w, CONTACT, APP_NUMBER, "Yes");
    world_end_test(w);
}

/* A part that comes again is no second part of the text either. */
static void
r_rel_3_parts(void)
{
    struct world *w = world_with_app(NULL);
    struct pdu one = pdu_of_part(CONTACT, APP_NUMBER, 1, 2, 1, "one "),
               two = pdu_of_part(CONTACT, APP_NUMBER, 1, 2, 2, "two");

    check_number(carrier_delivers(w, 0, &one), SMPP_ROK);
    check_number(carrier_delivers(w, 0, &two), SMPP_ROK);
    phone_shows(w, CONTACT, APP_NUMBER, "one two");
    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(carrier_delivers(w, 0, &two), SMPP_ROK);
    check_number(carrier_delivers(w, 0, &one), SMPP_ROK);
    nothing_sent(w);
    check_number(table_rows(w, TABLE_PART_SET), 0);
    world_end_test(w);
}

/* Row 41 of faults.md: one record is lost, and what it was in the way of goes on. */
static void
damage_newest(struct world *w)
{
    struct key key;

    key_init(&key);
    key_u64(&key, last_message(w));
    world_begin(w);
    store_put(w->txn, TABLE_MESSAGE, key_slice(&key), SLICE_LIT("not a record"));
    world_end(w);
}

static void
row_41_damaged_while_on_the_wire(void)
{
    struct world *w = world_new(NULL);

    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "1"), SMPP_ROK);
    damage_newest(w);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "2"), SMPP_ROK);
    check_number(sent_count(w), 1);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    phone_shows(w, APP_NUMBER, CONTACT, "2");
    check_number(table_rows(w, TABLE_INFLIGHT), 0);
    check_number(relay_outstanding(w->relay), 0);
    world_end_test(w);
}

static void
row_41_damaged_when_the_bind_is_lost(void)
{
    struct world *w = world_new(NULL);

    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "1"), SMPP_ROK);
    damage_newest(w);
    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    check_number(sent_count(w), 0);
    check_number(table_rows(w, TABLE_INFLIGHT), 0);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "2"), SMPP_ROK);
    phone_shows(w, APP_NUMBER, CONTACT, "2");
    world_end_test(w);
}

static void
row_41_damaged_between_two_parts(void)
{
    struct world *w = world_new(NULL);

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, repeat("x", 300)), SMPP_ROK);
    damage_newest(w);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "2"), SMPP_ROK);
    phone_shows(w, APP_NUMBER, CONTACT, "2");
    world_end_test(w);
}

/* F19: a carrier that accepts and gives no ID has taken the message all the same. */
static void
smpp_f19_accepted_without_a_message_id(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message = app_submits_text(w, "no name", 1);

    answer(w, sent_first(w), SMPP_ROK, NULL);
    check_number(message_record(w, message).state, MSG_SENT);
    check_number(counters(w)->sent_without_id, 1);
    check_number(table_rows(w, TABLE_RECEIPT_ID), 0);
    nothing_sent(w);
    world_end_test(w);
}

/* B10: what a carrier is taken for decides whether TLVs go to it. */
static void
smpp_b10_no_tlvs_to_a_carrier_of_3_3(void)
{
    static const uint8_t versions[] = {0x33, 0x34, 0x50};
    static const uint8_t tlv[] = {0x02, 0x04, 0, 2, 0x12, 0x34};

    for (size_t i = 0; i < sizeof(versions); i++) {
        struct world *w = world_with_app(NULL);
        struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "x");

        world_unbind(w, 0, 0);
        w->peer_version = versions[i];
        world_bind(w, 0, LINK_CARRIER, "sim", 10);
        pdu.tlvs = slice_of(tlv, sizeof(tlv));
        check_number(app_submits(w, 1, &pdu), SMPP_ROK);
        check_number(sent_first(w)->pdu.tlvs.n > 0, versions[i] >= 0x34);
        answer_all(w);
        world_end_test(w);
    }
}

CHECK_MAIN({"r_rel_1_acknowledged_only_after_the_commit",
            r_rel_1_acknowledged_only_after_the_commit},
           {"r_rel_1_stays_without_a_bind_and_through_restarts",
            r_rel_1_stays_without_a_bind_and_through_restarts},
           {"r_rel_1_expiry_is_recorded", r_rel_1_expiry_is_recorded},
           {"r_rel_1_expiry_while_retrying", r_rel_1_expiry_while_retrying},
           {"r_rel_1_validity_of_the_app", r_rel_1_validity_of_the_app},
           {"row_55_the_validity_ends_on_the_wire", row_55_the_validity_ends_on_the_wire},
           {"r_rel_1_permanent_refusal", r_rel_1_permanent_refusal},
           {"r_rel_1_temporary_error_is_tried_again", r_rel_1_temporary_error_is_tried_again},
           {"smpp_f9_c16_generic_nack_is_permanent", smpp_f9_c16_generic_nack_is_permanent},
           {"r_rel_1_kept_and_then_removed", r_rel_1_kept_and_then_removed},
           {"r_rel_2_in_flight_is_sent_again", r_rel_2_in_flight_is_sent_again},
           {"r_rel_2_lost_bind", r_rel_2_lost_bind},
           {"r_rel_2_timeout_then_late_answer", r_rel_2_timeout_then_late_answer},
           {"r_rel_2_timeout_is_sent_again", r_rel_2_timeout_is_sent_again},
           {"r_rel_2_hold", r_rel_2_hold},
           {"r_rel_2_only_parts_in_doubt", r_rel_2_only_parts_in_doubt},
           {"r_rel_2_orderly_stop_doubles_nothing", r_rel_2_orderly_stop_doubles_nothing},
           {"r_rel_2_crash_before_the_commit", r_rel_2_crash_before_the_commit},
           {"r_rel_3_redelivery_is_not_relayed_twice", r_rel_3_redelivery_is_not_relayed_twice},
           {"r_rel_3_after_a_crash", r_rel_3_after_a_crash},
           {"r_rel_3_same_text_twice_is_two_messages", r_rel_3_same_text_twice_is_two_messages},
           {"r_rel_3_confirmed_responses_are_done_with", r_rel_3_confirmed_responses_are_done_with},
           {"r_rel_3_window_of_time", r_rel_3_window_of_time},
           {"r_rel_3_another_carriers_is_no_redelivery", r_rel_3_another_carriers_is_no_redelivery},
           {"r_rel_3_parts", r_rel_3_parts},
           {"row_41_damaged_while_on_the_wire", row_41_damaged_while_on_the_wire},
           {"row_41_damaged_when_the_bind_is_lost", row_41_damaged_when_the_bind_is_lost},
           {"smpp_f19_accepted_without_a_message_id", smpp_f19_accepted_without_a_message_id},
           {"smpp_b10_no_tlvs_to_a_carrier_of_3_3", smpp_b10_no_tlvs_to_a_carrier_of_3_3},
           {"row_41_damaged_between_two_parts", row_41_damaged_between_two_parts})
