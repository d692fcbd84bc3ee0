/*
 * relay_abuse_test.c: rows G33 and G35 of bad-input.md and the rules against abuse of its section
 * 5, as far as no other file has them: machines that answer each other, and numbers that nobody
 * asked for.
 */
#include "tests/unit/relay_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_proxy_world.h"

/* An agent's phone that answers every text with the same words gets three notices, not six a minute
 * for ever. */
static void
g33_an_agents_phone_that_answers_notices(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    for (int i = 0; i < 3; i++)
        notice_and_nothing_else(w, "I am driving and answer later.");
    for (int i = 0; i < 100; i++) {
        phone_sends(w, ANN, RELAY_ANN, "I am driving and answer later.");
        nothing_sent(w);
        world_pass(w, 20000);
    }
    check_number(counters(w)->relay_notices_held, 100);
    check_number(counters(w)->relay_unusable, 103);
    /* A person who errs in another way is told, and an hour of silence ends it. */
    notice_and_nothing_else(w, "On my way");
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "Here I am"));
    phone_shows(w, BIZ, CONTACT, "Here I am");
    phone_sends(w, ANN, RELAY_ANN, "I am driving and answer later.");
    phone_shows(w, RELAY_ANN, ANN, NOTICE);
    for (int i = 0; i < 2; i++)
        notice_and_nothing_else(w, "I am driving and answer later.");
    phone_sends(w, ANN, RELAY_ANN, "I am driving and answer later.");
    nothing_sent(w);
    world_pass(w, 3600000);
    notice_and_nothing_else(w, "I am driving and answer later.");
    world_end_test(w);
}

static void
g33_the_same_on_user_and_contact_numbers(void)
{
    struct world *w = proxy_world(&(struct proxy_options){.pool = 2});

    for (int i = 0; i < 3; i++) {
        phone_sends(w, ANN, USER_ANN, "I am driving.");
        phone_shows(w, USER_ANN, ANN, USAGE);
    }
    phone_sends(w, ANN, USER_ANN, "I am driving.");
    nothing_sent(w);
    comes_first(w, CONTACT, USER_BEN, K1, BEN);
    lease_end_by_hand(w, 2, CONTACT);
    for (int i = 0; i < 3; i++) {
        phone_sends(w, BEN, K1, "I am driving.");
        phone_shows(w, K1, BEN, ended(CONTACT));
    }
    phone_sends(w, BEN, K1, "I am driving.");
    nothing_sent(w);
    world_end_test(w);
}

/* Two relays whose numbers are each other's contacts, both with an automatic reply. */
static void
g33_two_relays_that_answer_each_other(void)
{
    static const struct world_options options = {
        .account = "    auto_replies: [{id: a, text: We are closed.}]\n"};
    struct world *w = world_new(&options);
    char text[40];
    uint32_t answers = 0;

    for (int i = 0; i < 50; i++) {
        const struct phone_text *answer_text;

        /* The other one's differ, or they would be known for ours. */
        snprintf(text, sizeof(text), "Closed too, number %d", i);
        phone_sends(w, CONTACT, BIZ_NOBODY, text);
        answer_text = phone_gets(w, CONTACT);
        answers += answer_text != NULL;
        if (!answer_text)
            break;
        world_pass(w, 1000);
    }
    check_number(answers, 3);
    world_end_test(w);
}

/* Closed, erased, after a crash: no ID comes twice. */
static void
g35_no_conversation_id_comes_twice(void)
{
    static const struct world_options options = {.account = "    keep_history_days: 1\n"};
    struct world *w = world_new(&options);
    uint64_t seen[60];

    for (int i = 0; i < 60; i++) {
        char contact[12];

        /* The same text again, after a crash, would be one that the carrier repeats. */
        snprintf(contact, sizeof(contact), "120255520%02d", i);
        seen[i] = conversation(w, contact);
        check(conv_id_valid(seen[i]));
        for (int k = 0; k < i; k++)
            check(seen[k] != seen[i]);
        conv_close_directly(w, ACME, seen[i]);
        if (i % 20 == 10) {
            ask_as(w, NULL, &command_contact_erase, "account", "acme", "phone", contact, "who",
                   "Kim", NULL);
            world_pass(w, 1000);
        } else if (i % 20 == 15) {
            world_crash(w);
            world_bind(w, 0, LINK_CARRIER, "sim", 100);
        } else if (i % 20 == 19) {
            world_jump(w, 3 * 24 * 3600 * 1000ull);
            check_number(table_rows(w, TABLE_CONV), 0);
        }
    }
    world_end_test(w);
}

/* ---- pumping */

static void
abuse_pumping_destinations(void)
{
    static const struct world_options options = {
        .account = "    destinations: {allow: [\"1\"], deny: [\"1900\", \"120255501\"]}\n"};
    struct world *w = world_with_app(&options);
    uint64_t id;

    check_number(app_sends(w, 1, APP_NUMBER, "447700900123", "dear"), SMPP_RINVDSTADR);
    check_number(app_sends(w, 1, APP_NUMBER, "19005550100", "dear"), SMPP_RINVDSTADR);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "denied"), SMPP_RINVDSTADR);
    check(strstr(w->log, "destination is not allowed") && !strstr(w->log, CONTACT));
    check_number(counters(w)->refused_destination, 3);
    check_number(app_sends(w, 1, APP_NUMBER, "13125550100", "fine"), SMPP_ROK);
    phone_shows(w, APP_NUMBER, "13125550100", "fine");
    /* Agents have their texts, whatever their phones are; what they answer does not go. */
    id = conversation(w, CONTACT);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "Hello"));
    check(sent_to(w, CONTACT) == NULL);
    check_number(entry_record(w, ACME, id, 3).state, MSG_REFUSED);
    answer_all(w);
    /* A STOP is confirmed. */
    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    check(sent_to(w, CONTACT) != NULL);
    answer_all(w);
    world_end_test(w);
}

static void
abuse_pumping_the_longest_prefix_decides(void)
{
    static const struct world_options options = {
        .account = "    destinations: {allow: [\"44\", \"190055501\"], deny: [\"1900\", \"44871\", "
                   "\"4477009001\"]}\n"};
    struct world *w = world_with_app(&options);

    check_number(app_sends(w, 1, APP_NUMBER, "19005550100", "a"), SMPP_ROK);
    check_number(app_sends(w, 1, APP_NUMBER, "19005550200", "a"), SMPP_RINVDSTADR);
    check_number(app_sends(w, 1, APP_NUMBER, "447700900223", "a"), SMPP_ROK);
    check_number(app_sends(w, 1, APP_NUMBER, "447700900123", "a"), SMPP_RINVDSTADR);
    check_number(app_sends(w, 1, APP_NUMBER, "448715550100", "a"), SMPP_RINVDSTADR);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "a"), SMPP_RINVDSTADR);
    answer_all(w);
    world_reload(w, &(struct world_options){.account = NULL});
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "a"), SMPP_ROK);
    answer_all(w);
    world_end_test(w);
}

/* Twenty in a row, up or down, are told of once; other numbers in between begin anew. */
static void
abuse_pumping_adjacent_numbers(void)
{
    struct world *w = world_with_app(NULL);
    char to[20];

    for (int i = 0; i < 60; i++) {
        snprintf(to, sizeof(to), "1312555%04d", i < 19 ? i : i < 20 ? 5000 : 5000 - (i - 19));
        check_number(app_sends(w, 1, APP_NUMBER, to, "a"), SMPP_ROK);
        answer_all(w);
        check_number(counters(w)->runs_of_numbers, i >= 38);
        if (i == 38)
            check(strstr(w->log, "messages to adjacent numbers") != NULL);
    }
    world_end_test(w);
}

CHECK_MAIN({"abuse_pumping_destinations", abuse_pumping_destinations},
           {"abuse_pumping_the_longest_prefix_decides", abuse_pumping_the_longest_prefix_decides},
           {"abuse_pumping_adjacent_numbers", abuse_pumping_adjacent_numbers},
           {"g33_an_agents_phone_that_answers_notices", g33_an_agents_phone_that_answers_notices},
           {"g33_the_same_on_user_and_contact_numbers", g33_the_same_on_user_and_contact_numbers},
           {"g33_two_relays_that_answer_each_other", g33_two_relays_that_answer_each_other},
           {"g35_no_conversation_id_comes_twice", g35_no_conversation_id_comes_twice})
