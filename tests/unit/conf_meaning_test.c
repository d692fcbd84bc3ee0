/*
 * conf_meaning_test.c: what is well written and still wrong: records that contradict each other,
 * names that lead nowhere, numbers that two claim (rows Y20..Y28).
 */
#include "conf/conf.h"

#include <stdlib.h>

#include "conf/conf_int.h"
#include "tests/unit/check.h"
#include "tests/unit/conf_load.h"

static void
row_y20_duplicate_ids(void)
{
    expect(STORE "carriers:\n"
                 "  - {id: a, host: h, port: 1, system_id: t, password: x}\n"
                 "  - {id: a, host: h, port: 1, system_id: t, password: x}\n"
                 "listeners:\n  - {id: l}\n  - {id: l, port: 2776}\n  - {id: m, port: 2777}\n",
           NULL,
           "tandem.yaml:4:10: carriers[1].id: `a` is the id of another one in line 3\n"
           "tandem.yaml:7:10: listeners[1].id: `l` is the id of another one in line 6\n");
    expect(STORE "listeners:\n  - {id: l, port: 2776}\n  - {id: m, port: 2776}\n", NULL,
           "tandem.yaml:4:19: listeners[1].port: address and port are those of the listener in "
           "line 3\n");
    expect(GOOD,
           "accounts:\n"
           "  - id: a\n    name: A\n"
           "    groups: [{id: g}, {id: g}]\n"
           "    agents: [{id: x, mobile: +12025550111}, {id: x, mobile: +12025550112}]\n"
           "    apps: [{system_id: s, password: p}]\n"
           "    numbers: [{number: +12025550150, role: business, carrier: sim}]\n"
           "  - id: a\n    name: B\n"
           "    groups: [{id: g}]\n"
           "    apps: [{system_id: s, password: p}]\n"
           "    numbers: [{number: 12025550150, role: business, carrier: sim}]\n",
           "directory.yaml:4:28: accounts[0].groups[1].id: `g` is used already in line 4\n"
           "directory.yaml:5:50: accounts[0].agents[1].id: `x` is used already in line 5\n"
           "directory.yaml:8:9: accounts[1].id: `a` is used already in line 2\n"
           "directory.yaml:11:24: accounts[1].apps[0].system_id: `s` is used already in line 6\n"
           "directory.yaml:12:24: accounts[1].numbers[0].number: 12025550150 is listed already in "
           "line 7\n");
}

static void
row_y21_references(void)
{
    expect(GOOD,
           ACCOUNT "  agents: [{id: x, mobile: +12025550111, groups: [none]}]\n"
                   "  numbers:\n"
                   "  - {number: +12025550150, role: business, carrier: sin, assign_agent: y}\n"
                   "  - {number: +12025550151, role: business, carrier: sim, assign_group: z}\n"
                   "  - {number: +12025550152, role: relay, carrier: sim, agent: w}\n"
                   "  - {number: +12025550153, role: app, carrier: sim, app: v}\n",
           "directory.yaml:4:50: accounts[0].agents[0].groups: there is no `none`\n"
           "directory.yaml:6:53: accounts[0].numbers[0].carrier: there is no `sin`\n"
           "directory.yaml:6:72: accounts[0].numbers[0].assign_agent: there is no `y`\n"
           "directory.yaml:7:72: accounts[0].numbers[1].assign_group: there is no `z`\n"
           "directory.yaml:8:62: accounts[0].numbers[2].agent: there is no `w`\n"
           "directory.yaml:9:58: accounts[0].numbers[3].app: there is no `v`\n");
    /* Another account's are not there. */
    expect(
        GOOD,
        "accounts:\n- {id: a, name: A, apps: [{system_id: s, password: p}]}\n"
        "- {id: b, name: B, numbers: [{number: +12025550153, role: app, carrier: sim, app: s}]}\n",
        "directory.yaml:3:83: accounts[1].numbers[0].app: there is no `s`\n");
    expect(STORE
           "carriers: [{id: rx, host: h, port: 1, system_id: t, password: x, bind: receiver}]\n",
           ACCOUNT "  numbers: [{number: +12025550150, role: business, carrier: rx}]\n",
           "directory.yaml:4:61: accounts[0].numbers[0].carrier: `rx` only receives (bind: "
           "receiver), nothing can go out "
           "by it\n");
}

static void
numbers_and_their_roles(void)
{
    expect(
        GOOD,
        ACCOUNT "  groups: [{id: g}]\n  agents: [{id: x, mobile: +12025550111}]\n"
                "  apps: [{system_id: s, password: p}]\n"
                "  numbers:\n"
                "  - {number: +12025550150, role: business, carrier: sim, agent: x, app: s}\n"
                "  - {number: +12025550151, role: relay, carrier: sim}\n"
                "  - {number: +12025550152, role: app, carrier: sim, assign_group: g}\n"
                "  - {number: +12025550153, role: fax, carrier: sim}\n"
                "  - {number: +12025550154, role: business, carrier: sim, assign_group: g, "
                "assign_agent: x}\n",
        "directory.yaml:8:65: accounts[0].numbers[0].agent: is only for a number of role relay "
        "or user\n"
        "directory.yaml:8:73: accounts[0].numbers[0].app: is only for a number of role app, or "
        "with response: bot\n"
        "directory.yaml:9:5: accounts[0].numbers[1].agent: is required for a number of role relay\n"
        "directory.yaml:10:5: accounts[0].numbers[2].app: is required for a number of role app\n"
        "directory.yaml:10:67: accounts[0].numbers[2].assign_group: is only for a number of role "
        "business\n"
        "directory.yaml:11:34: accounts[0].numbers[3].role: `fax` is not one of business, "
        "relay, user, contact, app\n"
        "directory.yaml:12:72: accounts[0].numbers[4].assign_group: only one of assign_agent and "
        "assign_group is "
        "possible\n");
}

static void
relay_number_and_agent_agree(void)
{
    static const char good[] = ACCOUNT
        "  agents: [{id: x, mobile: +12025550111, relay_number: +12025550180, relay: true}]\n"
        "  numbers: [{number: +12025550180, role: relay, carrier: sim, agent: x}]\n";

    expect(GOOD, good, "");
    check_text(slice_str(account()->agents[0].relay_number.text), "12025550180");
    check(account()->agents[0].relay);
    expect(GOOD,
           ACCOUNT "  agents:\n  - {id: x, mobile: +12025550111}\n"
                   "  - {id: y, mobile: +12025550112, relay_number: +12025550180}\n"
                   "  - {id: z, mobile: +12025550113, relay_number: +12025550199}\n"
                   "  - {id: w, mobile: +12025550114, relay_number: +12025550150}\n"
                   "  numbers:\n  - {number: +12025550180, role: relay, carrier: sim, agent: x}\n"
                   "  - {number: +12025550150, role: business, carrier: sim}\n",
           "directory.yaml:6:49: accounts[0].agents[1].relay_number: 12025550180 is the number of "
           "agent `x` in line 10\n"
           "directory.yaml:7:49: accounts[0].agents[2].relay_number: 12025550199 is not among the "
           "numbers of the "
           "account\n"
           "directory.yaml:8:49: accounts[0].agents[3].relay_number: 12025550150 has another role "
           "in line 11 than "
           "relay\n"
           "directory.yaml:10:62: accounts[0].numbers[0].agent: agent `x` in line 5 has none as "
           "relay_number\n");
}

static void
r_proxy_1_user_number_and_agent_agree(void)
{
    expect(GOOD,
           ACCOUNT "  agents: [{id: x, mobile: +12025550111, user_number: +12025550140}]\n"
                   "  numbers:\n"
                   "  - {number: +12025550140, role: user, carrier: sim, agent: x}\n"
                   "  - {number: +12025550141, role: contact, carrier: sim}\n"
                   "  - {number: +12025550142, role: contact, carrier: sim, drain: true}\n",
           "");
    check_text(slice_str(account()->agents[0].user_number.text), "12025550140");
    check_number(account()->numbers[0].role, ROLE_USER);
    check(!account()->numbers[1].drain && account()->numbers[2].drain);
    expect(GOOD,
           ACCOUNT "  agents:\n  - {id: x, mobile: +12025550111}\n"
                   "  - {id: y, mobile: +12025550112, user_number: +12025550140}\n"
                   "  - {id: z, mobile: +12025550113, user_number: +12025550199}\n"
                   "  - {id: w, mobile: +12025550114, user_number: +12025550141}\n"
                   "  - {id: v, mobile: +12025550114, user_number: +12025550143}\n"
                   "  numbers:\n"
                   "  - {number: +12025550140, role: user, carrier: sim, agent: x}\n"
                   "  - {number: +12025550141, role: contact, carrier: sim, agent: x}\n"
                   "  - {number: +12025550142, role: user, carrier: sim}\n"
                   "  - {number: +12025550143, role: user, carrier: sim, agent: v, drain: true}\n",
           "directory.yaml:6:48: accounts[0].agents[1].user_number: 12025550140 is the number of "
           "agent `x` in line 11\n"
           "directory.yaml:7:48: accounts[0].agents[2].user_number: 12025550199 is not among the "
           "numbers of the account\n"
           "directory.yaml:8:48: accounts[0].agents[3].user_number: 12025550141 has another role "
           "in line 12 than user\n"
           "directory.yaml:9:21: accounts[0].agents[4].mobile: the agent in line 8 has the same "
           "mobile, and both have a user_number\n"
           "directory.yaml:11:61: accounts[0].numbers[0].agent: agent `x` in line 5 has none as "
           "user_number\n"
           "directory.yaml:12:64: accounts[0].numbers[1].agent: is only for a number of role relay "
           "or user\n"
           "directory.yaml:13:5: accounts[0].numbers[2].agent: is required for a number of role "
           "user\n"
           "directory.yaml:14:71: accounts[0].numbers[3].drain: is only for a number of role "
           "contact\n");
}

static void
r_proxy_5_11_15_settings_have_limits(void)
{
    expect(GOOD, ACCOUNT, "");
    check_number((long long)account()->proxy.min_idle_ms, 0);
    check_number(account()->proxy.pool_scope, POOL_OF_ACCOUNT);
    check_number((long long)account()->proxy.quarantine_ms, 24 * 3600 * 1000);
    expect(GOOD, ACCOUNT "  proxy: {min_idle: 30d, pool_scope: agent, quarantine: 0s}\n", "");
    check_number((long long)account()->proxy.min_idle_ms, 30ll * 24 * 3600 * 1000);
    check_number(account()->proxy.pool_scope, POOL_OF_AGENT);
    check_number((long long)account()->proxy.quarantine_ms, 0);
    expect_part(GOOD, ACCOUNT "  proxy: {min_idle: 31d}\n", "accounts[0].proxy.min_idle: ");
    expect_part(GOOD, ACCOUNT "  proxy: {quarantine: 31d}\n", "accounts[0].proxy.quarantine: ");
    expect_part(GOOD, ACCOUNT "  proxy: {pool_scope: gateway}\n",
                "accounts[0].proxy.pool_scope: `gateway` is not one of account, agent");
    expect_part(GOOD,
                ACCOUNT "  agents: [{id: x, mobile: +12025550111, user_number: +12025550140}]\n"
                        "  numbers: [{number: +12025550140, role: user, carrier: sim, agent: x}]\n",
                "user_number: nothing will reach the agent");
}

static void
agents_and_their_phones(void)
{
    expect(GOOD,
           ACCOUNT "  agents:\n"
                   "  - {id: x, mobile: +12025550150}\n"
                   "  - {id: y, mobile: +12025550111, relay_number: +12025550180}\n"
                   "  - {id: z, mobile: +12025550111, relay_number: +12025550180}\n"
                   "  - {id: v, mobile: 555}\n"
                   "  - {id: w, mobile: Acme}\n"
                   "  numbers:\n"
                   "  - {number: +12025550150, role: business, carrier: sim}\n"
                   "  - {number: +12025550180, role: relay, carrier: sim, agent: y}\n",
           "directory.yaml:5:21: accounts[0].agents[0].mobile: 12025550150 is a number of the "
           "gateway in line 11\n"
           "directory.yaml:7:21: accounts[0].agents[2].mobile: the agent in line 6 has the same "
           "mobile and relay "
           "number\n"
           "directory.yaml:7:49: accounts[0].agents[2].relay_number: 12025550180 is the number of "
           "agent `y` in line "
           "12\n"
           "directory.yaml:8:21: accounts[0].agents[3].mobile: needs the country code, or the "
           "account a country\n"
           "directory.yaml:9:21: accounts[0].agents[4].mobile: `Acme` is not a phone number\n");
}

static void
national_numbers_wherever_country_stands(void)
{
    expect_part(GOOD, ACCOUNT "  agents: [{id: x, mobile: (202) 555-0111}]\n  country: US\n",
                "warning: directory.yaml:5:12: accounts[0].country: US rules also count quit");
    check_text(slice_str(account()->agents[0].mobile.text), "12025550111");
}

static void
r_stop_3_warning_for_us_accounts(void)
{
    check_number(
        load(SLICE_LIT(GOOD),
             SLICE_LIT("accounts: [{id: a, name: A, country: US}, {id: b, name: B, country: "
                       "GB}]\n")),
        0);
    check(conf != NULL);
    check_text(
        slice_str(said),
        "warning: directory.yaml:1:38: accounts[0].country: US rules also count quit, end, revoke, "
        "opt out, optout, cancel, unsubscribe, stopall as an opt-out; opt_out: {presets: [us]} "
        "does so\n");
    expect(GOOD, "accounts: [{id: a, name: A, country: US, opt_out: {presets: [stop-only, us]}}]\n",
           "");
    expect(GOOD,
           "accounts: [{id: a, name: A, country: US, opt_out: {keywords: [quit, END, revoke], "
           "patterns: [\"opt ?out|(?-i)cancel|unsubscribe|stopall\"]}}]\n",
           "");
}

static void
warnings_are_no_errors(void)
{
    expect(STORE
           "listeners: [{id: a, address: 0.0.0.0}, {id: b, address: \"::1\"}, {id: c, address: "
           "192.168.1.1}]\n",
           NULL,
           "warning: tandem.yaml:2:30: listeners[0].address: passwords and texts cross a public "
           "network "
           "unencrypted\n");
    check(conf != NULL);
    expect(GOOD, ACCOUNT "  agents: [{id: x, mobile: +12025550111, relay: true}]\n",
           "warning: directory.yaml:4:49: accounts[0].agents[0].relay: nothing will be forwarded, "
           "because the agent has "
           "no relay_number\n");
}

static void
row_y23_templates(void)
{
    expect(STORE "messages:\n  notice: \"no {nam} here\"\n", NULL,
           "tandem.yaml:3:11: messages.notice: unknown placeholder {nam} at character 4; known "
           "are: {limit}\n");
    expect(STORE "messages: {cut: \"a { b\", too_long: \"a } b\", opted_out: \"{id\", forward: "
                 "\"{from}\"}\n",
           NULL,
           "tandem.yaml:2:17: messages.cut: `{` at character 3 begins no placeholder; a brace is "
           "written {{\n"
           "tandem.yaml:2:36: messages.too_long: `}` at character 3 ends no placeholder; a brace "
           "is written }}\n"
           "tandem.yaml:2:56: messages.opted_out: `{` at character 1 begins no placeholder; a "
           "brace is written {{\n"
           "tandem.yaml:2:72: messages.forward: must have the placeholder {id}\n"
           "tandem.yaml:2:72: messages.forward: must have the placeholder {text}\n");
    expect(STORE "messages: {notice: \"\", stop_confirmation: \"\", unstop_confirmation: \"\"}\n",
           NULL, "tandem.yaml:2:20: messages.notice: must not be empty\n");
    expect(STORE "messages: {notice: \"{{ok}} %s {limit}\\nline 2\"}\n", NULL, "");
    check_text(slice_str(conf->messages[MESSAGE_NOTICE]), "{{ok}} %s {limit}\nline 2");
    expect(STORE "messages: {forward: \"{id} {text} {id} {text}\"}\n", NULL, "");
    expect(STORE "messages: {forward: \"{id} {text} {text} {text}\"}\n", NULL,
           "tandem.yaml:2:21: messages.forward: has {text} 3 times, more than 2\n");
}

static void
row_y24_long_template(void)
{
    static char text[6000];

    snprintf(text, sizeof(text), STORE "messages: {notice: \"%0*d\"}\n", 459, 0);
    expect(text, NULL, "");
    snprintf(text, sizeof(text), STORE "messages: {notice: \"%0*d\"}\n", 460, 0);
    expect(text, NULL,
           "tandem.yaml:2:20: messages.notice: is too long: 460 characters with its values, 3 "
           "parts hold 459\n");
    snprintf(text, sizeof(text), STORE "messages: {notice: \"\xE2\x98\x83%0*d\"}\n", 200, 0);
    expect(text, NULL, "");
    snprintf(text, sizeof(text), STORE "messages: {notice: \"\xE2\x98\x83%0*d\"}\n", 201, 0);
    expect(text, NULL,
           "tandem.yaml:2:20: messages.notice: is too long: 202 characters with its values, 3 "
           "parts hold 201\n");
    snprintf(text, sizeof(text), STORE "messages: {notice: \"%0*d\"}\n", 5000, 0);
    expect_part(text, NULL, "messages.notice: has 5000 characters, at most 4096 are allowed\n");
    snprintf(text, sizeof(text), STORE "messages: {stop_confirmation: \"{name}%0*d\"}\n", 396, 0);
    expect_part(text, NULL, "is too long: 460 characters");
}

static void
row_y25_empty_binds(void)
{
    expect(GOOD, ACCOUNT "  apps: [{system_id: s, password: p, binds: []}]\n",
           "directory.yaml:4:45: accounts[0].apps[0].binds: is empty: the app could never bind\n");
    expect(GOOD,
           ACCOUNT "  apps: [{system_id: s, password: p, binds: [receiver, receiver, all]}]\n",
           "directory.yaml:4:56: accounts[0].apps[0].binds[1]: `receiver` stands here twice\n"
           "directory.yaml:4:66: accounts[0].apps[0].binds[2]: `all` is not one of transmitter, "
           "receiver, "
           "transceiver\n");
    expect(GOOD, ACCOUNT "  apps: [{system_id: s, password: p, binds: [receiver]}]\n", "");
    check(account()->apps[0].allow_receiver && !account()->apps[0].allow_transmitter);
    check(!account()->apps[0].allow_transceiver);
}

static void
row_y28_many_agents(void)
{
    enum { AGENTS = 100000, LINE = 256 };
    size_t cap = (size_t)AGENTS * 2 * LINE, n;
    char *text = malloc(cap);

    check(text != NULL);
    n = (size_t)snprintf(text, cap, ACCOUNT "  groups: [{id: g}]\n  agents:\n");
    for (uint32_t i = 0; i < AGENTS; i++)
        n += (size_t)snprintf(text + n, cap - n,
                              "  - {id: a%u, name: Agent %u, mobile: +1202%07u, groups: [g]}\n", i,
                              i, i);
    load(SLICE_LIT(GOOD), slice_of(text, n));
    check_text(slice_str(said), "");
    check_number(account()->agent_count, AGENTS);
    check_text(slice_str(account()->agents[AGENTS - 1].id), "a99999");
    free(text);
}

static void
every_problem_up_to_a_limit(void)
{
    static char text[20000];
    size_t n = (size_t)snprintf(text, sizeof(text), STORE "listeners:\n");

    for (uint32_t i = 0; i < 300; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "- {id: l%u, port: 0}\n", i);
    load(slice_of(text, n), SLICE_NONE);
    check(strstr(said, "tandem.yaml:3:18: listeners[0].port: ") == said);
    check(strstr(said, "more problems are not shown\n") != NULL);
    check(strstr(said, "listeners[150].port") != NULL);
}

static void
limits_of_texts(void)
{
    expect(STORE "gateway: {name: sixteencharacter}\n", NULL,
           "tandem.yaml:2:17: gateway.name: has 16 characters, at most 15 are allowed\n");
    expect(STORE "gateway: {name: fifteencharacte}\n", NULL, "");
    expect(
        STORE "carriers: [{id: s, host: h, port: 1, system_id: \"\", password: x, system_type: "
              "thirteenchars}]\n",
        NULL,
        "tandem.yaml:2:49: carriers[0].system_id: must not be empty\n"
        "tandem.yaml:2:79: carriers[0].system_type: has 13 characters, at most 12 are allowed\n");
    expect(STORE "carriers: [{id: a b, host: h, port: 1, system_id: t\xC3\xA9, password: x}]\n",
           NULL,
           "tandem.yaml:2:17: carriers[0].id: character 2 is not allowed: letters, digits, `.`, "
           "`_` and `-` only\n"
           "tandem.yaml:2:51: carriers[0].system_id: character 2 is not allowed: printable ASCII "
           "characters only\n");
    expect(GOOD, "accounts: [{id: a, name: \"a\\tb\", country: us}]\n",
           "directory.yaml:1:26: accounts[0].name: character 2 is not allowed: printable "
           "characters only\n"
           "directory.yaml:1:43: accounts[0].country: must be the two capital letters of ISO 3166, "
           "as in US\n");
}

static void
hosts_and_addresses(void)
{
    static const char *const good[] = {"smsc.example.com", "127.0.0.1", "::1",
                                       "2001:db8::1",      "a-b.c",     "x"};
    static const char *const bad[] = {"1.2.3", "256.1.1.1", "a:b:c:g", "-x",
                                      "a b",   "a/b",       "\"\"",    "127.0.0.1:2775"};
    char text[200];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(text, sizeof(text),
                 STORE "carriers: [{id: a, host: \"%s\", port: 1, system_id: t, password: x}]\n",
                 good[i]);
        expect(text, NULL, "");
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text),
                 STORE "carriers: [{id: a, host: %s, port: 1, system_id: t, password: x}]\n",
                 bad[i]);
        expect_part(text, NULL, "tandem.yaml:2:26: carriers[0].host: ");
    }
    expect_part(STORE "listeners: [{id: a, address: localhost}]\n", NULL,
                "tandem.yaml:2:30: listeners[0].address: must be an IPv4 or IPv6 address");
}

static void
waits_in_the_right_order(void)
{
    expect(STORE "carriers: [{id: a, host: h, port: 1, system_id: t, password: x, reconnect_min: "
                 "2m, refused_max: 1s}]\n"
                 "relay: {retry_max: 4s}\n",
           NULL,
           "tandem.yaml:2:12: carriers[0].reconnect_max: is shorter than reconnect_min\n"
           "tandem.yaml:2:97: carriers[0].refused_max: is shorter than refused_min\n"
           "tandem.yaml:3:20: relay.retry_max: is shorter than retry_min\n");
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
CHECK_MAIN(CASE(row_y20_duplicate_ids), CASE(row_y21_references), CASE(numbers_and_their_roles),
           CASE(r_proxy_1_user_number_and_agent_agree), CASE(r_proxy_5_11_15_settings_have_limits),
           CASE(relay_number_and_agent_agree), CASE(agents_and_their_phones),
           CASE(national_numbers_wherever_country_stands), CASE(r_stop_3_warning_for_us_accounts),
           CASE(warnings_are_no_errors), CASE(row_y23_templates), CASE(row_y24_long_template),
           CASE(row_y25_empty_binds), CASE(row_y28_many_agents), CASE(every_problem_up_to_a_limit),
           CASE(limits_of_texts), CASE(hosts_and_addresses), CASE(waits_in_the_right_order))
