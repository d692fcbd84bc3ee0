/*
 * relay_conversation_test.c: what people do with conversations (R-conv-5), who waits (R-conv-7),
 * views and filters (R-conv-8), and to which of a contact's numbers a reply goes (R-multi).
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "gateway/relay/timer.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_ask.h"

#define MINUTE 60000u
#define LIST &command_conversation
/* A world with inboxes and contacts with several numbers. */
#define PEOPLE                                                                                     \
    "accounts:\n  - id: acme\n    name: Acme\n"                                                    \
    "    groups: [{id: front}, {id: back}]\n"                                                      \
    "    agents:\n"                                                                                \
    "      - {id: ann, mobile: +12025550111, relay_number: +12025550180, relay: true, "            \
    "groups: [front, back]}\n"                                                                     \
    "      - {id: ben, mobile: +12025550112, relay_number: +12025550181, relay: true, "            \
    "groups: [front]}\n"                                                                           \
    "    apps: [{system_id: bot, password: secret}]\n"
#define NUMBERS                                                                                    \
    "    numbers:\n"                                                                               \
    "      - {number: +12025550150, role: business, carrier: sim, assign_agent: ann}\n"            \
    "      - {number: +12025550151, role: business, carrier: sim, inbox_agents: [ben], "           \
    "inbox_groups: [front, back]}\n"                                                               \
    "      - {number: +12025550152, role: business, carrier: sim, response: bot, app: bot}\n"      \
    "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n"                      \
    "      - {number: +12025550181, role: relay, carrier: sim, agent: ben}\n"
#define CONTACTS                                                                                   \
    "    contacts: {list: [{id: carla, first: Carla, last: Jones, phones: [{number: "              \
    "+12025550101, selected: false}, {number: +12025550102}, {number: +12025550103%s}]}]}\n"

static const char *
id_of(uint64_t n)
{
    static char text[8][24];
    static unsigned turn;
    char *out = text[turn++ % 8];

    snprintf(out, sizeof(text[0]), "%llu", (unsigned long long)conv_id_make(n));
    return out;
}

/* Conversation n of the account. */
static struct rec_conv
conv_n(struct world *w, uint64_t n)
{
    return conv_record(w, ACME, conv_id_make(n));
}

static struct rec_entry
last_entry(struct world *w, uint64_t n)
{
    return entry_record(w, ACME, conv_id_make(n), conv_n(w, n).entries);
}

/* How many rows a view has, and that it has this one. */
static uint32_t
view(struct world *w, const char *name, const char *by, uint64_t n)
{
    char id[40];

    snprintf(id, sizeof(id), "\"id\":%s,", id_of(n));
    check_number(ask_as(w, by, LIST, "account", "acme", "view", name, NULL), COMMAND_DONE);
    check(got.count == 0 || n == 0 || row_says(id));
    return got.count;
}

static uint32_t
filtered(struct world *w, const char *name, const char *value)
{
    check_number(ask_as(w, NULL, LIST, "account", "acme", "view", "all", name, value, NULL),
                 COMMAND_DONE);
    return got.count;
}

static void
done(struct world *w, const struct command_def *def, uint64_t n, const char *by)
{
    check_number(ask_as(w, NULL, def, "account", "acme", "id", id_of(n), "by", by, NULL),
                 COMMAND_DONE);
}

/* ---- R-conv-5 */

static void
r_conv_5_claim(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ_GROUP, "hello");
    check_number(ask_as(w, NULL, &command_conversation_claim, "account", "acme", "id", id_of(1),
                        "by", "nobody", NULL),
                 COMMAND_NOT_FOUND);
    w->now_ms += 5;
    done(w, &command_conversation_claim, 1, "ben");
    check_number(conv_n(w, 1).owner_kind, OWNER_AGENT);
    check_number(last_entry(w, 1).kind, ENTRY_CLAIMED);
    check_number(last_entry(w, 1).by_kind, OWNER_AGENT);
    check_number(last_entry(w, 1).by, conv_n(w, 1).owner);
    check(last_entry(w, 1).at_ms == w->now_ms);
    /* It is Ben's now, and his again: but not Ann's. */
    done(w, &command_conversation_claim, 1, "ben");
    check_number(conv_n(w, 1).entries, 3);
    check_number(ask_as(w, NULL, &command_conversation_claim, "account", "acme", "id", id_of(1),
                        "by", "ann", NULL),
                 COMMAND_WRONG_STATE);
    phone_sends(w, CONTACT, BIZ_GROUP, "are you there?");
    check(phone_gets(w, BEN) != NULL);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_conv_5_transfer(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ, "hello");
    check(phone_gets(w, ANN) != NULL);
    check_number(ask_as(w, "acme/ann", &command_conversation_transfer, "id", id_of(1), "agent",
                        "dan", NULL),
                 COMMAND_DONE);
    check_number(last_entry(w, 1).kind, ENTRY_TRANSFERRED);
    check_text(last_entry(w, 1).text, "agent dan");
    check_number(last_entry(w, 1).by_kind, OWNER_AGENT);
    phone_sends(w, CONTACT, BIZ, "hello Dan");
    check(phone_gets(w, "12025550114") != NULL);
    nothing_sent(w);
    check_number(ask_as(w, NULL, &command_conversation_transfer, "account", "acme", "id",
                        id_of(1), "group", "front", NULL),
                 COMMAND_DONE);
    check_text(last_entry(w, 1).text, "group front");
    check_number(last_entry(w, 1).by_kind, OWNER_NOBODY);
    check_number(ask_as(w, NULL, &command_conversation_transfer, "account", "acme", "id",
                        id_of(1), NULL),
                 COMMAND_BAD_ARGUMENT);
    check_number(ask_as(w, NULL, &command_conversation_transfer, "account", "acme", "id",
                        id_of(1), "agent", "cid", NULL),
                 COMMAND_NOT_FOUND);
    world_end_test(w);
}

static struct world *
world_of(const char *contacts)
{
    static char text[8192];
    struct world_options options = {.directory = text};

    snprintf(text, sizeof(text), "%s", PEOPLE NUMBERS);
    if (contacts)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), CONTACTS, contacts);
    return world_new(&options);
}

/* The next message of what a bot had is for people. */
static void
r_conv_5_transfer_from_a_bot(void)
{
    struct world *w = world_of(NULL);
    struct sent *sent;

    world_bind(w, 1, LINK_APP, "bot", 10);
    phone_sends(w, CONTACT, BIZ_NOBODY, "hello bot");
    sent = sent_to(w, BIZ_NOBODY);
    check(sent != NULL);
    answer(w, sent, SMPP_ROK, NULL);
    check_number(view(w, "unassigned", NULL, 0), 0);
    check_number(view(w, "open", NULL, 1), 1);
    check(row_says("\"owner\":\"bot\""));
    check_number(ask_as(w, "acme/ann", &command_conversation_transfer, "id", id_of(1), "agent",
                        "ben", NULL),
                 COMMAND_DONE);
    check_number(view(w, "mine", "acme/ben", 1), 1);
    phone_sends(w, CONTACT, BIZ_NOBODY, "hello Ben");
    check(phone_gets(w, BEN) != NULL);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_conv_5_close_clears_the_flags(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ, "hello");
    check(phone_gets(w, ANN) != NULL);
    check_number(ask_as(w, NULL, &command_conversation_flag, "account", "acme", "id", id_of(1),
                        "set", "on", "by", "ann", NULL),
                 COMMAND_DONE);
    check_number(last_entry(w, 1).kind, ENTRY_FOLLOW_UP);
    check_number(view(w, "follow-up", NULL, 1), 1);
    world_pass(w, 11 * MINUTE);
    check_number(view(w, "waiting", NULL, 1), 1);
    done(w, &command_conversation_close, 1, "ben");
    check_number(conv_n(w, 1).status, CONV_CLOSED);
    check_number(last_entry(w, 1).kind, ENTRY_CLOSED);
    check_number(last_entry(w, 1).by_kind, OWNER_AGENT);
    check_number(view(w, "follow-up", NULL, 0) + view(w, "waiting", NULL, 0), 0);
    check_number(view(w, "open", NULL, 0), 0);
    check_number(view(w, "closed", NULL, 1), 1);
    /* Nothing but notes comes to a closed one. */
    check_number(ask_as(w, NULL, &command_conversation_flag, "account", "acme", "id", id_of(1),
                        "set", "on", NULL),
                 COMMAND_WRONG_STATE);
    check_number(ask_as(w, NULL, &command_conversation_send, "account", "acme", "id", id_of(1),
                        "text", "hi", NULL),
                 COMMAND_WRONG_STATE);
    check_number(ask_as(w, NULL, &command_conversation_note, "account", "acme", "id", id_of(1),
                        "text", "paid", "by", "ann", NULL),
                 COMMAND_DONE);
    check_number(last_entry(w, 1).kind, ENTRY_NOTE);
    check_text(last_entry(w, 1).text, "paid");
    /* The next message opens a new one in the same thread. */
    phone_sends(w, CONTACT, BIZ, "and again");
    check_number(leading_number(phone_gets(w, ANN)->text), conv_id_make(2));
    check_number(ask_as(w, NULL, &command_conversation_show, "account", "acme", "id", id_of(1),
                        "thread", "on", NULL),
                 COMMAND_DONE);
    check(row_says("and again") && row_says("hello") && row_says("\"what\":\"waiting\""));
    check_number(got.count, 6 + 2);
    check_number(ask_as(w, NULL, &command_conversation_show, "account", "acme", "id", id_of(1),
                        NULL),
                 COMMAND_DONE);
    check(!row_says("and again"));
    nothing_sent(w);
    world_end_test(w);
}

static void
r_conv_5_follow_up_is_taken_off(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    check_number(ask_as(w, NULL, &command_conversation_flag, "account", "acme", "id", id_of(1),
                        "set", "on", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_conversation_flag, "account", "acme", "id", id_of(1),
                        "set", "on", NULL),
                 COMMAND_DONE);
    check_number(conv_n(w, 1).entries, 3);
    check_number(ask_as(w, NULL, &command_conversation_flag, "account", "acme", "id", id_of(1),
                        "set", "off", NULL),
                 COMMAND_DONE);
    check_number(last_entry(w, 1).kind, ENTRY_FOLLOW_UP_OFF);
    check_number(view(w, "follow-up", NULL, 0), 0);
    world_end_test(w);
}

/* Another account's conversations are not there. */
static void
r_conv_5_accounts_are_walls(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    phone_sends(w, CONTACT, BIZ_NOBODY, "hello again");
    check_number(ask_as(w, NULL, &command_conversation_show, "account", "zeta", "id", id_of(1),
                        NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, NULL, LIST, "account", "zeta", "view", "all", NULL), COMMAND_DONE);
    check_number(got.count, 0);
    world_end_test(w);
}

/* ---- R-conv-6 */

static void
r_conv_6_send_keeps_the_owner(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ, "hello");
    check(phone_gets(w, ANN) != NULL);
    check_number(ask_as(w, "acme/ben", &command_conversation_send, "id", id_of(1), "text",
                        "Ben here", NULL),
                 COMMAND_DONE);
    check_number(message_record(w, last_message(w)).class, CLASS_CHAT);
    phone_shows(w, BIZ, CONTACT, "Ben here");
    check_number(last_entry(w, 1).kind, ENTRY_OUT);
    check_number(last_entry(w, 1).by_kind, OWNER_AGENT);
    check(conv_n(w, 1).owner != conv_n(w, 1).replied_by);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_stop_5_send_is_refused(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    phone_sends(w, CONTACT, BIZ_NOBODY, "STOP");
    answer_all(w);
    check_number(ask_as(w, NULL, &command_conversation_send, "account", "acme", "id", id_of(1),
                        "text", "but", NULL),
                 COMMAND_WRONG_STATE);
    check(strstr(got.why, "opted out") != NULL);
    nothing_sent(w);
    world_end_test(w);
}

/* ---- R-conv-7 */

static void
r_conv_7_waiting_begins_on_time(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    world_pass(w, 10 * MINUTE - 1);
    check_number(conv_n(w, 1).waiting, 0);
    check_number(view(w, "waiting", NULL, 0), 0);
    world_pass(w, 1);
    check_number(conv_n(w, 1).waiting, 1);
    check_number(view(w, "waiting", NULL, 1), 1);
    check_number(last_entry(w, 1).kind, ENTRY_WAITING);
    check(last_entry(w, 1).at_ms == w->now_ms);
    /* The contact's next message does not begin it anew; a reply ends it. */
    phone_sends(w, CONTACT, BIZ_NOBODY, "hello?");
    check_number(view(w, "waiting", NULL, 1), 1);
    check_number(ask_as(w, NULL, &command_conversation_send, "account", "acme", "id", id_of(1),
                        "text", "yes", NULL),
                 COMMAND_DONE);
    check_number(view(w, "waiting", NULL, 0), 0);
    answer_all(w);
    world_pass(w, 30 * MINUTE);
    check_number(view(w, "waiting", NULL, 0), 0);
    check_number(timer_rows(w, TIMER_WAITING), 0);
    world_end_test(w);
}

/* It is the last message whose age counts, over a restart too. */
static void
r_conv_7_counts_from_the_last_message(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    world_pass(w, 6 * MINUTE);
    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    check_number(timer_rows(w, TIMER_WAITING), 1);
    world_crash(w);
    world_pass(w, 9 * MINUTE);
    check_number(conv_n(w, 1).waiting, 0);
    world_pass(w, 1 * MINUTE);
    check_number(conv_n(w, 1).waiting, 1);
    world_end_test(w);
}

/* A reply ends it, a new message begins it, whichever timer comes first. */
static void
r_conv_7_answered_meanwhile(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = conversation(w, CONTACT);

    world_pass(w, 5 * MINUTE);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "one moment"));
    answer_all(w);
    world_pass(w, 1 * MINUTE);
    phone_sends(w, CONTACT, BIZ, "and?");
    answer_all(w);
    world_pass(w, 9 * MINUTE);
    check_number(conv_record(w, ACME, id).waiting, 0);
    world_pass(w, 1 * MINUTE);
    check_number(conv_record(w, ACME, id).waiting, 1);
    check_number(conv_record(w, ACME, id).replied_by, conv_record(w, ACME, id).owner);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "yes"));
    answer_all(w);
    check_number(conv_record(w, ACME, id).waiting, 0);
    world_end_test(w);
}

static void
r_conv_7_is_a_setting(void)
{
    static const struct world_options never = {.account = "    waiting_after: 0s\n"};
    static const struct world_options minute = {.account = "    waiting_after: 1m\n"};
    struct world *w = world_new(&never);

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    world_pass(w, 30 * MINUTE);
    check_number(conv_n(w, 1).waiting, 0);
    world_reload(w, &minute);
    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    world_pass(w, MINUTE);
    check_number(conv_n(w, 1).waiting, 1);
    world_end_test(w);
}

/* A new waiting_after holds for contacts who have asked already, however long it is. */
static void
r_conv_7_a_change_moves_those_who_wait(void)
{
    static const struct world_options never = {.account = "    waiting_after: 0s\n"};
    static const struct world_options minute = {.account = "    waiting_after: 1m\n"};
    static const struct world_options hour = {.account = "    waiting_after: 1h\n"};
    struct world *w = world_new(&hour);
    uint64_t rows;

    phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
    rows = table_rows(w, TABLE_TIMER);
    world_pass(w, 2 * MINUTE);
    check_number(conv_n(w, 1).waiting, 0);
    world_reload(w, &minute);
    world_pass(w, 1000);
    check_number(conv_n(w, 1).waiting, 1);
    check_number(view(w, "waiting", NULL, 1), 1);
    /* It does not wait any more by an hour; nor ever without one. */
    world_reload(w, &hour);
    world_pass(w, 1000);
    check_number(conv_n(w, 1).waiting, 0);
    check_number(view(w, "waiting", NULL, 0), 0);
    check_number(table_rows(w, TABLE_TIMER), rows);
    world_reload(w, &never);
    world_pass(w, 2 * 60 * MINUTE);
    check_number(conv_n(w, 1).waiting, 0);
    world_reload(w, &minute);
    world_pass(w, 1000);
    check_number(conv_n(w, 1).waiting, 1);
    world_end_test(w);
}

/* Many conversations are looked through in steps, over a crash too. */
static void
r_conv_7_a_change_moves_many(void)
{
    static const struct world_options hour = {.account = "    waiting_after: 1h\n"};
    static const struct world_options minute = {.account = "    waiting_after: 1m\n"};
    struct world *w = world_new(&hour);
    char phone[20];

    for (int i = 0; i < 450; i++) {
        snprintf(phone, sizeof(phone), "1202%07d", 6000000 + i);
        phone_sends(w, phone, BIZ_NOBODY, "hello");
    }
    world_pass(w, 2 * MINUTE);
    world_reload(w, &minute);
    world_crash(w);
    world_pass(w, 1);
    check_number(view(w, "waiting", NULL, 0), 0);
    for (int i = 0; i < 10; i++)
        world_pass(w, 10);
    check_number(view(w, "waiting", NULL, 450), 450);
    world_end_test(w);
}

/* ---- R-conv-8 */

static void
r_conv_8_views(void)
{
    struct world *w = world_of(NULL);

    phone_sends(w, CONTACT, BIZ, "for Ann");
    answer_all(w);
    phone_sends(w, CONTACT, BIZ_GROUP, "for three inboxes");
    nothing_sent(w);
    check_number(view(w, "open", NULL, 1), 2);
    check_number(view(w, "unassigned", NULL, 2), 1);
    check_number(view(w, "mine", "acme/ann", 1), 1);
    /* R-num-2: visible to all its inboxes, once to each. */
    check_number(view(w, "mine", "acme/ben", 2), 1);
    check_number(view(w, "my-groups", "acme/ann", 2), 1);
    check_number(view(w, "my-groups", "acme/ben", 2), 1);
    check_number(view(w, "all", NULL, 1), 2);
    done(w, &command_conversation_claim, 2, "ann");
    check_number(view(w, "unassigned", NULL, 0), 0);
    check_number(view(w, "mine", "acme/ben", 0), 0);
    check_number(view(w, "my-groups", "acme/ann", 0), 0);
    check_number(view(w, "mine", "acme/ann", 2), 2);
    check_number(ask_as(w, NULL, &command_conversation_transfer, "account", "acme", "id",
                        id_of(2), "group", "back", NULL),
                 COMMAND_DONE);
    check_number(view(w, "my-groups", "acme/ann", 2), 1);
    check_number(view(w, "my-groups", "acme/ben", 0), 0);
    check_number(ask_as(w, NULL, LIST, "account", "acme", "view", "mine", NULL),
                 COMMAND_BAD_ARGUMENT);
    done(w, &command_conversation_close, 1, "ann");
    done(w, &command_conversation_close, 2, "ann");
    check_number(table_rows(w, TABLE_VIEW), 2);
    check_number(table_rows(w, TABLE_CONV_OPEN), 0);
    world_end_test(w);
}

static void
r_conv_8_filters(void)
{
    struct world *w = world_of("");

    phone_sends(w, CONTACT, BIZ, "the blue one, please");
    answer_all(w);
    phone_sends(w, "12025550177", BIZ, "Hello");
    answer_all(w);
    check_number(ask_as(w, "acme/ben", &command_conversation_send, "id", id_of(2), "text",
                        "We are closed", NULL),
                 COMMAND_DONE);
    answer_all(w);
    phone_sends(w, "12025550177", BIZ_GROUP, "Hello");
    done(w, &command_conversation_close, 3, "ann");
    check_number(filtered(w, "status", "closed"), 1);
    check_number(filtered(w, "status", "open"), 2);
    check_number(filtered(w, "agent", "ann"), 2);
    check_number(filtered(w, "group", "front"), 0);
    check_number(filtered(w, "number", BIZ_GROUP), 1);
    check_number(filtered(w, "replied", "ben"), 1);
    check(row_says("\"last\":\"us\""));
    check_number(filtered(w, "last", "contact"), 2);
    check_number(filtered(w, "contact", "jones"), 1);
    check_number(filtered(w, "contact", "+1 202 555 0177"), 2);
    check_number(filtered(w, "contact", "0177"), 2);
    check_number(filtered(w, "text", "BLUE"), 1);
    check_number(filtered(w, "text", "closed"), 1);
    check_number(filtered(w, "id", id_of(2)), 1);
    check_number(filtered(w, "limit", "2"), 2);
    /* The same for what is open, by narrower ways. */
    check_number(ask_as(w, NULL, LIST, "account", "acme", "number", BIZ, NULL), COMMAND_DONE);
    check_number(got.count, 2);
    check_number(ask_as(w, NULL, LIST, "account", "acme", "agent", "ann", "number", BIZ, "contact",
                        "carla", NULL),
                 COMMAND_DONE);
    check_number(got.count, 1);
    check(row_says("\"name\":\"Carla Jones\""));
    world_end_test(w);
}

/* The 150 that were closed last, and in that order; the rest is in "all". */
static void
r_conv_8_closed_has_the_last_150(void)
{
    struct world *w = world_new(NULL);
    char first[40];

    for (uint32_t i = 1; i <= 151; i++) {
        w->now_ms += 1000;
        phone_sends(w, CONTACT, BIZ_NOBODY, "hello");
        done(w, &command_conversation_close, i, "ann");
    }
    check_number(view(w, "closed", NULL, 151), 150);
    snprintf(first, sizeof(first), "{\"id\":%s,", id_of(151));
    check(strncmp(got.rows, first, strlen(first)) == 0);
    snprintf(first, sizeof(first), "{\"id\":%s,", id_of(1));
    check(!row_says(first));
    check_number(filtered(w, "status", "closed"), 151);
    world_end_test(w);
}

/* A long view comes in several turns, and whatever is asked within it too. */
static void
r_conv_8_views_come_in_turns(void)
{
    struct world *w = world_new(NULL);
    char phone[24];

    for (uint32_t i = 0; i < 250; i++) {
        snprintf(phone, sizeof(phone), "1202556%04u", i);
        phone_sends(w, phone, BIZ_NOBODY, i % 50 == 7 ? "needle" : "hay");
    }
    check_number(view(w, "unassigned", NULL, 250), 250);
    check_number(got.turns, 3);
    check_number(filtered(w, "text", "needle"), 5);
    for (uint32_t i = 0; i < 2100; i++)
        check_number(ask_as(w, NULL, &command_conversation_note, "account", "acme", "id",
                            id_of(250), "text", i == 2050 ? "here it is" : "hay", NULL),
                     COMMAND_DONE);
    check_number(filtered(w, "text", "here it is"), 1);
    check(got.turns > 1);
    world_end_test(w);
}

/* ---- R-stop-3 */

static void
r_stop_3_nearly_is_flagged_for_follow_up(void)
{
    struct world *w = world_new(NULL);

    phone_sends(w, CONTACT, BIZ_GROUP, "stop please");
    check_number(view(w, "follow-up", NULL, 1), 1);
    check_number(last_entry(w, 1).kind, ENTRY_FOLLOW_UP);
    check(!opted_out(w, ACME, CONTACT));
    phone_sends(w, CONTACT, BIZ_GROUP, "stop, please");
    check_number(view(w, "follow-up", NULL, 1), 1);
    world_end_test(w);
}

/* ---- R-multi on the agent's phone */

static void
r_multi_1_reply_goes_to_the_selected_number(void)
{
    struct world *w = world_of(", selected: false");
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hello Carla"));
    phone_shows(w, BIZ, CONTACT_2, "hello Carla");
    nothing_sent(w);
    check_number(last_entry(w, 1).kind, ENTRY_ELSEWHERE);
    check(strstr((const char *)last_entry(w, 1).text.p, CONTACT_2) != NULL);
    check_number(conv_n(w, 1).unanswered, 0);
    check_text(last_entry(w, 2).text, "hello Carla");
    check_number(conv_n(w, 2).owner, conv_n(w, 1).owner);
    check_number(conv_n(w, 2).contact_id, conv_n(w, 1).contact_id);
    /* And so does what is sent from the message centre; it joins what is open there. */
    check_number(ask_as(w, "acme/ben", &command_conversation_send, "id", id_of(1), "text", "more",
                        NULL),
                 COMMAND_DONE);
    phone_shows(w, BIZ, CONTACT_2, "more");
    check_number(view(w, "open", NULL, 2), 2);
    /* A number that is named gets it. */
    check_number(ask_as(w, NULL, &command_conversation_send, "account", "acme", "id", id_of(1),
                        "text", "here", "to", CONTACT, NULL),
                 COMMAND_DONE);
    phone_shows(w, BIZ, CONTACT, "here");
    check_number(ask_as(w, NULL, &command_conversation_send, "account", "acme", "id", id_of(1),
                        "text", "there", "to", "12025550177", NULL),
                 COMMAND_NOT_FOUND);
    world_end_test(w);
}

/* The number that a conversation is with is named by it, as long as it is selected. */
static void
r_multi_2_a_conversation_names_its_number(void)
{
    struct world *w = world_of("");
    uint64_t id = conversation(w, CONTACT_2);

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hello"));
    phone_shows(w, BIZ, CONTACT_2, "hello");
    nothing_sent(w);
    world_end_test(w);
}

static const char *
question(uint64_t id)
{
    static char text[300];

    snprintf(text, sizeof(text),
             "%llu: nothing was delivered yet. Which number? Reply with just the digit. "
             "1 +12025550102, 2 +12025550103",
             (unsigned long long)id);
    return text;
}

static uint64_t
asked_about(struct world *w, const char *text)
{
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, ANN, RELAY_ANN, with_id(id, text));
    phone_shows(w, RELAY_ANN, ANN, question(id));
    nothing_sent(w);
    check_number(last_entry(w, 1).kind, ENTRY_REFUSED);
    check_text(last_entry(w, 1).text, text);
    check_number(table_rows(w, TABLE_CHOICE), 1);
    return id;
}

static void
r_multi_2_the_digit_chooses(void)
{
    struct world *w = world_of("");
    uint64_t id = asked_about(w, "hello Carla");

    check_number(ask_as(w, NULL, &command_conversation_send, "account", "acme", "id", id_of(1),
                        "text", "hi", NULL),
                 COMMAND_WRONG_STATE);
    check(strstr(got.why, "12025550102 12025550103") != NULL);
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    world_pass(w, 9 * MINUTE);
    phone_sends(w, ANN, RELAY_ANN, " 2 ");
    phone_shows(w, BIZ, CONTACT_3, "hello Carla");
    nothing_sent(w);
    check_number(table_rows(w, TABLE_CHOICE) + timer_rows(w, TIMER_CHOICE), 0);
    check_number(last_entry(w, 1).kind, ENTRY_ELSEWHERE);
    /* Once. */
    notice_and_nothing_else(w, "2");
    /* The answer opens nothing new, and Ann gets it. */
    phone_sends(w, CONTACT_3, BIZ, "yes?");
    check_number(leading_number(phone_gets(w, ANN)->text), conv_id_make(2));
    check(id == conv_id_make(1));
    world_end_test(w);
}

/* Anything else is what it always was, and the question stands. */
static void
r_multi_2_other_texts_do_not_choose(void)
{
    struct world *w = world_of("");

    (void)asked_about(w, "hello Carla");
    notice_and_nothing_else(w, "3");
    notice_and_nothing_else(w, "0");
    notice_and_nothing_else(w, "1.");
    notice_and_nothing_else(w, "12");
    world_pass(w, MINUTE);
    phone_sends(w, ANN, RELAY_ANN, "1");
    phone_shows(w, BIZ, CONTACT_2, "hello Carla");
    world_end_test(w);
}

static void
r_multi_2_ten_minutes(void)
{
    struct world *w = world_of("");

    (void)asked_about(w, "hello Carla");
    world_pass(w, 10 * MINUTE);
    check_number(table_rows(w, TABLE_CHOICE), 0);
    notice_and_nothing_else(w, "1");
    world_end_test(w);
}

/* A newer question replaces the older one; what was chosen is looked at again. */
static void
r_multi_2_the_last_question_counts(void)
{
    struct world *w = world_of("");
    uint64_t id = asked_about(w, "one");

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "two"));
    phone_shows(w, RELAY_ANN, ANN, question(id));
    check_number(timer_rows(w, TIMER_CHOICE), 1);
    phone_sends(w, CONTACT_2, BIZ, "STOP");
    answer_all(w);
    phone_sends(w, ANN, RELAY_ANN, "1");
    check(strstr(phone_gets(w, ANN)->text, "opted out") != NULL);
    nothing_sent(w);
    phone_sends(w, ANN, RELAY_ANN, with_id(id, "three"));
    answer_all(w);
    done(w, &command_conversation_close, 1, "ann");
    notice_and_nothing_else(w, "2");
    world_end_test(w);
}

static void
r_multi_3_reply_is_refused(void)
{
    static const struct world_options options = {
        .directory = PEOPLE NUMBERS "    contacts: {list: [{id: a, phones: [{number: "
                                    "+12025550101, selected: false}]}]}\n"};
    struct world *w = world_new(&options);
    uint64_t id = conversation(w, CONTACT);

    phone_sends(w, ANN, RELAY_ANN, with_id(id, "hello"));
    check(strstr(phone_gets(w, ANN)->text, "None of this contact's numbers") != NULL);
    nothing_sent(w);
    check_number(last_entry(w, 1).kind, ENTRY_REFUSED);
    check_number(ask_as(w, NULL, &command_conversation_send, "account", "acme", "id", id_of(1),
                        "text", "hi", NULL),
                 COMMAND_WRONG_STATE);
    world_end_test(w);
}

CHECK_MAIN({"r_conv_5_claim", r_conv_5_claim},
           {"r_conv_5_transfer", r_conv_5_transfer},
           {"r_conv_5_transfer_from_a_bot", r_conv_5_transfer_from_a_bot},
           {"r_conv_5_close_clears_the_flags", r_conv_5_close_clears_the_flags},
           {"r_conv_5_follow_up_is_taken_off", r_conv_5_follow_up_is_taken_off},
           {"r_conv_5_accounts_are_walls", r_conv_5_accounts_are_walls},
           {"r_conv_6_send_keeps_the_owner", r_conv_6_send_keeps_the_owner},
           {"r_stop_5_send_is_refused", r_stop_5_send_is_refused},
           {"r_conv_7_a_change_moves_those_who_wait", r_conv_7_a_change_moves_those_who_wait},
           {"r_conv_7_a_change_moves_many", r_conv_7_a_change_moves_many},
           {"r_conv_7_waiting_begins_on_time", r_conv_7_waiting_begins_on_time},
           {"r_conv_7_counts_from_the_last_message", r_conv_7_counts_from_the_last_message},
           {"r_conv_7_answered_meanwhile", r_conv_7_answered_meanwhile},
           {"r_conv_7_is_a_setting", r_conv_7_is_a_setting},
           {"r_conv_8_views", r_conv_8_views},
           {"r_conv_8_filters", r_conv_8_filters},
           {"r_conv_8_closed_has_the_last_150", r_conv_8_closed_has_the_last_150},
           {"r_conv_8_views_come_in_turns", r_conv_8_views_come_in_turns},
           {"r_stop_3_nearly_is_flagged_for_follow_up", r_stop_3_nearly_is_flagged_for_follow_up},
           {"r_multi_1_reply_goes_to_the_selected_number",
            r_multi_1_reply_goes_to_the_selected_number},
           {"r_multi_2_a_conversation_names_its_number", r_multi_2_a_conversation_names_its_number},
           {"r_multi_2_the_digit_chooses", r_multi_2_the_digit_chooses},
           {"r_multi_2_other_texts_do_not_choose", r_multi_2_other_texts_do_not_choose},
           {"r_multi_2_ten_minutes", r_multi_2_ten_minutes},
           {"r_multi_2_the_last_question_counts", r_multi_2_the_last_question_counts},
           {"r_multi_3_reply_is_refused", r_multi_3_reply_is_refused})
