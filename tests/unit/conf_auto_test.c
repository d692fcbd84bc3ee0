/*
 * conf_auto_test.c: what opts out and in, and automatic replies, as the directory file says them
 * (R-stop-3, R-stop-4, R-auto-1, R-auto-2; rows Y20 to Y24), and the patterns themselves.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_int.h"
#include "conf/conf_pattern.h"
#include "conf/zone.h"
#include "tests/unit/check.h"
#include "tests/unit/conf_load.h"

#define NUMBERS                                                                                    \
    "  groups: [{id: g}]\n  agents: [{id: x, mobile: +12025550111}]\n"                           \
    "  apps: [{system_id: s, password: p}]\n"                                                    \
    "  numbers:\n  - {number: +12025550150, role: business, carrier: sim}\n"                     \
    "  - {number: +12025550170, role: app, app: s, carrier: sim}\n"

static struct conf_arena arena;

/* --- patterns --- */

static bool
found(const char *pattern, enum pattern_extent extent, const char *text)
{
    char why[PATTERN_WHY_BYTES];
    const struct conf_pattern *p =
        conf_pattern_compile(&arena, slice_str(pattern), extent, why);

    check(p != NULL);
    return conf_pattern_match(p, slice_str(text));
}

static void
pattern_extent_and_case(void)
{
    check(found("hours?", PATTERN_ANYWHERE, "What are your HOURS?"));
    check(!found("hours?", PATTERN_WHOLE, "What are your hours?"));
    check(found("hours?", PATTERN_WHOLE, "Hour"));
    check(found("(?-i)Hour", PATTERN_ANYWHERE, "Hour") &&
          !found("(?-i)Hour", PATTERN_ANYWHERE, "hour"));
    check(found("\xC3\xA4pfel", PATTERN_WHOLE, "\xC3\x84PFEL"));
    check(found("^$", PATTERN_WHOLE, ""));
    conf_arena_clear(&arena);
}

/* A pattern that would take years ends, and what it cannot decide does not match. */
static void
pattern_that_runs_away_ends(void)
{
    char text[PATTERN_TEXT_BYTES_MAX + 2];
    bool at_limit;

    memset(text, 'a', sizeof(text));
    text[64] = '!';
    text[65] = '\0';
    check(!found("^(a+)+$", PATTERN_ANYWHERE, text));
    check(!found("(\\w|a|[a-z])+?\\d", PATTERN_WHOLE, text));
    memset(text, 'a', sizeof(text));
    text[PATTERN_TEXT_BYTES_MAX] = '\0';
    at_limit = found("a+", PATTERN_ANYWHERE, text);
    text[PATTERN_TEXT_BYTES_MAX] = 'a';
    text[PATTERN_TEXT_BYTES_MAX + 1] = '\0';
    check(at_limit && !found("a+", PATTERN_ANYWHERE, text));
    conf_arena_clear(&arena);
}

static void
pattern_of_octets_that_are_no_text(void)
{
    check(!found(".*", PATTERN_ANYWHERE, "\xFF\xFE"));
    conf_arena_clear(&arena);
}

static void
keywords_are_literal(void)
{
    static const char *const words[] = {"opt out", "c++", "arr\xC3\xAAt", "a.b", NULL};
    const char *const *lists[] = {words, NULL};
    const struct conf_pattern *p = conf_keywords_compile(&arena, lists);

    check(conf_pattern_match(p, SLICE_LIT("OPT  out")) && conf_pattern_match(p, SLICE_LIT("C++")));
    check(conf_pattern_match(p, SLICE_LIT("opt\xC2\xA0out")));
    check(conf_pattern_match(p, SLICE_LIT("ARR\xC3\x8AT")));
    check(!conf_pattern_match(p, SLICE_LIT("axb")) && conf_pattern_match(p, SLICE_LIT("A.B")));
    check(!conf_pattern_match(p, SLICE_LIT("optout")) && !conf_pattern_match(p, SLICE_LIT("")));
    check(!conf_pattern_match(p, SLICE_LIT("opt out now")));
    conf_arena_clear(&arena);
}

static void
r_stop_3_what_is_nearly_a_keyword(void)
{
    static const char *const words[] = {"stop", "opt out", NULL};
    static const char *const nearly[] = {"stop please", "please stop", "S T O P", "s-t-o-p",
                                         "STOP texting me", "pls opt out", "stop, stop",
                                         "don't stop", "would you please stop"};
    static const char *const other[] = {"stop", "opt out", "STOPPED", "I can stop by at noon",
                                        "the bus stop is at the corner", "nonstop", "",
                                        "stop at the second corner then", "hello"};
    const char *const *lists[] = {words, NULL};
    const struct conf_pattern *p = conf_nearly_compile(&arena, lists);

    for (size_t i = 0; i < sizeof(nearly) / sizeof(nearly[0]); i++) {
        if (!conf_pattern_match(p, slice_str(nearly[i])))
            printf("    %s\n", nearly[i]);
        check(conf_pattern_match(p, slice_str(nearly[i])));
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        if (conf_pattern_match(p, slice_str(other[i])))
            printf("    %s\n", other[i]);
        check(!conf_pattern_match(p, slice_str(other[i])));
    }
    conf_arena_clear(&arena);
}

/* --- opt_out and opt_in --- */

static bool
opts_out(const char *text)
{
    bool out = conf_pattern_match(account()->opt_out.words, slice_str(text));

    for (uint32_t i = 0; i < account()->opt_out.pattern_count; i++)
        out = out || conf_pattern_match(account()->opt_out.compiled[i], slice_str(text));
    return out;
}

static void
r_stop_3_presets_keywords_and_patterns(void)
{
    expect(GOOD, ACCOUNT, "");
    check(opts_out("stop") && !opts_out("quit") && !opts_out("arret"));
    check(conf_pattern_match(account()->opt_in.words, SLICE_LIT("Unstop")));
    check(!conf_pattern_match(account()->opt_in.words, SLICE_LIT("start")));
    expect(GOOD,
           ACCOUNT "  opt_out: {presets: [us, fr], keywords: [basta], patterns: [\"no more .*\"]}\n"
                   "  opt_in: {mode: manual, keywords: [start]}\n",
           "");
    check(opts_out("stop") && opts_out("REVOKE") && opts_out("optout") && opts_out("arret"));
    check(opts_out("Basta") && opts_out("no more texts") && !opts_out("any more texts"));
    check(conf_pattern_match(account()->opt_in.words, SLICE_LIT("START")));
    check(conf_pattern_match(account()->opt_in.words, SLICE_LIT("unstop")));
    check_number(account()->opt_in.mode, OPT_IN_MANUAL);
}

static void
y23_y08_wrong_opt_outs(void)
{
    expect(GOOD, ACCOUNT "  opt_out: {presets: [usa], keywords: [\" stop\", \"x!\", \"\"]}\n",
           "directory.yaml:4:23: accounts[0].opt_out.presets[0]: `usa` is not one of stop-only, "
           "us, ca, gb, fr, de, es\n"
           "directory.yaml:4:40: accounts[0].opt_out.keywords[0]: begins or ends with a blank or a "
           "mark, which do not count in a text\n"
           "directory.yaml:4:49: accounts[0].opt_out.keywords[1]: begins or ends with a blank or a "
           "mark, which do not count in a text\n"
           "directory.yaml:4:55: accounts[0].opt_out.keywords[2]: must not be empty\n");
    expect(GOOD, ACCOUNT "  opt_out: {patterns: [\"stop(\", \"a[\"]}\n",
           "directory.yaml:4:24: accounts[0].opt_out.patterns[0]: is no regular expression: "
           "missing "
           "closing parenthesis at octet 6\n"
           "directory.yaml:4:33: accounts[0].opt_out.patterns[1]: is no regular expression: "
           "missing "
           "terminating ] for character class at octet 3\n");
    expect(GOOD, ACCOUNT "  opt_out: {keywords: [a, a]}\n",
           "directory.yaml:4:27: accounts[0].opt_out.keywords[1]: `a` stands here twice\n");
}

static void
r_stop_4_words_that_say_both(void)
{
    expect(GOOD,
           ACCOUNT "  opt_out: {keywords: [Unstop, start], patterns: [\".*stop\"]}\n"
                   "  opt_in: {keywords: [start, STOP]}\n",
           "directory.yaml:4:24: accounts[0].opt_out.keywords[0]: `Unstop` is reserved: it opts "
           "in\n"
           "directory.yaml:4:51: accounts[0].opt_out.patterns[0]: matches `unstop`, which is "
           "reserved: it opts in\n"
           "directory.yaml:5:23: accounts[0].opt_in.keywords[0]: `start` opts out already\n"
           "directory.yaml:5:30: accounts[0].opt_in.keywords[1]: `STOP` opts out already\n");
}

static void
keywords_at_their_limits(void)
{
    char text[20000], word[100];
    size_t n = (size_t)snprintf(text, sizeof(text), ACCOUNT "  opt_out:\n    keywords:\n");

    memset(word, 'w', sizeof(word));
    for (int i = 0; i < 64; i++) /* 32 characters of two octets would do as well */
        n += (size_t)snprintf(text + n, sizeof(text) - n, "    - %.*s%02d\n", 30, word, i);
    expect(GOOD, text, "");
    check_number(account()->opt_out.keyword_count, 64);
    snprintf(text + n, sizeof(text) - n, "    - one more\n");
    expect_part(GOOD, text, "keywords: has 65 items, at most 64 are allowed");
    snprintf(text, sizeof(text), ACCOUNT "  opt_out: {keywords: [%.33s]}\n", word);
    expect_part(GOOD, text, "has 33 characters, at most 32 are allowed");
}

/* --- auto_replies --- */

static void
r_auto_1_times(void)
{
    expect(GOOD,
           ACCOUNT NUMBERS "  auto_replies:\n"
                           "  - {id: a, text: \"{name} is closed\", days: [fri, mon], from: 18:00, "
                           "to: 08:30, time_zone: Europe/London, once: true}\n"
                           "  - {id: b, text: hi, number: +12025550150, on: false}\n",
           "");
    check_number(account()->auto_replies[0].day_mask, 0x11);
    check_number(account()->auto_replies[0].from_min, 18 * 60);
    check_number(account()->auto_replies[0].to_min, 8 * 60 + 30);
    check(account()->auto_replies[0].once && account()->auto_replies[0].on);
    check_text(slice_str(account()->auto_replies[0].zone->name), "Europe/London");
    check(!account()->auto_replies[1].on && !account()->auto_replies[1].zone);
    check_number(account()->auto_replies[1].from_min, 0);
    check_number(account()->auto_replies[1].to_min, 1440);
    check_number(account()->auto_replies[1].day_mask, 0x7F);
    check(account()->autos[0] == &account()->auto_replies[0]);
    check(account()->autos[1] == &account()->auto_replies[1]);
}

static void
y21_wrong_times(void)
{
    expect(GOOD,
           ACCOUNT "  auto_replies:\n"
                   "  - {id: a, text: x, from: 8:00, time_zone: Europe/Londn}\n"
                   "  - {id: b, text: x, to: 24:01, time_zone: ../../etc/passwd}\n"
                   "  - {id: c, text: x, days: [], to: 12:60, time_zone: UTC}\n"
                   "  - {id: d, text: x, days: [mon, monday, mon]}\n"
                   "  - {id: e, text: x, from: 24:00, time_zone: right/UTC}\n",
           "directory.yaml:5:28: accounts[0].auto_replies[0].from: `8:00`: write hours and minutes "
           "from 00:00 to 24:00\n"
           "directory.yaml:5:45: accounts[0].auto_replies[0].time_zone: `Europe/Londn` is no time "
           "zone, did you mean `Europe/London`?\n"
           "directory.yaml:6:26: accounts[0].auto_replies[1].to: `24:01`: write hours and minutes "
           "from 00:00 to 24:00\n"
           "directory.yaml:6:44: accounts[0].auto_replies[1].time_zone: `../../etc/passwd` is no "
           "time zone\n"
           "directory.yaml:7:28: accounts[0].auto_replies[2].days: is empty: it would never "
           "answer\n"
           "directory.yaml:7:36: accounts[0].auto_replies[2].to: `12:60`: write hours and minutes "
           "from 00:00 to 24:00\n"
           "directory.yaml:8:5: accounts[0].auto_replies[3]: needs a time_zone for its time\n"
           "directory.yaml:8:34: accounts[0].auto_replies[3].days[1]: `monday` is not one of mon, "
           "tue, wed, thu, fri, sat, sun\n"
           "directory.yaml:8:42: accounts[0].auto_replies[3].days[2]: `mon` stands here twice\n"
           "directory.yaml:9:28: accounts[0].auto_replies[4].from: begins where the day ends; "
           "write 00:00\n"
           "directory.yaml:9:46: accounts[0].auto_replies[4].time_zone: `right/UTC` is no time "
           "zone\n");
}

static void
r_auto_2_each_kind_has_its_keys(void)
{
    expect(GOOD,
           ACCOUNT NUMBERS
           "  auto_replies:\n"
           "  - {id: a, text: x, keywords: [k], once: true, time_zone: UTC}\n"
           "  - {id: b, text: x, opt_out: true, assign_agent: x}\n"
           "  - {id: c, text: x, pattern: k, assign_agent: x, assign_group: g}\n"
           "  - {id: d, text: x, pattern: k, join_list: news}\n",
           "directory.yaml:11:43: accounts[0].auto_replies[0].once: is only for a rule "
           "without keywords and pattern\n"
           "directory.yaml:11:60: accounts[0].auto_replies[0].time_zone: is only for a rule "
           "without keywords and pattern\n"
           "directory.yaml:12:31: accounts[0].auto_replies[1].opt_out: is only for a rule "
           "with keywords or a pattern\n"
           "directory.yaml:12:51: accounts[0].auto_replies[1].assign_agent: is only for a "
           "rule with keywords or a pattern\n"
           "directory.yaml:13:65: accounts[0].auto_replies[2].assign_group: only one of "
           "assign_agent and assign_group is possible\n"
           "warning: directory.yaml:14:45: accounts[0].auto_replies[3].join_list: there is no "
           "list `news` in this file: a command must make it\n");
}

static void
y20_y21_what_rules_name(void)
{
    expect(GOOD,
           ACCOUNT NUMBERS
           "  auto_replies:\n"
           "  - {id: a, text: x, keywords: [k], assign_agent: nobody}\n"
           "  - {id: a, text: x, keywords: [k], assign_group: h, number: +12025550199}\n"
           "  - {id: c, text: x, number: +12025550170}\n",
           "directory.yaml:11:51: accounts[0].auto_replies[0].assign_agent: there is no "
           "`nobody`\n"
           "directory.yaml:12:10: accounts[0].auto_replies[1].id: `a` is used already in "
           "line 11\n"
           "directory.yaml:12:51: accounts[0].auto_replies[1].assign_group: there is no "
           "`h`\n"
           "directory.yaml:12:62: accounts[0].auto_replies[1].number: 12025550199 is not "
           "among the numbers of the account\n"
           "directory.yaml:13:30: accounts[0].auto_replies[2].number: 12025550170 has "
           "another role in line 9 than business\n");
}

static void
r_stop_4_auto_replies_leave_reserved_words_alone(void)
{
    expect(GOOD,
           ACCOUNT "  opt_out: {keywords: [basta]}\n"
                   "  opt_in: {keywords: [start]}\n"
                   "  auto_replies:\n"
                   "  - {id: a, text: x, keywords: [hi, Stop]}\n"
                   "  - {id: b, text: x, pattern: \"st\"}\n"
                   "  - {id: c, text: x, pattern: \"^(?-i)UNSTOP$\"}\n"
                   "  - {id: d, text: x, keywords: [BASTA]}\n"
                   "  - {id: e, text: x, pattern: \"^start\"}\n"
                   "  - {id: f, text: x, pattern: \"^info\", keywords: [restart]}\n",
           "directory.yaml:7:32: accounts[0].auto_replies[0].keywords: `stop` is reserved "
           "for opting out and in\n"
           "directory.yaml:8:31: accounts[0].auto_replies[1].pattern: matches `stop`, which "
           "is reserved for opting out and in\n"
           "directory.yaml:9:31: accounts[0].auto_replies[2].pattern: matches `unstop`, "
           "which is reserved for opting out and in\n"
           "directory.yaml:10:32: accounts[0].auto_replies[3].keywords: `basta` is reserved "
           "for opting out and in\n"
           "directory.yaml:11:31: accounts[0].auto_replies[4].pattern: matches `start`, "
           "which is reserved for opting out and in\n");
}

static void
y23_wrong_patterns_and_templates(void)
{
    expect(GOOD,
           ACCOUNT "  auto_replies:\n"
                   "  - {id: a, text: \"hello {nam}\", pattern: \"(k\"}\n"
                   "  - {id: b, text: \"{\"}\n"
                   "  - {id: c, text: \"\", pattern: \"\\\\C\"}\n",
           "directory.yaml:5:19: accounts[0].auto_replies[0].text: unknown placeholder "
           "{nam} at character 7; known are: {name}\n"
           "directory.yaml:5:43: accounts[0].auto_replies[0].pattern: is no regular "
           "expression: missing closing parenthesis at octet 3\n"
           "directory.yaml:6:19: accounts[0].auto_replies[1].text: `{` at character 1 "
           "begins no placeholder; a brace is written {{\n"
           "directory.yaml:7:19: accounts[0].auto_replies[2].text: must not be empty\n"
           "directory.yaml:7:32: accounts[0].auto_replies[2].pattern: is no regular "
           "expression: using \\C is disabled by the application at octet 3\n");
}

static void
y24_too_long_for_the_account(void)
{
    static char text[9000], body[6000];

    memset(body, 'x', sizeof(body));
    snprintf(text, sizeof(text), ACCOUNT "  auto_replies: [{id: a, text: %.459s}]\n", body);
    expect(GOOD, text, "");
    snprintf(text, sizeof(text), ACCOUNT "  auto_replies: [{id: a, text: %.460s}]\n", body);
    expect(GOOD, text,
           "directory.yaml:4:32: accounts[0].auto_replies[0].text: is too long: 460 characters "
           "with "
           "its values, 3 parts hold 459\n");
    snprintf(text, sizeof(text),
             ACCOUNT
             "  max_parts: 1\n  auto_replies: [{id: a, text: \"\xC5\x82%.5000s\"}]\n", body);
    expect_part(GOOD, text, "is too long: 5001 characters with its values, 1 part holds 70");
    snprintf(text, sizeof(text),
             ACCOUNT "  max_parts: 33\n  auto_replies: [{id: a, text: %.5000s}]\n", body);
    expect(GOOD, text, "");
}

static void
rules_of_a_number_at_their_limit(void)
{
    static char text[20000];
    size_t n = (size_t)snprintf(text, sizeof(text), ACCOUNT NUMBERS "  auto_replies:\n");

    for (int i = 0; i < 64; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              "  - {id: a%d, text: x}\n"
                              "  - {id: b%d, text: x, number: +12025550150}\n",
                              i, i);
    expect(GOOD, text, "");
    snprintf(text + n, sizeof(text) - n, "  - {id: c, text: x, number: +12025550150}\n");
    expect_part(GOOD, text, "has more than 64 rules of number 12025550150");
    snprintf(text + n, sizeof(text) - n, "  - {id: c, text: x}\n");
    expect_part(GOOD, text, "has more than 64 rules without a number");
}

#define CASE(name) {#name, name}
CHECK_MAIN(CASE(pattern_extent_and_case), CASE(pattern_that_runs_away_ends),
           CASE(pattern_of_octets_that_are_no_text), CASE(keywords_are_literal),
           CASE(r_stop_3_what_is_nearly_a_keyword), CASE(r_stop_3_presets_keywords_and_patterns),
           CASE(y23_y08_wrong_opt_outs), CASE(r_stop_4_words_that_say_both),
           CASE(keywords_at_their_limits), CASE(r_auto_1_times), CASE(y21_wrong_times),
           CASE(r_auto_2_each_kind_has_its_keys), CASE(y20_y21_what_rules_name),
           CASE(r_stop_4_auto_replies_leave_reserved_words_alone),
           CASE(y23_wrong_patterns_and_templates), CASE(y24_too_long_for_the_account),
           CASE(rules_of_a_number_at_their_limit))
