/*
 * campaign.c: commands about campaigns (R-num-3, R-num-4): list, make, start at once, end.
 */
#include "gateway/relay/commands/records.h"
#include "protocol/smpptime.h"

static void
show(struct command *command, const struct rec_campaign *rec)
{
    struct answer *answer = command->answer;
    const struct link *app = link_find(command->step->relay, rec->app);

    answer_open(answer);
    answer_text(answer, "id", rec->id);
    answer_text(answer, "name", rec->name);
    answer_addr(answer, "number", &rec->number);
    answer_word(answer, "state", campaign_state_name(rec->state));
    answer_time(answer, "starts", rec->starts_ms);
    answer_time(answer, "ends", rec->ends_ms);
    answer_time(answer, "archive", rec->archive_ms);
    answer_time(answer, "ended", rec->ended_ms);
    answer_word(answer, "type", response_type_name(rec->response));
    answer_word(answer, "app", app ? app->name : "");
    answer_word(answer, "from", rec->by_command ? "command" : "file");
    answer_close(answer);
}

enum { ARG_ACCOUNT, ARG_STATE };

static void
show_row(struct command *command, uint32_t account, struct slice key)
{
    const struct command_value *state = &command->args[ARG_STATE];
    struct rec_campaign rec;
    uint32_t campaign;

    if (key_take_u32(&key, &campaign) && campaign_get(command->step, account, campaign, &rec) &&
        (!state->given || rec.state == CAMPAIGN_SCHEDULED + state->number))
        show(command, &rec);
}

static enum command_result
list(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_CAMPAIGN, account, show_row) : COMMAND_NOT_FOUND;
}

const struct command_def command_campaign = {
    .name = "campaign",
    .help = "list campaigns",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {ARG_ACCOUNT_DEF,
             {.name = "state", .kind = ARG_WORD, .option = true,
              .words = "scheduled|active|ended", .help = "only those that stand there"}},
};

/* ---- making */

enum { ARG_ID = 1, ARG_ON, ARG_STARTS, ARG_ENDS, ARG_APP };

static enum command_result
take_times(struct command *command, struct rec_campaign *rec)
{
    const struct command_value *args = command->args;

    rec->starts_ms = command->step->now_ms;
    if (args[ARG_STARTS].given && !calendar_parse(args[ARG_STARTS].text, &rec->starts_ms))
        return refuse(command, COMMAND_BAD_ARGUMENT, "starts is no date");
    if (args[ARG_ENDS].given && !calendar_parse(args[ARG_ENDS].text, &rec->ends_ms))
        return refuse(command, COMMAND_BAD_ARGUMENT, "ends is no date");
    if (rec->ends_ms && (rec->ends_ms <= rec->starts_ms || rec->ends_ms <= command->step->now_ms))
        return refuse(command, COMMAND_BAD_ARGUMENT, "it would end before it starts");
    return COMMAND_DONE;
}

static enum command_result
refuse_clash(struct command *command, uint32_t account, uint32_t campaign)
{
    char id[CONF_ID_BYTES_MAX + 1] = "";
    struct rec_campaign other;
    struct line why = {.n = 0};

    if (campaign_get(command->step, account, campaign, &other) && other.id.n <= CONF_ID_BYTES_MAX)
        memcpy(id, other.id.p, other.id.n);
    line_text(&why, "at that time the number has campaign ");
    line_text(&why, id);
    return refuse(command, COMMAND_WRONG_STATE, why.p);
}

/* R-num-4: its number must be free for it. */
static enum command_result
take_number(struct command *command, uint32_t account, struct rec_campaign *rec)
{
    struct rec_campaign first;
    struct rec_number number;
    uint32_t clash;

    if (!record_phone(command, account, command->args[ARG_ON].text, &rec->number))
        return COMMAND_BAD_ARGUMENT;
    if (!number_get(command->step, &rec->number, &number) || number.account != account ||
        number.role != ROLE_BUSINESS)
        return refuse(command, COMMAND_NOT_FOUND, "that is no business number of the account");
    if (number.draining)
        return refuse(command, COMMAND_WRONG_STATE, "the number is draining");
    clash = campaign_clash(command->step, account, rec, 0);
    if (clash == 0 && number.kind == SINGLE_USE)
        clash = campaign_first(command->step, &rec->number, account, &first);
    if (clash != 0)
        return refuse_clash(command, account, clash);
    if (rec->response == RESPONSE_BOT && rec->app == 0 && number.app == 0)
        return refuse(command, COMMAND_BAD_ARGUMENT, "the number has no app");
    return COMMAND_DONE;
}

static enum command_result
take_app(struct command *command, uint32_t account, struct rec_campaign *rec)
{
    const struct command_value *arg = &command->args[ARG_APP];
    const struct link *app;

    if (!arg->given)
        return COMMAND_DONE;
    app = link_named(command->step->relay, LINK_APP, arg->text);
    if (!app || !app->app || app->account != account)
        return refuse(command, COMMAND_NOT_FOUND, "there is no such app");
    rec->response = RESPONSE_BOT;
    rec->app = app->id;
    return COMMAND_DONE;
}

static enum command_result
add(struct command *command)
{
    struct slice id = command->args[ARG_ID].text;
    uint32_t account = record_account(command);
    struct rec_campaign rec = {.id = id, .name = id, .by_command = 1};
    enum command_result result;

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (!record_id(command, id))
        return COMMAND_BAD_ARGUMENT;
    if (campaign_named(command->step, account, id) != 0)
        return refuse(command, COMMAND_WRONG_STATE, "there is a campaign of that id");
    result = take_times(command, &rec);
    if (result == COMMAND_DONE)
        result = take_app(command, account, &rec);
    if (result == COMMAND_DONE)
        result = take_number(command, account, &rec);
    if (result != COMMAND_DONE)
        return result;
    campaign_schedule(command->step, account, campaign_new(command->step, account, id), &rec);
    return COMMAND_DONE;
}

const struct command_def command_campaign_add = {
    .name = "campaign add",
    .help = "schedule a campaign; people answer it, or the app that is named",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = add,
    .args = {ARG_ACCOUNT_DEF,
             {.name = "id", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,
              .help = "a new one"},
             {.name = "number", .kind = ARG_TEXT, .required = true, .max = 40,
              .help = "business number"},
             {.name = "starts", .kind = ARG_TEXT, .option = true, .max = 40,
              .help = "date and time, as in 2026-12-01T09:00:00Z; at once, if there is none"},
             {.name = "ends", .kind = ARG_TEXT, .option = true, .max = 40,
              .help = "date and time; by command, if there is none"},
             {.name = "app", .kind = ARG_TEXT, .option = true, .max = CONF_SYSTEM_ID_MAX,
              .help = "system_id of the bot that answers"}},
};

/* ---- start and end */

static enum command_result
find(struct command *command, uint32_t *account, uint32_t *campaign, struct rec_campaign *rec)
{
    *account = record_account(command);
    if (*account == 0)
        return COMMAND_NOT_FOUND;
    *campaign = campaign_named(command->step, *account, command->args[ARG_ID].text);
    if (*campaign == 0 || !campaign_get(command->step, *account, *campaign, rec))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such campaign");
    if (!rec->by_command)
        return refuse_listed(command);
    if (rec->state == CAMPAIGN_ENDED)
        return refuse(command, COMMAND_WRONG_STATE, "it has ended");
    return COMMAND_DONE;
}

static enum command_result
start(struct command *command)
{
    struct rec_campaign rec;
    uint32_t account, campaign, clash;
    enum command_result result = find(command, &account, &campaign, &rec);

    if (result != COMMAND_DONE || rec.state == CAMPAIGN_ACTIVE)
        return result;
    rec.starts_ms = command->step->now_ms;
    clash = campaign_clash(command->step, account, &rec, campaign);
    if (clash != 0)
        return refuse_clash(command, account, clash);
    campaign_replace(command->step, account, campaign, &rec);
    return COMMAND_DONE;
}

static enum command_result
end(struct command *command)
{
    struct rec_campaign rec;
    uint32_t account, campaign;
    enum command_result result = find(command, &account, &campaign, &rec);

    if (result == COMMAND_DONE)
        campaign_end(command->step, account, campaign);
    return result;
}

#define CAMPAIGN_ARG                                                                               \
    {.name = "id", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,                   \
     .help = "as campaign lists it"}

const struct command_def command_campaign_start = {
    .name = "campaign start",
    .help = "start a scheduled campaign now",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = start,
    .args = {ARG_ACCOUNT_DEF, CAMPAIGN_ARG},
};

const struct command_def command_campaign_end = {
    .name = "campaign end",
    .help = "end a campaign now; its number has its own settings again",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = end,
    .args = {ARG_ACCOUNT_DEF, CAMPAIGN_ARG},
};
