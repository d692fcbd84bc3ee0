/*
 * conf_records_test.c: contacts, campaigns, admins and what numbers are for in the directory file.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_limits.h"
#include "tests/unit/check.h"
#include "tests/unit/conf_load.h"

#define PEOPLE                                                                       \
    "  groups: [{id: g}, {id: h}]\n"                                                 \
    "  agents: [{id: x, mobile: +12025550111}, {id: y, mobile: +12025550112}]\n"     \
    "  apps: [{system_id: s, password: p}]\n"
#define NUMBERS                                                                      \
    "  numbers:\n"                                                                   \
    "  - {number: +12025550150, role: business, carrier: sim, office: g}\n"          \
    "  - {number: +12025550151, role: business, carrier: sim, kind: single-use}\n"   \
    "  - {number: +12025550170, role: app, carrier: sim, app: s}\n"

static void
y21_numbers_name_their_people(void)
{
    expect(GOOD,
           ACCOUNT PEOPLE
           "  numbers:\n"
           "  - {number: +12025550150, role: business, carrier: sim, name: Sales, description: "
           "All of it, office: g, primary_agent: x, response: bot, app: s, inbox_agents: [x], "
           "inbox_groups: [g], assign_round_robin: h, kind: single-use}\n",
           "");
    check_text(slice_str(account()->numbers[0].name), "Sales");
    check_text(slice_str(account()->numbers[0].office), "g");
    check_text(slice_str(account()->numbers[0].inbox_groups[0]), "g");
    check(account()->numbers[0].round_robin && account()->numbers[0].response == RESPONSE_BOT);
    expect(GOOD,
           ACCOUNT PEOPLE
           "  numbers:\n"
           "  - {number: +12025550150, role: business, carrier: sim, office: x}\n"
           "  - {number: +12025550151, role: business, carrier: sim, primary_agent: g}\n"
           "  - {number: +12025550152, role: business, carrier: sim, inbox_agents: [g]}\n"
           "  - {number: +12025550153, role: business, carrier: sim, inbox_groups: [x]}\n"
           "  - {number: +12025550154, role: business, carrier: sim, assign_round_robin: x}\n"
           "  - {number: +12025550155, role: business, carrier: sim, response: bot}\n"
           "  - {number: +12025550156, role: business, carrier: sim, assign_agent: x, "
           "assign_round_robin: g}\n"
           "  - {number: +12025550170, role: app, carrier: sim, app: s, office: g}\n",
           "directory.yaml:8:66: accounts[0].numbers[0].office: there is no `x`\n"
           "directory.yaml:9:73: accounts[0].numbers[1].primary_agent: there is no `g`\n"
           "directory.yaml:10:72: accounts[0].numbers[2].inbox_agents: there is no `g`\n"
           "directory.yaml:11:72: accounts[0].numbers[3].inbox_groups: there is no `x`\n"
           "directory.yaml:12:78: accounts[0].numbers[4].assign_round_robin: there is no `x`\n"
           "directory.yaml:13:5: accounts[0].numbers[5].app: is required for a number with "
           "response: bot\n"
           "directory.yaml:14:95: accounts[0].numbers[6].assign_round_robin: only one of "
           "assign_agent, assign_group and assign_round_robin is possible\n"
           "directory.yaml:15:69: accounts[0].numbers[7].office: is only for a number of role "
           "business\n");
}

static void
y21_campaigns_name_what_there_is(void)
{
    expect(GOOD,
           ACCOUNT PEOPLE NUMBERS
           "  campaigns:\n"
           "  - {id: a, number: +12025550150, starts: 2027-03-01, ends: 2027-04-01T09:00+01:00, "
           "response: bot, app: s, office: g}\n"
           "  - {id: b, number: +12025550150, starts: 2027-04-01T08:00:00Z, response: agent, "
           "inbox_groups: [h], archive: 2027-05-01}\n",
           "");
    check_text(slice_str(account()->campaigns[0].name), "a");
    check(account()->campaigns[0].starts_ms == 1803859200000);
    check(account()->campaigns[0].ends_ms == account()->campaigns[1].starts_ms);
    expect(GOOD,
           ACCOUNT PEOPLE NUMBERS
           "  campaigns:\n"
           "  - {id: a, number: +12025550159, starts: 2027-03-01, response: agent}\n"
           "  - {id: a, number: +12025550170, starts: 2027-03-01, response: agent}\n"
           "  - {id: b, number: +12025550150, starts: 2027-03-01, ends: 2027-03-01, response: "
           "agent, app: s, office: h}\n"
           "  - {id: c, number: +12025550151, starts: 2027-03-01, ends: 2027-03-02, response: "
           "bot, inbox_agents: [x]}\n"
           "  - {id: d, number: +12025550151, starts: 2027-04-01, response: agent, "
           "inbox_groups: [x]}\n"
           "  - {id: e, number: +12025550150, starts: Monday, response: agent}\n",
           "directory.yaml:12:21: accounts[0].campaigns[0].number: 12025550159 is not among the "
           "numbers of the account\n"
           "directory.yaml:13:10: accounts[0].campaigns[1].id: `a` is used already in line 12\n"
           "directory.yaml:13:21: accounts[0].campaigns[1].number: 12025550170 is not of role "
           "business\n"
           "directory.yaml:14:61: accounts[0].campaigns[2].ends: is not after starts\n"
           "directory.yaml:14:95: accounts[0].campaigns[2].app: is only with response: bot\n"
           "directory.yaml:14:106: accounts[0].campaigns[2].office: 12025550150 is of office g\n"
           "directory.yaml:15:5: accounts[0].campaigns[3].app: is required: 12025550151 has none\n"
           "directory.yaml:15:102: accounts[0].campaigns[3].inbox_agents: is only with response: "
           "agent\n"
           "directory.yaml:16:21: accounts[0].campaigns[4].number: 12025550151 is single-use and "
           "leaves with campaign `c` in line 15\n"
           "directory.yaml:16:86: accounts[0].campaigns[4].inbox_groups: there is no `x`\n"
           "directory.yaml:17:43: accounts[0].campaigns[5].starts: `Monday`: write a date, or a "
           "date, a time and where that is, as in 2026-12-01 or 2026-12-01T09:00:00+01:00\n");
}

static void
r_num_4_campaigns_may_not_overlap(void)
{
    expect(GOOD,
           ACCOUNT PEOPLE NUMBERS
           "  campaigns:\n"
           "  - {id: a, number: +12025550150, starts: 2027-03-02, ends: 2027-03-03, response: "
           "agent}\n"
           "  - {id: b, number: +12025550150, starts: 2027-03-01, ends: 2027-03-02T00:00:01Z, "
           "response: agent}\n"
           "  - {id: c, number: +12025550150, starts: 2027-03-03, response: agent}\n"
           "  - {id: d, number: +12025550150, starts: 2028-03-03, response: agent}\n"
           "  - {id: e, number: +12025550151, starts: 2027-03-01, response: agent}\n",
           "directory.yaml:12:43: accounts[0].campaigns[0].starts: campaign `b` in line 13 is on "
           "12025550150 until later\n"
           "directory.yaml:15:43: accounts[0].campaigns[3].starts: campaign `c` in line 14 is on "
           "12025550150 until later\n");
}

static void
y20_contacts_and_their_phones(void)
{
    expect(GOOD,
           ACCOUNT "  contacts:\n"
                   "    create_unknown: true\n"
                   "    list:\n"
                   "    - {id: a, first: Ann, last: Li, company: Li Ltd}\n"
                   "    - id: b\n"
                   "      phones:\n"
                   "      - number: +1 202 555 0101\n"
                   "      - {number: +12025550102, selected: false}\n",
           "");
    check(account()->create_unknown && account()->contact_count == 2);
    check(account()->contacts[1].phones[0].selected && !account()->contacts[1].phones[1].selected);
    check_text(slice_str(account()->contacts[0].company), "Li Ltd");
    expect(GOOD,
           ACCOUNT "  contacts:\n"
                   "    list:\n"
                   "    - {id: a, phones: [{number: +12025550101}, {number: +1 202 555 0101}]}\n"
                   "    - {id: a}\n"
                   "    - {id: c, phones: [{number: nobody}]}\n",
           "directory.yaml:6:57: accounts[0].contacts.list[0].phones[1].number: 12025550101 stands "
           "here twice\n"
           "directory.yaml:7:12: accounts[0].contacts.list[1].id: `a` is used already in line 6\n"
           "directory.yaml:8:33: accounts[0].contacts.list[2].phones[0].number: `nobody` is not a "
           "phone number\n");
}

/* The list, whose contacts have so many phones each, all in one account. */
static void
load_contacts(uint32_t contacts, uint32_t phones, bool shared)
{
    static char text[100000];
    size_t n = (size_t)snprintf(text, sizeof(text), ACCOUNT "  contacts:\n    list:\n");

    for (uint32_t i = 0; i < contacts; i++) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "    - {id: c%u, phones: [", i);
        for (uint32_t k = 0; k < phones; k++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "{number: +1202555%04u},",
                                  shared ? k : i * phones + k);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "]}\n");
    }
    load(slice_str(GOOD), slice_of(text, n));
}

static void
phones_of_a_contact_and_contacts_of_a_phone_are_bounded(void)
{
    load_contacts(2, CONF_CONTACT_PHONES_MAX, false);
    check_text(slice_str(said), "");
    load_contacts(2, CONF_CONTACT_PHONES_MAX + 1, false);
    check(strstr(said, "has 10 items, at most 9 are allowed") != NULL);
    load_contacts(CONF_PHONE_CONTACTS_MAX, 1, true);
    check_text(slice_str(said), "");
    load_contacts(CONF_PHONE_CONTACTS_MAX + 1, 1, true);
    check(strstr(said, "list[64].phones[0].number: 12025550000 has 64 contacts already") != NULL);
}

static void
r_match_4_who_is_told(void)
{
    expect(GOOD,
           ACCOUNT "  agents:\n"
                   "  - {id: x, mobile: +12025550111, role: admin}\n"
                   "  - {id: y, mobile: +12025550112, role: admin, primary_admin: true, email: "
                   "y@a.example, time_zone: America/Argentina/San_Luis}\n",
           "");
    check_text(slice_str(account()->admin), "y");
    expect(GOOD, ACCOUNT "  agents: [{id: x, mobile: +12025550111}]\n", "");
    check_text(slice_str(account()->admin), "");
    expect_part(GOOD,
                ACCOUNT "  agents:\n"
                        "  - {id: x, mobile: +12025550111, role: admin}\n"
                        "  - {id: y, mobile: +12025550112, role: admin}\n",
                "warning: directory.yaml:5:3: accounts[0].agents: none of the 2 admins has "
                "primary_admin: `x` will be told of messages that match no contact\n");
    check_text(slice_str(account()->admin), "x");
    expect(GOOD,
           ACCOUNT "  agents:\n"
                   "  - {id: x, mobile: +12025550111, role: admin, primary_admin: true}\n"
                   "  - {id: y, mobile: +12025550112, role: admin, primary_admin: true}\n"
                   "  - {id: z, mobile: +12025550113, primary_admin: true, email: a at b, "
                   "time_zone: half past}\n",
           "directory.yaml:6:63: accounts[0].agents[1].primary_admin: agent `x` is the primary "
           "admin already\n"
           "directory.yaml:7:50: accounts[0].agents[2].primary_admin: is only for role: admin\n"
           "directory.yaml:7:50: accounts[0].agents[2].primary_admin: agent `x` is the primary "
           "admin already\n"
           "directory.yaml:7:63: accounts[0].agents[2].email: `a at b` is no e-mail address\n"
           "directory.yaml:7:82: accounts[0].agents[2].time_zone: `half past` is no name of a time "
           "zone, as in America/Chicago\n");
}

CHECK_MAIN({"y21_numbers_name_their_people", y21_numbers_name_their_people},
           {"y21_campaigns_name_what_there_is", y21_campaigns_name_what_there_is},
           {"r_num_4_campaigns_may_not_overlap", r_num_4_campaigns_may_not_overlap},
           {"y20_contacts_and_their_phones", y20_contacts_and_their_phones},
           {"phones_of_a_contact_and_contacts_of_a_phone_are_bounded",
            phones_of_a_contact_and_contacts_of_a_phone_are_bounded},
           {"r_match_4_who_is_told", r_match_4_who_is_told})
