/*
 * relay_queue_test.c: the queue, message by message: listing, showing and cancelling.
 */
#include "tests/unit/relay_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/check.h"

/* A message of crm that waits, because nothing is bound. */
static uint64_t
waits(struct world *w, const char *to, const char *text)
{
    check_number(app_sends(w, 1, APP_NUMBER, to, text), SMPP_ROK);
    return strtoull(w->message_id, NULL, 10);
}

static const char *
digits(uint64_t number)
{
    static char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    return text;
}

static void
queue_list_is_filtered(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message;

    world_unbind(w, 0, 0);
    message = waits(w, CONTACT, "bulk");
    ask_as(w, NULL, &command_queue_list, NULL);
    check_number(got.result, COMMAND_DONE);
    check_number(got.count, 1);
    check(row_says("\"where\":\"queue\",\"state\":\"queued\",\"link\":\"sim\",\"class\":\"bulk\","
                   "\"account\":\"acme\",\"from\":\"1202****170\",\"to\":\"1202****101\""));
    check(row_says(digits(message)));
    check(!row_says(CONTACT));
    ask_as(w, NULL, &command_queue_list, "class", "chat", NULL);
    check_number(got.count, 0);
    ask_as(w, NULL, &command_queue_list, "class", "bulk", "link", "sim", "account", "acme", NULL);
    check_number(got.count, 1);
    ask_as(w, NULL, &command_queue_list, "account", "zeta", NULL);
    check_number(got.count, 0);
    ask_as(w, NULL, &command_queue_list, "link", "crm", NULL);
    check_number(got.count, 0);
    ask_as(w, NULL, &command_queue_list, "number", APP_NUMBER, NULL);
    check_number(got.count, 1);
    ask_as(w, NULL, &command_queue_list, "number", BIZ, NULL);
    check_number(got.count, 0);
    ask_as(w, NULL, &command_queue_list, "where", "schedule", NULL);
    check_number(got.count, 0);
    check_number(ask_as(w, NULL, &command_queue_list, "link", "none", NULL), COMMAND_NOT_FOUND);
    check_number(ask_as(w, NULL, &command_queue_list, "account", "none", NULL), COMMAND_NOT_FOUND);
    check_number(ask_as(w, NULL, &command_queue_list, "number", "x", NULL), COMMAND_BAD_ARGUMENT);
    world_end_test(w);
}

/* Others' backlog is passed over, not walked through. */
static void
queue_list_skips_and_pages(void)
{
    struct world *w = world_with_app(NULL);

    world_unbind(w, 0, 0);
    for (unsigned i = 0; i < COMMAND_ROWS_MAX + 50; i++)
        (void)waits(w, CONTACT, "Waits");
    ask_as(w, NULL, &command_queue_list, "account", "zeta", NULL);
    check_number(got.count, 0);
    check_number(got.turns, 1);
    ask_as(w, NULL, &command_queue_list, "class", "chat", NULL);
    check_number(got.turns, 1);
    ask_as(w, NULL, &command_queue_list, NULL);
    check_number(got.count, 1000);
    check_number(got.turns, 10);
    ask_as(w, NULL, &command_queue_list, "limit", "1500", NULL);
    check_number(got.count, 1500);
    ask_as(w, NULL, &command_queue, "accounts", "on", NULL);
    check(row_says("{\"where\":\"queue\",\"link\":\"sim\",\"class\":\"bulk\",\"account\":\"acme\","
                   "\"messages\":2050}"));
    world_end_test(w);
}

static void
queue_show_tells_all_of_one(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t message;

    world_unbind(w, 0, 0);
    message = waits(w, CONTACT, "Where am I? \xc3\xa4");
    ask_as(w, NULL, &command_queue_show, "id", digits(message), NULL);
    check_number(got.result, COMMAND_DONE);
    check(row_says("\"where\":\"queue\""));
    check(row_says("\"to\":\"" CONTACT "\""));
    check(row_says("\"text\":\"Where am I? \xc3\xa4\""));
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    ask_as(w, NULL, &command_queue_show, "id", digits(message), NULL);
    check(row_says("\"where\":\"wire\""));
    answer_all(w);
    ask_as(w, NULL, &command_queue_show, "id", digits(message), NULL);
    check(row_says("\"where\":\"ended\",\"state\":\"sent\""));
    check_number(ask_as(w, NULL, &command_queue_show, "id", digits(message + 99), NULL),
                 COMMAND_NOT_FOUND);
    world_end_test(w);
}

static void
queue_cancel_ends_what_waits(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t first, second;

    world_unbind(w, 0, 0);
    first = app_submits_text(w, "First", 1);
    second = app_submits_text(w, "Second", 1);
    check_number(ask_as(w, NULL, &command_queue_cancel, "id", digits(first), NULL), COMMAND_DONE);
    check_number(message_record(w, first).state, MSG_CANCELLED);
    app_gets_receipt(w, first, "DELETED");
    check_number(ask_as(w, NULL, &command_queue_cancel, "id", digits(first), NULL),
                 COMMAND_WRONG_STATE);
    check_text(slice_str(got.why), "the message does not wait, it is cancelled");
    world_bind(w, 0, LINK_CARRIER, "sim", 10);
    check_number(ask_as(w, NULL, &command_queue_cancel, "id", digits(second), NULL),
                 COMMAND_WRONG_STATE);
    phone_shows(w, APP_NUMBER, CONTACT, "Second");
    check_number(ask_as(w, NULL, &command_queue_cancel, "id", "1", NULL), COMMAND_WRONG_STATE);
    check_number(ask_as(w, NULL, &command_queue_cancel, "id", "99999", NULL), COMMAND_NOT_FOUND);
    world_end_test(w);
}

/* One that waits for its retry holds a lane: the next to the same phone goes on. */
static void
queue_cancel_frees_the_lane(void)
{
    struct world *w = world_with_app(NULL);
    uint64_t first = waits(w, CONTACT, "First");

    answer(w, sent_to(w, CONTACT), SMPP_RSYSERR, NULL);
    (void)waits(w, CONTACT, "Second");
    nothing_sent(w);
    ask_as(w, NULL, &command_queue_list, "where", "retry", NULL);
    check_number(got.count, 1);
    check(row_says(digits(first)));
    check_number(ask_as(w, NULL, &command_queue_cancel, "id", digits(first), NULL), COMMAND_DONE);
    phone_shows(w, APP_NUMBER, CONTACT, "Second");
    world_end_test(w);
}

CHECK_MAIN({"queue_list_is_filtered", queue_list_is_filtered},
           {"queue_list_skips_and_pages", queue_list_skips_and_pages},
           {"queue_show_tells_all_of_one", queue_show_tells_all_of_one},
           {"queue_cancel_ends_what_waits", queue_cancel_ends_what_waits},
           {"queue_cancel_frees_the_lane", queue_cancel_frees_the_lane})
