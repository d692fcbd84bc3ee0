/*
 * relay_people_test.c: who may do what: requests of agents and admins, and the wall between
 * accounts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/campaign.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/message.h"
#include "gateway/relay/number.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/relay_ask.h"

#define AGENT(id, last, rest)                                                                     \
    "      - {id: " id ", mobile: +1202555011" last ", relay_number: +1202555018" last             \
    ", relay: true" rest "}\n"
#define RELAY(id, last)                                                                           \
    "      - {number: +1202555018" last ", role: relay, carrier: sim, agent: " id "}\n"
#define DIRECTORY                                                                                 \
    "accounts:\n  - id: acme\n    name: Acme\n    country: US\n"                                 \
    "    groups: [{id: front, name: Front desk}, {id: back}]\n"                                  \
    "    agents:\n" AGENT("ann", "0", ", groups: [front]")                                        \
        AGENT("ben", "1", ", groups: [front]") AGENT("eve", "2", ", role: admin, groups: [back]") \
    "    numbers:\n" RELAY("ann", "0") RELAY("ben", "1") RELAY("eve", "2")                        \
    "      - {number: +12025550150, role: business, carrier: sim, office: front}\n"              \
    "    contacts: {list: [{id: carol, first: Carol, phones: [{number: +12025550101}]}]}\n"      \
    "  - id: zeta\n    name: Zeta\n    country: US\n"                                            \
    "    agents:\n" AGENT("zoe", "5", ", role: admin")                                            \
    "    numbers:\n" RELAY("zoe", "5")                                                            \
    "      - {number: +12025550160, role: business, carrier: sim}\n"

static struct world *
world_of_people(void)
{
    static const struct world_options options = {.directory = DIRECTORY};

    return world_new(&options);
}

/* ---- rights */

static void
rights_who_may(void)
{
    struct world *w = world_of_people();

    check_number(ask_as(w, NULL, &command_queue, NULL), COMMAND_DONE);
    check_number(ask_as(w, "acme/eve", &command_queue, NULL), COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "acme/ann", &command_number, NULL), COMMAND_DONE);
    check_number(ask_as(w, "acme/ann", &command_auto_off, "id", "x", NULL), COMMAND_NOT_ALLOWED);
    check(strstr(got.why, "admin") != NULL);
    check_number(ask_as(w, "acme/eve", &command_auto_off, "id", "x", NULL), COMMAND_NOT_FOUND);
    check_number(ask_as(w, "acme/nobody", &command_number, NULL), COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "acme", &command_number, NULL), COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "/ann", &command_number, NULL), COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "acme/", &command_number, NULL), COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "none/ann", &command_number, NULL), COMMAND_NOT_ALLOWED);
    world_end_test(w);
}

static void
rights_the_wall_between_accounts(void)
{
    struct world *w = world_of_people();

    check_number(ask_as(w, "zeta/zoe", &command_contact, "account", "acme", NULL),
                 COMMAND_NOT_FOUND);
    check(!strcmp(got.why, "there is no such account"));
    check_number(ask_as(w, "zeta/zoe", &command_contact, "account", "none", NULL),
                 COMMAND_NOT_FOUND);
    check(!strcmp(got.why, "there is no such account"));
    check_number(ask_as(w, "zeta/zoe", &command_contact, NULL), COMMAND_DONE);
    check_number(got.count, 0);
    check_number(ask_as(w, "acme/ann", &command_contact, NULL), COMMAND_DONE);
    check(row_says("Carol"));
    /* The wall also stands in front of ids that are guessed. */
    check_number(ask_as(w, "zeta/zoe", &command_contact_show, "contact", "carol", NULL),
                 COMMAND_NOT_FOUND);
    check_number(ask_as(w, "zeta/zoe", &command_number_edit, "number", BIZ, "name", "mine", NULL),
                 COMMAND_NOT_FOUND);
    world_end_test(w);
}

/* R-stop-7: by whom is not to be forged. */
static void
rights_who_did_it(void)
{
    struct world *w = world_of_people();

    check_number(ask_as(w, "acme/ann", &command_optout_set, "phone", CONTACT, "who", "ben", NULL),
                 COMMAND_NOT_ALLOWED);
    check(!opted_out(w, ACME, CONTACT));
    check_number(ask_as(w, "acme/ann", &command_optout_set, "phone", CONTACT, NULL),
                 COMMAND_DONE);
    check(opted_out(w, ACME, CONTACT));
    check_number(ask_as(w, "acme/ben", &command_optout_show, "phone", CONTACT, NULL),
                 COMMAND_DONE);
    check(row_says("\"who\":\"ann\""));
    check(!opted_out(w, ZETA, CONTACT));
    world_end_test(w);
}

/* Whoever leaves the directory may do nothing from then on. */
static void
rights_end_with_the_agent(void)
{
    static const struct world_options without = {
        .directory = "accounts:\n  - id: acme\n    name: Acme\n    country: US\n"};
    struct world *w = world_of_people();

    check_number(ask_as(w, "acme/ann", &command_number, NULL), COMMAND_DONE);
    world_reload(w, &without);
    check_number(ask_as(w, "acme/ann", &command_number, NULL), COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "zeta/zoe", &command_number, NULL), COMMAND_NOT_ALLOWED);
    world_end_test(w);
}

/* ---- agents and groups by command */

#define AS_EVE(def, ...) ask_as(w, "acme/eve", &command_##def, __VA_ARGS__, NULL)
#define BY_OPERATOR(def, ...) ask_as(w, NULL, &command_##def, "account", "acme", __VA_ARGS__, NULL)
#define KIM "12025550117"
#define RELAY_KIM "12025550187"
#define USER_KIM "12025550147"

static const char *
conv_text(uint64_t n)
{
    static char text[24];

    (void)message_id_text(conv_id_make(n), text);
    return text;
}

/* Kim has a relay number and answers from it like everybody. */
static void
agents_made_by_command(void)
{
    struct world *w = world_of_people();

    check_number(BY_OPERATOR(number_add, "number", RELAY_KIM, "carrier", "sim", "role", "relay"),
                 COMMAND_DONE);
    check_number(AS_EVE(agent_add, "agent", "kim", "mobile", "(202) 555-0117", "name", "Kim",
                        "relay", "on", "relay-number", RELAY_KIM),
                 COMMAND_DONE);
    check_number(AS_EVE(number, "agent", "kim"), COMMAND_DONE);
    check(row_says(RELAY_KIM));
    check_number(BY_OPERATOR(number_add, "number", "2025550153", "carrier", "sim", "assign-agent",
                             "kim", "name", "Kim's"),
                 COMMAND_DONE);
    phone_sends(w, CONTACT, "12025550153", "hello");
    check(phone_gets(w, KIM) != NULL);
    phone_sends(w, KIM, RELAY_KIM, with_id(conv_id_make(1), "hello too"));
    phone_shows(w, "12025550153", CONTACT, "hello too");
    /* Another agent cannot have it. */
    check_number(AS_EVE(agent_add, "agent", "lee", "mobile", "2025550118", "relay-number",
                        RELAY_KIM),
                 COMMAND_WRONG_STATE);
    /* It is in use, then it is not. */
    check_number(AS_EVE(agent_delete, "agent", "kim"), COMMAND_WRONG_STATE);
    check(strstr(got.why, "12025550153") != NULL);
    check_number(AS_EVE(number_edit, "number", "2025550153", "assign-agent", ""), COMMAND_DONE);
    check_number(AS_EVE(agent_delete, "agent", "kim"), COMMAND_WRONG_STATE);
    check(strstr(got.why, "open conversation") != NULL);
    check_number(AS_EVE(conversation_close, "id", conv_text(1)), COMMAND_DONE);
    check_number(AS_EVE(agent_delete, "agent", "kim"), COMMAND_DONE);
    check_number(AS_EVE(agent_show, "agent", "kim"), COMMAND_NOT_FOUND);
    check_number(ask_as(w, "acme/kim", &command_number, NULL), COMMAND_NOT_ALLOWED);
    check_number(AS_EVE(agent_add, "agent", "lee", "mobile", "2025550118", "relay-number",
                        RELAY_KIM),
                 COMMAND_DONE);
    world_end_test(w);
}

/* The number names the agent, and both sides are right in the other order too; a user number is
 * announced (R-proxy-14). */
static void
agents_numbers_by_the_numbers_side(void)
{
    struct world *w = world_of_people();

    check_number(AS_EVE(agent_add, "agent", "kim", "mobile", KIM), COMMAND_DONE);
    check_number(BY_OPERATOR(number_add, "number", USER_KIM, "carrier", "sim", "role", "user",
                             "agent", "kim"),
                 COMMAND_DONE);
    check(phone_gets(w, KIM) != NULL);
    check_number(AS_EVE(agent_show, "agent", "kim"), COMMAND_DONE);
    check(row_says("\"user_number\":\"" USER_KIM "\""));
    /* The same phone cannot answer for two. */
    check_number(BY_OPERATOR(number_add, "number", "2025550148", "carrier", "sim", "role", "user"),
                 COMMAND_DONE);
    check_number(AS_EVE(agent_add, "agent", "lee", "mobile", KIM, "user-number", "2025550148"),
                 COMMAND_WRONG_STATE);
    check_number(AS_EVE(number_edit, "number", USER_KIM, "agent", ""), COMMAND_DONE);
    check_number(AS_EVE(agent_show, "agent", "kim"), COMMAND_DONE);
    check(row_says("\"user_number\":null"));
    check_number(AS_EVE(agent_add, "agent", "lee", "mobile", KIM, "user-number", "2025550148"),
                 COMMAND_DONE);
    check(phone_gets(w, KIM) != NULL);
    nothing_sent(w);
    world_end_test(w);
}

static void
agents_of_the_file_are_changed_there(void)
{
    struct world *w = world_of_people();

    check_number(AS_EVE(agent_edit, "agent", "ann", "name", "Anna"), COMMAND_WRONG_STATE);
    check_number(AS_EVE(agent_delete, "agent", "ann"), COMMAND_WRONG_STATE);
    check_number(AS_EVE(group_edit, "group", "front", "name", "Face"), COMMAND_WRONG_STATE);
    check_number(AS_EVE(group_delete, "group", "front"), COMMAND_WRONG_STATE);
    check_number(AS_EVE(group_member, "group", "front", "agent", "ann", "set", "out"),
                 COMMAND_WRONG_STATE);
    check_number(AS_EVE(agent_add, "agent", "ann", "mobile", KIM), COMMAND_WRONG_STATE);
    check_number(BY_OPERATOR(number_edit, "number", BIZ, "name", "x"), COMMAND_WRONG_STATE);
    check_number(BY_OPERATOR(number_add, "number", RELAY_KIM, "carrier", "sim", "role", "relay",
                             "agent", "ann"),
                 COMMAND_WRONG_STATE);
    check_number(AS_EVE(agent_add, "agent", "k i m", "mobile", KIM), COMMAND_BAD_ARGUMENT);
    check_number(AS_EVE(agent_add, "agent", "kim", "mobile", BIZ), COMMAND_WRONG_STATE);
    check_number(AS_EVE(agent_add, "agent", "kim", "mobile", KIM, "email", "kim"),
                 COMMAND_BAD_ARGUMENT);
    check_number(AS_EVE(agent_add, "agent", "kim", "mobile", KIM, "time-zone", "a b"),
                 COMMAND_BAD_ARGUMENT);
    check_number(AS_EVE(agent_add, "agent", "kim", "mobile", KIM, "primary-admin", "on"),
                 COMMAND_BAD_ARGUMENT);
    check_number(ask_as(w, "acme/ann", &command_agent_add, "agent", "kim", "mobile", KIM, NULL),
                 COMMAND_NOT_ALLOWED);
    world_end_test(w);
}

/* What commands made survives a reload; what the file then lists is the file's. */
static void
agents_and_groups_over_a_reload(void)
{
    static const struct world_options same = {.directory = DIRECTORY};
    struct world *w = world_of_people();

    check_number(AS_EVE(agent_add, "agent", "kim", "mobile", KIM), COMMAND_DONE);
    check_number(AS_EVE(group_add, "group", "night", "name", "Night shift"), COMMAND_DONE);
    check_number(AS_EVE(group_member, "group", "night", "agent", "kim", "set", "in"),
                 COMMAND_DONE);
    check_number(AS_EVE(group_member, "group", "night", "agent", "ann", "set", "in"),
                 COMMAND_DONE);
    check_number(AS_EVE(group_member, "group", "front", "agent", "kim", "set", "in"),
                 COMMAND_DONE);
    world_reload(w, &same);
    check_number(AS_EVE(group_show, "group", "night"), COMMAND_DONE);
    check_number(got.count, 2);
    check_number(AS_EVE(agent_show, "agent", "kim"), COMMAND_DONE);
    check(row_says("\"groups\":\"front night\""));
    check(row_says("\"from\":\"command\""));
    check_number(AS_EVE(group_delete, "group", "night"), COMMAND_DONE);
    check_number(AS_EVE(agent_show, "agent", "kim"), COMMAND_DONE);
    check(row_says("\"groups\":\"front\""));
    check_number(AS_EVE(group_member, "group", "front", "agent", "kim", "set", "out"),
                 COMMAND_DONE);
    check_number(AS_EVE(group_show, "group", "front"), COMMAND_DONE);
    check_number(got.count, 2);
    world_end_test(w);
}

/* R-match-4 with admins of both kinds. */
static void
r_match_4_admins_made_by_command(void)
{
    struct world *w = world_of_people();

    check_number(ask_as(w, NULL, &command_account_show, "account", "zeta", NULL), COMMAND_DONE);
    check(row_says("\"admin\":\"zoe\""));
    check_number(AS_EVE(agent_add, "agent", "kim", "mobile", KIM, "role", "admin"), COMMAND_DONE);
    check_number(AS_EVE(account_show, "account", "acme"), COMMAND_DONE);
    check(row_says("\"admin\":\"eve\""));
    check_number(AS_EVE(agent_edit, "agent", "kim", "primary-admin", "on"), COMMAND_DONE);
    check_number(AS_EVE(account_show, "account", "acme"), COMMAND_DONE);
    check(row_says("\"admin\":\"kim\""));
    check_number(AS_EVE(agent_add, "agent", "lee", "mobile", "2025550118", "role", "admin",
                        "primary-admin", "on"),
                 COMMAND_WRONG_STATE);
    check_number(AS_EVE(agent_delete, "agent", "kim"), COMMAND_DONE);
    check_number(AS_EVE(account_show, "account", "acme"), COMMAND_DONE);
    check(row_says("\"admin\":\"eve\""));
    world_end_test(w);
}

/* A phone is the agent's and the admins' to see. */
static void
agents_phones_are_masked(void)
{
    struct world *w = world_of_people();

    check_number(ask_as(w, "acme/ann", &command_agent, NULL), COMMAND_DONE);
    check_number(got.count, 3);
    check(row_says("12025550110") && !row_says("12025550111"));
    check_number(AS_EVE(agent, "find", "ben"), COMMAND_DONE);
    check_number(got.count, 1);
    check(row_says("12025550111"));
    check_number(ask_as(w, "zeta/zoe", &command_account, NULL), COMMAND_DONE);
    check_number(got.count, 1);
    check_number(ask_as(w, NULL, &command_account, NULL), COMMAND_DONE);
    check_number(got.count, 2);
    world_end_test(w);
}

/* ---- numbers and campaigns with all their settings (R-num-1, R-num-4) */

static struct rec_number
number_record(struct world *w, const char *digits)
{
    struct addr addr = addr_of(digits);
    struct rec_number rec;
    struct key key;

    key_init(&key);
    key_addr(&key, &addr);
    check(store_says(w, TABLE_NUMBER, &rec_number_def, key_slice(&key), &rec));
    return rec;
}

#define SHOP "12025550153"

static void
r_num_1_every_setting_by_command(void)
{
    struct world *w = world_of_people();
    struct rec_number rec;

    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim", "name", "Shop",
                             "description", "On posters", "office", "back", "primary-agent", "ben",
                             "kind", "single-use", "inbox-agents", "ann,ben", "inbox-groups",
                             "front", "assign-round-robin", "back", "throughput", "3"),
                 COMMAND_DONE);
    rec = number_record(w, SHOP);
    check_number(rec.role, ROLE_BUSINESS);
    check_number(rec.office, 2);
    check_number(rec.primary_agent, 2);
    check_number(rec.kind, SINGLE_USE);
    check_number(inbox_count(rec.inboxes), 3);
    check_number(inbox_of(rec.inboxes, 2).kind, OWNER_GROUP);
    check(rec.assign_kind == OWNER_GROUP && rec.assign_id == 2 && rec.round_robin);
    check_number(rec.throughput, 3);
    /* Changed one by one; an empty text takes away. */
    check_number(AS_EVE(number_edit, "number", SHOP, "inbox-groups", "", "office", "", "kind",
                        "reusable", "assign-agent", "eve"),
                 COMMAND_DONE);
    rec = number_record(w, SHOP);
    check_number(inbox_count(rec.inboxes), 2);
    check(rec.office == 0 && rec.kind == REUSABLE && !rec.round_robin);
    check(rec.assign_kind == OWNER_AGENT && rec.assign_id == 3);
    check_number(AS_EVE(number_edit, "number", SHOP, "throughput", "9"), COMMAND_NOT_ALLOWED);
    check_number(AS_EVE(number_edit, "number", SHOP, "carrier", "sim"), COMMAND_NOT_ALLOWED);
    world_end_test(w);
}

static void
r_num_1_settings_that_do_not_fit(void)
{
    struct world *w = world_of_people();

    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "none"), COMMAND_NOT_FOUND);
    check_number(BY_OPERATOR(number_add, "number", "Shop", "carrier", "sim"),
                 COMMAND_BAD_ARGUMENT);
    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim", "role", "app"),
                 COMMAND_BAD_ARGUMENT);
    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim", "response", "bot"),
                 COMMAND_BAD_ARGUMENT);
    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim", "role", "contact",
                             "office", "front"),
                 COMMAND_BAD_ARGUMENT);
    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim", "agent", "ann"),
                 COMMAND_BAD_ARGUMENT);
    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim", "app", "zapp"),
                 COMMAND_NOT_FOUND);
    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim", "office", "none"),
                 COMMAND_NOT_FOUND);
    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim", "inbox-agents",
                             "ann,zoe"),
                 COMMAND_NOT_FOUND);
    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim", "assign-agent", "ann",
                             "assign-group", "front"),
                 COMMAND_BAD_ARGUMENT);
    check_number(BY_OPERATOR(number_add, "number", "12025550160", "carrier", "sim"),
                 COMMAND_WRONG_STATE);
    check_number(BY_OPERATOR(number_edit, "number", "12025550160", "name", "x"),
                 COMMAND_NOT_FOUND);
    /* Its role stays as long as something goes on. */
    check_number(BY_OPERATOR(number_add, "number", SHOP, "carrier", "sim"), COMMAND_DONE);
    phone_sends(w, CONTACT, SHOP, "hello");
    check_number(BY_OPERATOR(number_edit, "number", SHOP, "role", "contact"),
                 COMMAND_WRONG_STATE);
    world_end_test(w);
}

/* Only members of the number's office run campaigns on it, and start texts from it. */
static void
r_num_4_only_members_of_the_office_by_command(void)
{
    struct world *w = world_of_people();

    check_number(AS_EVE(campaign_add, "id", "spring", "number", BIZ), COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "acme/ann", &command_campaign_add, "id", "spring", "number", BIZ,
                        "office", "back", NULL),
                 COMMAND_WRONG_STATE);
    check_number(ask_as(w, "acme/ann", &command_campaign_add, "id", "spring", "number", BIZ,
                        "office", "front", "name", "Spring", "starts", "2026-02-01", "ends",
                        "2026-03-01", "archive", "2026-04-01", "inbox-agents", "ben", NULL),
                 COMMAND_DONE);
    check_number(AS_EVE(campaign_edit, "id", "spring", "name", "x"), COMMAND_NOT_ALLOWED);
    check_number(AS_EVE(campaign_start, "id", "spring"), COMMAND_NOT_ALLOWED);
    check_number(AS_EVE(campaign_end, "id", "spring"), COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "acme/ben", &command_campaign_edit, "id", "spring", "ends", "",
                        "archive", "2026-05-01", NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, "acme/ben", &command_campaign, NULL), COMMAND_DONE);
    check(row_says("\"ends\":null,\"archive\":\"2026-05-01T00:00:00Z\""));
    check_number(ask_as(w, "acme/ben", &command_campaign_edit, "id", "spring", "archive",
                        "2025-05-01", NULL),
                 COMMAND_BAD_ARGUMENT);
    check_number(ask_as(w, "acme/ben", &command_campaign_start, "id", "spring", NULL),
                 COMMAND_DONE);
    phone_sends(w, CONTACT, BIZ, "hello");
    check(phone_gets(w, "12025550111") != NULL); /* Ben's */
    check_number(ask_as(w, "acme/ann", &command_campaign_end, "id", "spring", NULL),
                 COMMAND_DONE);
    check_number(AS_EVE(contact_send, "contact", "carol", "from", BIZ, "text", "hi"),
                 COMMAND_NOT_ALLOWED);
    check_number(ask_as(w, "acme/ann", &command_contact_send, "contact", "carol", "from", BIZ,
                        "text", "hi", NULL),
                 COMMAND_DONE);
    phone_shows(w, BIZ, CONTACT, "hi");
    world_end_test(w);
}

static void
contacts_with_an_id_of_their_own(void)
{
    struct world *w = world_of_people();

    check_number(ask_as(w, "acme/ann", &command_contact_add, "id", "dora", "first", "Dora",
                        "phone", CONTACT_2, NULL),
                 COMMAND_DONE);
    check_number(ask_as(w, "acme/ann", &command_contact_add, "id", "dora", NULL),
                 COMMAND_WRONG_STATE);
    check_number(ask_as(w, "acme/ann", &command_contact_add, "id", "do ra", NULL),
                 COMMAND_BAD_ARGUMENT);
    check_number(ask_as(w, "acme/ann", &command_contact_delete, "contact", "dora", NULL),
                 COMMAND_NOT_ALLOWED);
    check_number(AS_EVE(contact_delete, "contact", "dora"), COMMAND_DONE);
    check_number(ask_as(w, "acme/ann", &command_contact_add, "id", "dora", NULL), COMMAND_DONE);
    check_number(ask_as(w, "acme/ann", &command_contact_show, "contact", "dora", NULL),
                 COMMAND_DONE);
    check(row_says("\"phones\":\"\""));
    world_end_test(w);
}

CHECK_MAIN({"agents_made_by_command", agents_made_by_command},
           {"agents_numbers_by_the_numbers_side", agents_numbers_by_the_numbers_side},
           {"agents_of_the_file_are_changed_there", agents_of_the_file_are_changed_there},
           {"agents_and_groups_over_a_reload", agents_and_groups_over_a_reload},
           {"r_match_4_admins_made_by_command", r_match_4_admins_made_by_command},
           {"agents_phones_are_masked", agents_phones_are_masked},
           {"r_num_1_every_setting_by_command", r_num_1_every_setting_by_command},
           {"r_num_1_settings_that_do_not_fit", r_num_1_settings_that_do_not_fit},
           {"r_num_4_only_members_of_the_office_by_command",
            r_num_4_only_members_of_the_office_by_command},
           {"contacts_with_an_id_of_their_own", contacts_with_an_id_of_their_own},
           {"rights_who_may", rights_who_may},
           {"rights_the_wall_between_accounts", rights_the_wall_between_accounts},
           {"rights_who_did_it", rights_who_did_it},
           {"rights_end_with_the_agent", rights_end_with_the_agent})
