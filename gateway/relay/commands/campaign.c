/*
 * campaign.c: commands about campaigns (R-num-3, R-num-4): list, make, start at once, end.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/campaign.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/link.h"
#include "gateway/relay/number.h"
#include "gateway/relay/reply.h"
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

/* ---- making and changing */

/* Arguments of both commands, in this order. */
enum { ARG_ID = 1, ARG_ON, ARG_STARTS, ARG_ENDS, ARG_ARCHIVE, ARG_NAME, ARG_RESPONSE, ARG_APP,
       ARG_OFFICE, ARG_INBOX_AGENTS, ARG_INBOX_GROUPS };

/* An empty text is no date. */
static enum command_result
take_time(struct command *command, size_t arg, uint64_t *ms)
{
    struct slice text = command->args[arg].text;

    if (!command->args[arg].given)
        return COMMAND_DONE;
    *ms = 0;
    return text.n == 0 || calendar_parse(text, ms)
               ? COMMAND_DONE
               : refuse(command, COMMAND_BAD_ARGUMENT, "starts, ends and archive are dates");
}

static enum command_result
take_times(struct command *command, struct rec_campaign *rec)
{
    enum command_result result = take_time(command, ARG_STARTS, &rec->starts_ms);

    if (result == COMMAND_DONE)
        result = take_time(command, ARG_ENDS, &rec->ends_ms);
    if (result == COMMAND_DONE)
        result = take_time(command, ARG_ARCHIVE, &rec->archive_ms);
    if (result != COMMAND_DONE)
        return result;
    if (rec->starts_ms == 0)
        rec->starts_ms = command->step->now_ms;
    if (campaign_end_ms(rec) <= rec->starts_ms || campaign_end_ms(rec) <= command->step->now_ms)
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

/* R-num-4: by members of the number's office only; the operator is of all offices. */
static enum command_result
may_start(struct command *command, const struct rec_number *number)
{
    return command->as.agent == 0 || number_may_start(command->step, number, command->as.agent)
               ? COMMAND_DONE
               : refuse(command, COMMAND_NOT_ALLOWED,
                        "only members of the number's office may run campaigns on it");
}

/* The number that the campaign is on, if whoever asks may. */
static enum command_result
look_at_number(struct command *command, uint32_t account, const struct addr *addr,
               struct rec_number *number)
{
    if (!number_get(command->step, addr, number) || number->account != account ||
        number->role != ROLE_BUSINESS)
        return refuse(command, COMMAND_NOT_FOUND, "that is no business number of the account");
    return may_start(command, number);
}

/* R-num-4: its number must be free for it, and be its office's. */
static enum command_result
look_at_plan(struct command *command, uint32_t account, const struct rec_campaign *rec,
             uint32_t campaign)
{
    struct rec_campaign first;
    struct rec_number number;
    uint32_t clash;
    enum command_result result = look_at_number(command, account, &rec->number, &number);

    if (result != COMMAND_DONE)
        return result;
    if (number.draining)
        return refuse(command, COMMAND_WRONG_STATE, "the number is draining");
    if (rec->office != 0 && rec->office != number.office)
        return refuse(command, COMMAND_WRONG_STATE, "the number is not of that office");
    clash = campaign_clash(command->step, account, rec, campaign);
    if (clash == 0 && number.kind == SINGLE_USE)
        clash = campaign_first(command->step, &rec->number, account, &first);
    if (clash != 0 && clash != campaign)
        return refuse_clash(command, account, clash);
    if (rec->response == RESPONSE_BOT && rec->app == 0 && number.app == 0)
        return refuse(command, COMMAND_BAD_ARGUMENT, "the number has no app");
    return COMMAND_DONE;
}

/* An app means that it answers, unless the response says otherwise. */
static enum command_result
take_answerer(struct command *command, uint32_t account, struct rec_campaign *rec)
{
    const struct command_value *args = command->args;
    enum command_result result = COMMAND_DONE;

    if (args[ARG_APP].given)
        result = record_app(command, account, args[ARG_APP].text, &rec->app);
    if (result != COMMAND_DONE)
        return result;
    if (args[ARG_RESPONSE].given)
        rec->response = (uint8_t)args[ARG_RESPONSE].number;
    else if (args[ARG_APP].given && rec->app != 0)
        rec->response = RESPONSE_BOT;
    if (rec->app != 0 && rec->response != RESPONSE_BOT)
        return refuse(command, COMMAND_BAD_ARGUMENT, "app is only with response bot");
    if (args[ARG_OFFICE].given)
        result = record_group(command, account, args[ARG_OFFICE].text, &rec->office);
    if (result == COMMAND_DONE)
        result = record_inboxes(command, account, &args[ARG_INBOX_AGENTS],
                                &args[ARG_INBOX_GROUPS], &rec->inboxes);
    if (result == COMMAND_DONE && rec->inboxes.n > 0 && rec->response == RESPONSE_BOT)
        return refuse(command, COMMAND_BAD_ARGUMENT, "inboxes are only with response agent");
    return result;
}

/* campaign: 0 is a new one. */
static enum command_result
take_all(struct command *command, uint32_t account, struct rec_campaign *rec, uint32_t campaign)
{
    const struct command_value *args = command->args;
    enum command_result result = take_times(command, rec);

    if (result == COMMAND_DONE && args[ARG_ON].given &&
        !record_phone(command, account, args[ARG_ON].text, &rec->number))
        return COMMAND_BAD_ARGUMENT;
    if (args[ARG_NAME].given)
        rec->name = args[ARG_NAME].text.n > 0 ? args[ARG_NAME].text : rec->id;
    if (result == COMMAND_DONE)
        result = take_answerer(command, account, rec);
    return result == COMMAND_DONE ? look_at_plan(command, account, rec, campaign) : result;
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
    result = take_all(command, account, &rec, 0);
    if (result != COMMAND_DONE)
        return result;
    campaign_schedule(command->step, account, campaign_new(command->step, account, id), &rec);
    return COMMAND_DONE;
}

#define TEXT_OPTION(what, most, say)                                                               \
    {.name = what, .kind = ARG_TEXT, .option = true, .max = (most), .help = say}
#define LIST_BYTES_MAX (INBOXES_MAX * (CONF_ID_BYTES_MAX + 1))
#define CAMPAIGN_OPTIONS                                                                           \
    TEXT_OPTION("starts", 40,                                                                      \
                "date and time, as in 2026-12-01T09:00:00Z; at once, if there is none"),           \
        TEXT_OPTION("ends", 40, "date and time; by command, if there is none"),                    \
        TEXT_OPTION("archive", 40, "date and time at which it has ended in any case"),             \
        TEXT_OPTION("name", 4 * CONF_NAME_CHARS_MAX, "what people call it"),                       \
        {.name = "response", .kind = ARG_WORD, .option = true, .words = "agent|bot",               \
         .help = "who answers"},                                                                   \
        TEXT_OPTION("app", CONF_SYSTEM_ID_MAX, "system_id of the bot that answers"),               \
        TEXT_OPTION("office", CONF_ID_BYTES_MAX, "group that runs it: the number's"),              \
        TEXT_OPTION("inbox-agents", LIST_BYTES_MAX, "who gets what comes in: ids, commas"),        \
        TEXT_OPTION("inbox-groups", LIST_BYTES_MAX, "groups that get it")
#define CAMPAIGN_ARG                                                                               \
    {.name = "id", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,                   \
     .help = "as campaign lists it"}

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
             CAMPAIGN_OPTIONS},
};

/* ---- one of them */

static enum command_result
find(struct command *command, uint32_t *account, uint32_t *campaign, struct rec_campaign *rec)
{
    struct rec_number number;

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
    /* Its number may be gone: then anybody may end it. */
    return number_get(command->step, &rec->number, &number) && number.account == *account
               ? may_start(command, &number)
               : COMMAND_DONE;
}

static enum command_result
edit(struct command *command)
{
    struct rec_campaign rec;
    uint32_t account, campaign;
    enum command_result result = find(command, &account, &campaign, &rec);

    if (result == COMMAND_DONE)
        result = take_all(command, account, &rec, campaign);
    if (result == COMMAND_DONE)
        campaign_replace(command->step, account, campaign, &rec);
    return result;
}

const struct command_def command_campaign_edit = {
    .name = "campaign edit",
    .help = "change a campaign that has not ended; an empty text takes away what it had",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = edit,
    .args = {ARG_ACCOUNT_DEF, CAMPAIGN_ARG, TEXT_OPTION("number", 40, "business number"),
             CAMPAIGN_OPTIONS},
};

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
