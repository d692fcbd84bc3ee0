/*
 * relay_route_test.c: which carrier takes a message, and what happens to the others of its
 * conversation when that changes: rules, weights, failover and return, no route.
 */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/udh.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

#define SIM 0u /* slots of the carriers */
#define OTHER 3u
#define CRM 1u
#define NOBODY UINT32_MAX
#define BOTH                                               \
    "routes:\n  - {id: both, carriers: [{carrier: sim}], " \
    "backups: [other]}\n"

/* crm and both carriers are bound. */
static struct world *
world_routed(const struct world_options *options)
{
    struct world *w = world_with_app(options);

    world_bind(w, OTHER, LINK_CARRIER, "other", 100);
    return w;
}

static void
submit(struct world *w, const char *to, const char *text)
{
    check_number(app_sends(w, CRM, APP_NUMBER, to, text), SMPP_ROK);
}

/* The carrier that has what goes to this phone; accepts it. */
static uint32_t
carrier_of(struct world *w, const char *to)
{
    struct sent *sent = sent_to(w, to);
    uint32_t slot;

    if (!sent)
        return NOBODY;
    slot = sent->session.slot;
    answer(w, sent, SMPP_ROK, "x");
    return slot;
}

/* By which carrier goes a text from this number of ours to this phone? */
static uint32_t
goes_by(struct world *w, const char *from, const char *to)
{
    check_number(app_sends(w, CRM, from, to, "which way"), SMPP_ROK);
    return carrier_of(w, to);
}

static const char *
phone_n(uint32_t n)
{
    static char phone[24];

    snprintf(phone, sizeof(phone), "1202556%04u", n);
    return phone;
}

/* The next text to this phone is this one and goes by this carrier. */
static void
shows_by(struct world *w, uint32_t slot, const char *to, const char *text)
{
    struct sent *sent = sent_to(w, to);

    check(sent != NULL);
    check_number(sent->session.slot, slot);
    phone_shows(w, APP_NUMBER, to, text);
}

static void
sim_is_lost(struct world *w)
{
    world_unbind(w, SIM, 0);
    world_pass(w, 31000);
}

/* ---- rules */

static void
r_route_first_rule_that_fits(void)
{
    struct world_options options = {
        .gateway = "routes:\n"
                   "  - {id: uk, prefixes: [\"44\"], carriers: [{carrier: other}]}\n"
                   "  - {id: ukm, prefixes: [\"447\"], carriers: [{carrier: sim}]}\n"
                   "  - {id: num, sources: [\"+" BIZ "\"], carriers: [{carrier: other}]}\n"
                   "  - {id: app, app: zapp, carriers: [{carrier: other}]}\n"
                   "  - {id: acc, account: zeta, prefixes: [\"1202555\"],"
                   " carriers: [{carrier: other}]}\n"};
    struct world *w = world_routed(&options);

    /* The order of the file decides, not the length of the prefix. */
    check_number(goes_by(w, APP_NUMBER, "447700900123"), OTHER);
    check_number(goes_by(w, APP_NUMBER, CONTACT), SIM);
    check_number(goes_by(w, BIZ, CONTACT), OTHER);
    check_number(goes_by(w, BIZ, "447700900123"), OTHER);
    world_bind(w, 2, LINK_APP, "zapp", 10);
    check_number(app_sends(w, 2, BIZ_ZETA, CONTACT, "by app"), SMPP_ROK);
    check_number(carrier_of(w, CONTACT), OTHER);
    answer_all(w);
    world_end_test(w);
}

static void
r_route_scopes_are_anded(void)
{
    struct world_options options = {
        .gateway = "routes:\n"
                   "  - {id: a, app: crm, sources: [\"+" BIZ "\"], prefixes: [\"33\", \"4\"],"
                   " carriers: [{carrier: other}]}\n"
                   "  - {id: b, sources: [\"+" BIZ "\", \"+" BIZ_GROUP "\"], prefixes: [\"49\"],"
                   " carriers: [{carrier: other}]}\n"};
    struct world *w = world_routed(&options);

    check_number(goes_by(w, BIZ, "33612345678"), OTHER);
    check_number(goes_by(w, BIZ, "4915112345678"), OTHER);
    check_number(goes_by(w, BIZ, "34612345678"), SIM);
    check_number(goes_by(w, BIZ_GROUP, "33612345678"), SIM);
    check_number(goes_by(w, BIZ_GROUP, "4915112345678"), OTHER);
    check_number(goes_by(w, APP_NUMBER, "4915112345678"), SIM);
    world_end_test(w);
}

/* What the relay itself sends goes by them too: forwards, replies, notices, confirmations. */
static void
r_route_holds_for_the_relays_own_messages(void)
{
    struct world_options options = {.gateway =
                                        "routes:\n  - {id: all, carriers: [{carrier: other}]}\n"};
    struct world *w = world_routed(&options);
    uint64_t id;

    phone_sends(w, CONTACT, BIZ, "hello");
    check_number(sent_to(w, ANN)->session.slot, OTHER);
    id = leading_number(phone_gets(w, ANN)->text);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hi"));
    check_number(carrier_of(w, CONTACT), OTHER);
    phone_sends(w, ANN, RELAY_ANN, "no id");
    check_number(carrier_of(w, ANN), OTHER);
    phone_sends(w, CONTACT, BIZ, "STOP");
    check_number(carrier_of(w, CONTACT), OTHER);
    answer_all(w);
    world_end_test(w);
}

static void
r_route_refuse_is_0x0b(void)
{
    struct world_options options = {
        .gateway = "routes:\n  - {id: no, prefixes: [\"881\"], refuse: true}\n"
                   "  - {id: none, sources: [\"+" BIZ "\"], refuse: true}\n"
                   "  - {id: agents, sources: [\"+" RELAY_ANN "\"], carriers: [{carrier: sim}]}\n"};
    struct world *w = world_routed(&options);
    uint64_t id;

    check_number(app_sends(w, CRM, APP_NUMBER, "8816212345678", "x"), SMPP_RINVDSTADR);
    check(strstr(w->log, "no route") != NULL);
    check_number(counters(w)->unrouted, 1);
    /* An agent's answer that no carrier takes is recorded as refused. */
    phone_sends(w, CONTACT, BIZ, "hello");
    id = leading_number(phone_gets(w, ANN)->text);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hi"));
    nothing_sent(w);
    check_number(counters(w)->unrouted, 2);
    check_number(message_record(w, last_message(w)).state, MSG_REFUSED);
    check_number(message_record(w, last_message(w)).status, SMPP_RINVDSTADR);
    check_number(entry_record(w, ACME, id, conv_record(w, ACME, id).entries).state, MSG_REFUSED);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    world_end_test(w);
}

static void
r_route_weights_share_and_conversations_stay(void)
{
    struct world_options options = {
        .gateway = "routes:\n  - {id: s, carriers: [{carrier: sim, weight: 3}, "
                   "{carrier: other, weight: 1}]}\n"};
    struct world *w = world_routed(&options);
    uint32_t by_sim = 0, count = 1000;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t by = goes_by(w, APP_NUMBER, phone_n(i));

        by_sim += by == SIM;
        if (i % 50 == 0)
            check_number(goes_by(w, APP_NUMBER, phone_n(i)), by);
    }
    check(by_sim > 680 && by_sim < 820);
    world_end_test(w);
}

/* ---- failover */

static void
r_route_goes_over_after_failover_and_comes_back(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);

    check_number(goes_by(w, APP_NUMBER, CONTACT), SIM);
    world_unbind(w, SIM, 0);
    world_pass(w, 29000);
    submit(w, CONTACT, "one");
    submit(w, CONTACT, "two");
    nothing_sent(w);
    world_pass(w, 2000);
    check(strstr(w->log, "carrier passed over") != NULL);
    shows_by(w, OTHER, CONTACT, "one");
    shows_by(w, OTHER, CONTACT, "two");
    check_number(goes_by(w, APP_NUMBER, CONTACT_2), OTHER);
    world_bind(w, SIM, LINK_CARRIER, "sim", 10);
    check_number(goes_by(w, APP_NUMBER, CONTACT), SIM);
    check_number(counters(w)->rerouted, 2);
    world_end_test(w);
}

static void
r_route_home_keeps_it_when_none_is_up(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);

    world_unbind(w, OTHER, 0);
    sim_is_lost(w);
    submit(w, CONTACT, "waits");
    world_pass(w, 60000);
    nothing_sent(w);
    world_bind(w, SIM, LINK_CARRIER, "sim", 10);
    shows_by(w, SIM, CONTACT, "waits");
    check_number(counters(w)->rerouted, 0);
    world_end_test(w);
}

/* Or when another comes up first: what waited goes there. */
static void
r_route_another_comes_up_later(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);

    world_unbind(w, OTHER, 0);
    sim_is_lost(w);
    submit(w, CONTACT, "one");
    submit(w, CONTACT, "two");
    world_bind(w, OTHER, LINK_CARRIER, "other", 10);
    shows_by(w, OTHER, CONTACT, "one");
    shows_by(w, OTHER, CONTACT, "two");
    nothing_sent(w);
    world_end_test(w);
}

/* While messages of the conversation are still at the carrier that took over, new ones go there. */
static void
r_route_order_holds_when_it_comes_back(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);

    world_unbind(w, OTHER, 0);
    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    submit(w, CONTACT, "one"); /* on the wire of sim */
    sim_is_lost(w);
    submit(w, CONTACT, "two");
    submit(w, CONTACT_2, "a");
    submit(w, CONTACT_2, "b");
    world_bind(w, SIM, LINK_CARRIER, "sim", 10);
    submit(w, CONTACT, "three");
    submit(w, CONTACT_2, "c");
    shows_by(w, OTHER, CONTACT, "one");
    shows_by(w, OTHER, CONTACT, "two");
    shows_by(w, OTHER, CONTACT_2, "a");
    shows_by(w, OTHER, CONTACT_2, "b");
    shows_by(w, OTHER, CONTACT, "three");
    shows_by(w, OTHER, CONTACT_2, "c");
    check_number(goes_by(w, APP_NUMBER, CONTACT), SIM);
    check_number(goes_by(w, APP_NUMBER, CONTACT_2), SIM);
    world_end_test(w);
}

/* A lane alone: one message on the wire there, nothing in rows. */
static void
r_route_what_is_on_the_wire_keeps_its_conversation(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);

    sim_is_lost(w);
    submit(w, CONTACT, "one");
    world_bind(w, SIM, LINK_CARRIER, "sim", 10);
    submit(w, CONTACT, "two");
    check_number(goes_by(w, APP_NUMBER, CONTACT_2), SIM);
    answer(w, sent_first(w), SMPP_RSYSERR, ""); /* and again while it waits for its retry */
    submit(w, CONTACT, "three");
    nothing_sent(w);
    world_pass(w, 600000);
    shows_by(w, OTHER, CONTACT, "one");
    shows_by(w, OTHER, CONTACT, "two");
    shows_by(w, OTHER, CONTACT, "three");
    check_number(goes_by(w, APP_NUMBER, CONTACT), SIM);
    world_end_test(w);
}

/* A retry at the carrier that dies goes over in front of what came behind it, whether that waited
 * there or is new. */
static void
r_route_a_retry_goes_over_first(void)
{
    struct world_options options = {.gateway = BOTH,
                                    .relay = "  retry_min: 10m\n  retry_max: 10m\n"};
    struct world *w = world_routed(&options);

    submit(w, CONTACT, "one");
    submit(w, CONTACT_2, "only");
    answer(w, sent_to(w, CONTACT), SMPP_RSYSERR, "");
    answer(w, sent_to(w, CONTACT_2), SMPP_RSYSERR, "");
    submit(w, CONTACT, "two");
    sim_is_lost(w);
    shows_by(w, OTHER, CONTACT, "one");
    shows_by(w, OTHER, CONTACT, "two");
    nothing_sent(w);
    submit(w, CONTACT_2, "next");
    shows_by(w, OTHER, CONTACT_2, "only");
    shows_by(w, OTHER, CONTACT_2, "next");
    nothing_sent(w);
    submit(w, CONTACT_3, "third");
    answer(w, sent_to(w, CONTACT_3), SMPP_ROK, "c");
    check_number(table_rows(w, TABLE_RETRY) + table_rows(w, TABLE_QUEUE), 0);
    world_end_test(w);
}

static void
r_route_a_retry_that_is_due_goes_over(void)
{
    struct world_options options = {.gateway = BOTH,
                                    .relay = "  retry_min: 10m\n  retry_max: 10m\n"};
    struct world *w = world_routed(&options);

    submit(w, CONTACT, "only");
    answer(w, sent_first(w), SMPP_RSYSERR, "");
    sim_is_lost(w);
    nothing_sent(w);
    world_pass(w, 600000);
    shows_by(w, OTHER, CONTACT, "only");
    nothing_sent(w);
    world_end_test(w);
}

/* Many rows move in bounded turns, in order, and a crash in the middle changes nothing. */
static void
move_many(bool crash, bool back)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);
    uint32_t count = 1300;
    static const struct event tick = {.kind = EV_TICK};
    char text[24];

    world_unbind(w, SIM, 0);
    world_unbind(w, OTHER, 0);
    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    submit(w, CONTACT_3, "before");
    for (uint32_t i = 0; i < count; i++) {
        snprintf(text, sizeof(text), "%u", i);
        submit(w, i % 2 ? CONTACT : CONTACT_2, text);
    }
    w->now_ms += 31000;
    world_begin(w);
    world_step(w, &tick);
    world_end(w);
    check(counters(w)->rerouted > 300 && counters(w)->rerouted <= 500);
    if (crash) {
        world_crash(w);
        world_bind(w, CRM, LINK_APP, "crm", 10);
        world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    }
    if (back)
        world_bind(w, SIM, LINK_CARRIER, "sim", 5);
    submit(w, CONTACT_2, "1300");
    submit(w, CONTACT, "1301");
    world_pass(w, 31000);
    phone_shows(w, APP_NUMBER, CONTACT_3, "before");
    for (uint32_t i = 0; i < count + 2; i++) {
        snprintf(text, sizeof(text), "%u", i);
        phone_shows(w, APP_NUMBER, i % 2 ? CONTACT : CONTACT_2, text);
    }
    answer_all(w);
    check_number(table_rows(w, TABLE_QUEUE) + table_rows(w, TABLE_INFLIGHT), 0);
    world_end_test(w);
}

static void
r_route_a_backlog_moves_in_order(void)
{
    move_many(false, false);
}

static void
r_route_a_backlog_moves_on_when_its_carrier_is_back(void)
{
    move_many(false, true);
}

static void
r_route_a_backlog_moves_on_after_a_crash(void)
{
    move_many(true, false);
}

static void
r_route_a_backlog_moves_on_after_a_crash_and_return(void)
{
    move_many(true, true);
}

/* Guests are known after a restart: what is new goes behind them. */
static void
r_route_guests_survive_a_crash(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);

    world_unbind(w, OTHER, 0);
    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    sim_is_lost(w);
    submit(w, CONTACT_2, "a");
    submit(w, CONTACT, "one");
    world_crash(w);
    world_bind(w, CRM, LINK_APP, "crm", 10);
    world_bind(w, SIM, LINK_CARRIER, "sim", 10);
    submit(w, CONTACT, "two");
    nothing_sent(w);
    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    phone_shows(w, APP_NUMBER, CONTACT_2, "a");
    shows_by(w, OTHER, CONTACT, "one");
    shows_by(w, OTHER, CONTACT, "two");
    check_number(goes_by(w, APP_NUMBER, CONTACT), SIM);
    world_end_test(w);
}

/* What was on the wire is in doubt; its carrier's policy says whether it goes again, elsewhere. */
static void
r_route_in_doubt_as_the_policy_says(void)
{
    struct world_options options = {.gateway = BOTH, .carrier = "    on_unknown_outcome: hold\n"};
    struct world *w = world_routed(&options);
    uint64_t message;

    submit(w, CONTACT, "in doubt");
    message = strtoull(w->message_id, NULL, 10);
    sim_is_lost(w);
    nothing_sent(w);
    check_number(message_record(w, message).state, MSG_HELD);
    world_end_test(w);
    options.carrier = NULL;
    w = world_routed(&options);
    submit(w, CONTACT, "in doubt");
    message = strtoull(w->message_id, NULL, 10);
    sim_is_lost(w);
    shows_by(w, OTHER, CONTACT, "in doubt");
    check(message_record(w, message).flags & MSGF_POSSIBLE_DUPLICATE);
    world_end_test(w);
}

static struct concat
concat_of(const struct sent *sent)
{
    struct udh udh;

    check_number(udh_of_pdu(&sent->pdu, &udh), UDH_OK);
    return udh.concat;
}

/* L7: the parts of a message go by one carrier, in order, one behind the other. */
static void
smpp_l7_parts_go_together(void)
{
    struct world_options options = {
        .gateway = "routes:\n  - {id: s, carriers: [{carrier: sim}, {carrier: other}]}\n"};
    struct world *w = world_routed(&options);

    for (uint32_t i = 0; i < 20; i++) {
        uint32_t slot = NOBODY;
        uint16_t reference = 0;

        submit(w, phone_n(i), repeat("long ", 80));
        check_number(sent_count(w), 3);
        for (uint32_t part = 1; part <= 3; part++) {
            struct sent *sent = sent_first(w);
            struct concat concat = concat_of(sent);

            if (part == 1) {
                slot = sent->session.slot;
                reference = concat.reference;
            }
            check_number(sent->session.slot, slot);
            check_number(concat.reference, reference);
            check_number(concat.index, part);
            answer(w, sent, SMPP_ROK, "c");
        }
    }
    world_end_test(w);
}

/* A carrier that dies with a part of it: all of it goes by the other, receipts of the one part do
 * not count. */
static void
smpp_l7_a_half_sent_message_goes_over_whole(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "");
    uint64_t message;

    pdu.body.sm.short_message = slice_str(repeat("x", 250));
    pdu.body.sm.registered_delivery = 1;
    check_number(app_submits(w, CRM, &pdu), SMPP_ROK);
    message = strtoull(w->message_id, NULL, 10);
    answer(w, sent_first(w), SMPP_ROK, "s1");
    check_number(table_rows(w, TABLE_RECEIPT_ID), 1);
    sim_is_lost(w);
    check_number(table_rows(w, TABLE_RECEIPT_ID), 0);
    check_number(sent_count(w), 2);
    shows_by(w, OTHER, CONTACT, repeat("x", 250));
    check_number(message_record(w, message).state, MSG_SENT);
    check_number(message_record(w, message).parts_sent, 2);
    world_end_test(w);
}

/* A part that its first carrier owns up to late is none of those that the other one has. */
static void
smpp_l7_u8_late_answer_of_the_first_carrier(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);
    struct event late = {.kind = EV_RESULT, .session = session_of(w, SIM)};
    struct event hold = {.kind = EV_BIND_HOLD, .session = session_of(w, SIM)};
    uint64_t message;

    submit(w, CONTACT, repeat("x", 250));
    message = strtoull(w->message_id, NULL, 10);
    late.u.result = (struct event_result){
        .token = sent_first(w)->token, .how = RESULT_LATE, .message_id = SLICE_LIT("late")};
    while (sent_count(w) > 0)
        answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    world_event(w, &hold);
    world_pass(w, 40000);
    check_number(sent_count(w), 2);
    check_number(sent_first(w)->session.slot, OTHER);
    world_event(w, &late);
    check_number(message_record(w, message).parts_sent, 0);
    shows_by(w, OTHER, CONTACT, repeat("x", 250));
    check_number(message_record(w, message).state, MSG_SENT);
    world_end_test(w);
}

/* A bind that takes nothing more keeps its carrier while answers are to come, and no longer. */
static void
r_route_a_held_bind_is_passed_over(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);
    struct event hold = {.kind = EV_BIND_HOLD, .session = session_of(w, SIM)};

    submit(w, CONTACT, "one");
    world_event(w, &hold);
    submit(w, CONTACT_2, "two");
    world_pass(w, 40000);
    check(sent_to(w, CONTACT_2) == NULL);
    answer(w, sent_to(w, CONTACT), SMPP_ROK, "c1");
    world_pass(w, 31000);
    shows_by(w, OTHER, CONTACT_2, "two");
    world_end_test(w);
}

/* Another alphabet at the other carrier: the same text. */
static void
r_route_the_text_is_put_into_the_other_alphabet(void)
{
    struct world_options options = {.gateway = BOTH, .carrier = "    alphabet: latin1\n"};
    struct world *w = world_routed(&options);
    struct sent *sent;

    world_unbind(w, SIM, 0);
    submit(w, CONTACT, "caf\xc3\xa9 @");
    world_pass(w, 31000);
    sent = sent_to(w, CONTACT);
    check_number(sent->session.slot, OTHER);
    check_slice(sent->pdu.body.sm.short_message, SLICE_LIT("caf\x05 \0"));
    answer_all(w);
    world_end_test(w);
}

/* ---- what else is told of messages that went over */

static void
r_route_a_reload_is_heeded(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);

    world_unbind(w, OTHER, 0);
    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    check_number(goes_by(w, APP_NUMBER, CONTACT), SIM);
    options.gateway = "routes:\n  - {id: o, carriers: [{carrier: other}]}\n";
    world_reload(w, &options);
    check_number(goes_by(w, APP_NUMBER, CONTACT), OTHER);
    submit(w, CONTACT_2, "fills the window");
    submit(w, CONTACT, "waits at other");
    options.gateway = NULL;
    world_reload(w, &options);
    submit(w, CONTACT, "behind it");
    phone_shows(w, APP_NUMBER, CONTACT_2, "fills the window");
    shows_by(w, OTHER, CONTACT, "waits at other");
    shows_by(w, OTHER, CONTACT, "behind it");
    check_number(goes_by(w, APP_NUMBER, CONTACT), SIM);
    world_end_test(w);
}

static void
r_route_cancel_finds_it_at_the_other_carrier(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);
    struct pdu pdu = {.command_id = SMPP_CANCEL_SM};

    world_unbind(w, OTHER, 0);
    world_bind(w, OTHER, LINK_CARRIER, "other", 1);
    world_unbind(w, SIM, 0);
    submit(w, CONTACT_2, "fills the window");
    submit(w, CONTACT, "never");
    world_pass(w, 31000);
    pdu.body.cancel.source = (struct pdu_address){1, 1, SLICE_LIT(APP_NUMBER)};
    pdu.body.cancel.dest = (struct pdu_address){1, 1, SLICE_LIT(CONTACT)};
    check_number(app_asks(w, CRM, &pdu).command_status, SMPP_ROK);
    shows_by(w, OTHER, CONTACT_2, "fills the window");
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    world_end_test(w);
}

static void
r_route_scheduled_goes_by_the_route_of_its_time(void)
{
    struct world_options options = {.gateway = BOTH};
    struct world *w = world_routed(&options);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "later");

    pdu.body.sm.schedule_delivery_time = SLICE_LIT("000000010000000R");
    check_number(app_submits(w, CRM, &pdu), SMPP_ROK);
    sim_is_lost(w);
    world_pass(w, 2 * 3600000);
    shows_by(w, OTHER, CONTACT, "later");
    world_end_test(w);
}

CHECK_MAIN(
    {"r_route_first_rule_that_fits", r_route_first_rule_that_fits},
    {"r_route_scopes_are_anded", r_route_scopes_are_anded},
    {"r_route_holds_for_the_relays_own_messages", r_route_holds_for_the_relays_own_messages},
    {"r_route_refuse_is_0x0b", r_route_refuse_is_0x0b},
    {"r_route_weights_share_and_conversations_stay", r_route_weights_share_and_conversations_stay},
    {"r_route_goes_over_after_failover_and_comes_back",
     r_route_goes_over_after_failover_and_comes_back},
    {"r_route_home_keeps_it_when_none_is_up", r_route_home_keeps_it_when_none_is_up},
    {"r_route_another_comes_up_later", r_route_another_comes_up_later},
    {"r_route_order_holds_when_it_comes_back", r_route_order_holds_when_it_comes_back},
    {"r_route_what_is_on_the_wire_keeps_its_conversation",
     r_route_what_is_on_the_wire_keeps_its_conversation},
    {"r_route_a_retry_goes_over_first", r_route_a_retry_goes_over_first},
    {"r_route_a_retry_that_is_due_goes_over", r_route_a_retry_that_is_due_goes_over},
    {"r_route_a_backlog_moves_in_order", r_route_a_backlog_moves_in_order},
    {"r_route_a_backlog_moves_on_when_its_carrier_is_back",
     r_route_a_backlog_moves_on_when_its_carrier_is_back},
    {"r_route_a_backlog_moves_on_after_a_crash", r_route_a_backlog_moves_on_after_a_crash},
    {"r_route_a_backlog_moves_on_after_a_crash_and_return",
     r_route_a_backlog_moves_on_after_a_crash_and_return},
    {"r_route_guests_survive_a_crash", r_route_guests_survive_a_crash},
    {"r_route_in_doubt_as_the_policy_says", r_route_in_doubt_as_the_policy_says},
    {"smpp_l7_parts_go_together", smpp_l7_parts_go_together},
    {"smpp_l7_a_half_sent_message_goes_over_whole", smpp_l7_a_half_sent_message_goes_over_whole},
    {"smpp_l7_u8_late_answer_of_the_first_carrier",
     smpp_l7_u8_late_answer_of_the_first_carrier},
    {"r_route_a_held_bind_is_passed_over", r_route_a_held_bind_is_passed_over},
    {"r_route_the_text_is_put_into_the_other_alphabet",
     r_route_the_text_is_put_into_the_other_alphabet},
    {"r_route_a_reload_is_heeded", r_route_a_reload_is_heeded},
    {"r_route_cancel_finds_it_at_the_other_carrier", r_route_cancel_finds_it_at_the_other_carrier},
    {"r_route_scheduled_goes_by_the_route_of_its_time",
     r_route_scheduled_goes_by_the_route_of_its_time})
