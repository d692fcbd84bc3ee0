/*
 * relay_stop_test.c: opt-outs (R-stop-1, 2, 5; rows G28 to G32 of bad-input.md).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "tests/unit/check.h"

#define CONFIRMED_OUT \
    "Acme: you have opted out and will get no more texts from us. Reply UNSTOP to opt in again."
#define CONFIRMED_IN "Acme: you have opted in to our texts again. Reply STOP to opt out."

/* In which owners are not told (R-stop-8): what they get is not what these tests are about. */
static struct world *
quiet_world(void)
{
    static const struct world_options options = {
        .messages = "  contact_opted_out: \"\"\n  nearly_stop: \"\"\n"};

    return world_new(&options);
}

static void
stops(struct world *w, const char *contact)
{
    phone_sends(w, contact, BIZ_NOBODY, "STOP");
    phone_shows(w, BIZ_NOBODY, contact, CONFIRMED_OUT);
    check(opted_out(w, ACME, contact));
}

static void
g28_is(const char *text, bool stop)
{
    struct world *w = quiet_world();

    phone_sends(w, CONTACT, BIZ_NOBODY, text);
    if (opted_out(w, ACME, CONTACT) != stop)
        printf("    %s\n", text);
    check(opted_out(w, ACME, CONTACT) == stop);
    answer_all(w);
    world_end_test(w);
}

static void
g28_r_stop_1_keyword(void)
{
    static const char *const stop[] = {"STOP",     "stop",
                                       " Stop ",   "Stop.",
                                       "\"STOP\"", "\xE2\x80\x9CSTOP\xE2\x80\x9D",
                                       "sToP!!",   "\xC2\xA0stop\r\n",
                                       "*STOP*",   "\xE2\x80\x8BSTOP\xEF\xBB\xBF"};

    for (size_t i = 0; i < sizeof(stop) / sizeof(stop[0]); i++)
        g28_is(stop[i], true);
}

static void
g28_r_stop_1_not_the_keyword(void)
{
    static const char *const other[] = {"STOP PLEASE", "S T O P",     "please stop",  "STOPPED",
                                        "STOP1",       "ST\xC3\x96P", "CANCEL",       "QUIT",
                                        "END",         "UNSUBSCRIBE", "ARRET",        "START",
                                        "1STOP",       "UNSTOP",      "\xC3\x89STOP", "."};

    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        g28_is(other[i], false);
}

static void
stop_to(const char *number, bool confirmed)
{
    struct world *w = quiet_world();

    phone_sends(w, CONTACT, number, "STOP");
    check(opted_out(w, ACME, CONTACT));
    check(!opted_out(w, ZETA, CONTACT));
    check((sent_to(w, CONTACT) != NULL) == confirmed);
    answer_all(w);
    /* And now nothing from any number of the account. */
    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(app_sends(w, 1, BIZ, CONTACT, "hello"), STATUS_OPTED_OUT);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "hello"), STATUS_OPTED_OUT);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT_2, "hello"), SMPP_ROK);
    answer_all(w);
    world_end_test(w);
}

static void
r_stop_1_whatever_number_it_is_sent_to(void)
{
    stop_to(BIZ, true);
    stop_to(BIZ_GROUP, true);
    stop_to(APP_NUMBER, true);
    stop_to(RELAY_ANN, false); /* R-txt-11: an answer would confirm the number */
}

static void
smpp_e7_r_stop_1_in_any_alphabet(void)
{
    struct world *w = quiet_world();
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_NOBODY, "");

    pdu.body.sm.data_coding = 8;
    pdu.body.sm.short_message = slice_of("\0S\0t\0o\0p", 8);
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check(opted_out(w, ACME, CONTACT));
    pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT_2, BIZ_NOBODY, "stop");
    pdu.body.sm.data_coding = 3; /* Latin-1 */
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check(opted_out(w, ACME, CONTACT_2));
    pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT_3, BIZ_NOBODY, "stop");
    pdu.body.sm.data_coding = 4; /* octets are no text */
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check(!opted_out(w, ACME, CONTACT_3));
    answer_all(w);
    world_end_test(w);
}

static void
r_stop_1_app_and_agent_see_it(void)
{
    struct world *w = quiet_world();
    uint64_t id = conversation(w, CONTACT);

    world_bind(w, 1, LINK_APP, "crm", 10);
    phone_sends(w, CONTACT, BIZ, "STOP");
    phone_shows(w, RELAY_ANN, ANN, with_id(id, "+12025550101: STOP"));
    phone_shows(w, BIZ, CONTACT, CONFIRMED_OUT);
    check_number(entry_record(w, ACME, id, 3).kind, ENTRY_IN);
    check_number(entry_record(w, ACME, id, 4).kind, ENTRY_OPTED_OUT);
    phone_sends(w, CONTACT_2, APP_NUMBER, "STOP");
    phone_shows(w, CONTACT_2, APP_NUMBER, "STOP");
    answer_all(w);
    world_end_test(w);
}

static void
r_stop_2_unstop_lifts_it(void)
{
    struct world *w = quiet_world();
    uint64_t id = conversation(w, CONTACT);

    stops(w, CONTACT);
    phone_sends(w, CONTACT, BIZ_GROUP, " unstop ");
    phone_shows(w, BIZ_GROUP, CONTACT, CONFIRMED_IN);
    check(!opted_out(w, ACME, CONTACT));
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "welcome back"));
    phone_shows(w, BIZ, CONTACT, "welcome back");
    world_end_test(w);
}

static void
r_stop_2_survives_a_restart(void)
{
    struct world *w = quiet_world();
    uint64_t id = conversation(w, CONTACT);

    stops(w, CONTACT);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hello"));
    check(sent_to(w, CONTACT) == NULL);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_e7_g29_part_of_a_longer_text(void)
{
    struct world *w = quiet_world();
    struct pdu one = pdu_of_part(CONTACT, BIZ_NOBODY, 1, 2, 1, "STOP"),
               two = pdu_of_part(CONTACT, BIZ_NOBODY, 1, 2, 2, " worrying");

    check_number(carrier_delivers(w, 0, &one), SMPP_ROK);
    check_number(carrier_delivers(w, 0, &two), SMPP_ROK);
    check(!opted_out(w, ACME, CONTACT));
    /* But a STOP that came in two parts is one. */
    one = pdu_of_part(CONTACT, BIZ_NOBODY, 2, 2, 1, "ST");
    two = pdu_of_part(CONTACT, BIZ_NOBODY, 2, 2, 2, "OP");
    check_number(carrier_delivers(w, 0, &one), SMPP_ROK);
    check_number(carrier_delivers(w, 0, &two), SMPP_ROK);
    check(opted_out(w, ACME, CONTACT));
    answer_all(w);
    world_end_test(w);
}

static void
g30_r_stop_6_one_confirmation_per_change(void)
{
    struct world *w = quiet_world();

    stops(w, CONTACT);
    phone_sends(w, CONTACT, BIZ, "Stop!");
    phone_sends(w, CONTACT, BIZ_GROUP, "stop");
    check(sent_to(w, CONTACT) == NULL);
    answer_all(w);
    phone_sends(w, CONTACT, BIZ_NOBODY, "UNSTOP");
    phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_IN);
    phone_sends(w, CONTACT, BIZ_NOBODY, "unstop");
    nothing_sent(w);
    phone_sends(w, CONTACT, BIZ_NOBODY, "sTOP");
    phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_OUT);
    nothing_sent(w);
    check_number(counters(w)->optouts, 2);
    check_number(counters(w)->optins, 1);
    world_end_test(w);
}

static void
r_stop_6_an_empty_template_sends_none(void)
{
    struct world_options options = {.messages =
                                        "  stop_confirmation: \"\"\n  unstop_confirmation: \"\"\n"};
    struct world *w = world_new(&options);

    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    phone_sends(w, CONTACT, BIZ_NOBODY, "UNSTOP");
    nothing_sent(w);
    world_end_test(w);
}

static void
g32_one_canonical_form(void)
{
    static const struct {
        uint8_t ton;
        const char *digits;
    } forms[] = {{1, "+12025550101"}, {0, "01112025550101"}, {0, "2025550101"},
                 {2, "2025550101"},   {2, "12025550101"},    {0, "0012025550101"}};
    struct world *w = quiet_world();
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_NOBODY, "STOP");

    pdu.body.sm.source = (struct pdu_address){2, 1, slice_str("2025550101")};
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    check(opted_out(w, ACME, CONTACT));
    answer_all(w);
    world_bind(w, 1, LINK_APP, "crm", 10);
    pdu = pdu_of_text(SMPP_SUBMIT_SM, BIZ, CONTACT, "hello");
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        pdu.body.sm.dest = (struct pdu_address){forms[i].ton, 1, slice_str(forms[i].digits)};
        check_number(app_submits(w, 1, &pdu), STATUS_OPTED_OUT);
    }
    nothing_sent(w);
    world_end_test(w);
}

/* ---- R-stop-5 */

static void
r_stop_5_g31_agents_reply_is_refused(void)
{
    struct world *w = quiet_world();
    uint64_t id = conversation(w, CONTACT);
    char refused[200];

    snprintf(refused, sizeof(refused),
             "%llu: nothing was delivered. This contact has opted out of texts from us.",
             (unsigned long long)id);
    stops(w, CONTACT);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "one more thing"));
    phone_shows(w, RELAY_ANN, ANN, refused);
    nothing_sent(w);
    check_number(entry_record(w, ACME, id, 3).kind, ENTRY_OPTED_OUT);
    check_number(entry_record(w, ACME, id, 4).kind, ENTRY_REFUSED);
    check_text(entry_record(w, ACME, id, 4).text, "one more thing");
    world_end_test(w);
}

static void
r_stop_5_app_has_a_status_of_its_own(void)
{
    struct world *w = quiet_world();

    world_bind(w, 1, LINK_APP, "crm", 10);
    world_bind(w, 2, LINK_APP, "zapp", 10);
    stops(w, CONTACT);
    check_number(app_sends(w, 1, BIZ, CONTACT, "hello"), STATUS_OPTED_OUT);
    check_number(counters(w)->refused_optout, 1);
    nothing_sent(w);
    check_number(app_sends(w, 2, BIZ_ZETA, CONTACT, "R-stop-9"), SMPP_ROK);
    phone_shows(w, BIZ_ZETA, CONTACT, "R-stop-9");
    world_end_test(w);
}

static void
r_stop_5_what_was_queued_is_cancelled(void)
{
    struct world *w = quiet_world();
    uint64_t id = conversation(w, CONTACT), message;
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, BIZ_GROUP, CONTACT, "queued");

    world_bind(w, 1, LINK_APP, "crm", 10);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "on the wire"));
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "behind it"));
    world_unbind(w, 0, UINT64_MAX);
    pdu.body.sm.registered_delivery = 1;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    message = leading_number(w->message_id);
    world_bind(w, 2, LINK_CARRIER, "other", 10);
    pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_NOBODY, "STOP");
    check_number(carrier_delivers(w, 2, &pdu), SMPP_ROK);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_OUT);
    check(sent_to(w, CONTACT) == NULL);
    /* Not even what had been on the wire when the bind was lost. */
    check_number(entry_record(w, ACME, id, 3).state, MSG_SUPPRESSED);
    check_number(entry_record(w, ACME, id, 4).state, MSG_SUPPRESSED);
    check_number(message_record(w, message).state, MSG_SUPPRESSED);
    check_number(counters(w)->messages_suppressed, 3);
    /* The app that asked hears of it. */
    check(strstr(phone_gets(w, BIZ_GROUP)->text, "stat:REJECTD") != NULL);
    world_end_test(w);
}

/* In the same turn as the STOP: what was accepted before it does not leave after it was
 * acknowledged. */
static void
r_stop_5_in_the_same_turn(void)
{
    struct world *w = quiet_world();
    uint64_t id = conversation(w, CONTACT);
    struct pdu reply = pdu_of_text(SMPP_DELIVER_SM, ANN, RELAY_ANN, with_id(id, "too late")),
               stop = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_NOBODY, "STOP");

    world_begin(w);
    carrier_delivers(w, 0, &reply);
    carrier_delivers(w, 0, &stop);
    world_end(w);
    phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_OUT);
    nothing_sent(w);
    check_number(entry_record(w, ACME, id, 3).state, MSG_SUPPRESSED);
    world_end_test(w);
}

static void
r_stop_5_remaining_parts_do_not_leave(void)
{
    struct world *w = quiet_world();
    uint64_t message;

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(app_sends(w, 1, BIZ_GROUP, CONTACT, repeat("x", 400)), SMPP_ROK);
    message = leading_number(w->message_id);
    check_number(sent_count(w), 1);
    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    check_number(sent_count(w), 1);
    answer(w, sent_first(w), SMPP_ROK, "first");
    phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_OUT);
    nothing_sent(w);
    check_number(message_record(w, message).state, MSG_SUPPRESSED);
    check_number(message_record(w, message).parts_sent, 1);
    /* A receipt for the part that went changes nothing any more. */
    carrier_receipt(w, "first", "UNDELIV", CONTACT, BIZ_GROUP);
    check_number(message_record(w, message).state, MSG_SUPPRESSED);
    check_number(relay_outstanding(w->relay), 0);
    world_end_test(w);
}

static void
r_stop_5_retry_does_not_leave(void)
{
    struct world *w = quiet_world();
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "try"));
    answer(w, sent_first(w), SMPP_RSYSERR, NULL);
    nothing_sent(w);
    stops(w, CONTACT);
    world_pass(w, 3600000);
    nothing_sent(w);
    check_number(entry_record(w, ACME, id, 3).state, MSG_SUPPRESSED);
    world_end_test(w);
}

static void
r_stop_5_throttled_does_not_leave(void)
{
    struct world *w = quiet_world();
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "try"));
    answer(w, sent_first(w), SMPP_RTHROTTLED, NULL);
    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    nothing_sent(w); /* the bind pauses */
    world_pass(w, 2000);
    phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_OUT);
    nothing_sent(w);
    check_number(entry_record(w, ACME, id, 3).state, MSG_SUPPRESSED);
    world_end_test(w);
}

static void
r_stop_5_in_flight_at_a_crash_does_not_leave_again(void)
{
    struct world *w = quiet_world();
    uint64_t id = conversation(w, CONTACT);
    struct pdu stop = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_NOBODY, "STOP");

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "in flight"));
    world_crash(w);
    world_bind(w, 1, LINK_CARRIER, "other", 10);
    check_number(carrier_delivers(w, 1, &stop), SMPP_ROK);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_OUT);
    nothing_sent(w);
    check_number(entry_record(w, ACME, id, 3).state, MSG_SUPPRESSED);
    world_end_test(w);
}

/* The confirmation itself may be sent again. */
static void
r_stop_5_confirmation_survives_a_throttle(void)
{
    struct world *w = quiet_world();

    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    answer(w, sent_first(w), SMPP_RTHROTTLED, NULL);
    world_pass(w, 1000);
    phone_shows(w, BIZ_NOBODY, CONTACT, CONFIRMED_OUT);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_stop_9_per_account(void)
{
    struct world *w = quiet_world();

    phone_sends(w, CONTACT, BIZ_ZETA, "hello");
    answer_all(w);
    stops(w, CONTACT);
    phone_sends(w, CID, RELAY_CID, with_id(conv_id_make(1), "we may"));
    phone_shows(w, BIZ_ZETA, CONTACT, "we may");
    world_end_test(w);
}

CHECK_MAIN({"g28_r_stop_1_keyword", g28_r_stop_1_keyword},
           {"g28_r_stop_1_not_the_keyword", g28_r_stop_1_not_the_keyword},
           {"r_stop_1_whatever_number_it_is_sent_to", r_stop_1_whatever_number_it_is_sent_to},
           {"smpp_e7_r_stop_1_in_any_alphabet", smpp_e7_r_stop_1_in_any_alphabet},
           {"r_stop_1_app_and_agent_see_it", r_stop_1_app_and_agent_see_it},
           {"r_stop_2_unstop_lifts_it", r_stop_2_unstop_lifts_it},
           {"r_stop_2_survives_a_restart", r_stop_2_survives_a_restart},
           {"smpp_e7_g29_part_of_a_longer_text", smpp_e7_g29_part_of_a_longer_text},
           {"g30_r_stop_6_one_confirmation_per_change", g30_r_stop_6_one_confirmation_per_change},
           {"r_stop_6_an_empty_template_sends_none", r_stop_6_an_empty_template_sends_none},
           {"g32_one_canonical_form", g32_one_canonical_form},
           {"r_stop_5_g31_agents_reply_is_refused", r_stop_5_g31_agents_reply_is_refused},
           {"r_stop_5_app_has_a_status_of_its_own", r_stop_5_app_has_a_status_of_its_own},
           {"r_stop_5_what_was_queued_is_cancelled", r_stop_5_what_was_queued_is_cancelled},
           {"r_stop_5_in_the_same_turn", r_stop_5_in_the_same_turn},
           {"r_stop_5_remaining_parts_do_not_leave", r_stop_5_remaining_parts_do_not_leave},
           {"r_stop_5_retry_does_not_leave", r_stop_5_retry_does_not_leave},
           {"r_stop_5_throttled_does_not_leave", r_stop_5_throttled_does_not_leave},
           {"r_stop_5_in_flight_at_a_crash_does_not_leave_again",
            r_stop_5_in_flight_at_a_crash_does_not_leave_again},
           {"r_stop_5_confirmation_survives_a_throttle", r_stop_5_confirmation_survives_a_throttle},
           {"r_stop_9_per_account", r_stop_9_per_account})
