/*
 * relay_shape_test.c: what is sent when: order to one phone, windows, rates, chat before bulk
 * (R-shape-1, 2, 5, 6).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/check.h"

static struct world *
world_of_window(uint32_t window, const struct world_options *options)
{
    struct world *w = world_new(options);

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", window);
    world_bind(w, 1, LINK_APP, "crm", 10);
    return w;
}

static void
submit(struct world *w, const char *to, const char *text)
{
    check_number(app_sends(w, 1, APP_NUMBER, to, text), SMPP_ROK);
}

static void
submit_n(struct world *w, const char *to, uint32_t n)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", n);
    submit(w, to, text);
}

static const char *
phone_n(uint32_t n)
{
    static char phones[2][24];
    static uint32_t next;
    char *phone = phones[next++ % 2];

    snprintf(phone, sizeof(phones[0]), "12025560%03u", n);
    return phone;
}

/* Design rule 7, and nobody waits for another link's backlog. */
static void
shape_a_link_that_fills_turns_does_not_starve_others(void)
{
    static uint8_t octets[30000], tlvs[30010];
    struct world *w = world_of_window(10, NULL);
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT_2, APP_NUMBER, "");
    size_t used = 0;

    memset(octets, 'x', sizeof(octets));
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD,
                  slice_of(octets, sizeof(octets))));
    world_unbind(w, 1, 0);
    world_bind(w, 1, LINK_APP, "crm", 100);
    pdu.tlvs = slice_of(tlvs, used);
    world_begin(w);
    app_sends(w, 1, APP_NUMBER, CONTACT, "chat");
    for (uint32_t i = 0; i < 40; i++) {
        pdu.body.sm.source.digits = slice_str(phone_n(i));
        carrier_delivers(w, 0, &pdu);
    }
    world_end(w);
    check_number(relay_next_ms(w->relay, w->now_ms), w->now_ms);
    check(sent_to(w, CONTACT) == NULL); /* or this shows nothing */
    world_begin(w);
    world_end(w);
    check(sent_to(w, CONTACT) != NULL);
    world_pass(w, 1);
    answer_all(w);
    world_end_test(w);
}

/* ---- lanes */

static void
smpp_status_0x58_order_same_place(void)
{
    struct world *w = world_of_window(10, NULL);

    submit(w, CONTACT, "1");
    submit(w, CONTACT, "2");
    submit(w, CONTACT_2, "other");
    submit(w, CONTACT, "3");
    check_number(sent_count(w), 2); /* 1 and other: one at a time to each phone */
    answer(w, sent_to(w, CONTACT), SMPP_RTHROTTLED, NULL);
    answer(w, sent_to(w, CONTACT_2), SMPP_ROK, "x");
    nothing_sent(w);
    world_pass(w, 99);
    nothing_sent(w);
    world_pass(w, 1);
    phone_shows(w, APP_NUMBER, CONTACT, "1");
    world_pass(w, 100); /* the rate is cut to ten a second */
    phone_shows(w, APP_NUMBER, CONTACT, "2");
    world_pass(w, 100);
    phone_shows(w, APP_NUMBER, CONTACT, "3");
    world_end_test(w);
}

/* Nobody said how fast the carrier is: what it took in the second before says so. */
static void
smpp_status_0x58_rate_is_cut_to_half_the_pace(void)
{
    struct world *w = world_of_window(200, NULL);
    unsigned went = 0;
    char text[16];

    for (unsigned i = 0; i < 100; i++) {
        snprintf(text, sizeof(text), "%u", i);
        submit(w, i % 2 ? CONTACT : CONTACT_2, text);
        answer(w, sent_first(w), SMPP_ROK, text);
    }
    submit(w, CONTACT, "slow down");
    answer(w, sent_first(w), SMPP_RTHROTTLED, NULL);
    for (unsigned i = 0; i < 60; i++)
        submit(w, i % 2 ? CONTACT : CONTACT_2, "paced");
    for (unsigned i = 0; i < 50; i++) {
        world_pass(w, 20);
        for (; sent_count(w) > 0; went++)
            answer(w, sent_first(w), SMPP_ROK, "p");
    }
    /* A second, less the pause of a tenth, of half of what went in the one before. */
    check(went >= 43 && went <= 53);
    world_end_test(w);
}

static void
smpp_status_0x14_order_pause_grows(void)
{
    struct world *w = world_of_window(10, NULL);

    submit(w, CONTACT, "1");
    submit(w, CONTACT, "2");
    for (int i = 0; i < 6; i++) {
        answer(w, sent_first(w), SMPP_RMSGQFUL, NULL);
        nothing_sent(w);
        world_pass(w, (1000u << i) - 1); /* a second at least, and twice that the next time */
        nothing_sent(w);
        world_pass(w, 1);
        check_number(sent_count(w), 1);
    }
    check_number(counters(w)->throttled, 6);
    phone_shows(w, APP_NUMBER, CONTACT, "1");
    phone_shows(w, APP_NUMBER, CONTACT, "2");
    world_end_test(w);
}

static void
smpp_status_0x08_order_others_go_past(void)
{
    struct world *w = world_of_window(10, NULL);

    submit(w, CONTACT, "1");
    submit(w, CONTACT, "2");
    answer(w, sent_first(w), SMPP_RSYSERR, NULL);
    submit(w, CONTACT, "3");
    submit(w, CONTACT_2, "goes past"); /* another phone of the same number */
    submit(w, CONTACT_3, "and this");
    phone_shows(w, APP_NUMBER, CONTACT_2, "goes past");
    phone_shows(w, APP_NUMBER, CONTACT_3, "and this");
    nothing_sent(w);
    world_pass(w, 5000);
    check_number(sent_count(w), 1);
    phone_shows(w, APP_NUMBER, CONTACT, "1");
    phone_shows(w, APP_NUMBER, CONTACT, "2");
    phone_shows(w, APP_NUMBER, CONTACT, "3");
    world_end_test(w);
}

static void
lane_keeps_order_through_a_restart(void)
{
    struct world *w = world_of_window(10, NULL);

    submit(w, CONTACT, "1");
    submit(w, CONTACT, "2");
    answer(w, sent_first(w), SMPP_RSYSERR, NULL);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    world_bind(w, 1, LINK_APP, "crm", 10);
    submit(w, CONTACT, "3");
    submit(w, CONTACT_2, "goes past");
    phone_shows(w, APP_NUMBER, CONTACT_2, "goes past");
    nothing_sent(w);
    world_jump(w, 5000);
    phone_shows(w, APP_NUMBER, CONTACT, "1");
    phone_shows(w, APP_NUMBER, CONTACT, "2");
    phone_shows(w, APP_NUMBER, CONTACT, "3");
    world_end_test(w);
}

static void
lane_keeps_order_when_in_flight_at_a_crash(void)
{
    struct world *w = world_of_window(10, NULL);

    for (uint32_t i = 1; i <= 5; i++)
        submit_n(w, CONTACT, i);
    world_crash(w);
    world_bind(w, 1, LINK_APP, "crm", 10);
    submit(w, CONTACT, "6");
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    for (uint32_t i = 1; i <= 6; i++) {
        char want[16];

        snprintf(want, sizeof(want), "%u", i);
        phone_shows(w, APP_NUMBER, CONTACT, want);
    }
    nothing_sent(w);
    world_end_test(w);
}

/* More than a flow keeps in memory behind a lane, to three phones, with every kind of trouble on
 * the way. */
static void
lane_keeps_order_of_a_long_backlog(void)
{
    struct world *w = world_of_window(4, NULL);
    const char *phones[] = {CONTACT, CONTACT_2, CONTACT_3};
    uint32_t next[3] = {0, 0, 0}, turn = 0;

    world_unbind(w, 0, 0);
    for (uint32_t i = 0; i < 300; i++)
        submit_n(w, phones[i < 200 ? 0 : i % 3], i);
    world_bind(w, 0, LINK_CARRIER, "sim", 4);
    for (; w->first; turn++) {
        struct sent *sent = w->first->next && turn % 3 == 0 ? w->first->next : w->first;
        char text[16] = "";
        uint32_t phone, n;

        check(turn < 5000);
        memcpy(text, sent->pdu.body.sm.short_message.p, sent->pdu.body.sm.short_message.n);
        n = (uint32_t)strtoul(text, NULL, 10);
        for (phone = 0; !slice_eq(sent->pdu.body.sm.dest.digits, slice_str(phones[phone])); phone++)
            ;
        if (turn % 11 == 3) {
            answer(w, sent, SMPP_RTHROTTLED, NULL);
        } else if (turn % 13 == 5) {
            answer(w, sent, SMPP_RSYSERR, NULL);
        } else if (turn % 101 == 50) {
            world_crash(w);
            world_bind(w, 0, LINK_CARRIER, "sim", 4);
        } else if (turn % 67 == 30) {
            world_unbind(w, 0, 0);
            world_bind(w, 0, LINK_CARRIER, "sim", 4);
        } else {
            check(n >= next[phone]);
            next[phone] = n + 1;
            answer(w, sent, SMPP_ROK, "x");
        }
        if (!w->first)
            world_pass(w, 1000000);
    }
    check_number(
        table_rows(w, TABLE_QUEUE) + table_rows(w, TABLE_RETRY) + table_rows(w, TABLE_INFLIGHT), 0);
    for (uint64_t message = 1; message <= 300; message++)
        check_number(message_record(w, message).state, MSG_SENT);
    world_end_test(w);
}

/* ---- windows */

static void
window_is_never_exceeded(void)
{
    struct world *w = world_of_window(5, NULL);

    for (uint32_t i = 0; i < 60; i++) {
        submit(w, phone_n(i), "x");
        check(sent_count(w) <= 5);
    }
    for (uint32_t left = 60; left > 0; left--) {
        check_number(sent_count(w), left < 5 ? left : 5);
        check_number(relay_outstanding(w->relay), sent_count(w));
        answer(w, sent_first(w), left % 7 ? SMPP_ROK : SMPP_RINVDSTADR, "x");
    }
    nothing_sent(w);
    world_end_test(w);
}

static void
window_counts_parts(void)
{
    struct world *w = world_of_window(2, NULL);

    submit(w, CONTACT, repeat("x", 459));
    submit(w, CONTACT_2, "behind");
    check_number(sent_count(w), 2);
    answer(w, sent_first(w), SMPP_ROK, "1");
    check_number(sent_count(w), 2);
    check(sent_to(w, CONTACT_2) == NULL); /* parts stand together (L7) */
    answer(w, sent_first(w), SMPP_ROK, "2");
    check(sent_to(w, CONTACT_2) != NULL);
    check_number(sent_count(w), 2);
    answer_all(w);
    check_number(counters(w)->messages_sent, 2);
    world_end_test(w);
}

static void
window_of_each_bind(void)
{
    struct world *w = world_of_window(3, NULL);
    uint32_t of[BINDS_MAX] = {0};

    world_bind(w, 2, LINK_CARRIER, "sim", 2);
    for (uint32_t i = 0; i < 20; i++)
        submit(w, phone_n(i), "x");
    for (struct sent *sent = w->first; sent; sent = sent->next)
        of[sent->session.slot]++;
    check_number(of[0], 3);
    check_number(of[2], 2);
    /* One is lost: its messages go by the other, in its window. */
    world_unbind(w, 0, 0);
    check_number(sent_count(w), 2);
    answer_all(w);
    check_number(counters(w)->messages_sent, 20);
    world_end_test(w);
}

static void
window_survives_timeouts(void)
{
    struct world *w = world_of_window(2, NULL);

    for (uint32_t i = 0; i < 6; i++)
        submit(w, phone_n(i), "x");
    answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    check_number(sent_count(w), 2);
    answer_all(w);
    world_pass(w, 5000);
    check_number(sent_count(w), 1);
    answer_all(w);
    check_number(counters(w)->messages_sent, 6);
    world_end_test(w);
}

/* ---- rates */

static uint32_t
sent_within(struct world *w, uint32_t ms)
{
    uint64_t before = counters(w)->messages_out;

    for (uint32_t i = 0; i < ms; i += 5) {
        world_pass(w, 5);
        answer_all(w);
    }
    return (uint32_t)(counters(w)->messages_out - before);
}

static void
shape_throughput_is_paced(void)
{
    struct world_options options = {.carrier = "    throughput: 20\n"};
    struct world *w = world_of_window(100, &options);
    uint32_t n;

    for (uint32_t i = 0; i < 300; i++)
        submit(w, phone_n(i), "x");
    answer_all(w);
    for (int second = 0; second < 5; second++) {
        n = sent_within(w, 1000);
        check(n >= 19 && n <= 21);
        check(sent_within(w, 50) <= 2); /* and inside of a second too */
    }
    world_pass(w, 1000);
    world_end_test(w);
}

static void
shape_throughput_follows_a_reload(void)
{
    struct world_options slow = {.carrier = "    throughput: 20\n"}, fast = {0};
    struct world *w = world_of_window(100, NULL);
    uint32_t n;

    world_reload(w, &slow);
    for (uint32_t i = 0; i < 300; i++)
        submit(w, phone_n(i), "x");
    answer_all(w);
    n = sent_within(w, 1000);
    check(n >= 19 && n <= 21);
    world_reload(w, &fast);
    (void)sent_within(w, 1000);
    check_number(counters(w)->messages_out, 300);
    world_end_test(w);
}

static void
shape_idle_time_saves_no_burst(void)
{
    struct world_options options = {.carrier = "    throughput: 20\n"};
    struct world *w = world_of_window(100, &options);

    world_pass(w, 3600000);
    for (uint32_t i = 0; i < 100; i++)
        submit(w, phone_n(i), "x");
    check(sent_count(w) <= 1);
    answer_all(w);
    check(sent_within(w, 1000) <= 21);
    world_end_test(w);
}

static void
shape_a_slower_carrier_is_followed_and_climbs_back(void)
{
    struct world_options options = {.carrier = "    throughput: 40\n"};
    struct world *w = world_of_window(100, &options);
    uint32_t n;

    for (uint32_t i = 0; i < 999; i++)
        submit(w, phone_n(i), "x");
    while (!w->first)
        world_pass(w, 5);
    answer(w, sent_first(w), SMPP_RTHROTTLED, NULL);
    world_pass(w, 1000);
    answer_all(w);
    n = sent_within(w, 1000);
    check(n >= 18 && n <= 22); /* half of it */
    for (int i = 0; i < 12; i++)
        sent_within(w, 1000);
    n = sent_within(w, 1000);
    check(n > 22 && n <= 30);
    world_end_test(w);
}

/* ---- classes and turns */

static void
bulk_and_chat(struct world *w, uint32_t bulk)
{
    struct pdu chat = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "chat");

    for (uint32_t i = 0; i < bulk; i++)
        submit(w, phone_n(i), "bulk");
    chat.body.sm.priority_flag = 1;
    check_number(app_submits(w, 1, &chat), SMPP_ROK);
}

static void
shape_chat_before_bulk(void)
{
    struct world *w = world_of_window(2, NULL);

    bulk_and_chat(w, 50);
    check_number(sent_count(w), 2);
    check(sent_to(w, CONTACT) == NULL);
    answer(w, sent_first(w), SMPP_ROK, "x");
    check(sent_to(w, CONTACT) != NULL); /* the next place is its */
    answer_all(w);
    world_end_test(w);
}

static void
shape_chat_before_a_backlog_on_disk(void)
{
    struct world *w = world_of_window(1, NULL);

    world_unbind(w, 0, 0);
    bulk_and_chat(w, 50);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    check(sent_to(w, CONTACT) != NULL);
    answer_all(w);
    check_number(counters(w)->messages_sent, 51);
    world_end_test(w);
}

static void
shape_class_of_the_app(void)
{
    struct world_options options = {.app = "        class: chat\n"};
    struct world *w = world_of_window(1, &options);

    submit(w, CONTACT, "x");
    answer_all(w);
    check_number(message_record(w, 1).class, CLASS_CHAT);
    world_end_test(w);
}

static void
shape_numbers_take_turns(void)
{
    struct world *w = world_of_window(1, NULL);
    uint32_t from_biz = 0;

    for (uint32_t i = 0; i < 20; i++)
        submit(w, phone_n(i), "x");
    for (uint32_t i = 0; i < 20; i++)
        check_number(app_sends(w, 1, BIZ_GROUP, phone_n(i), "x"), SMPP_ROK);
    for (int i = 0; i < 10; i++) {
        from_biz += slice_eq(sent_first(w)->pdu.body.sm.source.digits, slice_str(BIZ_GROUP));
        answer(w, sent_first(w), SMPP_ROK, "x");
    }
    check(from_biz >= 4 && from_biz <= 6);
    answer_all(w);
    world_end_test(w);
}

/* One turn of many events is as good as many turns. */
static void
shape_many_events_in_one_turn(void)
{
    struct world *w = world_of_window(100, NULL);

    world_begin(w);
    for (uint32_t i = 0; i < 10; i++)
        for (uint32_t n = 0; n < 3; n++) {
            char text[16];
            struct pdu pdu;

            snprintf(text, sizeof(text), "%u", n);
            pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, phone_n(i), text);
            app_submits(w, 1, &pdu);
        }
    world_end(w);
    check_number(w->replies, 30);
    check_number(sent_count(w), 10);
    for (uint32_t i = 0; i < 10; i++) {
        phone_shows(w, APP_NUMBER, phone_n(i), "0");
        phone_shows(w, APP_NUMBER, phone_n(i), "1");
        phone_shows(w, APP_NUMBER, phone_n(i), "2");
    }
    world_end_test(w);
}

/* An end that makes a receipt while links are walked: the app's link is served (it was lost once).
 */
static void
shape_receipts_made_while_sending(void)
{
    struct world *w = world_of_window(10, NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "x"),
               stop = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_NOBODY, "STOP");

    pdu.body.sm.registered_delivery = 1;
    for (int i = 0; i < 3; i++) {
        world_begin(w);
        app_submits(w, 1, &pdu);
        if (i == 0)
            carrier_delivers(w, 0, &stop);
        world_end(w);
        world_pass(w, 0);
        answer_all(w);
        phone_sends(w, CONTACT, BIZ_NOBODY, i == 1 ? "STOP" : "UNSTOP");
        answer_all(w);
    }
    check(counters(w)->receipts_out >= 1);
    check_number(table_rows(w, TABLE_QUEUE) + table_rows(w, TABLE_INFLIGHT), 0);
    world_end_test(w);
}

/* A session that a reload takes away is told first: what is on the wire is answered, nothing new
 * and no further part goes out, and nothing is doubled when it is unbound. */
static void
a_held_bind_sends_nothing_new(void)
{
    static const struct world_options options = {.carrier = "    window: 2\n"};
    struct world *w = world_new(&options);
    struct event hold = {.kind = EV_BIND_HOLD};

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 2);
    world_bind(w, 1, LINK_APP, "crm", 10);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, repeat("x", 400)), SMPP_ROK);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT_2, "two"), SMPP_ROK);
    check_number(sent_count(w), 2);
    hold.session = session_of(w, 0);
    world_event(w, &hold);
    answer(w, sent_first(w), SMPP_ROK, "c1");
    answer(w, sent_first(w), SMPP_ROK, "c2");
    nothing_sent(w);
    world_unbind(w, 0, 0);
    check_number(counters(w)->possible_duplicates, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    check_number(sent_count(w), 2); /* the third part, and the other message */
    answer_all(w);
    check_number(counters(w)->possible_duplicates, 0);
    world_end_test(w);
}

CHECK_MAIN(
    {"shape_a_link_that_fills_turns_does_not_starve_others",
     shape_a_link_that_fills_turns_does_not_starve_others},
    {"smpp_status_0x58_order_same_place", smpp_status_0x58_order_same_place},
    {"smpp_status_0x58_rate_is_cut_to_half_the_pace",
     smpp_status_0x58_rate_is_cut_to_half_the_pace},
    {"smpp_status_0x14_order_pause_grows", smpp_status_0x14_order_pause_grows},
    {"smpp_status_0x08_order_others_go_past", smpp_status_0x08_order_others_go_past},
    {"lane_keeps_order_through_a_restart", lane_keeps_order_through_a_restart},
    {"lane_keeps_order_when_in_flight_at_a_crash", lane_keeps_order_when_in_flight_at_a_crash},
    {"lane_keeps_order_of_a_long_backlog", lane_keeps_order_of_a_long_backlog},
    {"window_is_never_exceeded", window_is_never_exceeded},
    {"window_counts_parts", window_counts_parts}, {"window_of_each_bind", window_of_each_bind},
    {"window_survives_timeouts", window_survives_timeouts},
    {"shape_throughput_is_paced", shape_throughput_is_paced},
    {"shape_throughput_follows_a_reload", shape_throughput_follows_a_reload},
    {"shape_idle_time_saves_no_burst", shape_idle_time_saves_no_burst},
    {"shape_a_slower_carrier_is_followed_and_climbs_back",
     shape_a_slower_carrier_is_followed_and_climbs_back},
    {"shape_chat_before_bulk", shape_chat_before_bulk},
    {"shape_chat_before_a_backlog_on_disk", shape_chat_before_a_backlog_on_disk},
    {"shape_class_of_the_app", shape_class_of_the_app},
    {"shape_numbers_take_turns", shape_numbers_take_turns},
    {"shape_many_events_in_one_turn", shape_many_events_in_one_turn},
    {"shape_receipts_made_while_sending", shape_receipts_made_while_sending},
           {"a_held_bind_sends_nothing_new", a_held_bind_sends_nothing_new})
