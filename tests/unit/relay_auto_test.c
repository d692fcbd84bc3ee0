/*
 * relay_auto_test.c: automatic replies (R-auto-1 to 3, row G33 and the rules against loops of
 * bad-input.md section 5).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "gateway/relay/conv.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_world.h"

#define HOUR 3600000ull
#define DAY (24 * HOUR)

static struct world *
world_of(const char *rules)
{
    static char account[4000];
    struct world_options options = {.account = account};

    snprintf(account, sizeof(account), "    auto_replies:\n%s", rules);
    return world_new(&options);
}

/* The clock goes to this moment of UTC. */
static void
at(struct world *w, int year, int month, int day, int hour, int minute, int second)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day,
                    .tm_hour = hour, .tm_min = minute, .tm_sec = second};
    uint64_t ms = (uint64_t)timegm(&tm) * 1000;

    check(ms >= w->now_ms);
    world_jump(w, ms - w->now_ms);
}

/* A text to this number is answered by this; NULL: by nothing. */
static void
answers(struct world *w, const char *from, const char *to, const char *text, const char *want)
{
    phone_sends(w, from, to, text);
    if (want)
        phone_shows(w, to, from, want);
    if (sent_to(w, from))
        printf("    %s\n", text);
    check(sent_to(w, from) == NULL);
    answer_all(w);
}

#define CLOSED                                                                                    \
    "      - {id: closed, text: \"{name} is closed\", days: [mon, fri], from: 18:00, to: 08:00, "  \
    "time_zone: Europe/London}\n"

static void
r_auto_1_days_and_hours(void)
{
    struct world *w = world_of(CLOSED);

    /* Friday 2 January 2026, in London as in UTC. */
    at(w, 2026, 1, 2, 17, 59, 59);
    answers(w, CONTACT, BIZ, "hello", NULL);
    at(w, 2026, 1, 2, 18, 0, 0);
    answers(w, CONTACT, BIZ, "hello", "Acme is closed");
    /* Behind midnight it is still Friday's. */
    at(w, 2026, 1, 3, 7, 59, 59);
    answers(w, CONTACT, BIZ, "hello", "Acme is closed");
    at(w, 2026, 1, 3, 8, 0, 0);
    answers(w, CONTACT, BIZ, "hello", NULL);
    at(w, 2026, 1, 3, 20, 0, 0);
    answers(w, CONTACT, BIZ, "hello", NULL);
    at(w, 2026, 1, 5, 7, 0, 0); /* Monday before its time */
    answers(w, CONTACT, BIZ, "hello", NULL);
    at(w, 2026, 1, 5, 18, 0, 0);
    answers(w, CONTACT, BIZ, "hello", "Acme is closed");
    world_end_test(w);
}

static void
r_auto_1_on_the_days_when_clocks_change(void)
{
    struct world *w =
        world_of("      - {id: n, text: night, from: 01:30, to: 02:30, time_zone: Europe/London}\n"
                 "      - {id: d, text: day, number: +12025550152, from: 08:00, to: 09:00, "
                 "time_zone: America/New_York}\n");

    /* 8:00 in New York: 13:00 UTC in winter, 12:00 in summer. */
    at(w, 2026, 3, 7, 13, 0, 0);
    answers(w, CONTACT, BIZ_NOBODY, "hello", "day");
    at(w, 2026, 3, 8, 11, 59, 59);
    answers(w, CONTACT, BIZ_NOBODY, "hello", NULL);
    at(w, 2026, 3, 8, 12, 0, 0);
    answers(w, CONTACT, BIZ_NOBODY, "hello", "day");
    at(w, 2026, 3, 8, 13, 0, 0);
    answers(w, CONTACT, BIZ_NOBODY, "hello", NULL);
    /* 29 March in London: from 00:59:59 to 02:00:00, so that 01:30 never is. */
    at(w, 2026, 3, 29, 0, 59, 59);
    answers(w, CONTACT, BIZ, "hello", NULL);
    at(w, 2026, 3, 29, 1, 0, 0);
    answers(w, CONTACT, BIZ, "hello", "night");
    at(w, 2026, 3, 29, 1, 30, 0);
    answers(w, CONTACT, BIZ, "hello", NULL);
    /* 25 October: 01:30 is twice. */
    at(w, 2026, 10, 25, 0, 29, 59);
    answers(w, CONTACT, BIZ, "hello", NULL);
    at(w, 2026, 10, 25, 0, 30, 0);
    answers(w, CONTACT, BIZ, "hello", "night");
    at(w, 2026, 10, 25, 1, 0, 0);
    answers(w, CONTACT, BIZ, "hello", NULL);
    at(w, 2026, 10, 25, 1, 30, 0);
    answers(w, CONTACT, BIZ, "hello", "night");
    world_end_test(w);
}

static void
r_auto_1_the_number_before_all(void)
{
    struct world *w = world_of("      - {id: all, text: from all}\n"
                               "      - {id: one, text: from one, number: +12025550150, from: "
                               "00:00, to: 00:01, time_zone: UTC}\n"
                               "      - {id: two, text: from two, number: +12025550151, on: "
                               "false}\n");

    at(w, 2026, 1, 2, 0, 0, 30);
    answers(w, CONTACT, BIZ, "hello", "from one");
    at(w, 2026, 1, 2, 12, 0, 0);
    answers(w, CONTACT, BIZ, "hello", NULL); /* it has one, whose time it is not */
    answers(w, CONTACT, BIZ_GROUP, "hello", "from all"); /* its own is off */
    answers(w, CONTACT, BIZ_NOBODY, "hello", "from all");
    answers(w, CONTACT, APP_NUMBER, "hello", NULL);
    answers(w, CONTACT_2, BIZ_ZETA, "hello", NULL);
    world_end_test(w);
}

static void
r_auto_1_once_in_each_conversation(void)
{
    struct world *w = world_of("      - {id: a, text: we will be back, once: true}\n");
    uint32_t rows;

    answers(w, CONTACT, BIZ_NOBODY, "hello", "we will be back");
    answers(w, CONTACT, BIZ_NOBODY, "are you there?", NULL);
    answers(w, CONTACT, BIZ_GROUP, "and here?", "we will be back");
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_pass(w, 3 * DAY);
    answers(w, CONTACT, BIZ_NOBODY, "still not there?", NULL);
    rows = table_rows(w, TABLE_AUTO_SENT);
    conv_close_directly(w, ACME, conv_id_make(1));
    answers(w, CONTACT, BIZ_NOBODY, "hello again", "we will be back");
    check(table_rows(w, TABLE_AUTO_SENT) > rows);
    world_end_test(w);
}

static void
r_auto_1_it_is_chat_and_in_the_history(void)
{
    struct world *w = world_of("      - {id: a, text: we are closed}\n");
    struct rec_entry entry;
    uint64_t id;

    phone_sends(w, CONTACT, BIZ, "hello");
    id = conv_id_make(1);
    entry = entry_record(w, ACME, id, 3);
    check_number(entry.kind, ENTRY_AUTO);
    check_text(entry.text, "we are closed");
    check_number(message_record(w, entry.message).class, CLASS_CHAT);
    check_number(message_record(w, entry.message).conv, id);
    phone_shows(w, BIZ, CONTACT, "we are closed");
    check_number(entry_record(w, ACME, id, 3).state, MSG_SENT);
    /* The owner still has something to answer. */
    check_number(conv_record(w, ACME, id).last_out_ms, 0);
    check_number(counters(w)->auto_replies, 1);
    answer_all(w);
    world_end_test(w);
}

#define WORDS                                                                                     \
    "      - {id: hours, text: 9 to 5, keywords: [hours, opening hours]}\n"                       \
    "      - {id: price, text: it costs 5, pattern: \"how much|price\"}\n"                        \
    "      - {id: here, text: here we open at 7, number: +12025550150, keywords: [hours]}\n"      \
    "      - {id: late, text: we are closed}\n"

static void
r_auto_2_keywords_and_patterns(void)
{
    struct world *w = world_of(WORDS);

    answers(w, CONTACT, BIZ_NOBODY, " Hours? ", "9 to 5");
    answers(w, CONTACT, BIZ, "hours", "here we open at 7");
    answers(w, CONTACT, BIZ, "Opening  HOURS", "9 to 5");
    answers(w, CONTACT, BIZ_NOBODY, "Hi, HOW MUCH is that?", "it costs 5");
    answers(w, CONTACT, BIZ_NOBODY, "what are your hours", "we are closed");
    world_end_test(w);
}

static void
r_auto_2_it_is_bulk(void)
{
    struct world *w = world_of(WORDS);
    struct rec_entry entry;

    phone_sends(w, CONTACT, BIZ_NOBODY, "hours");
    entry = entry_record(w, ACME, conv_id_make(1), 3);
    check_number(message_record(w, entry.message).class, CLASS_BULK);
    answer_all(w);
    world_end_test(w);
}

/* R-conv-3: the keyword goes before the number's own setting, for a new conversation. */
static void
r_auto_2_assigns_a_new_conversation(void)
{
    struct world *w =
        world_of("      - {id: b, text: Ben will answer, keywords: [ben], assign_agent: ben}\n"
                 "      - {id: g, text: somebody will, keywords: [anybody], assign_group: "
                 "front}\n");

    phone_sends(w, CONTACT, BIZ, "Ben");
    phone_shows(w, RELAY_BEN, BEN, with_id(conv_id_make(1), "+12025550101: Ben"));
    phone_shows(w, BIZ, CONTACT, "Ben will answer");
    nothing_sent(w);
    check_number(entry_record(w, ACME, conv_id_make(1), 3).kind, ENTRY_TRANSFERRED);
    /* An open conversation of somebody's stays there, one of nobody's goes. */
    phone_sends(w, CONTACT, BIZ, "anybody");
    check_number(conv_record(w, ACME, conv_id_make(1)).owner_kind, OWNER_AGENT);
    phone_sends(w, CONTACT_2, BIZ_NOBODY, "hello");
    phone_sends(w, CONTACT_2, BIZ_NOBODY, "anybody");
    check_number(conv_record(w, ACME, conv_id_make(2)).owner_kind, OWNER_GROUP);
    answer_all(w);
    world_end_test(w);
}

static void
r_auto_2_the_opt_out_box(void)
{
    struct world *w =
        world_of("      - {id: no, text: \"{name} leaves you alone\", keywords: [no more], "
                 "opt_out: true}\n");
    struct rec_optout rec;
    struct addr contact = addr_of(CONTACT);
    struct key key;

    answers(w, CONTACT, BIZ_NOBODY, "No more!", "Acme leaves you alone");
    check(opted_out(w, ACME, CONTACT));
    key_init(&key);
    key_u32(&key, ACME);
    key_addr(&key, &contact);
    check(store_says(w, TABLE_OPTOUT, &rec_optout_def, key_slice(&key), &rec));
    check_number(rec.by_kind, OPTOUT_BY_RULE);
    check_text(rec.by, "no");
    check_number(entry_record(w, ACME, conv_id_make(1), 3).kind, ENTRY_OPTED_OUT);
    /* R-stop-6: one text per change. */
    answers(w, CONTACT, BIZ_NOBODY, "no more", NULL);
    check_number(counters(w)->optouts, 1);
    world_end_test(w);
}

/* Beyond the rate it opts out all the same. */
static void
r_auto_2_the_opt_out_box_without_a_text(void)
{
    struct world *w =
        world_of("      - {id: no, text: bye, keywords: [no more], opt_out: true}\n");

    for (int i = 0; i < 5; i++) {
        answers(w, CONTACT, BIZ_NOBODY, "no more", i < 3 ? "bye" : NULL);
        check(opted_out(w, ACME, CONTACT));
        phone_sends(w, CONTACT, BIZ_NOBODY, "UNSTOP");
        answer_all(w);
    }
    world_end_test(w);
}

static void
r_auto_3_not_to_an_opted_out_phone(void)
{
    struct world *w = world_of(WORDS);

    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    answer_all(w);
    answers(w, CONTACT, BIZ_NOBODY, "hours", NULL);
    answers(w, CONTACT, BIZ_NOBODY, "hello", NULL);
    check_number(counters(w)->auto_held, 2);
    answers(w, CONTACT, BIZ_NOBODY, "stop", NULL);
    phone_sends(w, CONTACT, BIZ_NOBODY, "UNSTOP");
    answer_all(w);
    answers(w, CONTACT, BIZ_NOBODY, "unstop", NULL); /* has its own answer, which is none */
    answers(w, CONTACT, BIZ_NOBODY, "hours", "9 to 5");
    world_end_test(w);
}

static void
r_auto_3_not_to_machines(void)
{
    struct world *w = world_of("      - {id: a, text: we are closed}\n");
    struct pdu pdu;

    /* Our own numbers, of whatever account; short codes; names. */
    answers(w, BIZ_ZETA, BIZ_NOBODY, "hello", NULL);
    answers(w, APP_NUMBER, BIZ_NOBODY, "hello", NULL);
    pdu = pdu_of_text(SMPP_DELIVER_SM, "70700", BIZ_NOBODY, "hello");
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    pdu = pdu_of_text(SMPP_DELIVER_SM, "ACME", BIZ_NOBODY, "hello");
    pdu.body.sm.source.ton = SMPP_TON_ALPHANUMERIC;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    nothing_sent(w);
    /* A message of another type. */
    pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_NOBODY, "hello");
    pdu.body.sm.esm_class = 0x14; /* reserved */
    (void)carrier_delivers(w, 0, &pdu);
    nothing_sent(w);
    check_number(counters(w)->auto_replies, 0);
    /* A binary message is no question. */
    pdu = pdu_of_text(SMPP_DELIVER_SM, CONTACT, BIZ_NOBODY, "\x01\x02");
    pdu.body.sm.data_coding = 4;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
    nothing_sent(w);
    answers(w, CONTACT, BIZ_NOBODY, "hello", "we are closed");
    world_end_test(w);
}

static void
r_auto_3_not_to_our_own_words(void)
{
    struct world *w = world_of("      - {id: a, text: We are closed.}\n");

    answers(w, CONTACT, BIZ_NOBODY, "hello", "We are closed.");
    answers(w, CONTACT_2, BIZ_NOBODY, " We are closed", NULL);
    world_pass(w, DAY - 1);
    answers(w, CONTACT_2, BIZ_GROUP, "We are closed.", NULL);
    world_pass(w, 1);
    answers(w, CONTACT_2, BIZ_NOBODY, "We are closed.", "We are closed.");
    world_end_test(w);
}

static void
r_auto_3_so_many_an_hour(void)
{
    struct world *w = world_of(WORDS);

    for (int i = 0; i < 3; i++) {
        answers(w, CONTACT, BIZ_NOBODY, "hours", "9 to 5");
        world_pass(w, 10 * 60000);
    }
    answers(w, CONTACT, BIZ_NOBODY, "hours", NULL);
    check_number(counters(w)->auto_held, 1);
    /* Another rule, another phone; and the hour glides. */
    answers(w, CONTACT, BIZ_NOBODY, "price?", "it costs 5");
    answers(w, CONTACT_2, BIZ_NOBODY, "hours", "9 to 5");
    world_pass(w, HOUR - 30 * 60000 - 1);
    answers(w, CONTACT, BIZ_NOBODY, "hours", NULL);
    world_pass(w, 1);
    answers(w, CONTACT, BIZ_NOBODY, "hours", "9 to 5");
    answers(w, CONTACT, BIZ_NOBODY, "hours", NULL);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    answers(w, CONTACT, BIZ_NOBODY, "hours", NULL);
    world_end_test(w);
}

/* G33: the other side answers whatever it gets. */
static void
g33_r_auto_3_two_machines(void)
{
    struct world *w = world_of("      - {id: a, text: we are closed}\n");
    uint32_t texts = 0;

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    while (phone_gets(w, CONTACT)) {
        check(++texts < 100);
        phone_sends(w, CONTACT, BIZ_NOBODY, "thank you for your message");
        world_pass(w, 1000);
    }
    check_number(texts, 3);
    world_end_test(w);
}

static void
r_auto_3_a_pair_that_runs_wild_is_paused(void)
{
    struct world *w = world_of(WORDS);
    uint32_t logs;

    for (int i = 0; i < 20; i++)
        phone_sends(w, CONTACT, BIZ_NOBODY, "x");
    answer_all(w);
    world_pass(w, 59999);
    logs = w->logs;
    check_number(counters(w)->pairs_paused, 0);
    answers(w, CONTACT, BIZ_NOBODY, "hours", NULL); /* the 21st within a minute */
    check_number(counters(w)->pairs_paused, 1);
    check_number(w->logs, logs + 1);
    check(strstr(w->log, "automatic replies paused") && !strstr(w->log, CONTACT));
    answers(w, CONTACT, BIZ_GROUP, "hours", "9 to 5"); /* another pair */
    world_pass(w, 59999);
    answers(w, CONTACT, BIZ_NOBODY, "hours", NULL);
    world_pass(w, 1);
    answers(w, CONTACT, BIZ_NOBODY, "hours", "9 to 5");
    check_number(counters(w)->pairs_paused, 1);
    world_end_test(w);
}

/* What is remembered goes again. */
static void
r_auto_3_rows_do_not_stay(void)
{
    struct world *w = world_of(WORDS);

    answers(w, CONTACT, BIZ_NOBODY, "hours", "9 to 5");
    world_pass(w, 23 * HOUR);
    answers(w, CONTACT, BIZ_NOBODY, "hours", "9 to 5");
    check_number(table_rows(w, TABLE_AUTO_SENT), 2);
    check_number(table_rows(w, TABLE_TIMER), 2);
    world_pass(w, 23 * HOUR);
    check_number(table_rows(w, TABLE_AUTO_SENT), 2);
    world_pass(w, 2 * HOUR);
    check_number(table_rows(w, TABLE_AUTO_SENT), 0);
    check_number(table_rows(w, TABLE_TIMER), 0);
    world_end_test(w);
}

/* A long answer is one concatenated message. */
static void
r_auto_2_a_long_answer(void)
{
    static char rules[800];
    struct world *w;

    snprintf(rules, sizeof(rules), "      - {id: a, text: %s}\n", repeat("y", 400));
    w = world_of(rules);
    answers(w, CONTACT, BIZ_NOBODY, "hello", repeat("y", 400));
    world_end_test(w);
}

#define CASE(name) {#name, name}
CHECK_MAIN(CASE(r_auto_1_days_and_hours), CASE(r_auto_1_on_the_days_when_clocks_change),
           CASE(r_auto_1_the_number_before_all), CASE(r_auto_1_once_in_each_conversation),
           CASE(r_auto_1_it_is_chat_and_in_the_history), CASE(r_auto_2_keywords_and_patterns),
           CASE(r_auto_2_it_is_bulk), CASE(r_auto_2_assigns_a_new_conversation),
           CASE(r_auto_2_the_opt_out_box), CASE(r_auto_2_the_opt_out_box_without_a_text),
           CASE(r_auto_3_not_to_an_opted_out_phone), CASE(r_auto_3_not_to_machines),
           CASE(r_auto_3_not_to_our_own_words), CASE(r_auto_3_so_many_an_hour),
           CASE(g33_r_auto_3_two_machines), CASE(r_auto_3_a_pair_that_runs_wild_is_paused),
           CASE(r_auto_3_rows_do_not_stay), CASE(r_auto_2_a_long_answer))
