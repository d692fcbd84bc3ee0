/*
 * auto.c: commands about automatic replies (R-auto): list them, switch one off and on. The rules
 * themselves are in the directory file.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/auto.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/reply.h"

enum { ARG_ACCOUNT, ARG_ID, ARG_WHO };

static void
answer_clock(struct answer *answer, const char *name, uint32_t minutes)
{
    char text[] = "00:00";

    text[0] = (char)('0' + minutes / 600);
    text[1] = (char)('0' + minutes / 60 % 10);
    text[3] = (char)('0' + minutes % 60 / 10);
    text[4] = (char)('0' + minutes % 10);
    answer_word(answer, name, text);
}

static void
show(struct command *command, uint32_t account, const struct dir_auto *rule)
{
    struct answer *answer = command->answer;
    bool text = rule->words || rule->compiled;
    struct rec_auto rec;

    answer_open(answer);
    answer_word(answer, "id", rule->id);
    answer_addr(answer, "number", &rule->number);
    answer_word(answer, "kind", text ? "text" : "time");
    answer_word(answer, "state",
                auto_is_on(command->step, account, rule, &rec) ? "on" : "off");
    answer_time(answer, "since", rec.at_ms);
    answer_text(answer, "who", rec.by);
    if (text || !rule->zone) {
        answer_none(answer, "from");
        answer_none(answer, "to");
        answer_none(answer, "zone");
    } else {
        answer_clock(answer, "from", rule->from_min);
        answer_clock(answer, "to", rule->to_min);
        answer_word(answer, "zone", rule->time_zone);
    }
    answer_text(answer, "text", slice_str(rule->text));
    answer_close(answer);
}

/* progress: how many were shown. A reload in between may show some twice, or leave some out. */
static enum command_result
list(struct command *command)
{
    uint32_t account = record_account(command);
    const struct dir_account *dir;
    uint64_t *n = &command->progress->number[0];

    if (account == 0)
        return COMMAND_NOT_FOUND;
    dir = account_of(command->step->relay, account)->dir;
    while (dir && *n < dir->auto_reply_count) {
        show(command, account, &dir->auto_replies[(*n)++]);
        if (command->answer->rows == COMMAND_ANSWERS_MAX)
            return COMMAND_MORE;
    }
    return COMMAND_DONE;
}

const struct command_def command_auto = {
    .name = "auto",
    .help = "list the automatic replies of an account, and which are on",
    .right = COMMAND_LOOKS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {ARG_ACCOUNT_DEF},
};

static enum command_result
turn(struct command *command, bool on)
{
    const struct command_value *args = command->args;
    uint32_t account = record_account(command);
    const struct dir_account *dir;
    struct line line = {.n = 0};

    if (account == 0)
        return COMMAND_NOT_FOUND;
    dir = account_of(command->step->relay, account)->dir;
    for (uint32_t i = 0; dir && i < dir->auto_reply_count; i++) {
        const struct dir_auto *rule = &dir->auto_replies[i];
        struct rec_auto rec = {.on = on,
                               .file_on = rule->on,
                               .at_ms = command->step->now_ms,
                               .by = args[ARG_WHO].text};

        if (!slice_eq(slice_str(rule->id), args[ARG_ID].text))
            continue;
        auto_set(command->step, account, rule, &rec);
        line_text(&line, "automatic reply switched");
        line_number(&line, "account", account);
        line_key(&line, "id", rule->id);
        line_key(&line, "state", on ? "on" : "off");
        line_log(command->step, LOG_LEVEL_INFO, &line);
        return COMMAND_DONE;
    }
    return refuse(command, COMMAND_NOT_FOUND, "there is no such automatic reply");
}

static enum command_result
turn_on(struct command *command)
{
    return turn(command, true);
}

static enum command_result
turn_off(struct command *command)
{
    return turn(command, false);
}

#define ARGS                                                                                       \
    {[ARG_ACCOUNT] = ARG_ACCOUNT_DEF,                                                              \
     [ARG_ID] = {.name = "id", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,       \
                 .help = "of the rule, as auto lists it"},                                         \
     [ARG_WHO] = {.name = "who", .kind = ARG_TEXT, .option = true, .max = 64,                      \
                  .help = "who wants it: shown by auto"}}

const struct command_def command_auto_on = {
    .name = "auto on",
    .help = "switch an automatic reply on, until `on` changes in the directory file",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = turn_on,
    .args = ARGS,
};

const struct command_def command_auto_off = {
    .name = "auto off",
    .help = "switch an automatic reply off, until `on` changes in the directory file",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = turn_off,
    .args = ARGS,
};
