/*
 * request_test.c: lines of the control socket: what is understood, what is refused, and that
 * nothing in them can hurt. Also the table of commands, and what is made of it.
 */
#include "gateway/request.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/ctl_complete.h"
#include "tests/unit/check.h"

static struct request request;

static enum command_result
parse_octets(struct slice line)
{
    enum command_result result;

    request_release(&request);
    result = request_parse(&request, line);
    check((result == COMMAND_DONE) == (request.why[0] == '\0'));
    check(request.id[0] != 0);
    return result;
}

static enum command_result
parse(const char *line)
{
    return parse_octets(slice_str(line));
}

static void
request_is_understood(void)
{
    check_number(parse("{\"command\": \"held\", \"args\": {\"limit\": 7}, \"id\": 12}"), 0);
    check(request.def == &command_held);
    check(strcmp(request.id, "12") == 0);
    check(!request.args[0].given && request.args[1].given);
    check_number(request.args[1].number, 7);
    check_number(parse("{\"command\": \"held resend\", \"args\": {\"renew\": true, \"id\": 1}}"),
                 COMMAND_DONE);
    check(strcmp(request.id, "null") == 0);
    check_number(request.args[1].number, 1);
    check_number(parse("{\"id\": \"\\u00e9\\\"\", \"command\": \"queue\", \"args\": {}}"), 0);
    check(strcmp(request.id, "\"\\u00E9\\\"\"") == 0);
    check_number(parse("{\"command\": \"held\", \"args\": {\"limit\": null}}"), 0);
    check(!request.args[1].given);
}

static void
request_of_an_agent(void)
{
    check_number(parse("{\"command\": \"number\", \"as\": \"acme/ann\"}"), COMMAND_DONE);
    check_text(request.as, "acme/ann");
    check_number(parse("{\"command\": \"number\", \"as\": null}"), COMMAND_BAD_ARGUMENT);
    check_number(parse("{\"command\": \"optout set\", \"as\": \"a/b\", "
                       "\"args\": {\"phone\": \"1\"}}"),
                 COMMAND_DONE);
    check_number(parse("{\"command\": \"optout set\", \"as\": \"a/b\"}"), COMMAND_BAD_ARGUMENT);
    check_number(parse("{\"command\": \"number\", \"as\": \"\"}"), COMMAND_BAD_REQUEST);
    check_number(parse("{\"command\": \"number\", \"as\": 1}"), COMMAND_BAD_REQUEST);
    check_number(parse("{\"command\": \"number\", \"as\": \"a/b c\"}"), COMMAND_BAD_REQUEST);
    check_number(parse("{\"command\": \"number\", \"as\": \"a/b\\n\"}"), COMMAND_BAD_REQUEST);
    check_number(parse("{\"command\": \"number\", \"as\": \"01234567890123456789012345678901/"
                       "01234567890123456789012345678901\"}"),
                 COMMAND_DONE);
    check_number(parse("{\"command\": \"number\", \"as\": \"01234567890123456789012345678901/"
                       "012345678901234567890123456789012\"}"),
                 COMMAND_BAD_REQUEST);
}

/* A file stands in the line, or comes along with it. */
static void
smpp_x7_files_in_and_with_requests(void)
{
    static const char octets[] = "first,phones\n";

    check_number(parse("{\"command\": \"contact import\", \"args\": {\"account\": \"acme\", "
                       "\"file\": \"first\\n\"}}"),
                 COMMAND_DONE);
    check(request.attached == NULL);
    check_text(request.args[1].text, "first\n");
    check_number(parse("{\"command\": \"contact import\", \"args\": {\"account\": \"acme\", "
                       "\"file\": true}}"),
                 COMMAND_DONE);
    check(request.attached == &request.args[1] && request.args[1].given);
    check_number(request_attach(&request, SLICE_LIT(octets)), COMMAND_DONE);
    check_text(request.args[1].text, octets);
    check_number(request_attach(&request, slice_of(octets, COMMAND_IMPORT_BYTES_MAX)),
                 COMMAND_DONE);
    check_number(request_attach(&request, slice_of(octets, COMMAND_IMPORT_BYTES_MAX + 1)),
                 COMMAND_BAD_ARGUMENT);
    check(strstr(request.why, "268435456 octets") != NULL);
    /* Others take what fits into a line. */
    check_number(parse("{\"command\": \"list upload\", \"args\": {\"account\": \"acme\", "
                       "\"list\": \"l\", \"numbers\": true}}"),
                 COMMAND_DONE);
    check_number(request_attach(&request, slice_of(octets, COMMAND_FILE_BYTES_MAX)), COMMAND_DONE);
    check_number(request_attach(&request, slice_of(octets, COMMAND_FILE_BYTES_MAX + 1)),
                 COMMAND_BAD_ARGUMENT);
    check_number(parse("{\"command\": \"list upload\", \"args\": {\"account\": \"acme\", "
                       "\"list\": true, \"numbers\": true}}"),
                 COMMAND_BAD_ARGUMENT);
    check_number(parse("{\"command\": \"list upload\", \"args\": {\"account\": \"acme\", "
                       "\"list\": \"l\", \"numbers\": false}}"),
                 COMMAND_BAD_ARGUMENT);
}

/* A zone must be there, as in the directory file. */
static void
y_time_zones_of_commands_exist(void)
{
    static const struct {
        const char *zone;
        enum command_result result;
    } rows[] = {{"America/Chicago", COMMAND_DONE},
                {"Etc/GMT+5", COMMAND_DONE},
                {"", COMMAND_DONE}, /* takes away what there was */
                {"America/Chicag", COMMAND_BAD_ARGUMENT},
                {"America", COMMAND_BAD_ARGUMENT},
                {"../zoneinfo/UTC", COMMAND_BAD_ARGUMENT},
                {"/etc/localtime", COMMAND_BAD_ARGUMENT},
                {"tzdata.zi", COMMAND_BAD_ARGUMENT},
                {"zone.tab", COMMAND_BAD_ARGUMENT},
                {"right/UTC", COMMAND_BAD_ARGUMENT},
                {"UTC\\u0000", COMMAND_BAD_REQUEST}};
    char line[300];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(line, sizeof(line),
                 "{\"command\": \"agent edit\", \"args\": {\"account\": \"acme\", "
                 "\"agent\": \"ann\", \"time-zone\": \"%s\"}}",
                 rows[i].zone);
        if (parse(line) != rows[i].result)
            puts(line);
        check_number(parse(line), rows[i].result);
    }
}

static void
smpp_x7_requests_that_are_refused(void)
{
    static const struct {
        const char *line;
        enum command_result result;
    } rows[] = {
        {"", COMMAND_BAD_REQUEST},
        {"x", COMMAND_BAD_REQUEST},
        {"[]", COMMAND_BAD_REQUEST},
        {"null", COMMAND_BAD_REQUEST},
        {"{}", COMMAND_BAD_REQUEST},
        {"{\"command\": null}", COMMAND_BAD_REQUEST},
        {"{\"command\": [\"held\"]}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\"} x", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\"", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\", \"command\": \"queue\"}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\", \"arg\": {}}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\", \"id\": 1.5}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\", \"id\": true}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\", \"id\": [1]}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\", \"id\": 99999999999999999999}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"\xff\"}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\\u0000\"}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"\\ud800\"}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"\"}", COMMAND_UNKNOWN},
        {"{\"command\": \"hel\"}", COMMAND_UNKNOWN},
        {"{\"command\": \"held \"}", COMMAND_UNKNOWN},
        {"{\"command\": \"HELD\"}", COMMAND_UNKNOWN},
        {"{\"command\": \"held\", \"args\": 1}", COMMAND_BAD_REQUEST},
        {"{\"command\": \"held\", \"args\": {\"x\": 1}}", COMMAND_BAD_ARGUMENT},
        {"{\"command\": \"queue\", \"args\": {\"limit\": 1}}", COMMAND_BAD_ARGUMENT},
        {"{\"command\": \"held\", \"args\": {\"limit\": true}}", COMMAND_BAD_ARGUMENT},
        {"{\"command\": \"held\", \"args\": {\"limit\": 1.0}}", COMMAND_BAD_ARGUMENT},
        {"{\"command\": \"held\", \"args\": {\"limit\": -1}}", COMMAND_BAD_ARGUMENT},
        {"{\"command\": \"held\", \"args\": {\"limit\": {}}}", COMMAND_BAD_ARGUMENT},
        {"{\"command\": \"held resend\", \"args\": {}}", COMMAND_BAD_ARGUMENT},
        {"{\"command\": \"held resend\", \"args\": {\"id\": null}}", COMMAND_BAD_ARGUMENT},
        {"{\"command\": \"held resend\", \"args\": {\"id\": 1, \"renew\": 1}}",
         COMMAND_BAD_ARGUMENT},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (parse(rows[i].line) != rows[i].result)
            puts(rows[i].line);
        check_number(parse(rows[i].line), rows[i].result);
    }
}

static void
smpp_x7_request_numbers_at_their_limit(void)
{
    check_number(parse("{\"command\": \"held\", \"args\": {\"limit\": 1000000}}"), COMMAND_DONE);
    check_number(parse("{\"command\": \"held\", \"args\": {\"limit\": 1000001}}"),
                 COMMAND_BAD_ARGUMENT);
    check_number(parse("{\"command\": \"held drop\", \"args\": {\"id\": 9223372036854775807}}"),
                 COMMAND_DONE);
    check_number(request.args[0].number, INT64_MAX);
    check_number(parse("{\"command\": \"held drop\", \"args\": {\"id\": 9223372036854775808}}"),
                 COMMAND_BAD_REQUEST);
}

/* What looks like brackets in a text is none. */
static void
smpp_x7_request_depth(void)
{
    static char line[ADMIN_LINE_BYTES];

    check_number(parse("{\"command\": \"held\", \"args\": {\"limit\": {\"a\": []}}}"),
                 COMMAND_BAD_ARGUMENT);
    check_number(parse("{\"command\": \"held\", \"args\": {\"limit\": {\"a\": [[]]}}}"),
                 COMMAND_BAD_REQUEST);
    check(strcmp(request.why, "nested too deep") == 0);
    check_number(parse("{\"command\": \"queue\", \"id\": \"[[[[[[\\\"{{{{{{\"}"), COMMAND_DONE);
    memset(line, '[', sizeof(line));
    check_number(parse_octets(slice_of(line, sizeof(line))), COMMAND_BAD_REQUEST);
    check(strcmp(request.why, "nested too deep") == 0);
}

static void
smpp_x7_request_id_at_its_limit(void)
{
    char line[400], id[200];

    for (size_t n = 0; n < 120; n++) {
        memset(id, 'i', n);
        id[n] = '\0';
        snprintf(line, sizeof(line), "{\"command\": \"queue\", \"id\": \"%s\"}", id);
        check_number(parse(line), n + 3 <= ADMIN_ID_BYTES ? COMMAND_DONE : COMMAND_BAD_REQUEST);
    }
}

/* ---- the table */

static void
commands_are_whole(void)
{
    for (size_t i = 0; i < commands_count; i++) {
        const struct command_def *def = commands[i];
        char usage[COMMAND_USAGE_BYTES];

        check(def->name && def->help && def->run);
        check(def->right < COMMAND_RIGHTS);
        check(command_find(slice_str(def->name)) == def);
        check(strlen(command_usage(def, usage)) < sizeof(usage) - 1);
        for (size_t k = 0; k < command_arg_count(def); k++) {
            check(def->args[k].help != NULL);
            check((def->args[k].kind == ARG_WORD) == (def->args[k].words != NULL));
            check(def->args[k].kind != ARG_FLAG || def->args[k].option);
        }
    }
    check(command_find(slice_str("hel")) == NULL);
}

/* Every command that an agent may run and that the core answers takes an account, so that the wall
 * is the same for all. */
static void
commands_of_agents_name_an_account(void)
{
    for (size_t i = 0; i < commands_count; i++) {
        const struct command_def *def = commands[i];
        bool account = false;

        check(strcmp(command_who_name(def->who), "?") != 0);
        for (size_t k = 0; k < command_arg_count(def); k++)
            account |= strcmp(def->args[k].name, "account") == 0;
        if (def->who != WHO_OPERATOR && def->where == COMMAND_IN_RELAY && !account)
            puts(def->name);
        check(def->who == WHO_OPERATOR || def->where == COMMAND_IN_IO || account);
    }
}

static void
durations_have_a_unit(void)
{
    uint64_t ms;

    check(command_duration(slice_str("90s"), &ms) && ms == 90000);
    check(command_duration(slice_str("10m"), &ms) && ms == 600000);
    check(command_duration(slice_str("2h"), &ms) && ms == 7200000);
    check(command_duration(slice_str("999999d"), &ms) && ms == 999999ull * 86400000);
    check(!command_duration(slice_str("9999999d"), &ms));
    check(!command_duration(slice_str(""), &ms) && !command_duration(slice_str("m"), &ms));
    check(!command_duration(slice_str("10"), &ms) && !command_duration(slice_str("-1m"), &ms));
    check(!command_duration(slice_str("10 m"), &ms) && !command_duration(slice_str("1x"), &ms));
}

static void
arguments_survive_the_way_to_the_core(void)
{
    static const struct command_def def = {
        .args = {{.name = "a", .kind = ARG_TEXT}, {.name = "b", .kind = ARG_NUMBER},
                 {.name = "c", .kind = ARG_TEXT}}};
    struct command_value args[COMMAND_ARGS_MAX] = {
        {.given = true, .text = slice_str("text")}, {.given = true, .number = UINT64_MAX}, {0}};
    struct command_value out[COMMAND_ARGS_MAX] = {0};
    struct command_progress progress = {.number = {1, 2, 3, 4}, .key_n = 3, .key = "key"};
    struct command_progress again;
    uint8_t packed[COMMAND_PACKED_BYTES(4)];
    size_t n = command_pack(&def, args, &progress, packed, sizeof(packed));

    command_unpack(&def, slice_of(packed, n), out, &again);
    check_text(out[0].text, "text");
    check(out[0].given && out[1].given && !out[2].given);
    check(out[1].number == UINT64_MAX);
    check_number(memcmp(&progress, &again, sizeof(again)), 0);
}

/* bash reads it, and it knows the commands. */
static void
completion_is_a_script(void)
{
    char path[] = "/tmp/completion-XXXXXX", command[200];
    int fd = mkstemp(path);
    FILE *out = fdopen(fd, "w");

    check(out != NULL && ctl_complete(out));
    fclose(out);
    snprintf(command, sizeof(command),
             "bash -c '. %s; COMP_WORDS=(tandem ctl held re); COMP_CWORD=3; _tandem_ctl;"
             " test \"${COMPREPLY[*]}\" = resend'",
             path);
    check_number(system(command), 0);
    remove(path);
}

CHECK_MAIN({"request_is_understood", request_is_understood},
           {"smpp_x7_files_in_and_with_requests", smpp_x7_files_in_and_with_requests},
           {"y_time_zones_of_commands_exist", y_time_zones_of_commands_exist},
           {"smpp_x7_requests_that_are_refused", smpp_x7_requests_that_are_refused},
           {"smpp_x7_request_numbers_at_their_limit", smpp_x7_request_numbers_at_their_limit},
           {"smpp_x7_request_depth", smpp_x7_request_depth},
           {"smpp_x7_request_id_at_its_limit", smpp_x7_request_id_at_its_limit},
           {"commands_are_whole", commands_are_whole},
           {"commands_of_agents_name_an_account", commands_of_agents_name_an_account},
           {"request_of_an_agent", request_of_an_agent},
           {"durations_have_a_unit", durations_have_a_unit},
           {"arguments_survive_the_way_to_the_core", arguments_survive_the_way_to_the_core},
           {"completion_is_a_script", completion_is_a_script})
