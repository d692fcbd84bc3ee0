/*
 * relay_command_test.c: commands that the core answers: what is held and what a person decides
 * about it, and how much waits.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/command.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_ask.h"
#include "tests/unit/relay_world.h"

static void
ask_of(struct world *w, const struct command_def *def, uint64_t first, bool second)
{
    struct command_value args[COMMAND_ARGS_MAX] = {
        {.given = first != 0, .number = first}, {.given = second, .number = second}};

    ask(w, def, args);
}

/* A message of crm to this phone that nobody knows the fate of. */
static uint64_t
hold_one(struct world *w, const char *to)
{
    struct sent *sent;
    uint64_t message;

    check_number(app_sends(w, 1, APP_NUMBER, to, "Is it there?"), SMPP_ROK);
    message = strtoull(w->message_id, NULL, 10);
    sent = sent_to(w, to);
    check(sent != NULL);
    answer_how(w, sent, RESULT_TIMEOUT, 0, NULL);
    check_number(message_record(w, message).state, MSG_HELD);
    return message;
}

static struct world *
world_that_holds(void)
{
    static const struct world_options options = {
        .carrier = "    window: 10\n    on_unknown_outcome: hold\n"};

    return world_with_app(&options);
}

static void
smpp_x7_held_lists_what_waits_for_a_person(void)
{
    struct world *w = world_that_holds();
    uint64_t message = hold_one(w, CONTACT);
    char id[40];

    check_number(app_sends(w, 1, APP_NUMBER, CONTACT_2, "Another"), SMPP_ROK);
    world_pass(w, 61000);
    ask_of(w, &command_held, 0, false);
    check_number(got.result, COMMAND_DONE);
    check_number(got.count, 1);
    snprintf(id, sizeof(id), "{\"id\":%llu,\"link\":\"sim\"", (unsigned long long)message);
    check(row_says(id));
    check(row_says("\"age\":61,"));
    check(row_says("\"to\":\"1202****101\""));
    check(!row_says(CONTACT));
    answer_all(w);
    world_end_test(w);
}

static void
smpp_x7_held_is_paged(void)
{
    struct world *w = world_that_holds();
    uint64_t first = hold_one(w, CONTACT), last = first;

    for (unsigned i = 0; i < 2 * COMMAND_ANSWERS_MAX; i++)
        last = hold_one(w, CONTACT_2);
    ask_of(w, &command_held, 0, false);
    check_number(got.count, 2 * COMMAND_ANSWERS_MAX + 1);
    check_number(got.turns, 3);
    ask_of(w, &command_held, last - 1, false);
    check_number(got.count, 1);
    ask_of(w, &command_held, last, false);
    check_number(got.count, 0);
    ask_of(w, &command_held, UINT64_MAX, false);
    check_number(got.count, 0);
    world_end_test(w);
}

static void
smpp_x7_held_looks_only_at_what_is_held(void)
{
    struct world *w = world_that_holds();
    uint64_t message = hold_one(w, CONTACT);

    for (unsigned i = 0; i < COMMAND_ROWS_MAX; i++) {
        check_number(app_sends(w, 1, APP_NUMBER, CONTACT_2, "Another"), SMPP_ROK);
        answer_all(w);
    }
    (void)hold_one(w, CONTACT);
    ask_of(w, &command_held, 0, false);
    check_number(got.count, 2);
    check_number(got.turns, 1);
    check_number(message_record(w, message).state, MSG_HELD);
    check_number(table_rows(w, TABLE_HELD), 2);
    ask_of(w, &command_held_drop, message, false);
    check_number(table_rows(w, TABLE_HELD), 1);
    world_end_test(w);
}

static void
smpp_x7_held_resend_goes_again_marked(void)
{
    struct world *w = world_that_holds();
    uint64_t message = hold_one(w, CONTACT);
    struct rec_msg msg;

    ask_of(w, &command_held_resend, message, false);
    check_number(got.result, COMMAND_DONE);
    check(strstr(w->log, "decision=resend") != NULL);
    msg = message_record(w, message);
    check_number(msg.state, MSG_INTENT);
    check(msg.flags & MSGF_POSSIBLE_DUPLICATE);
    check_number(table_rows(w, TABLE_HELD), 0);
    phone_shows(w, APP_NUMBER, CONTACT, "Is it there?");
    check_number(message_record(w, message).state, MSG_SENT);
    ask_of(w, &command_held_resend, message, false);
    check_number(got.result, COMMAND_WRONG_STATE);
    check(strcmp(got.why, "the message is not held but sent") == 0);
    nothing_sent(w);
    world_end_test(w);
}

static void
smpp_x7_held_resend_waits_for_its_lane(void)
{
    struct world *w = world_that_holds();
    uint64_t message = hold_one(w, CONTACT);
    struct sent *sent;

    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "Second"), SMPP_ROK);
    sent = sent_to(w, CONTACT);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "Third"), SMPP_ROK);
    ask_of(w, &command_held_resend, message, false);
    check_number(message_record(w, message).state, MSG_QUEUED);
    answer(w, sent, SMPP_ROK, "x1");
    phone_shows(w, APP_NUMBER, CONTACT, "Is it there?");
    phone_shows(w, APP_NUMBER, CONTACT, "Third");
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    world_end_test(w);
}

/* The answer to its first sending comes while it waits behind a lane: it need not go. */
static void
smpp_x7_held_resend_and_a_late_answer(void)
{
    struct world *w = world_that_holds();
    struct sent *first, *second;
    uint64_t message;

    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "Is it there?"), SMPP_ROK);
    message = strtoull(w->message_id, NULL, 10);
    first = sent_to(w, CONTACT);
    {
        struct event event = {.kind = EV_RESULT, .session = first->session};

        event.u.result = (struct event_result){.token = first->token, .how = RESULT_TIMEOUT};
        world_event(w, &event);
    }
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "Second"), SMPP_ROK);
    second = first->next;
    ask_of(w, &command_held_resend, message, false);
    answer_how(w, first, RESULT_LATE, SMPP_ROK, "late");
    check_number(message_record(w, message).state, MSG_SENT);
    answer(w, second, SMPP_ROK, "x2");
    nothing_sent(w);
    check_number(table_rows(w, TABLE_QUEUE), 0);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "Third"), SMPP_ROK);
    phone_shows(w, APP_NUMBER, CONTACT, "Third");
    world_end_test(w);
}

static void
smpp_x7_held_resend_survives_a_crash(void)
{
    struct world *w = world_that_holds();
    uint64_t message = hold_one(w, CONTACT);

    world_unbind(w, 0, 0);
    ask_of(w, &command_held_resend, message, false);
    check_number(message_record(w, message).state, MSG_QUEUED);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    phone_shows(w, APP_NUMBER, CONTACT, "Is it there?");
    world_end_test(w);
}

static void
smpp_x7_held_resend_after_its_validity(void)
{
    struct world *w = world_that_holds();
    uint64_t message = hold_one(w, CONTACT);

    world_pass(w, w->conf->relay.validity_ms);
    ask_of(w, &command_held_resend, message, false);
    check_number(got.result, COMMAND_WRONG_STATE);
    check_number(message_record(w, message).state, MSG_HELD);
    nothing_sent(w);
    ask_of(w, &command_held_resend, message, true);
    check_number(got.result, COMMAND_DONE);
    phone_shows(w, APP_NUMBER, CONTACT, "Is it there?");
    world_end_test(w);
}

static void
smpp_x7_held_drop_ends_it(void)
{
    struct world *w = world_that_holds();
    uint64_t message;

    message = app_submits_text(w, "Is it there?", 1);
    answer_how(w, sent_to(w, CONTACT), RESULT_TIMEOUT, 0, NULL);
    ask_of(w, &command_held_drop, message, false);
    check_number(got.result, COMMAND_DONE);
    check_number(message_record(w, message).state, MSG_CANCELLED);
    app_gets_receipt(w, message, "DELETED");
    ask_of(w, &command_held_drop, message, false);
    check_number(got.result, COMMAND_WRONG_STATE);
    ask_of(w, &command_held_drop, message + 1000, false);
    check_number(got.result, COMMAND_NOT_FOUND);
    ask_of(w, &command_held, 0, false);
    check_number(got.count, 0);
    world_end_test(w);
}

static void
smpp_x7_queue_counts_by_link_and_class(void)
{
    struct world *w = world_with_app(NULL);

    world_unbind(w, 0, 0);
    for (unsigned i = 0; i < COMMAND_ROWS_MAX + 5; i++)
        check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "Waits"), SMPP_ROK);
    ask_of(w, &command_queue, 0, false);
    check_number(got.result, COMMAND_DONE);
    check_number(got.count, 1);
    check_number(got.turns, 2);
    check(row_says("{\"where\":\"queue\",\"link\":\"sim\",\"class\":\"bulk\",\"messages\":2005}"));
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    ask_of(w, &command_queue, 0, false);
    check_number(got.count, 2);
    check(row_says("\"messages\":2004}"));
    check(row_says("{\"where\":\"wire\",\"link\":\"sim\",\"class\":null,\"messages\":1}"));
    world_end_test(w);
}

static void
queue_counts_every_table(void)
{
    struct world *w = world_with_app(NULL);

    ask_of(w, &command_queue, 0, false);
    check_number(got.result, COMMAND_DONE);
    check_number(got.count, 0);
    check_number(app_sends(w, 1, APP_NUMBER, CONTACT, "Waits"), SMPP_ROK);
    answer(w, sent_to(w, CONTACT), SMPP_RSYSERR, NULL);
    ask_of(w, &command_queue, 0, false);
    check_number(got.count, 1);
    check(row_says("{\"where\":\"retry\",\"link\":null,\"class\":null,\"messages\":1}"));
    world_end_test(w);
}

/* R-stop-7: a list of phones that another system kept, many turns long, and back out again. */
static void
r_stop_7_lists_in_pieces(void)
{
    struct world *w = world_new(NULL);
    struct command_value import[COMMAND_ARGS_MAX] = {
        {.given = true, .text = SLICE_LIT("acme")},
        {.given = true},
        {.given = true, .text = SLICE_LIT("Kim")},
        {.given = true, .text = SLICE_LIT("from the old system")}};
    struct command_value list[COMMAND_ARGS_MAX] = {{.given = true, .text = SLICE_LIT("acme")}};
    static char phones[16000];
    size_t n = 0;

    for (int i = 0; i < 450; i++)
        n += (size_t)snprintf(phones + n, sizeof(phones) - n, "+1202%07d%s", 6000000 + i,
                              i % 2 ? "\r\n" : " , ");
    import[1].text = slice_str(phones);
    ask(w, &command_optout_import, import);
    check_number(got.result, COMMAND_DONE);
    check(row_says("{\"imported\":450,\"already\":0,\"skipped\":0}"));
    check(got.turns >= 5);
    check_number(table_rows(w, TABLE_OPTOUT), 450);
    check_number(table_rows(w, TABLE_AUDIT), 450);
    ask(w, &command_optout_import, import);
    check(row_says("{\"imported\":0,\"already\":450,\"skipped\":0}"));
    check_number(table_rows(w, TABLE_AUDIT), 450);
    ask(w, &command_optout, list);
    check_number(got.count, 450);
    check(row_says("\"phone\":\"12026000449\",\"state\":\"out\""));
    check(row_says("\"by\":\"import\",\"who\":\"Kim\",\"why\":\"from the old system\""));
    list[4] = (struct command_value){.given = true, .number = 150};
    ask(w, &command_optout, list);
    check_number(got.count, 150);
    list[3] = (struct command_value){.given = true, .text = SLICE_LIT("+12026000399")};
    ask(w, &command_optout, list);
    check_number(got.count, 50);
    check(!row_says("12026000399"));
    world_end_test(w);
}

/* Every bad line is named and nobody is opted out, unless that may be. */
static void
r_stop_7_import_whole_or_not_at_all(void)
{
    static const char file[] = "\xef\xbb\xbf+12025550121,12025550122\r\n" /* 1 */
                               "\r\n"
                               "x1; 12025550123 ;+1 (202) 555-0124\n" /* 3 */
                               "Latin \xe9";                          /* 4 */
    struct world *w = world_new(NULL);

    ask_as(w, NULL, &command_optout_import, "account", "acme", "file", file, "who", "Kim", NULL);
    check_number(got.result, COMMAND_BAD_ARGUMENT);
    check(strstr(got.why, "nothing was imported") != NULL);
    check_number(got.count, 2);
    check(row_says("{\"line\":3,\"text\":\"x1\",\"error\":\"not a phone number\"}"));
    check(row_says("{\"line\":4,\"text\":\"Latin \xef\xbf\xbd\","));
    check_number(table_rows(w, TABLE_OPTOUT), 0);
    ask_as(w, NULL, &command_optout_import, "account", "acme", "file", file, "who", "Kim",
           "skip-bad", "on", NULL);
    check_number(got.result, COMMAND_DONE);
    check(row_says("{\"imported\":4,\"already\":0,\"skipped\":2}"));
    check(row_says("{\"line\":3,\"text\":\"x1\",") && opted_out(w, ACME, "+12025550124"));
    ask_as(w, NULL, &command_optout_import, "account", "acme", "file", "", "who", "Kim", NULL);
    check(row_says("{\"imported\":0,\"already\":0,\"skipped\":0}"));
    world_end_test(w);
}

/* Of many pieces the last line is bad: it is found before the first is taken. A phone that stands
 * across two pieces is one. */
static void
r_stop_7_import_in_pieces(void)
{
    static char file[16u * 6000 + 100];
    struct world *w = world_new(NULL);
    size_t n = 0;

    for (int i = 0; i < 6000; i++)
        n += (size_t)snprintf(file + n, sizeof(file) - n, "+1202%07d\n", 6000000 + i);
    snprintf(file + n, sizeof(file) - n, "nobody\n");
    ask_as(w, NULL, &command_optout_import, "account", "acme", "file", file, "who", "Kim", NULL);
    check_number(got.result, COMMAND_BAD_ARGUMENT);
    check_number(got.count, 1);
    check(row_says("{\"line\":6001,\"text\":\"nobody\","));
    check_number(table_rows(w, TABLE_OPTOUT), 0);
    file[n] = '\0';
    ask_as(w, NULL, &command_optout_import, "account", "acme", "file", file, "who", "Kim", NULL);
    check_number(got.count, 1);
    check(row_says("{\"imported\":6000,\"already\":0,\"skipped\":0}"));
    check_number(table_rows(w, TABLE_OPTOUT), 6000);
    /* No separator in more than a piece. */
    memset(file, '7', 2u * COMMAND_PIECE_BYTES);
    file[2u * COMMAND_PIECE_BYTES] = '\0';
    ask_as(w, NULL, &command_optout_import, "account", "acme", "file", file, "who", "Kim", NULL);
    check_number(got.result, COMMAND_BAD_ARGUMENT);
    check(row_says("{\"line\":1,\"text\":\"7777"));
    world_end_test(w);
}

static void
r_stop_7_one_phones_history_in_pieces(void)
{
    struct world *w = world_new(NULL);
    struct command_value args[COMMAND_ARGS_MAX] = {{.given = true, .text = SLICE_LIT("acme")},
                                                   {.given = true, .text = slice_str(CONTACT)},
                                                   {.given = true, .text = SLICE_LIT("Kim")}};

    ask(w, &command_optout_show, args);
    check_number(got.result, COMMAND_NOT_FOUND);
    for (int i = 0; i < 75; i++) {
        ask(w, &command_optout_set, args);
        check_number(got.result, COMMAND_DONE);
        check(opted_out(w, ACME, CONTACT));
        ask(w, &command_optout_set, args);
        check_number(got.result, COMMAND_WRONG_STATE);
        ask(w, &command_optout_lift, args);
        check_number(got.result, COMMAND_DONE);
        check(!opted_out(w, ACME, CONTACT));
    }
    ask(w, &command_optout_show, args);
    check_number(got.count, 150);
    check(row_says("\"changes\":1}") && row_says("\"changes\":150}"));
    /* By hand there is no confirmation. */
    nothing_sent(w);
    args[2].text = SLICE_NONE;
    ask(w, &command_optout_set, args);
    check_number(got.result, COMMAND_BAD_ARGUMENT);
    world_end_test(w);
}

/* What was switched by hand holds over a reload and a crash, until the file says something new. */
static void
r_auto_1_switched_by_hand(void)
{
    static const struct world_options on = {
        .account = "    auto_replies: [{id: a, text: closed}]\n"},
                                      off = {.account = "    auto_replies: [{id: a, text: closed, "
                                                        "on: false}]\n"};
    struct world *w = world_new(&on);
    struct command_value args[COMMAND_ARGS_MAX] = {{.given = true, .text = SLICE_LIT("acme")},
                                                   {.given = true, .text = SLICE_LIT("a")},
                                                   {.given = true, .text = SLICE_LIT("Kim")}};

    ask(w, &command_auto_off, args);
    check_number(got.result, COMMAND_DONE);
    world_reload(w, &on);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    nothing_sent(w);
    ask(w, &command_auto, args);
    check(row_says("\"state\":\"off\"") && row_says("\"who\":\"Kim\""));
    world_reload(w, &off);
    ask(w, &command_auto, args);
    check(row_says("\"state\":\"off\"") && !row_says("Kim"));
    ask(w, &command_auto_on, args);
    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    phone_shows(w, BIZ_NOBODY, CONTACT, "closed");
    args[1].text = SLICE_LIT("b");
    ask(w, &command_auto_on, args);
    check_number(got.result, COMMAND_NOT_FOUND);
    world_end_test(w);
}

CHECK_MAIN({"smpp_x7_held_lists_what_waits_for_a_person",
            smpp_x7_held_lists_what_waits_for_a_person},
           {"smpp_x7_held_is_paged", smpp_x7_held_is_paged},
           {"smpp_x7_held_looks_only_at_what_is_held",
            smpp_x7_held_looks_only_at_what_is_held},
           {"smpp_x7_held_resend_goes_again_marked", smpp_x7_held_resend_goes_again_marked},
           {"smpp_x7_held_resend_waits_for_its_lane", smpp_x7_held_resend_waits_for_its_lane},
           {"smpp_x7_held_resend_and_a_late_answer", smpp_x7_held_resend_and_a_late_answer},
           {"smpp_x7_held_resend_survives_a_crash", smpp_x7_held_resend_survives_a_crash},
           {"smpp_x7_held_resend_after_its_validity", smpp_x7_held_resend_after_its_validity},
           {"smpp_x7_held_drop_ends_it", smpp_x7_held_drop_ends_it},
           {"smpp_x7_queue_counts_by_link_and_class", smpp_x7_queue_counts_by_link_and_class},
           {"queue_counts_every_table", queue_counts_every_table},
           {"r_stop_7_lists_in_pieces", r_stop_7_lists_in_pieces},
           {"r_stop_7_import_whole_or_not_at_all", r_stop_7_import_whole_or_not_at_all},
           {"r_stop_7_import_in_pieces", r_stop_7_import_in_pieces},
           {"r_stop_7_one_phones_history_in_pieces", r_stop_7_one_phones_history_in_pieces},
           {"r_auto_1_switched_by_hand", r_auto_1_switched_by_hand})
