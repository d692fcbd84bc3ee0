/*
 * relay_people_test.c: who may do what: requests of agents and admins, and the wall between
 * accounts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
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

CHECK_MAIN({"rights_who_may", rights_who_may},
           {"rights_the_wall_between_accounts", rights_the_wall_between_accounts},
           {"rights_who_did_it", rights_who_did_it},
           {"rights_end_with_the_agent", rights_end_with_the_agent})
