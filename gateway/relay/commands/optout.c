/*
 * optout.c: commands about opt-outs (R-stop-7): who is out, what changed when and by whom, and
 * setting and lifting the flag by hand. Many at a time: optout_import.c.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/reply.h"
#include "gateway/relay/stop.h"

#define LIMIT_DEFAULT 1000u

#define ARG_PHONE_DEF                                                                              \
    {.name = "phone", .kind = ARG_TEXT, .required = true, .max = 40, .help = "the phone"}
#define ARG_WHO_DEF                                                                                \
    {.name = "who", .kind = ARG_TEXT, .required = true, .option = true,                            \
     .max = OPTOUT_WHO_BYTES_MAX, .help = "who wants it: kept with the change"}
#define ARG_WHY_DEF                                                                                \
    {.name = "why", .kind = ARG_TEXT, .option = true, .max = OPTOUT_WHY_BYTES_MAX,                 \
     .help = "and why"}

/* ---- looking */

static void
show(struct answer *answer, const struct addr *phone, const struct rec_optout *rec)
{
    answer_open(answer);
    answer_addr(answer, "phone", phone);
    answer_word(answer, "state", rec->out ? "out" : "in");
    answer_time(answer, "at", rec->at_ms);
    answer_word(answer, "by", optout_by_name(rec->by_kind));
    answer_text(answer, "who", rec->by);
    answer_text(answer, "why", rec->why);
    answer_addr(answer, "number", &rec->by_number);
    answer_text(answer, "text", rec->text);
    answer_time(answer, "wish", rec->wish_ms);
    answer_number(answer, "changes", rec->changes);
    answer_close(answer);
}

enum { LIST_ACCOUNT, LIST_WISHES, LIST_ALL, LIST_AFTER, LIST_LIMIT };

static void
list_row(struct command *command, uint32_t account, struct slice key)
{
    const struct command_value *args = command->args;
    struct rec_optout rec;
    struct addr phone;

    if (!key_take_addr(&key, &phone) || !stop_get(command->step, account, &phone, &rec) ||
        (!rec.out && !args[LIST_ALL].number) || (args[LIST_WISHES].number && rec.wish_ms == 0))
        return;
    show(command->answer, &phone, &rec);
    command->progress->number[0]++;
}

/* progress: how many were shown; the key is the last row looked at. */
static enum command_result
list(struct command *command)
{
    const struct command_value *args = command->args;
    uint64_t limit = args[LIST_LIMIT].given ? args[LIST_LIMIT].number : LIMIT_DEFAULT;
    struct command_progress *progress = command->progress;
    uint32_t account = record_account(command);
    struct slice key;

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (progress->key_n == 0 && args[LIST_AFTER].given) {
        struct addr after;
        struct key from;

        if (!record_phone(command, account, args[LIST_AFTER].text, &after))
            return COMMAND_BAD_ARGUMENT;
        key_init(&from);
        key_u32(&from, account);
        key_addr(&from, &after);
        key_u8(&from, 0);
        memcpy(progress->key, from.b, from.n);
        progress->key_n = from.n;
    }
    for (uint32_t rows = 0; rows < COMMAND_ROWS_MAX; rows++) {
        if (progress->number[0] >= limit || !record_next(command, TABLE_OPTOUT, account, &key))
            return COMMAND_DONE;
        list_row(command, account, key);
        if (command->answer->rows == COMMAND_ANSWERS_MAX)
            break;
    }
    return COMMAND_MORE;
}

const struct command_def command_optout = {
    .name = "optout",
    .help = "list phones that opted out of an account",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {[LIST_ACCOUNT] = ARG_ACCOUNT_DEF,
             [LIST_WISHES] = {.name = "wishes", .kind = ARG_FLAG, .option = true,
                              .help = "only those that want in again"},
             [LIST_ALL] = {.name = "all", .kind = ARG_FLAG, .option = true,
                           .help = "also those that opted in again"},
             [LIST_AFTER] = {.name = "after", .kind = ARG_TEXT, .option = true, .max = 40,
                             .help = "only those behind this phone"},
             [LIST_LIMIT] = {.name = "limit", .kind = ARG_NUMBER, .option = true, .max = 10000000,
                             .help = "so many at most (1000)"}},
};

enum { EXPORT_ALL = 1 };

static void
export_row(struct command *command, uint32_t account, struct slice key)
{
    struct rec_optout rec;
    struct addr phone;

    if (key_take_addr(&key, &phone) && stop_get(command->step, account, &phone, &rec) &&
        (rec.out || command->args[EXPORT_ALL].number))
        show(command->answer, &phone, &rec);
}

static enum command_result
export(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_OPTOUT, account, export_row) : COMMAND_NOT_FOUND;
}

const struct command_def command_optout_export = {
    .name = "optout export",
    .help = "write out every phone that opted out of an account",
    .right = COMMAND_REVEALS,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = export,
    .args = {ARG_ACCOUNT_DEF,
             [EXPORT_ALL] = {.name = "all", .kind = ARG_FLAG, .option = true,
                             .help = "also those that opted in again"}},
};

enum { ONE_ACCOUNT, ONE_PHONE, ONE_WHO, ONE_WHY };

/* progress: how many changes were shown. */
static enum command_result
history(struct command *command)
{
    uint32_t account = record_account(command);
    uint64_t *n = &command->progress->number[0];
    struct rec_optout rec;
    struct addr phone;

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (!record_phone(command, account, command->args[ONE_PHONE].text, &phone))
        return COMMAND_BAD_ARGUMENT;
    if (!stop_get(command->step, account, &phone, &rec))
        return refuse(command, COMMAND_NOT_FOUND, "this phone never opted out");
    for (uint32_t changes = rec.changes; *n < changes;) {
        ++*n;
        if (stop_history(command->step, account, &phone, (uint32_t)*n, &rec))
            show(command->answer, &phone, &rec);
        if (command->answer->rows == COMMAND_ANSWERS_MAX)
            return COMMAND_MORE;
    }
    return COMMAND_DONE;
}

const struct command_def command_optout_show = {
    .name = "optout show",
    .help = "list every change of one phone's opt-out, with who or what made it",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = history,
    .args = {ARG_ACCOUNT_DEF, ARG_PHONE_DEF},
};

/* ---- changing */

bool
optout_by_hand(struct command *command, const struct stop_order *order)
{
    struct line line = {.n = 0};

    if (!stop_change(command->step, order))
        return false;
    line_text(&line, "opt-out changed by hand");
    line_number(&line, "account", order->account);
    line_addr(&line, "phone", &order->phone);
    line_key(&line, "state", order->out ? "out" : "in");
    line_log(command->step, LOG_LEVEL_INFO, &line);
    return true;
}

static enum command_result
change_one(struct command *command, bool out)
{
    struct stop_order order = {.account = record_account(command),
                               .out = out,
                               .by_kind = OPTOUT_BY_PERSON,
                               .by = command->args[ONE_WHO].text,
                               .why = command->args[ONE_WHY].text};

    if (order.account == 0)
        return COMMAND_NOT_FOUND;
    if (!record_phone(command, order.account, command->args[ONE_PHONE].text, &order.phone))
        return COMMAND_BAD_ARGUMENT;
    if (command->args[ONE_WHO].text.n == 0)
        return refuse(command, COMMAND_BAD_ARGUMENT, "who must not be empty");
    if (!optout_by_hand(command, &order))
        return refuse(command, COMMAND_WRONG_STATE,
                      out ? "this phone has opted out already" : "this phone has not opted out");
    return COMMAND_DONE;
}

static enum command_result
set(struct command *command)
{
    return change_one(command, true);
}

static enum command_result
lift(struct command *command)
{
    return change_one(command, false);
}

const struct command_def command_optout_set = {
    .name = "optout set",
    .help = "opt a phone out of everything that the account sends",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = set,
    .args = {ARG_ACCOUNT_DEF, ARG_PHONE_DEF, ARG_WHO_DEF, ARG_WHY_DEF},
};

const struct command_def command_optout_lift = {
    .name = "optout lift",
    .help = "lift the opt-out of a phone, whose owner wants it so",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = lift,
    .args = {ARG_ACCOUNT_DEF, ARG_PHONE_DEF, ARG_WHO_DEF, ARG_WHY_DEF},
};
