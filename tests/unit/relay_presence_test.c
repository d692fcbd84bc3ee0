/*
 * relay_presence_test.c: who is on the message-centre page (R-txt-1, R-txt-2), and taking turns
 * among those who are (R-conv-4).
 */
#include <stdlib.h>

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/presence.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_ask.h"

#define PEOPLE(numbers)                                                                           \
    "accounts:\n  - id: acme\n    name: Acme\n    country: US\n"                                 \
    "    groups: [{id: front}, {id: back}]\n"                                                    \
    "    agents:\n"                                                                              \
    "      - {id: ann, mobile: +12025550111, relay_number: +12025550180, relay: true, "          \
    "groups: [front]}\n"                                                                         \
    "      - {id: ben, mobile: +12025550112, relay_number: +12025550181, relay: true, "          \
    "groups: [front]}\n"                                                                         \
    "      - {id: eve, mobile: +12025550115, groups: [front, back]}\n"                           \
    "    numbers:\n"                                                                             \
    "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n"                    \
    "      - {number: +12025550181, role: relay, carrier: sim, agent: ben}\n"                    \
    "      - {number: +12025550150, role: business, carrier: sim, " numbers "}\n"

static struct world *
world_of(const char *directory)
{
    struct world_options options = {.directory = directory};

    return world_new(&options);
}

static void
hold(struct world *w, const char *agent, const char *what)
{
    check_number(ask_as(w, NULL, &command_agent_presence, "account", "acme", "agent", agent, what,
                        "on", NULL),
                 COMMAND_DONE);
}

static void
gone(struct world *w, uint32_t slot, uint32_t generation)
{
    struct event event = {.kind = EV_ASKER_GONE, .session = {slot, generation}};

    world_event(w, &event);
}

static struct rec_conv
conv_n(struct world *w, uint64_t n)
{
    return conv_record(w, ACME, conv_id_make(n));
}

/* ---- R-txt-1, R-txt-2 */

static void
r_txt_1_not_forwarded_while_present(void)
{
    struct world *w = world_of(PEOPLE("assign_agent: ann"));

    phone_sends(w, CONTACT, BIZ, "one");
    check(phone_gets(w, ANN) != NULL);
    hold(w, "ann", "hold");
    check(row_says("\"online\":\"yes\""));
    phone_sends(w, CONTACT, BIZ, "two");
    nothing_sent(w);
    /* It is in the conversation all the same. */
    check_text(entry_record(w, ACME, conv_id_make(1), 3).text, "two");
    hold(w, "ben", "hold"); /* nobody else's matters */
    hold(w, "ann", "release");
    check(row_says("\"online\":\"no\""));
    phone_sends(w, CONTACT, BIZ, "three");
    check(phone_gets(w, ANN) != NULL);
    nothing_sent(w);
    world_end_test(w);
}

static void
r_txt_2_ends_with_the_connection(void)
{
    struct world *w = world_of(PEOPLE("assign_agent: ann"));

    hold(w, "ann", "hold");
    hold(w, "ann", "hold"); /* twice by one holder is once */
    check(row_says("\"holders\":1"));
    gone(w, 77, 2); /* another connection in the same place */
    gone(w, 78, 1);
    phone_sends(w, CONTACT, BIZ, "one");
    nothing_sent(w);
    gone(w, 77, 1);
    phone_sends(w, CONTACT, BIZ, "two");
    check(phone_gets(w, ANN) != NULL);
    gone(w, 77, 1);
    world_end_test(w);
}

static void
r_txt_2_two_holders(void)
{
    struct world *w = world_of(PEOPLE("assign_agent: ann"));
    struct step s;

    hold(w, "ann", "hold");
    world_begin(w);
    s = (struct step){w->relay, w->txn, w->now_ms, &w->fx};
    check(presence_hold(&s, ACME, 1, (struct session_name){5, 5}));
    world_end(w);
    check_number(ask_as(w, "acme/ben", &command_agent_presence, "agent", "ann", NULL),
                 COMMAND_DONE);
    check(row_says("\"holders\":2"));
    gone(w, 77, 1);
    phone_sends(w, CONTACT, BIZ, "one");
    nothing_sent(w);
    gone(w, 5, 5);
    phone_sends(w, CONTACT, BIZ, "two");
    check(phone_gets(w, ANN) != NULL);
    world_end_test(w);
}

static void
r_txt_2_ends_with_a_restart(void)
{
    struct world *w = world_of(PEOPLE("assign_agent: ann"));

    hold(w, "ann", "hold");
    world_crash(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    phone_sends(w, CONTACT, BIZ, "one");
    check(phone_gets(w, ANN) != NULL);
    world_end_test(w);
}

static void
r_txt_2_an_agent_holds_only_the_own(void)
{
    struct world *w = world_of(PEOPLE("assign_agent: ann"));

    check_number(ask_as(w, "acme/ben", &command_agent_presence, "agent", "ann", "hold", "on", NULL),
                 COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "acme/ben", &command_agent_presence, "agent", "ben", "hold", "on", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, NULL, &command_agent_presence, "account", "acme", "agent", "nobody",
                        "hold", "on", NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, "acme/ann", &command_agent, "online", "on", NULL), COMMAND_DONE);
    check_number(got.count, 1);
    check(row_says("\"id\":\"ben\""));
    world_end_test(w);
}

static void
r_txt_2_so_many_and_no_more(void)
{
    struct world *w = world_of(PEOPLE("assign_agent: ann"));
    struct step s;

    world_begin(w);
    s = (struct step){w->relay, w->txn, w->now_ms, &w->fx};
    for (uint32_t i = 0; i < PRESENCES_MAX; i++)
        check(presence_hold(&s, ACME, 2 + i, (struct session_name){3, 3}));
    check(!presence_hold(&s, ACME, 1, (struct session_name){3, 3}));
    check(presence_hold(&s, ACME, 2, (struct session_name){3, 3})); /* it has that already */
    world_end(w);
    check_number(ask_as(w, NULL, &command_agent_presence, "account", "acme", "agent", "ann", "hold",
                        "on", NULL),
                 COMMAND_WRONG_STATE);
    gone(w, 3, 3);
    hold(w, "ann", "hold");
    world_end_test(w);
}

/* ---- relay in the profile */

static void
r_txt_1_relay_by_hand_until_the_file_says_something_new(void)
{
    static const struct world_options same = {.directory = PEOPLE("assign_agent: ann")};
    static const struct world_options off = {
        .directory =
            "accounts:\n  - id: acme\n    name: Acme\n    agents:\n"
            "      - {id: ann, mobile: +12025550111, relay_number: +12025550180, relay: false}\n"
            "    numbers:\n"
            "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n"
            "      - {number: +12025550150, role: business, carrier: sim, assign_agent: ann}\n"};
    struct world *w = world_of(PEOPLE("assign_agent: ann"));

    check_number(ask_as(w, "acme/ben", &command_agent_relay, "agent", "ann", "set", "off", NULL),
                 COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "acme/ann", &command_agent_relay, "agent", "ann", "set", "off", NULL),
                 COMMAND_DONE);
    phone_sends(w, CONTACT, BIZ, "one");
    nothing_sent(w);
    world_reload(w, &same);
    phone_sends(w, CONTACT, BIZ, "two");
    nothing_sent(w);
    check_number(ask_as(w, "acme/ann", &command_agent_relay, "agent", "ann", "set", "on", NULL),
                 COMMAND_DONE);
    phone_sends(w, CONTACT, BIZ, "three");
    check(phone_gets(w, ANN) != NULL);
    check_number(ask_as(w, "acme/ann", &command_agent_relay, "agent", "ann", "set", "off", NULL),
                 COMMAND_DONE);
    world_reload(w, &off); /* now the file says so too, */
    world_reload(w, &same); /* and now it says something new */
    phone_sends(w, CONTACT, BIZ, "four");
    check(phone_gets(w, ANN) != NULL);
    world_end_test(w);
}

/* ---- R-conv-4 */

static void
r_conv_4_round_robin_over_those_online(void)
{
    struct world *w = world_of(PEOPLE("assign_round_robin: front"));

    hold(w, "ann", "hold");
    hold(w, "eve", "hold"); /* relay is another matter */
    phone_sends(w, CONTACT, BIZ, "1");
    check_number(conv_n(w, 1).owner, 1);
    phone_sends(w, CONTACT, BIZ, "2"); /* the same conversation */
    check_number(conv_n(w, 1).owner, 1);
    phone_sends(w, CONTACT_2, BIZ, "3"); /* Ben is skipped */
    check_number(conv_n(w, 2).owner, 3);
    phone_sends(w, CONTACT_3, BIZ, "4");
    check_number(conv_n(w, 3).owner, 1);
    hold(w, "ben", "hold");
    world_crash(w); /* whose turn it is survives, presence does not */
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    hold(w, "ann", "hold");
    hold(w, "ben", "hold");
    phone_sends(w, "12025550104", BIZ, "5");
    check_number(conv_n(w, 4).owner_kind, OWNER_AGENT);
    check_number(conv_n(w, 4).owner, 2);
    nothing_sent(w); /* all of them see it on the page */
    world_end_test(w);
}

static void
r_conv_4_nobody_online(void)
{
    struct world *w = world_of(PEOPLE("assign_round_robin: front"));

    phone_sends(w, CONTACT, BIZ, "hello");
    nothing_sent(w);
    check_number(conv_n(w, 1).owner_kind, OWNER_GROUP);
    check_number(conv_n(w, 1).owner, 1);
    hold(w, "ann", "hold"); /* later: the open conversation stays where it is */
    phone_sends(w, CONTACT, BIZ, "still there?");
    check_number(conv_n(w, 1).owner_kind, OWNER_GROUP);
    gone(w, 77, 1);
    phone_sends(w, CONTACT_2, BIZ, "hello");
    check_number(conv_n(w, 2).owner_kind, OWNER_GROUP);
    world_end_test(w);
}

CHECK_MAIN({"r_txt_1_not_forwarded_while_present", r_txt_1_not_forwarded_while_present},
           {"r_txt_2_ends_with_the_connection", r_txt_2_ends_with_the_connection},
           {"r_txt_2_two_holders", r_txt_2_two_holders},
           {"r_txt_2_ends_with_a_restart", r_txt_2_ends_with_a_restart},
           {"r_txt_2_an_agent_holds_only_the_own", r_txt_2_an_agent_holds_only_the_own},
           {"r_txt_2_so_many_and_no_more", r_txt_2_so_many_and_no_more},
           {"r_txt_1_relay_by_hand_until_the_file_says_something_new",
            r_txt_1_relay_by_hand_until_the_file_says_something_new},
           {"r_conv_4_round_robin_over_those_online", r_conv_4_round_robin_over_those_online},
           {"r_conv_4_nobody_online", r_conv_4_nobody_online})
